//! In which unit figures are printed for people, and with how many places.

use crate::metric::{Metric, Unit};

/// How a mean, its half-width and the ends of the sample are printed: in one unit and with equally many places.
pub(super) struct Scale {
    factor: f64,
    name: &'static str,
    places: usize,
}

impl Scale {
    /// The half-width gets two significant digits, and the mean as many places. Where nothing varies, the mean gets four
    /// digits.
    pub(super) fn of(unit: Unit, mean: f64, half: Option<f64>) -> Self {
        Self::beside(unit, mean, mean, half)
    }

    /// The same in the unit that suits figures of this size, beside which it is shown.
    pub(super) fn beside(unit: Unit, size: f64, mean: f64, half: Option<f64>) -> Self {
        let (factor, name) = match unit {
            Unit::Seconds if size < 120.0 => (1.0, "s"),
            Unit::Seconds if size < 7200.0 => (1.0 / 60.0, "min"),
            Unit::Seconds => (1.0 / 3600.0, "h"),
            Unit::Share => (100.0, "%"),
            _ => (1.0, ""),
        };
        let (told, digits) = half.filter(|&half| half > 0.0).map_or((mean, 4), |half| (half, 2));
        let mut places = 0;
        while places < 9
            && told.abs() * factor * 10_f64.powi(places) < 10_f64.powi(digits - 1)
            && told.abs() > 0.0
        {
            places += 1;
        }
        Self { factor, name, places: places as usize }
    }

    /// The number in the unit in which it is printed.
    pub(super) fn convert(&self, number: f64) -> f64 {
        number * self.factor
    }

    /// The unit in which it is printed; empty where there is nothing to say.
    pub(super) fn unit(&self, unit: Unit, currency: &str) -> String {
        match unit {
            Unit::Money => currency.to_owned(),
            Unit::MoneyPerSecond => format!("{currency}/s"),
            _ => self.name.to_owned(),
        }
    }

    /// Zeros behind the point say how exact a mean with a half-width is: they are kept.
    pub(super) fn print(&self, number: f64) -> String {
        let digits = format!("{:.*}", self.places, number * self.factor);
        // What is nothing with so many places has no sign.
        let is_nothing = digits.chars().all(|digit| "-0.".contains(digit));
        if is_nothing { digits.trim_start_matches('-').to_owned() } else { digits }
    }

    /// Without zeros at the end, for numbers that were measured.
    pub(super) fn print_short(&self, number: f64) -> String {
        let digits = self.print(number);
        if self.places == 0 { digits } else { digits.trim_end_matches('0').trim_end_matches('.').to_owned() }
    }
}

/// `cost.total [USD]`: a figure's path, and the unit that it is printed in where the largest is that large.
pub(super) fn with_unit(metric: &Metric, largest: f64, currency: &str) -> String {
    let unit = Scale::beside(metric.unit, largest, largest, None).unit(metric.unit, currency);
    if unit.is_empty() { metric.path.to_owned() } else { format!("{} [{unit}]", metric.path) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_has_no_sign() {
        let scale = Scale::of(Unit::Count, 3.0, Some(1.2));
        assert_eq!(
            [-0.04, -0.0, 0.0, -0.06].map(|number| scale.print(number)),
            ["0.0", "0.0", "0.0", "-0.1"]
        );
        assert_eq!(Scale::of(Unit::Count, -0.0, None).print_short(-0.0), "0");
    }
}
