//! What a plugin is: the extension points of the scheduling framework.
//!
//! A plugin never loops over nodes by itself. Its PreFilter or PreScore part looks at the pod and the cluster once and
//! hands back a function of one node; the evaluator decides which nodes that function is asked about.

mod domains;
mod reach;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use crate::cluster::{Cluster, Node, Owners};
use crate::id::{NodeId, PodId};
use crate::object::PodSpec;
use crate::rule::{Confidence, Rule};
use crate::units::SimTime;

use super::event::ClusterEvent;
use super::preemption::Preemption;
use super::profile::Profile;
use super::reference::Evaluation;

pub use reach::{
    AboutImage, DomainCount, DomainScore, FilterReach, KindOf, NodeKinds, ScoreOfKind, ScoreReach, pods_on,
};

pub(super) const RULES: &[Rule] = &[Rule {
    id: "score-normalisation",
    statement: "Raw scores become 0 to 100 in whole-number arithmetic over the feasible nodes of the \
                attempt alone, by the plugin's own rule; a node that the plugin leaves out scores 0.",
    source: "pkg/scheduler/framework/plugins/helper/normalize_score.go, podtopologyspread/scoring.go, \
             interpodaffinity/scoring.go",
    confidence: Confidence::Source,
}];

/// The best score that a plugin gives a node (framework/interface.go `MaxNodeScore`).
pub const MAX_NODE_SCORE: i64 = 100;

/// Where in a scheduling attempt a plugin is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub enum ExtensionPoint {
    /// Before a pod may enter activeQ.
    PreEnqueue,
    /// The order of activeQ.
    QueueSort,
    /// Whether a node can take the pod, with what is worked out once per attempt.
    Filter,
    /// After no node could take the pod.
    PostFilter,
    /// How good a node is, with what is worked out once per attempt.
    Score,
    /// Writing the decision down.
    Bind,
}

impl fmt::Display for ExtensionPoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// What a plugin says of itself; docs/plugins.md is made of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct About {
    /// Its name, as KubeSchedulerConfiguration spells it.
    pub name: &'static str,
    /// What it does, in one sentence or formula.
    pub formula: &'static str,
    /// Its weight in the default profile; zero if it does not score.
    pub default_weight: i64,
    /// Where it was read, as `file:line`; upstream's are relative to pkg/scheduler at tag v1.34.1.
    pub source: &'static str,
}

/// Whether evicting pods could make a rejected node fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub enum Code {
    /// It could.
    Unschedulable,
    /// It could not.
    UnschedulableAndUnresolvable,
}

/// Why a filter rejects a node, or a PreFilter the pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// Whether preemption may help.
    pub code: Code,
    /// Every reason, in the plugin's order.
    pub reasons: Vec<Cow<'static, str>>,
}

impl Rejection {
    /// A rejection that preemption may mend.
    pub fn unschedulable(reason: &'static str) -> Self {
        Self { code: Code::Unschedulable, reasons: vec![reason.into()] }
    }

    /// A rejection that preemption cannot mend.
    pub fn unresolvable(reason: impl Into<Cow<'static, str>>) -> Self {
        Self { code: Code::UnschedulableAndUnresolvable, reasons: vec![reason.into()] }
    }
}

/// The Filter of one attempt: whether one node can take the pod.
pub type NodeFilter<'a> = Box<dyn Fn(&Node) -> Result<(), Rejection> + 'a>;

/// The Score of one attempt: the raw score of one node; `None` leaves the node out of normalisation, with score 0.
pub type NodeScore<'a> = Box<dyn Fn(&Node) -> Option<i64> + 'a>;

/// What a PreFilter found.
pub enum PreFilter<'a> {
    /// The Filter would pass every node: it is not asked.
    Skip,
    /// No node can take the pod.
    Reject(Rejection),
    /// Ask this of every node; with names, nodes of other names are not even looked at (`PreFilterResult`).
    Run {
        /// The Filter.
        filter: NodeFilter<'a>,
        /// The only nodes to look at.
        only: Option<BTreeSet<&'a str>>,
    },
}

impl<'a> PreFilter<'a> {
    /// Asks `filter` of every node.
    pub fn run(filter: impl Fn(&Node) -> Result<(), Rejection> + 'a) -> Self {
        Self::Run { filter: Box::new(filter), only: None }
    }
}

/// What a PreScore found.
pub enum PreScore<'a> {
    /// Every node scores 0: the plugin is not asked.
    Skip,
    /// Ask this of every feasible node.
    Run(NodeScore<'a>),
}

impl<'a> PreScore<'a> {
    /// Asks `score` of every feasible node.
    pub fn run(score: impl Fn(&Node) -> Option<i64> + 'a) -> Self {
        Self::Run(Box::new(score))
    }
}

/// How raw scores become scores from 0 to 100. All but [`Normalize::Identity`] look at the feasible nodes only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Normalize {
    /// They already are.
    Identity,
    /// `raw·100/max`, from 100 downwards if reversed (plugins/helper/normalize_score.go:28 `DefaultNormalizeScore`).
    ByMax {
        /// Whether a low raw score is good.
        reversed: bool,
    },
    /// `100·(max + min − raw)/max` (plugins/podtopologyspread/scoring.go:226).
    Spread,
    /// `100·(raw − min)/(max − min)` in floating point, cut off (plugins/interpodaffinity/scoring.go:258).
    MinMax,
}

impl Normalize {
    /// Normalises raw scores; nodes with `None` get 0.
    pub fn apply(self, raw: &[Option<i64>]) -> Vec<i64> {
        let present = || raw.iter().flatten().copied();
        let (min, max) = (present().min().unwrap_or(0), present().max().unwrap_or(0));
        raw.iter().map(|raw| raw.map_or(0, |raw| self.one(raw, min, max))).collect()
    }

    /// One normalised score, from the least and the greatest raw score among the feasible nodes.
    pub fn one(self, raw: i64, min: i64, max: i64) -> i64 {
        match self {
            Self::Identity => raw,
            Self::ByMax { reversed } => {
                let scaled = if max == 0 { 0 } else { MAX_NODE_SCORE * raw / max };
                if reversed { MAX_NODE_SCORE - scaled } else { scaled }
            }
            Self::Spread if max == 0 => MAX_NODE_SCORE,
            Self::Spread => MAX_NODE_SCORE * (max + min - raw) / max,
            Self::MinMax if max == min => 0,
            Self::MinMax => (MAX_NODE_SCORE as f64 * ((raw - min) as f64 / (max - min) as f64)) as i64,
        }
    }
}

/// A plugin at PreEnqueue.
pub trait PreEnqueuePlugin: Send + Sync {
    /// Why a pod may not enter activeQ yet.
    fn gate(&self, pod: &PodSpec) -> Option<String>;
}

/// What a PreFilter may ask beyond pod and cluster (upstream: the framework's `Handle`).
pub struct Handle<'h> {
    /// Which pod it is.
    pub pod: PodId,
    /// Whether a node passes all filters that come before the asking one in the profile, nominated pods left out of
    /// account.
    pub passes: &'h dyn Fn(&Node) -> bool,
}

/// A plugin at PreFilter and Filter. The [`Handle`] and all but the first two methods are for plugins that do more than
/// look at pod and nodes; upstream's do not.
pub trait FilterPlugin: Send + Sync {
    /// How far the Filter looks for pods of one specification. It is asked again when `owners` have changed; at nodes and
    /// pods it cannot look. A plugin that does not say may look at anything.
    fn reach(&self, _pod: &Arc<PodSpec>, _owners: &Owners) -> FilterReach {
        FilterReach::Cluster
    }

    /// Whether a plugin that may look at anything would pass every node as the cluster is now, so that its PreFilter need
    /// not be asked. One that does not know beforehand says no.
    fn is_idle(&self, _pod: &PodSpec, _cluster: &Cluster) -> bool {
        false
    }

    /// Works out once per attempt what the Filter needs. One that looks no further than its nodes has it from its reach.
    fn pre_filter<'a>(
        &'a self,
        pod: &'a Arc<PodSpec>,
        cluster: &'a Cluster,
        _: &Handle<'_>,
    ) -> PreFilter<'a> {
        match self.reach(pod, cluster.owners()) {
            FilterReach::Nothing => PreFilter::Skip,
            FilterReach::Spec(filter) | FilterReach::Usage(filter) => PreFilter::Run { filter, only: None },
            FilterReach::Cluster => panic!("a filter that looks at the cluster has a PreFilter"),
        }
    }

    /// The QueueingHint: whether an event may make a pod fit that this plugin has rejected. Any event may, unless the
    /// plugin knows better, as upstream has it for plugins without hints (scheduler.go `defaultEnqueueExtensions`).
    /// The cluster is as it is when the event is handled.
    fn wakes(&self, _pod: &PodSpec, _event: &ClusterEvent<'_>, _cluster: &Cluster) -> bool {
        true
    }

    /// The pod as all plugins are to see it, if this one adds something that the API server does not show.
    fn sees(&self, _pod: &PodSpec, _owners: &Owners) -> Option<PodSpec> {
        None
    }

    /// When a pod that this plugin rejected is to be tried again although nothing may have happened.
    fn retry_at(&self, _pod: PodId, _cluster: &Cluster) -> Option<SimTime> {
        None
    }

    /// The pod as it is after this plugin has written to it because it goes to `node`; `None` if it writes nothing.
    fn writes(&self, _pod: &PodSpec, _node: &Node, _cluster: &Cluster) -> Option<PodSpec> {
        None
    }
}

/// An attempt that found no node, as PostFilter plugins see it.
pub struct NoFit<'a> {
    /// The profile that schedules the pod.
    pub profile: &'a Profile,
    /// The cluster.
    pub cluster: &'a Cluster,
    /// The pod.
    pub pod: PodId,
    /// What the filters said.
    pub evaluation: &'a Evaluation,
    /// A number below its argument, drawn for this attempt of this pod.
    pub draw: &'a dyn Fn(usize) -> usize,
}

/// What a PostFilter found.
#[derive(Clone, Debug)]
pub enum PostFilter {
    /// Evicting pods makes the pod fit: nobody else is asked.
    Helps(Preemption),
    /// Nothing that this plugin can do helps, for this reason; the next one is asked.
    Rejects(String),
    /// The plugin broke down with this error: nobody else is asked.
    Fails(String),
}

/// A plugin at PostFilter.
pub trait PostFilterPlugin: Send + Sync {
    /// What can be done for a pod that no node can take.
    fn post_filter(&self, no_fit: &NoFit<'_>) -> PostFilter;
}

/// A plugin at PreScore and Score.
pub trait ScorePlugin: Send + Sync {
    /// How far the Score looks for pods of one specification. It is asked again when `owners` have changed; at nodes and
    /// pods it cannot look. A plugin that does not say may look at anything.
    fn reach(&self, _pod: &Arc<PodSpec>, _owners: &Owners) -> ScoreReach {
        ScoreReach::Cluster
    }

    /// Whether a plugin that may look at anything would score no node as the cluster is now, so that its PreScore need
    /// not be asked. One that does not know beforehand says no.
    fn is_idle(&self, _pod: &PodSpec, _cluster: &Cluster) -> bool {
        false
    }

    /// Works out once per attempt what the Score needs. One that looks no further than it says has it from its reach.
    fn pre_score<'a>(
        &'a self,
        pod: &'a Arc<PodSpec>,
        cluster: &'a Cluster,
        feasible: &'a [NodeId],
    ) -> PreScore<'a> {
        match self.reach(pod, cluster.owners()) {
            ScoreReach::Nothing => PreScore::Skip,
            ScoreReach::Spec(score) | ScoreReach::Usage(score) => PreScore::Run(score),
            ScoreReach::Kinds(NodeKinds { kind, raw, .. }) => {
                PreScore::run(move |node| raw(kind(node, cluster.images()), cluster))
            }
            ScoreReach::Domains(score) => domains::pre_score(score, cluster, feasible),
            ScoreReach::Cluster => panic!("a score that looks at the cluster has a PreScore"),
        }
    }

    /// How its raw scores are normalised.
    fn normalize(&self) -> Normalize;
}

/// A plugin as a profile holds it: one object per extension point that it serves.
pub struct Plugin {
    /// What it says of itself.
    pub about: About,
    /// Its PreEnqueue part.
    pub pre_enqueue: Option<Box<dyn PreEnqueuePlugin>>,
    /// Its PreFilter and Filter part.
    pub filter: Option<Box<dyn FilterPlugin>>,
    /// Its PostFilter part.
    pub post_filter: Option<Box<dyn PostFilterPlugin>>,
    /// Its PreScore and Score part.
    pub score: Option<Box<dyn ScorePlugin>>,
    /// Where the scheduler itself does what upstream leaves to this plugin.
    pub built_in: Option<ExtensionPoint>,
}

impl Plugin {
    /// A plugin that serves no extension point yet.
    pub fn new(about: About) -> Self {
        Self { about, pre_enqueue: None, filter: None, post_filter: None, score: None, built_in: None }
    }

    /// With a PreEnqueue part.
    #[must_use]
    pub fn gating(mut self, part: impl PreEnqueuePlugin + 'static) -> Self {
        self.pre_enqueue = Some(Box::new(part));
        self
    }

    /// With a Filter part.
    #[must_use]
    pub fn filtering(mut self, part: impl FilterPlugin + 'static) -> Self {
        self.filter = Some(Box::new(part));
        self
    }

    /// With a PostFilter part.
    #[must_use]
    pub fn helping(mut self, part: impl PostFilterPlugin + 'static) -> Self {
        self.post_filter = Some(Box::new(part));
        self
    }

    /// With a Score part.
    #[must_use]
    pub fn scoring(mut self, part: impl ScorePlugin + 'static) -> Self {
        self.score = Some(Box::new(part));
        self
    }

    /// With a part that is the scheduler's own.
    pub(super) fn built_in(mut self, point: ExtensionPoint) -> Self {
        self.built_in = Some(point);
        self
    }

    /// Where it is asked, in the order of an attempt.
    pub fn points(&self) -> Vec<ExtensionPoint> {
        let own = [
            (self.pre_enqueue.is_some(), ExtensionPoint::PreEnqueue),
            (self.filter.is_some(), ExtensionPoint::Filter),
            (self.post_filter.is_some(), ExtensionPoint::PostFilter),
            (self.score.is_some(), ExtensionPoint::Score),
        ];
        own.into_iter().filter_map(|(serves, point)| serves.then_some(point)).chain(self.built_in).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(normalize: Normalize, raw: &[i64], expected: &[i64]) {
        let raw: Vec<_> = raw.iter().copied().map(Some).collect();
        assert_eq!(normalize.apply(&raw), expected);
    }

    /// rule: score-normalisation
    #[test]
    fn normalisation_is_upstreams_integer_arithmetic() {
        check(Normalize::ByMax { reversed: false }, &[80, 20], &[100, 25]);
        check(Normalize::ByMax { reversed: false }, &[0, 0], &[0, 0]);
        check(Normalize::ByMax { reversed: true }, &[0, 0], &[100, 100]);
        check(Normalize::ByMax { reversed: true }, &[3, 1], &[0, 67]);
        check(Normalize::Spread, &[6, 2], &[33, 100]);
        check(Normalize::Spread, &[0, 0], &[100, 100]);
        check(Normalize::MinMax, &[-5, 5, 0], &[0, 100, 50]);
        check(Normalize::MinMax, &[7, 7], &[0, 0]);
    }

    /// rule: score-normalisation
    #[test]
    fn an_ignored_node_scores_zero_and_does_not_count() {
        assert_eq!(Normalize::Spread.apply(&[None, Some(4), Some(2)]), [0, 50, 100]);
    }
}
