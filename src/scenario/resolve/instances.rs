//! What virtual nodes would make of the pods, told before a run: what they refuse, and what counts as free.

use overspill_manifest::{Code, JsonPath, Place, code};

use super::Resolver;
use crate::capacity::USE_SPECS_ANNOTATION;
use crate::cost::PriceList;
use crate::object::taint::first_untolerated;
use crate::object::{NodeClass, NodeSpec, PodSpec};
use crate::scenario::inventory::Inventory;
use crate::scenario::read::Locator;
use crate::simulation::instance_order;
use crate::simulation::scenario::{EciSetup, NodeSetup, SourceSetup};
use crate::units::Price;

/// Everything that decides what becomes of a pod on a virtual node.
pub(super) struct Platform<'p> {
    pub(super) setup: &'p EciSetup,
    pub(super) prices: &'p PriceList,
    pub(super) nodes: &'p [NodeSetup],
}

/// Annotations that would change which instance a pod becomes, and do not here.
const UNMODELLED: [&str; 2] =
    ["k8s.aliyun.com/eci-instance-family", "k8s.aliyun.com/eci-instance-generation"];

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

    fn warn_of(&mut self, title: &str, pod: &PodSpec, platform: &Platform<'_>, place: Option<&Place>) {
        let mut nodes = platform.nodes.iter().filter(|node| node.spec.class == NodeClass::Virtual);
        if !nodes.any(|node| may_come_to(pod, &node.spec)) {
            return;
        }
        let mut warn = |code: &Code, message: String| self.say_at(place.cloned(), code, message, None);
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
    }
}

/// Whether a pod's own rules let it onto a node: its selectors and tolerations, whatever else is there.
fn may_come_to(pod: &PodSpec, node: &NodeSpec) -> bool {
    pod.selects_node(&node.name, &node.labels) && first_untolerated(&node.taints, &pod.tolerations).is_none()
}
