//! A system whose overflow Erlang's first formula knows.

use overspill::experiment::Measured;
use overspill::metric::Overflow;
use overspill::units::SimTime;

use crate::folder::Case;

/// The mean lifetime of a pod.
pub(crate) const LIFETIME_S: f64 = 10.0;
/// Pods that arrive before this are not counted: twenty lifetimes after an empty start nothing is left of it.
pub(crate) const WARM_UP: SimTime = SimTime::from_secs(200);
/// About how many pods of one run are counted.
const ARRIVALS: f64 = 2000.0;

/// Pods of one core that arrive by chance and live by chance, `slots` of which have room on ECS; there is always room
/// on the virtual node. They prefer ECS by 200 points, more than all other plugins together give the virtual node, and
/// as pods without owner and Service they are not spread: ECS is filled first, strictly.
pub(crate) fn loss_system(nodes: usize, slots: usize, load: f64, seed: u64) -> Case {
    let rate = load / LIFETIME_S;
    let horizon = WARM_UP.as_secs_f64() + ARRIVALS / rate;
    let spec = format!(
        r#"  horizon: {horizon:.0}s
  seed: {seed}
  pools:
    slots:
      count: {nodes}
      allocatable: {{cpu: {cores}, memory: 256Gi, pods: "110"}}
      labels: {{place: slots}}
      price: 0.26/h
  virtualNodes:
    cn-hangzhou-j: {{}}
  sources:
    jobs:
      arrivals: {{poisson: {{rate: {rate}/s}}}}
      lifetime: {{exponential: {{mean: {LIFETIME_S}s}}}}
      startup: none
      gracePeriod: 0s
      template:
        spec:
          tolerations: [{{key: virtual-kubelet.io/provider, operator: Exists}}]
          affinity:
            nodeAffinity:
              preferredDuringSchedulingIgnoredDuringExecution:
                - {{weight: 100, preference: {{matchExpressions: [{{key: place, operator: In, values: [slots]}}]}}}}
          containers:
            - {{name: job, image: job, resources: {{requests: {{cpu: 1, memory: 1Gi}}}}}}
"#,
        cores = slots / nodes,
    );
    Case { spec, manifest: "" }
}

/// The part of arrivals that `slots` servers turn away under a load of `load` erlang: Erlang's first formula, by its
/// recursion (A. K. Erlang, *Solution of some problems in the theory of probabilities of significance in automatic
/// telephone exchanges*, 1917).
pub(crate) fn erlang_b(slots: usize, load: f64) -> f64 {
    (1..=slots).fold(1.0, |before, server| load * before / (server as f64 + load * before))
}

/// What became of the pods of a run that are counted.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counted {
    pub(crate) pods: usize,
    /// Those that found all slots taken.
    pub(crate) overflown: usize,
}

impl Counted {
    pub(crate) fn of(run: &Measured) -> Self {
        let pods = run.observation.pods.iter().filter(|pod| pod.created >= WARM_UP);
        let overflown = pods.clone().filter(|pod| pod.overflow == Some(Overflow::Full));
        Self { overflown: overflown.count(), pods: pods.count() }
    }

    pub(crate) fn share(self) -> f64 {
        self.overflown as f64 / self.pods as f64
    }
}
