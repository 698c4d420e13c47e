//! Pods that wait for what their volumes take files from.

use rustc_hash::FxHashMap;

use super::Run;
use super::event::Event;
use crate::controller::volume_mounts::{first_failure, wait_after};
use crate::id::PodId;

/// Pods whose mounts have failed: how often, and what was last told of it.
#[derive(Debug, Default)]
pub(super) struct Mounts {
    failed: FxHashMap<PodId, (u32, String)>,
}

impl Mounts {
    /// A pod has ended.
    pub(super) fn forget(&mut self, pod: PodId) {
        self.failed.remove(&pod);
    }
}

impl Run<'_, '_> {
    /// Mounts a pod's volumes, for the first time or again; whether all of them could be. Of one that waits, an event
    /// tells each new reason.
    pub(super) fn mounts(&mut self, pod: PodId) -> bool {
        let known = &self.scenario.known_files;
        let spec = self.cluster.spec_of(pod);
        let Some(why) = first_failure(spec, self.cluster.files(), |object| known.contains(object)) else {
            self.mounts.forget(pod);
            self.pods[pod.index()].mounted = Some(self.now);
            return true;
        };
        let (tries, told) = self.mounts.failed.entry(pod).or_default();
        *tries += 1;
        let again = self.now + wait_after(*tries);
        let is_news = *told != why;
        told.clone_from(&why);
        if is_news {
            self.pod_event(pod, "Warning", "FailedMount", format_args!("{why}"));
        }
        self.at(again, Event::MountDue(pod));
        false
    }

    /// A pod's volumes are tried again.
    pub(super) fn mount_due(&mut self, pod: PodId) {
        if self.living(pod).is_some_and(|state| state.terminating.is_none()) && self.mounts(pod) {
            self.start_mounted(pod);
        }
    }
}
