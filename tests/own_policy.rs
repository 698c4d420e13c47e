//! A program with a plugin of its own, examples/cheap_first.rs, from outside: its policy decides, its arguments are
//! checked, and the commands are those of overspill.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// The program, in the profile that this test is built in.
fn cheap_first(args: &[&str]) -> Output {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(env!("CARGO_MANIFEST_DIR")).args(["run", "--quiet", "--example", "cheap_first"]);
    if !cfg!(debug_assertions) {
        cargo.arg("--release");
    }
    cargo.arg("--").args(args).output().expect("cargo runs")
}

/// Runs a variant of tests/own_policy/scenario.yaml; the answer is how many pods each node got.
fn pods_per_node(variant: &[&str]) -> BTreeMap<String, usize> {
    let results = tempfile::tempdir().expect("a folder for the results");
    let dir = results.path().join("run");
    let command = ["run", "tests/own_policy/scenario.yaml", "--quiet", "--out", text(&dir)];
    let output = cheap_first(&[&command, variant].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let table = fs::read_to_string(dir.join("pods.csv")).expect("the run tells its pods");
    let mut rows = table.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let column = rows.next().and_then(|head| head.iter().position(|name| *name == "node"));
    let mut nodes = BTreeMap::new();
    for row in rows {
        *nodes.entry(row[column.expect("pods have a node")].to_owned()).or_default() += 1;
    }
    nodes
}

fn text(path: &Path) -> &str {
    path.to_str().expect("folders for tests have names in Unicode")
}

#[test]
fn the_plugin_sends_every_pod_to_the_cheap_node() {
    let wanted = BTreeMap::from([("cheap-1".to_owned(), 8)]);
    assert_eq!(pods_per_node(&[]), wanted);
}

/// Without arguments the plugin has no label to look at, and upstream's plugins spread the pods.
#[test]
fn without_its_arguments_the_nodes_are_equal() {
    let wanted = BTreeMap::from([("cheap-1".to_owned(), 4), ("dear-1".to_owned(), 4)]);
    assert_eq!(pods_per_node(&["--variant", "upstream"]), wanted);
}

#[test]
fn a_wrong_argument_is_told_with_its_place_and_nothing_is_written() {
    let results = tempfile::tempdir().expect("a folder for the results");
    let dir = results.path().join("run");
    let scenario = "tests/own_policy/scenario.yaml";
    let output = cheap_first(&["run", scenario, "--variant", "misspelt", "--out", text(&dir)]);
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(
        told.contains("unknown field `lable`; did you mean `label`?")
            && told.contains("pluginConfig[0].args.lable"),
        "{told}"
    );
    assert!(told.contains("tests/own_policy/misspelt.yaml:6:"), "{told}");
    assert!(!dir.exists(), "what cannot be used gives no results");
}

/// The plugin exists in the program that has it, and nowhere else.
#[test]
fn overspill_itself_does_not_know_the_plugin() {
    let mut overspill = assert_cmd::Command::cargo_bin("overspill").expect("the program is built");
    let output = overspill.args(["run", "tests/own_policy/scenario.yaml"]).output().expect("it runs");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("\"CheapFirst\" is not a plugin"));
}
