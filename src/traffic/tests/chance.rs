//! What is left to chance: averages on seeds fixed in advance, within intervals that a right average leaves in one of
//! a thousand cases.

use super::*;

/// The two-sided quantile of the normal law for 99.9 %.
const QUANTILE: f64 = 3.29;
const SEEDS: u64 = 200;
const HORIZON: SimTime = SimTime::from_secs(6 * 3600);

fn drawn(shape: &Shape, seed: u64) -> Shape {
    shape.drawn(&mut Draws::new(seed, 0, HORIZON))
}

/// The averages of many seeds over a span are `expected` in the mean, as far as they scatter.
#[track_caller]
fn check_mean(shape: &Shape, from: SimTime, to: SimTime, expected: f64) {
    let length = to.since(from).as_secs_f64();
    let drawn = |seed| shape.drawn(&mut Draws::new(seed, 0, to));
    let average = |seed| drawn(seed).requests_between(from, to) / length;
    let averages: Vec<f64> = (1..=SEEDS).map(average).collect();
    let count = SEEDS as f64;
    let mean = averages.iter().sum::<f64>() / count;
    let variance = averages.iter().map(|one| (one - mean) * (one - mean)).sum::<f64>() / (count - 1.0);
    let interval = QUANTILE * (variance / count).sqrt();
    assert!(interval > 0.0 && interval < 0.2 * expected, "the check is sharp: {interval} of {expected}");
    assert!((mean - expected).abs() <= interval, "{mean} is not {expected} within {interval}");
}

fn bursts() -> Shape {
    let [every, lasts] = [600, 120].map(Span::from_secs);
    Shape::Bursts(Bursts { base: Rate(50.0), height: Rate(400.0), every, lasts })
}

fn chain() -> Shape {
    let state = |rate, lasts| State { rate: Rate(rate), lasts: Span::from_secs(lasts) };
    let states = vec![state(100.0, 600), state(900.0, 60), state(0.0, 30)];
    Shape::MarkovModulated(MarkovModulated { states })
}

/// rule: poisson-bursts
#[test]
fn bursts_have_their_average_from_the_first_minute_on() {
    let expected = 50.0 + 400.0 * 120.0 / 600.0;
    near(bursts().rate_at(at(7)).0, expected);
    check_mean(&bursts(), SimTime::ZERO, HORIZON, expected);
    check_mean(&bursts(), SimTime::ZERO, at(600), expected);
    check_mean(&bursts(), at(20_000), HORIZON, expected);
}

/// Bursts add up to whole multiples of their height; with one in five of the time covered, two meet at times.
#[test]
fn bursts_that_overlap_add_up() {
    let drawn = drawn(&bursts(), 1);
    let heights: Vec<f64> = (0..21_600).map(|second| (drawn.rate_at(at(second)).0 - 50.0) / 400.0).collect();
    assert!(heights.iter().all(|height| (height - height.round()).abs() < 1e-9 && *height >= 0.0));
    assert!(heights.iter().any(|height| *height > 1.5));
    // No burst is on for exp(-1/5) of the time: six hours of 36 bursts come near to that.
    let idle = heights.iter().filter(|height| **height < 0.5).count() as f64 / 21_600.0;
    assert!((0.6..0.98).contains(&idle), "{idle}");
}

/// rule: markov-modulated-rate
#[test]
fn states_have_their_share_of_the_time() {
    let expected = (100.0 * 600.0 + 900.0 * 60.0) / 690.0;
    near(chain().rate_at(at(7)).0, expected);
    check_mean(&chain(), SimTime::ZERO, HORIZON, expected);
    check_mean(&chain(), SimTime::ZERO, at(1800), expected);
    let drawn = drawn(&chain(), 1);
    for second in 0..21_600 {
        let rate = drawn.rate_at(at(second)).0;
        assert!([100.0, 900.0, 0.0].iter().any(|one| (one - rate).abs() < 1e-9), "{rate}");
    }
}

/// rule: traffic-noise
#[test]
fn noise_leaves_the_mean_and_has_its_deviation() {
    let noise = |deviation| {
        Shape::Noise(Noise { of: Box::new(Shape::Diurnal(day(0.6))), deviation, every: Span::from_secs(60) })
    };
    let plain = Shape::Diurnal(day(0.6)).requests_between(SimTime::ZERO, HORIZON);
    check_mean(&noise(0.3), SimTime::ZERO, HORIZON, plain / HORIZON.as_secs_f64());
    let factor = |minute: u64| {
        let instant = at(60 * minute + 30);
        drawn(&noise(0.3), minute / 300).rate_at(instant).0 / Shape::Diurnal(day(0.6)).rate_at(instant).0
    };
    let deviations: f64 = (0..360).map(|minute| (factor(minute) - 1.0).powi(2)).sum::<f64>() / 360.0;
    assert!((deviations.sqrt() - 0.3).abs() < 0.06, "{}", deviations.sqrt());
    let silent = drawn(&noise(0.0), 1);
    near(silent.requests_between(SimTime::ZERO, HORIZON), plain);
}

/// Numbers are drawn in two ways, by how many are expected; the variance of either is the mean.
///
/// rule: poisson-requests
#[test]
fn poisson_numbers_have_their_mean_and_as_much_variance() {
    for mean in [0.5, 3.0, 9.9, 10.0, 40.0, 4000.0] {
        let of = Box::new(Shape::Constant(Rate(mean)));
        let poisson = Shape::Poisson(Poisson { of, every: Span::from_secs(1) });
        check_mean(&poisson, SimTime::ZERO, at(500), mean);
        let drawn = poisson.drawn(&mut Draws::new(1, 0, at(20_000)));
        let counts: Vec<f64> = (0..20_000).map(|second| drawn.rate_at(at(second)).0).collect();
        assert!(counts.iter().all(|count| (count - count.round()).abs() < 1e-9), "whole requests");
        let variance = counts.iter().map(|count| (count - mean).powi(2)).sum::<f64>() / 20_000.0;
        // The variance of that is 2/n and 1/(n mean) of its square.
        let interval = QUANTILE * mean * (2.0_f64 / 20_000.0 + 1.0 / (20_000.0 * mean)).sqrt();
        assert!((variance - mean).abs() <= interval, "{variance} is not {mean} within {interval}");
    }
}

/// rule: traffic-draws
#[test]
fn draws_follow_from_seed_stream_and_place_alone() {
    let both = Shape::Sum(vec![bursts(), Shape::Product(Product(vec![chain(), Shape::Constant(Rate(1.0))]))]);
    assert!(both.is_random() && !drawn(&both, 1).is_random());
    let of = |seed, stream, shape: &Shape| shape.drawn(&mut Draws::new(seed, stream, HORIZON));
    assert_eq!(of(1, 0, &both), of(1, 0, &both));
    assert_ne!(of(1, 0, &both), of(2, 0, &both));
    assert_ne!(of(1, 0, &both), of(1, 1, &both));
    // Two bursts of one stream are not the same bursts.
    let Shape::Sum(twice) = of(1, 0, &Shape::Sum(vec![bursts(), bursts()])) else {
        panic!("a sum stays one")
    };
    assert_ne!(twice[0], twice[1]);
    assert_eq!(twice[0], of(1, 0, &bursts()), "what comes after a shape changes none of its draws");
    // A longer run begins as a shorter one does.
    let longer = both.drawn(&mut Draws::new(1, 0, SimTime(2 * HORIZON.0)));
    let end = at(6 * 3600 - 1);
    assert_eq!(
        longer.requests_between(SimTime::ZERO, end).to_bits(),
        of(1, 0, &both).requests_between(SimTime::ZERO, end).to_bits()
    );
}

#[test]
fn what_leaves_nothing_to_chance_stays_as_it_is() {
    let gateway = gateway();
    assert!(!gateway.is_random());
    assert_eq!(drawn(&gateway, 1), gateway);
}
