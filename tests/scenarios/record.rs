//! The figures on record: `results/expected/SCENARIO.json`, and `results/expected/SCENARIO/VARIANT.json`.
//!
//! They change only when what is simulated changes, in a commit that says why; `OVERSPILL_BLESS=1 cargo test --test
//! scenarios` writes them anew.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::figures::{complaints, seen};
use crate::shipped::{ALL, Shipped, root};
use crate::written::files_below;

#[test]
fn the_figures_are_those_on_record() {
    let of = |one: &Shipped| {
        let (summary, finished) = (&one.measured.observation.summary, one.measured.finished);
        complaints(&one.title, &file_of(one), &seen(one.scenario.default_seed, summary, finished))
    };
    let complaints: Vec<String> = ALL.iter().flat_map(of).collect();
    assert!(
        complaints.is_empty(),
        "{}\nif this is meant: OVERSPILL_BLESS=1 cargo test --test scenarios, and say why in the commit",
        complaints.join("\n")
    );
}

#[test]
fn nothing_else_is_on_record() {
    let of_scenarios: BTreeSet<PathBuf> = ALL.iter().map(file_of).collect();
    let large = root().join("results/expected/scale");
    let all = files_below(&root().join("results/expected"));
    for file in all.iter().filter(|file| !file.starts_with(&large)) {
        assert!(of_scenarios.contains(file), "{} belongs to no scenario: remove it", file.display());
    }
}

fn file_of(one: &Shipped) -> PathBuf {
    root().join("results/expected").join(format!("{}.json", one.title))
}
