//! CSV with a header line, times in seconds, an empty field for what is missing. Fields are quoted where they must be.

use std::fmt;
use std::io::{self, Write};

use super::cells::{Cells, Column, Row, Rows};
use crate::cost::Micros;
use crate::object::Title;
use crate::report::number::{push_decimal, push_seconds};
use crate::units::SimTime;

/// How much is gathered before it is written, in bytes.
const CHUNK: usize = 1 << 16;

/// A table on its way to `sink`. Cells are put straight into the buffer.
pub(super) struct CsvTable<W> {
    sink: W,
    line: Line,
}

/// The bytes that were not written yet, at the end of them the row that is being put together.
#[derive(Default)]
struct Line {
    bytes: Vec<u8>,
    /// Whether a cell of the row is there already.
    is_begun: bool,
    /// Room for a field that is quoted.
    field: Vec<u8>,
}

impl<W: Write> CsvTable<W> {
    pub(super) fn new(sink: W, columns: &[Column]) -> Self {
        let mut line = Line { bytes: Vec::with_capacity(CHUNK + CHUNK / 8), ..Line::default() };
        for (name, _) in columns {
            line.text(name);
        }
        line.end();
        Self { sink, line }
    }
}

impl<W: Write> Rows for CsvTable<W> {
    fn write(&mut self, row: &impl Row) -> io::Result<()> {
        row.fill(&mut self.line);
        self.line.end();
        if self.line.bytes.len() < CHUNK {
            return Ok(());
        }
        let written = self.sink.write_all(&self.line.bytes);
        self.line.bytes.clear();
        written
    }

    fn finish(mut self) -> io::Result<()> {
        self.sink.write_all(&self.line.bytes)?;
        self.sink.flush()
    }
}

impl Line {
    /// Begins a cell; where it begins.
    fn begin(&mut self) -> usize {
        if std::mem::replace(&mut self.is_begun, true) {
            self.bytes.push(b',');
        }
        self.bytes.len()
    }

    fn end(&mut self) {
        self.bytes.push(b'\n');
        self.is_begun = false;
    }

    /// Quotes the cell that begins at `begin`, if it must be.
    fn quote(&mut self, begin: usize) {
        let is_special = |byte: &u8| matches!(byte, b',' | b'"' | b'\n' | b'\r');
        // Without an early way out this is done several bytes at a time.
        if !self.bytes[begin..].iter().fold(false, |any, byte| any | is_special(byte)) {
            return;
        }
        self.field.clear();
        self.field.extend_from_slice(&self.bytes[begin..]);
        self.bytes.truncate(begin);
        self.bytes.push(b'"');
        for &byte in &self.field {
            if byte == b'"' {
                self.bytes.push(b'"');
            }
            self.bytes.push(byte);
        }
        self.bytes.push(b'"');
    }

    fn push_count(&mut self, count: impl itoa::Integer) {
        self.bytes.extend_from_slice(itoa::Buffer::new().format(count).as_bytes());
    }
}

impl Cells for Line {
    fn text(&mut self, text: &str) {
        let begin = self.begin();
        self.bytes.extend_from_slice(text.as_bytes());
        self.quote(begin);
    }

    fn words(&mut self, words: fmt::Arguments<'_>) {
        let begin = self.begin();
        self.bytes.write_fmt(words).expect("writing into a buffer cannot fail");
        self.quote(begin);
    }

    fn title(&mut self, title: &Title<'_>) {
        let begin = self.begin();
        let parts = [Some(title.kind), title.namespace, Some(title.name)];
        for part in parts.into_iter().flatten() {
            self.bytes.extend_from_slice(part.as_bytes());
            self.bytes.push(b'/');
        }
        self.bytes.pop();
        self.quote(begin);
    }

    fn ratio(&mut self, some: u32, all: u32) {
        self.begin();
        self.push_count(some);
        self.bytes.push(b'/');
        self.push_count(all);
    }

    fn seconds(&mut self, time: Option<SimTime>) {
        self.begin();
        if let Some(time) = time {
            push_seconds(&mut self.bytes, time);
        }
    }

    fn count(&mut self, count: i64) {
        self.begin();
        self.push_count(count);
    }

    fn number(&mut self, number: f64) {
        self.begin();
        push_decimal(&mut self.bytes, number);
    }

    fn money(&mut self, amount: Micros) {
        self.begin();
        match u64::try_from(amount.0) {
            Ok(0) => self.bytes.extend_from_slice(b"0.000000"),
            Ok(micros) => {
                self.push_count(micros / 1_000_000);
                self.bytes.push(b'.');
                let digits = self.bytes.len();
                // A one before six digits keeps their zeros, and is overwritten.
                self.push_count(micros % 1_000_000 + 1_000_000);
                self.bytes.remove(digits);
            }
            Err(_) => write!(self.bytes, "{amount}").expect("writing into a buffer cannot fail"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::decimal;
    use proptest::prelude::*;

    /// A row of texts, handed over in each of the ways that there are.
    struct Texts([String; 3]);

    impl Row for Texts {
        fn fill(&self, cells: &mut impl Cells) {
            let [text, words, name] = &self.0;
            cells.text(text);
            cells.words(format_args!("{words}"));
            cells.title(&Title { kind: "Pod", namespace: Some("default"), name });
        }
    }

    struct Figures(SimTime, i64, f64, i128);

    impl Row for Figures {
        fn fill(&self, cells: &mut impl Cells) {
            cells.seconds(Some(self.0));
            cells.seconds(None);
            cells.count(self.1);
            cells.number(self.2);
            cells.money(Micros(self.3));
            cells.ratio(1, 2);
        }
    }

    fn written<R: Row>(rows: &[R]) -> String {
        let mut bytes = Vec::new();
        let mut table = CsvTable::new(&mut bytes, &[]);
        table.line.bytes.clear();
        for row in rows {
            table.write(row).unwrap();
        }
        table.finish().unwrap();
        String::from_utf8(bytes).unwrap()
    }

    proptest! {
        /// As the csv crate writes them.
        #[test]
        fn texts_are_quoted_where_they_must_be(rows in prop::collection::vec(prop::array::uniform3("[a-z,\"\r\n ü/#']{0,12}"), 0..4)) {
            let mut writer = ::csv::Writer::from_writer(Vec::new());
            for [text, words, name] in &rows {
                writer.write_record([text, words, &format!("Pod/default/{name}")]).unwrap();
            }
            let expected = String::from_utf8(writer.into_inner().unwrap()).unwrap();
            prop_assert_eq!(written(&rows.into_iter().map(Texts).collect::<Vec<_>>()), expected);
        }

        #[test]
        fn figures_are_written_as_they_print(nanos in any::<u64>(), count in any::<i64>(), number in any::<f64>(), micros in -9_000_000_i64..9_000_000) {
            let row = Figures(SimTime(nanos), count, number, micros.into());
            let (time, number) = (decimal(row.0.as_secs_f64()), decimal(number));
            let expected = format!("{time},,{count},{number},{},1/2\n", Micros(micros.into()));
            prop_assert_eq!(written(&[row]), expected);
        }
    }

    #[test]
    fn what_is_gathered_is_written_in_chunks() {
        let mut bytes = Vec::new();
        let mut table = CsvTable::new(&mut bytes, &[("a", super::super::cells::Kind::Text)]);
        for _ in 0..9000 {
            table.write(&Texts(["12345678".to_owned(), String::new(), String::new()])).unwrap();
            assert!(table.line.bytes.len() < CHUNK);
        }
        table.finish().unwrap();
        assert!(bytes.len() > 3 * CHUNK && bytes.starts_with(b"a\n12345678,,Pod/default/\n"));
        assert_eq!(String::from_utf8(bytes).unwrap().lines().count(), 9001);
    }
}
