//! A cluster and its scheduler in a few words, and what they say of a pod.

use overspill::cluster::{Budget, Service};
use overspill::object::{DisruptionBudget, Labels, Selector};
use overspill::random::Stream;
use overspill::scheduler::config::ConfigFile;
use overspill::simulation::one_shot::{AttemptRecord, Report, Victims, place};
use overspill::{Cluster, PodId, PreemptionMode, Registry, Scheduler, SchedulerConfig, SimTime, TieBreak};
use serde_json::{Value, json};

use crate::node::ANode;
use crate::pod::APod;

/// A cluster with its scheduler.
pub(crate) struct World {
    /// The cluster.
    pub(crate) cluster: Cluster,
    scheduler: Scheduler,
    created: u32,
}

/// A cluster of these nodes, with the default profile; ties go to the smallest name.
pub(crate) fn cluster_of(nodes: impl IntoIterator<Item = ANode>) -> World {
    let mut cluster = Cluster::new();
    for node in nodes {
        cluster.add_node(node.0);
    }
    World { cluster, scheduler: scheduler(&json!({}), TieBreak::Name, PreemptionMode::On), created: 0 }
}

/// A scheduler with this KubeSchedulerConfiguration.
pub(crate) fn scheduler(config: &Value, tie_break: TieBreak, preemption: PreemptionMode) -> Scheduler {
    let file: ConfigFile = serde_json::from_value(config.clone()).expect("a test writes configurations well");
    let config = SchedulerConfig::resolve(&file, &Registry::upstream());
    let profiles = config.unwrap_or_else(|problems| panic!("a test's configuration: {problems:?}")).profiles;
    Scheduler::new(profiles, tie_break, preemption)
}

impl World {
    /// With a pod that is bound already.
    pub(crate) fn with(mut self, pod: &APod) -> Self {
        let id = self.create(pod);
        let node = pod.node.as_deref().expect("a pod that is there is bound");
        let node = self.cluster.node_named(node).expect("its node is there").id;
        self.cluster.bind(id, node);
        self
    }

    /// With a Service that selects the pods of `default` with a label.
    pub(crate) fn service(mut self, key: &str, value: &str) -> Self {
        let selector = Labels::from_iter([(key, value)]);
        self.cluster.owners_mut().add_service(Service {
            namespace: "default".to_owned(),
            name: value.to_owned(),
            selector,
        });
        self
    }

    /// With a ReplicaSet of `default` that selects pods with a label.
    pub(crate) fn replica_set(mut self, name: &str, selector: Selector) -> Self {
        self.cluster.owners_mut().add_workload("ReplicaSet", "default", name, selector);
        self
    }

    /// With a disruption budget in `default`.
    pub(crate) fn budget(mut self, selector: Selector, disruptions_allowed: i64) -> Self {
        let spec = DisruptionBudget {
            namespace: "default".to_owned(),
            name: format!("budget-{}", self.cluster.owners().budgets().len()),
            selector: Some(selector),
            bound: None,
            always_evict_unhealthy: false,
        };
        let budget = Budget { spec, disruptions_allowed, disrupted: Vec::new() };
        self.cluster.owners_mut().put_budget(budget);
        self
    }

    /// With a namespace and its label.
    pub(crate) fn namespace(mut self, name: &str, key: &str, value: &str) -> Self {
        self.cluster.set_namespace(name, Labels::from_iter([(key, value)]));
        self
    }

    /// With a KubeSchedulerConfiguration.
    pub(crate) fn configured(self, config: &Value) -> Self {
        self.decided_by(scheduler(config, TieBreak::Name, PreemptionMode::On))
    }

    /// With another scheduler.
    pub(crate) fn decided_by(self, scheduler: Scheduler) -> Self {
        Self { scheduler, ..self }
    }

    /// Creates a pod that waits.
    pub(crate) fn create(&mut self, pod: &APod) -> PodId {
        let class = self.cluster.intern(pod.spec());
        let draws = Stream::of(0, self.created);
        self.created += 1;
        self.cluster.create_pod(&pod.name, class, draws, SimTime::ZERO)
    }

    /// Tries pods one after another and binds those that fit; victims of preemption stay.
    pub(crate) fn schedule_all<'p>(&mut self, pods: impl IntoIterator<Item = &'p APod>) -> Report {
        let pending: Vec<_> = pods.into_iter().map(|pod| self.create(pod)).collect();
        place(&mut self.cluster, &mut self.scheduler, &pending, Victims::Report)
    }

    /// Tries one pod and tells everything that was said of it.
    pub(crate) fn schedule(&mut self, pod: &APod) -> Said {
        let mut report = self.schedule_all([pod]);
        Said(report.results.remove(0))
    }
}

/// What was said in an attempt.
#[derive(Debug)]
pub(crate) struct Said(pub(crate) AttemptRecord);

impl Said {
    /// The node that was chosen.
    pub(crate) fn chosen(&self) -> Option<&str> {
        self.0.chosen.as_deref()
    }

    /// The normalised scores of a plugin in order of node name; none if it skipped.
    pub(crate) fn scores(&self, plugin: &str) -> Vec<i64> {
        self.triples(plugin).map(|[_, normalized, _]| normalized).collect()
    }

    /// The raw scores of a plugin in order of node name; none if it skipped.
    pub(crate) fn raw(&self, plugin: &str) -> Vec<i64> {
        self.triples(plugin).map(|[raw, ..]| raw).collect()
    }

    fn triples(&self, plugin: &str) -> impl Iterator<Item = [i64; 3]> {
        self.0.scores.get(plugin).into_iter().flat_map(|nodes| nodes.values().copied())
    }

    /// Whether a plugin had nothing to say.
    pub(crate) fn skipped(&self, plugin: &str) -> bool {
        self.0.skip_score.contains(&plugin)
    }

    /// Why a node was rejected, reasons joined by commas; the empty text if it was not.
    pub(crate) fn rejected(&self, node: &str) -> String {
        self.0.filtered.get(node).map(|verdict| verdict.reasons.join(", ")).unwrap_or_default()
    }

    /// The text of the failure.
    pub(crate) fn failure(&self) -> &str {
        self.0.fit_error.as_ref().map_or("", |error| &error.full)
    }
}
