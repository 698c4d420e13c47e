//! DefaultPreemption: which pods of lower priority would have to go.
//!
//! Source: framework/preemption/preemption.go, framework/plugins/defaultpreemption/default_preemption.go at tag v1.34.1.

mod candidate;

use super::fit_error::histogram;
use super::framework::{Code, NoFit, Rejection};
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
    /// Nobody is evicted; if preemption was tried, the text of the failure says why.
    #[default]
    Nobody,
    /// One of these nodes is to be freed; the first is as good as any other.
    Victims {
        /// Nodes that nothing tells apart, in order of name.
        equals: Vec<NodeId>,
    },
}

/// Looks for pods to evict, until there are as many candidates as `enough` says of the nodes that might be freed. The
/// error says why nothing can be done.
pub(super) fn preempt(no_fit: &NoFit<'_>, enough: impl Fn(usize) -> usize) -> Result<Preemption, String> {
    let NoFit { cluster, evaluation, .. } = *no_fit;
    if let Some(why) = not_eligible(no_fit) {
        return Err(why.to_owned());
    }
    let hopeful: Vec<_> = evaluation
        .refused
        .iter()
        .filter(|(_, refused)| refused.rejection.code == Code::Unschedulable)
        .map(|(node, _)| *node)
        .collect();
    let tried = try_nodes(no_fit, &hopeful, enough(hopeful.len()));
    if tried.candidates.is_empty() {
        return Err(no_candidate_text(cluster, hopeful.len(), &tried.rejections));
    }
    let equals = candidate::best(cluster, &tried.candidates);
    Ok(Preemption { candidates: tried.candidates, outcome: PreemptionOutcome::Victims { equals } })
}

/// Why a pod may not evict others (`PodEligibleToPreemptOthers`).
fn not_eligible(no_fit: &NoFit<'_>) -> Option<&'static str> {
    let NoFit { cluster, pod, evaluation, .. } = *no_fit;
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
fn try_nodes(no_fit: &NoFit<'_>, hopeful: &[NodeId], enough: usize) -> Tried {
    let mut tried = Tried { candidates: Vec::new(), rejections: Vec::new() };
    if hopeful.is_empty() {
        return tried;
    }
    let offset = (no_fit.draw)(hopeful.len());
    for step in 0..hopeful.len() {
        let node = hopeful[(offset + step) % hopeful.len()];
        match candidate::on_node(no_fit.profile, no_fit.cluster, no_fit.pod, node) {
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
