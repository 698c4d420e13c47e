//! DefaultPreemption: which pods of lower priority would have to go.
//!
//! Source: framework/preemption/preemption.go, framework/plugins/defaultpreemption/default_preemption.go at tag v1.34.1.

mod candidate;

use super::fit_error::histogram;
use super::framework::{Code, Rejection};
use super::profile::Profile;
use super::reference::Evaluation;
use crate::cluster::Cluster;
use crate::id::{NodeId, PodId};
use crate::object::pod::PreemptionPolicy;

pub use candidate::Candidate;

/// What PostFilter found.
#[derive(Clone, Debug, Default)]
pub struct Preemption {
    /// Every node that evicting pods would make fit, in the order in which they were found.
    pub candidates: Vec<Candidate>,
    /// What follows.
    pub outcome: PreemptionOutcome,
}

/// What follows from preemption.
#[derive(Clone, Debug, Default)]
pub enum PreemptionOutcome {
    /// It was not tried.
    #[default]
    NotTried,
    /// It does not help, for this reason.
    Helpless(String),
    /// One of these nodes is to be freed; the first is as good as any other.
    Victims {
        /// Nodes that nothing tells apart, in order of name.
        equals: Vec<NodeId>,
    },
}

/// The least share of nodes that is tried, in percent (`MinCandidateNodesPercentage`).
const MIN_PERCENTAGE: usize = 10;
/// The least number of nodes that is tried (`MinCandidateNodesAbsolute`).
const MIN_NODES: usize = 100;

/// Looks for pods to evict, among as many nodes as upstream tries, from the offset that `draw` gives.
pub(super) fn post_filter(
    profile: &Profile,
    cluster: &Cluster,
    pod: PodId,
    evaluation: &Evaluation,
    draw: impl Fn(usize) -> usize,
) -> Preemption {
    let is_on = |name| profile.post_filters.contains(&name);
    let aborted = evaluation.pre_filter_rejection.is_some() && is_on("DynamicResources");
    if !is_on("DefaultPreemption") || aborted {
        return Preemption::default();
    }
    if let Some(why) = not_eligible(cluster, pod, evaluation) {
        return helpless(why.to_owned());
    }
    let hopeful: Vec<_> = evaluation
        .refused
        .iter()
        .filter(|(_, refused)| refused.rejection.code == Code::Unschedulable)
        .map(|(node, _)| *node)
        .collect();
    let tried = try_nodes(profile, cluster, pod, &hopeful, draw);
    if tried.candidates.is_empty() {
        return helpless(no_candidate_text(cluster, hopeful.len(), &tried.rejections));
    }
    let equals = candidate::best(cluster, &tried.candidates);
    Preemption { candidates: tried.candidates, outcome: PreemptionOutcome::Victims { equals } }
}

fn helpless(why: String) -> Preemption {
    Preemption { candidates: Vec::new(), outcome: PreemptionOutcome::Helpless(why) }
}

/// Why a pod may not evict others (`PodEligibleToPreemptOthers`).
fn not_eligible(cluster: &Cluster, pod: PodId, evaluation: &Evaluation) -> Option<&'static str> {
    let spec = cluster.spec_of(pod);
    if spec.preemption_policy == PreemptionPolicy::Never {
        return Some("not eligible due to preemptionPolicy=Never.");
    }
    let nominated = cluster.pod(pod).nominated?;
    let unresolvable = evaluation.refused.iter().any(|(node, refused)| {
        *node == nominated && refused.rejection.code == Code::UnschedulableAndUnresolvable
    });
    let leaving =
        |&other: &PodId| cluster.pod(other).terminating && cluster.spec_of(other).priority < spec.priority;
    let waits = !unresolvable && cluster.node(nominated).pods.iter().any(leaving);
    waits.then_some("not eligible due to a terminating pod on the nominated node.")
}

struct Tried {
    candidates: Vec<Candidate>,
    rejections: Vec<Rejection>,
}

/// Tries nodes from an offset until enough candidates are found (`DryRunPreemption`).
fn try_nodes(
    profile: &Profile,
    cluster: &Cluster,
    pod: PodId,
    hopeful: &[NodeId],
    draw: impl Fn(usize) -> usize,
) -> Tried {
    let mut tried = Tried { candidates: Vec::new(), rejections: Vec::new() };
    if hopeful.is_empty() {
        return tried;
    }
    let enough = (hopeful.len() * MIN_PERCENTAGE / 100).max(MIN_NODES).min(hopeful.len());
    let offset = draw(hopeful.len());
    for step in 0..hopeful.len() {
        let node = hopeful[(offset + step) % hopeful.len()];
        match candidate::on_node(profile, cluster, pod, node) {
            Ok(candidate) => tried.candidates.push(candidate),
            Err(rejection) => tried.rejections.push(rejection),
        }
        let harmless = tried.candidates.iter().any(|one| one.budget_violations == 0);
        if harmless && tried.candidates.len() >= enough {
            break;
        }
    }
    tried
}

/// The histogram of why no node can be freed; nodes that were not even tried say that preemption does not help.
fn no_candidate_text(cluster: &Cluster, hopeful: usize, rejections: &[Rejection]) -> String {
    let hopeless = Rejection::unresolvable("Preemption is not helpful for scheduling");
    let untried = cluster.node_count() - hopeful;
    histogram(cluster.node_count(), rejections.iter().chain(std::iter::repeat_n(&hopeless, untried)))
}
