//! DaemonSets, and the pods that they are still to make.

use std::collections::BTreeSet;

use k8s_openapi::api::apps::v1 as api;

use super::workloads::{admitted, owner, read_selector, read_template, template_hash};
use super::{Inventory, PodEntry, names};
use crate::admission::pod_name::pod_name;
use crate::admission::priority::PriorityClasses;
use crate::controller::daemon_set::{pod_for, target, wanted, with_tolerations};
use crate::object::kubernetes::FieldProblem;
use crate::object::{PodSpec, Selector};
use crate::random::Stream;

/// Draws of pods of DaemonSets are kept apart from those of workloads, which count from zero.
const FIRST_GROUP: u32 = 1 << 30;

/// A DaemonSet.
#[derive(Clone, Debug)]
pub struct DaemonSet {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Which pods are its own.
    pub selector: Selector,
    /// What its pods are like, with the tolerations and labels that its controller adds.
    pub template: PodSpec,
}

pub(super) fn read(
    set: &api::DaemonSet,
    priorities: &PriorityClasses,
) -> Result<DaemonSet, Vec<FieldProblem>> {
    let (namespace, name) = names(&set.metadata);
    let spec = set.spec.clone().unwrap_or_default();
    let selector = read_selector(Some(&spec.selector))?;
    if selector.is_empty() {
        let message = "an empty selector is not valid for a DaemonSet".to_owned();
        return Err(vec![FieldProblem { path: "spec.selector".to_owned(), message }]);
    }
    let admitted = admitted(&spec.template, priorities)?;
    let mut template = read_template(&namespace, &admitted, owner("DaemonSet", &name), &selector)?;
    // As the controller labels its pods (pkg/controller/daemon/util/daemonset_util.go `CreatePodTemplate`).
    template.labels.set("controller-revision-hash", template_hash(&spec.template));
    template.labels.set("pod-template-generation", "1");
    Ok(DaemonSet { namespace, name, selector, template: with_tolerations(template) })
}

impl DaemonSet {
    /// Whether a pod is its own.
    pub fn owns(&self, pod: &PodSpec) -> bool {
        let owner = pod.owner.as_ref().filter(|owner| owner.kind == "DaemonSet");
        pod.namespace == self.namespace && owner.is_some_and(|owner| owner.name == self.name)
    }
}

impl Inventory {
    /// Adds the pods that DaemonSets lack, unbound, each for its node. Pods that stand in the manifests and are owned by
    /// the DaemonSet are its own already.
    pub fn add_missing_daemons(&mut self, seed: u64) {
        let mut taken: BTreeSet<(String, String)> =
            self.pods.iter().map(|pod| (pod.spec.namespace.clone(), pod.name.clone())).collect();
        let mut made = Vec::new();
        for (index, set) in (0..).zip(&self.daemon_sets) {
            let own = self.pods.iter().filter(|pod| set.owns(&pod.spec));
            let covered: BTreeSet<&str> =
                own.filter_map(|pod| target(&pod.spec, pod.node.as_deref())).collect();
            let lacking = self
                .nodes
                .iter()
                .filter(|node| wanted(&set.template, node).to_run && !covered.contains(node.name.as_str()));
            for (ordinal, node) in (0..).zip(lacking) {
                let draws = Stream::of(FIRST_GROUP + index, ordinal);
                let is_taken = |name: &str| !taken.insert((set.namespace.clone(), name.to_owned()));
                let name = pod_name(&set.name, seed, draws, is_taken);
                made.push(PodEntry::pending(name, pod_for(&set.template, &node.name)));
            }
        }
        self.pods.append(&mut made);
    }
}
