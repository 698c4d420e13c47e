//! The descheduler, and whether what it evicts can come to rest.

use std::sync::Arc;

use overspill_manifest::{Diagnostic, JsonPath, code};

use super::Resolver;
use super::population::Population;
use crate::cluster::Owners;
use crate::controller::descheduler::{AffinityType, Config, DEFAULT_INTERVAL, Limits, Policy, Protection};
use crate::object::PodSpec;
use crate::scenario::coming::Coming;
use crate::scenario::file::{Descheduler, DeschedulerPolicy, NodeAffinityType};
use crate::scenario::outlook::eligibility::{may_come_to_ecs, may_come_to_virtual};
use crate::scenario::read::Locator;
use crate::scheduler::Profile;
use crate::scheduler::framework::ScoreReach;
use crate::scheduler::plugins::elastic_resource;

fn path() -> JsonPath {
    Locator::spec().key("descheduler")
}

impl Resolver<'_> {
    pub(super) fn descheduler(&mut self) -> Option<Config> {
        let given = self.spec().descheduler.clone()?;
        let interval = given.interval.map_or(DEFAULT_INTERVAL, |given| given.0);
        let interval = self.longer_than_nothing(&path().key("interval"), interval);
        self.doubt_limits(&given);
        let policy = self.descheduler_policy(&given);
        Some(Config {
            policy,
            interval: interval?,
            protection: Protection {
                min_pod_age: given.min_pod_age.map(|age| age.0),
                priority_threshold: given.priority_threshold,
                min_replicas: given.min_replicas,
                evicts_local_storage: given.evict_local_storage_pods.unwrap_or(false),
            },
            limits: Limits {
                per_node: given.max_no_of_pods_to_evict_per_node,
                per_namespace: given.max_no_of_pods_to_evict_per_namespace,
                total: given.max_no_of_pods_to_evict_total,
            },
            tells_failures: given.eviction_failure_event_notification.unwrap_or(false),
        })
    }

    fn descheduler_policy(&mut self, given: &Descheduler) -> Policy {
        if given.policy == DeschedulerPolicy::RemovePodsViolatingNodeAffinity {
            let kind = match given.node_affinity_type {
                Some(NodeAffinityType::RequiredDuringSchedulingIgnoredDuringExecution) => {
                    AffinityType::Required
                }
                None | Some(NodeAffinityType::PreferredDuringSchedulingIgnoredDuringExecution) => {
                    AffinityType::Preferred
                }
            };
            return Policy::NodeAffinity { kind, node_fit: given.node_fit.unwrap_or(false) };
        }
        let idle =
            [("nodeAffinityType", given.node_affinity_type.is_some()), ("nodeFit", given.node_fit.is_some())];
        for (key, _) in idle.into_iter().filter(|(_, is_given)| *is_given) {
            let message = "it has no effect: only RemovePodsViolatingNodeAffinity reads it";
            self.say(&code::WITHOUT_EFFECT, &path().key(key), message);
        }
        Policy::VirtualNodesFirst
    }

    /// Limits by which nothing is ever evicted.
    fn doubt_limits(&mut self, given: &Descheduler) {
        let limits = [
            ("maxNoOfPodsToEvictPerNode", given.max_no_of_pods_to_evict_per_node),
            ("maxNoOfPodsToEvictPerNamespace", given.max_no_of_pods_to_evict_per_namespace),
            ("maxNoOfPodsToEvictTotal", given.max_no_of_pods_to_evict_total),
        ];
        for (key, _) in limits.into_iter().filter(|(_, limit)| *limit == Some(0)) {
            let message = "a limit of 0 allows no eviction at all: the descheduler has no effect";
            let help = Some("leave it out for no limit".to_owned());
            self.say_with_help(&code::WITHOUT_EFFECT, &path().key(key), message, help);
        }
    }

    /// Warns of pods that the scheduler may send back to where they were evicted from.
    pub(super) fn doubt_returns(
        &mut self,
        comings: &[Coming<'_>],
        population: &Population,
        owners: &Owners,
        profiles: &[Profile],
    ) {
        if self.spec().descheduler.is_none() {
            return;
        }
        for coming in comings {
            let Some(title) = &coming.workload else { continue };
            let Some(setup) = population.workloads.iter().find(|one| one.title == *title) else { continue };
            let template = Arc::new(setup.template.clone());
            let both = |state: &&std::rc::Rc<_>| {
                may_come_to_ecs(coming.spec, state) && may_come_to_virtual(coming.spec, state)
            };
            if let Some(why) = why_it_returns(&template, owners, profiles)
                && coming.states.iter().any(|state| both(&state))
            {
                let message = format!(
                    "pods of {title} that are evicted from a virtual node may come back to it: {why}"
                );
                let help = "let a ResourcePolicy put ECS nodes first; or let the pods prefer ECS nodes, and switch default \
                            spreading off (`PodTopologySpread: {defaultingType: List}`)"
                    .to_owned();
                let place = self.loaded.locator.value(&path().key("policy"));
                let told = Diagnostic::new(&code::EVICTED_IN_VAIN, message).at(place).help(Some(help));
                if !self.diagnostics.contains(&told) {
                    self.diagnostics.push(told);
                }
            }
        }
    }
}

/// Why a virtual node may score better than an ECS node that would take a pod; `None` where something puts ECS nodes
/// before all others.
fn why_it_returns(pod: &Arc<PodSpec>, owners: &Owners, profiles: &[Profile]) -> Option<&'static str> {
    if owners.policy_of(pod).is_some() || elastic_resource::classes(pod).is_some() {
        return None;
    }
    let profile = profiles.iter().find(|profile| profile.name == pod.scheduler_name)?;
    let spreading = profile.scores.iter().find(|entry| entry.name() == "PodTopologySpread");
    let scores =
        spreading.is_some_and(|entry| !matches!(entry.part().reach(pod, owners), ScoreReach::Nothing));
    if pod.spread.is_empty() && scores {
        return Some("default topology spreading prefers the node that has the fewest of them");
    }
    let is_indifferent = pod.node_affinity.preferred.is_empty();
    is_indifferent.then_some("a virtual node, large and empty, scores best for least allocation")
}
