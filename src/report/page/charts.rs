//! Panels over one time axis, for the script of a page; and as pictures where it does not run: in print, and without
//! scripts.

use serde::Serialize;
use serde_json::{Value, json};

use super::{Block, Cell, Column, Fold, Row, Table};
use crate::metric::{Overview, TimelineRow};
use crate::report::decimal;
use crate::report::plot::{Ink, Panel, panel_svg, panels};
use crate::report::terminal::seconds;

/// Panels over one time axis.
#[derive(Debug, Serialize)]
pub(crate) struct Charts {
    panels: Vec<Drawn>,
    /// What the script draws: JSON that may stand in an element of a page.
    data: String,
}

#[derive(Debug, Serialize)]
struct Drawn {
    heading: String,
    /// What its colours stand for: the name of each, and its name in the style sheet.
    key: Vec<(String, &'static str)>,
    svg: String,
}

/// Rows of the table behind the charts.
const TABLE_ROWS: usize = 60;

impl Charts {
    /// The timeline of a run.
    pub(super) fn of(run: &Overview) -> Self {
        let panels = panels(run);
        let drawn = panels.iter().map(|panel| Drawn {
            heading: panel.heading.clone(),
            key: key(panel),
            svg: Ink::follow_page(&panel_svg(panel, run.horizon)),
        });
        let steps = panels[0].stack.even();
        let times: Vec<Value> = steps.iter().map(|step| number(step.from)).collect();
        let end = steps.last().map_or(0.0, |step| step.to);
        let data = json!({
            "times": times,
            "end": number(end),
            "panels": panels.iter().map(panel_data).collect::<Vec<_>>(),
        });
        Self { data: embedded(&data), panels: drawn.collect() }
    }
}

fn key(panel: &Panel) -> Vec<(String, &'static str)> {
    let layers = panel.seen().map(|(_, layer)| (layer.name.clone(), layer.ink.name()));
    layers.chain(panel.line.iter().map(|(name, _)| (name.clone(), "line"))).collect()
}

/// JSON for an element of a page: no text in it can end that.
pub(super) fn embedded(value: &Value) -> String {
    value.to_string().replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}

/// A number with six significant digits at most, as tables have it.
fn number(value: f64) -> Value {
    let digits = decimal(value);
    digits.parse::<u64>().map_or_else(|_| digits.parse::<f64>().map_or(Value::Null, Value::from), Value::from)
}

fn panel_data(panel: &Panel) -> Value {
    let scaled = |value: f64| number(significant(value * panel.scale));
    let steps = panel.stack.even();
    let layers = panel.seen().map(|(place, layer)| {
        json!({
            "name": layer.name,
            "ink": layer.ink.name(),
            "hatched": layer.hatched,
            "values": steps.iter().map(|step| scaled(step.thickness(place))).collect::<Vec<_>>(),
        })
    });
    let line = panel.line.as_ref().map(|(name, stack)| {
        let values: Vec<Value> = stack.even().iter().map(|step| scaled(step.thickness(0))).collect();
        json!({"name": name, "values": values})
    });
    json!({"heading": panel.heading, "height": panel.height * 3 / 4, "layers": layers.collect::<Vec<_>>(), "line": line})
}

/// Five significant digits: more than a picture shows.
fn significant(value: f64) -> f64 {
    format!("{value:.4e}").parse().unwrap_or(value)
}

/// The timeline as a table, for those who cannot see it, thinned to a number of rows that can be read.
pub(super) fn timeline_table(run: &Overview) -> Block {
    let rows = &run.timeline;
    let every = rows.len().div_ceil(TABLE_ROWS).max(1);
    let columns = [
        "requests/s",
        "unserved/s",
        "desired",
        "on ECS",
        "on virtual nodes",
        "early",
        "pending",
        "starting",
        "nodes",
        "cost/s",
    ];
    let table = Table {
        caption: match every {
            1 => "The timeline".to_owned(),
            _ => format!("The timeline, one row in {every}; timeline.csv has all of them"),
        },
        columns: std::iter::once("time").chain(columns).map(Column::figures).collect(),
        rows: rows.iter().step_by(every).map(cells).collect(),
        foot: None,
    };
    Block::Fold(Fold { summary: "The timeline as a table".to_owned(), blocks: vec![Block::Table(table)] })
}

fn cells(row: &TimelineRow) -> Row {
    let rate = |value: f64| Cell::new(decimal(significant(value)));
    let count = |value: u64| Cell::new(value.to_string());
    vec![
        Cell::new(seconds(row.time.as_secs_f64())),
        rate(row.rps),
        rate(row.unserved_rps),
        count(row.replicas_desired),
        count(row.pods_ecs),
        count(row.pods_virtual),
        count(row.pods_virtual_early),
        count(row.pending),
        count(row.starting),
        count(row.nodes),
        rate(row.cost_per_s),
    ]
}
