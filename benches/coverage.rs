//! How often the 95 % intervals of many seeds hold the true mean, found out by as many runs as it takes.
//!
//! `cargo bench --bench coverage -- --all` makes every run and writes `results/coverage`: the figures of each run in
//! `runs.csv`, and in `coverage.json` what they come to. `cargo bench --bench coverage` makes a few of the runs anew and
//! holds them, and all that follows from the kept figures, against those files: the runs are many and the same for ever.
//! It is a bench because only optimised builds are up to it.

#[path = "coverage/figures.rs"]
mod figures;
#[path = "../tests/case/folder.rs"]
#[allow(dead_code, reason = "tests look at single figures")]
mod folder;
#[path = "../tests/analytic/loss.rs"]
mod loss;
#[path = "coverage/share.rs"]
mod share;
#[path = "coverage/subject.rs"]
mod subject;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{fs, io};

use figures::Figures;
use overspill::experiment::{Interrupted, Seeds, replicate};
use subject::Subject;

/// How many runs there are; their seeds begin with 1.
const RUNS: u64 = 20_000;
/// Of so many runs one is made anew to be held against what is kept. It is a prime, so that no interval is looked at in
/// the same place as another.
const ONE_IN: u64 = 997;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("results/coverage");
    let done = match args.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => check(&folder),
        ["--all"] => write(&folder),
        _ => {
            eprintln!("usage: cargo bench --bench coverage [-- --all]");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn table(folder: &Path) -> PathBuf {
    folder.join("runs.csv")
}

fn summary(folder: &Path) -> PathBuf {
    folder.join("coverage.json")
}

/// Makes every run.
fn write(folder: &Path) -> io::Result<()> {
    let subjects = subject::all();
    let seeds = Seeds::new(1, RUNS).expect("it is a range");
    let columns = subjects.iter().map(|one| values(one, seeds)).collect();
    let figures = Figures { names: subjects.iter().map(|one| one.name.to_owned()).collect(), columns };
    fs::create_dir_all(folder)?;
    fs::write(table(folder), figures.csv())?;
    let told = share::summary(&subjects, &figures);
    print!("{}", share::text(&told));
    fs::write(summary(folder), format!("{told:#}\n"))
}

/// Makes some runs, and holds them and what follows from all against what is kept.
fn check(folder: &Path) -> io::Result<()> {
    let subjects = subject::all();
    let text = fs::read_to_string(table(folder))?;
    let kept = Figures::read(&text).filter(|kept| kept.columns.iter().all(|one| one.len() as u64 == RUNS));
    let kept = kept.ok_or_else(|| stale("runs.csv is no table of so many runs"))?;
    for (subject, column) in subjects.iter().zip(&kept.columns) {
        let sample = (1..=RUNS / ONE_IN).map(|number| number * ONE_IN);
        for seed in sample {
            let (before, now) = (column[seed as usize - 1], figures::as_kept((subject.run)(seed)));
            if before.to_bits() != now.to_bits() {
                return Err(stale(&format!("{} with seed {seed} was {before}, is {now}", subject.name)));
            }
        }
    }
    let told = share::summary(&subjects, &kept);
    print!("{}", share::text(&told));
    if fs::read_to_string(summary(folder))? != format!("{told:#}\n") {
        return Err(stale("coverage.json is not what the runs come to"));
    }
    Ok(())
}

fn stale(what: &str) -> io::Error {
    io::Error::other(format!("{what}: cargo bench --bench coverage -- --all makes results/coverage anew"))
}

/// The figure of every run, on all cores.
fn values(subject: &Subject, seeds: Seeds) -> Vec<f64> {
    let run = |seed| Ok::<f64, ()>(figures::as_kept((subject.run)(seed)));
    match replicate(seeds, run) {
        Ok(values) => values,
        Err(Interrupted::Broken { seed, .. }) => panic!("the run with seed {seed} has panicked"),
        Err(Interrupted::Failed(())) => unreachable!("runs do not fail"),
    }
}
