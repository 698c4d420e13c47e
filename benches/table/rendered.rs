//! The README's table of speeds, made of the newest raw results.

use std::fmt::Write as _;
use std::path::Path;
use std::{fs, io};

use serde_json::Value;

/// What stands before and after the table in the README.
const MARKS: (&str, &str) = ("<!-- speed: written by cargo bench --bench table -->\n", "<!-- /speed -->\n");

/// How a figure is come by.
enum Figure {
    /// Pods per second of processor time, and peak memory.
    Pods(&'static str),
    /// Decisions per second of processor time.
    Decisions(&'static str),
    /// The time of a decision, as a multiple of that of another.
    Times(&'static str, &'static str),
    /// The time of a whole run, and peak memory.
    Whole(&'static str),
}

/// What is measured, how, what it is to be, and what others come to.
const ROWS: [(&str, Figure, &str, &str); 15] = [
    ("std-100x10k, all results", Figure::Pods("std-100x10k"), "", "330 000/s, 6 MB without fidelity"),
    (
        "std-1000x10k, all results",
        Figure::Pods("std-1000x10k"),
        "",
        "50 000/s without fidelity; real scheduler 830/s",
    ),
    (
        "std-1000x100k, all results",
        Figure::Pods("std-1000x100k"),
        "≥ 400 000/s, ≤ 60 MB",
        "57 500/s, 34 MB without fidelity; real scheduler 800/s",
    ),
    (
        "std-5000x10k, all results",
        Figure::Pods("std-5000x10k"),
        "",
        "6 800/s without fidelity; real scheduler 610/s",
    ),
    ("std-5000x100k, all results", Figure::Pods("std-5000x100k"), "≥ 300 000/s", "not measured"),
    (
        "decisions, 5 000 nodes, adaptive",
        Figure::Decisions("5000-8-plain-adaptive-cached"),
        "≥ 2 000 000/s",
        "real scheduler 797/s",
    ),
    (
        "the same with default spreading",
        Figure::Decisions("5000-8-spread-adaptive-cached"),
        "≥ 800 000/s",
        "real scheduler 208/s",
    ),
    ("5 000 nodes, all scored", Figure::Decisions("5000-8-plain-all-cached"), "", "real scheduler 105/s"),
    (
        "the same with default spreading",
        Figure::Decisions("5000-8-spread-all-cached"),
        "≥ 500 000/s",
        "real scheduler: less than 105/s (inferred)",
    ),
    (
        "a decision at 50 000 nodes against 5 000, adaptive",
        Figure::Times("50000-8-plain-adaptive-cached", "5000-8-plain-adaptive-cached"),
        "≤ 2×",
        "",
    ),
    (
        "the same with default spreading",
        Figure::Times("50000-8-spread-adaptive-cached", "5000-8-spread-adaptive-cached"),
        "≤ 2×",
        "",
    ),
    (
        "reference against cached, 5 000 nodes, adaptive",
        Figure::Times("5000-8-plain-adaptive-reference", "5000-8-plain-adaptive-cached"),
        "≥ 15×",
        "",
    ),
    (
        "the same with default spreading",
        Figure::Times("5000-8-spread-adaptive-reference", "5000-8-spread-adaptive-cached"),
        "≥ 6×",
        "",
    ),
    ("gateway-5000x1m, six hours", Figure::Whole("gateway-5000x1m"), "≤ 5 s, ≤ 400 MB", "none can"),
    ("gateway-50000x1m, six hours", Figure::Whole("gateway-50000x1m"), "", "none can"),
];

/// The least processor time of a job in seconds.
fn seconds(repeated: &Value) -> Option<f64> {
    repeated.as_array()?.iter().filter_map(|one| one["cpuSeconds"].as_f64()).min_by(f64::total_cmp)
}

fn shown(results: &Value, figure: &Figure) -> Option<String> {
    let run = |name: &str| {
        let repeated = &results["runs"][name];
        let most = repeated.as_array()?.iter().filter_map(|one| one["peakBytes"].as_u64()).max()?;
        Some((seconds(repeated)?, repeated[0]["scheduled"].as_f64()?, most.div_ceil(1_000_000)))
    };
    let decision = |name: &str| {
        let repeated = &results["decisions"][name];
        Some(seconds(repeated)? / repeated[0]["decisions"].as_f64()?)
    };
    Some(match *figure {
        Figure::Pods(name) => {
            let (seconds, pods, megabytes) = run(name)?;
            format!("{}/s, {megabytes} MB", thousands(pods / seconds))
        }
        Figure::Whole(name) => {
            let (seconds, pods, megabytes) = run(name)?;
            format!("{seconds:.1} s, {megabytes} MB, {} pods", thousands(pods))
        }
        Figure::Decisions(name) => format!("{}/s", thousands(decision(name)?.recip())),
        Figure::Times(one, other) => format!("{:.1}×", decision(one)? / decision(other)?),
    })
}

/// To three digits, in groups of three.
fn thousands(number: f64) -> String {
    let mut unit = 1.0;
    while number / unit >= 1_000.0 {
        unit *= 10.0;
    }
    let digits = format!("{:.0}", (number / unit).round() * unit);
    let group = |(index, digit): (usize, char)| {
        let is_first = index > 0 && (digits.len() - index).is_multiple_of(3);
        [is_first.then_some(' '), Some(digit)]
    };
    digits.chars().enumerate().flat_map(group).flatten().collect()
}

/// The table and where it was measured.
fn table(results: &Value) -> String {
    let mut text = String::from("| | measured | aim | others |\n|---|---|---|---|\n");
    for (what, figure, aim, others) in &ROWS {
        let measured = shown(results, figure).unwrap_or_else(|| "not measured".to_owned());
        let _ = writeln!(text, "| {what} | {measured} | {aim} | {others} |");
    }
    let said =
        |pointer: &str| results.pointer(pointer).and_then(Value::as_str).unwrap_or("unknown").to_owned();
    let calibration = |index: usize| results["calibrationSeconds"][index].as_f64().unwrap_or_default();
    let _ = writeln!(
        text,
        "\nMeasured on {} at {} on {}, {}, profile `{}`; the calibration loop took {:.2} s before and {:.2} s after.",
        said("/date"),
        said("/commit"),
        said("/machine/processor"),
        said("/machine/toolchain"),
        said("/profile"),
        calibration(0),
        calibration(1)
    );
    text
}

/// The newest raw results: those of the last date, and of the last number of that date.
fn newest(root: &Path) -> io::Result<Value> {
    let entries = fs::read_dir(root.join("results/bench"))?;
    let files: io::Result<Vec<_>> = entries.map(|entry| Ok(entry?.path())).collect();
    let newest = files?.into_iter().filter(|file| file.extension().is_some_and(|end| end == "json")).max();
    let newest = newest.ok_or_else(|| io::Error::other("results/bench holds no results"))?;
    Ok(serde_json::from_str(&fs::read_to_string(newest)?)?)
}

/// The README as it is and as it should be.
pub(crate) fn readme(root: &Path) -> io::Result<(String, String)> {
    let text = fs::read_to_string(root.join("README.md"))?;
    let (before, rest) = text.split_once(MARKS.0).ok_or_else(|| io::Error::other("README.md has no mark"))?;
    let (_, after) = rest.split_once(MARKS.1).ok_or_else(|| io::Error::other("README.md has no end mark"))?;
    let fresh = format!("{before}{}\n{}\n{}{after}", MARKS.0, table(&newest(root)?).trim_end(), MARKS.1);
    Ok((text, fresh))
}

/// Writes the table anew.
pub(crate) fn write_into_readme(root: &Path) -> io::Result<()> {
    let (_, fresh) = readme(root)?;
    fs::write(root.join("README.md"), fresh)
}
