//! Pods that go to ECI by label or by eci-profile: they are bound when they are created, and no scheduler sees them.
//!
//! Source: ACK, "Schedule pods to elastic container instances through virtual nodes" and "Configure an eci-profile".

use crate::cluster::Cluster;
use crate::id::NodeId;
use crate::object::{Labels, NodeClass, NodeSpec, PodSpec, ZoneStrategy};
use crate::random::{Purpose, Stream, shuffle};
use crate::rule::{Confidence, Rule};

const ROUTES: &str = "ACK, \"Schedule pods to elastic container instances through virtual nodes\"";

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "eci-label",
        statement: "A pod with the label alibabacloud.com/eci=true, or in a namespace with it, goes to a \
                    virtual node; so it does by the older eci=true on the pod and \
                    virtual-node-affinity-injection=enabled on the namespace.",
        source: ROUTES,
        confidence: Confidence::Documented,
    },
    Rule {
        id: "eci-label-overrides",
        statement: "The ECI label overrides nodeSelector, affinity, topology spread, tolerations, \
                    ResourcePolicy and burst-resource.",
        source: ROUTES,
        confidence: Confidence::Documented,
    },
    Rule {
        id: "eci-label-new-pods",
        statement: "Labels and profiles send new pods only; one that runs stays where it is.",
        source: ROUTES,
        confidence: Confidence::Documented,
    },
    Rule {
        id: "eci-label-binding",
        statement: "A pod that goes to ECI by label or profile is bound as it is created, without filters, \
                    scores or queue, to a virtual node of amd64 machines.",
        source: "inferred from what the label overrides, and from WaitForFirstConsumer being unsupported",
        confidence: Confidence::Estimate,
    },
    Rule {
        id: "eci-zone-ordered",
        statement: "A pod that goes to ECI by label or profile is bound in the zone of the first vSwitch that has \
                    room for it, or of the first if none has, among those that it names itself, or else the \
                    eci-profile's vswitchIds, or else all in the order in which they are listed.",
        source: "ACK, \"Create ECI pods in multiple zones\" and \"Configure an eci-profile\"; that the node is chosen \
                 by room is inferred",
        confidence: Confidence::Documented,
    },
    Rule {
        id: "eci-zone-random",
        statement: "With the annotation k8s.aliyun.com/eci-schedule-strategy: VSwitchRandom, and where a pod names \
                    vSwitches and no strategy, each pod draws the order of its zones.",
        source: "ACK, \"Create ECI pods in multiple zones\"",
        confidence: Confidence::Documented,
    },
    Rule {
        id: "eci-zone-node",
        statement: "The node of a pod that goes to ECI by label or profile stands for the zone of its instance: if \
                    room comes up first in another of its zones, it is bound to that zone's virtual node instead.",
        source: "inferred: Kubernetes binds a pod once, and what ACK shows of such a pod is not documented",
        confidence: Confidence::Estimate,
    },
    Rule {
        id: "eci-no-virtual-node",
        statement: "A pod that goes to ECI by label or profile where no virtual node is stays Pending.",
        source: "inferred: nothing else may take it",
        confidence: Confidence::Estimate,
    },
    Rule {
        id: "eci-profile-after-binding",
        statement: "A pod that the scheduler has placed on a virtual node gets the annotations of the matching \
                    selectors after binding, and no labels.",
        source: "ACK, \"Configure an eci-profile\"; that labels stay away is inferred",
        confidence: Confidence::Estimate,
    },
];

/// The label by which pods and namespaces go to ECI; its value is the text `true`.
pub const ECI_LABEL: &str = "alibabacloud.com/eci";
/// The older label of pods.
pub const OLD_POD_LABEL: &str = "eci";
/// The older label of namespaces, and its value.
pub const OLD_NAMESPACE_LABEL: (&str, &str) = ("virtual-node-affinity-injection", "enabled");

/// What sends a pod to ECI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// A label of its own.
    PodLabel,
    /// A label of its namespace.
    NamespaceLabel,
    /// A selector of the eci-profile.
    Profile,
}

/// What sends a pod to ECI that is created now, if anything does.
pub fn route(pod: &PodSpec, cluster: &Cluster) -> Option<Route> {
    let is_true = |labels: &Labels, key| labels.get(key) == Some("true");
    if is_true(&pod.labels, ECI_LABEL) || is_true(&pod.labels, OLD_POD_LABEL) {
        return Some(Route::PodLabel);
    }
    let namespace = namespace_labels(pod, cluster);
    let (old_key, old_value) = OLD_NAMESPACE_LABEL;
    if is_true(&namespace, ECI_LABEL) || namespace.get(old_key) == Some(old_value) {
        return Some(Route::NamespaceLabel);
    }
    let profile = cluster.owners().eci_profile()?;
    profile.sends(pod, &namespace).then_some(Route::Profile)
}

/// A pod that goes to ECI, with all that the eci-profile adds to it.
pub fn with_effects(mut pod: PodSpec, cluster: &Cluster) -> PodSpec {
    if let Some(profile) = cluster.owners().eci_profile() {
        let namespace = namespace_labels(&pod, cluster);
        profile.apply(&mut pod, &namespace, true);
    }
    pod
}

/// A pod that was placed on a virtual node, with the annotations that the eci-profile adds to it; `None` if it adds
/// nothing.
pub fn annotated(pod: &PodSpec, cluster: &Cluster) -> Option<PodSpec> {
    let profile = cluster.owners().eci_profile().filter(|profile| profile.has_effects())?;
    let mut annotated = pod.clone();
    profile.apply(&mut annotated, &namespace_labels(pod, cluster), false);
    (annotated != *pod).then_some(annotated)
}

fn namespace_labels(pod: &PodSpec, cluster: &Cluster) -> Labels {
    cluster.namespace_labels(&pod.namespace).cloned().unwrap_or_default()
}

/// The virtual nodes that a pod may be sent to, in the order in which they are tried. `named` are those of the vSwitches
/// that the pod names itself; without any they are those of the eci-profile.
pub fn zones(pod: &PodSpec, cluster: &Cluster, named: &[NodeId], seed: u64, draws: Stream) -> Vec<NodeId> {
    let named: Vec<_> =
        named.iter().copied().filter(|&id| takes_routed_pods(&cluster.node(id).spec)).collect();
    let default = if named.is_empty() { ZoneStrategy::Ordered } else { ZoneStrategy::Random };
    let mut zones = if named.is_empty() { configured_zones(cluster) } else { named };
    if ZoneStrategy::of(&pod.annotations).unwrap_or(default) == ZoneStrategy::Random {
        shuffle(&mut zones, seed, Purpose::ZoneOrder, draws);
    }
    zones
}

/// The virtual nodes whose vSwitches the eci-profile names, in its order; all of them where it names none that is known.
fn configured_zones(cluster: &Cluster) -> Vec<NodeId> {
    let all: Vec<_> = cluster.nodes().filter(|node| takes_routed_pods(&node.spec)).collect();
    let ids = cluster.owners().eci_profile().map_or(&[][..], |profile| &profile.vswitch_ids);
    let of_switch = |id: &String| all.iter().find(|node| node.spec.vswitch.as_ref() == Some(id));
    let named: Vec<_> = ids.iter().filter_map(of_switch).map(|node| node.id).collect();
    if named.is_empty() { all.iter().map(|node| node.id).collect() } else { named }
}

fn takes_routed_pods(node: &NodeSpec) -> bool {
    let architecture = node.labels.get("kubernetes.io/arch");
    node.class == NodeClass::Virtual && architecture.is_none_or(|name| name == "amd64")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::EciProfile;
    use crate::object::fixture::{labels, pod};

    #[track_caller]
    fn check(own: &[(&str, &str)], namespace: &[(&str, &str)], expected: Option<Route>) {
        let mut cluster = Cluster::new();
        cluster.set_namespace("ns", labels(namespace));
        assert_eq!(route(&pod(own), &cluster), expected);
    }

    /// rule: eci-label
    #[test]
    fn labels_of_pod_and_namespace_route_if_their_value_is_true() {
        check(&[("alibabacloud.com/eci", "true")], &[], Some(Route::PodLabel));
        check(&[("eci", "true")], &[], Some(Route::PodLabel));
        check(&[], &[("alibabacloud.com/eci", "true")], Some(Route::NamespaceLabel));
        check(&[], &[("virtual-node-affinity-injection", "enabled")], Some(Route::NamespaceLabel));
        check(&[], &[], None);
        for value in ["false", "True", "1", "yes", ""] {
            check(&[("alibabacloud.com/eci", value)], &[("alibabacloud.com/eci", value)], None);
        }
        check(&[], &[("eci", "true")], None);
        check(&[], &[("virtual-node-affinity-injection", "true")], None);
    }

    /// Virtual nodes in zones i, j and k; the switch of zone i is vsw-i, and so on.
    fn zoned(vswitch_ids: &[&str]) -> Cluster {
        let mut cluster = Cluster::new();
        cluster.add_node(NodeSpec::named("ecs"));
        for zone in ["i", "j", "k"] {
            let vswitch = Some(format!("vsw-{zone}"));
            cluster.add_node(NodeSpec { class: NodeClass::Virtual, vswitch, ..NodeSpec::named(zone) });
        }
        let arm = labels(&[("kubernetes.io/arch", "arm64")]);
        cluster.add_node(NodeSpec { class: NodeClass::Virtual, labels: arm, ..NodeSpec::named("arm") });
        let vswitch_ids = vswitch_ids.iter().map(|&id| id.to_owned()).collect();
        cluster.owners_mut().set_eci_profile(EciProfile { vswitch_ids, ..EciProfile::default() });
        cluster
    }

    fn names(cluster: &Cluster, pod: &PodSpec, ordinal: u32) -> Vec<String> {
        let zones = zones(pod, cluster, &[], 1, Stream::of(0, ordinal));
        zones.into_iter().map(|node| cluster.node(node).name().to_owned()).collect()
    }

    /// rule: eci-zone-ordered
    #[test]
    fn zones_are_in_the_order_of_their_vswitches() {
        let of = |ids: &[&str]| names(&zoned(ids), &pod(&[]), 0);
        assert_eq!(of(&[]), ["i", "j", "k"]);
        assert_eq!(of(&["vsw-k", "vsw-i"]), ["k", "i"]);
        assert_eq!(of(&["vsw-of-another-cluster"]), ["i", "j", "k"]);
    }

    /// The pod's own vSwitches come before those of the profile, in drawn order unless it says otherwise.
    ///
    /// rule: eci-zone-ordered
    /// rule: eci-zone-random
    #[test]
    fn vswitches_of_the_pod_come_first() {
        let cluster = zoned(&["vsw-i"]);
        let named = [NodeId(3), NodeId(2), NodeId(4)];
        let annotations = labels(&[("k8s.aliyun.com/eci-schedule-strategy", "VSwitchOrdered")]);
        let ordered = PodSpec { annotations, ..pod(&[]) };
        let of = |pod: &PodSpec, ordinal| zones(pod, &cluster, &named, 1, Stream::of(0, ordinal));
        assert_eq!(of(&ordered, 0), [NodeId(3), NodeId(2)], "the third is of other machines");
        let firsts: std::collections::BTreeSet<_> =
            (0..50).map(|ordinal| of(&pod(&[]), ordinal)[0]).collect();
        assert_eq!(firsts.len(), 2);
    }

    /// rule: eci-zone-random
    #[test]
    fn zones_are_drawn_for_each_pod_and_for_the_same_pod_alike() {
        let cluster = zoned(&[]);
        let annotations = labels(&[("k8s.aliyun.com/eci-schedule-strategy", "VSwitchRandom")]);
        let random = PodSpec { annotations, ..pod(&[]) };
        let mut firsts = std::collections::BTreeMap::<String, usize>::new();
        for ordinal in 0..300 {
            let drawn = names(&cluster, &random, ordinal);
            assert_eq!(drawn, names(&cluster, &random, ordinal));
            assert_eq!(drawn.len(), 3);
            *firsts.entry(drawn[0].clone()).or_default() += 1;
        }
        // 100 of 300 are expected; four standard deviations are 33.
        assert!(firsts.len() == 3 && firsts.values().all(|&count| (67..=133).contains(&count)), "{firsts:?}");
    }
}
