//! How numbers are printed.

/// `number` as a decimal: six places, or, below a tenth, as many more as keep six significant digits; trailing zeros
/// are dropped and there is never an exponent. What is not finite prints as nothing.
pub fn decimal(number: f64) -> String {
    if !number.is_finite() {
        return String::new();
    }
    let scientific = format!("{number:.5e}");
    let exponent: i32 =
        scientific.split_once('e').and_then(|(_, exponent)| exponent.parse().ok()).unwrap_or(0);
    let places = (5 - exponent).clamp(6, 24) as usize;
    let digits = format!("{number:.places$}");
    match digits.trim_end_matches('0').trim_end_matches('.') {
        "-0" => "0".to_owned(),
        trimmed => trimmed.to_owned(),
    }
}

/// How many there are of something whose plural takes an s: `1 pod`, `2 pods`.
pub fn counted(count: usize, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_have_six_places_or_six_digits_and_no_exponent() {
        for (number, printed) in [
            (0.0, "0"),
            (-0.0, "0"),
            (1.0, "1"),
            (1200.0, "1200"),
            (1.0 / 3.0, "0.333333"),
            (123_456.789_012_3, "123456.789012"),
            (7.466_666_66e-5, "0.0000746667"),
            (0.1 + 0.2, "0.3"),
            (1e-6, "0.000001"),
            (-2.5e-9, "-0.0000000025"),
            (1e21, "1000000000000000000000"),
            (f64::NAN, ""),
        ] {
            assert_eq!(decimal(number), printed);
        }
    }

    proptest! {
        #[test]
        fn what_is_printed_is_close_and_stable(digits in -999_999_999_i64..1_000_000_000, exponent in -18_i32..4) {
            let number = digits as f64 * 10_f64.powi(exponent);
            let printed = decimal(number);
            let read: f64 = printed.parse().unwrap();
            prop_assert!((read - number).abs() <= 5.01e-7_f64.min(number.abs() * 5.01e-6).max(number.abs() * 1e-15));
            prop_assert!(!printed.contains('e'));
            prop_assert_eq!(decimal(read), printed);
        }
    }
}
