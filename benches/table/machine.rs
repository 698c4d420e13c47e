//! Where and with what it was measured.

use std::path::Path;
use std::process::Command;
use std::{fs, io};

use serde_json::{Value, json};

/// The date, and the commit that is checked out; `-changed` is added if it is not quite that.
pub(crate) fn stamp(root: &Path) -> io::Result<(String, String)> {
    let date = said_by(Command::new("date").args(["-u", "+%F"]))?;
    let git = |args: &[&str]| said_by(Command::new("git").args(args).current_dir(root));
    let commit = git(&["rev-parse", "--short=7", "HEAD"])?;
    let changed = git(&["status", "--porcelain", "--untracked-files=no"])?;
    Ok((date, if changed.is_empty() { commit } else { format!("{commit}-changed") }))
}

/// Processor, cores and toolchain.
pub(crate) fn description() -> io::Result<Value> {
    let processors = fs::read_to_string("/proc/cpuinfo")?;
    let model = processors.lines().find_map(|line| Some(line.strip_prefix("model name")?.split_once(':')?.1));
    Ok(json!({
        "processor": model.unwrap_or("unknown").trim(),
        "cores": std::thread::available_parallelism()?.get(),
        "toolchain": said_by(Command::new("rustc").arg("--version"))?,
    }))
}

fn said_by(command: &mut Command) -> io::Result<String> {
    let output = command.output()?;
    if !output.status.success() {
        return Err(io::Error::other(format!("{command:?} failed: {}", output.status)));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
