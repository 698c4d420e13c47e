//! The tables: what their columns are, and the files that rows go to as a run hands them on.

mod cells;
mod csv;
#[cfg(feature = "parquet")]
mod parquet;
mod rows;

use std::fmt;
use std::fs::File;
use std::path::PathBuf;

use self::cells::{Row, Rows as _};
use self::csv::CsvTable;
#[cfg(feature = "parquet")]
use self::parquet::ParquetTable;
use self::rows::{PrintedNode, PrintedPod};
use super::directory::{ReportError, Staging};
use super::output::{Format, Output, Outputs};
use crate::cost::Micros;
use crate::metric::{EventRow, NodeRow, PodRow, RowSink, TimelineRow};
use crate::object::Title;

/// The tables of one run, in a directory in the making: rows are written as they come. Those that were not asked for
/// cost nothing.
pub struct Tables {
    timeline: Option<Table>,
    pods: Option<Table>,
    nodes: Option<Table>,
    events: Option<Table>,
}

impl Tables {
    /// Opens the tables that are among `outputs`. To be done before a run, so that no run is in vain.
    pub fn open(staging: &Staging, outputs: &Outputs, format: Format) -> Result<Self, ReportError> {
        if format == Format::Parquet && !cfg!(feature = "parquet") {
            return Err(ReportError::NoParquet);
        }
        let open = |output: Output| {
            let table = || Table::open(staging, output, format);
            outputs.contains(output).then(table).transpose()
        };
        Ok(Self {
            timeline: open(Output::Timeline)?,
            pods: open(Output::Pods)?,
            nodes: open(Output::Nodes)?,
            events: open(Output::Events)?,
        })
    }

    /// Writes the timeline and what is left of the others. The first error of all that were met on the way is told.
    pub(super) fn finish(mut self, timeline: &[TimelineRow]) -> Result<(), ReportError> {
        if let Some(table) = &mut self.timeline {
            for row in timeline {
                table.write(row);
            }
        }
        let tables = [self.timeline, self.pods, self.nodes, self.events];
        tables.into_iter().flatten().try_for_each(Table::finish)
    }
}

impl RowSink for Tables {
    fn takes_events(&self) -> bool {
        self.events.is_some()
    }

    fn takes_pods(&self) -> bool {
        self.pods.is_some()
    }

    fn event(&mut self, row: &EventRow<Title<'_>, fmt::Arguments<'_>>) {
        if let Some(table) = &mut self.events {
            table.write(row);
        }
    }

    fn pod(&mut self, row: &PodRow<&str>, cost: Micros) {
        if let Some(table) = &mut self.pods {
            table.write(&PrintedPod { row, cost });
        }
    }

    fn node(&mut self, row: NodeRow, cost: Micros, idle_cost: Micros) {
        if let Some(table) = &mut self.nodes {
            table.write(&PrintedNode { row: &row, cost, idle_cost });
        }
    }
}

/// A table on its way to a file. After an error it takes no more rows, and tells of it at the end.
struct Table {
    path: PathBuf,
    writer: Writer,
    result: std::io::Result<()>,
}

enum Writer {
    Csv(CsvTable<File>),
    #[cfg(feature = "parquet")]
    Parquet(Box<ParquetTable<File>>),
}

impl Table {
    fn open(staging: &Staging, output: Output, format: Format) -> Result<Self, ReportError> {
        let (path, file) = staging.create(output.file_name(format))?;
        let columns = rows::columns(output);
        let writer = match format {
            Format::Csv => Writer::Csv(CsvTable::new(file, columns)),
            #[cfg(feature = "parquet")]
            Format::Parquet => match ParquetTable::new(file, columns) {
                Ok(table) => Writer::Parquet(Box::new(table)),
                Err(source) => return Err(ReportError::Io { path, source }),
            },
            #[cfg(not(feature = "parquet"))]
            Format::Parquet => unreachable!("refused before any table is opened"),
        };
        Ok(Self { path, writer, result: Ok(()) })
    }

    fn write<R: Row>(&mut self, row: &R) {
        if self.result.is_ok() {
            self.result = match &mut self.writer {
                Writer::Csv(table) => table.write(row),
                #[cfg(feature = "parquet")]
                Writer::Parquet(table) => table.write(row),
            };
        }
    }

    fn finish(self) -> Result<(), ReportError> {
        let finished = self.result.and_then(|()| match self.writer {
            Writer::Csv(table) => table.finish(),
            #[cfg(feature = "parquet")]
            Writer::Parquet(table) => table.finish(),
        });
        finished.map_err(|source| ReportError::Io { path: self.path, source })
    }
}

#[cfg(test)]
mod tests;
