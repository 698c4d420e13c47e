//! The reference evaluator: asks every plugin about every node of the window, every time. It is the specification.
//!
//! Source: schedule_one.go `findNodesThatFitPod`, `prioritizeNodes`; framework/runtime/framework.go `RunPreFilterPlugins`,
//! `RunScorePlugins`, at tag v1.34.1.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::framework::{Handle, MAX_NODE_SCORE, NodeFilter, PreFilter, PreScore, Rejection};
use super::profile::Profile;
use super::sampling::feasible_nodes_to_find;
use crate::cluster::{Cluster, Node};
use crate::id::{NodeId, PodId};
use crate::object::PodSpec;
use crate::rule::{Confidence, Rule};

pub(super) const RULES: &[Rule] = &[Rule {
    id: "search-window",
    statement: "An attempt visits nodes in node order from where the last one stopped, ends at the \
                feasible node beyond those that it looks for, and the next one starts after all nodes \
                that were found or rejected.",
    source: "pkg/scheduler/schedule_one.go `findNodesThatPassFilters`; upstream lets sixteen goroutines \
             race, here they take turns",
    confidence: Confidence::Source,
}];

/// A rejection with the plugin that made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The plugin's name.
    pub plugin: &'static str,
    /// What it said.
    pub rejection: Rejection,
}

/// The plugins that rejected a pod in one attempt: the only ones whose hints can wake it.
pub type Rejectors = BTreeSet<&'static str>;

/// What one plugin scored, node by node in the order of [`Evaluation::feasible`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PluginScores {
    /// The plugin's name.
    pub plugin: &'static str,
    /// Its weight in the profile.
    pub weight: i64,
    /// Raw scores; `None` where the plugin leaves a node out.
    pub raw: Vec<Option<i64>>,
    /// Scores from 0 to 100.
    pub normalized: Vec<i64>,
}

/// Everything that filters and scores said in one attempt.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evaluation {
    /// The PreFilter that rejected the pod on every node.
    pub pre_filter_rejection: Option<Refused>,
    /// Plugins whose PreFilter named the only nodes to look at.
    pub restricted_by: Rejectors,
    /// Nodes that passed every filter, in the order in which they were found.
    pub feasible: Vec<NodeId>,
    /// Nodes that did not, with the first filter that rejected each.
    pub refused: Vec<(NodeId, Refused)>,
    /// Nodes looked at; `None` if a PreFilter rejected the pod or its nominated node took it.
    pub examined: Option<usize>,
    /// Score plugins that had nothing to say, in the profile's order.
    pub skipped_scores: Vec<&'static str>,
    /// The others, in the profile's order.
    pub scores: Vec<PluginScores>,
    /// Weighted sums, in the order of `feasible`.
    pub totals: Vec<i64>,
    /// Nodes with the greatest total.
    pub best: Vec<NodeId>,
}

impl Evaluation {
    /// The plugins that rejected the pod: those that rejected a node, the PreFilter that ended the attempt, and those
    /// that restricted it to some nodes, whether or not that left any node out (schedule_one.go `findNodesThatFitPod`,
    /// framework/types.go `Diagnosis.UnschedulablePlugins`).
    pub fn rejectors(&self) -> Rejectors {
        let by_node = self.refused.iter().map(|(_, refused)| refused);
        let rejected = self.pre_filter_rejection.iter().chain(by_node).map(|refused| refused.plugin);
        rejected.chain(self.restricted_by.iter().copied()).collect()
    }
}

/// Filters from `start` in node order, scores, normalises and finds the best.
pub fn evaluate(profile: &Profile, cluster: &Cluster, pod: PodId, start: usize) -> Evaluation {
    let mut evaluation = Evaluation::default();
    let spec = profile.seen(cluster.spec_of(pod), cluster.owners());
    let filters = match Filters::prepare(profile, cluster, pod, &spec) {
        Ok(filters) => filters,
        Err(refused) => {
            evaluation.pre_filter_rejection = Some(refused);
            return evaluation;
        }
    };
    evaluation.restricted_by = filters.only.as_ref().map(|only| only.plugins.clone()).unwrap_or_default();
    if !filters.nominated_node_takes_it(&mut evaluation) {
        filters.search(start, &mut evaluation);
    }
    score(profile, cluster, &spec, &mut evaluation);
    evaluation
}

/// The filters of one attempt.
pub(super) struct Filters<'a> {
    profile: &'a Profile,
    cluster: &'a Cluster,
    pod: PodId,
    spec: &'a Arc<PodSpec>,
    prepared: Vec<(&'static str, NodeFilter<'a>)>,
    only: Option<Restriction<'a>>,
}

/// The nodes that PreFilters restrict the search to, and who did.
struct Restriction<'a> {
    names: BTreeSet<&'a str>,
    plugins: Rejectors,
}

impl Restriction<'_> {
    /// What counts as said of a node that is not among them.
    fn refusal(&self) -> Refused {
        let by = self.plugins.iter().copied().collect::<Vec<_>>().join(" ");
        let plugin = self.plugins.first().copied().unwrap_or_default();
        Refused {
            plugin,
            rejection: Rejection::unresolvable(format!("node(s) didn't satisfy plugin(s) [{by}]")),
        }
    }
}

impl<'a> Filters<'a> {
    /// Runs every PreFilter on the pod as plugins see it; the first that rejects the pod for good ends the attempt.
    pub(super) fn prepare(
        profile: &'a Profile,
        cluster: &'a Cluster,
        pod: PodId,
        spec: &'a Arc<PodSpec>,
    ) -> Result<Self, Refused> {
        let mut filters = Self { profile, cluster, pod, spec, prepared: Vec::new(), only: None };
        for plugin in &profile.filters {
            let passes = |node: &Node| filters.is_looked_at(node) && filters.plain(node).is_ok();
            let handle = Handle { pod, passes: &passes };
            match plugin.part().pre_filter(spec, cluster, &handle) {
                PreFilter::Skip => {}
                PreFilter::Reject(rejection) => return Err(Refused { plugin: plugin.name(), rejection }),
                PreFilter::Run { filter, only } => {
                    if plugin.filters() {
                        filters.prepared.push((plugin.name(), filter));
                    }
                    if let Some(names) = only {
                        filters.restrict(plugin.name(), names);
                    }
                }
            }
        }
        Ok(filters)
    }

    fn is_looked_at(&self, node: &Node) -> bool {
        self.only.as_ref().is_none_or(|only| only.names.contains(node.name()))
    }

    fn restrict(&mut self, plugin: &'static str, names: BTreeSet<&'a str>) {
        let before = self.only.take();
        let mut plugins = before.as_ref().map_or_else(BTreeSet::new, |before| before.plugins.clone());
        plugins.insert(plugin);
        let names = match before {
            None => names,
            Some(before) => before.names.intersection(&names).copied().collect(),
        };
        self.only = Some(Restriction { names, plugins });
    }

    /// The first rejection of a node, leaving nominated pods out of account.
    pub(super) fn plain(&self, node: &Node) -> Result<(), Refused> {
        for (plugin, filter) in &self.prepared {
            filter(node).map_err(|rejection| Refused { plugin, rejection })?;
        }
        Ok(())
    }

    /// The same, of a node that a PreFilter may have left out.
    pub(super) fn alone(&self, node: &Node) -> Result<(), Refused> {
        let Some(only) = self.only.as_ref().filter(|only| !only.names.contains(node.name())) else {
            return self.plain(node);
        };
        Err(only.refusal())
    }

    /// The first rejection of a node. It has to pass with the pods on it that are nominated there and at least as
    /// important, and without them (framework.go `RunFilterPluginsWithNominatedPods`).
    pub(super) fn verdict(&self, node: &Node) -> Result<(), Refused> {
        let priority = self.spec.priority;
        let expected: Vec<_> = self
            .cluster
            .nominated_to(node.id)
            .filter(|&other| other != self.pod && self.cluster.spec_of(other).priority >= priority)
            .collect();
        if !expected.is_empty() {
            let mut crowded = self.cluster.clone();
            for other in expected {
                crowded.bind(other, node.id);
            }
            let filters = Filters::prepare(self.profile, &crowded, self.pod, self.spec)?;
            filters.plain(crowded.node(node.id))?;
        }
        self.plain(node)
    }

    /// Tries the node that was freed for the pod, before any other.
    fn nominated_node_takes_it(&self, evaluation: &mut Evaluation) -> bool {
        let Some(node) = self.cluster.pod(self.pod).nominated else { return false };
        let takes = self.verdict(self.cluster.node(node)).is_ok();
        if takes {
            evaluation.feasible.push(node);
        }
        takes
    }

    /// Visits nodes from `start` until one more feasible node is met than are looked for; that one does not count,
    /// but nodes rejected on the way to it do.
    fn search(&self, start: usize, evaluation: &mut Evaluation) {
        let order = self.candidates();
        let wanted = if self.profile.scores.is_empty() {
            1
        } else {
            feasible_nodes_to_find(order.len(), self.profile.percentage_of_nodes_to_score)
        };
        if self.profile.has_filters() {
            self.visit(&order, start, wanted, evaluation);
        } else {
            let taken = wanted.min(order.len());
            evaluation.feasible = (0..taken).map(|step| order[(start + step) % order.len()]).collect();
        }
        evaluation.examined = Some(evaluation.feasible.len() + evaluation.refused.len());
        self.refuse_the_absent(evaluation);
    }

    fn visit(&self, order: &[NodeId], start: usize, wanted: usize, evaluation: &mut Evaluation) {
        for step in 0..order.len() {
            let node = order[(start + step) % order.len()];
            match self.verdict(self.cluster.node(node)) {
                Err(refused) => evaluation.refused.push((node, refused)),
                Ok(()) if evaluation.feasible.len() == wanted => break,
                Ok(()) => evaluation.feasible.push(node),
            }
        }
    }

    /// The nodes to look at: all, or those that PreFilters named. Upstream goes through names in the order of a Go
    /// map, which is no order; here it is node order.
    pub(super) fn candidates(&self) -> Vec<NodeId> {
        let order = self.cluster.order();
        match &self.only {
            None => order.to_vec(),
            Some(only) => {
                let named = |node: &&NodeId| only.names.contains(self.cluster.node(**node).name());
                order.iter().filter(named).copied().collect()
            }
        }
    }

    /// Nodes that were not looked at because of a PreFilter count as rejected by it (schedule_one.go:533).
    fn refuse_the_absent(&self, evaluation: &mut Evaluation) {
        let Some(only) = &self.only else { return };
        let refused = only.refusal();
        for node in self.cluster.nodes().filter(|node| !only.names.contains(node.name())) {
            evaluation.refused.push((node.id, refused.clone()));
        }
    }
}

/// Scores the feasible nodes, normalises per plugin, adds up and finds the best.
fn score(profile: &Profile, cluster: &Cluster, pod: &Arc<PodSpec>, evaluation: &mut Evaluation) {
    let feasible = std::mem::take(&mut evaluation.feasible);
    // Without score plugins every node counts 1 (schedule_one.go `prioritizeNodes`).
    let base = i64::from(profile.scores.is_empty());
    evaluation.totals = vec![base; feasible.len()];
    for plugin in profile.scores.iter().filter(|_| !feasible.is_empty()) {
        let part = plugin.part();
        let PreScore::Run(score) = part.pre_score(pod, cluster, &feasible) else {
            evaluation.skipped_scores.push(plugin.name());
            continue;
        };
        let raw: Vec<_> = feasible.iter().map(|&node| score(cluster.node(node))).collect();
        let normalized = part.normalize().apply(&raw);
        let weight = plugin.weight();
        for (total, &one) in evaluation.totals.iter_mut().zip(&normalized) {
            assert!((0..=MAX_NODE_SCORE).contains(&one), "{} scored {one}, outside 0 to 100", plugin.name());
            *total += one * weight;
        }
        evaluation.scores.push(PluginScores { plugin: plugin.name(), weight, raw, normalized });
    }
    let top = evaluation.totals.iter().max();
    let best = feasible.iter().zip(&evaluation.totals).filter(|(_, total)| Some(*total) == top);
    evaluation.best = best.map(|(&node, _)| node).collect();
    evaluation.feasible = feasible;
}
