//! Why a metric gives no proposal, in the controller's own words.

use super::spec::{MetricSpec, Resource, ResourceTarget, ValueTarget};

/// Why a metric gives no proposal. The texts are upstream's, since they are what `kubectl describe hpa` shows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MetricError {
    /// A metrics API did not answer, or does not know the metric.
    #[error("{query}: unable to fetch metrics from {api} metrics API: {reason}")]
    Api {
        /// What was asked for.
        query: String,
        /// Which API: resource, custom or external.
        api: &'static str,
        /// What it answered.
        reason: String,
    },
    /// A metrics API answered with an empty list.
    #[error("{query}: no metrics returned from {api} metrics API")]
    NoMetricsReturned {
        /// What was asked for.
        query: String,
        /// Which API: resource, custom or external.
        api: &'static str,
    },
    /// The target selects no pod.
    #[error("no pods returned by selector while calculating replica count")]
    NoPods,
    /// Samples were returned, but all of them belong to pods that do not count.
    #[error("did not receive metrics for targeted pods (pods might be unready)")]
    NoMetricsForTargetedPods,
    /// A container has no request, so that its pod has no utilization.
    #[error("missing request for {resource} in container {container} of Pod {pod}")]
    MissingRequest {
        /// The resource.
        resource: Resource,
        /// The container.
        container: String,
        /// Its pod.
        pod: String,
    },
    /// A pod has pod-level requests, but not for this resource.
    #[error("missing pod-level request for {resource} in Pod {pod}")]
    MissingPodLevelRequest {
        /// The resource.
        resource: Resource,
        /// The pod.
        pod: String,
    },
    /// No pod that has a sample has a request above zero.
    #[error("no metrics returned matched known pods")]
    NoMatchingPods,
}

impl MetricSpec {
    /// The reason of the condition and the event when this kind of metric fails.
    pub(super) const fn failure_reason(&self) -> &'static str {
        match self {
            Self::Resource { .. } => "FailedGetResourceMetric",
            Self::ContainerResource { .. } => "FailedGetContainerResourceMetric",
            Self::Pods { .. } => "FailedGetPodsMetric",
            Self::Object { .. } => "FailedGetObjectMetric",
            Self::External { .. } => "FailedGetExternalMetric",
        }
    }

    /// The text of the event when this metric fails with `error`.
    pub(super) fn failure_message(&self, error: &MetricError) -> String {
        match self {
            Self::Resource { resource, target } | Self::ContainerResource { resource, target, .. } => {
                let sought = match target {
                    ResourceTarget::Utilization(_) => "utilization",
                    ResourceTarget::AverageValue(_) => "usage",
                };
                format!("failed to get {resource} {sought}: {error}")
            }
            Self::Pods { .. } | Self::Object { .. } | Self::External { .. } => error.to_string(),
        }
    }

    /// The same error as the sync as a whole reports it, with what led to it in front.
    pub(super) fn failure_in_context(&self, error: &MetricError) -> String {
        let message = self.failure_message(error);
        match self {
            Self::Resource { resource, .. } => {
                format!("failed to get {resource} resource metric value: {message}")
            }
            Self::ContainerResource { container, .. } => {
                format!("failed to get {container} container metric value: {message}")
            }
            Self::Pods { .. } => format!("failed to get pods metric value: {message}"),
            Self::Object { target: ValueTarget::Value(_), .. } => {
                format!("failed to get object metric value: {message}")
            }
            Self::Object { metric, .. } => format!(
                "failed to get object metric value: failed to get {} object metric: {message}",
                metric.name
            ),
            Self::External { metric, target } => {
                let name = &metric.name;
                let what = match target {
                    ValueTarget::Value(_) => format!("external metric {name}"),
                    ValueTarget::AverageValue(_) => format!("{name} external metric"),
                };
                format!("failed to get {name} external metric value: failed to get {what}: {message}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_those_that_kubectl_describe_shows() {
        let metric =
            MetricSpec::Resource { resource: Resource::Cpu, target: ResourceTarget::Utilization(80) };
        let error = MetricError::NoMetricsReturned {
            query: "unable to get metrics for resource cpu".to_owned(),
            api: "resource",
        };
        assert_eq!(
            metric.failure_in_context(&error),
            "failed to get cpu resource metric value: failed to get cpu utilization: \
             unable to get metrics for resource cpu: no metrics returned from resource metrics API"
        );
    }
}
