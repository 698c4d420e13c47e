//! Whom ACK has a ReplicaSet give up first, beyond what upstream's order says.

use super::deletion_cost;
use crate::rule::{Confidence, Rule};

pub(super) const RULES: &[Rule] = &[Rule {
    id: "eci-first-scale-in",
    statement: "With `scaleIn: eciFirst` a ReplicaSet gives up pods on virtual nodes first, as if they had the \
                pod-deletion-cost of -1000, unless they have one of their own; what it compares before that cost still \
                comes first.",
    source: "the order: ACK Pro, \"Overview of elastic scheduling\", for the affinity method; the cost: README of the \
             eci-profile, which writes it by hand; that a pod's own comes first is inferred",
    confidence: Confidence::Estimate,
}];

/// What the deletion of a pod on a virtual node costs where ECI goes first (rule eci-first-scale-in).
const COST_ON_ECI: i32 = -1000;

/// Which pods a ReplicaSet gives up first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ScaleIn {
    /// Those that upstream's order says.
    Upstream,
    /// Those of the later units of a ResourcePolicy.
    #[default]
    ByUnits,
    /// The same, and of pods that no policy orders those on virtual nodes.
    EciFirst,
}

/// What of a pod decides about its cost.
#[derive(Clone, Copy, Debug, Default)]
pub struct Standing<'a> {
    /// The number of the unit in which it stands, if a ResourcePolicy orders it.
    pub unit: Option<usize>,
    /// Whether it is on a virtual node.
    pub on_virtual_node: bool,
    /// Its pod-deletion-cost annotation.
    pub written: Option<&'a str>,
}

impl ScaleIn {
    /// What a pod's deletion costs. A unit counts whatever the annotation says, for ACK allows none beside a policy; where
    /// ECI goes first, the annotation of a pod comes first.
    pub fn cost(self, pod: Standing<'_>) -> i32 {
        let unit = pod.unit.filter(|_| self != Self::Upstream).and_then(|unit| i32::try_from(unit).ok());
        match unit {
            Some(unit) => -unit,
            None if self == Self::EciFirst && pod.on_virtual_node && pod.written.is_none() => COST_ON_ECI,
            None => deletion_cost(pod.written),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Given a pod on a virtual node and one on ECS, when their ReplicaSet shrinks, then the cheaper one goes.
    ///
    /// rule: eci-first-scale-in
    #[test]
    fn eci_goes_first_unless_a_pod_says_otherwise() {
        let on = |on_virtual_node, written| Standing { on_virtual_node, written, unit: None };
        let cost = |pod| ScaleIn::EciFirst.cost(pod);
        assert!(cost(on(true, None)) < cost(on(false, None)));
        assert_eq!(cost(on(true, Some("7"))), 7, "its own word comes first");
        assert!(cost(on(false, Some("-2000"))) < cost(on(true, None)), "so does that of a pod on ECS");
        for way in [ScaleIn::Upstream, ScaleIn::ByUnits] {
            assert_eq!(way.cost(on(true, None)), 0, "{way:?} knows no virtual nodes");
            assert_eq!(way.cost(on(true, Some("-3"))), -3);
        }
    }

    /// Given pods of a ResourcePolicy, when their ReplicaSet shrinks, then those of the later unit go.
    #[test]
    fn the_units_of_a_policy_come_before_all_else() {
        let of = |unit, written| Standing { unit: Some(unit), on_virtual_node: true, written };
        for way in [ScaleIn::ByUnits, ScaleIn::EciFirst] {
            assert_eq!([0, 1, 2].map(|unit| way.cost(of(unit, Some("9")))), [0, -1, -2]);
        }
        assert_eq!(ScaleIn::Upstream.cost(of(1, Some("9"))), 9);
    }
}
