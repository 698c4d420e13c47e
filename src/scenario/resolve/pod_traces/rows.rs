//! The rows of a trace of pods, as they are written.

use std::sync::Arc;

use indexmap::IndexSet;
use overspill_manifest::{Diagnostic, Source};
use rustc_hash::{FxBuildHasher, FxHashSet};

use super::classes::amount;
use crate::object::names::wrong_label_value;
use crate::scenario::file::{self, TimeUnit};
use crate::scenario::trace_file::{Cell, CellError, Cells, Clock};
use crate::units::Span;

/// What stands between the parts of a class.
const SEPARATOR: char = '\u{1f}';
/// The most characters of a pod's name (a DNS subdomain).
const LONGEST_NAME: usize = 253;

/// Where the columns stand that are used.
pub(super) struct Columns<'g> {
    pub(super) create: Option<usize>,
    /// Instants of deletion, or lifetimes.
    pub(super) end: Option<usize>,
    pub(super) cpu: Option<usize>,
    pub(super) memory: Option<usize>,
    pub(super) gpu: Option<usize>,
    pub(super) app: Option<usize>,
    pub(super) name: Option<usize>,
    /// The texts that rows have which are used.
    pub(super) filter: Vec<(usize, &'g Vec<String>)>,
}

/// One row. Instants and lengths of time are in nanoseconds of the trace's own time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    created: i64,
    /// When it is deleted, or its lifetime.
    end: i64,
    pub(super) class: u32,
    /// Where its name begins and ends.
    pub(super) name: [u32; 2],
}

/// Stands for an instant or a length of time that is not given: a row is kept as short as it can be.
const NONE: i64 = i64::MIN;

impl Row {
    pub(super) fn created(&self) -> Option<i64> {
        Some(self.created).filter(|at| *at != NONE)
    }

    pub(super) fn end(&self) -> Option<i64> {
        Some(self.end).filter(|at| *at != NONE)
    }
}

/// The rows of a trace that are used, in the file's order.
pub(super) struct Rows {
    pub(super) all: Vec<Row>,
    pub(super) names: String,
    /// What pods belong to and request, each combination once.
    pub(super) classes: Classes,
    /// How instants are written, if there are any.
    pub(super) clock: Option<Clock>,
    /// The earliest instant.
    pub(super) earliest: i64,
}

/// What pods belong to and request as it is written, each combination once.
#[derive(Debug, Default)]
pub(super) struct Classes(IndexSet<Box<str>, FxBuildHasher>);

/// One of these combinations.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Class<'c> {
    pub(super) app: &'c str,
    pub(super) cpu: &'c str,
    pub(super) memory: &'c str,
    pub(super) gpu: &'c str,
}

impl Classes {
    pub(super) fn iter(&self) -> impl Iterator<Item = Class<'_>> {
        self.0.iter().map(|text| {
            let mut parts = text.split(SEPARATOR);
            let mut next = || parts.next().unwrap_or_default();
            Class { app: next(), cpu: next(), memory: next(), gpu: next() }
        })
    }

    /// What the pods of each belong to.
    pub(super) fn apps(&self) -> Arc<[Box<str>]> {
        self.iter().map(|class| class.app.into()).collect()
    }
}

impl Rows {
    /// Reads the rows that are used.
    ///
    /// # Errors
    ///
    /// Every cell that cannot be read.
    pub(super) fn read(
        source: &Arc<Source>,
        columns: &Columns<'_>,
        given: &file::PodTrace,
    ) -> Result<Self, Vec<Diagnostic>> {
        let mut reading = Reading {
            columns,
            given,
            rows: Vec::new(),
            names: String::new(),
            classes: Classes::default(),
            clock: None,
            key: String::new(),
        };
        let problems = Cells::of(source).each(|cell| reading.row(cell));
        if !problems.is_empty() {
            return Err(problems);
        }
        let Reading { rows, names, classes, clock, .. } = reading;
        let instants = |row: &Row| [row.created(), row.end().filter(|_| given.lifetime.is_none())];
        let earliest = rows.iter().flat_map(instants).flatten().min().unwrap_or(0);
        let mut read = Self { all: rows, names, classes, clock, earliest };
        read.tell_names_apart();
        Ok(read)
    }

    /// The name of a row; empty where the trace gives none.
    pub(super) fn name(&self, row: &Row) -> &str {
        &self.names[row.name[0] as usize..row.name[1] as usize]
    }

    /// A name that came before gets the number of its row.
    fn tell_names_apart(&mut self) {
        let mut seen: FxHashSet<&str> = FxHashSet::default();
        let is_again = |(_, row): &(usize, &Row)| row.name[0] < row.name[1] && !seen.insert(self.name(row));
        let again: Vec<usize> =
            self.all.iter().enumerate().filter(is_again).map(|(place, _)| place).collect();
        for place in again {
            let number = format!("-{}", place + 1);
            let name = self.name(&self.all[place]);
            let kept = name[..name.len().min(LONGEST_NAME - number.len())].to_owned();
            let begin = self.names.len() as u32;
            self.names.push_str(&kept);
            self.names.push_str(&number);
            self.all[place].name = [begin, self.names.len() as u32];
        }
    }
}

/// Rows that are being read.
struct Reading<'r> {
    columns: &'r Columns<'r>,
    given: &'r file::PodTrace,
    rows: Vec<Row>,
    names: String,
    classes: Classes,
    clock: Option<Clock>,
    /// The class of the row at hand.
    key: String,
}

impl Reading<'_> {
    fn row(&mut self, cell: &Cell<'_>) -> Result<(), CellError> {
        let is_used =
            |(column, texts): &(usize, &Vec<String>)| texts.iter().any(|text| text == cell.text(*column));
        if !self.columns.filter.iter().all(is_used) {
            return Ok(());
        }
        let created = self.columns.create.map_or(Ok(None), |column| self.instant(cell, column))?;
        let end = match self.columns.end {
            None => None,
            Some(column) if self.given.lifetime.is_some() => self.lifetime(cell, column)?,
            Some(column) => self.instant(cell, column)?,
        };
        if let (Some(created), Some(end), Some(column)) = (created, end, self.columns.end)
            && self.given.lifetime.is_none()
            && end < created
        {
            let message = "the pod is deleted before it is created".to_owned();
            return Err(cell.wrong(column, message, "mend one of the two instants, or leave the row out"));
        }
        let class = self.class(cell)?;
        let name = self.name(cell);
        let [created, end] = [created, end].map(|at| at.unwrap_or(NONE));
        self.rows.push(Row { created, end, class, name });
        Ok(())
    }

    fn instant(&mut self, cell: &Cell<'_>, column: usize) -> Result<Option<i64>, CellError> {
        let text = cell.text(column);
        if text.is_empty() {
            return Ok(None);
        }
        // The first that is there says how instants are written.
        let clock = self.clock.or_else(|| Clock::of(text, self.given.time_unit));
        let read = |text: &str| clock?.read(text).and_then(|at| i64::try_from(at).ok());
        let help =
            "write RFC 3339, YYYY-MM-DD hh:mm:ss or a number, in every row alike, or leave the cell empty";
        let at = cell.read(column, read, "an instant", help)?;
        self.clock = clock;
        Ok(Some(at))
    }

    fn lifetime(&self, cell: &Cell<'_>, column: usize) -> Result<Option<i64>, CellError> {
        if cell.text(column).is_empty() {
            return Ok(None);
        }
        let unit = self.given.time_unit.unwrap_or(TimeUnit::S).seconds();
        let read = |text: &str| {
            let number = text.parse::<f64>().ok().filter(|number| (0.0..1e9).contains(number));
            let span = number.map(|number| Span::from_secs_f64(number * unit)).or_else(|| text.parse().ok());
            span.and_then(|span| i64::try_from(span.0).ok())
        };
        let help = "write a number or a duration such as 90s, or leave the cell empty";
        cell.read(column, read, "a length of time", help).map(Some)
    }

    /// The class of a row; a new one is read as far as it can be wrong.
    fn class(&mut self, cell: &Cell<'_>) -> Result<u32, CellError> {
        let columns = self.columns;
        self.key.clear();
        for column in [columns.app, columns.cpu, columns.memory, columns.gpu] {
            self.key.push_str(column.map_or("", |column| cell.text(column)));
            self.key.push(SEPARATOR);
        }
        if let Some(known) = self.classes.0.get_index_of(self.key.as_str()) {
            return Ok(known as u32);
        }
        for (column, what, help) in [
            (columns.cpu, "an amount of cpu", "write a number or a quantity such as 500m"),
            (columns.memory, "an amount of memory", "write a number or a quantity such as 4Gi"),
            (columns.gpu, "a number of devices", "write a whole number"),
        ] {
            let Some(column) = column.filter(|&column| !cell.text(column).is_empty()) else { continue };
            cell.read(column, |text| amount(text, ""), what, help)?;
        }
        if let Some(column) = columns.app.filter(|&column| !cell.text(column).is_empty())
            && let Some(wrong) = wrong_label_value(cell.text(column))
        {
            return Err(cell.wrong(column, wrong, "rename it in the file, or leave out `app`"));
        }
        Ok(self.classes.0.insert_full(self.key.as_str().into()).0 as u32)
    }

    /// The name of a row, as Kubernetes can take it.
    fn name(&mut self, cell: &Cell<'_>) -> [u32; 2] {
        let text = self.columns.name.map_or("", |column| cell.text(column));
        let begin = self.names.len();
        push_name(&mut self.names, text);
        [begin as u32, self.names.len() as u32]
    }
}

/// Adds what of `text` can be the name of a pod: in lower case, with `-` for whatever a name may not hold.
pub(super) fn push_name(names: &mut String, text: &str) {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let text = text.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    let begin = names.len();
    for c in text.chars().take(LONGEST_NAME).map(|c| c.to_ascii_lowercase()) {
        names.push(if plain(c) { c } else { '-' });
    }
    while names.len() > begin && names.ends_with('-') {
        names.pop();
    }
}
