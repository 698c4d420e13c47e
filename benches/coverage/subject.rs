//! Figures whose intervals are tried out.

use std::path::Path;

use overspill::experiment::{measure_into, measure_with_seed};
use overspill::scenario::{ReadOptions, open};
use overspill::scheduler::Registry;

use crate::loss::{Counted, erlang_b, loss_system};

/// One figure of one scenario.
pub(crate) struct Subject {
    /// The name of its column.
    pub(crate) name: &'static str,
    /// The metric.
    pub(crate) metric: &'static str,
    /// Of what it is.
    pub(crate) about: &'static str,
    /// Its true mean where theory knows it; that of all runs otherwise.
    pub(crate) exact: Option<f64>,
    /// The figure of the run with this seed.
    pub(crate) run: Box<dyn Fn(u64) -> f64 + Sync>,
}

/// All of them.
pub(crate) fn all() -> [Subject; 2] {
    [erlang_share(), ready_wait()]
}

/// The share of pods that overflow, where Erlang's first formula knows it. The pods of the warm-up are left out, so that it
/// is the mean of a system that has been running for ever.
fn erlang_share() -> Subject {
    const SLOTS: usize = 10;
    const LOAD: f64 = 8.0;
    let scenario = loss_system(1, SLOTS, LOAD, 1).resolve();
    Subject {
        name: "erlang_b_share",
        metric: "overflow.share",
        about: "2000 pods that arrive as 8 erlang at 10 slots, after a warm-up",
        exact: Some(erlang_b(SLOTS, LOAD)),
        run: Box::new(move |seed| Counted::of(&measure_with_seed(&scenario, seed, &mut |_| {})).share()),
    }
}

/// How long 99 of 100 pods of the shipped gateway took at most until they were ready.
fn ready_wait() -> Subject {
    const METRIC: &str = "ready.waitSeconds.p99";
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/gateway-spike/scenario.yaml");
    let (_, resolved) = open(&file, &ReadOptions::default(), &Registry::ack()).expect("it is sound");
    let scenario = resolved.scenario;
    Subject {
        name: "gateway_spike_ready_p99_s",
        metric: METRIC,
        about: "scenarios/gateway-spike/scenario.yaml",
        exact: None,
        run: Box::new(move |seed| {
            let (measured, ()) = measure_into(&scenario, seed, (), &mut |_| {});
            let summary = &measured.observation.summary;
            assert!(!summary.is_censored(METRIC), "seed {seed}: a lower bound has no interval");
            summary.get(METRIC).expect("pods become ready").number
        }),
    }
}
