//! Horizontal pod autoscalers, with the defaults that the API server fills in.
//!
//! Source: pkg/apis/autoscaling/v2/defaults.go and pkg/apis/autoscaling/validation/validation.go at tag v1.34.1.

use k8s_openapi::api::autoscaling::v2 as api;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity as ApiQuantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

use crate::controller::hpa::{
    Behavior, Change, DEFAULT_CPU_UTILIZATION, DEFAULT_MIN_REPLICAS, MetricName, MetricSpec, Resource,
    ResourceTarget, ScalingPolicy, ScalingRules, SelectPolicy, Spec, ValueTarget,
};
use crate::object::kubernetes::{FieldProblem, Problems, label_selector};
use crate::scenario::inventory::names;
use crate::units::{Quantity, Span};

/// A horizontal pod autoscaler.
#[derive(Clone, Debug)]
pub struct Autoscaler {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// What it sizes, as KIND/NAMESPACE/NAME.
    pub target: String,
    /// What it is told to do.
    pub spec: Spec,
}

pub(super) fn read(hpa: &api::HorizontalPodAutoscaler) -> Result<Autoscaler, Vec<FieldProblem>> {
    let mut problems = Problems::new();
    let (namespace, name) = names(&hpa.metadata);
    let spec = hpa.spec.clone().unwrap_or_default();
    let target = format!("{}/{namespace}/{}", spec.scale_target_ref.kind, spec.scale_target_ref.name);
    let spec = problems.within("spec", |problems| read_spec(problems, &spec));
    problems.into_result(Autoscaler { namespace, name, target, spec })
}

fn read_spec(problems: &mut Problems, spec: &api::HorizontalPodAutoscalerSpec) -> Spec {
    let min_replicas = spec.min_replicas.unwrap_or(DEFAULT_MIN_REPLICAS);
    if min_replicas < 1 {
        problems.note("minReplicas", "must be greater than or equal to 1");
    }
    if spec.max_replicas < 1 {
        problems.note("maxReplicas", "must be greater than 0");
    } else if spec.max_replicas < min_replicas {
        problems.note("maxReplicas", "must be greater than or equal to `minReplicas`");
    }
    let given = spec.metrics.as_deref().unwrap_or_default();
    let mut metrics: Vec<_> = problems.each("metrics", given, metric).into_iter().flatten().collect();
    if given.is_empty() {
        let target = ResourceTarget::Utilization(DEFAULT_CPU_UTILIZATION);
        metrics.push(MetricSpec::Resource { resource: Resource::Cpu, target });
    }
    let behavior = spec.behavior.as_ref();
    let behavior =
        behavior.map(|given| problems.within("behavior", |problems| read_behavior(problems, given)));
    Spec { min_replicas, max_replicas: spec.max_replicas, metrics, behavior }
}

fn metric(problems: &mut Problems, metric: &api::MetricSpec) -> Option<MetricSpec> {
    match (metric.type_.as_str(), &metric.resource, &metric.container_resource) {
        ("Resource", Some(source), _) => problems.within("resource", |problems| {
            let resource = resource(problems, &source.name)?;
            Some(MetricSpec::Resource { resource, target: resource_target(problems, &source.target)? })
        }),
        ("ContainerResource", _, Some(source)) => problems.within("containerResource", |problems| {
            let container = source.container.clone();
            if container.is_empty() {
                problems.note("container", "must specify a container");
            }
            let resource = resource(problems, &source.name)?;
            let target = resource_target(problems, &source.target)?;
            Some(MetricSpec::ContainerResource { container, resource, target })
        }),
        (kind, ..) => other_metric(problems, metric, kind),
    }
}

fn other_metric(problems: &mut Problems, metric: &api::MetricSpec, kind: &str) -> Option<MetricSpec> {
    match (kind, &metric.pods, &metric.object, &metric.external) {
        ("Pods", Some(source), ..) => problems.within("pods", |problems| {
            let metric = metric_name(problems, &source.metric);
            let target_average =
                quantity(problems, "target.averageValue", source.target.average_value.as_ref())?;
            Some(MetricSpec::Pods { metric, target_average })
        }),
        ("Object", _, Some(source), _) => problems.within("object", |problems| {
            let metric = metric_name(problems, &source.metric);
            let described = &source.described_object;
            let (kind, object) = (described.kind.clone(), described.name.clone());
            let target = value_target(problems, &source.target)?;
            Some(MetricSpec::Object { kind, object, metric, target })
        }),
        ("External", .., Some(source)) => problems.within("external", |problems| {
            let metric = metric_name(problems, &source.metric);
            let target = value_target(problems, &source.target)?;
            Some(MetricSpec::External { metric, target })
        }),
        _ => {
            let known = "Resource, ContainerResource, Pods, Object or External, with the field of that name";
            problems.note("type", format!("{kind:?} must be {known}"));
            None
        }
    }
}

fn metric_name(problems: &mut Problems, given: &api::MetricIdentifier) -> MetricName {
    if given.name.is_empty() {
        problems.note("metric.name", "must specify a metric name");
    }
    let read = |selector| problems.within("metric.selector", |problems| label_selector(problems, selector));
    let printed = given.selector.as_ref().map(printed);
    MetricName {
        key: format!("{}{}", given.name, printed.as_deref().unwrap_or_default()),
        name: given.name.clone(),
        selector: given.selector.as_ref().map(read),
        printed: printed.unwrap_or_else(|| "nil".to_owned()),
    }
}

/// A label selector as upstream's messages show it: what `%+v` makes of a pointer to one
/// (staging/src/k8s.io/apimachinery/pkg/apis/meta/v1/generated.pb.go `LabelSelector.String`).
fn printed(selector: &LabelSelector) -> String {
    let labels = selector.match_labels.iter().flatten();
    let labels: Vec<_> = labels.map(|(key, value)| format!("{key}: {value},")).collect();
    let expressions = selector.match_expressions.iter().flatten();
    let expressions: Vec<_> = expressions
        .map(|one| {
            let values = one.values.as_deref().unwrap_or_default().join(" ");
            let (key, operator) = (&one.key, &one.operator);
            format!("LabelSelectorRequirement{{Key:{key},Operator:{operator},Values:[{values}],}},")
        })
        .collect();
    format!(
        "&LabelSelector{{MatchLabels:map[string]string{{{}}},\
         MatchExpressions:[]LabelSelectorRequirement{{{}}},}}",
        labels.concat(),
        expressions.concat()
    )
}

fn resource(problems: &mut Problems, name: &str) -> Option<Resource> {
    match name {
        "cpu" => Some(Resource::Cpu),
        "memory" => Some(Resource::Memory),
        other => {
            problems.note(
                "name",
                format!("{other:?} is not a resource that pods are measured by: use cpu or memory"),
            );
            None
        }
    }
}

fn resource_target(problems: &mut Problems, target: &api::MetricTarget) -> Option<ResourceTarget> {
    match (target.type_.as_str(), target.average_utilization) {
        ("Utilization", Some(percent)) if percent > 0 => Some(ResourceTarget::Utilization(percent)),
        ("Utilization", _) => {
            problems.note("target.averageUtilization", "must be greater than 0");
            None
        }
        ("AverageValue", _) => {
            let value = quantity(problems, "target.averageValue", target.average_value.as_ref())?;
            Some(ResourceTarget::AverageValue(value))
        }
        (other, _) => {
            problems.note("target.type", format!("{other:?} must be Utilization or AverageValue"));
            None
        }
    }
}

fn value_target(problems: &mut Problems, target: &api::MetricTarget) -> Option<ValueTarget> {
    match target.type_.as_str() {
        "Value" => quantity(problems, "target.value", target.value.as_ref()).map(ValueTarget::Value),
        "AverageValue" => quantity(problems, "target.averageValue", target.average_value.as_ref())
            .map(ValueTarget::AverageValue),
        other => {
            problems.note("target.type", format!("{other:?} must be Value or AverageValue"));
            None
        }
    }
}

/// A quantity above zero, in thousandths.
fn quantity(problems: &mut Problems, field: &str, given: Option<&ApiQuantity>) -> Option<i64> {
    let Some(given) = given else {
        problems.note(field, "must be given for a target of this type");
        return None;
    };
    match given.0.parse::<Quantity>() {
        Ok(quantity) if quantity > Quantity::ZERO => Some(quantity.milli_value()),
        Ok(_) => {
            problems.note(field, "must be positive");
            None
        }
        Err(error) => {
            problems.note(field, error.to_string());
            None
        }
    }
}

fn read_behavior(problems: &mut Problems, given: &api::HorizontalPodAutoscalerBehavior) -> Behavior {
    let mut read = |field: &str, rules: Option<&api::HPAScalingRules>, defaults: ScalingRules| match rules {
        None => defaults,
        Some(rules) => problems.within(field, |problems| scaling_rules(problems, rules, defaults)),
    };
    Behavior {
        scale_up: read("scaleUp", given.scale_up.as_ref(), ScalingRules::default_up()),
        scale_down: read("scaleDown", given.scale_down.as_ref(), ScalingRules::default_down()),
    }
}

/// The defaults with what is given put in their place, field by field.
fn scaling_rules(
    problems: &mut Problems,
    given: &api::HPAScalingRules,
    defaults: ScalingRules,
) -> ScalingRules {
    let mut rules = defaults;
    if let Some(seconds) = given.stabilization_window_seconds {
        if !(0..=3600).contains(&seconds) {
            problems.note("stabilizationWindowSeconds", "must be in the range 0-3600");
        }
        rules.stabilisation = Some(Span::from_secs(seconds.max(0) as u64));
    }
    match given.select_policy.as_deref() {
        None => {}
        Some("Max") => rules.select = SelectPolicy::Max,
        Some("Min") => rules.select = SelectPolicy::Min,
        Some("Disabled") => rules.select = SelectPolicy::Disabled,
        Some(other) => problems.note("selectPolicy", format!("{other:?} must be Max, Min or Disabled")),
    }
    if let Some(policies) = &given.policies {
        if policies.is_empty() {
            problems.note("policies", "must specify at least one Policy");
        }
        rules.policies = problems.each("policies", policies, policy).into_iter().flatten().collect();
    }
    if let Some(tolerance) = &given.tolerance {
        match tolerance.0.parse() {
            Ok(tolerance) if tolerance < Quantity::ZERO => {
                problems.note("tolerance", "must be greater than or equal to 0");
            }
            Ok(tolerance) => rules.tolerance = Some(tolerance),
            Err(error) => problems.note("tolerance", format!("{error}")),
        }
    }
    rules
}

fn policy(problems: &mut Problems, given: &api::HPAScalingPolicy) -> Option<ScalingPolicy> {
    if given.value <= 0 {
        problems.note("value", "must be greater than zero");
    }
    if !(1..=1800).contains(&given.period_seconds) {
        problems.note("periodSeconds", "must be in the range 1-1800");
    }
    let change = match given.type_.as_str() {
        "Pods" => Change::Pods(given.value),
        "Percent" => Change::Percent(given.value),
        other => {
            problems.note("type", format!("{other:?} must be Pods or Percent"));
            return None;
        }
    };
    Some(ScalingPolicy { change, period: Span::from_secs(given.period_seconds.max(1) as u64) })
}
