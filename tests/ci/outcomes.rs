//! What is kept in `results`: each outcome has its line, its place on the page, and is what the program makes today. Runs
//! and placements are repeated whole; of what takes long it is enough here that its inputs are those of today, and CI does the rest.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::session::Session;

fn results() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("results")
}

/// The folder of each outcome, and what makes it.
fn listed() -> Vec<(String, String)> {
    let script = Command::new("bash").arg(results().join("reproduce")).arg("--list").output();
    let printed = String::from_utf8(script.expect("bash is installed: apt-get install bash").stdout).unwrap();
    let line = |line: &str| {
        let (name, args) = line.split_once(' ').expect("a name and what makes it");
        (name.to_owned(), args.trim().to_owned())
    };
    let listed: Vec<(String, String)> = printed.lines().map(line).collect();
    assert!(listed.len() >= 4, "{listed:?}");
    listed
}

/// Those that the program makes.
fn of_the_program() -> impl Iterator<Item = (String, String)> {
    listed().into_iter().filter(|(_, args)| !args.starts_with('('))
}

/// The arguments with the whole paths of files, so that they can be run anywhere.
fn anywhere(args: &str) -> String {
    let whole = |word: &str| {
        let is_ours = ["scenarios/", "examples/"].iter().any(|folder| word.starts_with(folder));
        if is_ours { format!("{}/{word}", env!("CARGO_MANIFEST_DIR")) } else { word.to_owned() }
    };
    args.split_whitespace().map(whole).collect::<Vec<_>>().join(" ")
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("it is JSON")
}

#[test]
fn everything_kept_is_listed_and_explained() {
    let page = fs::read_to_string(results().join("README.md")).unwrap();
    let listed = listed();
    for (name, _) in &listed {
        assert!(page.contains(&format!("| `{name}` | ")), "results/README.md does not explain {name}");
        assert!(results().join(name).is_dir(), "results/reproduce {name} makes it");
    }
    let known: BTreeSet<&str> = listed.iter().filter_map(|(name, _)| name.split('/').next()).collect();
    for entry in fs::read_dir(results()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let is_known = known.contains(name.as_str()) || page.contains(&format!("`{name}`, "));
        assert!(
            is_known || ["README.md", "reproduce"].contains(&name.as_str()),
            "nothing makes results/{name}"
        );
    }
}

#[test]
fn runs_are_kept_as_they_are_today() {
    let mut repeated = 0;
    for (name, args) in
        of_the_program().filter(|(_, args)| args.starts_with("run ") && !args.contains("--seeds"))
    {
        let session = Session::new();
        let ran = session.run(&format!("{} --quiet --out made", anywhere(&args)));
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let made = session.files("made");
        for (file, bytes) in &made {
            let kept = fs::read(results().join(&name).join(file)).unwrap_or_default();
            assert!(kept == *bytes, "{name}/{} is stale: results/reproduce {name}", file.display());
        }
        repeated += 1;
    }
    assert!(repeated > 0);
}

#[test]
fn placements_are_kept_as_they_are_today() {
    let mut repeated = 0;
    for (name, args) in of_the_program().filter(|(_, args)| args.starts_with("schedule ")) {
        let placed = Session::new().run(&format!("{} --output json", anywhere(&args)));
        assert_eq!(placed.code, 0, "{}", placed.stderr);
        let kept = fs::read_to_string(results().join(&name).join("schedule.json")).unwrap_or_default();
        assert!(kept == placed.stdout, "{name} is stale: results/reproduce {name}");
        repeated += 1;
    }
    assert!(repeated > 0);
}

#[test]
fn what_takes_long_is_kept_of_the_inputs_of_today() {
    for (name, args) in of_the_program().filter(|(_, args)| args.contains("--seeds ")) {
        let session = Session::new();
        let (before, after) = args.split_once("--seeds ").expect("it was looked for");
        let rest = after.split_once(' ').map_or("", |(_, rest)| rest);
        let ran = session.run(&format!("{} --seeds 1..1 {rest} --quiet --out made", anywhere(before)));
        // One seed is too few for a plan to be certain, and it says so.
        assert_eq!(ran.code, i32::from(args.starts_with("plan ")), "{}", ran.stderr);
        let kept = json(&fs::read_to_string(results().join(&name).join("run.json")).unwrap());
        let made = json(&session.read("made/run.json"));
        // Of those that a kind of results does not have, neither says anything.
        let question = ["variants", "variant", "vary", "points", "minimize", "subjectTo", "confidenceShare"];
        for key in ["apiVersion", "kind", "version", "scenarioDigest"].into_iter().chain(question) {
            assert_eq!(kept[key], made[key], "{name}: {key} is stale: results/reproduce {name}");
        }
    }
}
