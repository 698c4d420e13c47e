//! What virtual nodes would make of the pods, told before a run: what they refuse, and what counts as free.

use overspill_manifest::{Code, Diagnostic, JsonPath, On, Place, code};

use crate::admission::eci_routing::{ECI_LABEL, annotated};
use crate::capacity::USE_SPECS_ANNOTATION;
use crate::capacity::acs::{self, ACS_LABEL, COMPUTE_CLASS, COMPUTE_QOS, REQUIRED_SPEC, USED_SPEC};
use crate::capacity::container_order::UNMODELLED_ENV;
use crate::capacity::eci::{COMPUTE_CATEGORY, SPOT_DURATION, SPOT_FALLBACK, SPOT_PRICE_LIMIT, SPOT_STRATEGY};
use crate::controller::daemon_set::wanted;
use crate::cost::PriceList;
use crate::object::{LABEL_ZONE, NodeClass, PodSpec};
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

/// Annotations by which pods ask ECI for instances, and which ACS does not read.
const OF_ECI_ALONE: [&str; 6] =
    [USE_SPECS_ANNOTATION, COMPUTE_CATEGORY, SPOT_STRATEGY, SPOT_PRICE_LIMIT, SPOT_DURATION, SPOT_FALLBACK];

/// Warns of pods that may come to a virtual node and would not start there, or not be paid for.
pub(super) fn of_instances(comings: &[Coming<'_>], platform: &Platform<'_>) -> Vec<Diagnostic> {
    let mut told: Vec<Diagnostic> = Vec::new();
    for coming in comings {
        let place = coming.place_of_name();
        let pods =
            coming.states.iter().filter_map(|now| Some((on_virtual_node(coming, platform, now)?, now)));
        let mut own: Vec<Diagnostic> = Vec::new();
        for (pod, now) in pods {
            let mut more = warnings(coming, &pod, platform, place.as_ref());
            more.extend(
                priced_elsewhere(&coming.title, &pod, platform, now).map(|one| one.at(place.clone())),
            );
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
    told.extend(of_acs_labels(title, pod));
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

/// Tells of the first zone of virtual nodes where ACS has other prices than the list's.
fn priced_elsewhere(title: &str, pod: &PodSpec, platform: &Platform<'_>, now: &State) -> Option<Diagnostic> {
    acs::Wish::read(&pod.labels, &pod.annotations)?.ok()?;
    let prices = platform.prices;
    let mut virtual_nodes = now.nodes.iter().filter(|node| node.class == NodeClass::Virtual);
    let zone = virtual_nodes
        .find_map(|node| node.labels.get(LABEL_ZONE).filter(|zone| prices.is_elsewhere_to_acs(zone)))?;
    let message = format!(
        "pods of {title} may be ACS instances in {zone}, which would cost what they do in {}: that is the region \
         of price list {}",
        prices.region, prices.name
    );
    let help =
        "ACS has one price on the Chinese mainland and another elsewhere: name a list of the zone's region";
    Some(Diagnostic::new(&code::PRICED_AS_ELSEWHERE, message).help(help.to_owned()))
}

/// What a pod says in vain to ECI or to ACS because it becomes an instance of the other.
fn of_acs_labels(title: &str, pod: &PodSpec) -> Vec<Diagnostic> {
    let mut told = Vec::new();
    let mut say = |code: &Code, message: String, help: &str| {
        told.push(Diagnostic::new(code, message).help(help.to_owned()));
    };
    if let Some(value) = pod.labels.get(ACS_LABEL).filter(|value| !matches!(*value, "true" | "false")) {
        let message = format!("{ACS_LABEL} of pods of {title} has no effect with the value {value:?}");
        say(&code::WITHOUT_EFFECT, message, "write \"true\", in quotes and in lower case");
    }
    if acs::Wish::read(&pod.labels, &pod.annotations).is_none() {
        return told;
    }
    for name in OF_ECI_ALONE.iter().filter(|name| pod.annotations.get(name).is_some()) {
        let message = format!("{name} has no effect: pods of {title} are ACS instances by their labels");
        let help = "ACS reads alibabacloud.com/pod-required-spec and the label alibabacloud.com/compute-qos; for ECI, \
                    leave its labels out";
        say(&code::WITHOUT_EFFECT, message, help);
    }
    if pod.labels.get(ECI_LABEL) == Some("true") {
        let message = format!(
            "{ECI_LABEL} brings pods of {title} to virtual nodes, where their labels of ACS make ACS instances of them"
        );
        say(&code::EXCLUDE_EACH_OTHER, message, "leave out the labels of one of the two");
    }
    told
}

/// Warns of workloads that find their pods by labels which ACS rewrites.
pub(super) fn of_selectors(manifests: &[Manifests<'_>]) -> Vec<Diagnostic> {
    let mut told = Vec::new();
    let path = JsonPath::root().key("spec").key("selector").key("matchLabels");
    for document in manifests.iter().flat_map(|one| one.documents) {
        for label in [COMPUTE_CLASS, COMPUTE_QOS] {
            let at = path.key(label);
            let makes_pods = matches!(
                document.kind.as_str(),
                "Deployment" | "ReplicaSet" | "StatefulSet" | "DaemonSet" | "Job"
            );
            if !makes_pods || at.get(&document.value()).is_none() {
                continue;
            }
            let message =
                format!("`{label}` does not belong into a selector: ACS may rewrite it on the pods");
            let help =
                "select the pods by a label of their own, and keep this one in the template".to_owned();
            let diagnostic = Diagnostic::new(&code::EXCLUDE_EACH_OTHER, message).help(help);
            told.push(diagnostic.at(document.place(&at, On::Key)));
        }
    }
    told
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
