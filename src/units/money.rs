//! Money without rounding: prices per hour, and what they add up to over nanoseconds.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Mul, Sub};
use std::str::FromStr;

use super::Span;

/// Units of [`Money`] in one unit of the currency: 10⁹ nano-currency times the nanoseconds of an hour.
const MONEY_PER_CURRENCY: i128 = 1_000_000_000 * 3_600 * 1_000_000_000;

/// A price: nano-currency per hour. The currency is the price list's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Price(pub i128);

/// An amount of money: nano-currency per hour times nanoseconds, so that price × time is exact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money(pub i128);

impl Price {
    /// Nothing to pay.
    pub const ZERO: Self = Self(0);

    /// This price per second as a number of the currency, for printing.
    pub fn per_second_f64(self) -> f64 {
        self.0 as f64 / 1e9 / 3600.0
    }

    /// This price per hour as a number of the currency, for printing.
    pub fn per_hour_f64(self) -> f64 {
        self.0 as f64 / 1e9
    }

    /// Reads a decimal number of the currency per hour, exact to nine places.
    pub fn per_hour(text: &str) -> Option<Self> {
        decimal(text, 9).map(Self)
    }

    /// Reads a decimal number of the currency per second; per hour it must come to whole nano-currency.
    pub fn per_second(text: &str) -> Option<Self> {
        let per_hour = decimal(text, 15)?.checked_mul(3600)?;
        (per_hour % 1_000_000 == 0).then_some(Self(per_hour / 1_000_000))
    }
}

impl Money {
    /// No money.
    pub const ZERO: Self = Self(0);

    /// As a number of the currency, for printing.
    pub fn as_f64(self) -> f64 {
        self.0 as f64 / MONEY_PER_CURRENCY as f64
    }

    /// Rounded to `10⁻⁶` of the currency, half away from zero: what tables print.
    pub fn to_micros(self) -> i128 {
        let unit = MONEY_PER_CURRENCY / 1_000_000;
        let half = if self.0 < 0 { -unit / 2 } else { unit / 2 };
        (self.0 + half) / unit
    }
}

/// `text`, a plain decimal number, times `10^places`; `None` if it is not one or has more places.
fn decimal(text: &str, places: usize) -> Option<i128> {
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (mantissa, exponent) = match digits.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (digits, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let fraction = fraction.trim_end_matches('0');
    if whole.is_empty() && fraction.is_empty()
        || !format!("{whole}{fraction}").bytes().all(|b| b.is_ascii_digit())
    {
        return None;
    }
    let shift = i32::try_from(places).ok()? + exponent - i32::try_from(fraction.len()).ok()?;
    let number: i128 = format!("0{whole}{fraction}").parse().ok()?;
    let value = match shift {
        0..=30 => number.checked_mul(10_i128.pow(shift as u32))?,
        _ if number == 0 => 0,
        _ => return None,
    };
    Some(if negative { -value } else { value })
}

impl Add for Price {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Sub for Price {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl AddAssign for Price {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl Sum for Price {
    fn sum<I: Iterator<Item = Self>>(prices: I) -> Self {
        prices.fold(Self::ZERO, Add::add)
    }
}

impl Mul<Span> for Price {
    type Output = Money;
    fn mul(self, span: Span) -> Money {
        Money(self.0 * i128::from(span.0))
    }
}

impl Add for Money {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Sub for Money {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl AddAssign for Money {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

impl FromStr for Price {
    type Err = String;

    /// Reads `0.26/h` or `0.0000077/s`; a price is never negative.
    fn from_str(text: &str) -> Result<Self, String> {
        let parsed = match text.split_once('/') {
            Some((number, "h")) => Self::per_hour(number.trim()),
            Some((number, "s")) => Self::per_second(number.trim()),
            _ => None,
        };
        parsed.filter(|price| *price >= Self::ZERO).ok_or_else(|| {
            format!(
                "{text:?} is not a price: write a number that is not negative, like 0.26/h or 0.0000077/s"
            )
        })
    }
}

/// Prints per hour with as many places as it has.
impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = format!("{}.{:09}", self.0 / 1_000_000_000, (self.0 % 1_000_000_000).abs());
        write!(f, "{}/h", digits.trim_end_matches('0').trim_end_matches('.'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_exact() {
        assert_eq!("0.0000077/s".parse::<Price>().unwrap(), "0.02772/h".parse().unwrap());
        assert_eq!("9.6e-7/s".parse::<Price>().unwrap(), "0.003456/h".parse().unwrap());
        assert_eq!("0.26/h".parse::<Price>().unwrap().to_string(), "0.26/h");
        for text in ["", "0.26", "x/h", "1//h", "0.0000000001/h"] {
            assert!(text.parse::<Price>().is_err(), "{text}");
        }
    }

    #[test]
    fn an_hour_at_a_price_costs_that_price() {
        let price: Price = "0.26/h".parse().unwrap();
        assert_eq!((price * Span::from_secs(3600)).to_micros(), 260_000);
        assert_eq!((price * Span::from_secs(1)).to_micros(), 72, "0.26/3600 = 72.2 millionths");
    }
}
