//! SchedulingGates: a pod with gates is not queued.

use crate::object::PodSpec;
use crate::scheduler::framework::{About, Plugin, PreEnqueuePlugin};

const ABOUT: About = About {
    name: "SchedulingGates",
    formula: "holds a pod back while `spec.schedulingGates` is not empty",
    default_weight: 0,
    source: "framework/plugins/schedulinggates/scheduling_gates.go:57",
};

struct SchedulingGates;

/// The plugin.
pub fn plugin() -> Plugin {
    Plugin::new(ABOUT).gating(SchedulingGates)
}

impl PreEnqueuePlugin for SchedulingGates {
    fn gate(&self, pod: &PodSpec) -> Option<String> {
        (!pod.gates.is_empty()).then(|| format!("waiting for scheduling gates: [{}]", pod.gates.join(" ")))
    }
}
