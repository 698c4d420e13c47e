//! What a run costs, and where the money goes.

use super::super::{Block, Cell, Column, Table};
use crate::cost::Micros;
use crate::metric::Overview;
use crate::object::NodeClass;
use crate::report::decimal;
use crate::report::finding::virtual_name;
use crate::report::gathered::{Gathered, Place};
use crate::report::plot::Ink;
use crate::report::terminal::{amount, percent};

pub(super) fn blocks(run: &Overview, gathered: &Gathered) -> Vec<Block> {
    let summary = &run.summary;
    let rate = |path| decimal(summary.number(path));
    let rates = format!(
        "{} {currency} per second on average, {} at most. The chart above shows it over time.",
        rate("cost.perSecondMean"),
        rate("cost.perSecondPeak"),
        currency = summary.currency(),
    );
    let places = gathered.landed.places();
    let mut blocks = vec![Block::Table(parts(run)), Block::Text(rates)];
    if places.len() > 1 {
        blocks.push(Block::Table(by_place(places, summary.currency())));
    }
    blocks
}

/// What the total is made of.
fn parts(run: &Overview) -> Table {
    let summary = &run.summary;
    let (total, ecs, idle) = ("cost.total", "cost.ecs", "cost.idleEcs");
    let share = |part: f64| {
        let whole = summary.number(total);
        Cell::new(if whole > 0.0 { percent(part / whole) } else { "–".to_owned() })
    };
    let row = |name: &str, ink: Option<Ink>, value: Cell, number: f64| {
        let name = Cell::new(name);
        vec![ink.into_iter().fold(name, Cell::with_ink), value, share(number)]
    };
    let figure = |path| Cell::figure(summary, path).saying(amount(summary.number(path)));
    let used = summary.number(ecs) - summary.number(idle);
    let mut rows = vec![
        row("ECS nodes, requested by pods", Some(Ink::Ecs), Cell::new(amount(used)), used),
        row("ECS nodes, idle", Some(Ink::IdleEcs), figure(idle), summary.number(idle)),
        row(virtual_name(run), Some(Ink::Virtual), figure("cost.virtual"), summary.number("cost.virtual")),
    ];
    if summary.number("cost.cluster") > 0.0 {
        rows.push(row("the cluster itself", None, figure("cost.cluster"), summary.number("cost.cluster")));
    }
    Table {
        caption: format!("The bill of {} in {}", run.horizon.rounded(), summary.currency()),
        columns: vec![Column::text("for"), Column::figures("amount"), Column::figures("share")],
        rows,
        foot: Some(row("total", None, figure(total), summary.number(total))),
    }
}

fn by_place(places: &[Place], currency: &str) -> Table {
    let money = |Micros(micros): Micros| Cell::new(amount(micros as f64 / 1e6));
    let row = |place: &Place| match place.class {
        NodeClass::Ecs => {
            vec![Cell::new(&place.name).with_ink(Ink::Ecs), money(place.cost), money(place.idle_cost)]
        }
        NodeClass::Virtual => {
            vec![Cell::new(&place.name).with_ink(Ink::Virtual), money(place.pods.cost), Cell::new("–")]
        }
    };
    Table {
        caption: format!("The bill by pool and virtual node in {currency}"),
        columns: vec![Column::text("pool or node"), Column::figures("amount"), Column::figures("of it idle")],
        rows: places.iter().map(row).collect(),
        foot: None,
    }
}
