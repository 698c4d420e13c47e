//! What per-pod samples are held against: the pods' requests, or one target value per pod.

use super::metric_error::MetricError;
use super::observation::{Container, Pod};
use super::spec::Resource;
use crate::rule::{Confidence, Rule};

pub(super) const RULES: &[Rule] = &[Rule {
    id: "hpa-requests",
    statement: "Utilization is held against the requests of all containers and native sidecars, or the \
                pod-level request; one container without a request spoils the metric.",
    source: "pkg/controller/podautoscaler/replica_calculator.go `calculateRequests`",
    confidence: Confidence::Source,
}];

/// What samples are held against.
pub(super) enum Yardstick {
    /// Percent of the requests.
    Utilization {
        /// The percentage that is aimed at.
        target: i32,
        /// The request of each pod, in the order of the pods.
        requests: Vec<i64>,
    },
    /// A mean per pod.
    Average {
        /// The mean that is aimed at, in thousandths.
        target: i64,
    },
}

/// Samples added up. Sums are wider than upstream's `int64`, which differs only where that overflows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Total {
    /// All values of pods that count.
    usage: i128,
    /// The requests of the same pods.
    requests: i128,
    /// How many values make up `usage`.
    values: i128,
    /// How many samples count as pods in a new size: also those of pods that the target does not select.
    pub(super) pods: i64,
}

/// How a total compares with its target.
#[derive(Clone, Copy, Debug)]
pub(super) struct Measured {
    /// Usage over target: above 1 is too much load per pod.
    pub(super) ratio: f64,
    /// Usage in percent of the requests, cut off; `None` without requests in play.
    pub(super) utilization: Option<i32>,
    /// Mean usage in thousandths, cut off.
    pub(super) average: i64,
}

impl Yardstick {
    /// The total of samples that belong to no pod of the target: `count` of them with `usage` together. They have no
    /// request, so that a utilization leaves them out, yet they count as pods.
    pub(super) fn strangers(&self, usage: i128, count: usize) -> Total {
        let (usage, values) = match self {
            Self::Utilization { .. } => (0, 0),
            Self::Average { .. } => (usage, count as i128),
        };
        Total { usage, requests: 0, values, pods: count as i64 }
    }

    /// Adds the value of each of the `count` pods at `place`.
    pub(super) fn add(&self, total: &mut Total, place: usize, value: i64, count: u32) {
        let times = i128::from(count);
        if let Self::Utilization { requests, .. } = self {
            total.requests += i128::from(requests[place]) * times;
        }
        total.usage += i128::from(value) * times;
        total.values += times;
        total.pods += i64::from(count);
    }

    /// What a pod without a sample is taken to use when the others say that there are too many pods.
    pub(super) fn assumed_when_shrinking(&self, place: usize) -> i64 {
        match self {
            Self::Utilization { target, requests } => requests[place] * i64::from(*target.max(&100)) / 100,
            Self::Average { target } => *target,
        }
    }

    /// Compares a total with the target (pkg/controller/podautoscaler/metrics/utilization.go at v1.34.1). The
    /// percentage is cut off *before* it is divided by the target: 10.99 % counts as 10.
    pub(super) fn measure(&self, total: Total) -> Result<Measured, MetricError> {
        match self {
            Self::Utilization { target, .. } => {
                if total.requests == 0 {
                    return Err(MetricError::NoMatchingPods);
                }
                let percent = clamp_i32(total.usage * 100 / total.requests);
                Ok(Measured {
                    ratio: f64::from(percent) / f64::from(*target),
                    utilization: Some(percent),
                    average: (total.usage / total.values) as i64,
                })
            }
            Self::Average { target } => {
                let average = (total.usage / total.values) as i64;
                Ok(Measured { ratio: average as f64 / *target as f64, utilization: None, average })
            }
        }
    }
}

fn clamp_i32(value: i128) -> i32 {
    value.clamp(i128::from(i32::MIN), i128::from(i32::MAX)) as i32
}

/// The request of every pod, or of its container `container` (`calculateRequests`,
/// pkg/controller/podautoscaler/replica_calculator.go at v1.34.1): one pod without a request spoils the metric, even
/// a pod that is otherwise ignored.
pub(super) fn requests(
    pods: &[Pod<'_>],
    resource: Resource,
    container: Option<&str>,
) -> Result<Vec<i64>, MetricError> {
    pods.iter()
        .map(|pod| match (pod.pod_requests, container) {
            (Some(amounts), None) => amounts
                .of(resource)
                .ok_or_else(|| MetricError::MissingPodLevelRequest { resource, pod: pod.name.to_owned() }),
            _ => container_requests(pod, resource, container),
        })
        .collect()
}

fn container_requests(
    pod: &Pod<'_>,
    resource: Resource,
    container: Option<&str>,
) -> Result<i64, MetricError> {
    let counted = |it: &&Container<'_>| container.is_none_or(|name| it.name == name);
    let all = pod.containers.iter().chain(pod.sidecars).filter(counted);
    all.map(|it| {
        it.requests.of(resource).ok_or_else(|| MetricError::MissingRequest {
            resource,
            container: it.name.to_owned(),
            pod: pod.name.to_owned(),
        })
    })
    .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::controller::hpa::observation::Amounts;
    use crate::controller::pod_status::PodPhase;

    fn container(name: &str, cpu: Option<i64>) -> Container<'_> {
        Container { name, requests: Amounts { cpu, memory: None } }
    }

    fn pod<'a>(
        containers: &'a [Container<'a>],
        sidecars: &'a [Container<'a>],
        level: Option<i64>,
    ) -> Pod<'a> {
        Pod {
            name: "p",
            count: 1,
            phase: PodPhase::Running,
            deleted: false,
            start: None,
            ready: None,
            containers,
            sidecars,
            pod_requests: level.map(|cpu| Amounts { cpu: Some(cpu), memory: None }),
        }
    }

    /// rule: hpa-requests
    #[test]
    fn sidecars_count_and_pod_level_requests_win() {
        let containers = [container("app", Some(500)), container("log", Some(100))];
        let sidecars = [container("mesh", Some(10))];
        let of = |level, name| requests(&[pod(&containers, &sidecars, level)], Resource::Cpu, name);
        assert_eq!(of(None, None), Ok(vec![610]));
        assert_eq!(of(Some(2000), None), Ok(vec![2000]));
        assert_eq!(of(Some(2000), Some("log")), Ok(vec![100]), "a named container wins over the pod level");
        let missing = requests(&[pod(&containers, &sidecars, Some(2000))], Resource::Memory, None);
        assert_eq!(
            missing.unwrap_err().to_string(),
            "missing pod-level request for memory in Pod p",
            "the containers are not asked"
        );
    }

    /// rule: hpa-requests
    #[test]
    fn one_container_without_request_spoils_the_metric() {
        let containers = [container("app", Some(500)), container("log", None)];
        let error = requests(&[pod(&containers, &[], None)], Resource::Cpu, None).unwrap_err();
        assert_eq!(error.to_string(), "missing request for cpu in container log of Pod p");
        assert_eq!(requests(&[pod(&containers, &[], None)], Resource::Cpu, Some("app")), Ok(vec![500]));
    }

    #[test]
    fn percentages_are_cut_off_before_the_ratio() {
        let yardstick = Yardstick::Utilization { target: 10, requests: vec![10_000] };
        let mut total = yardstick.strangers(5, 1);
        yardstick.add(&mut total, 0, 1099, 1);
        let measured = yardstick.measure(total).unwrap();
        assert_eq!((measured.utilization, measured.average, total.pods), (Some(10), 1099, 2));
        assert!((measured.ratio - 1.0).abs() < f64::EPSILON);
    }
}
