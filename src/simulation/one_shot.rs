//! Places pending pods on a cluster one after another, without a clock: what `overspill schedule` does.

mod record;

use crate::admission::eci_routing::{route, with_effects, zones};
use crate::cluster::Cluster;
use crate::id::PodId;
use crate::scheduler::preemption::{Preemption, PreemptionOutcome};
use crate::scheduler::{Attempt, Outcome, Scheduler};

pub use record::{AttemptRecord, CandidateRecord, FitErrorRecord, NodeUse, PreemptRecord, Report, Verdict};

/// What becomes of the victims that preemption finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Victims {
    /// They are named, and stay.
    Report,
    /// They go at once, and the pod is tried again at once.
    Evict,
}

/// Start time of the first pod that is bound here, in seconds of the Unix epoch (2025-01-01); each further one starts
/// a second later. As the recorded decisions have it.
const FIRST_START: i64 = 1_735_689_600;

/// Tries every pending pod in order, binds those that fit, and tells everything that was seen.
pub fn place(
    cluster: &mut Cluster,
    scheduler: &mut Scheduler,
    pending: &[PodId],
    victims: Victims,
) -> Report {
    let mut records = Vec::new();
    let mut bound = 0;
    for &pod in pending {
        if !cluster.pod(pod).terminating && route(cluster.spec_of(pod), cluster).is_some() {
            records.push(send_to_eci(cluster, pod, scheduler.seed(), &mut bound));
            continue;
        }
        for attempt in 1.. {
            let (record, again) = one_attempt(cluster, scheduler, pod, attempt, victims, &mut bound);
            records.push(record);
            if !again {
                break;
            }
        }
    }
    Report::new(records, cluster)
}

/// Binds a pod that goes to ECI by label or eci-profile, past the scheduler.
fn send_to_eci(cluster: &mut Cluster, pod: PodId, seed: u64, bound: &mut i64) -> AttemptRecord {
    let spec = with_effects(cluster.spec_of(pod).as_ref().clone(), cluster);
    let class = cluster.intern(spec);
    cluster.reclassify(pod, class);
    let zones = zones(cluster.spec_of(pod), cluster, &[], seed, cluster.pod(pod).draws);
    let record = AttemptRecord::routed(cluster, pod, zones.first().copied());
    if let Some(&node) = zones.first() {
        *bound += 1;
        cluster.bind(pod, node);
        cluster.start_pod(pod, FIRST_START + *bound);
    }
    record
}

/// One attempt and what follows from it; the answer says whether the pod is tried again.
fn one_attempt(
    cluster: &mut Cluster,
    scheduler: &mut Scheduler,
    pod: PodId,
    number: u32,
    victims: Victims,
    bound: &mut i64,
) -> (AttemptRecord, bool) {
    let spec = cluster.spec_of(pod);
    let Some(profile) = scheduler.profile_of(spec).filter(|_| !cluster.pod(pod).terminating) else {
        return (AttemptRecord::ignored(cluster, pod), false);
    };
    if let Some((_, why)) = profile.gate(spec) {
        return (AttemptRecord::gated(cluster, pod, why), false);
    }
    let attempt = scheduler.attempt(cluster, pod, number);
    let record = AttemptRecord::of(cluster, pod, &attempt);
    let again = match &attempt.outcome {
        Outcome::Chosen(node) => {
            *bound += 1;
            if let Some(spec) = scheduler.written(cluster, pod, *node) {
                let class = cluster.intern(spec);
                cluster.reclassify(pod, class);
            }
            cluster.bind(pod, *node);
            cluster.start_pod(pod, FIRST_START + *bound);
            false
        }
        Outcome::Unschedulable(failure) => {
            victims == Victims::Evict && evict(cluster, pod, &failure.preemption)
        }
        Outcome::NoNodes => false,
    };
    (record, again)
}

/// Removes the victims of the first of the equally good nodes and nominates the pod there.
fn evict(cluster: &mut Cluster, pod: PodId, preemption: &Preemption) -> bool {
    let PreemptionOutcome::Victims { equals } = &preemption.outcome else { return false };
    let Some(&node) = equals.first() else { return false };
    let Some(candidate) = preemption.candidates.iter().find(|one| one.node == node) else { return false };
    for &victim in &candidate.victims {
        cluster.remove_pod(victim);
    }
    cluster.nominate(pod, Some(node));
    true
}

/// The chosen node, if the attempt found one.
fn chosen(attempt: &Attempt) -> Option<crate::id::NodeId> {
    match attempt.outcome {
        Outcome::Chosen(node) => Some(node),
        _ => None,
    }
}
