//! Which pods want for nodes.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::snapshot::Snapshot;
use super::{Config, Pending, PodView, View};
use crate::controller::drain::Keeper;
use crate::id::PodId;
use crate::units::{SimTime, Span};

/// Whether there are pods and all were created so recently that more may follow (static_autoscaler.go `allPodsAreNew`).
pub(super) fn are_all_new(pods: &[Pending], buffer: Span, now: SimTime) -> bool {
    let oldest = pods.iter().map(|pod| pod.created).min();
    oldest.is_some_and(|created| now < created + buffer)
}

/// The pods that a group may grow for: they fit nowhere, not even on nodes that are to come. Each of the others is put
/// where it fits (podlistprocessor: filter_out_daemon_sets.go, filter_out_expendable.go, filter_out_schedulable.go).
pub(super) fn to_help(view: &View<'_>, config: &Config, snapshot: &mut Snapshot<'_>) -> Vec<Pending> {
    let priority = |pod: PodId| view.cluster.spec_of(pod).priority;
    let counts = |one: &&Pending| {
        !one.is_daemon
            && view.cluster.pod(one.pod).nominated.is_none()
            && priority(one.pod) >= config.expendable_pods_priority_cutoff
    };
    let leaving = drained(view, snapshot);
    for one in &leaving {
        snapshot.cluster.unbind(one.pod);
    }
    let mut pods: Vec<_> = view.pending.iter().chain(&leaving).filter(counts).copied().collect();
    pods.sort_by_key(|one| (Reverse(priority(one.pod)), one.created, one.pod));
    let places = snapshot.cluster.order().to_vec();
    let mut hopeless = BTreeSet::new();
    pods.retain(|one| {
        let class = snapshot.cluster.pod(one.pod).class;
        if hopeless.contains(&class) {
            return true;
        }
        let fits = snapshot.place(one.pod, &places, None).is_ok();
        if !fits {
            hopeless.insert(class);
        }
        !fits
    });
    pods
}

/// Pods of nodes that are being drained, which will want for another node: they count as if they were evicted already
/// (podlistprocessor/currently_drained_nodes.go).
fn drained(view: &View<'_>, snapshot: &Snapshot<'_>) -> Vec<Pending> {
    let nodes = view.members.iter().filter(|member| member.deleting).map(|member| member.node);
    let pods = nodes.flat_map(|node| snapshot.cluster.node(node).pods.iter().copied());
    let goes = |&pod: &PodId| {
        let PodView { keeper, deleted } = (view.pod)(pod);
        keeper != Keeper::DaemonSet && deleted.is_none()
    };
    let created = |pod: PodId| view.cluster.pod(pod).created;
    pods.filter(goes).map(|pod| Pending { pod, created: created(pod), is_daemon: false }).collect()
}
