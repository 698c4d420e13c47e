//! What is known of queues without loss, on seeds fixed in advance and inside intervals of 99.9 %.

use overspill::experiment::Measured;
use overspill::units::{SimTime, Span};

use crate::QUANTILE_999;
use crate::folder::{Case, check_figure};
use crate::loss::{LIFETIME_S, WARM_UP, erlang_b};

/// Two-sided 99.9 % quantile of Student's distribution with eleven degrees of freedom, for twelve runs.
const STUDENT_999_OF_12: f64 = 4.437;
/// The runs of the system that waits; each is one sample, as the waits within a run hang together.
const RUNS: u64 = 12;
/// About how many pods of one run are counted.
const ARRIVALS: f64 = 1500.0;

/// Pods of one core that arrive by chance and live by chance, `slots` of which have room; the others wait.
///
/// What the scheduler adds to their wait is nothing: a pod's backoff is kept out because kube-scheduler 1.34 takes pods
/// out of backoffQ as soon as activeQ is empty (SchedulerPopFromBackoffQ), so that the end of a pod is followed by the
/// next attempt at the same instant.
fn waiting_system(slots: u32, load: f64, seed: u64) -> Case {
    let rate = load / LIFETIME_S;
    let horizon = WARM_UP.as_secs_f64() + ARRIVALS / rate;
    let spec = format!(
        r"  horizon: {horizon:.0}s
  seed: {seed}
  pools:
    slots: {{count: 1, allocatable: {{cpu: {slots}, memory: 256Gi, pods: '110'}}, price: 0.26/h}}
  sources:
    jobs:
      arrivals: {{poisson: {{rate: {rate}/s}}}}
      lifetime: {{exponential: {{mean: {LIFETIME_S}s}}}}
      startup: none
      gracePeriod: 0s
      template: {{spec: {{containers: [{{name: job, image: job, resources: {{requests: {{cpu: 1, memory: 1Gi}}}}}}]}}}}
"
    );
    Case { spec, manifest: "" }
}

/// The mean wait of M/M/c: Erlang's second formula over what is free of the service rate (A. K. Erlang, 1917).
fn erlang_c_wait_s(slots: u32, load: f64) -> f64 {
    let loss = erlang_b(slots as usize, load);
    let busy = load / f64::from(slots);
    let waits = loss / (1.0 - busy * (1.0 - loss));
    waits * LIFETIME_S / (f64::from(slots) - load)
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn deviation(values: &[f64]) -> f64 {
    let mean = mean(values);
    (values.iter().map(|one| (one - mean).powi(2)).sum::<f64>() / (values.len() - 1) as f64).sqrt()
}

#[track_caller]
fn check_waits(slots: u32, load: f64) {
    let mean_wait = |seed| {
        let run = waiting_system(slots, load, seed).measure();
        let end = SimTime::ZERO + run.observation.horizon;
        let counted = run.observation.pods.iter().filter(|pod| pod.created >= WARM_UP);
        let waits = counted.map(|pod| pod.scheduled.unwrap_or(end).since(pod.created).as_secs_f64());
        mean(&waits.collect::<Vec<_>>())
    };
    let means: Vec<f64> = (1..=RUNS).map(mean_wait).collect();
    let (seen, exact) = (mean(&means), erlang_c_wait_s(slots, load));
    let half_width = STUDENT_999_OF_12 * deviation(&means) / (RUNS as f64).sqrt();
    assert!((seen - exact).abs() <= half_width, "a mean wait of {seen} s, expected {exact} ± {half_width}");
    for other in [slots - 1, slots + 1] {
        let miss = (erlang_c_wait_s(other, load) - exact).abs();
        assert!(miss > half_width, "too few arrivals to tell {slots} slots from {other}");
    }
}

#[test]
fn waits_for_one_of_five_slots() {
    check_waits(5, 3.0);
}

#[test]
fn waits_for_one_of_three_slots() {
    check_waits(3, 1.8);
}

/// Values of tables of Erlang C: of 5 servers at 3 erlang 23.6 % wait, of one server at half load half.
#[test]
fn the_formula_of_waits_gives_known_values() {
    assert!((erlang_c_wait_s(5, 3.0) - 0.236_15 * LIFETIME_S / 2.0).abs() < 1e-3);
    assert!((erlang_c_wait_s(1, 0.5) - LIFETIME_S).abs() < 1e-9);
}

/// Pods that all have room at once.
fn open_system(lifetime: &str, rate: f64, horizon: f64, seed: u64) -> Measured {
    let spec = format!(
        r"  horizon: {horizon:.0}s
  seed: {seed}
  pools:
    room: {{count: 1, allocatable: {{cpu: '100000', memory: 256Gi, pods: '100000'}}, price: 0.26/h}}
  sources:
    jobs:
      arrivals: {{poisson: {{rate: {rate}/s}}}}
      lifetime: {lifetime}
      startup: none
      gracePeriod: 0s
      template: {{spec: {{containers: [{{name: job, image: job}}]}}}}
"
    );
    let run = Case { spec, manifest: "" }.measure();
    check_figure(&run, "pending.podSeconds", 0.0);
    run
}

/// The mean number of pods that are there between two instants.
fn mean_alive(run: &Measured, from: SimTime, to: SimTime) -> f64 {
    let stay = |pod: &overspill::metric::PodRow| {
        let end = pod.finished.unwrap_or(to).min(to);
        end.since(pod.created.max(from)).0
    };
    run.observation.pods.iter().map(stay).sum::<u64>() as f64 / to.since(from).0 as f64
}

/// M/G/∞: whatever the law of lifetimes, as many pods are there in the mean as arrive in a mean lifetime. The variance of
/// that mean over a time T is λ E[S²] / T, twice the integral of the autocovariance λ ∫ P(S > u) du.
#[test]
fn as_many_are_there_as_arrive_in_a_mean_lifetime() {
    const RATE: f64 = 2.0;
    const HORIZON: f64 = 1200.0;
    let gamma = statrs::function::gamma::gamma;
    let weibull = [1.0, 2.0].map(|power: f64| libm::pow(8.0, power) * gamma(1.0 + power / 0.8));
    for (seed, (lifetime, first, second)) in (11..).zip([
        ("{constant: 10s}", 10.0, 100.0),
        ("{exponential: {mean: 10s}}", 10.0, 200.0),
        ("{uniform: {min: 0s, max: 20s}}", 10.0, 400.0 / 3.0),
        ("{lognormal: {median: 8s, sigma: 0.6}}", 8.0 * libm::exp(0.18), 64.0 * libm::exp(0.72)),
        ("{gamma: {mean: 10s, shape: 0.5}}", 10.0, 300.0),
        ("{weibull: {scale: 8s, shape: 0.8}}", weibull[0], weibull[1]),
        ("{empirical: {values: [2s, 10s, 40s], weights: [5, 4, 1]}}", 9.0, 202.0),
    ]) {
        let run = open_system(lifetime, RATE, HORIZON, seed);
        let end = SimTime::ZERO + run.observation.horizon;
        let (seen, exact) = (mean_alive(&run, WARM_UP, end), RATE * first);
        let half_width = QUANTILE_999 * (RATE * second / end.since(WARM_UP).as_secs_f64()).sqrt();
        assert!(
            (seen - exact).abs() <= half_width,
            "{lifetime}: {seen} alive, expected {exact} ± {half_width}"
        );
        assert!(half_width < 0.25 * exact, "{lifetime}: too short a run to tell anything");
    }
}

/// M/G/∞: how many are there at an instant is Poisson. Lifetimes end after 20 s at most, so that counts 21 s apart hang
/// together by nothing; the squares of what they differ from the mean by, over the mean, follow nearly the chi-squared
/// law, which for so many counts is normal with variance 2 and what four moments of Poisson add.
#[test]
fn how_many_are_there_is_poisson() {
    const MEAN: f64 = 5.0;
    const COUNTS: u64 = 150;
    for (seed, lifetime) in [(21, "{constant: 10s}"), (22, "{uniform: {min: 0s, max: 20s}}")] {
        let run = open_system(lifetime, MEAN / 10.0, 21.0 * (COUNTS + 1) as f64, seed);
        let alive = |number: u64| {
            let at = SimTime::from_secs(21 * number);
            let is_there = |pod: &&overspill::metric::PodRow| {
                pod.created <= at && pod.finished.is_none_or(|finished| finished > at)
            };
            run.observation.pods.iter().filter(is_there).count() as f64
        };
        let counts: Vec<f64> = (1..=COUNTS).map(alive).collect();
        let half_width = QUANTILE_999 * (MEAN / COUNTS as f64).sqrt();
        assert!((mean(&counts) - MEAN).abs() <= half_width, "{lifetime}: {} ± {half_width}", mean(&counts));
        let spread = counts.iter().map(|count| (count - MEAN).powi(2)).sum::<f64>() / (MEAN * COUNTS as f64);
        let half_width = QUANTILE_999 * ((2.0 + 1.0 / MEAN) / COUNTS as f64).sqrt();
        assert!((spread - 1.0).abs() <= half_width, "{lifetime}: a spread of {spread} ± {half_width}");
        // Nobody is there with probability e^-5, at most three are with 26.5 %.
        let few = counts.iter().filter(|count| **count <= 3.0).count() as f64 / COUNTS as f64;
        let half_width = QUANTILE_999 * (0.265 * 0.735 / COUNTS as f64).sqrt();
        assert!((few - 0.265_03).abs() <= half_width, "{lifetime}: {few} of the counts are at most 3");
    }
}

/// Pods on a virtual node, each of which calls for an instance.
fn instances(arrivals: &str, horizon: u32, seed: u64) -> Vec<(SimTime, SimTime)> {
    let spec = format!(
        r"  horizon: {horizon}s
  seed: {seed}
  virtualNodes:
    cn-hangzhou-j: {{vswitchIps: 100000}}
  eci: {{quota: raised}}
  sources:
    jobs:
      {arrivals}
      lifetime: {{constant: 1h}}
      template:
        spec:
          tolerations: [{{key: virtual-kubelet.io/provider, operator: Exists}}]
          containers: [{{name: job, image: job, resources: {{requests: {{cpu: 1, memory: 2Gi}}}}}}]
"
    );
    let run = Case { spec, manifest: "" }.measure();
    let events = &run.observation.events;
    let created = |name: &str| {
        let object = format!("Pod/default/{name}");
        let creating =
            |event: &&overspill::metric::EventRow| event.reason == "Creating" && event.object == object;
        events.iter().find(creating).map(|event| event.time)
    };
    let bound = |pod: &overspill::metric::PodRow| Some((pod.scheduled?, created(&pod.name)?));
    run.observation.pods.iter().filter_map(bound).collect()
}

/// The k-th instance of a batch waits (k - 100) / 20 s, to the nanosecond: 100 calls at once, then 20 a second.
#[test]
fn a_batch_waits_for_the_rate_of_eci() {
    let all = instances("arrivals: {regular: {every: 1h}}\n      batch: {constant: 300}", 60, 1);
    assert_eq!(all.len(), 300);
    for (number, (called, created)) in (1_u64..).zip(&all) {
        let wait = Span::from_millis(50 * number.saturating_sub(100));
        assert_eq!(created.since(*called), wait, "instance {number}");
    }
}

/// The level of a bucket, run forward from call to call in thousand-millionths of a token, says when each passes. The
/// simulator keeps no level.
#[test]
fn calls_by_chance_wait_for_the_rate_of_eci() {
    const TOKEN: u64 = 1_000_000_000;
    let all = instances("arrivals: {poisson: {rate: 30/s}}", 25, 5);
    let (mut level, mut at, mut waited) = (100 * TOKEN, SimTime::ZERO, 0);
    for (called, created) in &all {
        let now = (*called).max(at);
        level = (100 * TOKEN).min(level + 20 * now.since(at).0);
        let missing = TOKEN.saturating_sub(level).div_ceil(20);
        at = now + Span(missing);
        level = level + 20 * missing - TOKEN;
        assert_eq!(*created, at);
        waited += usize::from(created > called);
    }
    // In 10 s at 30 a second the burst is used up; from then on all wait, a third of a second more each second.
    assert!(all.len() > 500 && waited > 200, "{waited} of {} waited", all.len());
    let last = all.last().map(|(called, created)| created.since(*called).as_secs_f64()).unwrap();
    let calls = 30.0 * all.last().unwrap().0.as_secs_f64();
    let expected = (calls - 100.0) / 20.0 - calls / 30.0;
    assert!((last - expected).abs() < QUANTILE_999 * calls.sqrt() / 20.0, "{last} for {expected}");
}
