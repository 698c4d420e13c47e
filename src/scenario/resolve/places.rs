//! What names, zones and amounts of the scenario file Kubernetes would refuse.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use overspill_manifest::{Diagnostic, JsonPath, code};

use super::Resolver;
use crate::capacity::virtual_node;
use crate::object::names::{wrong_label, wrong_label_value, wrong_node_name, wrong_subdomain};
use crate::scenario::file::{Pool, VirtualNode};
use crate::scenario::notation::Amount;
use crate::scenario::read::Locator;

impl Resolver<'_> {
    /// Checks the names of the scenario and of what it describes, and what nodes are said to have.
    pub(super) fn check_places(&mut self) {
        let file = &self.loaded.file;
        // Results go to out/NAME.VARIANT: neither may lead out of there.
        self.refuse(&JsonPath::root().key("metadata").key("name"), wrong_subdomain(&file.metadata.name));
        for name in file.spec.variants.keys() {
            self.refuse_key(&Locator::spec().key("variants").key(name), wrong_subdomain(name));
        }
        for (name, pool) in &file.spec.pools {
            self.check_pool(&Locator::spec().key("pools").key(name), name, pool);
        }
        for (zone, node) in &file.spec.virtual_nodes {
            self.check_virtual_node(&Locator::spec().key("virtualNodes").key(zone), zone, node);
        }
    }

    /// Tells what is wrong with the value at `path`, if anything is.
    fn refuse(&mut self, path: &JsonPath, wrong: Option<String>) {
        if let Some(wrong) = wrong {
            self.say(&code::DO_NOT_FIT, path, wrong);
        }
    }

    /// The same of the key at the end of `path`.
    fn refuse_key(&mut self, path: &JsonPath, wrong: Option<String>) {
        if let Some(wrong) = wrong {
            let place = self.loaded.locator.key(path);
            self.diagnostics.push(Diagnostic::new(&code::DO_NOT_FIT, wrong).at(place));
        }
    }

    fn check_pool(&mut self, path: &JsonPath, name: &str, pool: &Pool) {
        let longest = format!("{name}-{}", pool.count.max(1));
        let wrong =
            wrong_node_name(&longest).map(|wrong| format!("the nodes of this pool are called so: {wrong}"));
        self.refuse_key(path, wrong);
        self.refuse(&path.key("region"), pool.region.as_deref().and_then(wrong_label_value));
        self.check_zones(&path.key("zones"), &pool.zones);
        self.check_labels(&path.key("labels"), &pool.labels);
        if let Some(allocatable) = &pool.allocatable {
            self.check_amounts(&path.key("allocatable"), allocatable);
        }
    }

    fn check_labels(&mut self, path: &JsonPath, labels: &IndexMap<String, String>) {
        for (key, value) in labels {
            self.refuse_key(&path.key(key), wrong_label(key, value));
        }
    }

    fn check_zones(&mut self, path: &JsonPath, zones: &[String]) {
        if zones.is_empty() && self.loaded.locator.written(path).is_some() {
            let message = "an empty list is as none: the nodes get no zone label, and spreading over zones leaves them out";
            let help = "name a zone, or leave `zones` out".to_owned();
            self.say_with_help(&code::WITHOUT_EFFECT, path, message, Some(help));
        }
        let mut seen = BTreeSet::new();
        for (index, zone) in zones.iter().enumerate() {
            let twice = || format!("the zone {zone} stands here twice: nodes go to the zones in turn");
            let wrong = wrong_label_value(zone).or_else(|| (!seen.insert(zone)).then(twice));
            self.refuse(&path.index(index), wrong);
        }
    }

    fn check_virtual_node(&mut self, path: &JsonPath, zone: &str, node: &VirtualNode) {
        self.refuse_key(path, wrong_label_value(zone));
        self.check_labels(&path.key("labels"), &node.labels);
        if let Some(name) = &node.name {
            self.refuse(&path.key("name"), wrong_node_name(name));
        } else if wrong_label_value(zone).is_none() {
            let wrong = wrong_node_name(&virtual_node::name(zone));
            self.refuse_key(
                path,
                wrong.map(|wrong| format!("the virtual node is called after its zone: {wrong}")),
            );
        }
        self.check_amounts(&path.key("capacity"), &node.capacity);
    }

    fn check_amounts(&mut self, path: &JsonPath, amounts: &IndexMap<String, Amount>) {
        for (resource, amount) in amounts {
            let wrong = amount.0.is_negative().then(|| "must be greater than or equal to 0".to_owned());
            self.refuse(&path.key(resource), wrong);
        }
    }
}
