//! The objects that the steps of a timeline bring.

use overspill_manifest::{Decoder, Document, JsonPath, On, read_inline};
use serde_json::{Map, Value, json};

use super::{LoadedObject, Locator, Reading};
use crate::scenario::file::{Objects, PodRun, ScenarioFile, TimelineStep};
use crate::scenario::inventory::Stocked;

/// What one step of a timeline brings.
#[derive(Debug, Default)]
pub struct LoadedStep {
    /// Every object, untyped.
    pub documents: Vec<Document>,
    /// The typed objects, in order.
    pub objects: Vec<LoadedObject>,
}

impl Reading {
    pub(super) fn timeline(
        &mut self,
        file: &ScenarioFile,
        locator: &Locator,
        strict: bool,
    ) -> Vec<LoadedStep> {
        let steps = file.spec.timeline.iter().enumerate();
        let path = |index| Locator::spec().key("timeline").index(index);
        steps.map(|(index, step)| self.step(step, &path(index), locator, strict)).collect()
    }

    /// Each step is read by itself: an object that was deleted may come again under its name.
    fn step(&mut self, step: &TimelineStep, path: &JsonPath, locator: &Locator, strict: bool) -> LoadedStep {
        let mut documents = Vec::new();
        for (verb, objects) in [("create", &step.create), ("apply", &step.apply)] {
            documents.extend(objects.iter().flat_map(|one| self.objects(one, &path.key(verb), locator)));
        }
        if let Some(run) = &step.run {
            documents.extend(self.run(run, &path.key("run"), locator));
        }
        let mut decoder = Decoder::new(strict);
        let decode = |(document, untyped)| {
            let object = decoder.decode(untyped)?;
            Some(LoadedObject { stocked: Stocked::new(object, &mut self.specs), document })
        };
        let objects = documents.iter().enumerate().filter_map(decode).collect();
        self.diagnostics.extend(decoder.finish());
        LoadedStep { documents, objects }
    }

    /// The pod that `run` makes; its fields stand where `run` says them.
    fn run(&mut self, run: &PodRun, path: &JsonPath, locator: &Locator) -> Vec<Document> {
        let mut documents = self.inline(pod_of(run), path, locator);
        let metadata = JsonPath::root().key("metadata");
        let container = JsonPath::root().key("spec").key("containers").index(0);
        let fields = [
            (metadata.key("name"), "name"),
            (metadata.key("namespace"), "namespace"),
            (metadata.key("labels"), "labels"),
            (metadata.key("annotations"), "annotations"),
            (container.key("name"), "name"),
            (container.key("image"), "image"),
            (container.key("resources").key("requests"), "requests"),
            (container.key("resources").key("limits"), "limits"),
        ];
        for (made, said) in fields {
            let said = path.key(said);
            if locator.written(&said).is_none() {
                continue;
            }
            for document in &mut documents {
                document.origin.patched(made.clone(), locator.value(&said));
            }
        }
        documents
    }

    fn objects(&mut self, objects: &Objects, path: &JsonPath, locator: &Locator) -> Vec<Document> {
        match objects {
            Objects::File(reference) => {
                let place = locator.origin.place(&path.key("file"), On::Value);
                let file = self.inputs.resolve(reference);
                self.manifest(&file, Some(&place))
            }
            Objects::Manifest(value) => self.inline(value.clone(), &path.key("manifest"), locator),
        }
    }

    fn inline(&mut self, value: Value, path: &JsonPath, locator: &Locator) -> Vec<Document> {
        let read = read_inline(value, &locator.origin.within(path));
        self.diagnostics.extend(read.diagnostics);
        read.documents
    }
}

/// The pod that `kubectl run` makes (kubectl/pkg/generate/versioned/run.go `BasicPod`).
fn pod_of(run: &PodRun) -> Value {
    let labels = match &run.labels {
        Some(labels) => json!(labels),
        None => json!({ "run": run.name }),
    };
    let amounts =
        |list: &indexmap::IndexMap<String, crate::scenario::notation::Amount>| -> Map<String, Value> {
            list.iter().map(|(name, amount)| (name.clone(), amount.0.to_string().into())).collect()
        };
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": run.name,
            "namespace": run.namespace.as_deref().unwrap_or("default"),
            "labels": labels,
            "annotations": run.annotations,
        },
        "spec": { "containers": [{
            "name": run.name,
            "image": run.image,
            "resources": { "requests": amounts(&run.requests), "limits": amounts(&run.limits) },
        }]},
    })
}
