//! `report.html`: one page that needs nothing beside it.
//!
//! A page is a title, what was found, and sections, each a list of blocks: everything that is written as a page is put
//! together from these, and the template (`page/page.html`) alone knows HTML. Scripts, styles and uPlot stand in the page;
//! its Content-Security-Policy forbids every request.

mod block;
mod charts;
pub(super) mod run;

use std::io;

use minijinja::value::{Serde, Value};
use minijinja::{Environment, context};
use serde::Serialize;

pub(crate) use block::{Block, Card, Cell, Check, Column, Fold, Row, Table};
pub(crate) use charts::Charts;

use super::plot::Ink;

/// A page.
#[derive(Debug, Serialize)]
pub(crate) struct Page {
    /// What it is about: `Run`, `Comparison`, `Sweep`, `Plan`.
    pub(crate) kind: &'static str,
    /// The scenario.
    pub(crate) title: String,
    /// What was found, in a sentence.
    pub(crate) finding: String,
    /// What was done, in a few words each.
    pub(crate) circumstances: Vec<String>,
    pub(crate) sections: Vec<Section>,
}

/// A section of a page.
#[derive(Debug, Serialize)]
pub(crate) struct Section {
    /// Its address on the page.
    pub(crate) id: &'static str,
    pub(crate) heading: &'static str,
    pub(crate) blocks: Vec<Block>,
}

impl Section {
    pub(crate) fn new(id: &'static str, heading: &'static str, blocks: Vec<Block>) -> Self {
        Self { id, heading, blocks }
    }
}

impl Page {
    /// Writes it as HTML.
    pub(crate) fn write(&self, sink: &mut dyn io::Write) -> io::Result<()> {
        sink.write_all(self.html().as_bytes())
    }

    /// The page as HTML.
    pub(crate) fn html(&self) -> String {
        const OURS: &str = "the template is a part of the program, and a test fills it";
        let mut templates = Environment::new();
        // Values are escaped in what is called so.
        templates.add_template("page.html", include_str!("page/page.html")).expect(OURS);
        let has_charts = self.sections.iter().flat_map(|section| &section.blocks).any(Block::is_charts);
        let parts = context! {
            page => Value::from(Serde(self)),
            palette => palette(),
            style => include_str!("page/style.css"),
            script => has_charts.then_some(include_str!("page/charts.js")),
            uplot => has_charts.then_some(concat!(
                "/*! uPlot 1.6.32, MIT licence: ", include_str!("page/uplot/LICENSE"), "*/\n",
                include_str!("page/uplot/uPlot.iife.min.js")
            )),
            uplot_style => has_charts.then_some(include_str!("page/uplot/uPlot.min.css")),
        };
        templates.get_template("page.html").and_then(|page| page.render(parts)).expect(OURS)
    }
}

/// The colours of pictures as variables of a style sheet: on paper, and on a dark screen.
fn palette() -> String {
    let variables =
        |place: usize| Ink::ALL.map(|ink| format!("--{}:{}", ink.name(), ink.on_page()[place])).join(";");
    format!(
        ":root{{{}}}\n@media screen and (prefers-color-scheme:dark){{:root{{{}}}}}",
        variables(0),
        variables(1)
    )
}

#[cfg(test)]
mod tests;
