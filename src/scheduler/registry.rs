//! All plugins that a configuration may name. Upstream's and a researcher's are registered the same way.

use serde_json::Value;

use super::framework::Plugin;
use super::plugins::not_simulated;
use crate::object::kubernetes::FieldProblem;

/// Makes a plugin from its arguments in KubeSchedulerConfiguration; `None` where none are given.
pub type Factory = fn(Option<&Value>) -> Result<Plugin, Vec<FieldProblem>>;

/// Plugins by name, in the order of upstream's default profile.
#[derive(Clone)]
pub struct Registry {
    factories: Vec<(&'static str, Factory)>,
}

/// The default MultiPoint list (apis/config/v1/default_plugins.go:30-56, :66).
const UPSTREAM: [(&str, Factory); 19] = [
    ("SchedulingGates", |_| Ok(super::plugins::scheduling_gates::plugin())),
    ("PrioritySort", |_| Ok(not_simulated::plugin("PrioritySort"))),
    ("NodeUnschedulable", |_| Ok(super::plugins::node_unschedulable::plugin())),
    ("NodeName", |_| Ok(super::plugins::node_name::plugin())),
    ("TaintToleration", |_| Ok(super::plugins::taint_toleration::plugin())),
    ("NodeAffinity", super::config::args::node_affinity),
    ("NodePorts", |_| Ok(super::plugins::node_ports::plugin())),
    ("NodeResourcesFit", super::config::args::node_resources_fit),
    ("VolumeRestrictions", |_| Ok(not_simulated::plugin("VolumeRestrictions"))),
    ("NodeVolumeLimits", |_| Ok(not_simulated::plugin("NodeVolumeLimits"))),
    ("VolumeBinding", |_| Ok(not_simulated::plugin("VolumeBinding"))),
    ("VolumeZone", |_| Ok(not_simulated::plugin("VolumeZone"))),
    ("PodTopologySpread", super::config::args::pod_topology_spread),
    ("InterPodAffinity", super::config::args::inter_pod_affinity),
    ("DynamicResources", |_| Ok(not_simulated::plugin("DynamicResources"))),
    ("DefaultPreemption", |_| Ok(not_simulated::plugin("DefaultPreemption"))),
    ("NodeResourcesBalancedAllocation", super::config::args::balanced_allocation),
    ("ImageLocality", |_| Ok(super::plugins::image_locality::plugin())),
    ("DefaultBinder", |_| Ok(not_simulated::plugin("DefaultBinder"))),
];

impl Registry {
    /// The plugins of kube-scheduler v1.34.1.
    pub fn upstream() -> Self {
        Self { factories: UPSTREAM.to_vec() }
    }

    /// With one more plugin, which is on by default with its own default weight.
    #[must_use]
    pub fn with(mut self, name: &'static str, factory: Factory) -> Self {
        self.factories.push((name, factory));
        self
    }

    /// Names of all plugins, in the order of the default profile.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.factories.iter().map(|(name, _)| *name)
    }

    /// The weight of a plugin in the default profile.
    pub fn default_weight(&self, name: &str) -> i64 {
        let made = self.make(name, None).and_then(Result::ok);
        made.map_or(0, |plugin| plugin.about.default_weight)
    }

    /// Makes the plugin of this name; `None` if there is none.
    pub fn make(&self, name: &str, args: Option<&Value>) -> Option<Result<Plugin, Vec<FieldProblem>>> {
        let (_, factory) = self.factories.iter().find(|(known, _)| *known == name)?;
        Some(factory(args))
    }
}

impl Default for Registry {
    fn default() -> Self {
        Self::upstream()
    }
}
