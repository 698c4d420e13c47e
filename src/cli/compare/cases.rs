//! What is compared: scenarios, their variants, and scheduler configurations, each by a name of its own.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use overspill_manifest::{Diagnostic, code};
use serde_json::Value;

use super::Compare;
use super::attribution::attributed;
use super::doubts::MoneyAndTime;
use crate::experiment::ComparedCase;
use crate::scenario::{
    BASE, InputFile, Loaded, Locator, ReadOptions, Resolved, open, read_data_file, scheduler_config,
};
use crate::scheduler::Registry;
use crate::simulation::Scenario;

/// One thing that is compared, ready to be run.
pub(super) struct Case {
    /// What it is called.
    pub(super) name: String,
    pub(super) scenario: Scenario,
    /// Every file that was read for it, the scenario first.
    pub(super) files: Vec<InputFile>,
    locator: Locator,
    variant: Option<String>,
    scheduler_config: Option<PathBuf>,
}

/// One thing that is to be compared.
struct Wish {
    name: String,
    variant: Option<String>,
    scheduler_config: Option<PathBuf>,
}

impl Case {
    /// What its figures depend on.
    pub(super) fn money_and_time(&self) -> MoneyAndTime {
        MoneyAndTime {
            name: self.name.clone(),
            currency: self.scenario.prices.currency.clone(),
            horizon: self.scenario.horizon,
        }
    }

    /// What is written of it; `inputs` are the files of all cases.
    pub(super) fn compared(&self, inputs: &[InputFile]) -> ComparedCase {
        let name_of = |path: &Path| {
            let kept = inputs.iter().find(|file| file.is_same_file_as(path));
            kept.map(|file| file.name.clone()).expect("every file of a case is among the inputs")
        };
        ComparedCase {
            name: self.name.clone(),
            scenario: self.scenario.name.clone(),
            variant: self.variant.clone(),
            scenario_file: name_of(Path::new(&self.files[0].source.file)),
            scheduler_configuration: self.scheduler_config.as_deref().map(name_of),
            horizon: self.scenario.horizon,
            currency: self.scenario.prices.currency.clone(),
        }
    }
}

impl Compare {
    /// Everything that is to be compared, in order: of each scenario itself, its variants, and itself with each of the
    /// scheduler configurations.
    pub(super) fn cases(&self, registry: &Registry, told: &mut Vec<Diagnostic>) -> Vec<Case> {
        let configs_are_sound = self.check_configs(registry, told);
        self.check_variants(told);
        let mut cases: Vec<Case> = Vec::new();
        for (path, base) in self.scenarios.iter().zip(self.opened(registry, told)) {
            let Some(Opened { loaded, resolved, prefix }) = base else { continue };
            let of_base: Vec<_> = loaded.warnings.iter().chain(&resolved.warnings).cloned().collect();
            let mut of_cases = Vec::new();
            let mut base = Some((loaded, resolved));
            let wishes = self.wishes(&base.as_ref().expect("it is there").0, prefix.as_deref());
            for wish in wishes.into_iter().filter(|wish| configs_are_sound || wish.scheduler_config.is_none())
            {
                let is_base = wish.variant.is_none() && wish.scheduler_config.is_none();
                let opened = if is_base { base.take() } else { wish.open(path, registry, told) };
                let Some((loaded, resolved)) = opened else { continue };
                let own = loaded.warnings.iter().chain(&resolved.warnings);
                of_cases.extend(own.map(|warning| (wish.name.clone(), warning.clone())));
                cases.push(wish.case(loaded, resolved));
            }
            let of_cases = attributed(&of_base, of_cases);
            told.extend(of_base.into_iter().chain(of_cases));
        }
        self.check_cases(&cases, told);
        cases
    }

    /// Every scenario as it stands, or `None` if it cannot be used; and, where there are several, what the names of its
    /// cases begin with: its own name, or its path if others have that name too.
    fn opened(&self, registry: &Registry, told: &mut Vec<Diagnostic>) -> Vec<Option<Opened>> {
        let mut opened: Vec<Option<Opened>> = Vec::new();
        for path in &self.scenarios {
            let result = open(path, &ReadOptions::default(), registry);
            let one = result.map_err(|diagnostics| told.extend(diagnostics)).ok();
            opened.push(one.map(|(loaded, resolved)| Opened { loaded, resolved, prefix: None }));
        }
        if self.scenarios.len() < 2 {
            return opened;
        }
        let names: Vec<Option<String>> =
            opened.iter().map(|one| one.as_ref().map(|one| one.resolved.scenario.name.clone())).collect();
        for (one, path) in opened.iter_mut().zip(&self.scenarios) {
            let Some(one) = one else { continue };
            let name = &one.resolved.scenario.name;
            let is_shared = names.iter().flatten().filter(|other| *other == name).count() > 1;
            one.prefix = Some(if is_shared { path.to_string_lossy().into_owned() } else { name.clone() });
        }
        opened
    }

    /// What is to be compared of one scenario.
    fn wishes(&self, loaded: &Loaded, prefix: Option<&str>) -> Vec<Wish> {
        let known = &loaded.file.spec.variants;
        // A variant of this name is meant by it.
        let base = if known.contains_key(BASE) { loaded.file.metadata.name.as_str() } else { BASE };
        let named = |name: &str| match prefix {
            Some(prefix) if name == base => prefix.to_owned(),
            Some(prefix) => format!("{prefix}/{name}"),
            None => name.to_owned(),
        };
        let takes_all = self.scenarios.len() == 1 && self.scheduler_configs.is_empty();
        let mut variants: Vec<&str> = match &self.variants {
            Some(variants) => variants.iter().map(String::as_str).collect(),
            None if takes_all => known.keys().map(String::as_str).collect(),
            None => Vec::new(),
        };
        let mut seen = BTreeSet::new();
        variants.retain(|name| seen.insert(*name));
        if !variants.contains(&base) {
            variants.insert(0, base);
        }
        let of_variant = |name: &&str| Wish {
            name: named(name),
            variant: (*name != base).then(|| (*name).to_owned()),
            scheduler_config: None,
        };
        let of_config = |path: &PathBuf| {
            let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let same = self.scheduler_configs.iter().filter(|other| other.file_stem() == path.file_stem());
            let is_taken = variants.contains(&stem.as_str()) || same.count() > 1;
            let name = if is_taken { path.to_string_lossy().into_owned() } else { stem };
            Wish { name: named(&name), variant: None, scheduler_config: Some(path.clone()) }
        };
        let configs: Vec<Wish> = self.scheduler_configs.iter().map(of_config).collect();
        variants.iter().map(of_variant).chain(configs).collect()
    }

    /// Whether every scheduler configuration can be used; what is wrong is told under the name that was typed.
    fn check_configs(&self, registry: &Registry, told: &mut Vec<Diagnostic>) -> bool {
        let wrong = |path: &PathBuf| {
            read_data_file(path).and_then(|file| scheduler_config(&file, registry)).err().unwrap_or_default()
        };
        let wrong: Vec<Diagnostic> = self.scheduler_configs.iter().flat_map(wrong).collect();
        let is_sound = wrong.is_empty();
        told.extend(wrong);
        is_sound
    }

    fn check_variants(&self, told: &mut Vec<Diagnostic>) {
        let mut seen = BTreeSet::new();
        for name in self.variants.iter().flatten() {
            if !seen.insert(name) {
                told.push(refused(format!("the variant `{name}` is named twice")));
            }
        }
    }

    /// That there is something to compare, and that nothing is compared with itself.
    fn check_cases(&self, cases: &[Case], told: &mut Vec<Diagnostic>) {
        let mut seen = BTreeSet::new();
        for name in cases.iter().map(|case| &case.name).filter(|name| !seen.insert(*name)) {
            told.push(refused(format!("`{name}` is named twice, and does not differ from itself")));
        }
        let [only] = cases else { return };
        if self.baseline.is_some() || told.iter().any(Diagnostic::is_error) {
            return;
        }
        let (place, spec) = (Locator::spec().key("variants"), Locator::spec());
        let path = if only.locator.written(&place).is_some() { place } else { spec };
        let help = "write variants into spec.variants, such as `more-nodes: {pools.NAME.count: 5}`, or name a second \
                    scenario, a --scheduler-config or a --baseline";
        let message = format!("there is nothing to compare `{}` with", only.scenario.name);
        told.push(refused(message).at(only.locator.key(&path)).help(help.to_owned()));
    }
}

/// A scenario as it stands, and what the names of its cases begin with.
struct Opened {
    loaded: Loaded,
    resolved: Resolved,
    prefix: Option<String>,
}

impl Wish {
    fn open(
        &self,
        path: &Path,
        registry: &Registry,
        told: &mut Vec<Diagnostic>,
    ) -> Option<(Loaded, Resolved)> {
        // References in a scenario are read from its own folder, and this one from where the user is.
        let absolute = |path: &PathBuf| std::path::absolute(path).unwrap_or_else(|_| path.clone());
        let config = self.scheduler_config.as_ref().map(absolute);
        let config = config.map(|path| {
            ("schedulerConfiguration".to_owned(), Value::from(path.to_string_lossy().into_owned()))
        });
        let options = ReadOptions {
            variant: self.variant.clone(),
            overrides: config.into_iter().collect(),
            ..ReadOptions::default()
        };
        open(path, &options, registry).map_err(|diagnostics| told.extend(diagnostics)).ok()
    }

    fn case(self, loaded: Loaded, resolved: Resolved) -> Case {
        let Self { name, variant, scheduler_config } = self;
        let Loaded { files, locator, .. } = loaded;
        Case { name, scenario: resolved.scenario, files, locator, variant, scheduler_config }
    }
}

fn refused(message: String) -> Diagnostic {
    Diagnostic::new(&code::CANNOT_COMPARE, message)
}
