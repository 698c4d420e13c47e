//! kube-scheduler v1.34.1 in its own words: queue, cycle, framework, profiles, plugins, preemption.
//!
//! The scheduler reads the cluster and answers with a decision; it never changes it. One attempt looks for feasible
//! nodes in node order from a rotating start, stops as upstream does, scores what it found, normalises per plugin over
//! the window, and draws among the best.

pub mod config;
pub mod event;
pub mod fit_error;
pub mod framework;
pub mod plugins;
pub mod preemption;
pub mod profile;
pub mod queue;
pub mod reference;
pub mod registry;
pub mod sampling;
pub mod select;

use crate::cluster::Cluster;
use crate::id::{NodeId, PodId};
use crate::object::PodSpec;
use crate::rule::Rule;
use crate::units::SimTime;

pub use config::SchedulerConfig;
pub use profile::Profile;
pub use queue::Queue;
pub use reference::{Evaluation, Refused, Rejectors};
pub use registry::Registry;
pub use select::TieBreak;

use fit_error::FitError;
use framework::NoFit;
use preemption::Preemption;

/// How a pod finds its node, beside what the plugins say of themselves.
pub(crate) const RULES: &[&[Rule]] = &[
    config::RULES,
    sampling::RULES,
    reference::RULES,
    framework::RULES,
    select::RULES,
    fit_error::RULES,
    queue::RULES,
    plugins::resource_policy::RULES,
    plugins::elastic_resource::RULES,
];

/// Whether and how preemption is tried when no node fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PreemptionMode {
    /// PostFilter runs; what it decides is in the attempt.
    On,
    /// PostFilter does not run and adds no text.
    Off,
}

/// The scheduler between two attempts.
pub struct Scheduler {
    profiles: Vec<Profile>,
    tie_break: TieBreak,
    preemption: PreemptionMode,
    next_start: usize,
}

/// How an attempt ended.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// This node is best.
    Chosen(NodeId),
    /// No node fits; the text says why, and preemption may have found victims.
    Unschedulable(Failure),
    /// The cluster has no nodes: an error, which waits in a backoff of its own.
    NoNodes,
}

/// Why no node fits.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The text of the event and of the pod's condition.
    pub text: FitError,
    /// What preemption found.
    pub preemption: Preemption,
}

/// One attempt, with everything that was looked at.
#[derive(Debug)]
pub struct Attempt {
    /// What filters and scores said.
    pub evaluation: Evaluation,
    /// How it ended.
    pub outcome: Outcome,
    /// Where in the node order the search started.
    pub start: usize,
    /// How many nodes were looked at; `None` if a PreFilter rejected the pod or its nominated node took it.
    pub examined: Option<usize>,
}

/// What upstream says when there is no node at all (schedule_one.go:63 `ErrNoNodesAvailable`).
pub const NO_NODES: &str = "no nodes available to schedule pods";

impl Scheduler {
    /// A scheduler with these profiles, the first attempt starting at the first node.
    pub fn new(profiles: Vec<Profile>, tie_break: TieBreak, preemption: PreemptionMode) -> Self {
        Self { profiles, tie_break, preemption, next_start: 0 }
    }

    /// The profile that schedules a pod; `None` if it names a scheduler that is not this one.
    pub fn profile_of(&self, pod: &PodSpec) -> Option<&Profile> {
        self.profiles.iter().find(|profile| profile.name == pod.scheduler_name)
    }

    /// All profiles.
    pub fn profiles(&self) -> &[Profile] {
        &self.profiles
    }

    /// What draws are keyed by; 0 where nothing is drawn.
    pub fn seed(&self) -> u64 {
        match self.tie_break {
            TieBreak::Random { seed } => seed,
            TieBreak::Name => 0,
        }
    }

    /// Where in the node order the next attempt starts.
    pub fn next_start(&self) -> usize {
        self.next_start
    }

    /// A pod that is about to be bound to a node, with what plugins write to it; `None` if they write nothing.
    pub fn written(&self, cluster: &Cluster, pod: PodId, node: NodeId) -> Option<PodSpec> {
        let spec = cluster.spec_of(pod);
        self.profile_of(spec)?.written(spec, cluster.node(node), cluster)
    }

    /// When a pod that `rejectors` rejected is to be tried again although nothing may have happened.
    pub fn retry_at(&self, cluster: &Cluster, pod: PodId, rejectors: &Rejectors) -> Option<SimTime> {
        let filters = &self.profile_of(cluster.spec_of(pod))?.filters;
        let asked = filters.iter().filter(|entry| rejectors.contains(entry.name()));
        asked.filter_map(|entry| entry.part().retry_at(pod, cluster)).min()
    }

    /// Tries to find a node for a pod; `attempt` counts from 1 and keys the draws. The pod must belong to a profile.
    pub fn attempt(&mut self, cluster: &Cluster, pod: PodId, attempt: u32) -> Attempt {
        let start = self.next_start;
        if cluster.node_count() == 0 {
            let evaluation = Evaluation::default();
            return Attempt { evaluation, outcome: Outcome::NoNodes, start, examined: None };
        }
        let spec = cluster.spec_of(pod);
        let profile = self.profile_of(spec).expect("only pods of a profile are queued");
        let evaluation = reference::evaluate(profile, cluster, pod, start);
        let outcome = match select::choose(self.tie_break, cluster, pod, attempt, &evaluation.best) {
            Some(node) => Outcome::Chosen(node),
            None => Outcome::Unschedulable(self.explain(profile, cluster, pod, attempt, &evaluation)),
        };
        if let Some(examined) = evaluation.examined {
            self.next_start = (start + examined) % cluster.node_count();
        }
        Attempt { start, examined: evaluation.examined, evaluation, outcome }
    }

    /// PostFilter and the text of the failure.
    fn explain(
        &self,
        profile: &Profile,
        cluster: &Cluster,
        pod: PodId,
        attempt: u32,
        evaluation: &Evaluation,
    ) -> Failure {
        let filter = fit_error::filter_text(cluster, evaluation);
        let (post_filter, preemption) = match self.preemption {
            PreemptionMode::Off => (String::new(), None),
            PreemptionMode::On => {
                let draw = |count| self.tie_break.preemption_offset(cluster, pod, attempt, count);
                profile.post_filter(&NoFit { profile, cluster, pod, evaluation, draw: &draw })
            }
        };
        Failure { text: FitError { filter, post_filter }, preemption: preemption.unwrap_or_default() }
    }
}

#[cfg(test)]
mod tests;
