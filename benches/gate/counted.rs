//! Runs `benches/instructions.rs` under valgrind and reads what gungraun counted.

use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::baseline::Baseline;

/// Counts everything.
pub(crate) fn count(root: &Path) -> io::Result<Baseline> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let args = ["bench", "--locked", "--bench", "instructions", "--", "--output-format=json"];
    let output = Command::new(cargo).args(args).current_dir(root).stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err(io::Error::other(format!(
            "instructions could not be counted, {}: valgrind and gungraun-runner must be installed",
            output.status
        )));
    }
    let summaries = serde_json::Deserializer::from_slice(&output.stdout).into_iter::<Value>();
    let counted: Result<Baseline, io::Error> = summaries.map(|summary| read(&summary?)).collect();
    match counted {
        Ok(counted) if counted.is_empty() => Err(io::Error::other("nothing was counted")),
        counted => counted,
    }
}

/// `FUNCTION/ID` and the instructions of one benchmark.
fn read(summary: &Value) -> io::Result<(String, i64)> {
    let name = ["function_name", "id"].map(|key| summary[key].as_str());
    let instructions =
        summary.pointer("/profiles/0/data/total/metrics/Ir/values/new").and_then(Value::as_i64);
    match (name, instructions) {
        ([Some(function), Some(id)], Some(instructions)) => Ok((format!("{function}/{id}"), instructions)),
        _ => Err(io::Error::other(format!("gungraun says something else than expected: {summary}"))),
    }
}
