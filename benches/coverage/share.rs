//! How many intervals hold the true mean.

use std::fmt::Write as _;

use overspill::experiment::{LEVEL, Sample};
use overspill::report::decimal;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::figures::Figures;
use crate::subject::Subject;

/// Of how many runs the intervals are.
const RUNS_OF_AN_INTERVAL: [usize; 5] = [3, 5, 10, 30, 100];

/// What the runs come to: for each subject the truth, and how many of the intervals that consecutive runs make hold it.
pub(crate) fn summary(subjects: &[Subject], figures: &Figures) -> Value {
    let each = subjects.iter().zip(&figures.columns).map(|(subject, values)| {
        let all = Sample::of(values.iter().copied());
        let mean = all.mean().expect("there are runs");
        let truth = subject.exact.unwrap_or(mean);
        let interval = all.interval(LEVEL).expect("there are many runs");
        json!({
            "name": subject.name,
            "metric": subject.metric,
            "of": subject.about,
            "truth": printed(truth),
            "truthFrom": if subject.exact.is_some() { "Erlang's first formula" } else { "the mean of all runs" },
            "mean": printed(mean),
            "meanInterval": [printed(interval.low), printed(interval.high)],
            "sd": printed(all.sd().expect("there are many runs")),
            "skewness": printed(skewness(values, &all)),
            "coverage": RUNS_OF_AN_INTERVAL.map(|runs| coverage(values, runs, truth)),
        })
    });
    json!({
        "apiVersion": "overspill/v1alpha1",
        "kind": "Coverage",
        "version": env!("CARGO_PKG_VERSION"),
        "level": LEVEL,
        "seeds": {"first": 1, "last": figures.columns[0].len()},
        "runsDigest": format!("sha256:{}", digest(&figures.csv())),
        "subjects": each.collect::<Vec<_>>(),
    })
}

/// The intervals of the first so many runs, of the next so many, and so on, as many as there are whole ones.
fn coverage(values: &[f64], runs: usize, truth: f64) -> Value {
    let intervals = values.len() / runs;
    let holds = |part: &&[f64]| {
        let interval = Sample::of(part.iter().copied()).interval(LEVEL).expect("there are some runs");
        interval.low <= truth && truth <= interval.high
    };
    let held = values.chunks_exact(runs).filter(holds).count();
    let share = held as f64 / intervals as f64;
    json!({
        "runs": runs,
        "intervals": intervals,
        "held": held,
        "share": printed(share),
        "standardError": printed((share * (1.0 - share) / intervals as f64).sqrt()),
    })
}

/// The mean of the cubed distances from the mean in standard deviations: 0 of what lies evenly on both sides.
fn skewness(values: &[f64], all: &Sample) -> f64 {
    let (mean, sd) = all.mean().zip(all.sd()).expect("there are many runs");
    values.iter().map(|value| ((value - mean) / sd).powi(3)).sum::<f64>() / values.len() as f64
}

fn printed(number: f64) -> Value {
    serde_json::from_str(&decimal(number)).expect("a printed number is JSON")
}

/// As `sha256sum` prints it.
fn digest(text: &str) -> String {
    Sha256::digest(text).iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// For people.
pub(crate) fn text(summary: &Value) -> String {
    let mut text = String::new();
    for subject in summary["subjects"].as_array().expect("there are subjects") {
        let _ = writeln!(
            text,
            "{}: {} by {}, {} in the mean of all runs, sd {}, skewness {}",
            subject["metric"],
            subject["truth"],
            subject["truthFrom"],
            subject["mean"],
            subject["sd"],
            subject["skewness"]
        );
        for one in subject["coverage"].as_array().expect("there are intervals") {
            let percent = |name: &str| one[name].as_f64().expect("it is a share") * 100.0;
            let _ = writeln!(
                text,
                "  {} of {} intervals of {} runs hold it: {:.1} ± {:.1} %",
                one["held"],
                one["intervals"],
                one["runs"],
                percent("share"),
                1.96 * percent("standardError"),
            );
        }
    }
    text
}
