use proptest::prelude::*;

use super::*;
use crate::units::Span;

mod chance;

fn at(seconds: u64) -> SimTime {
    SimTime::from_secs(seconds)
}

/// The spike of the gateway: 4000/s all the time, ten times that after a minute, back after twenty.
fn gateway() -> Shape {
    Shape::Sum(vec![
        Shape::Constant(Rate(4000.0)),
        Shape::Spike(Spike {
            at: at(1800),
            rise: Span::from_secs(60),
            hold: Span::from_secs(1200),
            decay: Span::from_secs(600),
            base: Rate::ZERO,
            peak: Rate(36_000.0),
        }),
    ])
}

#[track_caller]
fn near(measured: f64, expected: f64) {
    assert!((measured - expected).abs() <= 1e-9 * expected.abs().max(1.0), "{measured} is not {expected}");
}

#[test]
fn a_spike_rises_holds_and_decays_in_straight_lines() {
    let gateway = gateway();
    for (seconds, rate) in [
        (0, 4000.0),
        (1800, 4000.0),
        (1830, 22_000.0),
        (1860, 40_000.0),
        (3060, 40_000.0),
        (3360, 22_000.0),
        (3660, 4000.0),
        (7200, 4000.0),
    ] {
        near(gateway.rate_at(at(seconds)).0, rate);
    }
}

/// rule: traffic-integral
#[test]
fn requests_are_the_area_below_the_rate() {
    let gateway = gateway();
    near(gateway.requests_between(at(0), at(1800)), 1800.0 * 4000.0);
    near(gateway.requests_between(at(1800), at(1860)), 60.0 * 22_000.0);
    near(gateway.requests_between(at(1830), at(1860)), 30.0 * 31_000.0);
    near(gateway.requests_between(at(0), at(7200)), 7200.0 * 4000.0 + 36_000.0 * (30.0 + 1200.0 + 300.0));
    near(gateway.requests_between(at(10), at(10)), 0.0);
    near(gateway.requests_between(at(20), at(10)), 0.0);
}

#[test]
fn breakpoints_are_where_the_rate_jumps_or_bends() {
    let gateway = gateway();
    let mut breakpoints = vec![at(0)];
    while let Some(next) = gateway.next_breakpoint(*breakpoints.last().unwrap()) {
        breakpoints.push(next);
    }
    assert_eq!(breakpoints, [0, 1800, 1860, 3060, 3660].map(at));
    assert_eq!(Shape::Constant(Rate(1.0)).next_breakpoint(at(0)), None);
}

#[test]
fn a_step_jumps_at_its_instant() {
    let step = Shape::Step(Step { at: at(10), before: Rate(1.0), after: Rate(5.0) });
    near(step.rate_at(SimTime(at(10).0 - 1)).0, 1.0);
    near(step.rate_at(at(10)).0, 5.0);
    near(step.requests_between(at(8), at(12)), 12.0);
}

#[test]
fn a_ramp_goes_either_way_and_then_stays() {
    let ramp = |before, after| {
        Shape::Ramp(Ramp { at: at(10), over: Span::from_secs(20), before: Rate(before), after: Rate(after) })
    };
    near(ramp(0.0, 40.0).rate_at(at(15)).0, 10.0);
    near(ramp(40.0, 0.0).rate_at(at(15)).0, 30.0);
    near(ramp(40.0, 0.0).rate_at(at(99)).0, 0.0);
    near(ramp(0.0, 40.0).requests_between(at(0), at(40)), 400.0 + 400.0);
}

#[test]
fn a_shape_without_length_is_a_jump() {
    let ramp = Shape::Ramp(Ramp { at: at(10), over: Span::ZERO, before: Rate(1.0), after: Rate(5.0) });
    near(ramp.rate_at(at(10)).0, 5.0);
    near(ramp.requests_between(at(8), at(12)), 12.0);
    let spike = Spike {
        at: at(0),
        rise: Span::ZERO,
        hold: Span::from_secs(10),
        decay: Span::ZERO,
        base: Rate(1.0),
        peak: Rate(9.0),
    };
    near(Shape::Spike(spike).requests_between(at(0), at(20)), 100.0);
}

fn day(amplitude: f64) -> Diurnal {
    let (period, peak_at) = (Span::from_secs(86_400), at(14 * 3600));
    Diurnal { mean: Rate(1000.0), amplitude, period, peak_at }
}

/// rule: diurnal-wave
#[test]
fn a_day_has_a_peak_a_trough_and_its_mean() {
    let day = Shape::Diurnal(day(0.6));
    for (hour, rate) in [(14, 1600.0), (2, 400.0), (8, 1000.0), (20, 1000.0), (38, 1600.0)] {
        near(day.rate_at(at(hour * 3600)).0, rate);
    }
    for begin in [0, 1, 5000, 14 * 3600, 86_399] {
        near(day.requests_between(at(begin), at(begin + 86_400)), 1000.0 * 86_400.0);
        near(day.requests_between(at(begin), at(begin + 7 * 86_400)), 1000.0 * 7.0 * 86_400.0);
    }
    // Half a period around the peak: the mean and a half wave, whose area is amplitude × period / π.
    let wave = 0.6 * 86_400.0 / std::f64::consts::PI;
    near(day.requests_between(at(8 * 3600), at(20 * 3600)), 1000.0 * (43_200.0 + wave));
    assert_eq!(day.next_breakpoint(at(0)), Some(at(2 * 3600)));
    assert_eq!(day.next_breakpoint(at(2 * 3600)), Some(at(8 * 3600)));
    assert_eq!(day.next_breakpoint(at(14 * 3600)), Some(at(20 * 3600)));
}

/// rule: flash-crowd-decay
#[test]
fn a_flash_crowd_halves_every_half_life_and_ends() {
    let crowd = Shape::FlashCrowd(FlashCrowd {
        at: at(100),
        rise: Span::from_secs(10),
        hold: Span::from_secs(60),
        half_life: Span::from_secs(300),
        base: Rate(10.0),
        peak: Rate(1010.0),
    });
    for (seconds, rate) in
        [(99, 10.0), (105, 510.0), (110, 1010.0), (169, 1010.0), (470, 510.0), (770, 260.0)]
    {
        near(crowd.rate_at(at(seconds)).0, rate);
    }
    let end = 170 + 20 * 300;
    near(crowd.rate_at(at(end)).0, 10.0);
    assert!(crowd.rate_at(at(end - 1)).0 - 10.0 < 1e-2);
    // A half-life of the tail has the area of its height times (1 - 1/2) / ln 2.
    let tail = 1000.0 * 300.0 * 0.5 / std::f64::consts::LN_2;
    near(crowd.requests_between(at(170), at(470)), 10.0 * 300.0 + tail);
    near(crowd.requests_between(at(0), at(170)), 1700.0 + 5000.0 + 60_000.0);
    assert_eq!(crowd.next_breakpoint(at(end)), None);
}

#[test]
fn levels_jump_and_equal_ones_are_one() {
    let levels = [(10, 5.0), (20, 7.0), (20, 6.0), (30, 6.0), (40, 0.0)];
    let levels = Shape::Levels(Levels::new(levels.map(|(from, rate)| (at(from), Rate(rate)))));
    for (seconds, rate) in [(0, 0.0), (9, 0.0), (10, 5.0), (20, 6.0), (39, 6.0), (40, 0.0), (99, 0.0)] {
        near(levels.rate_at(at(seconds)).0, rate);
    }
    near(levels.requests_between(at(0), at(99)), 50.0 + 120.0);
    assert_eq!(levels.next_breakpoint(at(20)), Some(at(40)));
    assert_eq!(levels.next_breakpoint(at(40)), None);
    near(levels.peak().0, 6.0);
}

/// As many levels as are not added up one by one.
#[test]
fn long_spans_of_levels_are_exact_too() {
    let levels = Levels::new((0..1000).map(|second| (at(second), Rate((second % 7) as f64))));
    let sum = |from: u64, to: u64| (from..to).map(|second| (second % 7) as f64).sum::<f64>();
    for (from, to) in [(0, 1000), (3, 990), (500, 700), (999, 1000)] {
        near(levels.requests_between(at(from), at(to)), sum(from, to));
    }
    near(levels.requests_between(SimTime(at(4).0 + 500_000_000), at(900)), 2.0 + sum(5, 900));
}

#[test]
fn a_trace_begins_ends_and_begins_again() {
    let levels = || [(at(0), Rate(1.0)), (at(5), Rate(3.0))];
    let once = Shape::Trace(Trace::new(levels(), Span::from_secs(10), at(100), false));
    for (seconds, rate) in [(99, 0.0), (100, 1.0), (105, 3.0), (110, 0.0), (115, 0.0)] {
        near(once.rate_at(at(seconds)).0, rate);
    }
    near(once.requests_between(at(0), at(1000)), 20.0);
    let bends = [100, 105, 110].map(at);
    assert_eq!(bends.map(|bend| once.next_breakpoint(SimTime(bend.0 - 1))), bends.map(Some));
    assert_eq!(once.next_breakpoint(at(110)), None);
    let again = Shape::Trace(Trace::new(levels(), Span::from_secs(10), at(100), true));
    near(again.rate_at(at(127)).0, 3.0);
    near(again.requests_between(at(0), at(1000)), 20.0 * 90.0);
    near(again.requests_between(at(104), at(126)), 1.0 + 15.0 + 20.0 + 5.0 + 3.0);
    assert_eq!(again.next_breakpoint(at(105)), Some(at(110)));
    assert_eq!(again.next_breakpoint(at(110)), Some(at(115)));
}

/// rule: traffic-product
#[test]
fn a_product_is_exact_for_lines_and_waves() {
    let ramp = |before, after| {
        Shape::Ramp(Ramp { at: at(0), over: Span::from_secs(100), before: Rate(before), after: Rate(after) })
    };
    let product = Shape::Product(Product(vec![ramp(0.0, 10.0), ramp(10.0, 0.0)]));
    // The integral of (t/10)(10 - t/10) over 100 seconds is 10^4/6.
    near(product.requests_between(at(0), at(100)), 10_000.0 / 6.0);
    near(product.requests_between(at(0), at(500)), 10_000.0 / 6.0);
    // cos² has the mean 1/2.
    let square = Shape::Product(Product(vec![Shape::Diurnal(day(0.6)), Shape::Diurnal(day(1.0))]));
    near(square.requests_between(at(0), at(86_400)), 1e6 * 86_400.0 * (1.0 + 0.6 / 2.0));
}

fn straight() -> impl Strategy<Value = Shape> {
    let rate = || (0.0..1e5).prop_map(Rate);
    let moment = || (0_u64..4000).prop_map(at);
    let span = || (0_u64..2000).prop_map(Span::from_secs);
    let simple = prop_oneof![
        rate().prop_map(Shape::Constant),
        (moment(), rate(), rate()).prop_map(|(at, before, after)| Shape::Step(Step { at, before, after })),
        (moment(), span(), rate(), rate()).prop_map(|(at, over, before, after)| Shape::Ramp(Ramp {
            at,
            over,
            before,
            after
        })),
        (moment(), span(), span(), span(), rate(), rate()).prop_map(|(at, rise, hold, decay, base, peak)| {
            Shape::Spike(Spike { at, rise, hold, decay, base, peak })
        }),
        (moment(), prop::collection::vec(0.0..1e5, 1..200), any::<bool>()).prop_map(
            |(start, rates, repeats)| {
                let levels = (0..).map(|number| at(number * 17)).zip(rates.iter().map(|&rate| Rate(rate)));
                Shape::Trace(Trace::new(levels, Span::from_secs(17 * rates.len() as u64), start, repeats))
            }
        ),
    ];
    prop::collection::vec(simple, 1..4).prop_map(Shape::Sum)
}

fn curved() -> impl Strategy<Value = Shape> {
    let rate = || (0.0..1e5).prop_map(Rate);
    let moment = || (0_u64..4000).prop_map(at);
    prop_oneof![
        (rate(), 0.0..=1.0, 60_u64..5000, moment()).prop_map(|(mean, amplitude, period, peak_at)| {
            Shape::Diurnal(Diurnal { mean, amplitude, period: Span::from_secs(period), peak_at })
        }),
        (moment(), 0_u64..99, 0_u64..99, 20_u64..500, rate(), rate()).prop_map(
            |(at, rise, hold, half_life, base, peak)| {
                let [rise, hold, half_life] = [rise, hold, half_life].map(Span::from_secs);
                Shape::FlashCrowd(FlashCrowd { at, rise, hold, half_life, base, peak })
            }
        ),
    ]
}

fn shapes() -> impl Strategy<Value = Shape> {
    let any = || prop_oneof![straight(), curved()];
    prop_oneof![
        any(),
        prop::collection::vec(any(), 1..4).prop_map(Shape::Sum),
        prop::collection::vec(any(), 1..4).prop_map(|shapes| Shape::Product(Product(shapes))),
    ]
}

/// Shapes in shapes in shapes.
fn trees() -> impl Strategy<Value = Shape> {
    shapes().prop_recursive(3, 12, 3, |inner| {
        let every = Span::from_secs(10);
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(Shape::Sum),
            prop::collection::vec(inner.clone(), 1..4).prop_map(|shapes| Shape::Product(Product(shapes))),
            inner.clone().prop_map(move |of| Shape::Noise(Noise { of: Box::new(of), deviation: 0.5, every })),
            inner.prop_map(move |of| Shape::Poisson(Poisson { of: Box::new(of), every })),
        ]
    })
}

#[track_caller]
fn same(measured: f64, expected: f64) -> Result<(), TestCaseError> {
    prop_assert!((measured - expected).abs() <= 1e-9 * expected.max(1.0), "{measured} is not {expected}");
    Ok(())
}

proptest! {
    #[test]
    fn requests_of_neighbouring_spans_add_up(shape in shapes(), mut cuts in prop::array::uniform3(0_u64..9000)) {
        cuts.sort_unstable();
        let [from, middle, to] = cuts.map(at);
        let parts = shape.requests_between(from, middle) + shape.requests_between(middle, to);
        same(parts, shape.requests_between(from, to))?;
    }

    /// Between two breakpoints the rate is one straight line, so that the trapezoid is its area.
    #[test]
    fn nothing_bends_between_breakpoints(shape in straight(), from in 0_u64..9000, share in 0.1..0.9) {
        let from = at(from);
        let end = shape.next_breakpoint(from).unwrap_or(from + Span::from_secs(100));
        let to = from + Span::from_secs_f64(end.since(from).as_secs_f64() * share);
        let mean = f64::midpoint(shape.rate_at(from).0, shape.rate_at(to).0);
        let area = mean * to.since(from).as_secs_f64();
        let requests = shape.requests_between(from, to);
        prop_assert!((area - requests).abs() <= 1e-6 * area.max(1.0), "{area} is not {requests}");
    }

    /// Nothing in a stretch of a course is above its highest rate, neither at an instant nor in the mean of a span.
    #[test]
    fn a_course_knows_a_rate_that_is_not_exceeded(
        shape in trees(), from in 0_u64..9000, mut shares in prop::array::uniform4(0.0..=1.0),
    ) {
        let (from, mut course) = (at(from), Course::default());
        course.follow(&shape, from);
        let length = course.end().unwrap_or(from + Span::from_secs(100)).since(from);
        shares.sort_unstable_by(f64::total_cmp);
        let [begin, early, late, end] = shares.map(|share| from + length.times(share));
        if begin < end {
            let highest = course.highest_between(begin, end).0 * (1.0 + 1e-9);
            let before = SimTime(end.0 - 1);
            for time in [begin, early.min(before), late.min(before), before] {
                let rate = shape.rate_at(time).0;
                prop_assert!(rate <= highest, "{rate} of {highest}");
            }
            let mean = course.requests_between(begin, end) / end.since(begin).as_secs_f64();
            prop_assert!(mean <= highest, "{mean} of {highest}");
        }
    }

    /// So the highest rate of a stretch is at one of its ends.
    #[test]
    fn curves_go_one_way_between_breakpoints(shape in curved(), from in 0_u64..9000, share in 0.0..1.0) {
        let from = at(from);
        let end = shape.next_breakpoint(from).unwrap_or(from + Span::from_secs(100));
        let between = from + Span::from_secs_f64(end.since(from).as_secs_f64() * share);
        let [first, middle, last] =
            [from, between, SimTime(end.0 - 1)].map(|time| shape.rate_at(time).0);
        let slack = 1e-9 * first.max(1.0);
        prop_assert!(middle >= first.min(last) - slack && middle <= first.max(last) + slack);
    }

    /// Simpson's rule over short steps needs no integral in closed form.
    #[test]
    fn integrals_of_curves_are_those_of_their_rates(shape in curved(), from in 0_u64..9000) {
        let from = at(from);
        let end = shape.next_breakpoint(from).unwrap_or(from + Span::from_secs(100));
        let step = Span(end.since(from).0.div_ceil(400));
        let instants: Vec<SimTime> =
            (0..=400).map(|number| SimTime(from.0 + step.0 * number).min(SimTime(end.0 - 1))).collect();
        let simpson = |triple: &[SimTime]| {
            let [a, b, c] = [0, 1, 2].map(|index: usize| shape.rate_at(triple[index]).0);
            (a + 4.0 * b + c) / 6.0 * triple[2].since(triple[0]).as_secs_f64()
        };
        let area: f64 = (0..200).map(|number| simpson(&instants[2 * number..2 * number + 3])).sum();
        let requests = shape.requests_between(from, end);
        prop_assert!((area - requests).abs() <= 1e-4 * area.max(1.0), "{area} is not {requests}");
    }

    #[test]
    fn rates_are_between_zero_and_the_peak(shape in shapes(), time in 0_u64..9000) {
        let (rate, peak) = (shape.rate_at(at(time)).0, shape.peak().0);
        prop_assert!(rate >= -1e-9 && rate <= peak * (1.0 + 1e-9), "{rate} of {peak}");
    }

    #[test]
    fn what_is_level_stays_until_the_next_breakpoint(shape in shapes(), from in 0_u64..9000, share in 0.0..1.0) {
        let from = at(from);
        let end = shape.next_breakpoint(from).unwrap_or(from + Span::from_secs(100));
        let between = from + Span::from_secs_f64(end.since(from).as_secs_f64() * share);
        if shape.is_level_at(from) && between < end {
            prop_assert_eq!(shape.rate_at(from), shape.rate_at(between));
        }
    }

    #[test]
    fn a_sum_is_what_its_shapes_make_together(
        shapes in prop::collection::vec(shapes(), 1..4), mut cuts in prop::array::uniform2(0_u64..9000),
    ) {
        cuts.sort_unstable();
        let [from, to] = cuts.map(at);
        let sum: f64 = shapes.iter().map(|shape| shape.requests_between(from, to)).sum();
        same(Shape::Sum(shapes).requests_between(from, to), sum)?;
    }

    /// One changes nothing, a number multiplies, and the order does not matter.
    #[test]
    fn a_product_follows_the_laws_of_numbers(
        a in shapes(), b in curved(), factor in 0.0..9.0, mut cuts in prop::array::uniform2(0_u64..9000),
    ) {
        cuts.sort_unstable();
        let [from, to] = cuts.map(at);
        let of = |shapes: Vec<Shape>| Shape::Product(Product(shapes)).requests_between(from, to);
        let number = Shape::Constant(Rate(factor));
        same(of(vec![a.clone(), Shape::Constant(Rate(1.0))]), a.requests_between(from, to))?;
        same(of(vec![a.clone(), number]), factor * a.requests_between(from, to))?;
        same(of(vec![a.clone(), b.clone()]), of(vec![b, a]))?;
    }

    /// A product is distributive over a sum, although the sum has other breakpoints.
    #[test]
    fn products_of_sums_are_sums_of_products(
        a in curved(), b in straight(), c in curved(), mut cuts in prop::array::uniform2(0_u64..9000),
    ) {
        cuts.sort_unstable();
        let [from, to] = cuts.map(at);
        let of = |shapes: Vec<Shape>| Shape::Product(Product(shapes)).requests_between(from, to);
        let apart = of(vec![a.clone(), c.clone()]) + of(vec![b.clone(), c.clone()]);
        same(of(vec![Shape::Sum(vec![a, b]), c]), apart)?;
    }
}

/// Two waves that do not overlap are never as high as their sum; a rising and a falling line are bounded by their ends.
#[test]
fn the_highest_rate_is_that_of_the_highest_stretch() {
    let spike = |at: u64| {
        let (at, peak) = (SimTime::from_secs(at), Rate(100.0));
        let [rise, hold, decay] = [10, 20, 10].map(Span::from_secs);
        Shape::Spike(Spike { at, rise, hold, decay, peak, base: Rate::ZERO })
    };
    let apart = Shape::Sum(vec![Shape::Constant(Rate(5.0)), spike(100), spike(300)]);
    assert_eq!(apart.highest_until(SimTime::from_secs(1000)), Rate(105.0));
    assert_eq!(apart.highest_until(SimTime::from_secs(90)), Rate(5.0));
    assert_eq!(Shape::Sum(vec![spike(100), spike(115)]).highest_until(SimTime::from_secs(1000)), Rate(200.0));
}
