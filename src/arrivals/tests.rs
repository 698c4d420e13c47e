//! Arrivals against what is known of their processes. Bounds are those of the 99.9 % interval.

use super::*;
use crate::traffic::{Diurnal, Product, Ramp, Rate, Spike, Step};

const OF_99_9: f64 = 3.290_5;

fn times(arrivals: &Arrivals, until: SimTime) -> Vec<SimTime> {
    let drawn = arrivals.drawn(7, 1 << 31, until);
    let mut times: Vec<SimTime> = Vec::new();
    loop {
        let (number, last) = (times.len() as u64, times.last().copied().unwrap_or(SimTime::ZERO));
        match drawn.next(number, last, 7, Stream::of(1 << 31, number as u32)) {
            Some(at) if at < until => times.push(at),
            _ => return times,
        }
    }
}

fn wave() -> Shape {
    Shape::Diurnal(Diurnal {
        mean: Rate(2.0),
        amplitude: 0.9,
        period: Span::from_secs(600),
        peak_at: SimTime::from_secs(300),
    })
}

/// The area below the rate, run backwards: exact to the nanosecond.
///
/// rule: arrivals-varying
#[test]
fn an_arrival_comes_when_the_area_is_reached_and_not_before() {
    let spike = Spike {
        at: SimTime::from_secs(10),
        rise: Span::from_secs(20),
        hold: Span::from_secs(5),
        decay: Span::from_secs(30),
        base: Rate(0.1),
        peak: Rate(9.0),
    };
    let shapes = [
        Shape::Constant(Rate(0.25)),
        wave(),
        Shape::Spike(spike),
        Shape::Product(Product(vec![wave(), Shape::Spike(spike)])),
    ];
    for shape in shapes {
        for (from, wanted) in [(0, 0.5), (3, 3.0), (12, 0.001), (29, 40.0), (100, 7.5)] {
            let from = SimTime::from_secs(from);
            let at = varying::reaches(&shape, from, wanted).unwrap();
            let before = shape.requests_between(from, SimTime(at.0 - 2));
            let after = shape.requests_between(from, SimTime(at.0 + 2));
            assert!(before < wanted + 1e-7 && wanted - 1e-7 < after, "{shape:?}: {before} {wanted} {after}");
        }
    }
}

#[test]
fn a_rate_that_falls_to_nothing_lets_no_more_arrive() {
    let step = Step { at: SimTime::from_secs(100), before: Rate(1.0), after: Rate::ZERO };
    let arrivals = Arrivals::Varying(Shape::Step(step));
    assert_eq!(varying::reaches(&Shape::Step(step), SimTime::from_secs(60), 41.0), None);
    assert_eq!(
        varying::reaches(&Shape::Step(step), SimTime::from_secs(60), 40.0),
        Some(SimTime::from_secs(100))
    );
    let times = times(&arrivals, SimTime::from_secs(100_000));
    assert!(!times.is_empty() && times.iter().all(|time| *time <= SimTime::from_secs(100)));
}

/// In each twelfth of a wave as many arrive as the area says, Poisson: the squares of what they differ by, over what is
/// expected, follow the chi-squared law with twelve degrees of freedom, whose 99.9 % point is 32.91.
///
/// rule: arrivals-varying
#[test]
fn arrivals_follow_a_wave() {
    let until = SimTime::from_secs(60_000);
    let (shape, part) = (wave(), Span::from_secs(50).0);
    let mut counted = [0_u32; 12];
    for time in times(&Arrivals::Varying(shape.clone()), until) {
        counted[((time.0 / part) % 12) as usize] += 1;
    }
    let expected =
        |place: u64| 100.0 * shape.requests_between(SimTime(place * part), SimTime((place + 1) * part));
    let square =
        |(place, count): (u64, &u32)| (f64::from(*count) - expected(place)).powi(2) / expected(place);
    let chi_squared: f64 = (0..).zip(&counted).map(square).sum();
    assert!(chi_squared < 32.91, "{chi_squared}: {counted:?}");
    assert!(counted[6] > 5 * counted[0], "the peak is in the middle: {counted:?}");
}

/// The distances of a constant rate are those of a Poisson process, drawn with the same numbers.
#[test]
fn a_rate_that_does_not_vary_is_poisson() {
    let until = SimTime::from_secs(2000);
    let varying = times(&Arrivals::Varying(Shape::Constant(Rate(0.5))), until);
    let plain = times(&Arrivals::Poisson(Span::from_secs(2)), until);
    assert_eq!(varying.len(), plain.len());
    assert!(
        varying.iter().zip(&plain).all(|(a, b)| a.0.abs_diff(b.0) < 2000),
        "to rounding of each distance"
    );
}

#[test]
fn distances_of_a_renewal_process_follow_their_law() {
    let law = Law::Gamma { mean: Span::from_secs(4), shape: 4.0 };
    let times = times(&Arrivals::Renewal(law), SimTime::from_secs(80_000));
    let count = times.len() as f64;
    // Renewal theory: 20 000 are expected, with a variance of count × (deviation over mean)² = count / 4.
    assert!((count - 20_000.0).abs() < OF_99_9 * (20_000.0_f64 / 4.0).sqrt() + 1.0, "{count}");
}

#[test]
fn as_many_are_expected_as_come() {
    let until = SimTime::from_secs(50_000);
    let ramp = Ramp {
        at: SimTime::from_secs(10_000),
        over: Span::from_secs(20_000),
        before: Rate(0.1),
        after: Rate(1.0),
    };
    for arrivals in [
        Arrivals::Poisson(Span::from_secs(3)),
        Arrivals::Varying(Shape::Ramp(ramp)),
        Arrivals::Regular { every: Span::from_secs(7), first: Span::from_secs(70) },
    ] {
        let (expected, count) =
            (arrivals.expected(SimTime::ZERO, until), times(&arrivals, until).len() as f64);
        assert!((count - expected).abs() < OF_99_9 * expected.sqrt(), "{arrivals:?}: {count} for {expected}");
    }
}

/// rule: arrivals-batch
#[test]
fn sizes_of_batches_follow_their_law() {
    const DRAWS: u32 = 20_000;
    for (size, variance) in [
        (BatchSize::Constant(20), 0.0),
        (BatchSize::Uniform { min: 0, max: 10 }, 10.0),
        (BatchSize::Geometric { mean: 5.0 }, 20.0),
        (BatchSize::Geometric { mean: 1.0 }, 0.0),
        (BatchSize::empirical(vec![(1, 3.0), (100, 1.0), (7, 0.0)]), 0.25 * 0.75 * 99.0 * 99.0),
    ] {
        let drawn: Vec<u32> = (0..DRAWS).map(|number| size.draw(7, Stream::of(0, number))).collect();
        let mean = drawn.iter().map(|&one| f64::from(one)).sum::<f64>() / f64::from(DRAWS);
        let error = OF_99_9 * (variance / f64::from(DRAWS)).sqrt();
        assert!((mean - size.mean()).abs() <= error + 1e-9, "{size:?}: {mean} for {}", size.mean());
        assert!(drawn.iter().all(|one| *one != 7 || !matches!(size, BatchSize::Empirical(_))));
    }
}
