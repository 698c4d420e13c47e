//! `overspill explain`: from the directory of a run, why a pod is where it is.

use std::path::Path;
use std::process::Output;

use assert_cmd::Command;

fn overspill(args: &[&str]) -> Output {
    let mut command = Command::cargo_bin("overspill").expect("the program is built");
    command.args(args).output().expect("the program runs")
}

/// Runs a shipped scenario into a folder of its own.
fn run(scenario: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder for the results");
    let scenario = format!("scenarios/{scenario}/scenario.yaml");
    let output = overspill(&["run", &scenario, "--quiet", "--out", text(dir.path())]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    dir
}

fn text(path: &Path) -> &str {
    path.to_str().expect("the folder's name is text")
}

/// The first pod of the run whose row in pods.csv holds `mark`.
fn pod_with(dir: &Path, mark: &str) -> String {
    let rows = std::fs::read_to_string(dir.join("pods.csv")).expect("the run wrote its pods");
    let row = rows.lines().find(|row| row.contains(mark)).expect("there is such a pod");
    row.split(',').next().expect("a row has a name").to_owned()
}

#[track_caller]
fn explained(dir: &Path, args: &[&str]) -> String {
    let output = overspill(&[&["explain", text(dir)], args].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("the explanation is text")
}

#[track_caller]
fn refused(dir: &Path, args: &[&str]) -> String {
    let output = overspill(&[&["explain", text(dir)], args].concat());
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(2), &b""[..]));
    String::from_utf8_lossy(&output.stderr).replace(text(dir), "[DIR]")
}

#[test]
fn an_early_pod_names_the_plugin_that_outvoted_the_weight() {
    let dir = run("gateway-spike");
    let pod = pod_with(dir.path(), ",early,");
    insta::assert_snapshot!("early", explained(dir.path(), &[&pod]));
}

#[test]
fn a_waiting_pod_tells_attempt_by_attempt_why() {
    let dir = run("gateway-pending");
    let pod = pod_with(dir.path(), "istio-ingressgateway");
    insta::assert_snapshot!("waiting", explained(dir.path(), &[&pod, "--at", "6m"]));
}

#[test]
fn nothing_is_told_that_had_not_happened_yet() {
    let dir = run("gateway-spike");
    let pod = pod_with(dir.path(), ",early,");
    let early = explained(dir.path(), &[&pod, "--at", "1s"]);
    assert!(early.contains("attempt 1") && !early.contains("ready"), "{early}");
}

#[test]
fn a_pod_that_did_not_exist_yet_is_no_story() {
    let dir = run("gateway-spike");
    let rows = std::fs::read_to_string(dir.path().join("pods.csv")).expect("the run wrote its pods");
    let last = rows.lines().last().and_then(|row| row.split(',').next()).expect("a row has a name");
    let told = refused(dir.path(), &[last, "--at", "1s"]);
    assert!(told.contains("did not exist at 1s: it was created at"), "{told}");
}

#[test]
fn a_pod_that_is_not_there_is_answered_with_the_nearest() {
    let dir = run("gateway-pending");
    let pod = pod_with(dir.path(), "istio-ingressgateway");
    let misspelt = pod.replace("istio", "isto");
    let told = refused(dir.path(), &[&misspelt]);
    assert!(told.contains("did you mean") && told.contains(&pod), "{told}");
    let several = refused(dir.path(), &["istio"]);
    assert!(several.contains("pods are called so"), "{several}");
}

#[test]
fn a_run_whose_inputs_were_changed_is_refused() {
    let dir = run("gateway-pending");
    let pod = pod_with(dir.path(), "istio-ingressgateway");
    let file = dir.path().join("inputs/scenarios/gateway-pending/scenario.yaml");
    let changed =
        std::fs::read_to_string(&file).expect("the inputs are kept").replace("horizon: ", "horizon: 1");
    std::fs::write(&file, changed).expect("the inputs can be changed");
    let told = refused(dir.path(), &[&pod]);
    assert!(told.contains("cannot be repeated: its trace hash is"), "{told}");
}

#[test]
fn results_of_another_version_or_of_nobody_are_refused() {
    let dir = run("gateway-pending");
    let file = dir.path().join("run.json");
    let other = std::fs::read_to_string(&file).expect("the run tells its version");
    let other = other.replace(concat!("\"", env!("CARGO_PKG_VERSION"), "\""), "\"99.0.0\"");
    std::fs::write(&file, other).expect("the version can be changed");
    insta::assert_snapshot!("other_version", refused(dir.path(), &["x"]));
    std::fs::remove_file(&file).expect("it can be removed");
    insta::assert_snapshot!("no_run", refused(dir.path(), &["x"]));
}

/// rule: sidecarset-on-virtual-nodes
#[test]
fn what_came_after_binding_and_each_upgrade_is_told() {
    let dir = run("seed-004-sidecarset-on-virtual-nodes");
    let told = explained(dir.path(), &[&pod_with(dir.path(), "acs ")]);
    let injected = "injected after binding, past filters and scores: filebeat; 2 containers to be ready";
    let (bound, billed) = (told.find("bound to"), told.find("billed as acs"));
    assert!(bound < told.find(injected) && told.find(injected) < billed && bound.is_some(), "{told}");
    let dir = run("sidecar-hot-vs-cold-upgrade");
    let told = explained(dir.path(), &[&pod_with(dir.path(), "Deployment/")]);
    assert!(told.contains("definition changed, will be restarted"), "{told}");
}

/// The node that the run by hand adds: why it stays for as long as it does, and what the autoscaler does with it then.
#[test]
fn a_node_tells_why_it_stays() {
    let dir = run("autoscaler-by-hand");
    let told = explained(dir.path(), &["web-3"]);
    let mut rest = told.as_str();
    for line in [
        "1m50s  its machine is created\n",
        "2m30s  NodeReady: Node web-3 status is now: NodeReady\n",
        "2m30s  it stays: NoPlaceToMovePods: default/burst-",
        "7m30s  it stays: NotUnneededLongEnough\n",
        "17m30s  ScaleDown: marked the node as toBeDeleted/unschedulable\n",
        "17m40s  gone\n",
    ] {
        let place = rest.find(line).unwrap_or_else(|| panic!("no {line:?} in its place in\n{told}"));
        rest = &rest[place + line.len()..];
    }
    let told = refused(dir.path(), &["web-3", "--at", "109s"]);
    assert_eq!(told, "error: node web-3 did not exist at 1m49s: it was created at 1m50s\n");
    let told = explained(dir.path(), &["node/web-1", "--at", "5m"]);
    assert!(told.ends_with("2m  it stays: NotUnderutilized: 1.000000 of it is requested\n"), "{told}");
}
