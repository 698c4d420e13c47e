use super::*;
use proptest::prelude::*;

#[track_caller]
fn close(one: f64, other: f64, within: f64) {
    assert!((one - other).abs() <= within * other.abs().max(1.0), "{one} is not {other}");
}

/// `scipy.stats.t.ppf(0.5 + level / 2, df)` of scipy 1.17.1.
#[test]
fn quantiles_of_student_are_those_of_scipy() {
    for (level, degrees, quantile) in [
        (0.9, 1, 6.313_751_514_7),
        (0.95, 1, 12.706_204_736_2),
        (0.99, 1, 63.656_741_162_9),
        (0.999, 1, 636.619_248_768_8),
        (0.9, 2, 2.919_985_580_4),
        (0.95, 2, 4.302_652_729_7),
        (0.999, 2, 31.599_054_576_4),
        (0.95, 3, 3.182_446_305_3),
        (0.95, 4, 2.776_445_105_2),
        (0.99, 7, 3.499_483_297_4),
        (0.95, 9, 2.262_157_162_8),
        (0.99, 19, 2.860_934_606_5),
        (0.9, 29, 1.699_127_026_5),
        (0.95, 29, 2.045_229_642_1),
        (0.999, 29, 3.659_405_019_5),
        (0.95, 99, 1.984_216_951_6),
        (0.95, 999, 1.962_341_461_1),
        (0.999, 999, 3.300_292_440_4),
        (0.95, 99_999, 1.959_987_707_8),
    ] {
        close(student_quantile(level, f64::from(degrees)).unwrap(), quantile, 1e-9);
    }
    assert_eq!(student_quantile(0.95, 0.0), None);
}

/// A sample with its mean, standard deviation, intervals at 0.95 and 0.99, and percentiles 5, 25, 50, 90 and 100.
type Fixture<'a> = (&'a [f64], f64, f64, [(f64, f64); 2], [f64; 5]);

/// Of x = numpy.array(…) and n = len(x), by numpy 2.4.6 and scipy 1.17.1: `x.mean()`, `x.std(ddof=1)`,
/// `scipy.stats.t.interval(level, n - 1, loc=x.mean(), scale=scipy.stats.sem(x))`,
/// `numpy.quantile(x, [.05, .25, .5, .9, 1], method="inverted_cdf")`.
const FIXTURES: [Fixture<'static>; 4] = [
    (
        &[2.1, 3.4, 1.9, 5.6, 4.4],
        3.48,
        1.561_089_363_233_251_9,
        [(1.541_651_539_69, 5.418_348_460_31), (0.265_695_424_601, 6.694_304_575_4)],
        [1.9, 2.1, 3.4, 5.6, 5.6],
    ),
    (
        &[0.31, 0.35, 0.29, 0.42, 0.38, 0.33, 0.31, 0.40, 0.36, 0.27],
        0.342,
        0.048_716_869_083_853_63,
        [(0.307_150_051_264, 0.376_849_948_736), (0.291_934_246_882, 0.392_065_753_118)],
        [0.27, 0.31, 0.33, 0.4, 0.42],
    ),
    (
        &[1e9 + 4.0, 1e9 + 7.0, 1e9 + 13.0, 1e9 + 16.0],
        1e9 + 10.0,
        5.477_225_575_051_661,
        [(1_000_000_001.28, 1_000_000_018.72), (999_999_994.004, 1_000_000_026.0)],
        [1e9 + 4.0, 1e9 + 4.0, 1e9 + 7.0, 1e9 + 16.0, 1e9 + 16.0],
    ),
    (
        &[-1.5, 2.25, -0.75, 3.5, 0.0, -4.0, 1.25],
        0.107_142_857_142_857_14,
        2.503_568_881_188_840_6,
        [(-2.208_272_178_25, 2.422_557_892_53), (-3.401_048_326_44, 3.615_334_040_73)],
        [-4.0, -1.5, 0.0, 3.5, 3.5],
    ),
];

#[test]
fn samples_are_described_as_numpy_and_scipy_describe_them() {
    for (numbers, mean, sd, intervals, percentiles) in FIXTURES {
        let sample = Sample::of(numbers.iter().copied());
        close(sample.mean().unwrap(), mean, 1e-15);
        close(sample.sd().unwrap(), sd, 1e-12);
        for (level, (low, high)) in [0.95, 0.99].into_iter().zip(intervals) {
            let interval = sample.interval(level).unwrap();
            close(interval.low, low, 1e-9);
            close(interval.high, high, 1e-9);
        }
        for (percent, expected) in [5, 25, 50, 90, 100].into_iter().zip(percentiles) {
            assert_eq!(sample.percentile(percent), Some(expected));
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

/// `scipy.stats.ttest_rel(a, b).confidence_interval(0.95)` of scipy 1.17.1, and `(a - b).std(ddof=1)`.
#[test]
fn paired_differences_are_those_of_scipy() {
    let ours = [12.1, 11.4, 13.9, 12.8, 10.7, 12.2].map(Some);
    let theirs = [11.8, 11.9, 12.6, 12.1, 10.1, 11.7].map(Some);
    let paired = Paired::of(ours.into_iter().zip(theirs));
    let interval = paired.differences.interval(0.95).unwrap();
    close(paired.differences.sd().unwrap(), 0.587_934_236_685_249_6, 1e-12);
    close(interval.low, -0.133_665_808_559_208_62, 1e-9);
    close(interval.high, 1.100_332_475_225_875_4, 1e-9);
    assert_eq!(paired.unpaired, 0);
}

/// Two samples and the intervals of their difference at 0.95 and 0.99.
type Apart<'a> = (&'a [f64], &'a [f64], [(f64, f64); 2]);

/// `scipy.stats.ttest_ind(a, b, equal_var=False).confidence_interval(level)` of scipy 1.17.1, level 0.95 and 0.99.
#[test]
fn differences_of_independent_samples_are_those_of_scipy() {
    let ours = [12.1, 11.4, 13.9, 12.8, 10.7, 12.2];
    let theirs = [11.8, 11.9, 12.6, 12.1, 10.1, 11.7];
    let (many, few) =
        ([0.31, 0.35, 0.29, 0.42, 0.38, 0.33, 0.31, 0.40, 0.36, 0.27], [2.1, 3.4, 1.9, 5.6, 4.4]);
    let (constant, other) = ([3.0; 3], [1.0, 2.5, 1.5, 4.0]);
    let cases: [Apart<'_>; 3] = [
        (&ours, &theirs, [(-0.797_579_185_813, 1.764_245_852_480), (-1.349_975_576_902, 2.316_642_243_568)]),
        (&few, &many, [(1.199_923_475_353, 5.076_076_524_647), (-0.074_951_785_480, 6.350_951_785_480)]),
        (
            &constant,
            &other,
            [(-1.354_990_371_149, 2.854_990_371_149), (-3.113_398_366_010, 4.613_398_366_010)],
        ),
    ];
    for (one, other, intervals) in cases {
        let [one, other] = [one, other].map(|numbers| Sample::of(numbers.iter().copied()));
        for (level, (low, high)) in [0.95, 0.99].into_iter().zip(intervals) {
            let interval = one.interval_above(&other, level).unwrap();
            close(interval.low, low, 1e-9);
            close(interval.high, high, 1e-9);
        }
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
    for (numbers, ..) in FIXTURES {
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
