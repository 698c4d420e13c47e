//! New images for pods that a SidecarSet was injected into: OpenKruise changes the pod, and its node's kubelet restarts
//! the containers that have changed.
//!
//! Sources: openkruise/kruise pkg/controller/sidecarset/sidecarset_processor.go `updatePodSidecarContainer`,
//! sidecarset_hotupgrade.go `flipPodSidecarContainerDo`.

use super::annotations;
use crate::object::{PodSpec, SidecarSet};
use crate::rule::{Confidence, Rule};

/// What an upgrade costs.
pub(in crate::admission) const RULES: &[Rule] = &[
    Rule {
        id: "sidecarset-cold-upgrade",
        statement: "A cold upgrade stops the container, pulls the new image, starts it and waits until it is ready; \
                    all the while the pod is not ready, takes no traffic, and keeps its requests and its price.",
        source: "OpenKruise, \"SidecarSet\", in-place update; the phases are those of a pod's start",
        confidence: Confidence::Documented,
    },
    Rule {
        id: "sidecarset-hot-upgrade",
        statement: "A hot upgrade starts the new image in the idle one of two containers, waits for its postStart \
                    hook to move the state over, and gives the other one the empty image; the two have swapped \
                    roles then. The pod stays ready and serves; both containers' resources count all the time.",
        source: "OpenKruise, \"SidecarSet\", hot upgrade; openkruise/kruise \
                 pkg/controller/sidecarset/sidecarset_hotupgrade.go",
        confidence: Confidence::Documented,
    },
    Rule {
        id: "sidecarset-migration",
        statement: "The postStart hook of a hot upgrade takes five seconds, unless the scenario says otherwise.",
        source: "nobody states it",
        confidence: Confidence::Estimate,
    },
    Rule {
        id: "sidecarset-upgrade-bill",
        statement: "An ECI instance keeps its specification and its price when images of its pod are changed in \
                    place.",
        source: "images do not enter the specification; no document says that an instance is made anew",
        confidence: Confidence::Estimate,
    },
];

/// A pod that is changed, and the containers of it that are restarted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upgraded {
    /// What the pod is from now on.
    pub pod: PodSpec,
    /// Containers without a twin: while they are restarted, the pod is not ready.
    pub cold: Vec<String>,
    /// Containers whose twin works all the while.
    pub hot: Vec<String>,
}

/// The first step: each container gets its new image, of twins the one that is idle. From now on that one is the one that
/// works.
pub fn upgraded(pod: &PodSpec, set: &SidecarSet) -> Upgraded {
    let mut result = Upgraded { pod: pod.clone(), cold: Vec::new(), hot: Vec::new() };
    annotations::note_hash(&mut result.pod.annotations, set);
    for one in &set.containers {
        let (name, image) = (&one.container.name, &one.container.image);
        if one.hot_upgrade.is_none() {
            result.cold.extend(set_image(&mut result.pod, name, image));
            continue;
        }
        let (works, idle) = annotations::twins_of(&result.pod.annotations, name);
        let is_new = result.pod.containers.iter().any(|own| own.name == works && own.image == *image);
        if !is_new && let Some(changed) = set_image(&mut result.pod, &idle, image) {
            annotations::take_over(&mut result.pod.annotations, name, (&idle, &works));
            result.hot.push(changed);
        }
    }
    result
}

/// The last step of a hot upgrade: what has worked before gets the empty image.
pub fn reset(pod: &PodSpec, set: &SidecarSet) -> Upgraded {
    let mut result = Upgraded { pod: pod.clone(), cold: Vec::new(), hot: Vec::new() };
    for one in &set.containers {
        let Some(empty) = &one.hot_upgrade else { continue };
        let (works, idle) = annotations::twins_of(&result.pod.annotations, &one.container.name);
        if let Some(changed) = set_image(&mut result.pod, &idle, empty) {
            annotations::retire(&mut result.pod.annotations, (&works, &idle));
            result.hot.push(changed);
        }
    }
    result
}

/// Sets a container's image; its name, if it had another.
fn set_image(pod: &mut PodSpec, name: &str, image: &str) -> Option<String> {
    let container = pod.containers.iter_mut().find(|one| one.name == name && one.image != image)?;
    image.clone_into(&mut container.image);
    Some(container.name.clone())
}
