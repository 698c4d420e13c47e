//! The part of one run: a file that says what came out, and by whose plan.
//!
//! Its first line is the part as JSON, its second the digest of the first: a file that was cut off is told from a whole
//! one by it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::SweepError;
use super::plan::SweepPlan;
use crate::experiment::seeds_table::{Cell, Row};
use crate::metric::find;
use crate::report::{ReportError, sha256, write_whole};

/// The folder of the parts.
const FOLDER: &str = "parts";

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct PartFile {
    /// The digest of the plan.
    plan: String,
    run: u64,
    seed: u64,
    trace_hash: String,
    /// By path; null where the run has no value.
    figures: BTreeMap<String, Option<f64>>,
    lower_bounds: Vec<String>,
}

impl SweepPlan {
    fn part(&self, run: u64) -> PathBuf {
        self.dir.join(FOLDER).join(part_name(run))
    }

    /// Makes the folder of the parts, if it is not there.
    pub(super) fn make_room_for_parts(&self) -> Result<(), ReportError> {
        let folder = self.dir.join(FOLDER);
        fs::create_dir_all(&folder).map_err(|source| ReportError::Io { path: folder, source })
    }

    /// Puts the part of a run in its place.
    pub(super) fn write_part(&self, run: u64, row: &Row) -> Result<(), ReportError> {
        let bounds = row.cells.iter().filter(|(_, cell)| cell.is_bound).map(|(path, _)| (*path).to_owned());
        let part = PartFile {
            plan: self.digest.clone(),
            run,
            seed: row.seed,
            trace_hash: format!("{:016x}", row.trace_hash),
            figures: row.cells.iter().map(|(path, cell)| ((*path).to_owned(), cell.number)).collect(),
            lower_bounds: bounds.collect(),
        };
        let line = serde_json::to_string(&part).expect("its keys are texts");
        let text = format!("{line}\n{{\"sha256\":\"{}\"}}\n", sha256(line.as_bytes()));
        write_whole(&self.part(run), text.as_bytes())
    }

    /// What the part of a run says; `None` if it is not there, not whole, or another plan's.
    pub(super) fn read_part(&self, run: u64) -> Option<Row> {
        let text = fs::read_to_string(self.part(run)).ok()?;
        let (line, rest) = text.split_once('\n')?;
        if rest != format!("{{\"sha256\":\"{}\"}}\n", sha256(line.as_bytes())) {
            return None;
        }
        let part: PartFile = serde_json::from_str(line).ok()?;
        let (_, seed) = self.run(run);
        if (part.plan.as_str(), part.run, part.seed) != (self.digest.as_str(), run, seed) {
            return None;
        }
        let cell = |(path, number): (&String, &Option<f64>)| {
            Some((find(path)?.path, Cell { number: *number, is_bound: part.lower_bounds.contains(path) }))
        };
        let trace_hash = u64::from_str_radix(&part.trace_hash, 16).ok()?;
        Some(Row { seed, trace_hash, cells: part.figures.iter().map(cell).collect::<Option<_>>()? })
    }

    /// What all parts say, in order of their runs, if every one is there.
    pub(super) fn read_parts(&self) -> Result<Vec<Row>, SweepError> {
        self.refuse_foreign()?;
        let (mut rows, mut missing) = (Vec::new(), Vec::new());
        for run in 0..self.runs() {
            match self.read_part(run) {
                Some(row) => rows.push(row),
                None => missing.push(run),
            }
        }
        if missing.is_empty() {
            return Ok(rows);
        }
        Err(SweepError::Missing { dir: self.dir.clone(), missing, runs: self.runs() })
    }

    /// Refuses a part of a run that there is not to be. Files in the making, whose names begin with a dot, are nothing.
    fn refuse_foreign(&self) -> Result<(), SweepError> {
        let Ok(entries) = fs::read_dir(self.dir.join(FOLDER)) else { return Ok(()) };
        let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        paths.sort();
        let is_ours = |path: &PathBuf| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with('.')
                || number_of(path).is_some_and(|run| run < self.runs() && part_name(run) == name)
        };
        match paths.into_iter().find(|path| !is_ours(path)) {
            Some(path) => Err(SweepError::Foreign(path)),
            None => Ok(()),
        }
    }
}

fn part_name(run: u64) -> String {
    format!("run-{run}.jsonl")
}

fn number_of(path: &Path) -> Option<u64> {
    path.file_name()?.to_str()?.strip_prefix("run-")?.strip_suffix(".jsonl")?.parse().ok()
}
