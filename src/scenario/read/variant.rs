//! Variants and overrides: values put at PATHs of the scenario and its manifests before anything is decoded.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use overspill_manifest::{
    DataFile, Decoder, Diagnostic, Document, On, Place, Position, Rules, Source, code, decode_value,
    did_you_mean,
};
use serde_json::Value;

use super::{Locator, ReadOptions};
use crate::scenario::file::ScenarioFile;
use crate::scenario::path::{Address, ParseAddressError, PatchError, patch, patch_spec};

/// What the scenario as it stands is called among its variants.
pub const BASE: &str = "base";

/// A value to put at a PATH.
pub(super) struct Patch {
    path: String,
    value: Value,
    /// Where the value is written.
    place: Place,
}

/// The patches of every variant.
pub(super) struct Patches {
    variants: IndexMap<String, Vec<Patch>>,
}

impl Patches {
    /// Those of a scenario; what is not a map of maps is left for the decoder to complain of.
    pub(super) fn of(scenario: &DataFile) -> Self {
        let path = Locator::spec().key("variants");
        let mut variants = IndexMap::new();
        for (name, entries) in path.get(&scenario.value).and_then(Value::as_object).into_iter().flatten() {
            let Some(entries) = entries.as_object() else { continue };
            let patch = |(text, value): (&String, &Value)| Patch {
                path: text.clone(),
                value: value.clone(),
                place: scenario.origin.place(&path.key(name).key(text), On::Key),
            };
            variants.insert(name.clone(), entries.iter().map(patch).collect());
        }
        Self { variants }
    }

    /// The patches of the chosen variant, then the overrides.
    pub(super) fn choose(
        &mut self,
        scenario: &DataFile,
        options: &ReadOptions,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Vec<Patch> {
        let mut chosen = Vec::new();
        if let Some(name) = &options.variant {
            match self.variants.shift_remove(name) {
                Some(patches) => chosen.extend(patches),
                None if name == BASE => {}
                None => diagnostics.push(self.no_variant(name, scenario)),
            }
        }
        chosen.extend(options.overrides.iter().map(|(path, value)| Patch::of_override(path, value)));
        chosen
    }

    /// The scenario as each of the variants would have it, as far as their PATHs lead somewhere.
    pub(super) fn changed_scenarios(&self, scenario: &DataFile) -> Vec<DataFile> {
        let changed = |patches: &Vec<Patch>| {
            let mut scenario = scenario.clone();
            for patch in patches {
                // What is wrong with a PATH is told where all variants are tried.
                let _ = patch.change_scenario(&mut scenario);
            }
            scenario
        };
        self.variants.values().map(changed).collect()
    }

    fn no_variant(&self, name: &str, scenario: &DataFile) -> Diagnostic {
        let place = scenario.origin.place(&Locator::spec().key("variants"), On::Key);
        let known = self.variants.keys().map(String::as_str);
        Diagnostic::new(&code::UNKNOWN_VARIANT, format!("there is no variant `{name}`"))
            .at(place)
            .help(did_you_mean(name, "variants", known))
    }

    /// What would be wrong if each of the variants were chosen, and is not wrong without it. PATHs into manifests are
    /// judged only if the `documents` are known.
    pub(super) fn try_all(
        &self,
        scenario: &DataFile,
        documents: Option<&[Document]>,
        strict: bool,
    ) -> Vec<Diagnostic> {
        let mut wrong = Vec::new();
        for (name, patches) in &self.variants {
            let own = Locator::spec().key("variants").key(name);
            let mut told = Vec::new();
            let own_manifests = try_on_scenario(patches, scenario, &mut told);
            if let Some(documents) = documents.filter(|_| !own_manifests) {
                try_on_documents(patches, documents, strict, &mut told);
            }
            let is_own = |diagnostic: &Diagnostic| {
                let place = diagnostic.place.as_ref();
                place.is_some_and(|place| {
                    place.file() == scenario.origin.file() && place.path.starts_with(&own)
                })
            };
            wrong.extend(told.into_iter().filter(is_own));
        }
        wrong
    }
}

/// What is wrong with the scenario once `patches` are in, and whether it then has manifests of its own.
fn try_on_scenario(patches: &[Patch], scenario: &DataFile, wrong: &mut Vec<Diagnostic>) -> bool {
    let mut scenario = scenario.clone();
    wrong.extend(
        patches.iter().filter_map(|patch| patch.change_scenario(&mut scenario).err()).map(|boxed| *boxed),
    );
    let reading = decode_value::<ScenarioFile>(&scenario.value, Rules::default());
    let errors = reading.errors.iter().chain(&reading.unknown);
    wrong.extend(errors.map(|error| Diagnostic::of_field(error, &scenario.origin)));
    patches.iter().any(|patch| patch.path == "manifests" || patch.path.starts_with("manifests."))
}

/// What is wrong with those of the `documents` that `patches` change.
fn try_on_documents(patches: &[Patch], documents: &[Document], strict: bool, wrong: &mut Vec<Diagnostic>) {
    let mut changed: BTreeMap<usize, Document> = BTreeMap::new();
    for patch in patches {
        let result = match patch.find(documents) {
            Ok(Some(index)) => {
                patch.change_document(changed.entry(index).or_insert_with(|| documents[index].clone()))
            }
            Ok(None) => Ok(()),
            Err(diagnostic) => Err(diagnostic),
        };
        wrong.extend(result.err().map(|boxed| *boxed));
    }
    let mut decoder = Decoder::new(strict);
    for document in changed.values() {
        decoder.decode(document);
    }
    wrong.extend(decoder.finish());
}

impl Patch {
    /// An override has no file: its own text is shown instead.
    fn of_override(path: &str, value: &Value) -> Self {
        let text = format!("{path}={value}");
        let position = Position { line: 1, column: 1, width: text.chars().count() };
        let place = Source::new("override", text).place(Some(position));
        Self { path: path.to_owned(), value: value.clone(), place }
    }

    fn address(&self) -> Result<Address, Box<Diagnostic>> {
        self.path.parse().map_err(|error: ParseAddressError| {
            Box::new(Diagnostic::new(&code::WRONG_PATH, error.to_string()).at(self.place.clone()))
        })
    }

    fn refused(&self, error: &PatchError) -> Box<Diagnostic> {
        let diagnostic = Diagnostic::new(&code::PATH_LEADS_NOWHERE, error.to_string());
        Box::new(diagnostic.at(self.place.clone()).help(error.advice()))
    }

    /// Puts the value into the scenario, if the PATH leads there. A text that is no PATH is told here.
    pub(super) fn change_scenario(&self, scenario: &mut DataFile) -> Result<(), Box<Diagnostic>> {
        let Address::Spec(steps) = self.address()? else { return Ok(()) };
        // A scenario without a spec is complained of by the decoder.
        let Some(spec) = scenario.value.get_mut("spec") else { return Ok(()) };
        let path = patch_spec(spec, &steps, self.value.clone()).map_err(|error| self.refused(&error))?;
        scenario.origin.patched(Locator::spec().join(&path), self.place.clone());
        Ok(())
    }

    /// Puts the value into one of the manifests, if the PATH leads there.
    pub(super) fn change_documents(&self, documents: &mut [Document]) -> Result<(), Box<Diagnostic>> {
        match self.find(documents)? {
            Some(index) => self.change_document(&mut documents[index]),
            None => Ok(()),
        }
    }

    fn change_document(&self, document: &mut Document) -> Result<(), Box<Diagnostic>> {
        let Ok(Address::Manifest { pointer, .. }) = self.path.parse() else { return Ok(()) };
        let mut value = document.value().into_owned();
        let path = patch(&mut value, &pointer, self.value.clone()).map_err(|error| self.refused(&error))?;
        *document = document.with_value(value);
        document.origin.patched(path, self.place.clone());
        Ok(())
    }

    /// The manifest that the PATH leads into; `None` if it leads into the scenario, or nowhere at all.
    fn find(&self, documents: &[Document]) -> Result<Option<usize>, Box<Diagnostic>> {
        let Ok(Address::Manifest { kind, namespace, name, .. }) = self.path.parse() else { return Ok(None) };
        let namespace = namespace.as_deref().unwrap_or("default");
        if let Some(index) = documents.iter().position(|document| document.is(&kind, namespace, &name)) {
            return Ok(Some(index));
        }
        let known = documents.iter().map(|document| {
            format!("{}/{}/{}", document.kind, document.namespace.as_deref().unwrap_or(""), document.name)
        });
        let error = PatchError::NoSuchName {
            name: format!("{kind}/{namespace}/{name}"),
            place: "the manifests".to_owned(),
            known: known.collect(),
        };
        Err(self.refused(&error))
    }
}
