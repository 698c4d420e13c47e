//! Simulated time: instants and spans in whole nanoseconds.

use std::fmt;
use std::ops::{Add, AddAssign, Sub};
use std::str::FromStr;

const NANOS_PER_SECOND: u64 = 1_000_000_000;

/// An instant of simulated time: nanoseconds since the start of the run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SimTime(pub u64);

/// A length of simulated time in nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(pub u64);

impl SimTime {
    /// The start of the run.
    pub const ZERO: Self = Self(0);

    /// The instant `seconds` whole seconds after the start.
    pub const fn from_secs(seconds: u64) -> Self {
        Self(seconds * NANOS_PER_SECOND)
    }

    /// Seconds since the start, for printing.
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / NANOS_PER_SECOND as f64
    }

    /// Whole seconds since the start, rounded down.
    pub const fn whole_secs(self) -> u64 {
        self.0 / NANOS_PER_SECOND
    }

    /// The time from `earlier` to this instant; zero if `earlier` is later.
    pub const fn since(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }

    /// The instant as people read it, to the millisecond; see [`Span::rounded`].
    pub const fn rounded(self) -> Rounded {
        Span(self.0).rounded()
    }

    /// The first multiple of `step` at or after this instant.
    #[must_use]
    pub const fn round_up_to(self, step: Span) -> Self {
        Self(self.0.div_ceil(step.0) * step.0)
    }
}

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// `seconds` whole seconds.
    pub const fn from_secs(seconds: u64) -> Self {
        Self(seconds * NANOS_PER_SECOND)
    }

    /// `millis` whole milliseconds.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis * 1_000_000)
    }

    /// The span nearest to `seconds`; negative and not-a-number become zero.
    pub fn from_secs_f64(seconds: f64) -> Self {
        Self((seconds.max(0.0) * NANOS_PER_SECOND as f64).round() as u64)
    }

    /// The span as people read it, to the millisecond: `3.748s`, `1h0m45s`. Its own `Display` is exact.
    pub const fn rounded(self) -> Rounded {
        Rounded(self)
    }

    /// This span times `factor`, to the nearest nanosecond.
    #[must_use]
    pub fn times(self, factor: f64) -> Self {
        Self((self.0 as f64 * factor).round() as u64)
    }

    /// Seconds, for printing and for the arguments of laws.
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / NANOS_PER_SECOND as f64
    }
}

impl Add<Span> for SimTime {
    type Output = Self;
    fn add(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }
}

impl AddAssign<Span> for SimTime {
    fn add_assign(&mut self, span: Span) {
        *self = *self + span;
    }
}

impl Add for Span {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Span {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl fmt::Display for SimTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&Span(self.0), f)
    }
}

/// Prints as Kubernetes does: `90s`, `1h30m`, `250ms`.
impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        if rest == 0 {
            return f.write_str("0s");
        }
        for (unit, nanos) in [("h", 3600 * NANOS_PER_SECOND), ("m", 60 * NANOS_PER_SECOND)] {
            if rest >= nanos {
                write!(f, "{}{unit}", rest / nanos)?;
                rest %= nanos;
            }
        }
        match rest {
            0 => Ok(()),
            n if n % NANOS_PER_SECOND == 0 => write!(f, "{}s", n / NANOS_PER_SECOND),
            n if n < NANOS_PER_SECOND && n % 1_000_000 == 0 && n == self.0 => {
                write!(f, "{}ms", n / 1_000_000)
            }
            n => {
                let digits = format!("{}.{:09}", n / NANOS_PER_SECOND, n % NANOS_PER_SECOND);
                write!(f, "{}s", digits.trim_end_matches('0'))
            }
        }
    }
}

/// A span that prints to the millisecond, with every unit below its first, so that `1h0m45s` is not misread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rounded(Span);

impl fmt::Display for Rounded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = self.0.0.saturating_add(500_000) / 1_000_000;
        let (minutes, millis) = (millis / 60_000, millis % 60_000);
        let seconds = match (millis / 1000, millis % 1000) {
            (seconds, 0) => format!("{seconds}s"),
            (0, millis) if minutes == 0 => format!("{millis}ms"),
            (seconds, millis) => format!("{}s", format!("{seconds}.{millis:03}").trim_end_matches('0')),
        };
        f.pad(&match (minutes / 60, minutes % 60) {
            (0, 0) => seconds,
            (0, minutes) if millis == 0 => format!("{minutes}m"),
            (0, minutes) => format!("{minutes}m{seconds}"),
            (hours, 0) if millis == 0 => format!("{hours}h"),
            (hours, minutes) if millis == 0 => format!("{hours}h{minutes}m"),
            (hours, minutes) => format!("{hours}h{minutes}m{seconds}"),
        })
    }
}

/// Why a text is not a span of time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseTimeError {
    /// It is written in another way.
    #[error("{0:?} is not a duration: write it like 30s, 1.5m, 2h, 250ms or 1h30m")]
    Form(String),
    /// It is more than 64 bits of nanoseconds, about 584 years.
    #[error("{0:?} is too long: a duration is from 0s to 5124095h")]
    TooLong(String),
}

impl FromStr for Span {
    type Err = ParseTimeError;

    /// Reads `30s`, `1h30m`, `250ms`, `1.5m`, `7d`; a bare `0` is zero. A number without a unit is refused.
    fn from_str(text: &str) -> Result<Self, ParseTimeError> {
        let refuse = || ParseTimeError::Form(text.to_owned());
        let too_long = || ParseTimeError::TooLong(text.to_owned());
        let mut rest = text.trim();
        if rest == "0" {
            return Ok(Self::ZERO);
        }
        if rest.is_empty() {
            return Err(refuse());
        }
        let mut total: u128 = 0;
        while !rest.is_empty() {
            let number_end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').ok_or_else(refuse)?;
            let (number, tail) = rest.split_at(number_end);
            let unit_end = tail.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(tail.len());
            let (unit, tail) = tail.split_at(unit_end);
            let unit = nanos_of(unit).ok_or_else(refuse)?;
            if !is_decimal(number) {
                return Err(refuse());
            }
            total = scaled(number, unit).and_then(|part| total.checked_add(part)).ok_or_else(too_long)?;
            rest = tail;
        }
        u64::try_from(total).map(Self).map_err(|_| too_long())
    }
}

fn nanos_of(unit: &str) -> Option<u64> {
    Some(match unit {
        "ns" => 1,
        "us" | "µs" => 1_000,
        "ms" => 1_000_000,
        "s" => NANOS_PER_SECOND,
        "m" => 60 * NANOS_PER_SECOND,
        "h" => 3_600 * NANOS_PER_SECOND,
        "d" => 86_400 * NANOS_PER_SECOND,
        _ => return None,
    })
}

/// Whether `number`, which is digits and points, is a decimal number of at most twelve places.
fn is_decimal(number: &str) -> bool {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let has_digits = !whole.is_empty() || !fraction.is_empty();
    has_digits && !fraction.contains('.') && fraction.len() <= 12
}

/// `number`, a decimal one, times `factor`, exact to the nanosecond; `None` if that is too much.
fn scaled(number: &str, factor: u64) -> Option<u128> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits: u128 = format!("{whole}{fraction}").parse().ok()?;
    let scale = 10_u128.pow(fraction.len() as u32);
    Some(digits.checked_mul(u128::from(factor))? / scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_and_printed_as_kubernetes_prints_them() {
        for (text, nanos, printed) in [
            ("30s", 30_000_000_000, "30s"),
            ("1.5m", 90_000_000_000, "1m30s"),
            ("2h", 7_200_000_000_000, "2h"),
            ("250ms", 250_000_000, "250ms"),
            ("1h30m", 5_400_000_000_000, "1h30m"),
            ("1.25s", 1_250_000_000, "1.25s"),
            ("1d", 86_400_000_000_000, "24h"),
            ("0", 0, "0s"),
        ] {
            let span: Span = text.parse().unwrap();
            assert_eq!(span.0, nanos, "{text}");
            assert_eq!(span.to_string(), printed, "{text}");
        }
    }

    #[test]
    fn people_are_shown_milliseconds_at_most() {
        for (exact, shown) in [
            ("3.747626667s", "3.748s"),
            ("1h45s", "1h0m45s"),
            ("1h59m59.9996s", "2h"),
            ("59.9994s", "59.999s"),
            ("5m30s", "5m30s"),
            ("2m", "2m"),
            ("1h30m", "1h30m"),
            ("1m500ms", "1m0.5s"),
            ("250ms", "250ms"),
            ("400us", "0s"),
            ("0", "0s"),
        ] {
            let span: Span = exact.parse().unwrap();
            assert_eq!(span.rounded().to_string(), shown, "{exact}");
            assert_eq!(SimTime(span.0).rounded().to_string(), shown, "{exact}");
        }
        assert_eq!(format!("{:>6}|", Span::from_secs(90).rounded()), " 1m30s|");
    }

    #[test]
    fn what_is_not_a_duration_is_refused() {
        for text in ["", "5", "s", "-3s", "1.2.3s", "5 minutes", ".s", "1.2.3h"] {
            assert_eq!(text.parse::<Span>(), Err(ParseTimeError::Form(text.to_owned())));
        }
    }

    #[test]
    fn what_is_too_long_is_told_apart() {
        let years = format!("{}d", "9".repeat(60));
        for text in ["5124096h", "999999999h", "5124095h1h", years.as_str()] {
            assert_eq!(text.parse::<Span>(), Err(ParseTimeError::TooLong(text.to_owned())));
        }
        assert!("5124095h".parse::<Span>().is_ok());
    }
}
