//! Files to a scenario: load, put in what a variant changes, decode, and tell everything wrong at once.

mod inputs;
mod timeline;
mod untyped;
mod variant;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use indexmap::IndexMap;
use k8s_openapi::api::core::v1::PodTemplateSpec;
use overspill_manifest::{
    DataFile, Decoder, Diagnostic, Document, JsonPath, Object, On, Origin, Place, Rules, Source,
    decode_value, is_no_data_file, locate, read_data, read_documents,
};
use serde_json::Value;

use super::file::ScenarioFile;
use super::inventory::{Specs, Stocked};
use inputs::{Inputs, manifest_files};
use untyped::{all_references, of_another_kind, references, traces, with_stand_ins};
use variant::Patches;

pub use inputs::InputFile;
pub use variant::BASE;

/// Templates of pods by the section of the scenario that they stand in and the name there.
pub(in crate::scenario) type Templates = IndexMap<(&'static str, String), PodTemplateSpec>;
pub use timeline::LoadedStep;

/// What [`read()`] is to do beside reading.
#[derive(Clone, Debug, Default)]
pub struct ReadOptions {
    /// The variant to apply; [`BASE`] is none, unless one is called so.
    pub variant: Option<String>,
    /// What to put where, each a PATH and a value, after the variant.
    pub overrides: Vec<(String, Value)>,
    /// Whether unknown fields and kinds are errors in what a server printed too.
    pub strict: bool,
}

/// A scenario and its manifests, names and types checked.
#[derive(Debug)]
pub struct Loaded {
    /// The scenario as typed, after the patches.
    pub file: ScenarioFile,
    /// Tells places in the scenario file.
    pub locator: Locator,
    /// Every object of the manifests, untyped, after the patches.
    pub documents: Vec<Document>,
    /// The typed objects, in the order of the manifests.
    pub objects: Vec<LoadedObject>,
    /// The pods of each of `spec.sources` and `spec.podTraces`, typed.
    pub templates: Templates,
    /// The objects that each step of `spec.timeline` brings; none for steps that bring none.
    pub timeline: Vec<LoadedStep>,
    /// The price list; `None` only in what is left of a broken scenario.
    pub price_list: Option<DataFile>,
    /// The scheduler configuration, if the scenario names one.
    pub scheduler_configuration: Option<DataFile>,
    /// The trace files by the name that the scenario gives them; one that cannot be read is not among them.
    pub traces: IndexMap<String, Arc<Source>>,
    /// Whether every file of the manifests could be read: if not, nobody knows which objects there are.
    pub documents_complete: bool,
    /// Whether every document became an object: if not, nothing can be said of what is missing among them.
    pub objects_complete: bool,
    /// What is worth knowing, but keeps nothing from running.
    pub warnings: Vec<Diagnostic>,
    /// Every file that the scenario or any of its variants refers to; the scenario is the first. Their names keep every
    /// reference between them intact.
    pub files: Vec<InputFile>,
}

/// A typed object, and which of the documents it is.
#[derive(Debug)]
pub struct LoadedObject {
    /// The object.
    pub stocked: Stocked,
    /// Its index among the documents, which know the places of its fields.
    pub document: usize,
}

/// Manifests without a scenario.
#[derive(Debug)]
pub struct Manifests {
    /// Every object, untyped.
    pub documents: Vec<Document>,
    /// The typed objects, in order.
    pub objects: Vec<LoadedObject>,
    /// What is worth knowing, but keeps nothing from running.
    pub warnings: Vec<Diagnostic>,
}

/// Tells places in a scenario file.
#[derive(Clone, Debug)]
pub struct Locator {
    origin: Origin,
    value: Value,
}

impl Locator {
    /// The path of the scenario's `spec`, to go on from.
    pub fn spec() -> JsonPath {
        JsonPath::root().key("spec")
    }

    /// What is written at `path`, if anything is.
    pub fn written(&self, path: &JsonPath) -> Option<&Value> {
        path.get(&self.value)
    }

    /// Where the object stands that is written at `path`.
    pub fn within(&self, path: &JsonPath) -> Origin {
        self.origin.within(path)
    }

    /// The place of the value at `path`, or of the variant that put it there.
    pub fn value(&self, path: &JsonPath) -> Place {
        self.origin.place(path, On::Value)
    }

    /// The place of the last key of `path`.
    pub fn key(&self, path: &JsonPath) -> Place {
        self.origin.place(path, On::Key)
    }
}

/// The JSON Schema of the scenario file.
pub fn schema() -> Value {
    let mut schema = schemars::schema_for!(ScenarioFile).to_value();
    unwrap_descriptions(&mut schema);
    schema
}

/// Takes out the line breaks that descriptions have only because source lines end somewhere.
fn unwrap_descriptions(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(unwrap_descriptions),
        Value::Object(map) => {
            for (key, value) in map {
                match value {
                    Value::String(text) if key == "description" => *text = text.replace('\n', " "),
                    other => unwrap_descriptions(other),
                }
            }
        }
        _ => {}
    }
}

/// Reads the scenario at `path` and every file that it names. Without a variant or override all variants are tried,
/// so that what is wrong with one of them is told too.
///
/// # Errors
///
/// Everything that is wrong in any of the files, sorted by file and line, warnings included.
pub fn read(path: &Path, options: &ReadOptions) -> Result<Loaded, Vec<Diagnostic>> {
    let (loaded, told) = read_partly(path, options);
    if told.iter().any(Diagnostic::is_error) {
        return Err(told);
    }
    Ok(loaded.expect("whatever keeps a scenario from loading is an error among the diagnostics"))
}

/// What can be read of the scenario at `path`, and everything that is wrong with it: what is wrong is left out of it.
/// `None` if nothing sensible is left.
pub(super) fn read_partly(path: &Path, options: &ReadOptions) -> (Option<Loaded>, Vec<Diagnostic>) {
    let mut reading = Reading::new(path, options.strict);
    let scenario = reading.inputs.scenario().and_then(|scenario| match of_another_kind(&scenario) {
        Some(diagnostic) => Err(Box::new(diagnostic)),
        None => Ok(scenario),
    });
    let loaded = match scenario {
        Ok(scenario) => reading.scenario(scenario, options),
        Err(diagnostic) => {
            reading.diagnostics.push(*diagnostic);
            None
        }
    };
    let (told, inputs) = reading.finish();
    let loaded = loaded.map(|loaded| Loaded { warnings: told.clone(), files: inputs.into_files(), ..loaded });
    (loaded, told)
}

/// Reads manifests from files, folders and `-`, the standard input. What was written by hand takes the place of what
/// a server printed under the same name, as if it had been applied.
///
/// # Errors
///
/// Everything that is wrong in any of them, warnings included.
pub fn read_manifests(paths: &[PathBuf], strict: bool) -> Result<Manifests, Vec<Diagnostic>> {
    let mut reading = Reading::new(Path::new(""), strict);
    let mut documents = Vec::new();
    for path in paths {
        documents.extend(reading.manifest(path, None));
    }
    let documents = applied(documents);
    let objects = reading.decode(&documents);
    let (told, _) = reading.finish();
    if told.iter().any(Diagnostic::is_error) {
        return Err(told);
    }
    Ok(Manifests { documents, objects, warnings: told })
}

/// The documents without those that a server printed and another, written by hand, redefines. Where the server adds
/// what nobody writes (a pod's node, a node's allocatable), both are kept, and told as a contradiction.
fn applied(mut documents: Vec<Document>) -> Vec<Document> {
    const KINDS: [&str; 8] = [
        "Deployment",
        "HorizontalPodAutoscaler",
        "IstioGateway",
        "Namespace",
        "PriorityClass",
        "ReplicaSet",
        "Service",
        "StatefulSet",
    ];
    let identity = |document: &Document| {
        (document.kind.clone(), document.namespace_or_default().to_owned(), document.name.clone())
    };
    let by_hand = documents.iter().filter(|document| !document.is_server_printed());
    let by_hand: BTreeSet<_> =
        by_hand.filter(|document| KINDS.contains(&document.kind.as_str())).map(identity).collect();
    documents.retain(|document| !document.is_server_printed() || !by_hand.contains(&identity(document)));
    documents
}

/// Reads a file that holds one document of another kind, such as a scheduler configuration.
///
/// # Errors
///
/// Why it cannot be read.
pub fn read_data_file(path: &Path) -> Result<DataFile, Vec<Diagnostic>> {
    let source = Inputs::new(Path::new("")).load(path).map_err(|problem| vec![problem.told_at(None)])?;
    read_data(&source).map_err(|diagnostic| vec![*diagnostic])
}

/// The file at `path` if it holds one document and no List, as manifests may. A large dump is not read for that.
pub fn read_lone_document(path: &Path) -> Option<DataFile> {
    let source = Inputs::new(Path::new("")).load(path).ok()?;
    if is_no_data_file(&source) { None } else { read_data(&source).ok() }
}

/// The state of reading: what was loaded, and what was wrong so far.
struct Reading {
    inputs: Inputs,
    decoder: Decoder,
    specs: Specs,
    diagnostics: Vec<Diagnostic>,
}

impl LoadedObject {
    /// The object as it was read; `None` for an admitted pod.
    pub fn object(&self) -> Option<&Object> {
        self.stocked.object()
    }
}

impl Reading {
    fn new(scenario: &Path, strict: bool) -> Self {
        Self {
            inputs: Inputs::new(scenario),
            decoder: Decoder::new(strict),
            specs: Specs::default(),
            diagnostics: Vec::new(),
        }
    }

    /// The scenario with all that it refers to; `None` if that is hopeless, and then an error tells why.
    fn scenario(&mut self, mut scenario: DataFile, options: &ReadOptions) -> Option<Loaded> {
        let mut patches = Patches::of(&scenario);
        let chosen = patches.choose(&scenario, options, &mut self.diagnostics);
        let base = scenario.clone();
        for patch in &chosen {
            self.diagnostics.extend(patch.change_scenario(&mut scenario).err().map(|boxed| *boxed));
        }
        let file = self.typed(&scenario);
        let (mut documents, complete) = self.documents(&scenario);
        if chosen.is_empty() {
            let documents = complete.then_some(documents.as_slice());
            self.diagnostics.extend(patches.try_all(&base, documents, options.strict));
        }
        for patch in chosen.iter().filter(|_| complete) {
            self.diagnostics.extend(patch.change_documents(&mut documents).err().map(|boxed| *boxed));
        }
        let locator = Locator { origin: scenario.origin.clone(), value: scenario.value.clone() };
        let price_list = self.data_file(&scenario, "priceList");
        let scheduler_configuration = self.data_file(&scenario, "schedulerConfiguration");
        let traces = self.traces(&scenario);
        self.keep_files_of_others(&scenario, &base, &patches, chosen.is_empty());
        let told_before = self.decoder.told();
        let objects = self.decode(&documents);
        let objects_complete = complete && self.decoder.told() == told_before;
        let templates = file.as_ref().map(|file| self.templates(file, &locator));
        let timeline = file.as_ref().map(|file| self.timeline(file, &locator, options.strict));
        Some(Loaded {
            file: file?,
            locator,
            documents,
            objects,
            templates: templates?,
            timeline: timeline?,
            price_list,
            scheduler_configuration,
            traces,
            documents_complete: complete,
            objects_complete,
            warnings: Vec::new(),
            files: Vec::new(),
        })
    }

    /// The documents of the scenario's manifests, and whether these are all: what a manifest that cannot be read would
    /// have held is unknown, and no PATH into manifests is judged then.
    fn documents(&mut self, scenario: &DataFile) -> (Vec<Document>, bool) {
        let told_before = self.diagnostics.len();
        let mut documents = Vec::new();
        for (reference, place) in references(scenario) {
            let path = self.inputs.resolve(&reference);
            documents.extend(self.manifest(&path, Some(&place)));
        }
        (documents, self.diagnostics.len() == told_before)
    }

    fn typed(&mut self, scenario: &DataFile) -> Option<ScenarioFile> {
        let reading = decode_value(&scenario.value, Rules::default());
        let wrong = reading.errors.iter().chain(&reading.unknown);
        self.diagnostics.extend(wrong.map(|error| Diagnostic::of_field(error, &scenario.origin)));
        reading.value.or_else(|| {
            decode_value(&with_stand_ins(&scenario.value, &reading.errors), Rules::default()).value
        })
    }

    /// Keeps what only the scenario without its patches or a variant that was not chosen refers to, so that they can be
    /// run from the files that were kept. With `tell`, what cannot be read of it is told.
    fn keep_files_of_others(&mut self, scenario: &DataFile, base: &DataFile, patches: &Patches, tell: bool) {
        let mut seen: BTreeSet<String> =
            all_references(scenario).into_iter().map(|(reference, _)| reference).collect();
        for other in std::iter::once(base.clone()).chain(patches.changed_scenarios(base)) {
            for (reference, place) in all_references(&other) {
                if !seen.insert(reference.clone()) {
                    continue;
                }
                let result = manifest_files(&self.inputs.resolve(&reference))
                    .and_then(|files| files.iter().try_for_each(|file| self.inputs.load(file).map(drop)));
                let problem = result.err().filter(|_| tell);
                self.diagnostics.extend(problem.map(|problem| problem.told_at(Some(&place))));
            }
        }
    }

    /// The objects of a file or folder that is named at `place`.
    fn manifest(&mut self, path: &Path, place: Option<&Place>) -> Vec<Document> {
        let mut documents = Vec::new();
        let files = manifest_files(path).unwrap_or_else(|problem| {
            self.diagnostics.push(problem.told_at(place));
            Vec::new()
        });
        for file in files {
            match self.inputs.load(&file) {
                Ok(source) => {
                    let read = read_documents(&source);
                    documents.extend(read.documents);
                    self.diagnostics.extend(read.diagnostics);
                }
                Err(problem) => self.diagnostics.push(problem.told_at(place)),
            }
        }
        documents
    }

    /// The file that `field` of the spec names, if it names one.
    fn data_file(&mut self, scenario: &DataFile, field: &str) -> Option<DataFile> {
        let path = Locator::spec().key(field);
        let reference = path.get(&scenario.value)?.as_str()?;
        let result = self
            .inputs
            .load(&self.inputs.resolve(reference))
            .map_err(|problem| Box::new(problem.told_at(Some(&scenario.origin.place(&path, On::Value)))));
        match result.and_then(|source| read_data(&source)) {
            Ok(file) => Some(file),
            Err(diagnostic) => {
                self.diagnostics.push(*diagnostic);
                None
            }
        }
    }

    fn traces(&mut self, scenario: &DataFile) -> IndexMap<String, Arc<Source>> {
        let mut read = IndexMap::new();
        for (reference, place) in traces(scenario) {
            if read.contains_key(&reference) {
                continue;
            }
            match self.inputs.load(&self.inputs.resolve(&reference)) {
                Ok(source) => {
                    read.insert(reference, source);
                }
                Err(problem) => self.diagnostics.push(problem.told_at(Some(&place))),
            }
        }
        read
    }

    fn decode(&mut self, documents: &[Document]) -> Vec<LoadedObject> {
        let decode = |(document, untyped): (usize, &Document)| {
            let told_before = self.decoder.told();
            let object = self.decoder.decode(untyped)?;
            // An object without its wrong parts is another one: nothing that follows from it would help.
            let is_whole = self.decoder.told() == told_before;
            is_whole.then(|| LoadedObject { stocked: Stocked::new(object, &mut self.specs), document })
        };
        documents.iter().enumerate().filter_map(decode).collect()
    }

    fn templates(&mut self, file: &ScenarioFile, locator: &Locator) -> Templates {
        let mut templates = IndexMap::new();
        let sources = file.spec.sources.iter().map(|(name, one)| ("sources", name, &one.template));
        let traces = &file.spec.pod_traces;
        let traces =
            traces.iter().filter_map(|(name, one)| Some(("podTraces", name, one.template.as_ref()?)));
        for (section, name, template) in sources.chain(traces) {
            let path = Locator::spec().key(section).key(name).key("template");
            let told_before = self.decoder.told();
            let template = self.decoder.decode_template(template, &path, &locator.origin);
            if let Some(template) = template.filter(|_| self.decoder.told() == told_before) {
                templates.insert((section, name.clone()), template);
            }
        }
        templates
    }

    /// Everything that was told, with its places, and the files.
    fn finish(mut self) -> (Vec<Diagnostic>, Inputs) {
        self.diagnostics.extend(self.decoder.finish());
        locate(&mut self.diagnostics);
        (self.diagnostics, self.inputs)
    }
}

#[cfg(test)]
mod tests;
