//! The arguments of the default plugins, checked with upstream's rules.
//!
//! Source: apis/config/types_pluginargs.go, apis/config/v1/defaults.go, apis/config/validation/validation_pluginargs.go
//! at tag v1.34.1.

use k8s_openapi::api::core::v1 as api;
use overspill_manifest::{FieldError, Rules, decode_value};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::object::kubernetes::{FieldProblem, Problems, spread_constraint};
use crate::object::{Labels, kubernetes};
use crate::scheduler::framework::Plugin;
use crate::scheduler::plugins::node_resources_fit::{ResourceWeight, ShapePoint, Strategy};
use crate::scheduler::plugins::pod_topology_spread::Defaulting;
use crate::scheduler::plugins::{
    balanced_allocation as balanced, default_preemption as preemption, inter_pod_affinity as inter_pod,
    node_affinity as nodes, node_resources_fit as fit, pod_topology_spread as spread,
};

type Made = Result<Plugin, Vec<FieldProblem>>;

/// Reads arguments; missing ones are the defaults. `apiVersion` and `kind` are checked and dropped.
pub(in crate::scheduler) fn read<T: DeserializeOwned + Default>(
    args: Option<&Value>,
    kind: &str,
) -> Result<T, Vec<FieldProblem>> {
    let Some(args) = args else { return Ok(T::default()) };
    let mut args = args.clone();
    if let Some(fields) = args.as_object_mut() {
        fields.remove("apiVersion");
        if let Some(given) = fields.remove("kind").filter(|given| given != kind) {
            return Err(vec![FieldProblem {
                path: "kind".into(),
                message: format!("{given} must be {kind}"),
            }]);
        }
    }
    decode_value(&args, Rules::default()).into_result().map_err(|errors| {
        let told = |error: FieldError| FieldProblem {
            path: error.path.to_string(),
            message: match error.advice() {
                Some(advice) => format!("{}; {advice}", error.kind),
                None => error.kind.to_string(),
            },
        };
        errors.into_iter().map(told).collect()
    })
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub(in crate::scheduler) struct NodeAffinityArgs {
    added_affinity: Option<api::NodeAffinity>,
}

/// Makes NodeAffinity.
pub(in crate::scheduler) fn node_affinity(args: NodeAffinityArgs) -> Made {
    let mut problems = Problems::new();
    let added = args.added_affinity.map(|added| {
        problems.within("addedAffinity", |problems| kubernetes::node_affinity(problems, &added))
    });
    problems.into_result(nodes::plugin(added.unwrap_or_default()))
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub(in crate::scheduler) struct NodeResourcesFitArgs {
    ignored_resources: Vec<String>,
    ignored_resource_groups: Vec<String>,
    scoring_strategy: Option<ScoringStrategy>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
struct ScoringStrategy {
    #[serde(rename = "type")]
    kind: String,
    resources: Vec<ResourceSpec>,
    requested_to_capacity_ratio: Option<Shape>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ResourceSpec {
    name: String,
    #[serde(default)]
    weight: i64,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Shape {
    shape: Vec<Point>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Point {
    utilization: i64,
    score: i64,
}

/// Makes NodeResourcesFit.
pub(in crate::scheduler) fn node_resources_fit(args: NodeResourcesFitArgs) -> Made {
    let mut problems = Problems::new();
    for (index, group) in args.ignored_resource_groups.iter().enumerate() {
        if group.contains('/') {
            problems
                .note(&format!("ignoredResourceGroups[{index}]"), "resource group name can't contain '/'");
        }
    }
    let strategy = args.scoring_strategy.map_or_else(Strategy::default, |strategy| {
        problems.within("scoringStrategy", |problems| scoring(problems, &strategy))
    });
    problems.into_result(fit::plugin(fit::Args {
        strategy,
        ignored: args.ignored_resources.into_iter().collect(),
        ignored_groups: args.ignored_resource_groups.into_iter().collect(),
    }))
}

fn scoring(problems: &mut Problems, strategy: &ScoringStrategy) -> Strategy {
    let resources = weights(problems, &strategy.resources, 100);
    match strategy.kind.as_str() {
        "" | "LeastAllocated" => Strategy::least_allocated(resources),
        "MostAllocated" => Strategy::most_allocated(resources),
        "RequestedToCapacityRatio" => {
            let points = strategy.requested_to_capacity_ratio.as_ref().map_or(&[][..], |ratio| &ratio.shape);
            let shape = problems.within("requestedToCapacityRatio", |problems| shape(problems, points));
            Strategy::requested_to_capacity_ratio(resources, shape)
        }
        other => {
            let message =
                format!("{other:?} must be LeastAllocated, MostAllocated or RequestedToCapacityRatio");
            problems.note("type", message);
            Strategy::default()
        }
    }
}

/// Resources with their weights, cpu and memory if none are given; a missing weight is 1.
fn weights(problems: &mut Problems, given: &[ResourceSpec], most: i64) -> Vec<ResourceWeight> {
    if given.is_empty() {
        return fit::cpu_and_memory();
    }
    let read = problems.each("resources", given, |problems, one| {
        let weight = if one.weight == 0 { 1 } else { one.weight };
        if !(1..=most).contains(&weight) {
            let range =
                if most == 1 { "must be 1".to_owned() } else { format!("must be in the range 1-{most}") };
            problems.note("weight", format!("resource weight of {} not valid: {weight} {range}", one.name));
        }
        ResourceWeight { name: one.name.clone(), weight }
    });
    for (index, one) in read.iter().enumerate() {
        if read[..index].iter().any(|other| other.name == one.name) {
            problems.note(&format!("resources[{index}].name"), format!("{} is named twice", one.name));
        }
    }
    read
}

/// The most that a shape point may score in a configuration (apis/config/types.go `MaxCustomPriorityScore`).
const MAX_SHAPE_SCORE: i64 = 10;

fn shape(problems: &mut Problems, points: &[Point]) -> Vec<ShapePoint> {
    if points.is_empty() {
        problems.note("shape", "at least one point must be specified");
    }
    for (index, point) in points.iter().enumerate() {
        let field = |name| format!("shape[{index}].{name}");
        if !(0..=100).contains(&point.utilization) {
            problems.note(&field("utilization"), format!("{} must be in the range 0-100", point.utilization));
        }
        if index > 0 && points[index - 1].utilization >= point.utilization {
            problems.note(&field("utilization"), "utilization values must be sorted in increasing order");
        }
        if !(0..=MAX_SHAPE_SCORE).contains(&point.score) {
            problems
                .note(&field("score"), format!("{} must be in the range 0-{MAX_SHAPE_SCORE}", point.score));
        }
    }
    let scale = crate::scheduler::framework::MAX_NODE_SCORE / MAX_SHAPE_SCORE;
    let scaled = |point: &Point| ShapePoint { utilization: point.utilization, score: point.score * scale };
    points.iter().map(scaled).collect()
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::scheduler) struct BalancedAllocationArgs {
    resources: Vec<ResourceSpec>,
}

/// Makes NodeResourcesBalancedAllocation.
pub(in crate::scheduler) fn balanced_allocation(
    BalancedAllocationArgs { resources }: BalancedAllocationArgs,
) -> Made {
    let mut problems = Problems::new();
    let resources = weights(&mut problems, &resources, 1);
    problems.into_result(balanced::plugin(&resources))
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub(in crate::scheduler) struct PodTopologySpreadArgs {
    defaulting_type: String,
    default_constraints: Vec<api::TopologySpreadConstraint>,
}

/// Makes PodTopologySpread.
pub(in crate::scheduler) fn pod_topology_spread(args: PodTopologySpreadArgs) -> Made {
    let PodTopologySpreadArgs { defaulting_type, default_constraints: given } = args;
    let mut problems = Problems::new();
    let constraints = problems.each("defaultConstraints", &given, |problems, one| {
        if one.label_selector.is_some() {
            problems
                .note("labelSelector", "constraint must not define a selector, as they deduced for each pod");
        }
        spread_constraint(problems, one, &Labels::default())
    });
    for (index, one) in given.iter().enumerate() {
        let same = |other: &&api::TopologySpreadConstraint| {
            other.topology_key == one.topology_key && other.when_unsatisfiable == one.when_unsatisfiable
        };
        if given[..index].iter().any(|other| same(&other)) {
            let message = format!("{} {} is given twice", one.topology_key, one.when_unsatisfiable);
            problems.note(&format!("defaultConstraints[{index}]"), message);
        }
    }
    let defaulting = match defaulting_type.as_str() {
        "" | "System" => {
            if !constraints.is_empty() {
                problems.note("defaultConstraints", "must be empty unless defaultingType is List");
            }
            Defaulting::System
        }
        "List" => Defaulting::List(constraints),
        other => {
            problems.note("defaultingType", format!("{other:?} must be System or List"));
            Defaulting::System
        }
    };
    problems.into_result(spread::plugin(defaulting))
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub(in crate::scheduler) struct InterPodAffinityArgs {
    hard_pod_affinity_weight: Option<i64>,
    ignore_preferred_terms_of_existing_pods: bool,
}

/// Makes InterPodAffinity.
pub(in crate::scheduler) fn inter_pod_affinity(args: InterPodAffinityArgs) -> Made {
    let mut problems = Problems::new();
    let weight = args.hard_pod_affinity_weight.unwrap_or(1);
    if !(0..=100).contains(&weight) {
        problems.note("hardPodAffinityWeight", format!("{weight} must be in the range 0-100"));
    }
    problems.into_result(inter_pod::plugin(inter_pod::Args {
        hard_pod_affinity_weight: weight,
        ignore_preferred_terms_of_existing_pods: args.ignore_preferred_terms_of_existing_pods,
    }))
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub(in crate::scheduler) struct DefaultPreemptionArgs {
    min_candidate_nodes_percentage: Option<i64>,
    min_candidate_nodes_absolute: Option<i64>,
}

/// Makes DefaultPreemption.
pub(in crate::scheduler) fn default_preemption(args: DefaultPreemptionArgs) -> Made {
    const PERCENTAGE: &str = "minCandidateNodesPercentage";
    const ABSOLUTE: &str = "minCandidateNodesAbsolute";
    let default = preemption::Args::default();
    let percentage = args.min_candidate_nodes_percentage.unwrap_or(i64::from(default.min_percentage));
    let absolute = args.min_candidate_nodes_absolute.unwrap_or(i64::from(default.min_nodes));
    let mut problems = Problems::new();
    if !(0..=100).contains(&percentage) {
        problems.note(PERCENTAGE, format!("{percentage} must be in the range 0-100"));
    }
    if !(0..=i64::from(u32::MAX)).contains(&absolute) {
        problems.note(ABSOLUTE, format!("{absolute} must be in the range 0-{}", u32::MAX));
    }
    if percentage == 0 && absolute == 0 {
        problems.note(PERCENTAGE, format!("cannot be zero at the same time as {ABSOLUTE}"));
        problems.note(ABSOLUTE, format!("cannot be zero at the same time as {PERCENTAGE}"));
    }
    problems.into_result(preemption::plugin(preemption::Args {
        min_percentage: percentage as u32,
        min_nodes: absolute as u32,
    }))
}
