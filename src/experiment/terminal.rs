//! What `run --seeds` prints: the headline figures of all runs, and how many runs meet each expectation.

use std::fmt::Write as _;

use super::replications::Figure;
use super::results::{LEVEL, StudyRecord};
use super::scale::Scale;
use super::statistics::Interval;
use crate::metric::Metric;
use crate::report::{counted, title};

/// The figures that are shown, unless they are zero in every run.
pub(super) const HEADLINES: [&str; 23] = [
    "pods.created",
    "pods.pendingAtEnd",
    "jobs.completed",
    "jobs.failed",
    "overflow.pods",
    "overflow.share",
    "overflow.early",
    "overflow.full",
    "overflow.excluded",
    "overflow.firstAtSeconds",
    "pending.waitSeconds.p99",
    "ready.waitSeconds.p99",
    "traffic.unservedShare",
    "disruption.evictions",
    "spot.reclaimedNodes",
    "spot.replacedNodes",
    "descheduler.returnedToEcs",
    "descheduler.returnedToVirtual",
    "nodes.peak",
    "nodes.added",
    "nodes.removed",
    "cost.total",
    "cost.perSecondPeak",
];

/// The most seeds that are named for one expectation.
const SEEDS_NAMED: usize = 5;

impl StudyRecord<'_> {
    /// All runs in 30 lines or so.
    pub fn summary(&self) -> String {
        let seeds = self.replications.seeds();
        let mut text = format!(
            "{}: {} with the seeds {seeds}, means ± half-widths of {:.0} % intervals, smallest to largest\n\n",
            title(self.scenario, self.variant),
            counted(self.replications.runs().len(), "run"),
            LEVEL * 100.0,
        );
        for metric in self.replications.metrics().filter(|metric| HEADLINES.contains(&metric.path)) {
            let figure = self.replications.figure(metric.path);
            if figure.sample.max().is_some_and(|max| max > 0.0) {
                let _ = writeln!(text, "  {:<25}{}", metric.path, self.line(metric, &figure));
            }
        }
        if !self.expectations.is_empty() {
            text.push('\n');
            text.push_str(&self.expected());
        }
        text
    }

    /// `21.4 ± 0.6 pods, 19 to 24`, and what is to be known of it.
    fn line(&self, metric: &Metric, figure: &Figure) -> String {
        let sample = &figure.sample;
        let (Some(mean), Some(min), Some(max)) = (sample.mean(), sample.min(), sample.max()) else {
            return "no run has a value".to_owned();
        };
        let half = sample.interval(LEVEL).map(Interval::half_width);
        let scale = Scale::of(metric.unit, mean, half);
        let bound = if figure.censored > 0 { "≥ " } else { "" };
        let spread = half.filter(|_| min < max).map(|half| format!(" ± {}", scale.print(half)));
        let unit = scale.unit(metric.unit, self.replications.runs()[0].summary.currency());
        let unit = if unit.is_empty() { unit } else { format!(" {unit}") };
        let shown = if spread.is_some() { scale.print(mean) } else { scale.print_short(mean) };
        let mut text = format!("{bound}{shown}{}{unit}", spread.unwrap_or_default());
        if min < max {
            let _ = write!(text, ", {} to {}", scale.print_short(min), scale.print_short(max));
        }
        let of = self.replications.runs().len();
        if figure.missing > 0 {
            let _ = write!(text, "; {} of {of} runs have a value", sample.n());
        }
        if figure.censored > 0 {
            let _ = write!(text, "; cut short, and so a lower bound, in {} of {of}", figure.censored);
        }
        text
    }

    /// How many runs meet each expectation, those that some do not meet first.
    fn expected(&self) -> String {
        const SHOWN: usize = 10;
        let runs = self.replications.runs().len();
        let mut judged: Vec<(&str, Vec<u64>)> = self
            .expectations
            .iter()
            .enumerate()
            .map(|(place, one)| (one.text(), self.replications.failed(place)))
            .collect();
        let (met, total) = (judged.iter().filter(|(_, failed)| failed.is_empty()).count(), judged.len());
        judged.sort_by_key(|(_, failed)| failed.is_empty());
        let verb = if met == 1 || total == 1 { "holds" } else { "hold" };
        let mut text = format!("  {met} of {} {verb} in every run\n", counted(total, "expectation"));
        for (expression, failed) in judged.iter().take(SHOWN) {
            let mark = if failed.is_empty() { '✓' } else { '✗' };
            let held = runs - failed.len();
            let _ = writeln!(text, "  {mark} {expression}   (in {held} of {runs}{})", named(failed));
        }
        if total > SHOWN {
            let _ = writeln!(text, "    and {} more, in expectations.json", total - SHOWN);
        }
        text
    }
}

/// The seeds of the runs that fail, as far as there is room.
fn named(failed: &[u64]) -> String {
    if failed.is_empty() {
        return String::new();
    }
    let shown: Vec<String> = failed.iter().take(SEEDS_NAMED).map(u64::to_string).collect();
    let more = match failed.len().saturating_sub(SEEDS_NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!(", not with seed {}{more}", shown.join(", "))
}
