//! `overspill run`: what it writes, and what it never touches.

use std::path::Path;

use assert_cmd::Command;
use tempfile::TempDir;

const SCENARIO: &str = "scenarios/gateway-pending/scenario.yaml";

fn run(args: &[&str]) -> (i32, String) {
    let output = Command::new(assert_cmd::cargo::cargo_bin!("overspill"))
        .arg("run")
        .args(args)
        .output()
        .expect("the program starts");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code().expect("the program ends by itself"), told)
}

fn text(path: &Path) -> &str {
    path.to_str().expect("the folder's name is text")
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

#[test]
fn results_are_replaced_and_what_else_is_there_is_kept() {
    let parent = folder();
    let dir = parent.path().join("results");
    assert_eq!(run(&[SCENARIO, "--out", text(&dir)]).0, 0);
    assert_eq!(run(&[SCENARIO, "--out", text(&dir)]).0, 0, "results of ours are replaced");
    let notes = dir.join("notes.txt");
    std::fs::write(&notes, "mine").expect("a file can be written");
    let (code, told) = run(&[SCENARIO, "--out", text(&dir)]);
    assert_eq!(code, 2);
    assert!(told.contains("\"notes.txt\", which would be lost"), "{told}");
    assert!(notes.exists());
}

#[test]
fn a_directory_of_somebody_else_is_left_alone() {
    let dir = folder();
    std::fs::write(dir.path().join("thesis.tex"), "").expect("a file can be written");
    let (code, told) = run(&[SCENARIO, "--out", text(dir.path())]);
    assert_eq!(code, 2);
    assert!(told.contains("holds no results of overspill"), "{told}");
    assert_eq!(std::fs::read_dir(dir.path()).expect("it is still there").count(), 1);
}

#[test]
fn a_place_that_cannot_be_written_is_told_before_the_run() {
    let dir = folder();
    let file = dir.path().join("file");
    std::fs::write(&file, "").expect("a file can be written");
    let (code, told) = run(&[SCENARIO, "--out", text(&file.join("results"))]);
    assert_eq!(code, 2, "{told}");
    assert!(told.contains("cannot write"), "{told}");
}

#[test]
fn speed_is_no_result() {
    let parent = folder();
    let dir = parent.path().join("results");
    let (code, told) = run(&[SCENARIO, "--out", text(&dir), "--perf", text(&dir.join("perf.json"))]);
    assert_eq!(code, 2);
    assert!(told.contains("must not lie in the directory of the results"), "{told}");
    assert!(!dir.exists(), "nothing was written");
    let perf = parent.path().join("perf.json");
    assert_eq!(run(&[SCENARIO, "--out", text(&dir), "--perf", text(&perf)]).0, 0);
    assert!(std::fs::read_to_string(&perf).expect("it was written").contains("eventsPerSecond"));
}

#[test]
fn a_scenario_is_a_file() {
    let (code, told) = run(&["-"]);
    assert_eq!(code, 2);
    assert!(told.contains("read from a file"), "{told}");
}

#[cfg(not(feature = "parquet"))]
#[test]
fn parquet_is_refused_with_the_line_that_enables_it() {
    let parent = folder();
    let dir = parent.path().join("results");
    let (code, told) = run(&[SCENARIO, "--format", "parquet", "--out", text(&dir)]);
    assert_eq!(code, 2, "{told}");
    let line = "cargo run --release --features parquet -- run SCENARIO --format parquet";
    assert!(told.contains(line), "{told}");
    assert_eq!(std::fs::read_dir(parent.path()).expect("it is there").count(), 0, "nothing is written");
}

#[cfg(feature = "parquet")]
#[test]
fn tables_are_parquet_where_that_is_asked_for() {
    let parent = folder();
    let dir = parent.path().join("results");
    assert_eq!(run(&[SCENARIO, "--format", "parquet", "--out", text(&dir)]).0, 0);
    assert!(dir.join("pods.parquet").exists() && !dir.join("pods.csv").exists());
    assert_eq!(run(&[SCENARIO, "--out", text(&dir)]).0, 0, "results of either format are replaced");
    assert!(dir.join("pods.csv").exists() && !dir.join("pods.parquet").exists());
}
