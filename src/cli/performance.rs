//! How fast runs were.

use std::fs;
use std::time::Duration;

/// How fast a run was; never part of the results.
pub(super) struct Performance {
    /// How many runs there were, where there were several.
    pub(super) runs: Option<u64>,
    /// How long it took.
    pub(super) wall: Duration,
    /// How many events there were.
    pub(super) events: u64,
    /// The most memory that the process had.
    pub(super) peak_bytes: Option<u64>,
}

impl Performance {
    fn events_per_second(&self) -> f64 {
        self.events as f64 / self.wall.as_secs_f64().max(1e-9)
    }

    /// What `--perf` writes.
    pub(super) fn json(&self) -> String {
        let mut figures = serde_json::json!({
            "wallSeconds": self.wall.as_secs_f64(),
            "events": self.events,
            "eventsPerSecond": self.events_per_second(),
            "peakMemoryBytes": self.peak_bytes,
        });
        if let Some(runs) = self.runs {
            figures["runs"] = runs.into();
        }
        format!("{figures:#}\n")
    }
}

impl std::fmt::Display for Performance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (seconds, speed) = (self.wall.as_secs_f64(), self.events_per_second());
        write!(f, "{} events in {seconds:.2} s, {speed:.0} events/s", self.events)?;
        match self.peak_bytes {
            Some(bytes) => write!(f, ", {} MiB", bytes >> 20),
            None => Ok(()),
        }
    }
}

/// The most memory that the process had, where the system tells (Linux).
pub(super) fn peak_memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kib << 10)
}
