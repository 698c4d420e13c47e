//! What `overspill run` writes of every scenario: the same bytes every time, and tables that add up.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use std::thread;

use serde_json::Value;
use tempfile::TempDir;

use crate::shipped::{ALL, Shipped};

/// The results of each run, twice: two programs that ran at the same time, into folders of different names and with
/// different evaluators.
static WRITTEN: LazyLock<Vec<[TempDir; 2]>> = LazyLock::new(|| {
    let twice = |one: &Shipped| {
        thread::scope(|scope| {
            let runs = [("a", "cached"), ("elsewhere", "reference")];
            let runs = runs.map(|(name, evaluator)| scope.spawn(move || written(one, name, evaluator)));
            runs.map(|run| run.join().unwrap())
        })
    };
    ALL.iter().map(twice).collect()
});

fn written(one: &Shipped, name: &str, evaluator: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_overspill"));
    command.arg("run").arg(&one.file).arg("--out").arg(folder.path().join(name)).current_dir(folder.path());
    command.args(["--evaluator", evaluator]);
    if let Some(variant) = &one.variant {
        command.args(["--variant", variant]);
    }
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}: {}", one.title, String::from_utf8_lossy(&output.stderr));
    folder
}

/// The directory of results in `folder`, which holds nothing else.
fn results(folder: &TempDir) -> PathBuf {
    let entries: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(entries.len(), 1, "{entries:?}");
    entries[0].clone()
}

/// All files below `folder`, sorted.
pub(crate) fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else {
            files.push(path);
        }
    }
    files.sort();
    files
}

#[test]
fn two_runs_are_equal_file_by_file() {
    for (one, both) in ALL.iter().zip(&*WRITTEN) {
        let [first, second] = both.each_ref().map(|folder| {
            let results = results(folder);
            let named = |path: PathBuf| {
                let bytes = fs::read(&path).unwrap();
                (path.strip_prefix(&results).unwrap().to_owned(), bytes)
            };
            files_below(&results).into_iter().map(named).collect::<Vec<_>>()
        });
        assert!(first.len() > 8, "{}: {} files", one.title, first.len());
        for ((name, bytes), (other_name, other_bytes)) in first.iter().zip(&second) {
            assert_eq!(name, other_name, "{}", one.title);
            assert!(bytes == other_bytes, "{}: {} differs", one.title, name.display());
        }
        assert_eq!(first.len(), second.len(), "{}", one.title);
    }
}

/// The program and the library run the same: the trace hash in `run.json` is that of [`ALL`].
#[test]
fn the_program_runs_what_the_library_runs() {
    for (one, [folder, _]) in ALL.iter().zip(&*WRITTEN) {
        let run: Value = json_of(&results(folder).join("run.json"));
        let hash = format!("{:016x}", one.measured.finished.trace_hash);
        assert_eq!(run["traceHash"], *hash, "{}", one.title);
    }
}

/// Money as it is printed: the rows of `nodes.csv` and `pods.csv` add up to `cost.total` of `summary.json`.
#[test]
fn printed_rows_add_up_to_the_printed_total() {
    for (one, [folder, _]) in ALL.iter().zip(&*WRITTEN) {
        let results = results(folder);
        let rows =
            column_sum(&results.join("nodes.csv"), "cost") + column_sum(&results.join("pods.csv"), "cost");
        let summary = fs::read_to_string(results.join("summary.json")).unwrap();
        let total = summary.lines().find_map(|line| line.trim().strip_prefix("\"total\": ")).unwrap();
        assert_eq!(rows, micros(total.trim_end_matches(',')), "{}", one.title);
    }
}

fn column_sum(table: &Path, column: &str) -> i128 {
    let mut reader = csv::Reader::from_path(table).unwrap();
    let place = reader.headers().unwrap().iter().position(|name| name == column).unwrap();
    reader.records().map(|row| micros(&row.unwrap()[place])).sum()
}

/// Millionths of the currency, read without a detour over floats.
fn micros(printed: &str) -> i128 {
    let (whole, fraction) = printed.split_once('.').unwrap_or((printed, ""));
    format!("{whole}{fraction:0<6}").parse().unwrap()
}

fn json_of(file: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap()
}
