//! A sweep: a scenario with every combination of the values of some axes, each with the same seeds.
//!
//! Its directory is planned first, and holds then what to run (`run.json`) and all that it takes (`inputs/`). Runs are
//! numbered, and each leaves one file in `parts/`, which says what came out and is there whole or not at all: so any
//! process on any machine that sees the directory can make some of them, and whatever was begun can be gone on with. What
//! is collected of the parts is the same bytes however they came about.

mod page;
mod part;
mod plan;
mod running;
mod shard;
mod table;
mod written;

pub use plan::{Outline, SweepPlan};
pub use shard::{ParseShardError, Shard, ShardError, ShardRequest};
pub use written::Collected;

use std::path::PathBuf;

use crate::report::{ReportError, counted};

/// Why a sweep cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum SweepError {
    /// There is no plan.
    #[error(
        "{} holds no sweep: plan one first, with overspill sweep plan SCENARIO --vary PATH=LO..HI --out {}", .0.display(),
        .0.display()
    )]
    NoPlan(PathBuf),
    /// The plan is not as we write it.
    #[error("{} cannot be read as overspill writes it: plan the sweep again", .0.join("run.json").display())]
    BrokenPlan(PathBuf),
    /// Another version has made the plan.
    #[error(
        "the sweep in {} was planned by overspill {found}, this is {}: use that version, or plan it again with this one",
        .dir.display(), env!("CARGO_PKG_VERSION")
    )]
    OtherVersion {
        /// The directory.
        dir: PathBuf,
        /// The version that planned it.
        found: String,
    },
    /// The inputs are others than those of the plan.
    #[error(
        "the files in {} are not those that were planned with: put back what was changed there, or plan the sweep again",
        .0.join("inputs").display()
    )]
    OtherInputs(PathBuf),
    /// The scenario needs what was not planned with.
    #[error(
        "the scenario refers to {}, which lies outside {}, so that other machines have none or another: refer to it by a \
         path relative to the scenario, and plan the sweep again", .file.display(), .dir.join("inputs").display()
    )]
    Outside {
        /// What lies outside.
        file: PathBuf,
        /// The directory of the sweep.
        dir: PathBuf,
    },
    /// Another plan would take the place of one of which runs were made.
    #[error(
        "{} holds {} of another plan, or of other files, which would be lost: choose another --out, or remove it",
        .dir.display(), counted(*.made, "finished run")
    )]
    OtherPlan {
        /// The directory.
        dir: PathBuf,
        /// How many runs were made.
        made: usize,
    },
    /// Runs are missing.
    #[error(
        "{} of {runs} of the sweep in {} {} missing or not whole: {}; this makes what is missing: overspill sweep run {}",
        counted(.missing.len(), "run"), .dir.display(), if .missing.len() == 1 { "is" } else { "are" },
        ranges(.missing), .dir.display()
    )]
    Missing {
        /// The directory.
        dir: PathBuf,
        /// Their numbers, in ascending order.
        missing: Vec<u64>,
        /// How many runs there are to be.
        runs: u64,
    },
    /// There is what belongs to no run.
    #[error("{} belongs to no run of this sweep: move it elsewhere", .0.display())]
    Foreign(PathBuf),
    /// Something could not be written.
    #[error(transparent)]
    Report(#[from] ReportError),
}

/// Ascending numbers with those in a row as ranges, as far as there is room: `0..3, 7 and 2 more`.
fn ranges(numbers: &[u64]) -> String {
    const SHOWN: usize = 10;
    let mut rows: Vec<(u64, u64)> = Vec::new();
    for &number in numbers {
        match rows.last_mut() {
            Some((_, last)) if *last + 1 == number => *last = number,
            _ => rows.push((number, number)),
        }
    }
    let row = |&(first, last): &(u64, u64)| match last - first {
        0 => first.to_string(),
        1 => format!("{first}, {last}"),
        _ => format!("{first}..{last}"),
    };
    let shown: Vec<String> = rows.iter().take(SHOWN).map(row).collect();
    let rest: u64 = rows.iter().skip(SHOWN).map(|(first, last)| last - first + 1).sum();
    let more = if rest > 0 { format!(" and {rest} more") } else { String::new() };
    format!("{}{more}", shown.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_a_row_are_ranges() {
        assert_eq!(ranges(&[0, 1, 2, 3, 7, 9, 10]), "0..3, 7, 9, 10");
        let odd: Vec<u64> = (0..13).map(|number| 2 * number).collect();
        assert_eq!(ranges(&odd), "0, 2, 4, 6, 8, 10, 12, 14, 16, 18 and 3 more");
    }
}
