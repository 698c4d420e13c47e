//! Against formulas worked out in other ways, and against queues of single requests.

use proptest::prelude::*;
use rand_chacha::ChaCha8Rng;

use super::*;
use crate::random::{Purpose, Stream, generator, standard_exponential};

/// A mean cpu time.
const SERVICE: f64 = 0.01;

fn queue(cores: f64, use_of: f64, cv: f64) -> Queue {
    Queue { cores, busy: cores * use_of, service_s: SERVICE, cv_squared: cv * cv }
}

fn time(cv: f64) -> ServiceTime {
    ServiceTime { base: Span::ZERO, cv, queue_timeout: Span::from_secs(3600) }
}

/// A million requests that meet a queue.
fn latencies(queue: Queue, time: &ServiceTime) -> Latencies {
    let mut all = Latencies::default();
    all.served(time, queue.service_s * queue.stretch(), queue.wait(), 1e6);
    all
}

#[track_caller]
fn near(measured: f64, expected: f64, relative: f64) {
    assert!((measured - expected).abs() <= relative * expected.abs(), "{measured} is not {expected}");
}

/// The share of time with each number of requests in a queue with whole cores, from the balance of births and deaths.
fn balance(cores: usize, busy: f64) -> Vec<f64> {
    let rise = |number: usize| busy / (number + 1).min(cores) as f64;
    let weights: Vec<f64> = (0..20_000)
        .scan(1.0, |weight, number| {
            let now = *weight;
            *weight *= rise(number);
            Some(now)
        })
        .collect();
    let all: f64 = weights.iter().sum();
    weights.iter().map(|weight| weight / all).collect()
}

/// rule: pod-queue
#[test]
fn waits_for_whole_cores_are_those_of_births_and_deaths() {
    for (cores, use_of) in [(1, 0.2), (1, 0.95), (2, 0.5), (4, 0.9), (16, 0.7), (64, 0.98)] {
        let queue = queue(cores as f64, use_of, 1.0);
        let states = balance(cores, queue.busy);
        let waiting: f64 = states[cores..].iter().sum();
        let rate = queue.busy / SERVICE;
        let in_line: f64 = states.iter().enumerate().map(|(n, p)| n.saturating_sub(cores) as f64 * p).sum();
        let Wait::Exponential { share, mean_s } = queue.wait() else { panic!("it is not full") };
        near(share, waiting, 1e-9);
        // Little's law.
        near(share * mean_s, in_line / rate, 1e-9);
        near(latencies(queue, &time(1.0)).mean().unwrap(), in_line / rate + SERVICE, 1e-9);
    }
}

/// The time in M/M/1 is exponential, with the rate of service less that of arrivals.
///
/// rule: request-time
#[test]
fn times_at_one_core_are_exponential() {
    for use_of in [0.1, 0.5, 0.9, 0.99] {
        let all = latencies(queue(1.0, use_of, 1.0), &time(1.0));
        let mean = SERVICE / (1.0 - use_of);
        near(all.mean().unwrap(), mean, 1e-9);
        for share in [0.5, 0.95, 0.99, 0.999] {
            near(all.quantile(share).unwrap(), -mean * libm::log(1.0 - share), 1e-3);
        }
        near(all.longest().unwrap(), mean * libm::log(1e6 + 1.0), 2e-3);
    }
}

/// Pollaczek and Khinchine: ρ (1 + cv²) / 2 (1 - ρ) services.
#[test]
fn mean_waits_for_one_core_are_exact_whatever_scatters() {
    for (use_of, cv) in [(0.5, 0.0), (0.9, 0.0), (0.7, 0.5), (0.8, 2.0), (0.3, 5.0)] {
        let wait = use_of * (1.0 + cv * cv) / (2.0 * (1.0 - use_of)) * SERVICE;
        let all = latencies(queue(1.0, use_of, cv), &time(cv));
        near(all.mean().unwrap(), wait + SERVICE, 1e-9);
        // The mean is also the area below the probabilities to take longer.
        let steps = 20_000_u32;
        let quantiles = (0..steps)
            .step_by(200)
            .map(|step| all.quantile((f64::from(step) + 100.0) / f64::from(steps)).unwrap());
        near(quantiles.sum::<f64>() / 100.0, wait + SERVICE, 0.06);
    }
}

#[test]
fn what_nobody_waits_for_takes_base_and_service() {
    let alone = |cv| Queue { cores: f64::INFINITY, ..queue(1.0, 0.5, cv) };
    let base = Span::from_millis(2);
    let constant = latencies(alone(0.0), &ServiceTime { base, ..time(0.0) });
    for share in [0.01, 0.5, 0.99] {
        near(constant.quantile(share).unwrap(), 0.012, 1e-6);
    }
    near(constant.longest().unwrap(), 0.012, 1e-6);
    near(latencies(alone(1.0), &time(1.0)).quantile(0.95).unwrap(), SERVICE * libm::log(20.0), 1e-6);
    // A gamma law of shape 2: 1 - p = exp(-2x) (1 + 2x), for a mean of 1.
    let half = latencies(alone(0.5_f64.sqrt()), &time(0.5_f64.sqrt()));
    for (share, x) in [(0.5, 0.839_173_5), (0.95, 2.371_932), (0.99, 3.319_176)] {
        near(half.quantile(share).unwrap(), x * SERVICE, 1e-5);
    }
    // One of shape 1/2 is the square of a normal number: that is 1.959964 in 95 of 100 cases, and squared its mean is 1.
    let double = latencies(alone(2.0_f64.sqrt()), &time(2.0_f64.sqrt()));
    near(double.quantile(0.95).unwrap(), 1.959_964_f64.powi(2) * SERVICE, 1e-5);
    assert_eq!(Latencies::default().quantile(0.5), None);
}

/// rule: queue-timeout
#[test]
fn nobody_waits_longer_than_the_timeout() {
    let time = ServiceTime { queue_timeout: Span::from_millis(500), ..time(0.0) };
    assert_eq!(queue(2.0, 1.0, 0.0).wait(), Wait::Full);
    let full = latencies(queue(2.0, 1.1, 0.0), &time);
    near(full.quantile(0.01).unwrap(), 0.51, 1e-6);
    near(full.mean().unwrap(), 0.51, 1e-9);
    let nearly = latencies(queue(2.0, 0.99, 0.0), &time);
    near(nearly.longest().unwrap(), 0.51, 1e-6);
    assert!(nearly.quantile(0.01).unwrap() < 0.1 && nearly.mean().unwrap() < 0.51);
}

/// Half a core takes twice as long, and is as busy as a whole one with half the requests.
///
/// rule: fractional-cores
#[test]
fn half_a_core_is_a_slow_one() {
    let half = latencies(Queue { cores: 0.5, busy: 0.3, service_s: SERVICE, cv_squared: 1.0 }, &time(1.0));
    near(half.mean().unwrap(), 2.0 * SERVICE / (1.0 - 0.6), 1e-9);
    let Wait::Exponential { share, .. } = queue(1.5, 0.8, 1.0).wait() else { panic!("it is not full") };
    let of = |cores: f64| match (Queue { cores, ..queue(1.5, 0.8, 1.0) }).wait() {
        Wait::Exponential { share, .. } => share,
        Wait::Full => 1.0,
    };
    assert!(of(2.0) < share && share < of(1.25), "{share}");
    near(of(2.0 - 1e-9), of(2.0), 1e-6);
}

/// A queue of single requests, served in order of arrival: what share of them take longer than each of `limits`, after
/// a run-in.
fn simulated(cores: usize, use_of: f64, limits: &[f64], seed: u64) -> Vec<f64> {
    const RUN_IN: usize = 2000;
    const REQUESTS: usize = 10_000;
    let mut draws: ChaCha8Rng = generator(seed, Purpose::Requests, Stream::of(0, 0));
    let mut free_at = vec![0.0_f64; cores];
    let (mut now, mut longer) = (0.0, vec![0.0; limits.len()]);
    for number in 0..RUN_IN + REQUESTS {
        now += standard_exponential(&mut draws) * SERVICE / (cores as f64 * use_of);
        let core = (0..cores).min_by(|&a, &b| free_at[a].total_cmp(&free_at[b])).unwrap();
        free_at[core] = free_at[core].max(now) + standard_exponential(&mut draws) * SERVICE;
        let taken = free_at[core] - now;
        if number >= RUN_IN {
            for (count, limit) in longer.iter_mut().zip(limits) {
                *count += f64::from(u8::from(taken > *limit)) / REQUESTS as f64;
            }
        }
    }
    longer
}

/// 3.646 is Student's 99.95 % quantile for 29 degrees of freedom, so that the intervals are of 99.9 %.
#[test]
fn quantiles_are_those_of_simulated_requests() {
    const RUNS: usize = 30;
    for (cores, use_of) in [(1, 0.8), (3, 0.7), (8, 0.85)] {
        let all = latencies(queue(cores as f64, use_of, 1.0), &time(1.0));
        let shares = [0.5, 0.95, 0.99];
        let limits = shares.map(|share| all.quantile(share).unwrap());
        let runs: Vec<_> = (0..RUNS as u64).map(|seed| simulated(cores, use_of, &limits, seed)).collect();
        for (place, share) in shares.into_iter().enumerate() {
            let mean = runs.iter().map(|run| run[place]).sum::<f64>() / RUNS as f64;
            let square = runs.iter().map(|run| (run[place] - mean).powi(2)).sum::<f64>() / (RUNS - 1) as f64;
            let interval = 3.646 * (square / RUNS as f64).sqrt();
            assert!(
                (mean - (1.0 - share)).abs() <= interval,
                "{cores}: {mean} ± {interval}, not {}",
                1.0 - share
            );
        }
    }
}

#[test]
fn what_is_told_in_parts_is_what_is_told_at_once() {
    let (time, other) = (time(1.0), ServiceTime { base: Span::from_millis(5), ..time(0.5) });
    let mut all = latencies(queue(2.0, 0.7, 1.0), &time);
    all.add(&latencies(queue(2.0, 0.9, 0.5), &other));
    all.add(&latencies(queue(2.0, 0.7, 1.0), &time));
    let mut parts = Latencies::default();
    for (of, requests, queue) in [(&time, 2e6, queue(2.0, 0.7, 1.0)), (&other, 1e6, queue(2.0, 0.9, 0.5))] {
        parts.served(of, SERVICE, queue.wait(), requests);
    }
    near(all.requests(), 3e6, 1e-12);
    near(all.mean().unwrap(), parts.mean().unwrap(), 1e-12);
    for share in [0.5, 0.99] {
        near(all.quantile(share).unwrap(), parts.quantile(share).unwrap(), 1e-6);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// More cores make no quantile longer. Waits are kept on a grid, which is good for a thousandth.
    #[test]
    fn more_cores_make_nothing_longer(
        busy in 0.05..20.0, spare in 0.01..5.0, more in 0.0..5.0, cv in prop_oneof![Just(0.0), Just(1.0), 0.1..4.0],
    ) {
        let at = |cores: f64| {
            latencies(Queue { cores, busy, service_s: SERVICE, cv_squared: cv * cv }, &time(cv))
        };
        let (few, many) = (at(busy + spare), at(busy + spare + more));
        prop_assert!(many.mean() <= few.mean().map(|mean| mean * (1.0 + 1e-9)));
        for share in [0.5, 0.95, 0.99] {
            let (few, many) = (few.quantile(share).unwrap(), many.quantile(share).unwrap());
            prop_assert!(many <= few * 1.002, "{share}: {few}, and {many} with more cores");
        }
    }

    /// Quantiles are in order, and above what every request takes.
    #[test]
    fn quantiles_are_in_order(cores in 0.1..30.0, use_of in 0.01..1.2, cv in 0.0..5.0, base in 0_u64..100) {
        let time = ServiceTime { base: Span::from_millis(base), cv, ..ServiceTime::default() };
        let all = latencies(queue(cores, use_of, cv), &time);
        let quantiles = [0.01, 0.5, 0.95, 0.99].map(|share| all.quantile(share).unwrap());
        prop_assert!(quantiles.is_sorted() && quantiles[0] >= time.base.as_secs_f64());
        prop_assert!(all.longest().unwrap() >= quantiles[3]);
    }
}
