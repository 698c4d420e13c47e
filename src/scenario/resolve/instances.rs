//! What virtual nodes would make of the pods, told before a run: what they refuse, and what counts as free.

use overspill_manifest::{Code, Diagnostic, Place, code};

use crate::admission::eci_routing::annotated;
use crate::capacity::USE_SPECS_ANNOTATION;
use crate::cost::PriceList;
use crate::object::{NodeClass, PodSpec};
use crate::scenario::coming::{Coming, State};
use crate::scenario::outlook::eligibility::may_come_to_virtual;
use crate::simulation::admitted::admitted;
use crate::simulation::instance_order;
use crate::simulation::scenario::{EciSetup, MeshSetup};
use crate::units::Price;

/// Everything that decides what becomes of a pod on a virtual node.
pub(super) struct Platform<'p> {
    pub(super) setup: &'p EciSetup,
    pub(super) prices: &'p PriceList,
    pub(super) mesh: Option<&'p MeshSetup>,
}

/// Annotations that would change which instance a pod becomes, and do not here.
const UNMODELLED: [&str; 2] =
    ["k8s.aliyun.com/eci-instance-family", "k8s.aliyun.com/eci-instance-generation"];

/// Warns of pods that may come to a virtual node and would not start there, or not be paid for.
pub(super) fn warn_of_instances(comings: &[Coming<'_>], platform: &Platform<'_>) -> Vec<Diagnostic> {
    let mut told: Vec<Diagnostic> = Vec::new();
    for coming in comings {
        let place = coming.place_of_name();
        let pods = coming.states.iter().filter_map(|now| on_virtual_node(coming, platform, now));
        let mut own: Vec<Diagnostic> = Vec::new();
        for pod in pods {
            let mut more = warnings(coming, &pod, platform, place.as_ref());
            more.retain(|one| !own.contains(one));
            own.append(&mut more);
        }
        told.append(&mut own);
    }
    told
}

/// The pod as it would be on a virtual node; `None` if it cannot come there.
fn on_virtual_node(coming: &Coming<'_>, platform: &Platform<'_>, state: &State) -> Option<PodSpec> {
    if let Some(name) = coming.node {
        let is_there = state.nodes.iter().any(|node| node.name == name && node.class == NodeClass::Virtual);
        return is_there.then(|| coming.spec.clone());
    }
    let (pod, route) = admitted(coming.spec, platform.mesh, &state.cluster);
    if !may_come_to_virtual(coming.spec, state) {
        return None;
    }
    match route {
        Some(_) => Some(pod),
        None => Some(annotated(&pod, &state.cluster).unwrap_or(pod)),
    }
}

fn warnings(
    coming: &Coming<'_>,
    pod: &PodSpec,
    platform: &Platform<'_>,
    place: Option<&Place>,
) -> Vec<Diagnostic> {
    let title = &coming.title;
    let mut told = Vec::new();
    let mut warn =
        |code: &Code, message: String| told.push(Diagnostic::new(code, message).at(place.cloned()));
    for annotation in UNMODELLED.iter().filter(|name| pod.annotations.get(name).is_some()) {
        let message = format!(
            "{annotation} has no effect here: pods of {title} are billed by vCPU and memory, or by the type \
             that {USE_SPECS_ANNOTATION} names"
        );
        warn(&code::NOT_MODELLED, message);
    }
    match instance_order(pod, platform.prices, platform.setup) {
        Err(why) => {
            let message = format!("pods of {title} cannot start on a virtual node: {why}");
            warn(&code::REFUSED_ON_VIRTUAL_NODES, message);
            let by_itself = PodSpec { annotations: coming.spec.annotations.clone(), ..pod.clone() };
            if instance_order(&by_itself, platform.prices, platform.setup).is_ok()
                && let Some(told) = told.last_mut()
            {
                told.help = Some("it comes from an annotation that the eci-profile adds".to_owned());
            }
        }
        Ok(order) => {
            let size = order.wishes.extra_storage;
            if size.0 > 0 && platform.prices.extra_storage(size) == Price::ZERO {
                let message = format!(
                    "pods of {title} have {size} of extra storage, for which the price list has no price"
                );
                warn(&code::COSTS_NOTHING, message);
            }
        }
    }
    told
}
