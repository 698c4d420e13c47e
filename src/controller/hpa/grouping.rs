//! Which pods' samples count: ready, unready, missing and ignored pods.

use super::observation::Pod;
use super::samples::Samples;
use super::spec::{Config, Resource};
use crate::controller::pod_status::{ConditionStatus, PodPhase};
use crate::rule::{Confidence, Rule};
use crate::units::{SimTime, Span};

pub(super) const RULES: &[Rule] = &[Rule {
    id: "hpa-warm-up",
    statement: "In its first five minutes a pod's cpu sample counts once the pod was ready for the whole \
                window of the sample; later unless it has never been ready.",
    source: "pkg/controller/podautoscaler/replica_calculator.go `groupPods`",
    confidence: Confidence::Source,
}];

/// The pods of a target by what becomes of their samples, as places in [`super::Observation::pods`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PodGroups {
    /// Their samples count.
    pub ready: Vec<usize>,
    /// Pending, or warming up: their samples do not count, but growth counts them as idle.
    pub unready: Vec<usize>,
    /// Without a sample: counted against the direction of a change.
    pub missing: Vec<usize>,
    /// Deleted or failed: as if they were not there.
    pub ignored: Vec<usize>,
}

impl PodGroups {
    /// Sorts `pods` into groups (`groupPods`, pkg/controller/podautoscaler/replica_calculator.go at v1.34.1).
    /// Readiness is looked at for cpu alone: `resource` is `None` for metrics that are no resource.
    pub(super) fn new(
        pods: &[Pod<'_>],
        samples: &Samples<'_>,
        resource: Option<Resource>,
        config: &Config,
        now: SimTime,
    ) -> Self {
        let mut groups = Self::default();
        for (place, pod) in pods.iter().enumerate() {
            groups.group_of(pod, samples, resource, config, now).push(place);
        }
        groups
    }

    fn group_of(
        &mut self,
        pod: &Pod<'_>,
        samples: &Samples<'_>,
        resource: Option<Resource>,
        config: &Config,
        now: SimTime,
    ) -> &mut Vec<usize> {
        if pod.deleted || pod.phase == PodPhase::Failed {
            return &mut self.ignored;
        }
        if pod.phase == PodPhase::Pending {
            return &mut self.unready;
        }
        let Some(sample) = samples.of(pod.name) else {
            return &mut self.missing;
        };
        if resource == Some(Resource::Cpu) && pod.is_warming_up(sample.timestamp, sample.window, config, now)
        {
            return &mut self.unready;
        }
        &mut self.ready
    }
}

impl Pod<'_> {
    /// Whether the pod's cpu sample, taken over `window` until `timestamp`, tells more about its start than about its
    /// load. "Unknown" is not "False".
    pub fn is_warming_up(&self, timestamp: SimTime, window: Span, config: &Config, now: SimTime) -> bool {
        let (Some(ready), Some(start)) = (self.ready, self.start) else {
            return true;
        };
        let is_unready = ready.status == ConditionStatus::False;
        if start + config.cpu_initialization_period > now {
            is_unready || timestamp < ready.since + window
        } else {
            is_unready && start + config.initial_readiness_delay > ready.since
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::controller::hpa::observation::{Amounts, ContainerUsage, PodMetrics};
    use crate::controller::pod_status::ReadyCondition;

    const NOW: SimTime = SimTime::from_secs(1000);

    /// A pod that started `age` seconds ago and has been in its readiness for `since` seconds, with a sample taken
    /// `sampled` seconds ago over 15 s.
    #[track_caller]
    fn check(age: u64, status: ConditionStatus, since: u64, sampled: u64, resource: Resource, ready: bool) {
        let ago = |seconds: u64| SimTime::from_secs(1000 - seconds);
        let pods = [Pod {
            name: "p",
            count: 1,
            phase: PodPhase::Running,
            deleted: false,
            start: Some(ago(age)),
            ready: Some(ReadyCondition { status, since: ago(since) }),
            containers: &[],
            sidecars: &[],
            pod_requests: None,
        }];
        let usage = [ContainerUsage { name: "c", usage: Amounts { cpu: Some(1), memory: Some(1) } }];
        let answer = [PodMetrics {
            pod: "p",
            timestamp: ago(sampled),
            window: Span::from_secs(15),
            containers: &usage,
        }];
        let samples = Samples::of_resource(&answer, resource, None);
        let groups = PodGroups::new(&pods, &samples, Some(resource), &Config::default(), NOW);
        let expected: (&[usize], &[usize]) = if ready { (&[0], &[]) } else { (&[], &[0]) };
        assert_eq!((&*groups.ready, &*groups.unready), expected);
    }

    /// oracle: recorded decisions of the HPA controller, "Pod grouping".
    /// rule: hpa-warm-up
    #[test]
    fn a_young_pods_sample_counts_once_it_was_ready_for_a_whole_window() {
        use ConditionStatus::{False, True, Unknown};
        use Resource::{Cpu, Memory};
        check(100, True, 20, 5, Cpu, true);
        check(100, True, 20, 6, Cpu, false);
        check(100, False, 90, 5, Cpu, false);
        check(100, Unknown, 90, 5, Cpu, true);
        check(100, False, 90, 5, Memory, true);
        check(299, True, 5, 5, Cpu, false);
        check(300, True, 5, 5, Cpu, true);
    }

    /// rule: hpa-warm-up
    #[test]
    fn an_old_pod_is_unready_only_if_it_never_was_ready() {
        check(400, ConditionStatus::False, 371, 5, Resource::Cpu, false);
        check(400, ConditionStatus::False, 370, 5, Resource::Cpu, true);
        check(400, ConditionStatus::False, 10, 5, Resource::Cpu, true);
    }
}
