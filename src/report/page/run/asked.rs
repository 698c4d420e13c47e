//! What a run was asked: the scenario in the words of its author, and what it has to offer.

use super::super::{Block, Cell, Column, Fold, Table};
use crate::object::NodeClass;
use crate::report::decimal;
use crate::report::gathered::Place;
use crate::report::plot::Ink;
use crate::report::record::RunRecord;
use crate::units::Bytes;

/// Paragraphs that are shown at once: by custom, what a scenario covers and what happens in it.
const PARAGRAPHS: usize = 2;

pub(super) fn blocks(record: &RunRecord<'_>) -> Vec<Block> {
    let mut told = in_words(record).into_iter();
    let mut blocks: Vec<Block> = told.by_ref().take(PARAGRAPHS).map(Block::Text).collect();
    let rest: Vec<Block> = told.map(Block::Text).collect();
    if !rest.is_empty() {
        blocks
            .push(Block::Fold(Fold { summary: "More from the scenario's author".to_owned(), blocks: rest }));
    }
    let places = record.gathered.landed.places();
    if !places.is_empty() {
        blocks.push(Block::Table(capacity(places, record.overview.summary.currency())));
    }
    blocks
}

/// The comment that the scenario file begins with, a paragraph for each `Word:` that a line of it begins with.
fn in_words(record: &RunRecord<'_>) -> Vec<String> {
    let file = record.inputs.iter().find(|input| input.name == record.provenance.scenario_file);
    let text = file.and_then(|file| std::str::from_utf8(&file.bytes).ok()).unwrap_or_default();
    let mut paragraphs: Vec<String> = Vec::new();
    for line in text.lines().map_while(|line| line.strip_prefix('#')) {
        let line = line.trim();
        match paragraphs.last_mut() {
            Some(last) if !begins(line) && !last.is_empty() && !line.is_empty() => {
                last.push(' ');
                last.push_str(line);
            }
            _ => paragraphs.push(line.to_owned()),
        }
    }
    let spaced = |one: String| one.split_whitespace().collect::<Vec<_>>().join(" ");
    paragraphs.into_iter().map(spaced).filter(|one| !one.is_empty()).collect()
}

/// Whether a line begins with a word and a colon, as `Covers:` does.
fn begins(line: &str) -> bool {
    let word = line.split_once(": ").map(|(word, _)| word);
    word.is_some_and(|word| !word.contains(' ') && word.starts_with(|c: char| c.is_ascii_uppercase()))
}

/// What nodes there were.
fn capacity(places: &[Place], currency: &str) -> Table {
    let row = |place: &Place| {
        let (cpu, memory) = place.allocatable;
        let (ink, what) = match place.class {
            NodeClass::Ecs => (Ink::Ecs, place.instance_type.as_str()),
            NodeClass::Virtual => (Ink::Virtual, "virtual node"),
        };
        let price = match place.class {
            NodeClass::Ecs => decimal(place.price.per_hour_f64()),
            NodeClass::Virtual => "by pod".to_owned(),
        };
        vec![
            Cell::new(&place.name).with_ink(ink),
            Cell::new(what),
            Cell::count(place.nodes),
            Cell::new(decimal(cpu.0 as f64 / 1000.0)),
            Cell::new(size(memory)),
            Cell::new(price),
        ]
    };
    Table {
        caption: format!("Nodes during the run; prices in {currency}"),
        columns: vec![
            Column::text("pool or node"),
            Column::text("instance type"),
            Column::figures("nodes"),
            Column::figures("cores each"),
            Column::figures("memory each"),
            Column::figures("price of one per hour"),
        ],
        rows: places.iter().map(row).collect(),
        foot: None,
    }
}

/// Memory in the unit in which it is a short number.
fn size(memory: Bytes) -> String {
    let gib = memory.0 as f64 / f64::from(1 << 30);
    if gib < 1024.0 { format!("{gib:.1} GiB") } else { format!("{:.1} TiB", gib / 1024.0) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::record::{InputFile, Provenance};

    #[test]
    fn the_header_of_a_scenario_is_told_paragraph_by_paragraph() {
        let text = "# Covers:   80/20 overflow\n#           in a spike.\n# Scenario: one pool: three nodes.\n#\n# By hand.\nkind: Scenario\n# not this\n";
        let provenance = Provenance {
            version: String::new(),
            scenario: String::new(),
            variant: None,
            seed: 0,
            trace_hash: 0,
            scenario_file: "scenario.yaml".to_owned(),
        };
        let inputs = [InputFile { name: "scenario.yaml".to_owned(), bytes: text.as_bytes().to_vec() }];
        let run = crate::report::sample::gateway_spike();
        let record = RunRecord {
            overview: &run,
            gathered: &crate::report::Gathered::default(),
            provenance: &provenance,
            expectations: &[],
            inputs: &inputs,
        };
        assert_eq!(
            in_words(&record),
            ["Covers: 80/20 overflow in a spike.", "Scenario: one pool: three nodes.", "By hand."]
        );
    }
}
