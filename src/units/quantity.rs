//! Kubernetes quantities (`100m`, `64Mi`, `1.5Gi`, `2e3`), exact.

use std::fmt;
use std::str::FromStr;

/// A quantity as the API server stores it: whole thousandths.
///
/// The API server rounds every quantity up to thousandths when it defaults an object (`SetDefaults_ResourceList`,
/// pkg/apis/core/v1/defaults.go), so thousandths lose nothing that a scheduler could see.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quantity(i128);

/// Why a text is not a quantity.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a Kubernetes quantity: write it like 500m, 2, 1.5, 64Mi, 2Gi or 1e3")]
pub struct ParseQuantityError(pub String);

impl Quantity {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// From whole thousandths.
    pub const fn from_milli(milli: i128) -> Self {
        Self(milli)
    }

    /// From whole units.
    pub const fn from_units(units: i64) -> Self {
        Self(units as i128 * 1000)
    }

    /// The value in whole units, rounded up (`Quantity.Value()`), at most `i64::MAX`.
    pub fn value(self) -> i64 {
        saturate(self.0.div_euclid(1000) + i128::from(self.0.rem_euclid(1000) != 0))
    }

    /// The value in whole thousandths (`Quantity.MilliValue()`), at most `i64::MAX`.
    pub fn milli_value(self) -> i64 {
        saturate(self.0)
    }

    /// Whether it is below zero.
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }
}

impl std::ops::Add for Quantity {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

fn saturate(value: i128) -> i64 {
    i64::try_from(value).unwrap_or(if value < 0 { i64::MIN } else { i64::MAX })
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 % 1000 == 0 { write!(f, "{}", self.0 / 1000) } else { write!(f, "{}m", self.0) }
    }
}

/// What a suffix multiplies by: numerator and power of ten of the denominator.
fn suffix_factor(suffix: &str) -> Option<(u128, u32)> {
    Some(match suffix {
        "n" => (1, 9),
        "u" => (1, 6),
        "m" => (1, 3),
        "" => (1, 0),
        "k" => (1_000, 0),
        "M" => (1_000_000, 0),
        "G" => (1_000_000_000, 0),
        "T" => (1_000_000_000_000, 0),
        "P" => (1_000_000_000_000_000, 0),
        "E" => (1_000_000_000_000_000_000, 0),
        "Ki" => (1 << 10, 0),
        "Mi" => (1 << 20, 0),
        "Gi" => (1 << 30, 0),
        "Ti" => (1 << 40, 0),
        "Pi" => (1 << 50, 0),
        "Ei" => (1 << 60, 0),
        _ => {
            let exponent: i32 = suffix.strip_prefix(['e', 'E'])?.parse().ok()?;
            match exponent {
                0..=18 => (10_u128.pow(exponent as u32), 0),
                -18..=-1 => (1, exponent.unsigned_abs()),
                _ => return None,
            }
        }
    })
}

impl FromStr for Quantity {
    type Err = ParseQuantityError;

    fn from_str(text: &str) -> Result<Self, ParseQuantityError> {
        parse(text).ok_or_else(|| ParseQuantityError(text.to_owned()))
    }
}

fn parse(text: &str) -> Option<Quantity> {
    let (negative, rest) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let number_end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
    let (number, suffix) = rest.split_at(number_end);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty() || fraction.contains('.') {
        return None;
    }
    let fraction = fraction.trim_end_matches('0');
    let digits: u128 = format!("0{whole}{fraction}").parse().ok()?;
    let (factor, tenths) = suffix_factor(suffix)?;
    // Thousandths = digits * factor * 1000 / 10^(fraction digits + tenths), rounded away from zero.
    let numerator = digits.checked_mul(factor)?.checked_mul(1000)?;
    let milli = match 10_u128.checked_pow(fraction.len() as u32 + tenths) {
        Some(denominator) => numerator.div_ceil(denominator),
        None => u128::from(numerator != 0),
    };
    let milli = i128::try_from(milli).ok()?;
    Some(Quantity(if negative { -milli } else { milli }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn spellings_of_one_quantity_are_equal() {
        for (text, milli) in [
            ("100m", 100),
            ("0.1", 100),
            ("16000000u", 16_000),
            ("1", 1000),
            ("1k", 1_000_000),
            ("1e3", 1_000_000),
            ("1E3", 1_000_000),
            ("1.5Gi", 1_610_612_736_000),
            ("2048M", 2_048_000_000_000),
            (".5", 500),
            ("5.", 5000),
            ("1Ei", 1_152_921_504_606_846_976_000),
        ] {
            assert_eq!(text.parse::<Quantity>().unwrap(), Quantity(milli), "{text}");
        }
    }

    #[test]
    fn fractions_of_a_thousandth_round_up() {
        assert_eq!("1n".parse::<Quantity>().unwrap(), Quantity(1));
        assert_eq!("100.5m".parse::<Quantity>().unwrap(), Quantity(101));
        assert_eq!("1m".parse::<Quantity>().unwrap().value(), 1);
    }

    #[test]
    fn what_is_not_a_quantity_is_refused() {
        for text in ["", "m", "1 Gi", "1gi", "1.2.3", "0x10", "1e99", "ten", "1GiB"] {
            assert!(text.parse::<Quantity>().is_err(), "{text}");
        }
    }

    proptest! {
        /// The value in whole units is the smallest integer that is not below digits * factor / 10^places.
        #[test]
        fn agrees_with_exact_arithmetic(digits in 0_u64..1_000_000_000, places in 0_usize..9, suffix in 0_usize..8) {
            let (name, factor) = [("", 1_i128), ("k", 1000), ("M", 1_000_000), ("Ki", 1 << 10), ("Mi", 1 << 20),
                ("Gi", 1 << 30), ("G", 1_000_000_000), ("Ti", 1 << 40)][suffix];
            let scale = 10_i128.pow(places as u32);
            let text = format!("{}.{:0places$}{name}", i128::from(digits) / scale, i128::from(digits) % scale);
            let exact = i128::from(digits) * factor;
            let quantity: Quantity = text.parse().unwrap();
            let largest = i128::from(i64::MAX);
            let whole = (exact + scale - 1) / scale;
            let milli = (exact * 1000 + scale - 1) / scale;
            prop_assert_eq!(i128::from(quantity.value()), whole.min(largest), "{}", text);
            prop_assert_eq!(i128::from(quantity.milli_value()), milli.min(largest), "{}", text);
        }
    }
}
