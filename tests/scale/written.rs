//! The parts of scenarios that are written by rule are those that are on file.

use std::fs;
use std::path::Path;

use crate::catalogue::root;
use crate::gateway;

/// The line of a scenario below which everything is written by rule.
const FROM_HERE_ON: &str =
    "  # Written by tests/scale/gateway.rs from here on: OVERSPILL_BLESS=1 cargo test --test scale\n";

/// Holds a file against what it is to be, or writes it anew.
fn check(file: &Path, expected: &str) {
    if std::env::var_os("OVERSPILL_BLESS").is_some_and(|value| value == "1") {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, expected).unwrap();
    }
    let is_fresh = fs::read_to_string(file).is_ok_and(|text| text == expected);
    assert!(is_fresh, "{} is stale: OVERSPILL_BLESS=1 cargo test --test scale", file.display());
}

#[test]
fn manifests_are_fresh() {
    check(&root().join("scenarios/scale/gateway-5000x1m/manifests/workloads.yaml"), &gateway::manifests());
}

#[test]
fn waves_are_fresh() {
    for name in ["gateway-5000x1m", "gateway-50000x1m"] {
        let file = root().join("scenarios/scale").join(name).join("scenario.yaml");
        let text = fs::read_to_string(&file).unwrap();
        let (by_hand, _) = text.split_once(FROM_HERE_ON).expect("the line is there");
        check(&file, &format!("{by_hand}{FROM_HERE_ON}{}", gateway::traffic()));
    }
}
