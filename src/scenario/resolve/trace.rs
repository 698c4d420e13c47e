//! Traces: which part of a file is used, and what its rows mean as rates.

use overspill_manifest::{JsonPath, code, did_you_mean};

use super::Resolver;
use crate::scenario::file;
use crate::scenario::notation::TraceTime;
use crate::scenario::trace_file::{self, Row, Table};
use crate::traffic::{Rate, Shape, Trace};
use crate::units::{SimTime, Span};

/// The unit of a table's instants.
const NANOS_PER_SECOND: f64 = 1e9;

/// What the values of a table are.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Values {
    /// Requests of an interval.
    Counts,
    /// Requests per so many seconds.
    Rates(f64),
}

/// A rate from an instant on, in nanoseconds of the trace's own time.
type Level = (i128, Rate);

/// A stretch of time without rows.
struct Gap {
    /// When it begins.
    from: i128,
    /// The row that ends it, as an index.
    row: usize,
}

impl Resolver<'_> {
    /// The trace at `path`; `None` if it makes no sense, and then that is told.
    pub(super) fn trace(&mut self, path: &JsonPath, given: &file::Trace) -> Option<Shape> {
        // A file that cannot be read was told already.
        let source = self.loaded.traces.get(&given.file)?;
        let (column, values) = self.values(path, given)?;
        let known = trace_file::columns(source);
        let time = self.column(&path.key("time"), &given.time, &known);
        let value = self.column(&path.key(column.0), column.1, &known);
        let scale = self.trace_scale(path, given.scale);
        let table = match Table::read(source, [time?, value?], given.time_unit) {
            Ok(table) => table,
            Err(problems) => {
                self.diagnostics.extend(problems);
                return None;
            }
        };
        let every = self.usual_distance(path, given, &table)?;
        let (levels, gaps) = levels(&table.rows, values, every);
        let scale = scale?;
        let levels: Vec<Level> = levels.into_iter().map(|(at, rate)| (at, Rate(rate * scale))).collect();
        if self.is_too_high(&table, &levels) {
            return None;
        }
        let window = self.window(path, given, &table, every)?;
        self.tell_gaps(&table, values, &gaps, window);
        let start = SimTime(given.start.map_or(Span::ZERO, |start| start.0).0);
        let length = Span(nanos(window.1 - window.0));
        let trace = Trace::new(within(&levels, window), length, start, given.repeat);
        self.tell_end(path, &trace);
        Some(Shape::Trace(trace))
    }

    /// The column with the values, and what they are.
    fn values<'t>(
        &mut self,
        path: &JsonPath,
        given: &'t file::Trace,
    ) -> Option<((&'static str, &'t str), Values)> {
        match (&given.count, &given.rate) {
            (Some(column), None) if given.per.is_none() => Some((("count", column.as_str()), Values::Counts)),
            (Some(_), None) => {
                let message = "belongs to `rate`: a count is of the time from its row to the next";
                self.say(&code::DO_NOT_FIT, &path.key("per"), message);
                None
            }
            (None, Some(column)) => {
                let per = given.per.map_or(1.0, file::TimeUnit::seconds);
                Some((("rate", column.as_str()), Values::Rates(per)))
            }
            (Some(_), Some(_)) => {
                let message = "a trace has either counts or rates: leave out `count` or `rate`";
                self.say(&code::DO_NOT_FIT, &path.key("rate"), message);
                None
            }
            (None, None) => {
                let help =
                    "name the column with `count` (requests from row to row) or `rate` (requests per second)";
                let message = "nothing says which column holds the requests";
                self.say_with_help(&code::MISSING_FIELD, path, message, Some(help.to_owned()));
                None
            }
        }
    }

    /// Where the column `name` stands, which is named at `path`.
    fn column(&mut self, path: &JsonPath, name: &str, known: &[String]) -> Option<usize> {
        let place = known.iter().position(|one| one == name);
        if place.is_none() {
            let names = || known.iter().map(String::as_str);
            let help = did_you_mean(name, "columns", names());
            let message = format!("the file has no column `{name}` in its first line");
            self.say_with_help(&code::UNKNOWN_NAME, path, message, help);
        }
        place
    }

    fn trace_scale(&mut self, path: &JsonPath, given: Option<f64>) -> Option<f64> {
        let scale = given.unwrap_or(1.0);
        if (0.0..f64::INFINITY).contains(&scale) {
            return Some(scale);
        }
        self.say(&code::DO_NOT_FIT, &path.key("scale"), "must be a number from 0");
        None
    }

    /// How far apart rows are, unless some are missing.
    fn usual_distance(&mut self, path: &JsonPath, given: &file::Trace, table: &Table) -> Option<i128> {
        if let Some(every) = given.every {
            if every.0 == Span::ZERO {
                self.say(&code::DO_NOT_FIT, &path.key("every"), "must be longer than 0s");
                return None;
            }
            return Some(i128::from(every.0.0));
        }
        let mut distances: Vec<i128> = table.rows.windows(2).map(|pair| pair[1].at - pair[0].at).collect();
        if distances.is_empty() {
            let message = "one row alone does not say how long it holds";
            let problem = table.problem(&code::DO_NOT_FIT, &table.rows[0], 0, message);
            self.diagnostics.push(problem.help("say it with `every`".to_owned()));
            return None;
        }
        let middle = distances.len() / 2;
        Some(*distances.select_nth_unstable(middle).1)
    }

    /// Whether a rate is higher than any may be, which is told.
    fn is_too_high(&mut self, table: &Table, levels: &[Level]) -> bool {
        let Some((at, rate)) = levels.iter().find(|(_, rate)| *rate > Rate::HIGHEST) else { return false };
        let row = table.rows.iter().rfind(|row| row.at <= *at).unwrap_or(&table.rows[0]);
        let message = format!("this comes to {rate}, and no rate is above {}", Rate::HIGHEST);
        self.diagnostics.push(table.problem(&code::DO_NOT_FIT, row, 1, message));
        true
    }

    /// The part of the trace that is used, as its beginning and its end.
    fn window(
        &mut self,
        path: &JsonPath,
        given: &file::Trace,
        table: &Table,
        every: i128,
    ) -> Option<(i128, i128)> {
        let (first, last) = (&table.rows[0], &table.rows[table.rows.len() - 1]);
        let (begin, end) = (first.at, last.at + every);
        let from = self.instant(&path.key("from"), given.from.as_ref(), table, begin)?;
        let to = self.instant(&path.key("to"), given.to.as_ref(), table, end)?;
        let wrong = if from >= to {
            Some(("to", "is not later than where the part begins".to_owned()))
        } else {
            let outside = if from < begin {
                Some("from")
            } else if to > end {
                Some("to")
            } else {
                None
            };
            let message = "lies outside the trace: its rows are from";
            outside.map(|key| (key, format!("{message} {} to {}", table.instant(first), table.instant(last))))
        };
        let Some((key, message)) = wrong else { return Some((from, to)) };
        let key = if given.to.is_none() { "from" } else { key };
        self.say(&code::DO_NOT_FIT, &path.key(key), message);
        None
    }

    /// The instant that is given at `path`, or `default`.
    fn instant(
        &mut self,
        path: &JsonPath,
        given: Option<&TraceTime>,
        table: &Table,
        default: i128,
    ) -> Option<i128> {
        let Some(TraceTime(text)) = given else { return Some(default) };
        let after_first = |span: Span| table.rows[0].at + i128::from(span.0);
        let read = table.read_instant(text).or_else(|| text.parse().ok().map(after_first));
        if read.is_none() {
            let example = table.instant(&table.rows[0]);
            let message = format!("{text:?} is not an instant of the trace");
            let help = format!(
                "write it like those of the time column, {example} for one, or as a duration after the first row, \
                 such as 12h"
            );
            self.say_with_help(&code::DO_NOT_FIT, path, message, Some(help));
        }
        read
    }

    /// Warns of gaps in the part of the trace that is used.
    fn tell_gaps(&mut self, table: &Table, values: Values, gaps: &[Gap], window: (i128, i128)) {
        let inside = |gap: &&Gap| gap.from < window.1 && table.rows[gap.row].at > window.0;
        let inside: Vec<&Gap> = gaps.iter().filter(inside).collect();
        let Some(first) = inside.first() else { return };
        let total: u64 = inside.iter().map(|gap| nanos(table.rows[gap.row].at - gap.from)).sum();
        let (count, total) = (inside.len(), Span(total).rounded());
        let message = match count {
            1 => format!("rows are missing before this one, for {total}"),
            _ => format!("rows are missing in {count} places, here first, for {total} in all"),
        };
        let help = match values {
            Values::Counts => "nothing arrives meanwhile: fill in rows if requests were only not counted",
            Values::Rates(_) => "the rate before holds on: fill in rows if it was another",
        };
        let problem = table.problem(&code::TRACE_IS_SILENT, &table.rows[first.row], 0, message);
        self.diagnostics.push(problem.help(help.to_owned()));
    }

    /// Warns of a trace that ends before the run does.
    fn tell_end(&mut self, path: &JsonPath, trace: &Trace) {
        let horizon = SimTime(self.spec().horizon.0.0);
        if let Some(end) = trace.end().filter(|end| *end < horizon) {
            let message = format!("the trace ends at {}, and nothing arrives afterwards", end.rounded());
            let help = "let it begin again with `repeat: true`, or shorten `horizon`";
            self.say_with_help(&code::TRACE_IS_SILENT, path, message, Some(help.to_owned()));
        }
    }
}

/// What rows mean as rates, and where rows are missing.
fn levels(rows: &[Row], values: Values, every: i128) -> (Vec<(i128, f64)>, Vec<Gap>) {
    let (mut levels, mut gaps) = (Vec::with_capacity(rows.len()), Vec::new());
    for (index, row) in rows.iter().enumerate() {
        let next = rows.get(index + 1).map(|next| next.at);
        let distance = next.map_or(every, |next| next - row.at);
        let is_gap = next.is_some() && distance >= 2 * every;
        let length = if is_gap { every } else { distance };
        if is_gap {
            gaps.push(Gap { from: row.at + every, row: index + 1 });
        }
        match values {
            Values::Rates(per) => levels.push((row.at, row.value / per)),
            Values::Counts => {
                levels.push((row.at, row.value / (length as f64 / NANOS_PER_SECOND)));
                levels.extend(is_gap.then_some((row.at + every, 0.0)));
            }
        }
    }
    (levels, gaps)
}

/// The levels of a part of a trace, from its beginning on.
fn within(levels: &[Level], (from, to): (i128, i128)) -> impl Iterator<Item = (SimTime, Rate)> {
    let first = levels.partition_point(|(at, _)| *at <= from).saturating_sub(1);
    let inside = levels[first..].iter().take_while(move |(at, _)| *at < to);
    inside.map(move |(at, rate)| (SimTime(nanos(at - from)), *rate))
}

/// As many nanoseconds as a run can count; none if there are fewer than none.
fn nanos(span: i128) -> u64 {
    u64::try_from(span.max(0)).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::traffic::Law;

    /// Rates in requests per second of rows with an instant in seconds and a value.
    fn rates(rows: &[(i128, f64)], values: Values) -> (Vec<(i128, f64)>, usize) {
        const SECOND: i128 = 1_000_000_000;
        let lines: Vec<String> = rows.iter().map(|(at, value)| format!("{at},{value}")).collect();
        let source = overspill_manifest::Source::new("t.csv", format!("t,n\n{}\n", lines.join("\n")));
        let table = Table::read(&source, [0, 1], None).unwrap();
        let (levels, gaps) = levels(&table.rows, values, 60 * SECOND);
        (levels.into_iter().map(|(at, rate)| (at / SECOND, rate)).collect(), gaps.len())
    }

    /// rule: trace-count
    #[test]
    fn a_count_arrives_within_its_interval_and_nothing_in_a_gap() {
        let rows = [(0, 120.0), (60, 90.0), (150, 60.0), (300, 30.0)];
        let (levels, gaps) = rates(&rows, Values::Counts);
        assert_eq!(levels, [(0, 2.0), (60, 1.0), (150, 1.0), (210, 0.0), (300, 0.5)]);
        assert_eq!(gaps, 1, "a row that comes half an interval late leaves no gap");
    }

    /// rule: trace-rate
    #[test]
    fn a_rate_holds_until_the_next_row() {
        let rows = [(0, 120.0), (60, 90.0), (300, 30.0)];
        let (levels, gaps) = rates(&rows, Values::Rates(60.0));
        assert_eq!((levels, gaps), (vec![(0, 2.0), (60, 1.5), (300, 0.5)], 1));
    }

    #[test]
    fn a_part_begins_and_ends_within_rows() {
        let levels =
            [(0, Rate(1.0)), (10, Rate(2.0)), (20, Rate(3.0))].map(|(at, rate)| (at * 1_000_000_000, rate));
        let window = (5_000_000_000, 15_000_000_000);
        let trace = Trace::new(within(&levels, window), Span::from_secs(10), SimTime::from_secs(100), false);
        assert_eq!(trace.requests().to_string(), "15");
        assert_eq!(trace.rate_at(SimTime::from_secs(104)), Rate(1.0));
        assert_eq!(trace.rate_at(SimTime::from_secs(106)), Rate(2.0));
        assert_eq!(trace.rate_at(SimTime::from_secs(110)), Rate::ZERO);
    }
}
