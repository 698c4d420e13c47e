//! Parquet: the columns of the CSV with types of their own. What CSV leaves empty is null.
//!
//! Times are DOUBLE, in seconds; whole numbers INT64; money DECIMAL(18, 6), so that sums are exact; texts UTF-8.

use std::fmt;
use std::io::{self, Write};
use std::sync::Arc;

use ::parquet::basic::{Compression, LogicalType, Repetition, Type as Physical};
use ::parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type};
use ::parquet::errors::ParquetError;
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use ::parquet::schema::types::{Type, TypePtr};

use super::cells::{Cells, Column, Kind, Row, Rows};
use crate::cost::Micros;
use crate::object::Title;
use crate::units::SimTime;

/// Rows of a group: as many are kept before they are written.
const GROUP: usize = 1 << 15;

/// A table on its way to `sink`.
pub(super) struct ParquetTable<W: Write + Send> {
    writer: SerializedFileWriter<W>,
    group: Group,
}

impl<W: Write + Send> ParquetTable<W> {
    pub(super) fn new(sink: W, columns: &[Column]) -> io::Result<Self> {
        let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
        let writer = SerializedFileWriter::new(sink, schema(columns)?, Arc::new(properties))?;
        let group =
            Group { columns: columns.iter().map(|(_, kind)| Values::of(*kind)).collect(), next: 0, rows: 0 };
        Ok(Self { writer, group })
    }

    fn write_group(&mut self) -> io::Result<()> {
        let mut group = self.writer.next_row_group()?;
        for values in &mut self.group.columns {
            let mut column = group.next_column()?.expect("there are as many columns as the schema has");
            values.write(&mut column)?;
            column.close()?;
        }
        group.close()?;
        self.group.rows = 0;
        Ok(())
    }
}

impl<W: Write + Send> Rows for ParquetTable<W> {
    fn write(&mut self, row: &impl Row) -> io::Result<()> {
        self.group.next = 0;
        row.fill(&mut self.group);
        self.group.rows += 1;
        if self.group.rows < GROUP { Ok(()) } else { self.write_group() }
    }

    fn finish(mut self) -> io::Result<()> {
        if self.group.rows > 0 {
            self.write_group()?;
        }
        self.writer.close()?;
        Ok(())
    }
}

fn schema(columns: &[Column]) -> Result<TypePtr, ParquetError> {
    let field = |(name, kind): &Column| {
        let (physical, logical) = match kind {
            Kind::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
            Kind::Seconds | Kind::Number => (Physical::DOUBLE, None),
            Kind::Count => (Physical::INT64, None),
            Kind::Money => (Physical::INT64, Some(LogicalType::decimal(6, 18))),
        };
        let repetition = if may_miss(*kind) { Repetition::OPTIONAL } else { Repetition::REQUIRED };
        let field = Type::primitive_type_builder(name, physical)
            .with_repetition(repetition)
            .with_logical_type(logical);
        let field = if *kind == Kind::Money { field.with_precision(18).with_scale(6) } else { field };
        field.build().map(Arc::new)
    };
    let fields = columns.iter().map(field).collect::<Result<_, _>>()?;
    Type::group_type_builder("schema").with_fields(fields).build().map(Arc::new)
}

/// Whether a column of this kind has cells that are missing.
const fn may_miss(kind: Kind) -> bool {
    matches!(kind, Kind::Text | Kind::Seconds | Kind::Number)
}

/// The rows that were not written yet, by column.
struct Group {
    columns: Vec<Values>,
    /// The column of the next cell.
    next: usize,
    rows: usize,
}

/// The cells of one column.
struct Values {
    data: Data,
    /// For each cell, one if it is there and zero if it is missing; nothing for columns in which none ever is.
    levels: Vec<i16>,
    may_miss: bool,
}

enum Data {
    /// All texts, one after the other, and where each ends.
    Texts(Vec<u8>, Vec<usize>),
    Floats(Vec<f64>),
    Wholes(Vec<i64>),
}

impl Values {
    fn of(kind: Kind) -> Self {
        let data = match kind {
            Kind::Text => Data::Texts(Vec::new(), Vec::new()),
            Kind::Seconds | Kind::Number => Data::Floats(Vec::new()),
            Kind::Count | Kind::Money => Data::Wholes(Vec::new()),
        };
        Self { data, levels: Vec::new(), may_miss: may_miss(kind) }
    }

    /// Writes all cells, and has none from then on.
    fn write(&mut self, column: &mut SerializedColumnWriter<'_>) -> io::Result<()> {
        let levels = self.may_miss.then_some(&self.levels[..]);
        match &mut self.data {
            Data::Texts(bytes, ends) => {
                let all = ByteArray::from(std::mem::take(bytes));
                let begins = std::iter::once(0).chain(ends.iter().copied());
                let texts: Vec<_> =
                    begins.zip(&*ends).map(|(begin, end)| all.slice(begin, end - begin)).collect();
                column.typed::<ByteArrayType>().write_batch(&texts, levels, None)?;
                ends.clear();
            }
            Data::Floats(numbers) => {
                column.typed::<DoubleType>().write_batch(numbers, levels, None)?;
                numbers.clear();
            }
            Data::Wholes(numbers) => {
                column.typed::<Int64Type>().write_batch(numbers, levels, None)?;
                numbers.clear();
            }
        }
        self.levels.clear();
        Ok(())
    }
}

impl Group {
    fn next(&mut self) -> &mut Values {
        self.next += 1;
        &mut self.columns[self.next - 1]
    }

    /// A text that `write` puts to the end of the bytes.
    fn put(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        let column = self.next();
        let Data::Texts(bytes, ends) = &mut column.data else { panic!("the column holds no texts") };
        let begin = bytes.len();
        write(bytes);
        let is_there = bytes.len() > begin;
        if is_there {
            ends.push(bytes.len());
        }
        column.levels.push(is_there.into());
    }

    fn float(&mut self, number: Option<f64>) {
        let column = self.next();
        let Data::Floats(numbers) = &mut column.data else { panic!("the column holds no floats") };
        numbers.extend(number);
        column.levels.push(number.is_some().into());
    }

    fn whole(&mut self, number: i64) {
        let Data::Wholes(numbers) = &mut self.next().data else {
            panic!("the column holds no whole numbers")
        };
        numbers.push(number);
    }
}

impl Cells for Group {
    fn text(&mut self, text: &str) {
        self.put(|bytes| bytes.extend_from_slice(text.as_bytes()));
    }

    fn words(&mut self, words: fmt::Arguments<'_>) {
        self.put(|bytes| bytes.write_fmt(words).expect("writing into a buffer cannot fail"));
    }

    fn title(&mut self, title: &Title<'_>) {
        self.words(format_args!("{title}"));
    }

    fn ratio(&mut self, some: u32, all: u32) {
        self.words(format_args!("{some}/{all}"));
    }

    fn seconds(&mut self, time: Option<SimTime>) {
        self.float(time.map(SimTime::as_secs_f64));
    }

    fn count(&mut self, count: i64) {
        self.whole(count);
    }

    fn number(&mut self, number: f64) {
        self.float(Some(number).filter(|number| number.is_finite()));
    }

    fn money(&mut self, amount: Micros) {
        self.whole(i64::try_from(amount.0).expect("a row costs less than nine million millions"));
    }
}
