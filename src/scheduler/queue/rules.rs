//! The modelled rules of the queue, as docs/model.md lists them.

use crate::rule::{Confidence, Rule};

/// A rule of the queue, read in upstream's source and confirmed by the recorded timelines.
const fn rule(id: &'static str, statement: &'static str, source: &'static str) -> Rule {
    Rule { id, statement, source, confidence: Confidence::Source }
}

pub(crate) const RULES: &[Rule] = &[
    rule(
        "queue-order",
        "activeQ is in order of priority, then of the time of creation or of the last failure, then of insertion.",
        "pkg/scheduler/framework/plugins/queuesort/priority_sort.go",
    ),
    rule(
        "queue-add",
        "A new pod goes to activeQ, unless a PreEnqueue plugin holds it back.",
        "pkg/scheduler/backend/queue/scheduling_queue.go `Add`",
    ),
    rule(
        "queue-pop",
        "The head of activeQ is tried next; if activeQ is empty, the head of backoffQ at once, whatever its expiry, \
         and never a pod that backs off after an error.",
        "pkg/scheduler/backend/queue/active_queue.go `unlockedPop`",
    ),
    rule(
        "queue-rejectors",
        "A failed pod is held by the plugins that rejected a node, a PreFilter that rejected it, and the PreFilters \
         that restricted it to some nodes.",
        "pkg/scheduler/schedule_one.go `findNodesThatFitPod`",
    ),
    rule(
        "queue-unschedulable",
        "A pod that no node fits waits for an event, unless one that helps came during its attempt: then it backs off.",
        "pkg/scheduler/backend/queue/scheduling_queue.go `AddUnschedulableIfNotPresent`",
    ),
    rule(
        "queue-error",
        "A pod whose attempt ended in an error, as without any node, backs off in a queue of its own, which no event \
         empties.",
        "pkg/scheduler/backend/queue/scheduling_queue.go `AddUnschedulableIfNotPresent`",
    ),
    rule(
        "queue-backoff",
        "The n-th failure backs off min(initial·2^(n−1), longest), ended at the next whole second after it is over.",
        "pkg/scheduler/backend/queue/backoff_queue.go `calculateBackoffDuration`",
    ),
    rule(
        "queue-backoff-order",
        "backoffQ is in order of the second of expiry, then of priority, then of the time of the failure.",
        "pkg/scheduler/backend/queue/backoff_queue.go `lessBackoffCompletedWithPriority`",
    ),
    rule(
        "queue-flush-backoff",
        "On every whole second pods whose backoff is over go to activeQ.",
        "pkg/scheduler/backend/queue/backoff_queue.go `popAllBackoffCompleted`",
    ),
    rule(
        "queue-flush-leftover",
        "Every 30 s pods that have waited for more than five minutes are tried without an event; gated pods are not.",
        "pkg/scheduler/backend/queue/scheduling_queue.go `flushUnschedulablePodsLeftover`",
    ),
    rule(
        "queue-event",
        "An event wakes a pod only if the hint of one of its rejectors says so; one that still backs off goes to \
         backoffQ.",
        "pkg/scheduler/backend/queue/scheduling_queue.go `movePodsToActiveOrBackoffQueue`",
    ),
    rule(
        "queue-activate",
        "A waiting pod that a plugin asks for goes to activeQ, whatever its backoff; a gated one stays.",
        "pkg/scheduler/backend/queue/scheduling_queue.go `Activate`",
    ),
    rule(
        "queue-update",
        "A change of a waiting pod is put to its own rejectors and wakes nobody else.",
        "pkg/scheduler/backend/queue/scheduling_queue.go `Update`",
    ),
    rule(
        "queue-delete",
        "A pod that was deleted and comes again under its name is a new pod, without attempts or backoff.",
        "pkg/scheduler/backend/queue/scheduling_queue.go `Delete`",
    ),
    rule(
        "queue-gate",
        "A gated pod is queued when its last gate is gone, with the time of its creation.",
        "pkg/scheduler/framework/plugins/schedulinggates/scheduling_gates.go",
    ),
    rule(
        "queue-any-taint",
        "Any change of a taint, or an uncordon, of any node wakes pods rejected by plugins that listen to new nodes \
         and not to taints.",
        "pkg/scheduler/scheduler.go:497 `buildQueueingHintMap`",
    ),
    rule(
        "queue-hint-interpodaffinity",
        "The hints of InterPodAffinity look only at the waiting pod's own terms, and match a namespaceSelector \
         against no labels.",
        "pkg/scheduler/framework/plugins/interpodaffinity/plugin.go:151",
    ),
    rule(
        "queue-hint-tolerations",
        "Only a change of the waiting pod's own tolerations wakes it; those of bound pods wake nobody.",
        "pkg/scheduler/framework/events.go",
    ),
    rule(
        "queue-hint-noderesourcesfit",
        "A pod that lacked room is woken by a node that it would fit empty, by a pod that goes, and by a request that \
         shrinks.",
        "pkg/scheduler/framework/plugins/noderesources/fit.go:331",
    ),
];
