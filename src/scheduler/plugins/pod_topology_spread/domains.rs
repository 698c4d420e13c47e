//! Counting the pods that a constraint selects.

use crate::cluster::{Cluster, Node};
use crate::id::ClassId;
use crate::object::{PodSpec, Selector};

/// Which classes of pods a constraint counts, worked out once per attempt.
pub(super) struct Counted {
    classes: Vec<Option<bool>>,
    selector: Option<Selector>,
    namespace: String,
}

impl Counted {
    /// Pods of the namespace of `pod` that `selector` selects; an empty selector counts none
    /// (podtopologyspread/common.go `countPodsMatchSelector`).
    pub(super) fn new(selector: Option<&Selector>, pod: &PodSpec) -> Self {
        let selector = selector.filter(|selector| !selector.is_empty()).cloned();
        Self { classes: Vec::new(), selector, namespace: pod.namespace.clone() }
    }

    /// How many pods on a node count; terminating ones do not.
    pub(super) fn on(&mut self, node: &Node, cluster: &Cluster) -> i64 {
        let live = node.per_class.iter().filter(|count| count.live > 0);
        live.filter(|count| self.has(count.class, cluster)).map(|count| i64::from(count.live)).sum()
    }

    fn has(&mut self, class: ClassId, cluster: &Cluster) -> bool {
        let Some(selector) = &self.selector else { return false };
        if self.classes.len() <= class.index() {
            self.classes.resize(class.index() + 1, None);
        }
        *self.classes[class.index()].get_or_insert_with(|| {
            let spec = cluster.class(class);
            spec.namespace == self.namespace && selector.matches(&spec.labels)
        })
    }
}
