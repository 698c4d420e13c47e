//! What an HPA is told to do: bounds, metrics with their targets, behaviour; and the flags of its controller.

use std::fmt;

use crate::object::{Labels, Selector};
use crate::units::{Quantity, Span};

/// The flags of kube-controller-manager that concern the HPA controller.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Config {
    /// `--horizontal-pod-autoscaler-sync-period`: the time between two syncs.
    pub sync_period: Span,
    /// `--horizontal-pod-autoscaler-downscale-stabilization`.
    pub downscale_stabilisation: Span,
    /// `--horizontal-pod-autoscaler-tolerance`: how far from 1 a usage ratio may be without a reaction.
    pub tolerance: f64,
    /// `--horizontal-pod-autoscaler-cpu-initialization-period`: how long after its start a pod's cpu samples are
    /// taken only if it was ready for a whole window.
    pub cpu_initialization_period: Span,
    /// `--horizontal-pod-autoscaler-initial-readiness-delay`: a pod that became unready this soon after its start
    /// has never been ready.
    pub initial_readiness_delay: Span,
    /// Feature gate `HPAConfigurableTolerance`: whether tolerances in the behaviour count.
    pub configurable_tolerance: bool,
}

/// Upstream's defaults (pkg/controller/podautoscaler/config/v1alpha1/defaults.go at v1.34.1; the feature gate is alpha
/// there, hence off).
impl Default for Config {
    fn default() -> Self {
        Self {
            sync_period: Span::from_secs(15),
            downscale_stabilisation: Span::from_secs(300),
            tolerance: 0.1,
            cpu_initialization_period: Span::from_secs(300),
            initial_readiness_delay: Span::from_secs(30),
            configurable_tolerance: false,
        }
    }
}

/// The spec of a HorizontalPodAutoscaler (autoscaling/v2), its defaults filled in.
///
/// Replica counts are `i32` as in Kubernetes' API, because rate limits may compute with negative ones on the way.
#[derive(Clone, Debug, PartialEq)]
pub struct Spec {
    /// The fewest replicas; [`DEFAULT_MIN_REPLICAS`] if the manifest is silent.
    pub min_replicas: i32,
    /// The most replicas.
    pub max_replicas: i32,
    /// The metrics; the largest proposal counts.
    pub metrics: Vec<MetricSpec>,
    /// How fast to scale; `None` if the manifest has no `behavior` at all, which is not the same as an empty one.
    pub behavior: Option<Behavior>,
}

/// What `minReplicas` is if the manifest is silent (`SetDefaults_HorizontalPodAutoscaler`,
/// pkg/apis/autoscaling/v2/defaults.go).
pub const DEFAULT_MIN_REPLICAS: i32 = 1;

/// The cpu utilization that is aimed at, in percent, if the manifest names no metric
/// (pkg/apis/autoscaling/v2/defaults.go).
pub const DEFAULT_CPU_UTILIZATION: i32 = 80;

/// A resource that containers request and use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Resource {
    /// Processor time, in thousandths of a core.
    Cpu,
    /// Memory, in thousandths of a byte.
    Memory,
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Cpu => "cpu",
            Self::Memory => "memory",
        })
    }
}

/// The target of a resource metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResourceTarget {
    /// Mean usage in percent of the requests.
    Utilization(i32),
    /// Mean usage per pod in thousandths.
    AverageValue(i64),
}

/// The target of a metric that is not per pod by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueTarget {
    /// The value itself, in thousandths.
    Value(i64),
    /// The value divided by the number of pods, in thousandths.
    AverageValue(i64),
}

/// How a metric that is no resource is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetricName {
    /// Its name.
    pub name: String,
    /// Which of several series of this name are meant; `None` for all.
    pub selector: Option<Selector>,
    /// The selector as Go prints one, for messages.
    pub printed: String,
    /// What tells it from metrics of the same name with another selector: answers are found by it.
    pub key: String,
}

impl MetricName {
    /// Whether a series with these labels is meant.
    pub fn selects(&self, labels: &Labels) -> bool {
        self.selector.as_ref().is_none_or(|selector| selector.matches(labels))
    }
}

/// A metric without a selector, which Go prints as `nil`.
impl<T: Into<String>> From<T> for MetricName {
    fn from(name: T) -> Self {
        let name = name.into();
        Self { key: name.clone(), name, selector: None, printed: "nil".to_owned() }
    }
}

/// One metric and its target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MetricSpec {
    /// A resource of whole pods.
    Resource {
        /// The resource.
        resource: Resource,
        /// The target.
        target: ResourceTarget,
    },
    /// A resource of one container of each pod.
    ContainerResource {
        /// The container's name.
        container: String,
        /// The resource.
        resource: Resource,
        /// The target.
        target: ResourceTarget,
    },
    /// A custom metric of each pod.
    Pods {
        /// The metric.
        metric: MetricName,
        /// Mean per pod that is aimed at, in thousandths.
        target_average: i64,
    },
    /// A custom metric of one object, such as requests per second of an Ingress.
    Object {
        /// The object's kind.
        kind: String,
        /// The object's name.
        object: String,
        /// The metric.
        metric: MetricName,
        /// The target.
        target: ValueTarget,
    },
    /// A metric from outside the cluster.
    External {
        /// The metric.
        metric: MetricName,
        /// The target.
        target: ValueTarget,
    },
}

impl MetricSpec {
    /// The metric's name, if it is no resource.
    pub const fn name(&self) -> Option<&MetricName> {
        match self {
            Self::Pods { metric, .. } | Self::Object { metric, .. } | Self::External { metric, .. } => {
                Some(metric)
            }
            Self::Resource { .. } | Self::ContainerResource { .. } => None,
        }
    }

    /// What the controller calls the metric when it gives it as the reason of a change.
    pub fn describe(&self) -> String {
        match self {
            Self::Resource { resource, target: ResourceTarget::Utilization(_) } => {
                format!("{resource} resource utilization (percentage of request)")
            }
            Self::ContainerResource { resource, target: ResourceTarget::Utilization(_), .. } => {
                format!("{resource} container resource utilization (percentage of request)")
            }
            Self::Resource { resource, .. } | Self::ContainerResource { resource, .. } => {
                format!("{resource} resource")
            }
            Self::Pods { metric, .. } => format!("pods metric {}", metric.name),
            Self::Object { kind, metric, target: ValueTarget::Value(_), .. } => {
                format!("{kind} metric {}", metric.name)
            }
            // Upstream says "external" here too.
            Self::Object { metric, .. } | Self::External { metric, .. } => {
                format!("external metric {}({})", metric.name, metric.printed)
            }
        }
    }
}

/// How fast to scale in each direction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Behavior {
    /// Upwards.
    pub scale_up: ScalingRules,
    /// Downwards.
    pub scale_down: ScalingRules,
}

impl Default for Behavior {
    fn default() -> Self {
        Self { scale_up: ScalingRules::default_up(), scale_down: ScalingRules::default_down() }
    }
}

/// How fast to scale in one direction. Start from [`ScalingRules::default_up`] or [`ScalingRules::default_down`] and
/// replace what the manifest gives: the API server fills in field by field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScalingRules {
    /// How long past recommendations hold a change back; `None` is none at all upwards and the controller's
    /// [`Config::downscale_stabilisation`] downwards.
    pub stabilisation: Option<Span>,
    /// Which policy counts.
    pub select: SelectPolicy,
    /// The policies.
    pub policies: Vec<ScalingPolicy>,
    /// A tolerance of this direction's own; counts only with [`Config::configurable_tolerance`].
    pub tolerance: Option<Quantity>,
}

impl ScalingRules {
    /// Upwards: by 4 pods or to the double every 15 s, whichever is more (`scaleUpRules`,
    /// pkg/apis/autoscaling/v2/defaults.go).
    pub fn default_up() -> Self {
        Self {
            stabilisation: Some(Span::ZERO),
            select: SelectPolicy::Max,
            policies: vec![ScalingPolicy::pods(4, 15), ScalingPolicy::percent(100, 15)],
            tolerance: None,
        }
    }

    /// Downwards: to nothing every 15 s, after the controller's stabilisation (`scaleDownRules`,
    /// pkg/apis/autoscaling/v2/defaults.go).
    pub fn default_down() -> Self {
        Self {
            stabilisation: None,
            select: SelectPolicy::Max,
            policies: vec![ScalingPolicy::percent(100, 15)],
            tolerance: None,
        }
    }
}

/// Which of several policies counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SelectPolicy {
    /// The one that allows the largest change.
    Max,
    /// The one that allows the smallest change.
    Min,
    /// No change in this direction at all.
    Disabled,
}

/// How much the number of replicas may change in a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScalingPolicy {
    /// By how much.
    pub change: Change,
    /// Within which time.
    pub period: Span,
}

/// The size of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// A number of pods.
    Pods(i32),
    /// A share of the replicas that there were when the period began, in percent.
    Percent(i32),
}

impl ScalingPolicy {
    /// At most `pods` pods in `seconds` seconds.
    pub const fn pods(pods: i32, seconds: u64) -> Self {
        Self { change: Change::Pods(pods), period: Span::from_secs(seconds) }
    }

    /// At most `percent` percent in `seconds` seconds.
    pub const fn percent(percent: i32, seconds: u64) -> Self {
        Self { change: Change::Percent(percent), period: Span::from_secs(seconds) }
    }
}
