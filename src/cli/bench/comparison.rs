//! A measurement beside an earlier one.

use std::fmt::Write as _;

use super::benchmark::{Benchmark, Timed, Times, Work, told};

/// What is slower than it was, and whether by too much.
///
/// A run's least times are compared: on one machine as they are, and on two in proportion to that of the calibration loop,
/// so that a machine that is slower at everything does not make overspill slower. What may be disturbance is added to what
/// is allowed: by how much the medians of both measurements, and of both calibrations where those count, are above the
/// least.
pub(super) struct Comparison<'a> {
    measured: &'a Benchmark,
    baseline: Benchmark,
    /// By how much a run may take longer.
    limit: f64,
}

/// How one scenario compares.
struct Change {
    /// How many times as long it takes.
    factor: f64,
    /// What of that may be disturbance.
    noise: f64,
}

impl<'a> Comparison<'a> {
    pub(super) fn of(measured: &'a Benchmark, baseline: Benchmark, limit: f64) -> Self {
        Self { measured, baseline, limit }
    }

    /// Whether anything takes too much longer.
    pub(super) fn fails(&self) -> bool {
        self.pairs().any(|(now, before)| self.is_too_slow(&self.change(now, before)))
    }

    /// All of it, for people.
    pub(super) fn text(&self) -> String {
        let names = self.measured.scenarios.iter().map(|one| one.name.chars().count());
        let width = names.max().unwrap_or(0).max(8);
        let head = ["baseline", "now", "change", "noise"].map(|name| format!("  {name:>9}")).concat();
        let mut text = format!("{:<width$}{head}\n", "scenario");
        for one in &self.measured.scenarios {
            let now = told(one.cpu_seconds.least());
            let name = &one.name;
            let Some(before) = self.baseline.timed(name) else {
                let _ = writeln!(text, "{name:<width$}  {:>9}  {now:>9}", "none");
                continue;
            };
            let (change, before) = (self.change(one, before), told(before.cpu_seconds.least()));
            let cells = [before, now, format!("{:+.1} %", (change.factor - 1.0) * 100.0)];
            let cells = cells.map(|cell| format!("  {cell:>9}")).concat();
            let _ = writeln!(text, "{name:<width$}{cells}  {:>7.1} %", change.noise * 100.0);
        }
        text.push_str(&self.of_the_machine());
        for (now, before) in self.pairs() {
            text.push_str(&other_work(&now.name, &now.work, &before.work));
        }
        text.push_str(&self.verdict());
        text
    }

    /// What was measured both times.
    fn pairs(&self) -> impl Iterator<Item = (&Timed, &Timed)> {
        self.measured.scenarios.iter().filter_map(|now| Some((now, self.baseline.timed(&now.name)?)))
    }

    fn change(&self, now: &Timed, before: &Timed) -> Change {
        let (now, before) = (&now.cpu_seconds, &before.cpu_seconds);
        let factor = now.least() / before.least();
        let noise = now.scatter() + before.scatter();
        if self.measured.is_of_same_machine(&self.baseline) {
            return Change { factor, noise };
        }
        let (loop_now, loop_before) = self.calibrations();
        Change {
            factor: factor * loop_before.least() / loop_now.least(),
            noise: noise + loop_now.scatter() + loop_before.scatter(),
        }
    }

    /// What the calibration loop takes now, and took in the baseline.
    fn calibrations(&self) -> (&Times, &Times) {
        (&self.measured.calibration_seconds, &self.baseline.calibration_seconds)
    }

    fn is_too_slow(&self, change: &Change) -> bool {
        change.factor > self.limit + change.noise
    }

    fn of_the_machine(&self) -> String {
        if self.measured.is_of_same_machine(&self.baseline) {
            return "\n".to_owned();
        }
        let (now, before) = self.calibrations();
        let (now, before) = (told(now.least()), told(before.least()));
        format!(
            "\ncalibration {now}, in the baseline {before}, on another machine; changes are in proportion to it\n"
        )
    }

    fn verdict(&self) -> String {
        let limit = self.limit;
        let slow = self.pairs().map(|(now, before)| (&now.name, self.change(now, before)));
        let slow: String = slow.filter(|(_, change)| self.is_too_slow(change)).fold(
            String::new(),
            |mut text, (name, Change { factor, noise })| {
                let _ = writeln!(
                    text,
                    "✗ {name} takes {factor:.2} times as long, more than {limit:.2} and a noise of {noise:.2}"
                );
                text
            },
        );
        if slow.is_empty() {
            format!("✓ nothing takes more than {limit:.2} times as long and more than the noise\n")
        } else {
            slow
        }
    }
}

/// What a run does that it did not, a line; nothing where it does the same.
fn other_work(name: &str, now: &Work, before: &Work) -> String {
    if now == before {
        return String::new();
    }
    let counts = [
        ("seed", before.seed, now.seed),
        ("events", before.events, now.events),
        ("pods", before.pods, now.pods),
        ("attempts", before.attempts, now.attempts),
        ("decisions", before.decisions, now.decisions),
    ];
    let changed = counts.iter().filter(|(_, before, now)| before != now);
    let changed: Vec<String> =
        changed.map(|(what, before, now)| format!("{what} {before}, now {now}")).collect();
    let how = if changed.is_empty() { "events in another order".to_owned() } else { changed.join("; ") };
    format!("{name} does other work than in the baseline: {how}\n")
}
