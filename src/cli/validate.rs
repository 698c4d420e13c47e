//! `overspill validate`: tells everything that is wrong with scenarios and manifests.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use overspill_manifest::{DataFile, Diagnostic, Document};
use serde_json::Value;

use super::{Exit, Failure, terminal};
use crate::cost::PRICE_LIST;
use crate::report::counted;
use crate::scenario::unmodelled::{Concerns, unmodelled};
use crate::scenario::{
    LoadedObject, ReadOptions, missing_nodes, open, outlook_of_manifests, price_list, read_lone_document,
    read_manifests, scheduler_config, take_stock,
};
use crate::scheduler::Registry;

/// Tell everything that is wrong with scenarios, manifests, price lists and scheduler configurations
///
/// Manifests are checked together, as one cluster. A scenario is checked with every file that it refers to, and with
/// each of its variants.
#[derive(Debug, clap::Args)]
pub(super) struct Validate {
    /// Scenario files, manifests, folders of manifests, price lists, scheduler configurations, or - for the standard input
    #[arg(value_name = "SCENARIO|MANIFEST", required = true)]
    paths: Vec<PathBuf>,
    /// Refuse unknown fields and kinds even in what a server printed
    #[arg(long)]
    strict: bool,
}

/// What was read, and what there is to say about it.
#[derive(Default)]
struct Findings {
    files: BTreeSet<String>,
    diagnostics: Vec<Diagnostic>,
}

impl Validate {
    pub(super) fn execute(&self, registry: &Registry) -> Result<Exit, Failure> {
        let mut findings = Findings::default();
        let mut manifests = Vec::new();
        for path in &self.paths {
            match recognise(path) {
                Kind::Scenario => findings.scenario(path, self.strict, registry),
                Kind::SchedulerConfiguration(file) => findings.configuration(&file, registry),
                Kind::PriceList(file) => findings.prices(&file),
                Kind::Manifests => manifests.push(path.clone()),
            }
        }
        if !manifests.is_empty() {
            findings.manifests(&manifests, self.strict);
        }
        findings.conclude()
    }
}

/// What a path leads to.
enum Kind {
    Scenario,
    SchedulerConfiguration(Box<DataFile>),
    PriceList(Box<DataFile>),
    Manifests,
}

/// What the file at `path` says it is. Whatever cannot be read is taken for a manifest, and told then.
fn recognise(path: &Path) -> Kind {
    if path == Path::new("-") || path.is_dir() {
        return Kind::Manifests;
    }
    let Some(file) = read_lone_document(path) else { return Kind::Manifests };
    let says = |field, beginning| {
        file.value.get(field).and_then(Value::as_str).is_some_and(|text| text.starts_with(beginning))
    };
    if file.value.get("kind").and_then(Value::as_str) == Some(PRICE_LIST) {
        Kind::PriceList(Box::new(file))
    } else if says("apiVersion", "overspill/") || says("kind", "Scenario") {
        Kind::Scenario
    } else if says("apiVersion", "kubescheduler.config.k8s.io/") || says("kind", "KubeSchedulerConfiguration")
    {
        Kind::SchedulerConfiguration(Box::new(file))
    } else {
        Kind::Manifests
    }
}

impl Findings {
    fn scenario(&mut self, path: &Path, strict: bool, registry: &Registry) {
        let options = ReadOptions { strict, ..ReadOptions::default() };
        match open(path, &options, registry) {
            Err(diagnostics) => self.diagnostics.extend(diagnostics),
            Ok((loaded, resolved)) => {
                self.files.extend(loaded.files.iter().map(|file| file.source.file.clone()));
                self.diagnostics.extend(resolved.warnings);
                self.diagnostics.extend(loaded.warnings);
            }
        }
    }

    fn prices(&mut self, file: &DataFile) {
        self.files.insert(file.origin.file().to_owned());
        self.diagnostics.extend(price_list(file).err().into_iter().flatten());
    }

    fn configuration(&mut self, file: &DataFile, registry: &Registry) {
        self.files.insert(file.origin.file().to_owned());
        self.diagnostics.extend(scheduler_config(file, registry).err().into_iter().flatten());
    }

    fn manifests(&mut self, paths: &[PathBuf], strict: bool) {
        match read_manifests(paths, strict) {
            Err(diagnostics) => self.diagnostics.extend(diagnostics),
            Ok(manifests) => {
                let files = manifests.documents.iter().map(|document| document.origin.file().to_owned());
                self.files.extend(files);
                self.objects(&manifests.documents, &manifests.objects);
                self.diagnostics.extend(manifests.warnings);
            }
        }
    }

    fn objects(&mut self, documents: &[Document], objects: &[LoadedObject]) {
        match take_stock(documents, objects) {
            Ok((inventory, warnings)) => {
                self.diagnostics.extend(warnings);
                let nodes = inventory.nodes.iter().map(|node| node.name.as_str());
                self.diagnostics.extend(missing_nodes(documents, &inventory, nodes));
                self.diagnostics.extend(outlook_of_manifests(documents, &inventory));
            }
            Err(errors) => self.diagnostics.extend(errors),
        }
        self.diagnostics
            .extend(unmodelled(documents, &[Concerns::Placement, Concerns::Course, Concerns::Mesh]));
    }

    /// Tells everything; without errors that is a success.
    fn conclude(mut self) -> Result<Exit, Failure> {
        // A file that is given by itself and by a scenario too is told of once.
        self.diagnostics = terminal::without_repetitions(self.diagnostics);
        if self.diagnostics.iter().any(Diagnostic::is_error) {
            return Err(Failure::Input(self.diagnostics));
        }
        let files = counted(self.files.len(), "file");
        let verdict = match self.diagnostics.len() {
            0 => "no problems".to_owned(),
            warnings => format!("no errors, {}", counted(warnings, "warning")),
        };
        terminal::tell(self.diagnostics);
        terminal::print(&format!("{files}, {verdict}\n"))?;
        Ok(Exit::Success)
    }
}
