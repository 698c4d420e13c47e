//! What `run --seeds` prints: the headline figures of all runs, and how many runs meet each expectation.

use std::fmt::Write as _;

use super::coverage::is_approximate;
use super::replications::Figure;
use super::results::{LEVEL, StudyRecord};
use super::scale::Scale;
use super::statistics::Interval;
use crate::metric::Metric;
use crate::report::markdown::{escaped, table};
use crate::report::terminal::mark;
use crate::report::{counted, title};

/// The figures that are shown, unless they are zero in every run.
pub(super) const HEADLINES: [&str; 26] = [
    "pods.created",
    "pods.pendingAtEnd",
    "pods.preempted",
    "pods.reclaimed",
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
    "cost.perMonth",
    "cost.perSecondPeak",
];

/// The most seeds that are named for one expectation.
const SEEDS_NAMED: usize = 5;

impl StudyRecord<'_> {
    /// All runs in 30 lines or so.
    pub fn summary(&self) -> String {
        let mut text = format!("{}, {}\n\n", self.subject(), Self::columns());
        for (path, line) in self.lines() {
            let _ = writeln!(text, "  {path:<25}{line}");
        }
        if !self.expectations.is_empty() {
            text.push('\n');
            text.push_str(&self.expected());
        }
        text
    }

    /// The same as Markdown, with all expectations, for the page on which a CI server sums up a job.
    pub fn markdown(&self) -> String {
        let mut text = format!("### {}\n\n", escaped(&self.subject()));
        let rows = self.lines().map(|(path, line)| [format!("`{path}`"), escaped(&line)]);
        text.push_str(&table(["metric", Self::columns().as_str()], rows));
        if !self.expectations.is_empty() {
            let judged = self.judged();
            let _ = writeln!(text, "\n{}\n", Self::held(&judged));
            let row = |(expression, failed): &(&str, Vec<u64>)| {
                [format!("{} {}", mark(failed.is_empty()), escaped(expression)), self.in_how_many(failed)]
            };
            text.push_str(&table(["expectation", "holds"], judged.iter().map(row)));
        }
        text
    }

    fn subject(&self) -> String {
        let seeds = self.replications.seeds();
        let runs = counted(self.replications.runs().len(), "run");
        format!("{}: {runs} with the seeds {seeds}", title(self.scenario, self.variant))
    }

    /// What is told of each figure.
    fn columns() -> String {
        format!("means ± half-widths of {:.0} % intervals, smallest to largest", LEVEL * 100.0)
    }

    /// The headline figures that are not zero in every run, in words.
    fn lines(&self) -> impl Iterator<Item = (&'static str, String)> {
        let headlines = self.replications.metrics().filter(|metric| HEADLINES.contains(&metric.path));
        headlines.filter_map(|metric| {
            let figure = self.replications.figure(metric.path);
            let is_shown = figure.sample.max().is_some_and(|max| max > 0.0);
            is_shown.then(|| (metric.path, self.line(metric, &figure)))
        })
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
        let is_approximate = spread.is_some() && is_approximate(metric.path, sample.n());
        let unit = scale.unit(metric.unit, self.replications.runs()[0].summary.currency());
        let unit = if unit.is_empty() { unit } else { format!(" {unit}") };
        let shown = if spread.is_some() { scale.print(mean) } else { scale.print_short(mean) };
        let mut text = format!("{bound}{shown}{}{unit}", spread.unwrap_or_default());
        if is_approximate {
            text.push_str(" (approximate)");
        }
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

    /// The expectations with the seeds that fail each, those that some fail first.
    fn judged(&self) -> Vec<(&str, Vec<u64>)> {
        let expectations = self.expectations.iter().enumerate();
        let mut judged: Vec<(&str, Vec<u64>)> =
            expectations.map(|(place, one)| (one.text(), self.replications.failed(place))).collect();
        judged.sort_by_key(|(_, failed)| failed.is_empty());
        judged
    }

    /// How many expectations hold in every run.
    fn held(judged: &[(&str, Vec<u64>)]) -> String {
        let (met, total) = (judged.iter().filter(|(_, failed)| failed.is_empty()).count(), judged.len());
        let verb = if met == 1 || total == 1 { "holds" } else { "hold" };
        format!("{met} of {} {verb} in every run", counted(total, "expectation"))
    }

    /// `in 28 of 30, not with seed 3, 8`.
    fn in_how_many(&self, failed: &[u64]) -> String {
        let runs = self.replications.runs().len();
        format!("in {} of {runs}{}", runs - failed.len(), named(failed))
    }

    /// How many runs meet each expectation.
    fn expected(&self) -> String {
        const SHOWN: usize = 10;
        let judged = self.judged();
        let mut text = format!("  {}\n", Self::held(&judged));
        for (expression, failed) in judged.iter().take(SHOWN) {
            let _ =
                writeln!(text, "  {} {expression}   ({})", mark(failed.is_empty()), self.in_how_many(failed));
        }
        if judged.len() > SHOWN {
            let _ = writeln!(text, "    and {} more, in expectations.json", judged.len() - SHOWN);
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
