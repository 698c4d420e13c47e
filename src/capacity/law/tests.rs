//! Draws against what is known of the laws.

use statrs::function::gamma::{gamma, gamma_lr};

use super::*;
use crate::random::{Purpose, Stream, generator};

const DRAWS: usize = 40_000;
const SIX: Span = Span::from_secs(6);

fn draws(law: &Law, count: usize) -> Vec<Span> {
    let mut generator = generator(7, Purpose::EciStart, Stream::of(0, 0));
    (0..count).map(|_| law.draw(&mut generator)).collect()
}

/// The law's own mean and quantiles, met by many draws within 2 per cent.
#[track_caller]
fn check(law: &Law, mean: f64, quantiles: [(f64, f64); 3]) {
    let mut seconds: Vec<f64> = draws(law, DRAWS).into_iter().map(Span::as_secs_f64).collect();
    seconds.sort_by(f64::total_cmp);
    let near = |drawn: f64, exact: f64| (drawn - exact).abs() <= 0.02 * exact;
    let drawn_mean = seconds.iter().sum::<f64>() / DRAWS as f64;
    assert!(near(drawn_mean, mean), "mean {drawn_mean} for {mean}");
    assert!(near(law.mean().as_secs_f64(), mean), "the law says {}", law.mean());
    for (share, exact) in quantiles {
        let drawn = seconds[(share * DRAWS as f64) as usize];
        assert!(near(drawn, exact), "quantile {share} is {drawn} for {exact}");
    }
}

#[test]
fn exponential_draws_follow_the_law() {
    check(&Law::Exponential { mean: SIX }, 6.0, [(0.5, 4.158_9), (0.9, 13.815_5), (0.99, 27.631)]);
}

/// The ECI sandbox: median 6 s, sigma 0.35, 95 % below about 11 s (6·e^(1.645·0.35) = 10.67 s).
#[test]
fn log_normal_draws_follow_the_law() {
    check(
        &Law::LogNormal { median: SIX, sigma: 0.35 },
        6.379,
        [(0.5, 6.0), (0.158_66, 4.228_1), (0.95, 10.670)],
    );
}

#[test]
fn uniform_draws_follow_the_law() {
    let law = Law::Uniform { min: Span::from_secs(2), max: Span::from_secs(10) };
    check(&law, 6.0, [(0.5, 6.0), (0.1, 2.8), (0.9, 9.2)]);
    let narrow = Law::Uniform { min: Span(5), max: Span(7) };
    let drawn = draws(&narrow, 200);
    assert!((5..=7).all(|nanos| drawn.contains(&Span(nanos))), "both bounds are drawn");
    assert!(drawn.iter().all(|span| (5..=7).contains(&span.0)));
}

#[test]
fn draws_are_the_same_on_every_machine_and_in_every_release() {
    let fixture =
        |law: Law| <[u64; 3]>::try_from(draws(&law, 3).iter().map(|s| s.0).collect::<Vec<_>>()).unwrap();
    assert_eq!(fixture(Law::Constant(SIX)), [6_000_000_000; 3]);
    assert_eq!(fixture(Law::Exponential { mean: SIX }), [8_963_875_528, 11_515_927_280, 12_628_124_981]);
    assert_eq!(
        fixture(Law::LogNormal { median: SIX, sigma: 0.35 }),
        [8_648_805_667, 3_349_523_984, 7_519_773_242]
    );
    assert_eq!(
        fixture(Law::Uniform { min: SIX, max: Span::from_secs(9) }),
        [6_673_432_867, 6_440_119_532, 6_365_651_272]
    );
}

#[test]
fn a_law_without_scatter_is_constant() {
    for law in [Law::LogNormal { median: SIX, sigma: 0.0 }, Law::Uniform { min: SIX, max: SIX }] {
        assert_eq!(draws(&law, 3), [SIX; 3]);
        assert_eq!(law.mean(), SIX);
    }
    assert_eq!(draws(&Law::Exponential { mean: Span::ZERO }, 3), [Span::ZERO; 3]);
}

#[test]
fn senseless_parameters_are_refused() {
    let log_normal = |sigma| Law::LogNormal { median: SIX, sigma }.check();
    assert!(log_normal(0.35).is_ok());
    assert!(log_normal(-0.1).is_err() && log_normal(f64::NAN).is_err() && log_normal(5.1).is_err());
    let uniform = |min, max| Law::Uniform { min: Span(min), max: Span(max) }.check();
    assert!(uniform(1, 1).is_ok());
    assert_eq!(uniform(2, 1), Err(LawError::Bounds { min: Span(2), max: Span(1) }));
}

/// Two-sided, of the normal law: what lies outside has a chance of one in a thousand.
const OF_99_9: f64 = 3.290_5;

/// Draws have the law's mean and spread, and as many lie below any point as the law says, inside 99.9 % intervals.
#[track_caller]
fn check_moments(law: &Law, mean: f64, variance: f64, below: impl Fn(f64) -> f64) {
    let seconds: Vec<f64> = draws(law, DRAWS).into_iter().map(Span::as_secs_f64).collect();
    let count = DRAWS as f64;
    let average = |each: &dyn Fn(f64) -> f64| seconds.iter().map(|&one| each(one)).sum::<f64>() / count;
    assert!((law.mean().as_secs_f64() - mean).abs() < 1e-6 * mean, "{law:?} says {}, not {mean}", law.mean());
    let drawn = average(&|one| one);
    assert!((drawn - mean).abs() < OF_99_9 * (variance / count).sqrt(), "{law:?}: {drawn} for {mean}");
    let square = |one: f64| (one - mean) * (one - mean);
    let (spread, fourth) = (average(&square), average(&|one| square(one) * square(one)));
    let error = OF_99_9 * ((fourth - spread * spread) / count).sqrt();
    assert!((spread - variance).abs() < error, "{law:?}: {spread} for {variance} give or take {error}");
    for point in [0.25, 0.5, 1.0, 1.5, 3.0].map(|times| times * mean) {
        let exact = below(point);
        let share = average(&|one| f64::from(u8::from(one <= point)));
        let error = OF_99_9 * (exact * (1.0 - exact) / count).sqrt();
        assert!((share - exact).abs() <= error, "{law:?}: {share} of the draws below {point}, not {exact}");
    }
}

#[test]
fn weibull_draws_follow_the_law() {
    for shape in [0.7, 1.0, 2.5] {
        let mean = 6.0 * gamma(1.0 + 1.0 / shape);
        let variance = 36.0 * gamma(1.0 + 2.0 / shape) - mean * mean;
        let law = Law::Weibull { scale: SIX, shape };
        check_moments(&law, mean, variance, |point| 1.0 - libm::exp(-libm::pow(point / 6.0, shape)));
    }
}

#[test]
fn gamma_draws_follow_the_law() {
    for shape in [0.4, 1.0, 3.0, 20.0] {
        let law = Law::Gamma { mean: SIX, shape };
        check_moments(&law, 6.0, 36.0 / shape, |point| gamma_lr(shape, point * shape / 6.0));
    }
}

#[test]
fn pareto_draws_follow_the_law() {
    for alpha in [0.8, 1.0, 2.5] {
        let (min, max) = (1.0_f64, 100.0_f64);
        let cut = libm::pow(min / max, alpha);
        let density = |x: f64| alpha * libm::pow(min, alpha) * libm::pow(x, -alpha - 1.0) / (1.0 - cut);
        // Integrated over the logarithm by Simpson's rule, which the law itself does not do.
        let moment = |power: i32| {
            let steps = 20_000_u32;
            let step = libm::log(max / min) / f64::from(steps);
            let at = |place: u32| min * libm::exp(step * f64::from(place));
            let weight = |place: u32| match place {
                0 => 1.0,
                place if place == steps => 1.0,
                place if place % 2 == 1 => 4.0,
                _ => 2.0,
            };
            let term = |place: u32| weight(place) * at(place).powi(power + 1) * density(at(place));
            (0..=steps).map(term).sum::<f64>() * step / 3.0
        };
        let mean = moment(1);
        let law = Law::Pareto { min: Span::from_secs(1), max: Span::from_secs(100), alpha };
        let below = |point: f64| (1.0 - libm::pow(min / point.max(min), alpha)) / (1.0 - cut);
        check_moments(&law, mean, moment(2) - mean * mean, below);
    }
}

#[test]
fn measured_values_come_as_often_as_their_weights_say() {
    let values = [(9, 1.0), (2, 4.0), (5, 3.0), (7, 0.0), (2, 2.0)];
    let law = Law::Empirical(
        Empirical::new(values.map(|(seconds, weight)| (Span::from_secs(seconds), weight))).unwrap(),
    );
    let below = |point: f64| {
        values.iter().filter(|(value, _)| *value as f64 <= point).map(|(_, weight)| weight).sum::<f64>()
            / 10.0
    };
    check_moments(&law, 3.6, 0.6 * 1.6_f64.powi(2) + 0.3 * 1.4_f64.powi(2) + 0.1 * 5.4_f64.powi(2), below);
    assert!(
        draws(&law, DRAWS).iter().all(|span| *span != Span::from_secs(7)),
        "one without weight never comes"
    );
    assert_eq!(Empirical::new([(SIX, 0.0)]), Err(EmpiricalError::Empty));
    assert_eq!(Empirical::new([(SIX, -1.0)]), Err(EmpiricalError::Weight(-1.0)));
}

/// What is drawn after a span does not depend on how often the law has rejected.
#[test]
fn a_draw_takes_a_fixed_number_of_outputs() {
    let laws = [
        Law::Weibull { scale: SIX, shape: 2.0 },
        Law::Gamma { mean: SIX, shape: 0.5 },
        Law::Pareto { min: SIX, max: Span::from_secs(60), alpha: 1.5 },
        Law::Empirical(Empirical::new([(SIX, 1.0)]).unwrap()),
    ];
    for law in laws {
        let (mut drawing, mut plain) = (fixed(), fixed());
        for _ in 0..100 {
            law.draw(&mut drawing);
            plain.next_u64();
        }
        assert_eq!(drawing.next_u64(), plain.next_u64(), "{law:?}");
    }
}

fn fixed() -> ChaCha8Rng {
    generator(7, Purpose::EciStart, Stream::of(0, 0))
}

#[test]
fn senseless_shapes_are_refused() {
    let of = |shape| Law::Gamma { mean: SIX, shape }.check().and(Law::Weibull { scale: SIX, shape }.check());
    assert!(of(0.1).is_ok() && of(1000.0).is_ok());
    assert!(of(0.0).is_err() && of(f64::NAN).is_err() && of(1e4).is_err());
    let pareto = |min, max, alpha| Law::Pareto { min: Span(min), max: Span(max), alpha }.check();
    assert_eq!(pareto(0, 1, 1.0), Err(LawError::FromNothing));
    assert_eq!(pareto(2, 1, 1.0), Err(LawError::Bounds { min: Span(2), max: Span(1) }));
    assert_eq!(pareto(1, 2, 0.0), Err(LawError::Alpha(0.0)));
}
