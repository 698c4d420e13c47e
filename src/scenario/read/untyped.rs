//! What a scenario says before it is decoded: what kind of file it is, what it refers to, which fields it cannot do
//! without.

use overspill_manifest::{
    DataFile, Diagnostic, FieldError, FieldErrorKind, JsonPath, On, Place, code, did_you_mean,
};
use serde_json::Value;

use super::Locator;
use crate::cost::PRICE_LIST;
use crate::scenario::path::patch;

/// A file that says it is something else would be wrong in every line: that it is something else says it all.
pub(super) fn of_another_kind(file: &DataFile) -> Option<Diagnostic> {
    const SCENARIO: &str = "Scenario";
    let path = JsonPath::root().key("kind");
    let kind = path.get(&file.value)?.as_str().filter(|kind| *kind != SCENARIO)?;
    let message = match kind {
        PRICE_LIST => "a price list is not a scenario: name it as a scenario's `spec.priceList`".to_owned(),
        other => format!("`{other}` is not a kind of file that overspill has"),
    };
    let help = did_you_mean(kind, "kinds", [SCENARIO, PRICE_LIST]).filter(|_| kind != PRICE_LIST);
    let place = file.origin.place(&path, On::Value);
    Some(Diagnostic::new(&code::UNKNOWN_KIND, message).at(place).help(help))
}

/// The manifests that the scenario names, and where. Read from the untyped value: a scenario that is wrong elsewhere
/// still has its manifests checked.
pub(super) fn references(scenario: &DataFile) -> Vec<(String, Place)> {
    let path = Locator::spec().key("manifests");
    let listed = path.get(&scenario.value).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let reference = |(index, item): (usize, &Value)| {
        Some((item.as_str()?.to_owned(), scenario.origin.place(&path.index(index), On::Value)))
    };
    listed.iter().enumerate().filter_map(reference).collect()
}

/// All files and folders that the scenario refers to, and where.
pub(super) fn all_references(scenario: &DataFile) -> Vec<(String, Place)> {
    let mut all = references(scenario);
    for field in ["priceList", "schedulerConfiguration"] {
        let path = Locator::spec().key(field);
        if let Some(reference) = path.get(&scenario.value).and_then(Value::as_str) {
            all.push((reference.to_owned(), scenario.origin.place(&path, On::Value)));
        }
    }
    all.extend(traces(scenario));
    all
}

/// The tables that the scenario names at any depth, and where: traces, and values that were measured. What variants
/// name is found when they are applied.
pub(super) fn traces(scenario: &DataFile) -> Vec<(String, Place)> {
    let mut found = Vec::new();
    let spec = Locator::spec();
    let pod_traces = spec.key("podTraces");
    let names = pod_traces.get(&scenario.value).and_then(Value::as_object);
    for name in names.into_iter().flat_map(|names| names.keys()) {
        let file = pod_traces.key(name).key("file");
        let reference = file.get(&scenario.value).and_then(Value::as_str);
        found.extend(reference.map(|text| (text.to_owned(), scenario.origin.place(&file, On::Value))));
    }
    let parts = spec.get(&scenario.value).and_then(Value::as_object);
    for part in parts.into_iter().flat_map(|parts| parts.keys()).filter(|part| *part != "variants") {
        find_traces(&scenario.value, &spec.key(part), &mut |path, reference| {
            found.push((reference.to_owned(), scenario.origin.place(&path, On::Value)));
        });
    }
    found
}

fn find_traces(scenario: &Value, path: &JsonPath, found: &mut dyn FnMut(JsonPath, &str)) {
    match path.get(scenario) {
        Some(Value::Object(map)) => {
            for key in map.keys() {
                find_traces(scenario, &path.key(key), found);
            }
            for table in ["trace", "empirical"] {
                let file = path.key(table).key("file");
                if let Some(reference) = file.get(scenario).and_then(Value::as_str) {
                    found(file, reference);
                }
            }
        }
        Some(Value::Array(items)) => {
            (0..items.len()).for_each(|index| find_traces(scenario, &path.index(index), found));
        }
        _ => {}
    }
}

/// A scenario with something in place of every field that it cannot be read without and that is wrong, so that the
/// rest of it can be judged. A horizon of a second makes nothing seem too large.
pub(super) fn with_stand_ins(scenario: &Value, errors: &[FieldError]) -> Value {
    const NEEDED: [(&[&str], &str); 5] = [
        (&["apiVersion"], "overspill/v1alpha1"),
        (&["kind"], "Scenario"),
        (&["metadata", "name"], "stand-in"),
        (&["spec", "horizon"], "1s"),
        (&["spec", "priceList"], ""),
    ];
    let mut whole = scenario.clone();
    for (steps, value) in NEEDED {
        let path = steps.iter().fold(JsonPath::root(), |path, step| path.key(step));
        let is_wrong = errors.iter().any(|error| match &error.kind {
            FieldErrorKind::Missing { name } => path.starts_with(&error.path.key(name)),
            _ => path.starts_with(&error.path),
        });
        if is_wrong {
            let steps: Vec<String> = steps.iter().map(|step| (*step).to_owned()).collect();
            // What is no map where one is needed leaves nothing to judge.
            let _ = patch(&mut whole, &steps, value.into());
        }
    }
    whole
}
