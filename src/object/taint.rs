//! Taints and tolerations.

use crate::rule::{Confidence, Rule};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "tolerations",
        statement: "A toleration covers a taint of its key and value; without an effect it covers every \
                    effect, with Exists every value, with Exists and no key every taint.",
        source: "staging/src/k8s.io/api/core/v1/toleration.go `ToleratesTaint`",
        confidence: Confidence::Source,
    },
    Rule {
        id: "cordon",
        statement: "A node that is cordoned gets the taint node.kubernetes.io/unschedulable:NoSchedule, after its other \
                    taints, and loses it when it is uncordoned; the pods that it has stay.",
        source: "pkg/controller/nodelifecycle/node_lifecycle_controller.go `doNoScheduleTaintingPass`",
        confidence: Confidence::Source,
    },
];

/// Key of the taint of cordoned nodes (staging/src/k8s.io/api/core/v1/well_known_taints.go).
pub const UNSCHEDULABLE_TAINT_KEY: &str = "node.kubernetes.io/unschedulable";

/// Key of the taint that keeps pods off virtual nodes unless they tolerate it.
pub const VIRTUAL_NODE_TAINT_KEY: &str = "virtual-kubelet.io/provider";

/// What a taint does to pods that do not tolerate it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// They are not scheduled there.
    NoSchedule,
    /// They are scheduled there last.
    PreferNoSchedule,
    /// They are not scheduled there, and leave if they run there.
    NoExecute,
}

/// A taint of a node.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Taint {
    /// Its key.
    pub key: String,
    /// Its value, possibly empty.
    pub value: String,
    /// Its effect.
    pub effect: Effect,
}

impl Taint {
    /// The taint of a cordoned node.
    pub fn unschedulable() -> Self {
        Self { key: UNSCHEDULABLE_TAINT_KEY.to_owned(), value: String::new(), effect: Effect::NoSchedule }
    }
}

/// A toleration of a pod.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Toleration {
    /// The taint's key; empty with `exists` tolerates every key.
    pub key: String,
    /// Whether any value will do (operator Exists) rather than just `value` (Equal).
    pub exists: bool,
    /// The taint's value under operator Equal.
    pub value: String,
    /// The taint's effect; `None` tolerates every effect.
    pub effect: Option<Effect>,
    /// For how long a taint of effect NoExecute is tolerated, in seconds; `None` for ever, zero and less not at all.
    pub seconds: Option<i64>,
}

impl Toleration {
    /// What ACK's scheduler tolerates by itself where it sends a pod to virtual nodes.
    pub fn of_virtual_nodes() -> Self {
        let key = VIRTUAL_NODE_TAINT_KEY.to_owned();
        Self { key, exists: true, value: String::new(), effect: None, seconds: None }
    }

    /// Whether it tolerates `taint` (api/core/v1/toleration.go `ToleratesTaint`).
    pub fn tolerates(&self, taint: &Taint) -> bool {
        self.effect.is_none_or(|effect| effect == taint.effect)
            && (self.key.is_empty() || self.key == taint.key)
            && (self.exists || self.value == taint.value)
    }
}

/// Whether any of `tolerations` tolerates `taint`.
pub fn tolerated(taint: &Taint, tolerations: &[Toleration]) -> bool {
    tolerations.iter().any(|toleration| toleration.tolerates(taint))
}

/// The first taint with effect NoSchedule or NoExecute that no toleration covers, in the node's order.
pub fn first_untolerated<'a>(taints: &'a [Taint], tolerations: &[Toleration]) -> Option<&'a Taint> {
    taints.iter().find(|taint| taint.effect != Effect::PreferNoSchedule && !tolerated(taint, tolerations))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn toleration(key: &str, value: Option<&str>, effect: Option<Effect>) -> Toleration {
        Toleration {
            key: key.into(),
            exists: value.is_none(),
            value: value.unwrap_or_default().into(),
            effect,
            seconds: None,
        }
    }

    /// rule: tolerations
    #[test]
    fn tolerations_cover_taints_as_upstream() {
        let taint = Taint { key: "k".into(), value: "v".into(), effect: Effect::NoSchedule };
        for (toleration, covers) in [
            (toleration("k", Some("v"), Some(Effect::NoSchedule)), true),
            (toleration("k", Some("v"), None), true),
            (toleration("k", None, None), true),
            (toleration("", None, None), true),
            (toleration("k", Some("w"), None), false),
            (toleration("k", Some("v"), Some(Effect::NoExecute)), false),
            (toleration("other", None, None), false),
        ] {
            assert_eq!(toleration.tolerates(&taint), covers, "{toleration:?}");
        }
    }
}
