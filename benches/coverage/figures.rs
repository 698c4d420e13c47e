//! The figures of all runs as they are kept: a row for each seed, in order, a column for each subject.

use std::fmt::Write as _;

use overspill::report::decimal;

/// What all runs came to.
pub(crate) struct Figures {
    /// What each column is of.
    pub(crate) names: Vec<String>,
    /// The figure of each seed, from 1 on, in order.
    pub(crate) columns: Vec<Vec<f64>>,
}

/// A figure as it is printed, so that what was just measured and what was read can be equal.
pub(crate) fn as_kept(figure: f64) -> f64 {
    decimal(figure).parse().expect("a figure of a run is finite")
}

impl Figures {
    /// As it is written.
    pub(crate) fn csv(&self) -> String {
        let mut text = format!("seed,{}\n", self.names.join(","));
        for place in 0..self.columns[0].len() {
            let _ = write!(text, "{}", place + 1);
            for column in &self.columns {
                let _ = write!(text, ",{}", decimal(column[place]));
            }
            text.push('\n');
        }
        text
    }

    /// What was written; `None` if it is anything else.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let names: Vec<String> = lines.next()?.strip_prefix("seed,")?.split(',').map(str::to_owned).collect();
        let mut columns = vec![Vec::new(); names.len()];
        for (place, line) in lines.enumerate() {
            let mut cells = line.split(',');
            let seed: usize = cells.next()?.parse().ok()?;
            if seed != place + 1 {
                return None;
            }
            for column in &mut columns {
                column.push(cells.next()?.parse().ok()?);
            }
        }
        Some(Self { names, columns })
    }
}
