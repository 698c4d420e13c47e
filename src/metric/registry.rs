//! The registry: every figure of the summary, in the order in which it is printed.

use std::fmt::Write as _;

use super::observer::Measured;
use super::unit::Unit;
use super::waits::Waits;
use super::{
    cost, descheduler, disruption, failures, jobs, nodes, overflow, pending, pods, ready, scheduler, spot,
    starting, traffic,
};

/// Which direction of a figure is good news.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    /// Less is better.
    Lower,
    /// More is better.
    Higher,
    /// It describes the run and judges nothing.
    Neither,
}

impl Better {
    /// The direction in a word; empty if there is none.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Lower => "lower",
            Self::Higher => "higher",
            Self::Neither => "",
        }
    }
}

/// One figure of the summary.
pub struct Metric {
    /// Its address in `summary.json` and in expressions, such as `pending.waitSeconds.p99`.
    pub path: &'static str,
    /// What it is counted in.
    pub unit: Unit,
    /// Which direction is good news.
    pub better: Better,
    /// What it means, in one sentence.
    pub definition: &'static str,
    source: Source,
}

/// What a figure is read from.
enum Source {
    /// Anything; `None` if the run has no such value.
    Figure(fn(&Measured) -> Option<f64>),
    /// A percentile of waits.
    Percentile(usize, fn(&Measured) -> &Waits),
    /// The number of waits that were cut short.
    CutShort(fn(&Measured) -> &Waits),
}

impl Metric {
    /// Declares a figure.
    pub(super) const fn new(
        path: &'static str,
        unit: Unit,
        better: Better,
        definition: &'static str,
        read: fn(&Measured) -> Option<f64>,
    ) -> Self {
        Self { path, unit, better, definition, source: Source::Figure(read) }
    }

    /// Declares a percentile of waits, in seconds.
    pub(super) const fn of_waits(
        path: &'static str,
        definition: &'static str,
        percent: usize,
        waits: fn(&Measured) -> &Waits,
    ) -> Self {
        let source = Source::Percentile(percent, waits);
        Self { path, unit: Unit::Seconds, better: Better::Lower, definition, source }
    }

    /// Declares the number of waits that were cut short.
    pub(super) const fn of_cut_waits(
        path: &'static str,
        definition: &'static str,
        waits: fn(&Measured) -> &Waits,
    ) -> Self {
        let source = Source::CutShort(waits);
        Self { path, unit: Unit::Count, better: Better::Lower, definition, source }
    }

    /// Its value in a finished run; `None` if the run has none.
    pub(super) fn read(&self, run: &Measured) -> Option<f64> {
        match self.source {
            Source::Figure(read) => read(run),
            Source::Percentile(percent, waits) => waits(run).percentile(percent),
            Source::CutShort(waits) => Some(waits(run).censored() as f64),
        }
    }

    /// Whether its value is the length of a wait that was cut short.
    pub(super) fn is_unmet(&self, run: &Measured) -> bool {
        match self.source {
            Source::Percentile(percent, waits) => waits(run).is_unmet(percent),
            Source::Figure(_) | Source::CutShort(_) => false,
        }
    }
}

/// Figures about one thing: one object of `summary.json`.
pub struct Group {
    /// The first part of the paths of its metrics.
    pub name: &'static str,
    /// What the group is about, in whole sentences.
    pub about: &'static str,
    /// Its metrics, in the order in which they are printed.
    pub metrics: &'static [Metric],
}

static GROUPS: [&Group; 14] = [
    &pods::GROUP,
    &jobs::GROUP,
    &disruption::GROUP,
    &descheduler::GROUP,
    &overflow::GROUP,
    &pending::GROUP,
    &starting::GROUP,
    &ready::GROUP,
    &traffic::GROUP,
    &failures::GROUP,
    &nodes::GROUP,
    &cost::GROUP,
    &spot::GROUP,
    &scheduler::GROUP,
];

/// All groups of metrics, in the order in which they are printed.
pub fn groups() -> &'static [&'static Group] {
    &GROUPS
}

/// All metrics that a run has, in that order.
pub(super) fn metrics_of(run: &Measured) -> impl Iterator<Item = &'static Metric> {
    let absent = [
        (!run.jobs.any()).then_some(jobs::GROUP.name),
        (!run.failures.any()).then_some(failures::GROUP.name),
        (!run.disruption.any()).then_some(disruption::GROUP.name),
        (!run.spot.any()).then_some(spot::GROUP.name),
        (!run.descheduler.any()).then_some(descheduler::GROUP.name),
        (!run.nodes.any).then_some(nodes::GROUP.name),
    ];
    let has_latency = run.traffic.has_latency();
    let is_given = move |group: &&&Group| !absent.contains(&Some(group.name));
    let is_representative = run.is_representative;
    let is_measured = move |metric: &&Metric| {
        (has_latency || !traffic::is_of_latency(metric.path))
            && (is_representative || metric.path != cost::PER_MONTH)
    };
    GROUPS.iter().filter(is_given).flat_map(|group| group.metrics).filter(is_measured)
}

/// All metrics in that order.
pub(super) fn metrics() -> impl Iterator<Item = &'static Metric> {
    GROUPS.iter().flat_map(|group| group.metrics)
}

/// The metric at `path`.
pub fn find(path: &str) -> Option<&'static Metric> {
    metrics().find(|metric| metric.path == path)
}

/// The most paths that are offered for one that is not known.
const OFFERED: usize = 3;

/// The paths that somebody may have meant who wrote `path`, best first, at most three: those that it abbreviates, or
/// else those that are spelt like it.
pub fn nearest(path: &str) -> Vec<&'static str> {
    let paths = || metrics().map(|metric| metric.path);
    let meant: Vec<_> = paths().filter(|whole| abbreviates(path, whole)).take(OFFERED).collect();
    if meant.is_empty() { overspill_manifest::nearest(path, paths()) } else { meant }
}

/// Whether `path` is `whole` without some of its parts, such as its middle or its group.
fn abbreviates(path: &str, whole: &str) -> bool {
    let mut rest = whole.split('.');
    path.split('.').all(|part| rest.any(|other| other.eq_ignore_ascii_case(part)))
}

/// docs/metrics.md: every metric with its unit, its better direction and its definition.
pub fn metrics_markdown() -> String {
    let mut text = String::from(HEAD);
    for group in groups() {
        let _ = write!(text, "\n## {}\n\n{}\n\n", group.name, group.about);
        text.push_str("| metric | unit | better | definition |\n|---|---|---|---|\n");
        for metric in group.metrics {
            let better = metric.better.word();
            let (path, unit) = (metric.path, metric.unit.name());
            let _ = writeln!(text, "| `{path}` | {unit} | {better} | {} |", metric.definition);
        }
    }
    text
}

const HEAD: &str = "<!-- Generated from src/metric; do not edit. -->\n
# Metrics

The figures of `summary.json`, by the names that `expect`, `--fail-if` and `--subject-to` use.

Pods that were bound before the run and pods of DaemonSets count in none of the figures about pods; what they request
and what they cost counts. Figures that a run does not have (the first overflow of a run without overflow) are `null`;
a comparison with them does not hold. Times are in seconds since the start of the run. Integrals over time are exact: they
are added up in whole nanoseconds. Money is exact, and printed to a millionth of the currency.
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_is_addressed_by_its_group_once_and_explained() {
        let mut seen = std::collections::BTreeSet::new();
        for group in groups() {
            for metric in group.metrics {
                assert!(metric.path.starts_with(&format!("{}.", group.name)), "{}", metric.path);
                assert!(seen.insert(metric.path), "{} is declared twice", metric.path);
                assert!(
                    metric.definition.ends_with('.') && !metric.definition.contains('|'),
                    "{}",
                    metric.path
                );
            }
        }
        for path in &seen {
            let within = format!("{path}.");
            assert!(
                !seen.iter().any(|other| other.starts_with(&within)),
                "{path} is both a figure and a group"
            );
        }
    }

    #[test]
    fn misspelled_paths_are_recognised() {
        for (written, meant) in [
            ("pending.waitSecond.p99", "pending.waitSeconds.p99"),
            ("pending.p99", "pending.waitSeconds.p99"),
            ("unservedShare", "traffic.unservedShare"),
            ("cost.totel", "cost.total"),
            ("Overflow.Early", "overflow.early"),
        ] {
            assert_eq!(nearest(written).first(), Some(&meant), "{written}");
        }
        assert!(nearest("latency").is_empty());
    }

    #[test]
    fn the_page_names_every_metric() {
        let page = metrics_markdown();
        for metric in metrics() {
            assert!(
                page.contains(&format!("| `{}` | {} |", metric.path, metric.unit.name())),
                "{}",
                metric.path
            );
        }
    }
}
