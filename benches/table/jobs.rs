//! What is measured, and how one measurement is made.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{fs, io};

use serde_json::{Value, json};
use wait4::Wait4;

use crate::catalogue::{ALL, Large};

/// What is written of the long runs: everything but one row for each pod and event.
const WITHOUT_ROWS: &str = "summary,timeline,nodes,svg,expectations";

/// A scenario of `scenarios/scale` that is run as a whole.
pub(crate) struct Run(&'static Large);

/// All runs.
pub(crate) fn runs() -> impl Iterator<Item = Run> {
    ALL.iter().map(Run)
}

/// All settings of `benches/decide.rs` that are measured, and how many decisions are made under each.
pub(crate) const DECISIONS: [(&str, u32); 8] = [
    ("5000-8-plain-adaptive-cached", 500_000),
    ("5000-8-spread-adaptive-cached", 500_000),
    ("5000-8-plain-all-cached", 200_000),
    ("5000-8-spread-all-cached", 200_000),
    ("50000-8-plain-adaptive-cached", 500_000),
    ("50000-8-spread-adaptive-cached", 500_000),
    ("5000-8-plain-adaptive-reference", 10_000),
    ("5000-8-spread-adaptive-reference", 10_000),
];

/// What is measured.
pub(crate) struct Programs {
    overspill: PathBuf,
    decide: PathBuf,
}

impl Programs {
    /// Builds them with the `dist` profile.
    pub(crate) fn build(root: &Path) -> io::Result<Self> {
        let overspill = built(root, "overspill", &["build", "--bin", "overspill"])?;
        let decide = built(root, "decide", &["bench", "--no-run", "--bench", "decide"])?;
        Ok(Self { overspill, decide })
    }
}

/// Has cargo build a program, among others that it may build beside it; its path.
fn built(root: &Path, name: &str, args: &[&str]) -> io::Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(args).args(["--profile", "dist", "--locked", "--message-format=json"]);
    let output = command.current_dir(root).stderr(Stdio::inherit()).output()?;
    let messages = serde_json::Deserializer::from_slice(&output.stdout).into_iter::<Value>();
    let mut messages = messages.filter_map(Result::ok).filter(|message| message["target"]["name"] == name);
    let program = messages.find_map(|message| message["executable"].as_str().map(PathBuf::from));
    match program {
        Some(program) if output.status.success() => Ok(program),
        _ => Err(io::Error::other(format!("cargo {} failed: {}", args.join(" "), output.status))),
    }
}

impl Run {
    /// Its name.
    pub(crate) fn name(&self) -> &'static str {
        self.0.name
    }

    /// How many pods complete: those of the standard job all do, and those of Deployments none.
    fn completed(&self) -> u64 {
        if self.0.is_standard_job() { self.0.pods } else { 0 }
    }

    /// Runs it once: processor time, peak memory, and counts that must be right.
    pub(crate) fn measure(&self, programs: &Programs) -> io::Result<Value> {
        let folder = tempfile::tempdir()?;
        let out = folder.path().join(self.name());
        let mut command = Command::new(&programs.overspill);
        command.args(["run", "--quiet", "--out"]).arg(&out);
        command.arg(self.0.folder().join("scenario.yaml"));
        if !self.0.is_standard_job() {
            command.args(["--outputs", WITHOUT_ROWS]);
        }
        let used = command.spawn()?.wait4()?;
        if !used.status.success() {
            return Err(io::Error::other(format!("{}: {}", self.name(), used.status)));
        }
        let summary: Value = serde_json::from_str(&fs::read_to_string(out.join("summary.json"))?)?;
        let count = |name: &str| summary["pods"][name].as_u64().unwrap_or_default();
        let (created, scheduled, completed) = (count("created"), count("scheduled"), count("completed"));
        if scheduled < self.0.pods || scheduled != created || completed != self.completed() {
            let counts = &summary["pods"];
            return Err(io::Error::other(format!("{}: not all pods were placed: {counts}", self.name())));
        }
        Ok(json!({
            "cpuSeconds": (used.rusage.utime + used.rusage.stime).as_secs_f64(),
            "peakBytes": used.rusage.maxrss,
            "scheduled": scheduled,
            "completed": completed,
        }))
    }
}

/// Makes decisions under one setting; the bench itself panics if an attempt finds no node.
pub(crate) fn decide(programs: &Programs, name: &str, count: u32) -> io::Result<Value> {
    let output = Command::new(&programs.decide)
        .args(["--plain", &count.to_string(), name])
        .stderr(Stdio::inherit())
        .output()?;
    let line = String::from_utf8_lossy(&output.stdout);
    match line.split_whitespace().collect::<Vec<_>>()[..] {
        [said, made, seconds, _] if output.status.success() && said == name && made == count.to_string() => {
            let seconds: f64 = seconds.parse().map_err(io::Error::other)?;
            Ok(json!({"cpuSeconds": seconds, "decisions": count}))
        }
        _ => Err(io::Error::other(format!("{name}: {}, {line}", output.status))),
    }
}
