//! Topology spread constraints.

use super::Selector;

/// How a node that the pod could not run on counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum InclusionPolicy {
    /// It is left out.
    Honor,
    /// It counts all the same.
    Ignore,
}

/// What happens when a constraint cannot be met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WhenUnsatisfiable {
    /// The node is rejected.
    DoNotSchedule,
    /// The node scores less.
    ScheduleAnyway,
}

/// How evenly pods are to be spread over the values of a node label.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SpreadConstraint {
    /// How many more pods a domain may have than the emptiest one.
    pub max_skew: i64,
    /// The node label whose values are the domains.
    pub topology_key: String,
    /// Filter or score.
    pub when_unsatisfiable: WhenUnsatisfiable,
    /// Which pods of the namespace count; `None` counts none. The API server has merged `matchLabelKeys` in.
    pub selector: Option<Selector>,
    /// Fewer domains than this count as if one were empty.
    pub min_domains: i64,
    /// Whether nodes outside the pod's node affinity count; Honor by default.
    pub node_affinity_policy: InclusionPolicy,
    /// Whether nodes with taints that the pod does not tolerate count; Ignore by default.
    pub node_taints_policy: InclusionPolicy,
}
