//! Trace files: tables in CSV of which one column holds instants and another what happened then.

use std::sync::Arc;

use csv::{ReaderBuilder, StringRecord};
use k8s_openapi::jiff::tz::TimeZone;
use k8s_openapi::jiff::{Timestamp, civil};
use overspill_manifest::{Code, Diagnostic, Place, Position, Source, code};

use super::file::TimeUnit;

mod cells;

pub(super) use cells::{Cell, CellError, Cells};

const NANOS_PER_SECOND: f64 = 1e9;

/// A first number so large counts milliseconds: as seconds it would be in the year 5138.
const MILLISECONDS_FROM: f64 = 1e11;

/// More mistakes than this are not told: they are the same one over and over.
const MOST_TOLD: usize = 100;

/// The two columns of a trace, row by row.
#[derive(Debug)]
pub(super) struct Table {
    source: Arc<Source>,
    /// Where the column of instants stands, and that of values.
    columns: [usize; 2],
    clock: Clock,
    /// The rows, in order of time; at least one.
    pub(super) rows: Vec<Row>,
}

/// One row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    /// Nanoseconds since the beginning of the trace's own time.
    pub(super) at: i128,
    /// What happened: not negative, and finite.
    pub(super) value: f64,
    line: usize,
}

/// How instants are written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Clock {
    /// With their distance to UTC.
    Zoned,
    /// Without, in UTC.
    Civil,
    /// As numbers of a unit.
    Numbers(TimeUnit),
}

/// The names of a file's columns; none if it is empty.
pub(super) fn columns(source: &Source) -> Vec<String> {
    let mut reader = ReaderBuilder::new().from_reader(content(source).as_bytes());
    let names = reader.headers().map(|header| header.iter().map(|name| name.trim().to_owned()).collect());
    names.unwrap_or_default()
}

/// The text without the mark by which some programs begin UTF-8.
fn content(source: &Source) -> &str {
    source.text.strip_prefix('\u{feff}').unwrap_or(&source.text)
}

impl Table {
    /// Reads the columns of instants and of values, which stand at these places.
    ///
    /// # Errors
    ///
    /// Every cell that cannot be read, and rows that are not in order.
    pub(super) fn read(
        source: &Arc<Source>,
        columns: [usize; 2],
        unit: Option<TimeUnit>,
    ) -> Result<Self, Vec<Diagnostic>> {
        let mut table = Self { source: source.clone(), columns, clock: Clock::Zoned, rows: Vec::new() };
        let mut problems = Vec::new();
        let mut reader = ReaderBuilder::new().flexible(true).from_reader(content(source).as_bytes());
        let mut record = StringRecord::new();
        // What is in memory can be read, and is text.
        while reader.read_record(&mut record).unwrap_or(false) && problems.len() < MOST_TOLD {
            let line = record.position().map_or(0, |position| position.line() as usize);
            match table.row(&record, line, unit) {
                Ok(row) => table.rows.push(row),
                Err(told) => problems.push(*told),
            }
        }
        problems.extend(table.disorder());
        if table.rows.is_empty() && problems.is_empty() {
            let message = "there is no row below the header";
            problems.push(Diagnostic::new(&code::EMPTY, message).at(source.place(None)));
        }
        if problems.is_empty() { Ok(table) } else { Err(problems) }
    }

    fn row(
        &mut self,
        record: &StringRecord,
        line: usize,
        unit: Option<TimeUnit>,
    ) -> Result<Row, Box<Diagnostic>> {
        let [time, value] = self.columns.map(|column| record.get(column).map(str::trim));
        let wrong = |column: usize, message: String, help: &str| {
            let place = self.place(line, column);
            Box::new(Diagnostic::new(&code::WRONG_VALUE, message).at(place).help(help.to_owned()))
        };
        let (Some(time), Some(value)) = (time, value) else {
            let message = format!("the row ends before column {}", record.len() + 1);
            let help = "write as many cells as the header has names, with commas between";
            return Err(wrong(0, message, help));
        };
        // The first row says how instants are written.
        let clock = if self.rows.is_empty() { Clock::of(time, unit) } else { Some(self.clock) };
        let at = clock.and_then(|clock| clock.read(time)).ok_or_else(|| {
            let help = "write RFC 3339, YYYY-MM-DD hh:mm:ss or a number, in every row like in the first";
            wrong(self.columns[0], format!("{time:?} is not an instant"), help)
        })?;
        let number = value.parse::<f64>().ok().filter(|number| (0.0..f64::INFINITY).contains(number));
        let value = number.ok_or_else(|| {
            let help = "write a plain number from 0, or leave the whole row out";
            wrong(self.columns[1], format!("{value:?} is not a number of requests"), help)
        })?;
        self.clock = clock.unwrap_or(self.clock);
        Ok(Row { at, value, line })
    }

    /// What is wrong with the order of the rows.
    fn disorder(&self) -> Option<Diagnostic> {
        let mut early = self.rows.windows(2).filter(|pair| pair[1].at <= pair[0].at).map(|pair| &pair[1]);
        let first = early.next()?;
        let more = match early.count() {
            0 => String::new(),
            more => format!(", and so with {more} more"),
        };
        let message = format!("the row is not later than the one before it{more}");
        let help = "sort the rows by this column, and put rows of the same instant together";
        Some(self.problem(&code::DO_NOT_FIT, first, 0, message).help(help.to_owned()))
    }

    /// Something about the instant (0) or the value (1) of a row.
    pub(super) fn problem(
        &self,
        code: &Code,
        row: &Row,
        column: usize,
        message: impl Into<String>,
    ) -> Diagnostic {
        Diagnostic::new(code, message).at(self.place(row.line, self.columns[column]))
    }

    /// The instant of a row as it is written.
    pub(super) fn instant(&self, row: &Row) -> &str {
        self.line(row.line).split(',').nth(self.columns[0]).unwrap_or_default().trim()
    }

    /// The instant that `text` means, if it is written as the column writes them.
    pub(super) fn read_instant(&self, text: &str) -> Option<i128> {
        let other = match self.clock {
            Clock::Numbers(_) => None,
            _ => Clock::of(text, None).filter(|clock| !matches!(clock, Clock::Numbers(_))),
        };
        self.clock.read(text).or_else(|| other?.read(text))
    }

    fn line(&self, line: usize) -> &str {
        line_of(&self.source, line)
    }

    fn place(&self, line: usize, column: usize) -> Place {
        place_of(&self.source, line, column)
    }
}

fn line_of(source: &Source, line: usize) -> &str {
    content(source).lines().nth(line.saturating_sub(1)).unwrap_or_default()
}

/// The place of a cell; where cells are quoted, that of about the cell.
fn place_of(source: &Arc<Source>, line: usize, column: usize) -> Place {
    let text = line_of(source, line);
    let width = |cell: &str| cell.chars().count();
    let start: usize = text.split(',').take(column).map(|cell| width(cell) + 1).sum();
    let width = text.split(',').nth(column).map_or(1, width).max(1);
    source.place(Some(Position { line, column: start.min(text.chars().count()) + 1, width }))
}

impl Clock {
    /// The way in which `text` is written.
    pub(super) fn of(text: &str, unit: Option<TimeUnit>) -> Option<Self> {
        let number = text.parse::<f64>().ok().filter(|number| number.is_finite()).map(|number| {
            let guess = if number >= MILLISECONDS_FROM { TimeUnit::Ms } else { TimeUnit::S };
            Self::Numbers(unit.unwrap_or(guess))
        });
        number.or_else(|| [Self::Zoned, Self::Civil].into_iter().find(|clock| clock.read(text).is_some()))
    }

    /// The nanoseconds that `text` means.
    pub(super) fn read(self, text: &str) -> Option<i128> {
        match self {
            Self::Zoned => text.parse::<Timestamp>().ok().map(Timestamp::as_nanosecond),
            Self::Civil => {
                let utc = text.parse::<civil::DateTime>().ok()?.to_zoned(TimeZone::UTC).ok()?;
                Some(utc.timestamp().as_nanosecond())
            }
            Self::Numbers(unit) => {
                let nanos = unit.seconds() * NANOS_PER_SECOND;
                if let Ok(whole) = text.parse::<i64>() {
                    return Some(i128::from(whole) * nanos as i128);
                }
                // The whole part apart: together with an epoch the fraction would lose its digits.
                let number = text.parse::<f64>().ok().filter(|number| number.abs() < i64::MAX as f64)?;
                let fraction = (number.fract() * nanos).round() as i128;
                Some(number.trunc() as i128 * nanos as i128 + fraction)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<(f64, f64)>, Vec<String>> {
        let table = Table::read(&Source::new("t.csv", text), [0, 1], None);
        let seconds = |row: &Row| (row.at as f64 / NANOS_PER_SECOND, row.value);
        let told = |problems: Vec<Diagnostic>| {
            let line = |one: &Diagnostic| one.place.as_ref()?.position.map(|at| (at.line, at.column));
            problems.iter().map(|one| format!("{:?} {}", line(one), one.message)).collect()
        };
        table.map(|table| table.rows.iter().map(seconds).collect()).map_err(told)
    }

    #[test]
    fn instants_are_timestamps_or_numbers() {
        let first = 893_971_800.0;
        for (instant, seconds) in [
            ("1998-04-30 21:30:00", first),
            ("1998-04-30T21:30:00", first),
            ("1998-04-30T21:30:00Z", first),
            ("1998-04-30T23:30:00.5+02:00", first + 0.5),
            ("1998-04-30", first - 77_400.0),
            ("893971800", first),
            ("893971800.25", first + 0.25),
            ("893971800000", first),
            ("60", 60.0),
            ("-1.5", -1.5),
        ] {
            assert_eq!(read(&format!("t,n\n{instant},7\n")), Ok(vec![(seconds, 7.0)]), "{instant}");
        }
    }

    #[test]
    fn quotes_blanks_marks_and_line_ends_of_other_systems_are_read() {
        assert_eq!(read("\u{feff}t,n\r\n\"1\", 2\r\n3 ,4.5e1\r\n"), Ok(vec![(1.0, 2.0), (3.0, 45.0)]));
    }

    #[test]
    fn every_bad_cell_is_told_at_its_place() {
        let told = read("t,n\nsoon,1\n60,\n120,-1\n180\n240,NaN\n").unwrap_err();
        assert_eq!(
            told,
            [
                "Some((2, 1)) \"soon\" is not an instant",
                "Some((3, 4)) \"\" is not a number of requests",
                "Some((4, 5)) \"-1\" is not a number of requests",
                "Some((5, 1)) the row ends before column 2",
                "Some((6, 5)) \"NaN\" is not a number of requests",
            ]
        );
        let mixed = read("t,n\n1998-04-30 21:30:00,1\n60,1\n").unwrap_err();
        assert_eq!(mixed, ["Some((3, 1)) \"60\" is not an instant"]);
    }

    #[test]
    fn rows_out_of_order_are_told_once() {
        let told = read("t,n\n60,1\n60,1\n0,1\n").unwrap_err();
        assert_eq!(told, ["Some((3, 1)) the row is not later than the one before it, and so with 1 more"]);
        assert_eq!(read("t,n\n").unwrap_err(), ["None there is no row below the header"]);
        assert_eq!(read("").unwrap_err(), ["None there is no row below the header"]);
    }
}
