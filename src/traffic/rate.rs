//! Requests per second.

use std::fmt;
use std::str::FromStr;

use super::{Line, Lines};
use crate::units::SimTime;

/// A rate in requests per second.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Rate(pub f64);

impl Rate {
    /// No request at all.
    pub const ZERO: Self = Self(0.0);

    /// The highest rate that is read: a billion per second. No cluster of a plausible size serves that many, and far
    /// beyond it the arithmetic of cpu would overflow.
    pub const HIGHEST: Self = Self(1e9);

    /// The higher of the two.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        Self(self.0.max(other.0))
    }
}

/// Why a text is not a rate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseRateError {
    /// It is written in another way.
    #[error("{0:?} is not a rate: write it like 4000/s, 600/m or 1/h")]
    Form(String),
    /// It is above [`Rate::HIGHEST`].
    #[error("{0:?} is too high: a rate is from 0/s to {highest}", highest = Rate::HIGHEST)]
    TooHigh(String),
}

impl FromStr for Rate {
    type Err = ParseRateError;

    /// Reads `4000/s`, `600/m` and `1/h`; a rate is never negative.
    fn from_str(text: &str) -> Result<Self, ParseRateError> {
        let refuse = || ParseRateError::Form(text.to_owned());
        let (number, unit) = text.split_once('/').ok_or_else(refuse)?;
        let seconds = match unit.trim() {
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            _ => return Err(refuse()),
        };
        let number = number.trim();
        // `parse` alone would also take "inf", "NaN" and "+1".
        let plain = number.bytes().all(|byte| byte.is_ascii_digit() || b".eE-".contains(&byte));
        let value: f64 = number.parse().ok().filter(|_| plain).ok_or_else(refuse)?;
        if value < 0.0 {
            return Err(refuse());
        }
        let rate = Self(value / seconds);
        if rate > Self::HIGHEST { Err(ParseRateError::TooHigh(text.to_owned())) } else { Ok(rate) }
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/s", self.0)
    }
}

/// A rate by itself is a constant one.
impl Lines for Rate {
    fn lines(&self) -> impl AsRef<[Line]> {
        [Line::level(SimTime::ZERO, *self)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_read_per_second_minute_and_hour() {
        for (text, printed) in [
            ("4000/s", "4000/s"),
            ("600/m", "10/s"),
            ("1800/h", "0.5/s"),
            ("0.5 / s", "0.5/s"),
            ("1e3/s", "1000/s"),
            ("0/s", "0/s"),
        ] {
            assert_eq!(text.parse::<Rate>().unwrap().to_string(), printed, "{text}");
        }
    }

    #[test]
    fn what_is_not_a_rate_is_refused() {
        for text in ["", "4000", "/s", "x/s", "4/d", "-1/s", "NaN/s", "inf/s", "4000/s/s"] {
            assert_eq!(text.parse::<Rate>(), Err(ParseRateError::Form(text.to_owned())));
        }
    }

    #[test]
    fn what_no_cluster_serves_is_refused() {
        for text in ["1e20/s", "1e999/s", "1000000001/s", "61e9/m"] {
            assert_eq!(text.parse::<Rate>(), Err(ParseRateError::TooHigh(text.to_owned())));
        }
        assert_eq!("60e9/m".parse::<Rate>(), Ok(Rate::HIGHEST));
    }
}
