//! Counts instructions (`benches/instructions.rs`) and fails where there are more than 3 % more than in
//! `benches/baseline.json`.
//!
//! `cargo bench --bench gate -- --refresh` writes the baseline anew, and what it came to into CHANGELOG.md.

#[path = "gate/baseline.rs"]
mod baseline;
#[path = "gate/counted.rs"]
mod counted;

use std::path::Path;
use std::process::ExitCode;
use std::{fs, io};

use baseline::{Baseline, Finding, compare};

/// More than so many thousandths above the baseline is too much.
const TOLERATED_PER_MILLE: i64 = 30;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let refresh = match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => false,
        ["--refresh"] => true,
        _ => {
            eprintln!("usage: cargo bench --bench gate [-- --refresh]");
            return ExitCode::from(2);
        }
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    match counted::count(root).and_then(|counted| judge(root, &counted, refresh)) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Why there is nothing to compare with, and what to do about it.
fn unread(file: &Path, error: &io::Error) -> io::Error {
    let file = file.display();
    let message = match error.kind() {
        io::ErrorKind::NotFound => {
            format!("{file} is missing; write it with: cargo bench --bench gate -- --refresh")
        }
        _ => format!("{file} cannot be read: {error}"),
    };
    io::Error::new(error.kind(), message)
}

fn judge(root: &Path, counted: &Baseline, refresh: bool) -> io::Result<ExitCode> {
    let file = root.join("benches/baseline.json");
    let before: Baseline = match fs::read_to_string(&file) {
        Ok(text) => serde_json::from_str(&text)?,
        Err(error) if refresh && error.kind() == io::ErrorKind::NotFound => Baseline::new(),
        Err(error) => return Err(unread(&file, &error)),
    };
    let findings = compare(&before, counted);
    for finding in &findings {
        println!("{finding}");
    }
    if refresh {
        fs::write(&file, format!("{}\n", serde_json::to_string_pretty(counted)?))?;
        let changelog = root.join("CHANGELOG.md");
        let text = fs::read_to_string(&changelog)?;
        fs::write(&changelog, baseline::with_line(&text, &baseline::line(&findings))?)?;
        println!("benches/baseline.json is written anew; CHANGELOG.md says so: add why");
        return Ok(ExitCode::SUCCESS);
    }
    let too_many: Vec<&Finding> = findings.iter().filter(|one| one.fails(TOLERATED_PER_MILLE)).collect();
    for finding in &too_many {
        eprintln!("error: {finding}: more than {} % from the baseline", TOLERATED_PER_MILLE / 10);
    }
    if too_many.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!("if this is meant: cargo bench --bench gate -- --refresh, and say why in CHANGELOG.md");
    Ok(ExitCode::FAILURE)
}
