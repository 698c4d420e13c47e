//! A profile: which plugins are asked at each extension point, in which order, with which weight.

use std::sync::Arc;

use super::framework::{FilterPlugin, NoFit, Plugin, PostFilter, ScorePlugin};
use super::preemption::Preemption;
use crate::cluster::{Cluster, Node, Owners};
use crate::object::PodSpec;

/// A plugin at PreFilter and, unless switched off there, at Filter.
#[derive(Clone)]
pub struct FilterEntry {
    plugin: Arc<Plugin>,
    filters: bool,
}

/// A plugin at Score, with its weight.
#[derive(Clone)]
pub struct ScoreEntry {
    plugin: Arc<Plugin>,
    weight: i64,
}

/// One scheduler of a KubeSchedulerConfiguration.
#[derive(Clone)]
pub struct Profile {
    /// `schedulerName`: pods that name it are scheduled by it.
    pub name: String,
    /// Percentage of nodes that are enough; 0 means adaptive.
    pub percentage_of_nodes_to_score: u8,
    /// Filters in their order, then the plugins that only run their PreFilter.
    pub filters: Vec<FilterEntry>,
    /// Score plugins in their order.
    pub scores: Vec<ScoreEntry>,
    /// Plugins that may hold a pod back before it is queued.
    pub gates: Vec<Arc<Plugin>>,
    /// Plugins that are asked when no node fits, in their order.
    pub post_filters: Vec<Arc<Plugin>>,
}

impl FilterEntry {
    /// `plugin`, which must filter; without `filters` only its PreFilter runs.
    pub fn new(plugin: &Arc<Plugin>, filters: bool) -> Self {
        debug_assert!(plugin.filter.is_some(), "{} does not filter", plugin.about.name);
        Self { plugin: Arc::clone(plugin), filters }
    }

    /// The plugin's name.
    pub fn name(&self) -> &'static str {
        self.plugin.about.name
    }

    /// Whether its Filter runs too.
    pub fn filters(&self) -> bool {
        self.filters
    }

    /// The plugin's part at this point.
    pub fn part(&self) -> &dyn FilterPlugin {
        self.plugin.filter.as_deref().expect("an entry is made of a plugin that filters")
    }
}

impl ScoreEntry {
    /// `plugin`, which must score, with a weight; 0 counts as 1 (framework/runtime/framework.go `getScoreWeights`).
    pub fn new(plugin: &Arc<Plugin>, weight: i64) -> Self {
        debug_assert!(plugin.score.is_some(), "{} does not score", plugin.about.name);
        let weight = if weight == 0 { 1 } else { weight };
        Self { plugin: Arc::clone(plugin), weight }
    }

    /// The plugin's name.
    pub fn name(&self) -> &'static str {
        self.plugin.about.name
    }

    /// Its weight.
    pub fn weight(&self) -> i64 {
        self.weight
    }

    /// The plugin's part at this point.
    pub fn part(&self) -> &dyn ScorePlugin {
        self.plugin.score.as_deref().expect("an entry is made of a plugin that scores")
    }
}

impl Profile {
    /// Why a pod may not be queued yet, and which plugin says so.
    pub fn gate(&self, pod: &PodSpec) -> Option<(&'static str, String)> {
        self.gates.iter().find_map(|plugin| {
            let why = plugin.pre_enqueue.as_ref()?.gate(pod)?;
            Some((plugin.about.name, why))
        })
    }

    /// A pod as the plugins see it, with what some of them add for themselves.
    pub(super) fn seen(&self, pod: &Arc<PodSpec>, owners: &Owners) -> Arc<PodSpec> {
        let see = |seen: Arc<PodSpec>, entry: &FilterEntry| match entry.part().sees(&seen, owners) {
            Some(other) => Arc::new(other),
            None => seen,
        };
        self.filters.iter().fold(Arc::clone(pod), see)
    }

    /// A pod that goes to a node, with what plugins write to it; `None` if they write nothing.
    pub fn written(&self, pod: &PodSpec, node: &Node, cluster: &Cluster) -> Option<PodSpec> {
        let mut written: Option<PodSpec> = None;
        for entry in &self.filters {
            let before = written.as_ref().unwrap_or(pod);
            if let Some(after) = entry.part().writes(before, node, cluster) {
                written = Some(after);
            }
        }
        written
    }

    /// Whether any plugin is asked about nodes.
    pub fn has_filters(&self) -> bool {
        self.filters.iter().any(FilterEntry::filters)
    }

    /// The filter of this name.
    pub fn filter_named(&self, name: &str) -> Option<&dyn FilterPlugin> {
        self.filters.iter().find(|entry| entry.name() == name).map(FilterEntry::part)
    }

    /// Asks the PostFilter plugins in turn what can be done for a pod that no node can take. The answer is what they
    /// say (nothing if one of them helps) and what is to be done
    /// (framework/runtime/framework.go `RunPostFilterPlugins`).
    pub(super) fn post_filter(&self, no_fit: &NoFit<'_>) -> (String, Option<Preemption>) {
        let mut reasons = Vec::new();
        for part in self.post_filters.iter().filter_map(|plugin| plugin.post_filter.as_ref()) {
            match part.post_filter(no_fit) {
                PostFilter::Helps(preemption) => return (String::new(), Some(preemption)),
                PostFilter::Rejects(reason) => reasons.push(reason),
                PostFilter::Fails(error) => return (error, None),
            }
        }
        (reasons.join(", "), None)
    }
}
