//! What the pods of a trace are like: the template, with what a row belongs to and requests.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{Container, PodSpec as ApiPodSpec, PodTemplateSpec};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity as ApiQuantity;
use overspill_manifest::{JsonPath, code};

use super::super::Resolver;
use super::rows::{Class, Classes, push_name};
use crate::object::names::wrong_label_key;
use crate::object::{Owner, PodSpec};
use crate::scenario::file::{self, CpuUnit, MemoryUnit, TraceOwner};
use crate::units::Quantity;

/// The resource of devices where a trace does not say.
const GPU: &str = "nvidia.com/gpu";
/// The container of a pod where no template says.
const CONTAINER: &str = "main";
/// Below this the greatest number of memory is one of Gi: no pod requests 4 Ti, and most that request memory in Mi or bytes
/// have one above it (estimate).
const GIBIBYTES_BELOW: f64 = 4096.0;
/// Below this it is one of Mi: no pod requests 16 Ti, and the largest of a trace in bytes has more than 16 Mi (estimate).
const MEBIBYTES_BELOW: f64 = 16_777_216.0;

/// The amount that `text` means, a plain number being one of the unit with this suffix; never negative.
pub(super) fn amount(text: &str, suffix: &str) -> Option<Quantity> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let read = if is_number { format!("{text}{suffix}").parse() } else { text.parse() };
    read.ok().filter(|amount: &Quantity| !amount.is_negative())
}

impl Resolver<'_> {
    /// The pods of each class.
    pub(super) fn pod_classes(
        &mut self,
        name: &str,
        given: &file::PodTrace,
        path: &JsonPath,
        classes: &Classes,
    ) -> Option<Vec<PodSpec>> {
        let template = match &given.template {
            Some(_) => self.loaded.templates.get(&("podTraces", name.to_owned()))?.clone(),
            None => PodTemplateSpec::default(),
        };
        for (key, wrong) in [
            ("appLabel", given.app_label.as_deref().and_then(wrong_label_key)),
            ("gpuResource", given.gpu_resource.as_deref().and_then(wrong_label_key)),
        ] {
            if let Some(wrong) = wrong {
                self.say(&code::DO_NOT_FIT, &path.key(key), wrong);
                return None;
            }
        }
        let forms = Forms::of(given, classes);
        let grace = given.grace_period.map(|grace| grace.0);
        let each = classes.iter().map(|class| {
            let (template, owner) = (forms.template(&template, class), forms.owner(class));
            self.admitted_template(template, given.namespace(), owner, grace, &path.key("template"))
        });
        // A template that is refused is refused for each class: it is told once.
        let mut all = Vec::new();
        for pod in each {
            all.push(pod?);
        }
        Some(all)
    }
}

/// How the cells of a trace become fields of a pod.
struct Forms<'g> {
    given: &'g file::PodTrace,
    cpu: &'static str,
    memory: &'static str,
}

impl<'g> Forms<'g> {
    fn of(given: &'g file::PodTrace, classes: &Classes) -> Self {
        let cpu = match given.cpu_unit {
            None | Some(CpuUnit::Cores) => "",
            Some(CpuUnit::Millicores) => "m",
        };
        let memory = given.memory_unit.unwrap_or_else(|| usual_unit(classes)).suffix();
        Self { given, cpu, memory }
    }

    fn owner(&self, class: Class<'_>) -> Option<Owner> {
        let is_owned = self.given.owner == Some(TraceOwner::ReplicaSet) && !class.app.is_empty();
        is_owned.then(|| {
            let mut name = String::new();
            push_name(&mut name, class.app);
            Owner { api_version: "apps/v1".to_owned(), kind: "ReplicaSet".to_owned(), name }
        })
    }

    fn template(&self, template: &PodTemplateSpec, class: Class<'_>) -> PodTemplateSpec {
        let mut template = template.clone();
        if !class.app.is_empty() {
            let metadata = template.metadata.get_or_insert_default();
            let label = self.given.app_label.clone().unwrap_or_else(|| "app".to_owned());
            metadata.labels.get_or_insert_default().insert(label, class.app.to_owned());
        }
        let spec: &mut ApiPodSpec = template.spec.get_or_insert_default();
        if spec.containers.is_empty() {
            let (name, image) = (CONTAINER.to_owned(), Some(CONTAINER.to_owned()));
            spec.containers.push(Container { name, image, ..Container::default() });
        }
        let resources = spec.containers[0].resources.get_or_insert_default();
        let device = self.given.gpu_resource.as_deref().unwrap_or(GPU);
        let requests: &mut BTreeMap<String, ApiQuantity> = resources.requests.get_or_insert_default();
        for (name, text, unit) in
            [("cpu", class.cpu, self.cpu), ("memory", class.memory, self.memory), (device, class.gpu, "")]
        {
            if let Some(amount) = amount(text, unit).filter(|_| !text.is_empty()) {
                requests.insert(name.to_owned(), ApiQuantity(amount.to_string()));
            }
        }
        // Devices are requested by their limit, and none of them not at all.
        if let Some(devices) = requests.get(device).cloned() {
            if devices.0 == "0" {
                requests.remove(device);
            } else {
                resources.limits.get_or_insert_default().insert(device.to_owned(), devices);
            }
        }
        template
    }
}

/// The unit of memory that the greatest plain number looks like.
fn usual_unit(classes: &Classes) -> MemoryUnit {
    let numbers = classes.iter().filter_map(|class| class.memory.parse::<f64>().ok());
    match numbers.fold(0.0, f64::max) {
        greatest if greatest < GIBIBYTES_BELOW => MemoryUnit::Gi,
        greatest if greatest < MEBIBYTES_BELOW => MemoryUnit::Mi,
        _ => MemoryUnit::B,
    }
}
