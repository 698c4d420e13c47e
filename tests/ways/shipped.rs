//! The shipped scenarios about the ways onto ECI: what each variant expects comes true.

use std::path::PathBuf;

use overspill::experiment::measure;
use overspill::scenario::{ReadOptions, read, resolve};
use overspill::scheduler::Registry;

#[track_caller]
fn check(scenario: &str, variant: Option<&str>, warnings: usize) {
    let path =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(scenario).join("scenario.yaml");
    let options = ReadOptions { variant: variant.map(str::to_owned), ..ReadOptions::default() };
    let loaded = read(&path, &options).unwrap_or_else(|errors| panic!("{errors:#?}"));
    let resolved = resolve(&loaded, &Registry::ack()).unwrap_or_else(|errors| panic!("{errors:#?}"));
    assert_eq!(resolved.warnings.len(), warnings, "{:#?}", resolved.warnings);
    let measured = measure(&resolved.scenario, &mut |_| {});
    assert!(resolved.expectations.len() >= 3);
    for expectation in &resolved.expectations {
        assert!(measured.judge(expectation).holds, "{}", expectation.text());
    }
}

#[test]
fn the_eci_profile() {
    check("eci-profile", None, 0);
    check("eci-profile", Some("other-label"), 0);
}

#[test]
fn a_resource_policy_keeps_the_order_that_affinity_does_not() {
    check("resource-policy-vs-80-20", None, 0);
    for variant in ["resource-policy", "limited-units", "waiting-for-ecs"] {
        check("resource-policy-vs-80-20", Some(variant), 0);
    }
}
