//! How numbers are printed.

use std::io::Write as _;

use crate::units::SimTime;

/// `number` as a decimal: six places, or, below a tenth, as many more as keep six significant digits; trailing zeros
/// are dropped and there is never an exponent. What is not finite prints as nothing.
pub fn decimal(number: f64) -> String {
    let mut digits = Vec::new();
    push_decimal(&mut digits, number);
    String::from_utf8(digits).expect("digits are text")
}

/// Puts `number` as a [`decimal`] to the end of `bytes`.
pub(crate) fn push_decimal(bytes: &mut Vec<u8>, number: f64) {
    const WRITTEN: &str = "writing into a buffer cannot fail";
    if !number.is_finite() {
        return;
    }
    let begin = bytes.len();
    let places = if number.abs() >= 0.1 {
        6
    } else {
        write!(bytes, "{number:.5e}").expect(WRITTEN);
        let exponent =
            std::str::from_utf8(&bytes[begin..]).ok().and_then(|text| text.split_once('e')?.1.parse().ok());
        bytes.truncate(begin);
        (5 - exponent.unwrap_or(0_i32)).clamp(6, 24) as usize
    };
    write!(bytes, "{number:.places$}").expect(WRITTEN);
    while bytes.ends_with(b"0") {
        bytes.pop();
    }
    if bytes.ends_with(b".") {
        bytes.pop();
    }
    if bytes[begin..] == *b"-0" {
        bytes.remove(begin);
    }
}

/// Puts the seconds of `time` as a [`decimal`] to the end of `bytes`. Nearly all are rounded in whole numbers, to what
/// the float nearest to them would be rounded to.
pub(crate) fn push_seconds(bytes: &mut Vec<u8>, time: SimTime) {
    // Up to here a float is less than half a nanosecond off, so that it rounds as the whole number does unless that lies
    // in the middle between two millionths.
    const EXACT: u64 = 1 << 52;
    const TENTH: u64 = 100_000_000;
    let SimTime(nanos) = time;
    let has_more_places = nanos != 0 && nanos < TENTH;
    if nanos >= EXACT || nanos % 1000 == 500 || has_more_places {
        push_decimal(bytes, time.as_secs_f64());
        return;
    }
    let micros = (nanos + 500) / 1000;
    let (whole, mut rest) = (micros / 1_000_000, micros % 1_000_000);
    bytes.extend_from_slice(itoa::Buffer::new().format(whole).as_bytes());
    if rest == 0 {
        return;
    }
    bytes.push(b'.');
    let mut place = 100_000;
    while rest > 0 {
        bytes.push(b'0' + (rest / place) as u8);
        rest %= place;
        place /= 10;
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

    #[test]
    fn seconds_print_as_the_float_nearest_to_them_does() {
        let near = |middle: u64| (middle.saturating_sub(1002)..middle + 1002).collect::<Vec<_>>();
        let middles = [0, 100_000_000, 1_000_000_000, 4_500_000_000_000_500, 1 << 52, 1 << 60];
        for nanos in middles.into_iter().flat_map(near) {
            let mut bytes = Vec::new();
            push_seconds(&mut bytes, SimTime(nanos));
            assert_eq!(
                String::from_utf8(bytes).unwrap(),
                decimal(SimTime(nanos).as_secs_f64()),
                "{nanos} ns"
            );
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
