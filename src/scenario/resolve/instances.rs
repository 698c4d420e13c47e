//! What virtual nodes would make of the pods, told before a run: what they refuse, and what counts as free.

use overspill_manifest::{Code, JsonPath, Place, code};

use super::Resolver;
use super::population::Population;
use crate::capacity::USE_SPECS_ANNOTATION;
use crate::capacity::acs::{REQUIRED_SPEC, USED_SPEC};
use crate::controller::daemon_set::wanted;
use crate::cost::{PriceList, UnknownInstancePrice};
use crate::object::taint::first_untolerated;
use crate::object::{NodeClass, NodeSpec, PodSpec};
use crate::scenario::inventory::{DaemonSet, Inventory};
use crate::scenario::read::Locator;
use crate::simulation::action::Action;
use crate::simulation::scenario::{AcsSetup, EciSetup, NodeSetup, SourceSetup};
use crate::simulation::{NoOrder, instance_order};
use crate::units::Price;

/// Everything that decides what becomes of a pod on a virtual node.
pub(super) struct Platform<'p> {
    pub(super) eci: &'p EciSetup,
    pub(super) acs: &'p AcsSetup,
    pub(super) prices: &'p PriceList,
    pub(super) nodes: &'p [NodeSetup],
}

/// Annotations that would change which instance a pod becomes, and do not here.
const UNMODELLED: [&str; 2] =
    ["k8s.aliyun.com/eci-instance-family", "k8s.aliyun.com/eci-instance-generation"];

/// Environment variables of containers that would change their order on ECI, and do not here.
const UNMODELLED_ENV: [&str; 2] = ["ECI_CONTAINER_LAUNCH_PRIORITY", "ECI_CONTAINER_EXIT_PRIORITY"];

impl Resolver<'_> {
    /// Warns of pods that may come to a virtual node and would not start there, or not be paid for.
    pub(super) fn warn_of_instances(
        &mut self,
        inventory: &Inventory,
        sources: &[SourceSetup],
        platform: &Platform<'_>,
    ) {
        let at_name = JsonPath::root().key("metadata").key("name");
        for workload in &inventory.workloads {
            let place = self.place_of(workload.kind, &workload.namespace, &workload.name, &at_name);
            self.warn_of(&workload.title(), &workload.template, platform, place.as_ref());
        }
        for set in &inventory.daemon_sets {
            let place = self.place_of("DaemonSet", &set.namespace, &set.name, &at_name);
            self.warn_of_daemons(set, platform, place.as_ref());
        }
        for job in &inventory.jobs {
            let place = self.place_of("Job", &job.namespace, &job.name, &at_name);
            self.warn_of(&job.title(), &job.template, platform, place.as_ref());
        }
        for pod in inventory.pods.iter().filter(|pod| pod.spec.owner.is_none()) {
            let (namespace, name) = (&pod.spec.namespace, &pod.name);
            let place = self.place_of("Pod", namespace, name, &at_name);
            self.warn_of(&format!("Pod/{namespace}/{name}"), &pod.spec, platform, place.as_ref());
        }
        for source in sources {
            let path = Locator::spec().key("sources").key(&source.name).key("template");
            let place = self.loaded.locator.value(&path);
            self.warn_of(&format!("source {}", source.name), &source.template, platform, Some(&place));
        }
    }

    /// Refuses workloads that come in the course of time and would become instances that nobody knows the price of. What
    /// else becomes of them the run tells.
    pub(super) fn check_later_prices(&mut self, population: &Population, platform: &Platform<'_>) {
        let may_come = |pod: &PodSpec| {
            let mut nodes = platform.nodes.iter().filter(|node| node.spec.class == NodeClass::Virtual);
            nodes.any(|node| may_come_to(pod, &node.spec))
        };
        let workloads = population.workloads.iter().filter(|one| !one.at_start);
        let workloads = workloads.map(|one| (one.title.clone(), &one.template));
        let pods = population.timeline.iter().filter_map(|step| match &step.action {
            Action::CreatePod(pod) => Some((format!("Pod/{}/{}", pod.spec.namespace, pod.name), &pod.spec)),
            _ => None,
        });
        for (title, pod) in workloads.chain(pods).filter(|(_, pod)| may_come(pod)) {
            let order = instance_order(pod, platform.prices, platform.eci, platform.acs);
            if let Err(NoOrder::NotPriced(why)) = order {
                self.say_not_priced(&title, &why, None);
            }
        }
    }

    fn say_not_priced(&mut self, title: &str, why: &UnknownInstancePrice, place: Option<&Place>) {
        let message = format!("pods of {title} would be ACS instances, whose cost is not known: {why}");
        let help = "prices/cn-hangzhou-usd.yaml has them, as published, in USD".to_owned();
        self.say_at(place.cloned(), &code::NOT_PRICED, message, Some(help));
    }

    fn warn_of_daemons(&mut self, set: &DaemonSet, platform: &Platform<'_>, place: Option<&Place>) {
        let virtual_nodes = platform.nodes.iter().filter(|node| node.spec.class == NodeClass::Virtual);
        let Some(node) = virtual_nodes.into_iter().find(|node| wanted(&set.template, &node.spec).to_run)
        else {
            return;
        };
        let message = format!(
            "DaemonSet/{}/{} makes a pod for {}, where it never starts: virtual nodes do not support DaemonSets",
            set.namespace, set.name, node.spec.name
        );
        let help =
            "tolerate the taints of ECS nodes only, or select nodes by a label that virtual nodes lack";
        self.say_at(place.cloned(), &code::REFUSED_ON_VIRTUAL_NODES, message, Some(help.to_owned()));
    }

    fn warn_of(&mut self, title: &str, pod: &PodSpec, platform: &Platform<'_>, place: Option<&Place>) {
        let mut nodes = platform.nodes.iter().filter(|node| node.spec.class == NodeClass::Virtual);
        if !nodes.any(|node| may_come_to(pod, &node.spec)) {
            return;
        }
        let mut say = |code: &Code, message: String, help: Option<String>| {
            self.say_at(place.cloned(), code, message, help);
        };
        for annotation in UNMODELLED.iter().filter(|name| pod.annotations.get(name).is_some()) {
            let message = format!(
                "{annotation} has no effect here: pods of {title} are billed by vCPU and memory, or by the type \
                 that {USE_SPECS_ANNOTATION} names"
            );
            say(&code::NOT_MODELLED, message, None);
        }
        let has = |name: &&&str| pod.containers.iter().any(|one| one.env.get(name).is_some());
        for name in UNMODELLED_ENV.iter().filter(has) {
            let message = format!(
                "{name} has no effect here: containers of {title} start and exit together, marked and native \
                 sidecars aside"
            );
            say(&code::NOT_MODELLED, message, None);
        }
        if pod.annotations.get(USED_SPEC).is_some() {
            let message = format!(
                "{USED_SPEC} of pods of {title} has no effect: ACS writes it, and reads {REQUIRED_SPEC}"
            );
            say(&code::WITHOUT_EFFECT, message, None);
        }
        match instance_order(pod, platform.prices, platform.eci, platform.acs) {
            Err(NoOrder::NotPriced(why)) => self.say_not_priced(title, &why, place),
            Err(NoOrder::Refused(why)) => {
                let message = format!("pods of {title} cannot start on a virtual node: {why}");
                say(&code::REFUSED_ON_VIRTUAL_NODES, message, None);
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
    }
}

/// Whether a pod's own rules let it onto a node: its selectors and tolerations, whatever else is there.
fn may_come_to(pod: &PodSpec, node: &NodeSpec) -> bool {
    pod.selects_node(&node.name, &node.labels) && first_untolerated(&node.taints, &pod.tolerations).is_none()
}
