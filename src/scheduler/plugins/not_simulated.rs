//! Plugins of the default profile whose objects, volumes, are not simulated: they never reject and never score.
//!
//! They stand in the profile because a configuration may name them, and because upstream reports VolumeBinding among
//! the plugins that skipped scoring.

use std::sync::Arc;

use crate::cluster::Owners;
use crate::object::PodSpec;
use crate::scheduler::framework::{About, Normalize, Plugin, ScorePlugin, ScoreReach};

const fn about(name: &'static str, default_weight: i64) -> About {
    let source = "apis/config/v1/default_plugins.go:30";
    About { name, formula: "not simulated: volumes", default_weight, source }
}

/// VolumeRestrictions.
pub fn volume_restrictions() -> Plugin {
    Plugin::new(about("VolumeRestrictions", 0))
}

/// NodeVolumeLimits.
pub fn node_volume_limits() -> Plugin {
    Plugin::new(about("NodeVolumeLimits", 0))
}

/// VolumeBinding, which always skips scoring, as upstream's does for pods without volumes.
pub fn volume_binding() -> Plugin {
    Plugin::new(about("VolumeBinding", 1)).scoring(VolumeBinding)
}

/// VolumeZone.
pub fn volume_zone() -> Plugin {
    Plugin::new(about("VolumeZone", 0))
}

struct VolumeBinding;

impl ScorePlugin for VolumeBinding {
    fn reach(&self, _: &Arc<PodSpec>, _: &Owners) -> ScoreReach {
        ScoreReach::Nothing
    }

    fn normalize(&self) -> Normalize {
        Normalize::Identity
    }
}
