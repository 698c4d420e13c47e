//! What virtual nodes would make of the pods, told before a run: what they refuse, and what counts as free.

use overspill_manifest::{Code, Diagnostic, JsonPath, Place, code};

use crate::admission::eci_routing::annotated;
use crate::capacity::USE_SPECS_ANNOTATION;
use crate::capacity::acs::{REQUIRED_SPEC, USED_SPEC};
use crate::controller::daemon_set::wanted;
use crate::cost::PriceList;
use crate::object::{NodeClass, PodSpec};
use crate::scenario::coming::{Coming, Manifests, State};
use crate::scenario::outlook::eligibility::may_come_to_virtual;
use crate::simulation::admitted::Admission;
use crate::simulation::scenario::{AcsSetup, EciSetup, NodeSetup};
use crate::simulation::{NoOrder, instance_order};
use crate::units::Price;

/// Everything that decides what becomes of a pod on a virtual node.
pub(super) struct Platform<'p> {
    pub(super) eci: &'p EciSetup,
    pub(super) acs: &'p AcsSetup,
    pub(super) prices: &'p PriceList,
    pub(super) admission: Admission<'p>,
}

/// Annotations that would change which instance a pod becomes, and do not here.
const UNMODELLED: [&str; 2] =
    ["k8s.aliyun.com/eci-instance-family", "k8s.aliyun.com/eci-instance-generation"];

/// Environment variables of containers that would change their order on ECI, and do not here.
const UNMODELLED_ENV: [&str; 2] = ["ECI_CONTAINER_LAUNCH_PRIORITY", "ECI_CONTAINER_EXIT_PRIORITY"];

/// Warns of pods that may come to a virtual node and would not start there, or not be paid for.
pub(super) fn of_instances(comings: &[Coming<'_>], platform: &Platform<'_>) -> Vec<Diagnostic> {
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
    let (pod, route) = platform.admission.admitted(coming.spec, &state.cluster);
    if !may_come_to_virtual(coming.spec, state) {
        return None;
    }
    let pod = match route {
        Some(_) => pod,
        None => annotated(&pod, &state.cluster).unwrap_or(pod),
    };
    let taken_up = platform.admission.taken_up(&pod, &state.cluster);
    Some(taken_up.map_or(pod, |(taken_up, _)| taken_up))
}

fn warnings(
    coming: &Coming<'_>,
    pod: &PodSpec,
    platform: &Platform<'_>,
    place: Option<&Place>,
) -> Vec<Diagnostic> {
    let title = &coming.title;
    let mut told = unmodelled(title, pod);
    let mut say = |code: &Code, message: String, help: Option<String>| {
        told.push(Diagnostic::new(code, message).help(help));
    };
    let order = |pod: &PodSpec| instance_order(pod, platform.prices, platform.eci, platform.acs);
    match order(pod) {
        Err(NoOrder::NotPriced(why)) => {
            let message = format!("pods of {title} would be ACS instances, whose cost is not known: {why}");
            let help = "prices/cn-hangzhou-usd.yaml has them, as published, in USD".to_owned();
            say(&code::NOT_PRICED, message, Some(help));
        }
        Err(NoOrder::Refused(why)) => {
            let message = format!("pods of {title} cannot start on a virtual node: {why}");
            let by_itself = PodSpec { annotations: coming.spec.annotations.clone(), ..pod.clone() };
            let is_added = order(&by_itself).is_ok();
            let help = "it comes from an annotation that the eci-profile adds".to_owned();
            say(&code::REFUSED_ON_VIRTUAL_NODES, message, is_added.then_some(help));
        }
        Ok(order) => {
            let size = order.wishes.extra_storage;
            if size.0 > 0 && platform.prices.extra_storage(size) == Price::ZERO {
                let message = format!(
                    "pods of {title} have {size} of extra storage, for which the price list has no price"
                );
                say(&code::COSTS_NOTHING, message, None);
            }
        }
    }
    told.into_iter().map(|one| one.at(place.cloned())).collect()
}

/// What a pod says that does nothing here, or nothing at all.
fn unmodelled(title: &str, pod: &PodSpec) -> Vec<Diagnostic> {
    let mut told = Vec::new();
    let mut say = |code: &Code, message: String| told.push(Diagnostic::new(code, message));
    for annotation in UNMODELLED.iter().filter(|name| pod.annotations.get(name).is_some()) {
        let message = format!(
            "{annotation} has no effect here: pods of {title} are billed by vCPU and memory, or by the type \
             that {USE_SPECS_ANNOTATION} names"
        );
        say(&code::NOT_MODELLED, message);
    }
    let has = |name: &&&str| pod.containers.iter().any(|one| one.env.get(name).is_some());
    for name in UNMODELLED_ENV.iter().filter(has) {
        let message = format!(
            "{name} has no effect here: containers of {title} start and exit together, marked and native \
             sidecars aside"
        );
        say(&code::NOT_MODELLED, message);
    }
    if pod.annotations.get(USED_SPEC).is_some() {
        let message =
            format!("{USED_SPEC} of pods of {title} has no effect: ACS writes it, and reads {REQUIRED_SPEC}");
        say(&code::WITHOUT_EFFECT, message);
    }
    told
}

/// Warns of DaemonSets that make pods for virtual nodes.
pub(super) fn of_daemons(manifests: &[Manifests<'_>], nodes: &[NodeSetup]) -> Vec<Diagnostic> {
    let mut told = Vec::new();
    for (manifests, set) in
        manifests.iter().flat_map(|one| one.inventory.daemon_sets.iter().map(move |set| (one, set)))
    {
        let mut virtual_nodes = nodes.iter().filter(|node| node.spec.class == NodeClass::Virtual);
        let Some(node) = virtual_nodes.find(|node| wanted(&set.template, &node.spec).to_run) else {
            continue;
        };
        let message = format!(
            "DaemonSet/{}/{} makes a pod for {}, where it never starts: virtual nodes do not support DaemonSets",
            set.namespace, set.name, node.spec.name
        );
        let help =
            "tolerate the taints of ECS nodes only, or select nodes by a label that virtual nodes lack";
        let at_name = JsonPath::root().key("metadata").key("name");
        let place = manifests.place("DaemonSet", &set.namespace, &set.name, &at_name);
        told.push(Diagnostic::new(&code::REFUSED_ON_VIRTUAL_NODES, message).at(place).help(help.to_owned()));
    }
    told
}
