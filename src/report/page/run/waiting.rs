//! How long pods waited, and for what reasons.

use super::super::{Block, Cell, Column, Fold, Table};
use crate::metric::{Bin, Histogram, Overview, Summary};
use crate::report::gathered::{Gathered, Reason, Warned};
use crate::report::plot::{Distribution, Ink, waits_svg};
use crate::report::terminal::{grouped, seconds};

/// The most reasons that are told.
const TOLD: usize = 15;

/// How long pods waited for a node, and until they were ready.
pub(super) fn waits(run: &Overview) -> Vec<Block> {
    let families = [
        ("Until a node was found", "pending", Ink::Pending, &run.pending_waits),
        ("Until ready", "ready", Ink::Starting, &run.ready_waits),
    ];
    let seen = || families.into_iter().filter(|(.., waits)| !waits.is_empty());
    if seen().next().is_none() {
        return vec![Block::Text("No pod was created that could wait.".to_owned())];
    }
    let pictures = seen().map(|(heading, group, ink, waits)| {
        let percentiles = ["p50", "p95", "p99"].into_iter().filter_map(|name| {
            let path = format!("{group}.waitSeconds.{name}");
            Some((name, run.summary.get(&path)?.number))
        });
        let drawn = Distribution { heading, ink, waits, percentiles: percentiles.collect() };
        Ink::follow_page(&waits_svg(&drawn))
    });
    let bins = seen().map(|(heading, .., waits)| Block::Table(bins(heading, waits)));
    vec![
        Block::Pictures(pictures.collect()),
        Block::Table(percentiles(&run.summary)),
        Block::Fold(Fold { summary: "The distributions as tables".to_owned(), blocks: bins.collect() }),
    ]
}

fn percentiles(summary: &Summary) -> Table {
    let row = |name: &str, ink, paths: [&'static str; 5]| {
        let figures = paths.map(|path| Cell::figure(summary, path));
        std::iter::once(Cell::new(name).with_ink(ink)).chain(figures).collect()
    };
    let pending = [
        "pending.waitSeconds.p50",
        "pending.waitSeconds.p95",
        "pending.waitSeconds.p99",
        "pending.waitSeconds.max",
        "pending.waitSeconds.censored",
    ];
    let ready = [
        "ready.waitSeconds.p50",
        "ready.waitSeconds.p95",
        "ready.waitSeconds.p99",
        "ready.waitSeconds.max",
        "ready.waitSeconds.censored",
    ];
    Table {
        caption:
            "Waits since creation: percentiles, the longest, and how many ended without what they waited for"
                .to_owned(),
        columns: std::iter::once(Column::text("waiting"))
            .chain(["p50", "p95", "p99", "longest", "cut short"].map(Column::figures))
            .collect(),
        rows: vec![
            row("until a node was found", Ink::Pending, pending),
            row("until ready", Ink::Starting, ready),
        ],
        foot: None,
    }
}

fn bins(heading: &str, waits: &Histogram) -> Table {
    let mut from = 0.0;
    let row = |bin: &Bin| {
        let to = bin.to.as_secs_f64();
        let range = if bin.is_last() {
            format!("{} and longer", seconds(from))
        } else {
            format!("{} to {}", seconds(from), seconds(to))
        };
        from = to;
        vec![Cell::new(range), Cell::count(bin.met), Cell::count(bin.cut)]
    };
    Table {
        caption: format!("{heading}: pods by how long they waited"),
        columns: vec![Column::text("wait"), Column::figures("pods"), Column::figures("cut short")],
        rows: waits.bins.iter().map(row).collect(),
        foot: None,
    }
}

/// Why nodes did not take pods, and what else was warned of.
pub(super) fn reasons(run: &Overview, gathered: &Gathered) -> Vec<Block> {
    let rejected = &gathered.rejected;
    let mut blocks = Vec::new();
    if rejected.attempts() == 0 {
        blocks.push(Block::Text("Every attempt to place a pod found a node.".to_owned()));
    } else {
        blocks.push(Block::Text(format!(
            "{} of {} attempts to place a pod found no node (FailedScheduling). A message may name several reasons.",
            grouped(rejected.attempts() as f64),
            grouped(run.summary.number("scheduler.attempts")),
        )));
        blocks.push(Block::Table(rejections(gathered)));
    }
    if gathered.warnings.iter().next().is_some() {
        blocks.push(Block::Table(warnings(gathered)));
    }
    blocks
}

fn warnings(gathered: &Gathered) -> Table {
    let row = |(reason, warned): (&str, &Warned)| {
        vec![
            Cell::new(reason),
            Cell::count(warned.times),
            Cell::new(seconds(warned.first.as_secs_f64())),
            Cell::new(&warned.example),
        ]
    };
    Table {
        caption: "Other warnings".to_owned(),
        columns: vec![
            Column::text("reason"),
            Column::figures("events"),
            Column::figures("first at"),
            Column::text("first of them"),
        ],
        rows: gathered.warnings.iter().map(row).collect(),
        foot: None,
    }
}

fn rejections(gathered: &Gathered) -> Table {
    let reasons = gathered.rejected.reasons();
    let more = reasons.len().saturating_sub(TOLD);
    let caption = match more {
        0 => "Why nodes did not take pods".to_owned(),
        more => format!(
            "Why nodes did not take pods: the {TOLD} reasons that were given most, of {}",
            TOLD + more
        ),
    };
    let row = |(text, reason): &(&str, Reason)| {
        vec![
            Cell::new(*text),
            Cell::count(reason.attempts),
            Cell::count(reason.nodes),
            Cell::new(seconds(reason.first.as_secs_f64())),
        ]
    };
    Table {
        caption,
        columns: vec![
            Column::text("reason"),
            Column::figures("attempts"),
            Column::figures("nodes at most"),
            Column::figures("first at"),
        ],
        rows: reasons.iter().take(TOLD).map(row).collect(),
        foot: None,
    }
}
