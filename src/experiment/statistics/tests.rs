use super::*;
use proptest::prelude::*;
use serde_json::Value;

#[track_caller]
fn close(one: f64, other: f64, within: f64) {
    assert!((one - other).abs() <= within * other.abs().max(1.0), "{one} is not {other}");
}

/// What scipy says of samples, differences and quantiles: `tests/fixtures/statistics/scipy_fixtures.py` writes it, and
/// names the versions and the functions that it asks.
fn scipy() -> Value {
    let text = include_str!("../../../tests/fixtures/statistics/scipy.json");
    serde_json::from_str(text).expect("the fixtures are JSON")
}

fn number(value: &Value) -> f64 {
    value.as_f64().expect("it is a number")
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().expect("it is a list").iter().map(number).collect()
}

/// Every item of a list, by its name.
fn named(list: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let items = list.as_array().expect("it is a list");
    assert!(items.len() >= 3, "there are fixtures");
    items.iter().map(|one| (one["name"].as_str().expect("it has a name"), one))
}

/// Holds an interval at each of the levels against those of a fixture.
#[track_caller]
fn check_intervals(one: &Value, interval: impl Fn(f64) -> Option<Interval>) {
    let levels = numbers(&scipy()["levels"]);
    let expected = one["intervals"].as_array().expect("it is a list");
    assert_eq!(levels.len(), expected.len());
    for (level, ends) in levels.into_iter().zip(expected) {
        let found = interval(level).expect("there are several numbers");
        close(found.low, number(&ends[0]), 1e-9);
        close(found.high, number(&ends[1]), 1e-9);
    }
}

#[test]
fn quantiles_of_student_are_those_of_scipy() {
    let told = scipy();
    let rows = told["student"].as_array().expect("it is a list");
    assert!(rows.len() > 50);
    for row in rows {
        let [level, degrees, quantile] = [0, 1, 2].map(|place| number(&row[place]));
        close(student_quantile(level, degrees).unwrap(), quantile, 1e-9);
    }
    assert_eq!(student_quantile(0.95, 0.0), None);
}

#[test]
fn samples_are_described_as_numpy_and_scipy_describe_them() {
    let told = scipy();
    for (name, one) in named(&told["samples"]) {
        let sample = Sample::of(numbers(&one["numbers"]));
        close(sample.mean().unwrap(), number(&one["mean"]), 1e-15);
        close(sample.sd().unwrap(), number(&one["sd"]), 1e-12);
        check_intervals(one, |level| sample.interval(level));
        for (percent, expected) in numbers(&told["percents"]).into_iter().zip(numbers(&one["percentiles"])) {
            assert_eq!(sample.percentile(percent as usize), Some(expected), "{name}: {percent} %");
        }
    }
}

/// NIST's certified values: Statistical Reference Datasets, univariate summary statistics, NumAcc3 and NumAcc4: the mean
/// and 1001 numbers that alternate around it.
#[test]
fn large_numbers_that_differ_little_keep_their_spread() {
    for (mean, sd) in [(1_000_000.2, 0.1), (10_000_000.2, 0.1)] {
        let around = (0..1000).map(|place| if place % 2 == 0 { mean - 0.1 } else { mean + 0.1 });
        let sample = Sample::of(around.chain([mean]));
        close(sample.mean().unwrap(), mean, 1e-15);
        close(sample.sd().unwrap(), sd, 1e-8);
    }
}

#[test]
fn paired_differences_are_those_of_scipy() {
    for (name, one) in named(&scipy()["paired"]) {
        let [ours, theirs] = ["one", "other"].map(|key| numbers(&one[key]).into_iter().map(Some));
        let paired = Paired::of(ours.zip(theirs));
        close(paired.differences.mean().unwrap(), number(&one["mean"]), 1e-12);
        close(paired.differences.sd().unwrap(), number(&one["sd"]), 1e-12);
        check_intervals(one, |level| paired.differences.interval(level));
        assert_eq!(paired.unpaired, 0, "{name}");
    }
}

#[test]
fn differences_of_independent_samples_are_those_of_scipy() {
    for (_, one) in named(&scipy()["apart"]) {
        let [ours, theirs] = ["one", "other"].map(|key| Sample::of(numbers(&one[key])));
        check_intervals(one, |level| ours.interval_above(&theirs, level));
    }
}

#[test]
fn independent_samples_without_spread_differ_by_what_they_differ() {
    let [three, one] = [3.0, 1.0].map(|number| Sample::of([number; 4]));
    let interval = three.interval_above(&one, 0.95).unwrap();
    assert_eq!((interval, interval.excludes_zero()), (Interval { low: 2.0, high: 2.0 }, true));
    assert!(!one.interval_above(&one, 0.95).unwrap().excludes_zero());
    assert_eq!(three.interval_above(&Sample::of([1.0]), 0.95), None, "one number has no spread");
}

#[test]
fn seeds_with_which_one_has_no_value_are_not_compared() {
    let paired = Paired::of([(Some(3.0), Some(1.0)), (None, Some(9.0)), (Some(7.0), None), (None, None)]);
    assert_eq!(paired, Paired { differences: Sample::of([2.0]), unpaired: 3 });
}

#[test]
fn few_numbers_say_little() {
    let none = Sample::of([]);
    assert_eq!(
        (none.n(), none.mean(), none.sd(), none.min(), none.percentile(50)),
        (0, None, None, None, None)
    );
    assert_eq!(none.interval(0.95), None);
    let one = Sample::of([4.5]);
    assert_eq!(
        (one.n(), one.mean(), one.sd(), one.max(), one.percentile(5)),
        (1, Some(4.5), None, Some(4.5), Some(4.5))
    );
    assert_eq!(one.interval(0.95), None);
}

#[test]
fn equal_numbers_do_not_spread() {
    let sample = Sample::of([0.1; 30]);
    assert_eq!((sample.mean(), sample.sd()), (Some(0.1), Some(0.0)));
    assert_eq!(sample.interval(0.95), Some(Interval { low: 0.1, high: 0.1 }));
}

proptest! {
    #[test]
    fn the_order_of_a_sample_is_not_seen(
        numbers in prop::collection::vec(-1e6_f64..1e6, 1..60),
        turn in 0_usize..60,
    ) {
        let mut turned: Vec<f64> = numbers.iter().rev().copied().collect();
        turned.rotate_left(turn % numbers.len());
        prop_assert_eq!(Sample::of(turned), Sample::of(numbers));
    }

    /// A mean lies within the sample and in the middle of its interval, and more confidence takes more room.
    #[test]
    fn intervals_lie_around_the_mean(numbers in prop::collection::vec(-1e6_f64..1e6, 2..60)) {
        let sample = Sample::of(numbers);
        let mean = sample.mean().unwrap();
        let [narrow, wide] = [0.9, 0.99].map(|level| sample.interval(level).unwrap());
        prop_assert!(sample.min().unwrap() <= mean + 1e-9 && mean <= sample.max().unwrap() + 1e-9);
        prop_assert!(wide.low <= narrow.low && narrow.low <= mean && mean <= narrow.high && narrow.high <= wide.high);
        prop_assert!((f64::midpoint(wide.low, wide.high) - mean).abs() <= 1e-6);
    }

    /// Other units: the interval of a + b·x is a + b times the interval of x.
    #[test]
    fn intervals_follow_a_change_of_units(
        numbers in prop::collection::vec(-1e3_f64..1e3, 2..40),
        shift in -1e3_f64..1e3,
        factor in 0.01_f64..100.0,
    ) {
        let plain = Sample::of(numbers.iter().copied()).interval(0.95).unwrap();
        let changed = Sample::of(numbers.iter().map(|number| shift + factor * number)).interval(0.95).unwrap();
        for (there, here) in [(plain.low, changed.low), (plain.high, changed.high)] {
            let expected = shift + factor * there;
            prop_assert!((here - expected).abs() <= 1e-9 * (1e5 + expected.abs()), "{here} {expected}");
        }
    }
}

/// Of 2000 samples of ten normal numbers each, 95 % of the intervals should hold the true mean: between 93.5 % and 96.5 %
/// but for one case in 500.
#[test]
fn intervals_hold_the_true_mean_as_often_as_they_say() {
    use crate::random::{Purpose, Stream, generator};
    use rand::RngExt;
    const SAMPLES: u32 = 2000;
    let mut draws = generator(1, Purpose::Work, Stream::of(0, 0));
    let mut normal = move || {
        let (radius, angle): (f64, f64) = (1.0 - draws.random::<f64>(), draws.random());
        libm::sqrt(-2.0 * libm::log(radius)) * libm::cos(std::f64::consts::TAU * angle)
    };
    let held = (0..SAMPLES).filter(|_| {
        let interval = Sample::of((0..10).map(|_| 5.0 + 2.0 * normal())).interval(0.95).unwrap();
        interval.low <= 5.0 && 5.0 <= interval.high
    });
    let share = held.count() as f64 / f64::from(SAMPLES);
    assert!((0.935..=0.965).contains(&share), "{share}");
}

#[test]
fn the_jackknife_of_a_mean_is_students_interval() {
    let fixtures = scipy();
    for (_, one) in named(&fixtures["samples"]) {
        let numbers = numbers(&one["numbers"]);
        let (sum, n) = (numbers.iter().sum::<f64>(), numbers.len() as f64);
        let without: Vec<f64> = numbers.iter().map(|number| (sum - number) / (n - 1.0)).collect();
        let (low, high) = jackknife(sum / n, &without, 0.975);
        let student = Sample::of(numbers.iter().copied()).interval(0.95).unwrap();
        close(low, student.low, 1e-9);
        close(high, student.high, 1e-9);
    }
    assert_eq!(
        jackknife(1.0, &[], 0.95),
        (f64::NEG_INFINITY, f64::INFINITY),
        "one run says nothing of chance"
    );
}
