//! A measurement of speed, as it is written and read again.

use std::fmt::Write as _;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What a file of measurements says of itself.
const MARKER: (&str, &str) = ("overspill/v1alpha1", "Benchmark");

/// How fast scenarios ran, at one time on one machine.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Benchmark {
    api_version: String,
    kind: String,
    version: String,
    machine: Machine,
    /// The most memory that the process had, all scenarios together.
    peak_memory_bytes: Option<u64>,
    /// How long the loop took that has nothing to do with overspill.
    pub(super) calibration_seconds: Times,
    pub(super) scenarios: Vec<Timed>,
}

/// Where it was measured.
#[derive(Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Machine {
    system: String,
    architecture: String,
    /// Where the system tells (Linux).
    processor: Option<String>,
}

/// One scenario.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Timed {
    pub(super) name: String,
    pub(super) work: Work,
    /// The processor time of one run.
    pub(super) cpu_seconds: Times,
    pub(super) wall_seconds: Times,
}

/// What a run does; the same on every machine.
#[derive(Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Work {
    pub(super) seed: u64,
    pub(super) events: u64,
    pub(super) pods: u64,
    pub(super) attempts: u64,
    pub(super) decisions: u64,
    pub(super) trace_hash: String,
}

/// What each repetition took, in seconds, in order.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(transparent)]
pub(super) struct Times(Vec<f64>);

impl Times {
    pub(super) fn push(&mut self, time: Duration) {
        self.0.push(time.as_secs_f64());
    }

    /// The least: nothing disturbs a run so that it takes less.
    pub(super) fn least(&self) -> f64 {
        self.0.iter().copied().fold(f64::INFINITY, f64::min)
    }

    /// By how much the median is above the least, as a part of it: half of the repetitions were disturbed by no more.
    pub(super) fn scatter(&self) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        sorted.get(sorted.len() / 2).map_or(0.0, |median| median / self.least() - 1.0)
    }

    /// Whether there are times, and all of them are.
    fn is_sound(&self) -> bool {
        !self.0.is_empty() && self.0.iter().all(|time| time.is_finite() && *time > 0.0)
    }
}

impl Machine {
    /// This one.
    pub(super) fn here() -> Self {
        let told = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model = told.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
        Self {
            system: std::env::consts::OS.to_owned(),
            architecture: std::env::consts::ARCH.to_owned(),
            processor: model.map(|(_, name)| name.trim().to_owned()),
        }
    }
}

impl Benchmark {
    pub(super) fn new(
        machine: Machine,
        calibration_seconds: Times,
        scenarios: Vec<Timed>,
        peak_memory_bytes: Option<u64>,
    ) -> Self {
        let (api_version, kind) = (MARKER.0.to_owned(), MARKER.1.to_owned());
        let version = env!("CARGO_PKG_VERSION").to_owned();
        Self { api_version, kind, version, machine, peak_memory_bytes, calibration_seconds, scenarios }
    }

    /// What was written; the reason if it is anything else.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, String> {
        let read: Self = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        if (read.api_version.as_str(), read.kind.as_str()) != MARKER {
            return Err(format!("it is {} of {}", read.kind, read.api_version));
        }
        let times = |one: &Timed| one.cpu_seconds.is_sound() && one.wall_seconds.is_sound();
        if !read.calibration_seconds.is_sound() || !read.scenarios.iter().all(times) {
            return Err("a time in it is missing or is none".to_owned());
        }
        Ok(read)
    }

    /// As it is written.
    pub(super) fn text(&self) -> String {
        let value = serde_json::to_value(self).expect("it is plain data");
        format!("{value:#}\n")
    }

    /// The scenario of this name.
    pub(super) fn timed(&self, name: &str) -> Option<&Timed> {
        self.scenarios.iter().find(|timed| timed.name == name)
    }

    /// Whether `other` was measured on a machine that calls itself the same.
    pub(super) fn is_of_same_machine(&self, other: &Self) -> bool {
        self.machine == other.machine
    }

    /// What was measured, for people.
    pub(super) fn table(&self) -> String {
        let width = self.scenarios.iter().map(|one| one.name.chars().count()).max().unwrap_or(0).max(8);
        let mut text =
            format!("{:<width$}  {:>12}  {:>12}  {:>9}\n", "scenario", "cpu per run", "events/s", "scatter");
        for one in &self.scenarios {
            let (least, name) = (one.cpu_seconds.least(), &one.name);
            let speed = one.work.events as f64 / least;
            let (time, scatter) = (told(least), one.cpu_seconds.scatter() * 100.0);
            let _ = writeln!(text, "{name:<width$}  {time:>12}  {speed:>12.0}  {scatter:>7.1} %");
        }
        if let Some(bytes) = self.peak_memory_bytes {
            let _ = writeln!(text, "\nat most {} MiB of memory", bytes >> 20);
        }
        text
    }
}

/// A time with three digits.
pub(super) fn told(seconds: f64) -> String {
    let (number, unit) = if seconds < 1.0 { (seconds * 1e3, "ms") } else { (seconds, "s") };
    let places = match number {
        below if below < 10.0 => 2,
        below if below < 100.0 => 1,
        _ => 0,
    };
    format!("{number:.places$} {unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_counts_and_the_median_says_how_far_it_can_be_trusted() {
        let times = Times(vec![0.25, 0.2, 0.5, 0.21, 0.22]);
        assert!((times.least() - 0.2).abs() < 1e-12);
        assert!((times.scatter() - 0.1).abs() < 1e-12, "the median is 0.22");
        assert!(Times(vec![0.3]).scatter().abs() < 1e-12);
    }

    #[test]
    fn times_are_told_with_three_digits() {
        let all = [0.000_123_4, 0.021_34, 0.213_4, 2.134, 21.34].map(told);
        assert_eq!(all, ["0.12 ms", "21.3 ms", "213 ms", "2.13 s", "21.3 s"]);
    }
}
