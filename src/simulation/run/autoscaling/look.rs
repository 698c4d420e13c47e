//! The pods of a workload as an autoscaler sees them: those that look alike are counted together.

use crate::controller::hpa::{Config, MetricSpec, Pod, Resource, Spec};
use crate::controller::pod_metrics::Sample;
use crate::controller::pod_status::{ConditionStatus, PodPhase, ReadyCondition};
use crate::id::{ClassId, PodId, WorkloadId};
use crate::object::{ContainerRole, PodSpec};
use crate::simulation::run::Run;
use crate::simulation::run::load::Kind;
use crate::simulation::run::pod_state::PodState;
use crate::units::SimTime;

/// Pods that an autoscaler cannot tell apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Look {
    /// The place of their ReplicaSet, and the first of them if it matters or is known: messages name it.
    pub(super) first: (usize, Option<PodId>),
    pub(super) count: u32,
    pub(super) class: ClassId,
    phase: PodPhase,
    deleted: bool,
    start: Option<SimTime>,
    ready: Option<ReadyCondition>,
    pub(super) sample: Option<Sample>,
    /// Whether their cpu sample counts, and not only that there is one.
    counts: bool,
    /// Whether they are known to serve, where metrics of pods are looked at that are no resources.
    pub(super) known: Option<bool>,
}

/// What an autoscaler looks at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sight<'c> {
    config: &'c Config,
    now: SimTime,
    /// Whether memory matters, which counts whether or not a pod is ready.
    memory: bool,
    /// Whether metrics of pods matter that are no resources.
    custom: bool,
}

impl<'c> Sight<'c> {
    pub(super) fn of(spec: &Spec, config: &'c Config, now: SimTime) -> Self {
        let is_memory = |metric: &MetricSpec| {
            matches!(
                metric,
                MetricSpec::Resource { resource: Resource::Memory, .. }
                    | MetricSpec::ContainerResource { resource: Resource::Memory, .. }
            )
        };
        let is_of_pods = |metric: &MetricSpec| matches!(metric, MetricSpec::Pods { .. });
        let (memory, custom) = (spec.metrics.iter().any(is_memory), spec.metrics.iter().any(is_of_pods));
        Self { config, now, memory, custom }
    }
}

/// Among so many of the last looks another of the same kind is searched for.
const SEARCHED: usize = 8;

impl Look {
    /// One pod, at `now`.
    fn of(
        (set, pod): (usize, PodId),
        class: ClassId,
        state: &PodState,
        (sample, known): (Option<Sample>, Option<bool>),
        sight: Sight<'_>,
    ) -> Self {
        let mut look = Self {
            first: (set, Some(pod)),
            count: 1,
            class,
            phase: state.phase(),
            deleted: state.is_terminating(),
            start: state.assigned,
            ready: state.ready_condition(),
            sample,
            counts: false,
            known,
        };
        let view = look.view("");
        let counts =
            |sample: Sample| !view.is_warming_up(sample.timestamp, sample.window, sight.config, sight.now);
        look.counts = !look.deleted && look.phase != PodPhase::Pending && sample.is_some_and(counts);
        look
    }

    /// The steady pods of a kind. They were ready for all of the window of their sample, whenever that began.
    fn of_steady(set: usize, first: Option<PodId>, kind: &Kind, sample: Sample) -> Self {
        let since = SimTime::ZERO;
        Self {
            first: (set, first),
            count: kind.steady,
            class: kind.class,
            phase: PodPhase::Running,
            deleted: false,
            start: Some(since),
            ready: Some(ReadyCondition { status: ConditionStatus::True, since }),
            sample: Some(sample),
            counts: true,
            known: Some(true),
        }
    }

    /// The pods for the autoscaler, who calls them `name`; their containers are still to be said.
    pub(super) fn view<'v>(&self, name: &'v str) -> Pod<'v> {
        Pod {
            name,
            count: self.count,
            phase: self.phase,
            deleted: self.deleted,
            start: self.start,
            ready: self.ready,
            containers: &[],
            sidecars: &[],
            pod_requests: None,
        }
    }

    /// Whether an autoscaler cannot tell another look from this one. The value of a sample that is left out is the same
    /// to it as any other, and so is since when a pod is what it is, beyond what that says of its sample.
    fn is_like(&self, other: &Self, sight: Sight<'_>) -> bool {
        let is_ready = |look: &Self| look.ready.is_some_and(ReadyCondition::is_true);
        let told = |look: &Self| (look.class, look.phase, look.deleted, look.counts, look.sample.is_some());
        let rate = |look: &Self| look.sample.map(|sample| sample.milli_rate);
        told(self) == told(other)
            && is_ready(self) == is_ready(other)
            && (!self.counts || self.sample == other.sample)
            && (!sight.memory || rate(self) == rate(other))
            && self.known == other.known
    }

    /// Adds the look to others.
    fn add_to(self, looks: &mut Vec<Self>, sight: Sight<'_>) {
        let first_searched = looks.len().saturating_sub(SEARCHED);
        match looks[first_searched..].iter_mut().find(|other| other.is_like(&self, sight)) {
            Some(other) if other.first.0 == self.first.0 => {
                other.count += self.count;
                other.first = other.first.min(self.first);
            }
            _ => looks.push(self),
        }
    }
}

impl Run<'_, '_> {
    /// Looks at the pods of ReplicaSets: in the order of these and of the creation of the first of those that look
    /// alike. The work is that for pods that are not steady, and for the kinds of those that are.
    pub(super) fn look_at_pods(&mut self, sets: &[WorkloadId], sight: Sight<'_>) -> Vec<Look> {
        for (workload, pod) in self.load.serving.unsteady() {
            self.workloads[workload.index()].unsteady.push(pod);
        }
        let mut looks = Vec::new();
        for (place, &set) in sets.iter().enumerate() {
            self.look_at_unsteady(place, set, sight, &mut looks);
            self.look_at_steady(place, set, &mut looks);
        }
        looks.sort_by_key(|look| look.first);
        looks
    }

    fn look_at_unsteady(&mut self, place: usize, set: WorkloadId, sight: Sight<'_>, looks: &mut Vec<Look>) {
        let mut pods = std::mem::take(&mut self.workloads[set.index()].unsteady);
        pods.retain(|&pod| {
            let Some(class) = self.cluster.find_pod(pod).map(|pod| pod.class) else { return false };
            let state = &self.pods[pod.index()];
            let known = if sight.custom { self.custom_metrics.knows(state) } else { None };
            let may_be_steady = !sight.custom || known == Some(true);
            let seat = state.seat.filter(|_| may_be_steady);
            if seat.is_some_and(|seat| self.load.serving.count_if_steady(seat, &self.pod_metrics)) {
                return false;
            }
            let sample = state.meter.and_then(|meter| self.pod_metrics.sample(meter));
            Look::of((place, pod), class, state, (sample, known), sight).add_to(looks, sight);
            true
        });
        self.workloads[set.index()].unsteady = pods;
    }

    fn look_at_steady(&self, place: usize, set: WorkloadId, looks: &mut Vec<Look>) {
        for kind in self.load.serving.kinds_of(set).filter(|kind| kind.steady > 0) {
            let is_of_kind = |pod: &&PodId| {
                let seat = self.pods[pod.index()].seat;
                seat.is_some_and(|seat| self.load.serving.is_counted_as(seat, kind))
            };
            let pods = &self.workloads[set.index()].pods;
            let is_named = lacks_requests(self.cluster.class(kind.class));
            let first = if is_named { pods.iter().find(is_of_kind).copied() } else { None };
            looks.push(Look::of_steady(place, first, kind, self.pod_metrics.steady_sample(kind.account)));
        }
    }
}

/// Whether a message may name a pod of this specification, because one of its containers does not tell all requests.
fn lacks_requests(spec: &PodSpec) -> bool {
    let mut counted = spec.containers.iter().filter(|container| container.role != ContainerRole::Init);
    counted
        .any(|container| ["cpu", "memory"].iter().any(|resource| !container.requests.contains_key(*resource)))
}
