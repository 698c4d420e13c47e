//! A run as Markdown, for the page on which a CI server sums up a job.

use std::fmt::Write as _;

use super::finding::finding;
use super::record::Expectation;
use super::terminal::{failing_first, held, lines, mark, measured};
use crate::metric::Overview;

/// What `run` prints, as a page: a title, a table of what there is to say, and one of the expectations, all of them.
pub fn summary(title: &str, run: &Overview, expectations: &[Expectation]) -> String {
    let mut text = format!("### {}\n\n", escaped(&format!("{title}: {}", finding(run))));
    let rows = lines(run);
    let rows = rows.iter().map(|(name, words)| [(*name).to_owned(), in_cell(words)]);
    text.push_str(&table(["", ""], rows));
    if !expectations.is_empty() {
        let _ = writeln!(text, "\n{}\n", held(expectations));
        let row = |one: &Expectation| {
            [
                format!("{} {}", mark(one.verdict.holds), escaped(&one.expression)),
                in_cell(&measured(&one.verdict)),
            ]
        };
        text.push_str(&table(["expectation", "measured"], failing_first(expectations).map(row)));
    }
    text
}

/// A table of two columns.
pub(crate) fn table(heads: [&str; 2], rows: impl Iterator<Item = [String; 2]>) -> String {
    let [one, other] = heads;
    let mut text = format!("| {one} | {other} |\n|---|---|\n");
    for [one, other] in rows {
        let _ = writeln!(text, "| {one} | {other} |");
    }
    text
}

/// For a cell: several lines are kept apart, and numbers do not stand in columns.
fn in_cell(words: &str) -> String {
    words.lines().map(|line| escaped(line.trim_start())).collect::<Vec<_>>().join("<br>")
}

/// For a cell or a line of Markdown.
pub(crate) fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        if matches!(c, '|' | '*' | '_' | '`' | '<' | '>' | '\\') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}
