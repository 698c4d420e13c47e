//! What an autoscaler of nodes does, as data.

use crate::rule::{Confidence, Rule};

const fn source(id: &'static str, statement: &'static str, source: &'static str) -> Rule {
    Rule { id, statement, source, confidence: Confidence::Source }
}

/// When nodes come and go.
pub(crate) const RULES: &[Rule] = &[
    source(
        "ca-trigger",
        "A node group grows for pods whose condition PodScheduled is false because they are Unschedulable, and for no \
         others: a pod that a virtual node takes never is.",
        "kubernetes/autoscaler, FAQ, \"When does Cluster Autoscaler change the size of a cluster?\"; core/static_autoscaler.go",
    ),
    source(
        "ca-expendable",
        "Pods of a priority below --expendable-pods-priority-cutoff (-10) start no scale-up and keep no node from going.",
        "core/podlistprocessor/filter_out_expendable.go; FAQ, \"How does Cluster Autoscaler work with Pod Priority?\"",
    ),
    source(
        "ca-young-pods",
        "Pods younger than --new-pod-scale-up-delay, which is 0, are not looked at.",
        "core/static_autoscaler.go `filterOutYoungPods`",
    ),
    source(
        "ca-new-pods",
        "While the oldest of the pods that want for a node is younger than 2 s, a scan waits for more of them: no group grows, \
         and no node goes.",
        "core/static_autoscaler.go `allPodsAreNew`, `unschedulablePodTimeBuffer`; the 30 s for pods with GPUs are left out",
    ),
    source(
        "ca-not-triggered",
        "Pods are told that no group helps them only in scans that have none grow.",
        "processors/status/eventing_scale_up_processor.go",
    ),
    source(
        "ca-schedulable",
        "A pod that passes the filters on a node that is there, was asked for or starts, does not count; pods of higher \
         priority are placed first.",
        "core/podlistprocessor/filter_out_schedulable.go; clusterstate/clusterstate.go `GetUpcomingNodes`",
    ),
    source(
        "ca-daemon-pods",
        "Pending pods of DaemonSets start no scale-up.",
        "core/podlistprocessor/filter_out_daemon_sets.go",
    ),
    source(
        "ca-filters",
        "A pod fits a group if a node of its template, with the pods that DaemonSets put there, passes the filter plugins \
         of the pod's scheduler.",
        "core/scaleup/orchestrator/orchestrator.go `SchedulablePodGroups`; simulator/node_info_utils.go",
    ),
    source(
        "ca-estimate",
        "Pods are put onto new nodes in turn, the largest share of cpu plus memory first; a pod that an empty node \
         cannot take ends the search; no more nodes than the pool's maximum and --max-nodes-per-scaleup (1000) leave.",
        "estimator/binpacking_estimator.go, decreasing_pod_orderer.go, threshold_based_limiter.go",
    ),
    source(
        "ca-one-group",
        "One scan has one group grow, the pods that it does not help waiting for the next, but for groups that balance it.",
        "core/scaleup/orchestrator/orchestrator.go `ScaleUp`",
    ),
    source(
        "ca-least-waste",
        "least-waste: the group whose new nodes' cpu and memory the pods leave the smallest shares of, added up.",
        "expander/waste/waste.go",
    ),
    source("ca-most-pods", "most-pods: the group that helps the most pods.", "expander/mostpods/mostpods.go"),
    source(
        "ca-priority",
        "priority: the groups whose names match a pattern of the highest priority, from -1 on; all where none matches.",
        "expander/priority/priority.go",
    ),
    source(
        "ca-price",
        "price: the group with the least (nodes' price + price of 500m and 500Mi) / (pods' price + the same), times how \
         far its cpu is from what suits a cluster of that size, which counts less the more nodes there are to be.",
        "expander/price/price.go, preferred.go",
    ),
    Rule {
        id: "ca-pod-price",
        statement: "To the price expander a pod is worth what its requests cost on ECI by the vCPU and GiB.",
        source: "upstream has prices of pods for GCE only (cloudprovider/gce/gce_price_model.go)",
        confidence: Confidence::Estimate,
    },
    source(
        "ca-random",
        "random, and every tie that a chain of expanders leaves: one of the groups is drawn.",
        "expander/factory/chain.go, expander/random/random.go",
    ),
    source(
        "ca-balance",
        "With --balance-similar-node-groups, which is off, new nodes go one after another to the smallest of the groups \
         that are alike.",
        "processors/nodegroupset/balancing_processor.go, compare_nodegroups.go",
    ),
    source(
        "ca-limits",
        "No group grows beyond its pool's maximum, --max-nodes-total, --cores-total or --memory-total.",
        "core/scaleup/orchestrator/orchestrator.go, core/scaleup/resource/manager.go",
    ),
    source(
        "ca-backoff",
        "A group that could not grow is left alone for 5 minutes, twice as long each time up to 30, anew after 3 hours \
         without a failure.",
        "utils/backoff/exponential_backoff.go; config/flags/flags.go",
    ),
    source(
        "ca-provision-time",
        "A node that is not registered --max-node-provision-time (15m) after it was asked for is given up, and its group \
         backs off.",
        "core/static_autoscaler.go `removeOldUnregisteredNodes`; clusterstate/clusterstate.go `updateScaleRequests`",
    ),
    source(
        "ca-unready",
        "Nothing is done while more than 3 nodes and more than 45 % of all, virtual ones included, are not ready, those that \
         start left out; the same holds for the growth of one group.",
        "clusterstate/clusterstate.go `IsClusterHealthy`, `IsNodeGroupHealthy`",
    ),
    source(
        "ca-utilization",
        "A node may go while its pods, those of DaemonSets included, request less than half of its cpu and less than half \
         of its memory, be it ready or not.",
        "simulator/utilization/info.go; core/scaledown/eligibility/eligibility.go; --scale-down-utilization-threshold 0.5",
    ),
    source(
        "ca-drain-simulation",
        "A node is not needed if each of its pods passes the filters on another node, which take turns, those counted as \
         gone that were found before; one whose pods do not is looked at again after 5 minutes.",
        "simulator/cluster.go `SimulateNodeRemoval`; core/scaledown/planner/planner.go `categorizeNodes`",
    ),
    source(
        "ca-virtual-destination",
        "The other node may be a virtual one: every node that is there is a destination, and filters alone decide; one that \
         is to come is none.",
        "processors/nodes/pre_filtering_processor.go `GetPodDestinationCandidates`",
    ),
    source(
        "ca-blocking-pods",
        "A node stays for a pod without a controller, one of kube-system without a budget, one with local storage, \
         one annotated as not safe to evict, or one whose budget is used up; annotated as safe, a pod is kept by its budget \
         alone.",
        "simulator/drainability/rules; utils/drain/drain.go; FAQ, \"What types of pods can prevent CA from removing a node?\"",
    ),
    source(
        "ca-scale-down-disabled",
        "A node with annotation cluster-autoscaler.kubernetes.io/scale-down-disabled \"true\" stays.",
        "core/scaledown/eligibility/eligibility.go `HasNoScaleDownAnnotation`",
    ),
    source(
        "ca-min-size",
        "No node goes that its pool's minimum needs.",
        "core/scaledown/unneeded/nodes.go `RemovableAt`; processors/nodes/pre_filtering_processor.go",
    ),
    source(
        "ca-unneeded-time",
        "A node goes when it was not needed for 10 minutes, or not ready and not needed for 20; at just that time already, \
         for upstream, which wants more, starts each loop a little later than its interval says.",
        "core/scaledown/unneeded/nodes.go `RemovableAt`; --scale-down-unneeded-time, --scale-down-unready-time",
    ),
    source(
        "ca-cooldown",
        "No node goes until 10 minutes after the last scale-up, 3 minutes after the last removal that failed and 0 s after \
         the scan that last began one; meanwhile it is noted how long they are not needed, but none is marked.",
        "core/static_autoscaler.go `RunOnce`, `isScaleDownInCooldown`",
    ),
    source(
        "ca-scale-up-first",
        "A scan that has a group grow does not look which nodes are needed.",
        "core/static_autoscaler.go `RunOnce`",
    ),
    source(
        "ca-drained-pods",
        "Pods of a node that is being drained, and are not told to end yet, count as if they waited for a node.",
        "core/podlistprocessor/currently_drained_nodes.go",
    ),
    source(
        "ca-long-terminating",
        "A pod that was to have ended more than 30 s ago requests nothing, needs no other place, and is not waited for.",
        "utils/drain/drain.go `IsPodLongTerminating`; simulator/drainability/rules/longterminating; simulator/utilization/info.go",
    ),
    source(
        "ca-starting",
        "A node that is not ready within 15 minutes of its registration starts, whatever it was before; it counts as its \
         group's nodes are when they are ready.",
        "clusterstate/clusterstate.go `updateReadinessStats`, `MaxNodeStartupTime`, `GetUpcomingNodes`",
    ),
    source(
        "ca-local-storage",
        "Local storage is a hostPath or an emptyDir that is not in memory, unless the annotation \
         safe-to-evict-local-volumes names it.",
        "utils/drain/drain.go `HasBlockingLocalStorage`",
    ),
    source(
        "ca-parallelism",
        "At most 10 nodes are on their way out at once, and one of them with pods to evict; empty ones go first.",
        "core/scaledown/budgets/budgets.go `CropNodes`; --max-scale-down-parallelism, --max-drain-parallelism",
    ),
    Rule {
        id: "ca-ack-defaults",
        statement: "On ACK cluster-autoscaler scans every 60 s by least-waste, lets pods take 14400 s to end and takes no \
                    account of local storage.",
        source: "ACK, \"CreateAutoscalingConfig\"",
        confidence: Confidence::Documented,
    },
    Rule {
        id: "ca-instant-elasticity",
        statement: "Node instant elasticity asks for nodes 3.5 s after a pod was found to fit nowhere, 180 at most in one \
                    batch, and else decides as ACK's cluster-autoscaler.",
        source: "ACK, \"Node instant elasticity\"; four measured runs: 3 to 4 s",
        confidence: Confidence::Observed,
    },
];
