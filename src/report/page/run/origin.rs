//! Every figure of a run, and where it comes from: what a reader needs to check and to repeat it.

use super::super::{Block, Cell, Column, Fold, Table};
use crate::metric::{Group, Summary, Unit, groups};
use crate::report::record::{RunRecord, digest};

/// Longer scenario files are named only.
const LONGEST_SOURCE: usize = 32 << 10;

/// All of `summary.json`, group by group, with what the figures mean.
pub(super) fn all_figures(summary: &Summary) -> Block {
    let shown = groups().iter().filter(|group| group.metrics.iter().any(|metric| summary.has(metric.path)));
    let tables = shown.map(|group| Block::Table(figures_of(group, summary)));
    Block::Fold(Fold {
        summary: "Every figure of summary.json and what it means".to_owned(),
        blocks: tables.collect(),
    })
}

fn figures_of(group: &Group, summary: &Summary) -> Table {
    let rows = group.metrics.iter().filter(|metric| summary.has(metric.path)).map(|metric| {
        let unit = match metric.unit {
            Unit::Money => summary.currency().to_owned(),
            Unit::MoneyPerSecond => format!("{}/second", summary.currency()),
            unit => unit.name().to_owned(),
        };
        vec![
            Cell::new(metric.path),
            Cell::figure(summary, metric.path),
            Cell::new(unit),
            Cell::new(metric.definition.replace('`', "")),
        ]
    });
    Table {
        caption: group.name.to_owned(),
        columns: vec![
            Column::text("figure"),
            Column::figures("value"),
            Column::text("unit"),
            Column::text("meaning"),
        ],
        rows: rows.collect(),
        foot: None,
    }
}

/// Version, seed, inputs and the way to repeat it.
pub(super) fn blocks(record: &RunRecord<'_>) -> Vec<Block> {
    let provenance = record.provenance;
    let file = format!("inputs/{}", provenance.scenario_file);
    let variant =
        provenance.variant.as_ref().map(|variant| format!(" --variant {variant}")).unwrap_or_default();
    let facts = [
        ("scenario", provenance.scenario.clone()),
        ("variant", provenance.variant.clone().unwrap_or_else(|| "none".to_owned())),
        ("seed", provenance.seed.to_string()),
        ("version", format!("overspill {}", provenance.version)),
        (
            "inputs",
            format!(
                "{}, sha256:{}",
                crate::report::counted(record.inputs.len(), "file"),
                digest(record.inputs)
            ),
        ),
        ("trace hash", format!("{:016x}", provenance.trace_hash)),
        ("to repeat it", format!("overspill run {file}{variant} --seed {}", provenance.seed)),
    ];
    let table = Table {
        caption: "This run can be repeated byte for byte from the directory that this page lies in"
            .to_owned(),
        columns: vec![Column::text("what"), Column::text("which")],
        rows: facts.into_iter().map(|(what, which)| vec![Cell::new(what), Cell::new(which)]).collect(),
        foot: None,
    };
    let mut blocks = vec![Block::Table(table)];
    let source = record.inputs.iter().find(|input| input.name == provenance.scenario_file);
    let source = source.filter(|input| input.bytes.len() <= LONGEST_SOURCE);
    if let Some(text) = source.and_then(|input| std::str::from_utf8(&input.bytes).ok()) {
        let blocks_of = vec![Block::Source(text.to_owned())];
        blocks.push(Block::Fold(Fold { summary: "The scenario file".to_owned(), blocks: blocks_of }));
    }
    blocks
}
