//! kube-scheduler v1.34.1 in its own words: queue, cycle, framework, profiles, plugins, preemption.
//!
//! The scheduler reads the cluster and answers with a decision; it never changes it. One attempt looks for feasible
//! nodes in node order from a rotating start, stops as upstream does, scores what it found, normalises per plugin over
//! the window, and draws among the best.

mod cached;
pub mod config;
pub mod event;
pub mod fit_error;
pub mod fitting;
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

pub use cached::Reached;
pub use config::{ClientConnection, SchedulerConfig};
pub use profile::Profile;
pub use queue::Queue;
pub use reference::{Evaluation, Refused, Rejectors};
pub use registry::Registry;
pub use select::TieBreak;

use cached::{Cached, Found};
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

/// Who works out which nodes pass and what they score. All come to the same decisions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Evaluator {
    /// Arrays that are kept between attempts; fast.
    #[default]
    Cached,
    /// Every plugin, asked about every node, every time: it also tells everything that was said.
    Reference,
    /// Both, one held against the other.
    Both,
}

/// The scheduler between two attempts.
pub struct Scheduler {
    profiles: Vec<Profile>,
    tie_break: TieBreak,
    preemption: PreemptionMode,
    next_start: usize,
    evaluator: Evaluator,
    cached: Cached,
}

/// How an attempt ended.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// This node is best.
    Chosen(NodeId),
    /// No node fits; the text says why, and preemption may have found victims.
    Unschedulable(Box<Failure>),
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

/// One attempt.
#[derive(Debug)]
pub struct Attempt {
    /// Everything that filters and scores said, where the reference was asked: it is for every attempt that failed.
    evaluation: Option<Box<Evaluation>>,
    /// How it ended.
    pub outcome: Outcome,
    /// How many nodes were best.
    pub ties: usize,
    /// Where in the node order the search started.
    pub start: usize,
    /// How many nodes were looked at; `None` if a PreFilter rejected the pod or its nominated node took it.
    pub examined: Option<usize>,
}

impl Attempt {
    /// Everything that filters and scores said.
    ///
    /// # Panics
    /// If a node was found and the scheduler was not made to use [`Evaluator::Reference`].
    pub fn evaluation(&self) -> &Evaluation {
        self.evaluation.as_deref().expect("only the reference tells everything that was said")
    }
}

/// What upstream says when there is no node at all (schedule_one.go:63 `ErrNoNodesAvailable`).
pub const NO_NODES: &str = "no nodes available to schedule pods";

impl Scheduler {
    /// A scheduler with these profiles, the first attempt starting at the first node. Its evaluator is the reference.
    pub fn new(profiles: Vec<Profile>, tie_break: TieBreak, preemption: PreemptionMode) -> Self {
        let (evaluator, cached) = (Evaluator::Reference, Cached::default());
        Self { profiles, tie_break, preemption, next_start: 0, evaluator, cached }
    }

    /// The same with another evaluator.
    #[must_use]
    pub fn with_evaluator(mut self, evaluator: Evaluator) -> Self {
        self.evaluator = evaluator;
        if evaluator == Evaluator::Both {
            self.cached.keep_parts();
        }
        self
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
        let nodes = cluster.node_count();
        if nodes == 0 {
            let (evaluation, start) = (Some(Box::default()), self.next_start);
            return Attempt { evaluation, outcome: Outcome::NoNodes, ties: 0, start, examined: None };
        }
        // Nodes may have gone since the last attempt.
        self.next_start %= nodes;
        let start = self.next_start;
        let made = match self.evaluator {
            Evaluator::Reference => self.by_reference(cluster, pod, attempt),
            Evaluator::Cached => self
                .by_cached(cluster, pod, attempt)
                .unwrap_or_else(|| self.by_reference(cluster, pod, attempt)),
            Evaluator::Both => self.by_both(cluster, pod, attempt),
        };
        if let Some(examined) = made.examined {
            self.next_start = (start + examined) % nodes;
        }
        made
    }

    /// The nodes that pass every filter of a pod's profile now, in node order, however many an attempt would look at;
    /// none if it names no profile. Whoever evicts pods asks this of pods that have a node.
    pub fn feasible_nodes(&self, cluster: &Cluster, pod: PodId) -> Vec<NodeId> {
        let profile = self.profile_of(cluster.spec_of(pod));
        profile.map_or_else(Vec::new, |profile| fitting::every_fit(profile, cluster, pod))
    }

    /// The nodes that the last attempt of a pod looked at, with the plugin that rejected each.
    pub fn verdicts<'s>(
        &'s self,
        cluster: &Cluster,
        pod: PodId,
        attempt: &'s Attempt,
    ) -> Box<dyn Iterator<Item = (NodeId, Option<&'static str>)> + 's> {
        if let Some(evaluation) = &attempt.evaluation {
            let refused = evaluation.refused.iter().map(|(node, refused)| (*node, Some(refused.plugin)));
            return Box::new(evaluation.feasible.iter().map(|&node| (node, None)).chain(refused));
        }
        let number = self.profile_number(cluster.spec_of(pod));
        Box::new(self.cached.verdicts((number, &self.profiles[number]), cluster.pod(pod).class))
    }

    /// What the cached evaluator has come by so far.
    pub fn reached(&self) -> Reached {
        self.cached.reached()
    }

    fn profile_number(&self, pod: &PodSpec) -> usize {
        let named = self.profiles.iter().position(|profile| profile.name == pod.scheduler_name);
        named.expect("only pods of a profile are queued")
    }

    fn by_reference(&self, cluster: &Cluster, pod: PodId, attempt: u32) -> Attempt {
        let profile = &self.profiles[self.profile_number(cluster.spec_of(pod))];
        let start = self.next_start;
        let evaluation = reference::evaluate(profile, cluster, pod, start);
        let chosen = select::choose(self.tie_break, cluster, pod, attempt, &evaluation.best);
        let explain = || Box::new(self.explain(profile, cluster, pod, attempt, &evaluation));
        let outcome = chosen.map_or_else(|| Outcome::Unschedulable(explain()), Outcome::Chosen);
        let (examined, ties) = (evaluation.examined, evaluation.best.len());
        Attempt { evaluation: Some(Box::new(evaluation)), outcome, ties, start, examined }
    }

    /// `None` if the attempt is to be left to the reference.
    fn by_cached(&mut self, cluster: &Cluster, pod: PodId, attempt: u32) -> Option<Attempt> {
        let number = self.profile_number(cluster.spec_of(pod));
        let (start, class) = (self.next_start, cluster.pod(pod).class);
        let Found { examined, ties } =
            self.cached.evaluate((number, &self.profiles[number]), cluster, pod, start)?;
        let best = |n| self.cached.best(number, class, n);
        let node = select::choose_of(self.tie_break, cluster, pod, attempt, ties, best)?;
        let outcome = Outcome::Chosen(node);
        Some(Attempt { evaluation: None, outcome, ties, start, examined: Some(examined) })
    }

    /// Both ways, which must agree.
    fn by_both(&mut self, cluster: &Cluster, pod: PodId, attempt: u32) -> Attempt {
        let cached = self.by_cached(cluster, pod, attempt);
        let reference = self.by_reference(cluster, pod, attempt);
        let said = |one: &Attempt| match one.outcome {
            Outcome::Chosen(node) => (Some(node), one.ties, one.examined),
            _ => (None, 0, one.examined),
        };
        if let Some(cached) = cached.filter(|cached| said(cached) != said(&reference)) {
            let in_words = |one: &Attempt| {
                let (node, ties, examined) = said(one);
                let node = node.map_or("no node", |node| cluster.node(node).name());
                format!("{node}, one of {ties} best among {} that were looked at", examined.unwrap_or(0))
            };
            panic!(
                "the evaluators differ on pod {}: cached says {}; the reference {}; {}",
                cluster.full_name(pod),
                in_words(&cached),
                in_words(&reference),
                self.blamed(cluster, pod, reference.evaluation())
            );
        }
        reference
    }

    /// Whose fault it is that the evaluators differ.
    fn blamed(&self, cluster: &Cluster, pod: PodId, evaluation: &Evaluation) -> String {
        let number = self.profile_number(cluster.spec_of(pod));
        let profile = &self.profiles[number];
        match self.cached.blame((number, profile), cluster.pod(pod).class, evaluation) {
            Some((plugin, node)) => format!(
                "the reach of {plugin} is wrong: what it says of {} has changed without what it reaches",
                cluster.node(node).name()
            ),
            None => "no plugin says anything else than before: it is the evaluator's own fault".to_owned(),
        }
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
