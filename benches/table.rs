//! Measures the README's table of speeds and writes it: `cargo bench --bench table`.
//!
//! Everything is built with the `dist` profile. Processor time (user and system) and peak memory of runs are what the
//! operating system accounts to the child; each job is repeated, and the least time counts. Raw results go to
//! `results/bench/DATE-NUMBER.json`, with a calibration loop that was timed before and after. `-- --repeat N` repeats
//! otherwise than three times, `-- --only NAME` (of a run or of a setting of `benches/decide.rs`) measures one thing and
//! writes nothing.

#[path = "../tests/scale/catalogue.rs"]
#[allow(dead_code, reason = "the catalogue is shared with tests")]
mod catalogue;
#[path = "table/jobs.rs"]
mod jobs;
#[path = "table/machine.rs"]
mod machine;
#[path = "table/rendered.rs"]
mod rendered;

use std::path::Path;
use std::process::ExitCode;
use std::{fs, io};

use jobs::{DECISIONS, Programs, runs};
use overspill::clock::Calibration;
use serde_json::{Map, Value, json};

/// Steps of the calibration loop: about a second.
const CALIBRATION_STEPS: usize = 50_000_000;

/// What is asked for.
struct Asked {
    repeat: usize,
    only: Option<String>,
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let Some(asked) = asked(&args) else {
        eprintln!("usage: cargo bench --bench table [-- [--repeat N] [--only NAME]]; NAME is one of");
        names().for_each(|name| eprintln!("  {name}"));
        return ExitCode::from(2);
    };
    match measure(Path::new(env!("CARGO_MANIFEST_DIR")), &asked) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn names() -> impl Iterator<Item = &'static str> {
    runs().map(|run| run.name()).chain(DECISIONS.iter().map(|(name, _)| *name))
}

fn asked(args: &[String]) -> Option<Asked> {
    let mut asked = Asked { repeat: 3, only: None };
    for pair in args.chunks(2) {
        match pair {
            [key, value] if key == "--repeat" => asked.repeat = value.parse().ok().filter(|&n| n > 0)?,
            [key, value] if key == "--only" && names().any(|name| name == value) => {
                asked.only = Some(value.clone());
            }
            _ => return None,
        }
    }
    Some(asked)
}

fn measure(root: &Path, asked: &Asked) -> io::Result<()> {
    let is_asked = |name: &str| asked.only.as_deref().is_none_or(|only| only == name);
    let programs = Programs::build(root)?;
    let calibration = || Calibration::new().time(CALIBRATION_STEPS).as_secs_f64();
    let before = calibration();
    let (mut whole, mut decisions) = (Map::new(), Map::new());
    for run in runs().filter(|run| is_asked(run.name())) {
        let measured = repeated(asked.repeat, || run.measure(&programs))?;
        println!("{}: {measured}", run.name());
        whole.insert(run.name().to_owned(), measured);
    }
    for &(name, count) in DECISIONS.iter().filter(|(name, _)| is_asked(name)) {
        let measured = repeated(asked.repeat, || jobs::decide(&programs, name, count))?;
        println!("{name}: {measured}");
        decisions.insert(name.to_owned(), measured);
    }
    if asked.only.is_some() {
        return Ok(());
    }
    let (date, commit) = machine::stamp(root)?;
    let results = json!({
        "date": date,
        "commit": commit,
        "machine": machine::description()?,
        "profile": "dist",
        "calibrationSeconds": [before, calibration()],
        "runs": whole,
        "decisions": decisions,
    });
    let folder = root.join("results/bench");
    fs::create_dir_all(&folder)?;
    let named = |number: usize| folder.join(format!("{date}-{number:02}.json"));
    let free = (1..100_000).map(named).find(|file| !file.exists()).expect("there is always a next number");
    fs::write(free, format!("{results:#}\n"))?;
    rendered::write_into_readme(root)
}

/// What each repetition came to, in an array.
fn repeated(repeat: usize, measure: impl Fn() -> io::Result<Value>) -> io::Result<Value> {
    (0..repeat).map(|_| measure()).collect::<io::Result<Vec<Value>>>().map(Value::Array)
}
