//! Decisions recorded from upstream's HPA controller (`h1`, `h2`) and ReplicaSet controller (`r1`).
//!
//! Each check replays every file of its kind in a folder and panics at the first difference, showing both sides.

#[path = "controllers/hpa_metrics.rs"]
mod hpa_metrics;
#[path = "controllers/hpa_timelines.rs"]
mod hpa_timelines;
#[path = "controllers/replica_sets.rs"]
mod replica_sets;
#[path = "controllers/schema.rs"]
mod schema;

use std::fmt::{self, Debug};
use std::fs::File;
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use overspill::units::SimTime;
use serde::de::DeserializeOwned;

pub(crate) use hpa_metrics::check_hpa_metrics;
pub(crate) use hpa_timelines::check_hpa_timelines;
pub(crate) use replica_sets::check_replica_sets;

/// What a check got through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Decisions that were held against the recorded ones and agree.
    pub(crate) compared: usize,
    /// Decisions whose recorded answer depends on the order of upstream's cache.
    pub(crate) left_out: usize,
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} compared, {} left out as order-dependent", self.compared, self.left_out)
    }
}

/// Reads every file of `kind` in `dir`, in order of name.
fn files_of<T: DeserializeOwned>(dir: &Path, kind: &str) -> Vec<(PathBuf, T)> {
    let entries = dir.read_dir().unwrap_or_else(|error| panic!("{}: {error}", dir.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("a readable folder").path()).collect();
    paths.sort();
    let is_of_kind = |path: &PathBuf| {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        name.starts_with(&format!("{kind}-")) && name.ends_with(".json.gz")
    };
    paths.into_iter().filter(is_of_kind).map(|path| (path.clone(), read(&path))).collect()
}

fn read<T: DeserializeOwned>(path: &Path) -> T {
    let file = File::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_reader(GzDecoder::new(file))
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Panics with both sides if they differ.
#[track_caller]
fn same<T: PartialEq + Debug>(path: &Path, number: usize, recorded: &T, ours: &T) {
    assert!(
        recorded == ours,
        "{} number {number} differs\nrecorded: {recorded:#?}\nours: {ours:#?}",
        path.display()
    );
}

/// Recorded moments count from an arbitrary epoch and may lie before it; simulated time begins long before.
fn moment(millis: i64) -> SimTime {
    const EPOCH_MILLIS: i64 = 10_000_000_000;
    SimTime(u64::try_from(EPOCH_MILLIS + millis).expect("recorded moments are near the epoch") * 1_000_000)
}

/// The inverse of [`moment`].
fn millis(moment: SimTime) -> i64 {
    (moment.0 / 1_000_000) as i64 - 10_000_000_000
}
