//! DaemonSets: on which nodes a pod is to run, and what its pods are like.
//!
//! Source: pkg/controller/daemon/daemon_controller.go and pkg/controller/daemon/util/daemonset_util.go at v1.34.1.
//! Templates do not change here, so there is neither surge nor rolling update.

use crate::object::taint::{first_untolerated, tolerated};
use crate::object::{Effect, NodeSelector, NodeSelectorTerm, NodeSpec, PodSpec, Requirement, Toleration};
use crate::rule::{Confidence, Rule};
use crate::units::SimTime;

/// Where pods of DaemonSets run.
pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "daemon-set-nodes",
        statement: "A DaemonSet keeps one pod for each node whose labels its template selects and whose taints it \
                    tolerates; a pod that is there stays if new taints are no worse than NoSchedule, and goes if the \
                    node is selected no more.",
        source: "pkg/controller/daemon/daemon_controller.go `NodeShouldRunDaemonPod`, `podsShouldBeOnNode`",
        confidence: Confidence::Source,
    },
    Rule {
        id: "daemon-set-tolerations",
        statement: "Pods of a DaemonSet tolerate not-ready and unreachable with NoExecute, disk, memory and PID \
                    pressure and unschedulable with NoSchedule, and network-unavailable if they use the node's network.",
        source: "pkg/controller/daemon/util/daemonset_util.go `AddOrUpdateDaemonPodTolerations`",
        confidence: Confidence::Source,
    },
    Rule {
        id: "daemon-set-affinity",
        statement: "The default scheduler binds each pod: its required node affinity is replaced by one that names \
                    its node.",
        source: "pkg/controller/daemon/util/daemonset_util.go `ReplaceDaemonSetPodNodeNameNodeAffinity`",
        confidence: Confidence::Source,
    },
    Rule {
        id: "daemon-set-burst",
        statement: "One sync of a DaemonSet creates or deletes 250 pods at most, in the order of the nodes; what it \
                    creates is asked for one after another.",
        source: "pkg/controller/daemon/daemon_controller.go `BurstReplicas`; upstream asks for growing batches at once, \
                 in no fixed order",
        confidence: Confidence::Estimate,
    },
    Rule {
        id: "daemon-set-first",
        statement: "At the start of a run DaemonSets create their pods before other workloads.",
        source: "agents are there when a node becomes ready; upstream has no order",
        confidence: Confidence::Estimate,
    },
    Rule {
        id: "daemon-set-on-virtual-nodes",
        statement: "A virtual node whose taint a DaemonSet tolerates gets a pod that stays Pending and costs nothing.",
        source: "virtual-kubelet, node/pod.go: pods of DaemonSets are skipped; ACK, virtual nodes' limits",
        confidence: Confidence::Source,
    },
    Rule {
        id: "daemon-set-by-label",
        statement: "Neither ECI labels nor an eci-profile send pods of DaemonSets to ECI.",
        source: "inferred: virtual nodes do not support DaemonSets",
        confidence: Confidence::Estimate,
    },
];

/// How many pods one sync creates or deletes at most (`BurstReplicas`).
pub const BURST_DAEMONS: usize = 250;

/// The field of a node that holds its name.
const NAME_FIELD: &str = "metadata.name";

/// A template with the tolerations that the controller adds to each of its pods.
#[must_use]
pub fn with_tolerations(mut template: PodSpec) -> PodSpec {
    use Effect::{NoExecute, NoSchedule};
    let network = template.host_network.then_some(("network-unavailable", NoSchedule));
    let added = [
        ("not-ready", NoExecute),
        ("unreachable", NoExecute),
        ("disk-pressure", NoSchedule),
        ("memory-pressure", NoSchedule),
        ("pid-pressure", NoSchedule),
        ("unschedulable", NoSchedule),
    ];
    for (name, effect) in added.into_iter().chain(network) {
        let key = format!("node.kubernetes.io/{name}");
        let (value, effect) = (String::new(), Some(effect));
        let toleration = Toleration { key, exists: true, value, effect, seconds: None };
        if !template.tolerations.contains(&toleration) {
            template.tolerations.push(toleration);
        }
    }
    template
}

/// The pod of `template` that is for the node of this name.
pub fn pod_for(template: &PodSpec, node: &str) -> PodSpec {
    let term = NodeSelectorTerm { labels: Vec::new(), fields: vec![Requirement::equals(NAME_FIELD, node)] };
    let mut pod = template.clone();
    pod.node_affinity.required = Some(NodeSelector { terms: vec![term] });
    pod
}

/// The name of the node that a pod is for: that on which it is, or that which its affinity names
/// (`GetTargetNodeName`).
pub fn target<'p>(pod: &'p PodSpec, bound: Option<&'p str>) -> Option<&'p str> {
    bound.or_else(|| {
        let fields = pod.node_affinity.required.iter().flat_map(|required| &required.terms);
        let name = fields.flat_map(|term| &term.fields).find(|field| field.key == NAME_FIELD)?;
        name.values.first().map(String::as_str)
    })
}

/// What a DaemonSet wants of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Whether a pod is to be made if there is none.
    pub to_run: bool,
    /// Whether a pod that is there is to stay.
    pub to_stay: bool,
}

/// What a DaemonSet wants of a node; `template` has the [tolerations](with_tolerations) of its pods.
pub fn wanted(template: &PodSpec, node: &NodeSpec) -> Wanted {
    if !template.selects_node(&node.name, &node.labels) {
        return Wanted { to_run: false, to_stay: false };
    }
    let tolerations = &template.tolerations;
    let evicts =
        node.taints.iter().any(|taint| taint.effect == Effect::NoExecute && !tolerated(taint, tolerations));
    Wanted { to_run: first_untolerated(&node.taints, tolerations).is_none(), to_stay: !evicts }
}

/// A pod of a DaemonSet that is for a node.
#[derive(Clone, Copy, Debug)]
pub struct Pod<'a> {
    /// Its name.
    pub name: &'a str,
    /// Whether it is on the node.
    pub bound: bool,
    /// When it was created.
    pub created: SimTime,
    /// Whether it was told to end.
    pub terminating: bool,
}

/// What is to be done for a node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Correction {
    /// Whether a pod is to be made.
    pub create: bool,
    /// Which pods are to be deleted, by their places.
    pub delete: Vec<usize>,
}

/// What is to be done for a node that `pods` are for (`podsShouldBeOnNode`). While a pod terminates there is no other.
pub fn correction(wanted: Wanted, pods: &[Pod<'_>]) -> Correction {
    if pods.is_empty() {
        return Correction { create: wanted.to_run, delete: Vec::new() };
    }
    let mut living: Vec<_> = (0..pods.len()).filter(|&place| !pods[place].terminating).collect();
    if wanted.to_stay {
        // Of several the oldest stays, of those that are on the node (`podByCreationTimestampAndPhase`).
        living.sort_by_key(|&place| (!pods[place].bound, pods[place].created, pods[place].name));
        living.drain(..living.len().min(1));
    }
    Correction { create: false, delete: living }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::{Labels, Taint};

    fn template() -> PodSpec {
        with_tolerations(PodSpec::empty("kube-system"))
    }

    fn node(labels: &[(&str, &str)], taints: &[(&str, Effect)]) -> NodeSpec {
        let taint =
            |&(key, effect): &(&str, Effect)| Taint { key: key.to_owned(), value: String::new(), effect };
        NodeSpec {
            labels: labels.iter().copied().collect(),
            taints: taints.iter().map(taint).collect(),
            ..NodeSpec::named("n")
        }
    }

    const BOTH: Wanted = Wanted { to_run: true, to_stay: true };
    const STAY: Wanted = Wanted { to_run: false, to_stay: true };
    const NEITHER: Wanted = Wanted { to_run: false, to_stay: false };

    /// rule: daemon-set-nodes
    #[test]
    fn selected_and_tolerated_nodes_get_a_pod() {
        let selecting = PodSpec { node_selector: Some(Labels::from_iter([("pool", "web")])), ..template() };
        assert_eq!(wanted(&selecting, &node(&[("pool", "web")], &[])), BOTH);
        assert_eq!(wanted(&selecting, &node(&[("pool", "db")], &[])), NEITHER);
        assert_eq!(wanted(&template(), &node(&[], &[("own", Effect::NoSchedule)])), STAY);
        assert_eq!(wanted(&template(), &node(&[], &[("own", Effect::NoExecute)])), NEITHER);
        assert_eq!(wanted(&template(), &node(&[], &[("own", Effect::PreferNoSchedule)])), BOTH);
    }

    /// rule: daemon-set-tolerations
    #[test]
    fn a_nodes_own_troubles_are_tolerated() {
        let troubles = [
            ("node.kubernetes.io/not-ready", Effect::NoExecute),
            ("node.kubernetes.io/unreachable", Effect::NoExecute),
            ("node.kubernetes.io/disk-pressure", Effect::NoSchedule),
            ("node.kubernetes.io/memory-pressure", Effect::NoSchedule),
            ("node.kubernetes.io/pid-pressure", Effect::NoSchedule),
            ("node.kubernetes.io/unschedulable", Effect::NoSchedule),
        ];
        assert_eq!(wanted(&template(), &node(&[], &troubles)), BOTH);
        let network = node(&[], &[("node.kubernetes.io/network-unavailable", Effect::NoSchedule)]);
        assert_eq!(wanted(&template(), &network), STAY);
        let on_host = with_tolerations(PodSpec { host_network: true, ..PodSpec::empty("kube-system") });
        assert_eq!(wanted(&on_host, &network), BOTH);
        assert_eq!(with_tolerations(template()), template(), "what is there is not added again");
    }

    /// rule: daemon-set-affinity
    #[test]
    fn a_pod_names_its_node_and_keeps_what_it_prefers() {
        let mut template = template();
        template.node_affinity.required = Some(NodeSelector::default());
        template.node_affinity.preferred = vec![(1, NodeSelectorTerm::default())];
        let pod = pod_for(&template, "n1");
        assert!(pod.selects_node("n1", &Labels::default()) && !pod.selects_node("n2", &Labels::default()));
        assert_eq!(pod.node_affinity.preferred, template.node_affinity.preferred);
        assert_eq!((target(&pod, None), target(&pod, Some("n3"))), (Some("n1"), Some("n3")));
        assert_eq!(target(&PodSpec::empty("default"), None), None);
    }

    fn pod(name: &str, bound: bool, seconds: u64, terminating: bool) -> Pod<'_> {
        Pod { name, bound, created: SimTime::from_secs(seconds), terminating }
    }

    #[track_caller]
    fn check(wanted: Wanted, pods: &[Pod<'_>], create: bool, delete: &[usize]) {
        assert_eq!(correction(wanted, pods), Correction { create, delete: delete.to_vec() });
    }

    /// rule: daemon-set-nodes
    #[test]
    fn there_is_one_pod_where_one_is_wanted() {
        check(BOTH, &[], true, &[]);
        check(STAY, &[], false, &[]);
        check(NEITHER, &[], false, &[]);
        let one = pod("a", true, 0, false);
        check(BOTH, &[one], false, &[]);
        check(STAY, &[one], false, &[]);
        check(NEITHER, &[one], false, &[0]);
    }

    #[test]
    fn a_pod_that_ends_is_waited_for() {
        let ending = pod("a", true, 0, true);
        check(BOTH, &[ending], false, &[]);
        check(NEITHER, &[ending, pod("b", false, 1, false)], false, &[1]);
    }

    #[test]
    fn of_several_the_oldest_on_the_node_stays() {
        let pods = [pod("a", false, 0, false), pod("c", true, 2, false), pod("b", true, 2, false)];
        check(BOTH, &pods, false, &[1, 0]);
    }
}
