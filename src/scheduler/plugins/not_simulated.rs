//! Plugins of the default profile whose objects are not simulated: they never reject and never score.
//!
//! They stand in the profile because a configuration may name them, and because upstream reports VolumeBinding among
//! the plugins that skipped scoring.

use crate::cluster::Cluster;
use crate::id::NodeId;
use crate::object::PodSpec;
use crate::scheduler::framework::{About, ExtensionPoint, Normalize, Plugin, PreScore, ScorePlugin};

/// Volumes and dynamic resources; queue order, preemption and binding are parts of the scheduler itself here.
const NAMES: [About; 8] = [
    about("PrioritySort", &[ExtensionPoint::QueueSort], "priority, then time of the last failure"),
    about("VolumeRestrictions", &[], "not simulated: volumes"),
    about("NodeVolumeLimits", &[], "not simulated: volumes"),
    about("VolumeBinding", &[], "not simulated: volumes"),
    about("VolumeZone", &[], "not simulated: volumes"),
    about("DynamicResources", &[], "not simulated: resource claims"),
    about(
        "DefaultPreemption",
        &[ExtensionPoint::PostFilter],
        "evicts pods of lower priority where that helps",
    ),
    about("DefaultBinder", &[ExtensionPoint::Bind], "binds the pod"),
];

const fn about(name: &'static str, points: &'static [ExtensionPoint], formula: &'static str) -> About {
    About { name, points, formula, default_weight: 0, source: "apis/config/v1/default_plugins.go:30" }
}

/// The plugin of this name, which must be one of these.
pub fn plugin(name: &str) -> Plugin {
    let about = NAMES.iter().find(|about| about.name == name);
    let plugin = Plugin::new(*about.expect("the registry names plugins of this list"));
    if name == "VolumeBinding" { plugin.scoring(VolumeBinding) } else { plugin }
}

struct VolumeBinding;

impl ScorePlugin for VolumeBinding {
    fn pre_score<'a>(&'a self, _: &'a PodSpec, _: &'a Cluster, _: &'a [NodeId]) -> PreScore<'a> {
        PreScore::Skip
    }

    fn normalize(&self) -> Normalize {
        Normalize::Identity
    }
}
