//! Where pods landed, and why some of them spilled while there was room.

use super::super::{Block, Cell, Column, Fold, Row, Table};
use crate::metric::Overview;
use crate::object::NodeClass;
use crate::report::gathered::{Counts, EARLY_SHOWN, Gathered, Place, Spill, Spills, Workloads};
use crate::report::number::counted;
use crate::report::plot::Ink;
use crate::report::terminal::seconds;

/// The most workloads, and the most spilled pods, that are told one by one.
const TOLD: usize = 20;

pub(super) fn blocks(run: &Overview, gathered: &Gathered) -> Vec<Block> {
    let places = gathered.landed.places();
    let mut blocks = vec![Block::Table(by_place(run, places)), Block::Text(REASONS.to_owned())];
    let workloads = gathered.landed.workloads(TOLD);
    if workloads.told.len() > 1 {
        blocks.push(Block::Table(by_workload(&workloads)));
    }
    blocks.extend(early(run, &gathered.spills));
    blocks
}

const REASONS: &str = "Early: an ECS node had passed every filter and was outscored. Full: the eligible ECS nodes had no \
                       room. Directed: the pod allows virtual nodes only. Excluded: no ECS node was eligible at all.";

/// The columns of counts, the first of which is called `first`.
fn columns(first: &'static str) -> Vec<Column> {
    let counts = ["pods", "on ECS", "early", "full", "directed", "excluded"].map(Column::figures);
    std::iter::once(Column::text(first)).chain(counts).collect()
}

fn cells(first: Cell, counts: &Counts) -> Row {
    let numbers = [counts.ecs, counts.early, counts.full, counts.directed, counts.excluded];
    std::iter::once(first)
        .chain(std::iter::once(Cell::count(counts.all())))
        .chain(numbers.map(Cell::count))
        .collect()
}

fn by_place(run: &Overview, places: &[Place]) -> Table {
    let row = |place: &Place| {
        let ink = if place.class == NodeClass::Ecs { Ink::Ecs } else { Ink::Virtual };
        cells(Cell::new(&place.name).with_ink(ink), &place.pods)
    };
    let figure = |path| Cell::figure(&run.summary, path);
    let on_ecs = places.iter().map(|place| place.pods.ecs).sum();
    Table {
        caption: "Pods by the pool or virtual node that they were bound to".to_owned(),
        columns: columns("pool or node"),
        rows: places.iter().map(row).collect(),
        foot: Some(vec![
            Cell::new("all that were bound"),
            figure("pods.scheduled"),
            Cell::count(on_ecs),
            figure("overflow.early"),
            figure("overflow.full"),
            figure("overflow.directed"),
            figure("overflow.excluded"),
        ]),
    }
}

fn by_workload(workloads: &Workloads<'_>) -> Table {
    let name =
        |name: &str| if name.is_empty() { "pods of no controller".to_owned() } else { name.to_owned() };
    let row = |(workload, counts): &(&str, Counts)| {
        let mut row = cells(Cell::new(name(workload)), counts);
        row.push(Cell::count(counts.nowhere));
        row
    };
    let mut columns = columns("workload");
    columns.push(Column::figures("never bound"));
    let others = workloads.others.map(|counts| row(&("all others", counts)));
    Table {
        caption: "Pods by what created them".to_owned(),
        columns,
        rows: workloads.told.iter().map(row).chain(others).collect(),
        foot: None,
    }
}

/// Why pods overflowed early.
fn early(run: &Overview, spills: &Spills) -> Vec<Block> {
    let all = run.summary.number("overflow.early") as usize;
    let Some(first) = spills.iter().next() else { return Vec::new() };
    let told = spills.iter().count();
    let of = if told < all {
        format!("the first {told} of {all} were looked at")
    } else {
        format!("{all} in all")
    };
    let mut blocks = vec![Block::Table(causes(spills, &of)), Block::Table(scores(first))];
    let summary = format!("The first {} one by one", counted(told.min(TOLD), "early pod"));
    blocks.push(Block::Fold(Fold { summary, blocks: vec![Block::Table(one_by_one(spills))] }));
    if told == EARLY_SHOWN as usize && told < all {
        blocks.push(Block::Text(
            "overspill explain tells of any other pod why it landed where it did.".to_owned(),
        ));
    }
    blocks
}

fn causes(spills: &Spills, of: &str) -> Table {
    let row = |(cause, pods, [least, most]): (String, u64, [i64; 2])| {
        let range = if least == most { lead(most) } else { Cell::new(format!("{least:+} to {most:+}")) };
        vec![Cell::new(cause).with_ink(Ink::Early), Cell::count(pods), range]
    };
    Table {
        caption: format!("Why pods left ECS nodes that had room: who outvoted whom ({of})"),
        columns: vec![
            Column::text("plugin that decided"),
            Column::figures("pods"),
            Column::figures("lead of the virtual node in points"),
        ],
        rows: spills.causes().into_iter().map(row).collect(),
        foot: None,
    }
}

/// What each plugin gave the first of them.
fn scores(spill: &Spill) -> Table {
    let row = |&(plugin, own, rival): &(&'static str, i64, i64)| {
        vec![Cell::new(plugin), Cell::new(own.to_string()), Cell::new(rival.to_string()), lead(own - rival)]
    };
    let sum = |of: fn(&(&'static str, i64, i64)) -> i64| spill.scores.iter().map(of).sum::<i64>();
    let (own, rival) = (sum(|one| one.1), sum(|one| one.2));
    Table {
        caption: format!(
            "The first early pod, {} at {}: weighted points of {} and of the best ECS node, {}",
            spill.pod,
            spill.at.rounded(),
            spill.node,
            spill.rival
        ),
        columns: vec![
            Column::text("plugin"),
            Column::figures("virtual node"),
            Column::figures("ECS node"),
            Column::figures("lead"),
        ],
        rows: spill.scores.iter().map(row).collect(),
        foot: Some(vec![
            Cell::new("total"),
            Cell::new(own.to_string()),
            Cell::new(rival.to_string()),
            lead(own - rival),
        ]),
    }
}

/// A lead with its sign; a level score says nothing.
fn lead(points: i64) -> Cell {
    Cell::new(if points == 0 { "0".to_owned() } else { format!("{points:+}") })
}

fn one_by_one(spills: &Spills) -> Table {
    let said = |plugin: &Option<(String, i64)>| {
        plugin.as_ref().map_or_else(|| "–".to_owned(), |(plugin, lead)| format!("{plugin} {lead:+}"))
    };
    let row = |spill: &Spill| {
        vec![
            Cell::new(&spill.pod),
            Cell::new(seconds(spill.at.as_secs_f64())),
            Cell::new(&spill.node),
            Cell::new(&spill.rival),
            lead(spill.lead()),
            Cell::new(said(&spill.most)),
            Cell::new(said(&spill.least)),
        ]
    };
    Table {
        caption: "Early pods in order of time".to_owned(),
        columns: vec![
            Column::text("pod"),
            Column::figures("at"),
            Column::text("went to"),
            Column::text("instead of"),
            Column::figures("lead"),
            Column::text("most for it"),
            Column::text("most against it"),
        ],
        rows: spills.iter().take(TOLD).map(row).collect(),
        foot: None,
    }
}
