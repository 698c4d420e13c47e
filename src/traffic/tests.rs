use proptest::prelude::*;

use super::*;
use crate::units::Span;

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

fn shapes() -> impl Strategy<Value = Shape> {
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
    ];
    prop::collection::vec(simple, 1..4).prop_map(Shape::Sum)
}

proptest! {
    #[test]
    fn requests_of_neighbouring_spans_add_up(shape in shapes(), mut cuts in prop::array::uniform3(0_u64..9000)) {
        cuts.sort_unstable();
        let [from, middle, to] = cuts.map(at);
        let parts = shape.requests_between(from, middle) + shape.requests_between(middle, to);
        let whole = shape.requests_between(from, to);
        prop_assert!((parts - whole).abs() <= 1e-9 * whole.max(1.0), "{parts} is not {whole}");
    }

    /// Between two breakpoints the rate is one straight line, so that the trapezoid is its area.
    #[test]
    fn nothing_bends_between_breakpoints(shape in shapes(), from in 0_u64..9000, share in 0.1..0.9) {
        let from = at(from);
        let end = shape.next_breakpoint(from).unwrap_or(from + Span::from_secs(100));
        let to = from + Span::from_secs_f64(end.since(from).as_secs_f64() * share);
        let mean = f64::midpoint(shape.rate_at(from).0, shape.rate_at(to).0);
        let area = mean * to.since(from).as_secs_f64();
        let requests = shape.requests_between(from, to);
        prop_assert!((area - requests).abs() <= 1e-6 * area.max(1.0), "{area} is not {requests}");
    }

    #[test]
    fn rates_are_never_negative(shape in shapes(), time in 0_u64..9000) {
        prop_assert!(shape.rate_at(at(time)).0 >= -1e-9);
    }
}
