//! Runs against formulas: where queueing theory knows the answer, the simulator gives it.

#[path = "case/folder.rs"]
mod folder;
#[path = "analytic/loss.rs"]
mod loss;
#[path = "analytic/queues.rs"]
mod queues;

use folder::{check_figure, figure};
use loss::{Counted, erlang_b, loss_system};
use overspill::experiment::Measured;
use overspill::object::NodeClass;
use overspill::units::SimTime;

/// The runs that are counted together.
const SEEDS: [u64; 6] = [1, 2, 3, 4, 5, 6];
/// The two-sided 99.9 % quantile of the standard normal distribution.
const QUANTILE_999: f64 = 3.2905;

/// What the variance of the overflow share, times the number of arrivals, tends to.
///
/// Arrivals that find all slots taken come in clusters, so the share scatters more than that of coin tosses. The number
/// of taken slots that arrivals find is a Markov chain; with its stationary law π (by PASTA that of all time), its
/// transitions P and the centred indicator f of "all taken", the variance is Σ π f (2g − f) with g = Σ Pᵏ f (Asmussen,
/// *Applied Probability and Queues*, section I.7).
fn asymptotic_variance(slots: usize, load: f64) -> f64 {
    let weights: Vec<f64> = (1..=slots)
        .scan(1.0, |weight, taken| {
            *weight *= load / taken as f64;
            Some(*weight)
        })
        .collect();
    let total = 1.0 + weights.iter().sum::<f64>();
    let law: Vec<f64> = [1.0].iter().chain(&weights).map(|weight| weight / total).collect();
    let centred: Vec<f64> = (0..=slots).map(|taken| f64::from(taken == slots) - law[slots]).collect();
    let (mut summed, mut term) = (centred.clone(), centred.clone());
    while term.iter().any(|one| one.abs() > 1e-13) {
        term = (0..=slots).map(|taken| expected_at_next_arrival(taken, slots, load, &term)).collect();
        summed.iter_mut().zip(&term).for_each(|(sum, one)| *sum += one);
    }
    (0..=slots).map(|taken| law[taken] * centred[taken] * (2.0 * summed[taken] - centred[taken])).sum()
}

/// What `values` of the number of taken slots are expected to be at the next arrival, if this one finds `taken`. Until
/// then pods only leave: while `left` are there the next event is a departure with probability left / (left + load).
fn expected_at_next_arrival(taken: usize, slots: usize, load: f64, values: &[f64]) -> f64 {
    let (mut reached, mut expected) = (1.0, 0.0);
    for left in (0..=slots.min(taken + 1)).rev() {
        let departs = left as f64 / (left as f64 + load);
        expected += reached * (1.0 - departs) * values[left];
        reached *= departs;
    }
    expected
}

/// Runs the loss system and holds its overflow share against Erlang's formula.
#[track_caller]
fn check(nodes: usize, slots: usize, load: f64) {
    let mut all = Counted::default();
    for seed in SEEDS {
        let run = loss_system(nodes, slots, load, seed).measure();
        let counted = Counted::of(&run);
        all.pods += counted.pods;
        all.overflown += counted.overflown;
        // ECS is filled first, strictly, and the virtual node is always open.
        check_figure(&run, "overflow.full", figure(&run, "overflow.pods"));
        check_figure(&run, "pending.podSeconds", 0.0);
        check_littles_law(&run);
    }
    let (share, exact) = (all.share(), erlang_b(slots, load));
    let half_width = QUANTILE_999 * (asymptotic_variance(slots, load) / all.pods as f64).sqrt();
    assert!((share - exact).abs() <= half_width, "{share} overflow, expected {exact} ± {half_width}");
    for other in [slots - 1, slots + 1] {
        let miss = (erlang_b(other, load) - exact).abs();
        assert!(miss > half_width, "too few arrivals to tell {slots} slots from {other}");
    }
}

/// Little's law for the virtual node, without expectations and exactly: the number of pods there, integrated over the
/// run, is the sum of the times that they were there.
#[track_caller]
fn check_littles_law(run: &Measured) {
    let end = SimTime::ZERO + run.observation.horizon;
    let there = run.observation.pods.iter().filter(|pod| pod.node_class == Some(NodeClass::Virtual));
    let stays = there.map(|pod| pod.finished.unwrap_or(end).since(pod.scheduled.expect("it has a node")));
    let nanos: u128 = stays.map(|stay| u128::from(stay.0)).sum();
    check_figure(run, "overflow.podSeconds", nanos as f64 / 1e9);
}

#[test]
fn five_slots_and_three_erlang() {
    check(1, 5, 3.0);
}

#[test]
fn ten_slots_and_eight_erlang() {
    check(1, 10, 8.0);
}

#[test]
fn twelve_slots_on_two_nodes_and_nine_erlang() {
    check(2, 12, 9.0);
}

#[test]
fn eight_slots_and_an_overload_of_twelve_erlang() {
    check(1, 8, 12.0);
}

/// Values of Erlang's table: 5 servers at 3 erlang lose 11.0 %, 10 at 8 lose 12.2 %, 20 at 12 lose 0.98 %.
#[test]
fn the_formula_gives_the_values_of_erlangs_table() {
    for (slots, load, loss) in [(1, 1.0, 0.5), (5, 3.0, 0.110_05), (10, 8.0, 0.121_66), (20, 12.0, 0.009_80)]
    {
        assert!((erlang_b(slots, load) - loss).abs() < 5e-6, "{slots} servers, {load} erlang");
    }
}

/// A single slot is taken after every arrival, so whether the next finds it taken is a toss of a coin.
#[test]
fn the_variance_of_one_slot_is_that_of_coin_tosses() {
    for load in [0.5, 1.0, 3.0] {
        let taken = load / (1.0 + load);
        let variance = asymptotic_variance(1, load);
        assert!((variance - taken * (1.0 - taken)).abs() < 1e-12, "{load} erlang: {variance}");
    }
}
