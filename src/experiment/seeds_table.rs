//! `seeds.csv`: every figure of every run, written to be read again.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use super::replications::{Figure, Replication, Replications};
use crate::metric::{Metric, Summary, find, groups};
use crate::report::decimal;

/// The name of the table among the results.
pub(super) const SEEDS_TABLE: &str = "seeds.csv";

/// The figures of one scenario with many seeds, as the table has them: rounded as all printed numbers are, so that what
/// was just measured and what was read from a file can be equal.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    seeds: Vec<u64>,
    figures: BTreeMap<&'static str, Vec<Cell>>,
}

/// One figure of one run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Cell {
    pub(super) number: Option<f64>,
    /// Whether the true figure is larger.
    pub(super) is_bound: bool,
}

/// What a table has of one run.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Row {
    pub(super) seed: u64,
    pub(super) trace_hash: u64,
    /// The metrics that the run has, by path.
    pub(super) cells: BTreeMap<&'static str, Cell>,
}

impl Row {
    /// The figures of a run with this seed.
    pub(super) fn of(seed: u64, trace_hash: u64, summary: &Summary) -> Self {
        let cell = |metric: &Metric| Cell {
            number: summary.get(metric.path).map(|value| as_printed(value.number)),
            is_bound: summary.is_censored(metric.path),
        };
        let metrics = groups().iter().flat_map(|group| group.metrics);
        let cells =
            metrics.filter(|metric| summary.has(metric.path)).map(|metric| (metric.path, cell(metric)));
        Self { seed, trace_hash, cells: cells.collect() }
    }
}

impl Series {
    /// The figures of these runs.
    pub fn of(runs: &Replications) -> Self {
        Self::of_rows(&rows_of(runs))
    }

    /// The same from the rows of a table.
    pub(super) fn of_rows(rows: &[Row]) -> Self {
        let none = Cell { number: None, is_bound: false };
        let cells =
            |path: &str| rows.iter().map(|row| row.cells.get(path).copied().unwrap_or(none)).collect();
        let figures = metrics_of(rows).into_iter().map(|metric| (metric.path, cells(metric.path)));
        Self { seeds: rows.iter().map(|row| row.seed).collect(), figures: figures.collect() }
    }

    /// The seeds, in ascending order.
    pub fn seeds(&self) -> &[u64] {
        &self.seeds
    }

    /// Whether the runs have the metric at `path`, with or without a value.
    pub fn has(&self, path: &str) -> bool {
        self.figures.contains_key(path)
    }

    /// The figure at `path` of all runs.
    pub fn figure(&self, path: &str) -> Figure {
        Figure::of(self.cells(path).map(|cell| (cell.number, cell.is_bound)))
    }

    /// The value at `path` of each run.
    pub(super) fn values(&self, path: &str) -> impl Iterator<Item = Option<f64>> + Clone {
        self.cells(path).map(|cell| cell.number)
    }

    fn cells(&self, path: &str) -> impl Iterator<Item = Cell> + Clone {
        let none = Cell { number: None, is_bound: false };
        let known = self.figures.get(path);
        (0..self.seeds.len()).map(move |place| known.map_or(none, |cells| cells[place]))
    }
}

fn as_printed(number: f64) -> f64 {
    decimal(number).parse().unwrap_or(number)
}

fn rows_of(runs: &Replications) -> Vec<Row> {
    let row = |run: &Replication| Row::of(run.seed, run.finished.trace_hash, &run.summary);
    runs.runs().iter().map(row).collect()
}

/// The metrics that any of the rows has, in the order of the registry.
pub(super) fn metrics_of<'r>(rows: impl IntoIterator<Item = &'r Row>) -> Vec<&'static Metric> {
    let paths: BTreeSet<&str> = rows.into_iter().flat_map(|row| row.cells.keys().copied()).collect();
    groups().iter().flat_map(|group| group.metrics).filter(|metric| paths.contains(metric.path)).collect()
}

/// Writes the runs of one scenario, or of several by name.
pub(super) fn write(sink: &mut dyn Write, cases: &[(Option<&str>, &Replications)]) -> io::Result<()> {
    let heads: Vec<&str> =
        cases.iter().any(|(name, _)| name.is_some()).then_some("variant").into_iter().collect();
    let named = |(name, runs): &(Option<&str>, &Replications)| {
        let name: Vec<String> = name.iter().map(|&name| name.to_owned()).collect();
        rows_of(runs).into_iter().map(move |row| (name.clone(), row)).collect::<Vec<_>>()
    };
    write_rows(sink, &heads, &cases.iter().flat_map(named).collect::<Vec<_>>())
}

/// Writes a row per run, each behind the cells that belong under `heads`, with a column per metric that any of them has;
/// the last column names the metrics whose value is a lower bound.
pub(super) fn write_rows(
    sink: &mut dyn Write,
    heads: &[&str],
    rows: &[(Vec<String>, Row)],
) -> io::Result<()> {
    let metrics = metrics_of(rows.iter().map(|(_, row)| row));
    let mut table = csv::Writer::from_writer(sink);
    let paths = metrics.iter().map(|metric| metric.path);
    let head = ["seed", "trace_hash"].into_iter().chain(paths).chain(["lower_bounds"]);
    table.write_record(heads.iter().copied().chain(head))?;
    for (first, row) in rows {
        let cell = |metric: &&Metric| row.cells.get(metric.path);
        let number =
            |metric: &&Metric| cell(metric).and_then(|cell| cell.number).map(decimal).unwrap_or_default();
        let bounds = metrics.iter().filter(|metric| cell(metric).is_some_and(|cell| cell.is_bound));
        let bounds: Vec<&str> = bounds.map(|metric| metric.path).collect();
        let run = [row.seed.to_string(), format!("{:016x}", row.trace_hash)];
        let run = run.into_iter().chain(metrics.iter().map(number)).chain([bounds.join(" ")]);
        table.write_record(first.iter().cloned().chain(run))?;
    }
    table.flush()
}

/// Reads such a table: the figures of each scenario by its name, which is `None` where there is but one, in the order of
/// the table. Metrics that are not known any more are left out. `None` if it is no such table.
pub(super) fn read(text: &[u8]) -> Option<Vec<(Option<String>, Series)>> {
    let mut table = csv::Reader::from_reader(text);
    let head = table.headers().ok()?.clone();
    let column = |name: &str| head.iter().position(|one| one == name);
    let (names, seeds, bounds) = (column("variant"), column("seed")?, column("lower_bounds")?);
    let metrics: Vec<(usize, &'static Metric)> =
        head.iter().enumerate().filter_map(|(place, path)| Some((place, find(path)?))).collect();
    let mut cases: Vec<(Option<String>, Series)> = Vec::new();
    for row in table.records() {
        let row = row.ok()?;
        let name = names.map(|place| row[place].to_owned());
        if cases.last().is_none_or(|(known, _)| *known != name) {
            cases.push((name, Series::default()));
        }
        let (_, series) = cases.last_mut()?;
        series.seeds.push(row[seeds].parse().ok()?);
        let is_bound = |path: &str| row[bounds].split(' ').any(|one| one == path);
        for (place, metric) in &metrics {
            let number = match &row[*place] {
                "" => None,
                digits => Some(digits.parse::<f64>().ok().filter(|number| number.is_finite())?),
            };
            let cell = Cell { number, is_bound: is_bound(metric.path) };
            series.figures.entry(metric.path).or_default().push(cell);
        }
    }
    Some(cases)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "\
variant,seed,trace_hash,pods.created,overflow.firstAtSeconds,pending.waitSeconds.p99,frogs,lower_bounds
base,1,00,20,,12.5,3,
base,2,01,22,7,600,4,pending.waitSeconds.p99 pending.waitSeconds.max
other,1,02,21,7,12.5,3,
";

    #[test]
    fn a_table_is_read() {
        let cases = read(TABLE.as_bytes()).unwrap();
        let names: Vec<_> = cases.iter().map(|(name, _)| name.as_deref()).collect();
        assert_eq!(names, [Some("base"), Some("other")]);
        let base = &cases[0].1;
        assert_eq!(base.seeds(), [1, 2]);
        assert_eq!(base.figure("pods.created").sample.mean(), Some(21.0));
        let first = base.figure("overflow.firstAtSeconds");
        assert_eq!((first.sample.n(), first.missing), (1, 1));
        assert_eq!(base.figure("pending.waitSeconds.p99").censored, 1);
        assert_eq!(base.values("overflow.firstAtSeconds").collect::<Vec<_>>(), [None, Some(7.0)]);
        assert!(!base.has("frogs") && !base.has("cost.total"));
        assert_eq!(base.figure("cost.total").missing, 2);
    }

    #[test]
    fn what_is_no_such_table_is_not_read() {
        for text in ["", "a,b\n1,2\n", "seed,pods.created,lower_bounds\n1,many,\n", "seed,lower_bounds\nx,\n"]
        {
            assert!(read(text.as_bytes()).is_none_or(|cases| cases.is_empty()), "{text}");
        }
    }
}
