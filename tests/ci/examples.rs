//! Workflows that a user copies: their scripts are run as they stand, but for installing the program.

use std::fs;
use std::path::Path;
use std::process::Command;

use overspill_manifest::{Source, read_data};
use serde_json::Value;
use tempfile::TempDir;

use crate::session::{CHANCE, PRICES};

/// The example of this name.
fn example(name: &str) -> Value {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/ci").join(name);
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.starts_with("# Covers:   ") && text.contains("\n# Scenario: "), "{name} says what it is");
    let read = read_data(&Source::new(name, text));
    read.unwrap_or_else(|wrong| panic!("{name} is no YAML: {}", wrong.message)).value
}

fn texts(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array().expect("it is a list").iter().filter_map(Value::as_str)
}

/// The steps of a job on GitHub.
fn steps<'a>(workflow: &'a Value, job: &str) -> &'a [Value] {
    workflow["jobs"][job]["steps"].as_array().expect("a job has steps")
}

/// The scripts among them that are not there to install the program.
fn scripts<'a>(workflow: &'a Value, job: &str) -> Vec<&'a str> {
    let all = steps(workflow, job).iter().filter_map(|step| step["run"].as_str());
    all.filter(|script| !script.contains("cargo install")).collect()
}

/// What is kept after a job on GitHub.
fn uploaded<'a>(workflow: &'a Value, job: &str) -> Vec<&'a str> {
    let kept = steps(workflow, job).iter().filter_map(|step| step["with"]["path"].as_str());
    kept.filter(|paths| paths.contains('\n')).flat_map(str::lines).collect()
}

/// A repository that is checked out, and its base.
struct Checkout(TempDir);

impl Checkout {
    /// What is to be merged takes the place of `base` where that names something in the scenario.
    fn of(changed: &str, change: &str) -> Self {
        let folder = TempDir::new().unwrap();
        // Ten seeds meet it.
        let base = CHANCE.replace("pods.created < 30", "pods.created < 100");
        assert!(base.contains(changed) && base != CHANCE);
        for (place, text) in [("cluster", base.replace(changed, change)), ("base/cluster", base)] {
            let place = folder.path().join(place);
            fs::create_dir_all(&place).unwrap();
            fs::write(place.join("scenario.yaml"), text).unwrap();
            fs::write(place.join("prices.yaml"), PRICES).unwrap();
        }
        Self(folder)
    }

    /// One in which nothing was changed.
    fn unchanged() -> Self {
        Self::of("0.26/h", "0.26/h")
    }

    fn file(&self, name: &str) -> std::path::PathBuf {
        self.0.path().join(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.file(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Runs a script as GitHub does by default, with the program installed.
    fn run(&self, script: &str) -> i32 {
        let program = assert_cmd::cargo::cargo_bin!("overspill");
        let folder = program.parent().expect("it is installed somewhere").to_owned();
        let others = std::env::var_os("PATH").unwrap_or_default();
        let path = std::env::join_paths([folder].into_iter().chain(std::env::split_paths(&others))).unwrap();
        let output = Command::new("bash")
            .args(["-e", "-c", script])
            .current_dir(self.0.path())
            .env("PATH", path)
            .env("GITHUB_STEP_SUMMARY", self.file("step-summary.md"))
            .output()
            .expect("bash is installed: apt-get install bash");
        let told = String::from_utf8_lossy(&output.stderr);
        output.status.code().unwrap_or_else(|| panic!("{script} was killed: {told}"))
    }

    #[track_caller]
    fn passes(&self, scripts: &[&str]) {
        assert!(scripts.len() >= 2, "there is something to run");
        for script in scripts {
            assert!(script.contains("overspill ") || script.starts_with("cat out/"), "{script}");
            assert_eq!(self.run(script), 0, "{script}");
        }
    }
}

#[test]
fn the_workflow_for_github_validates_runs_compares_and_shows() {
    let workflow = example("github.yml");
    let scripts = scripts(&workflow, "simulate");
    let checkout = Checkout::unchanged();
    checkout.passes(&scripts);
    let page = checkout.read("step-summary.md");
    let titles: Vec<&str> = page.lines().filter(|line| line.starts_with("### ")).collect();
    assert_eq!(
        titles,
        [
            "### chance: 10 runs with the seeds 1..10",
            "### chance: 1 variant, 10 runs each with the seeds 1..10"
        ],
        "{page}"
    );
    let uploaded = uploaded(&workflow, "simulate");
    assert!(uploaded.len() > 3, "{uploaded:?}");
    for name in uploaded {
        assert!(!checkout.read(name).is_empty(), "{name}");
    }
}

#[test]
fn the_job_for_gitlab_does_the_same_and_reports_tests() {
    let pipeline = example("gitlab.yml");
    let job = &pipeline["simulate"];
    assert!(texts(&job["before_script"]).any(|line| line.starts_with("cargo install --locked ")));
    let checkout = Checkout::unchanged();
    checkout.passes(&texts(&job["script"]).collect::<Vec<_>>());
    for name in texts(&job["artifacts"]["paths"]) {
        assert!(!checkout.read(name).is_empty(), "{name}");
    }
    let junit = checkout.read(job["artifacts"]["reports"]["junit"].as_str().expect("it reports tests"));
    let junit = roxmltree::Document::parse(&junit).expect("it is XML");
    assert_eq!(junit.descendants().filter(|node| node.has_tag_name("testcase")).count(), 3);
}

#[test]
fn what_is_dearer_or_waits_longer_does_not_pass() {
    let (github, gitlab) = (example("github.yml"), example("gitlab.yml"));
    let of_github = scripts(&github, "simulate");
    let of_gitlab: Vec<&str> = texts(&gitlab["simulate"]["script"]).collect();
    for (changed, change) in [("0.26/h", "0.27/h"), ("mean: 30s", "mean: 40s")] {
        for scripts in [&of_github, &of_gitlab] {
            let checkout = Checkout::of(changed, change);
            let codes: Vec<i32> = scripts.iter().map(|script| checkout.run(script)).collect();
            let gate =
                scripts.iter().position(|script| script.contains("--fail-if")).expect("there is a gate");
            for (place, code) in codes.into_iter().enumerate() {
                assert_eq!(code, i32::from(place == gate), "{change}: {}", scripts[place]);
            }
        }
    }
}

#[test]
fn what_cannot_be_read_does_not_pass() {
    let checkout = Checkout::of("horizon: 10m", "horizno: 10m");
    let workflow = example("github.yml");
    let codes: Vec<i32> = scripts(&workflow, "simulate").iter().map(|script| checkout.run(script)).collect();
    assert_eq!(codes[..3], [2, 2, 2], "validate, run and compare refuse it");
}

#[test]
fn the_workflow_for_speed_measures_twice() {
    let workflow = example("speed.yml");
    let checkout = Checkout::unchanged();
    // A machine that runs tests is too noisy for the limit, and nine repetitions take long.
    let scripts: Vec<String> = scripts(&workflow, "bench")
        .iter()
        .map(|script| {
            script.replace("--repeat 9", "--repeat 1").replace("--fail-above 1.10", "--fail-above 1000")
        })
        .collect();
    assert!(scripts[1].contains("--fail-above 1000"), "{scripts:?}");
    checkout.passes(&scripts.iter().map(String::as_str).collect::<Vec<_>>());
    for name in uploaded(&workflow, "bench") {
        assert!(checkout.read(name).contains("\"kind\": \"Benchmark\""), "{name}");
    }
}
