//! What the metrics APIs answer about one metric, or why they do not
//! (pkg/controller/podautoscaler/metrics/client.go at v1.34.1).

use super::metric_error::MetricError;
use super::observation::{ApiError, Metrics};
use super::samples::Samples;
use super::spec::{MetricName, Resource};

/// One question to one of the metrics APIs.
struct Question {
    /// What is asked for, as messages put it.
    query: String,
    /// Which API: resource, custom or external.
    api: &'static str,
}

impl Question {
    fn unable(self, reason: impl Into<String>) -> MetricError {
        MetricError::Api { query: self.query, api: self.api, reason: reason.into() }
    }

    /// The answer, if it is a list with something in it.
    fn list<'l, T>(self, answer: Result<&'l [T], &ApiError>) -> Result<&'l [T], MetricError> {
        match answer {
            Err(error) => Err(self.unable(&error.0)),
            Ok([]) => Err(MetricError::NoMetricsReturned { query: self.query, api: self.api }),
            Ok(list) => Ok(list),
        }
    }
}

impl<'a> Metrics<'a> {
    /// The usage of `resource` by pods, or by their container `container`.
    pub(super) fn resource_samples(
        &self,
        resource: Resource,
        container: Option<&str>,
    ) -> Result<Samples<'a>, MetricError> {
        let question =
            Question { query: format!("unable to get metrics for resource {resource}"), api: "resource" };
        let answer = question.list(self.pods.as_ref().copied())?;
        Ok(Samples::of_resource(answer, resource, container))
    }

    /// The values of a custom metric of pods.
    pub(super) fn custom_samples(&self, metric: &MetricName) -> Result<Samples<'a>, MetricError> {
        let question = Question { query: format!("unable to get metric {}", metric.name), api: "custom" };
        let answer = self.custom.get(metric.key.as_str()).map_or(Ok(&[][..]), |answer| answer.as_deref());
        Ok(Samples::of_custom_metric(question.list(answer)?))
    }

    /// The value of a custom metric of the object called `object`, KIND NAMESPACE/NAME.
    pub(super) fn object_value(&self, object: &str, metric: &MetricName) -> Result<i64, MetricError> {
        let question = Question { query: format!("unable to get metric {}", metric.name), api: "custom" };
        match self.objects.get(metric.key.as_str()) {
            Some(Ok(value)) => Ok(*value),
            Some(Err(error)) => Err(question.unable(format!("{} on {object}", error.0))),
            None => Err(question.unable(format!("the server could not find the metric on {object}"))),
        }
    }

    /// All values of an external metric together; the namespace is for the message.
    pub(super) fn external_value(
        &self,
        namespace: &str,
        MetricName { name, printed, key, .. }: &MetricName,
    ) -> Result<i64, MetricError> {
        let query = format!("unable to get external metric {namespace}/{name}/{printed}");
        let answer = self.external.get(key.as_str()).map_or(Ok(&[][..]), |answer| answer.as_deref());
        let values = Question { query, api: "external" }.list(answer)?;
        Ok(values.iter().fold(0, |sum: i64, value| sum.saturating_add(*value)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_are_told_in_upstreams_words() {
        let mut metrics = Metrics::resources(&[]);
        metrics.objects.insert("load", Err(ApiError("timeout".to_owned())));
        metrics.external.insert("queue", Ok(vec![]));
        let text = |error: MetricError| error.to_string();
        assert_eq!(
            text(metrics.resource_samples(Resource::Cpu, None).unwrap_err()),
            "unable to get metrics for resource cpu: no metrics returned from resource metrics API"
        );
        assert_eq!(
            text(metrics.custom_samples(&"qps".into()).unwrap_err()),
            "unable to get metric qps: no metrics returned from custom metrics API"
        );
        assert_eq!(
            text(metrics.object_value("Service shop/web", &"load".into()).unwrap_err()),
            "unable to get metric load: unable to fetch metrics from custom metrics API: timeout on Service shop/web"
        );
        assert_eq!(
            text(metrics.external_value("shop", &"queue".into()).unwrap_err()),
            "unable to get external metric shop/queue/nil: no metrics returned from external metrics API"
        );
    }

    #[test]
    fn values_of_an_external_metric_add_up_and_do_not_overflow() {
        let mut metrics = Metrics::resources(&[]);
        metrics.external.insert("queue", Ok(vec![7, 5]));
        metrics.external.insert("flood", Ok(vec![i64::MAX, 5]));
        assert_eq!(metrics.external_value("shop", &"queue".into()), Ok(12));
        assert_eq!(metrics.external_value("shop", &"flood".into()), Ok(i64::MAX));
    }
}
