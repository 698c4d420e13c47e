//! Round marks on axes, and how they are labelled.

/// Steps of a time axis in seconds.
const TIME_STEPS: [u64; 20] = [
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800,
    604_800,
];
/// More labels than this would touch each other.
const MAX_TIME_STEPS: f64 = 8.0;

/// Marks from zero to `end` seconds, and their labels in one unit.
pub(super) fn time_marks(end: f64) -> Vec<(f64, String)> {
    let fits = |step: &&u64| end / **step as f64 <= MAX_TIME_STEPS;
    let step = TIME_STEPS.iter().find(fits).copied().unwrap_or((end / MAX_TIME_STEPS) as u64);
    let (unit, seconds) = match step {
        0..60 => ("s", 1),
        60..3600 => ("min", 60),
        3600..86_400 => ("h", 3600),
        _ => ("d", 86_400),
    };
    let label = |mark: u64| if mark == 0 { "0".to_owned() } else { format!("{} {unit}", mark / seconds) };
    (0..=(end / step.max(1) as f64) as u64)
        .map(|number| number * step)
        .map(|mark| (mark as f64, label(mark)))
        .collect()
}

/// Marks at 1, 2 or 5 times a power of ten, from zero to the last that is not above `top`, at most `most` beside zero.
pub(super) fn value_marks(top: f64, most: u32) -> Vec<f64> {
    // No mark is lost because a multiple of the step is not exact.
    let fit = |step: f64| (top / step + 1e-9).floor();
    let mut power = 1.0;
    while power > top {
        power /= 10.0;
    }
    let step = loop {
        let steps = [0.1, 0.2, 0.5, 1.0, 2.0, 5.0].map(|factor| factor * power);
        match steps.into_iter().find(|step| fit(*step) <= f64::from(most)) {
            Some(step) => break step,
            None => power *= 10.0,
        }
    };
    (0..=fit(step) as u64).map(|number| number as f64 * step).collect()
}

/// A mark's label: `0`, `0.5`, `200`, `40k`.
pub(super) fn label(value: f64) -> String {
    let (value, suffix) = match value {
        v if v >= 1e6 => (v / 1e6, "M"),
        v if v >= 1e4 => (v / 1e3, "k"),
        v => (v, ""),
    };
    // Small values get two digits that say something.
    let places = (3..12).find(|&places| value * 10_f64.powi(places) >= 10.0).unwrap_or(3) as usize;
    let digits = format!("{value:.places$}");
    format!("{}{suffix}", digits.trim_end_matches('0').trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_round() {
        let labels = |end| time_marks(end).into_iter().map(|(_, label)| label).collect::<Vec<_>>();
        assert_eq!(labels(60.0), ["0", "10 s", "20 s", "30 s", "40 s", "50 s", "60 s"]);
        assert_eq!(labels(7200.0)[..3], ["0", "15 min", "30 min"]);
        assert_eq!(labels(86_400.0), ["0", "3 h", "6 h", "9 h", "12 h", "15 h", "18 h", "21 h", "24 h"]);
        for (top, most, marks) in [
            (64.0, 4, ["0", "20", "40", "60"].as_slice()),
            (0.582, 3, &["0", "0.2", "0.4"]),
            (0.3, 3, &["0", "0.1", "0.2", "0.3"]),
            (33.0, 3, &["0", "10", "20", "30"]),
            (40_000.0, 3, &["0", "20k", "40k"]),
            (1.0, 3, &["0", "0.5", "1"]),
            (9.99e9, 3, &["0", "5000M"]),
        ] {
            assert_eq!(value_marks(top, most).into_iter().map(label).collect::<Vec<_>>(), marks, "{top}");
        }
        assert_eq!([40_000.0, 200.0, 0.5, 0.0].map(label), ["40k", "200", "0.5", "0"]);
        assert_eq!([0.02, 0.0005, 0.00015].map(label), ["0.02", "0.0005", "0.00015"]);
    }
}
