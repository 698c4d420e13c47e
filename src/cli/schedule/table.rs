//! Attempts as tables.

use std::fmt::Write as _;

use crate::cluster::Cluster;
use crate::object::NodeClass;
use crate::report::columns::{Side, aligned};
use crate::report::counted;
use crate::report::verdict::{Comparison, rejections, why};
use crate::scheduler::TieBreak;
use crate::simulation::one_shot::{AttemptRecord, Report};

/// What stands where there is nothing.
const NOTHING: &str = "-";

/// One row for each attempt, and what came of all of them.
pub(super) fn table(report: &Report, cluster: &Cluster, tie_break: TieBreak) -> String {
    const SIDES: [Side; 6] = [Side::Left, Side::Left, Side::Right, Side::Left, Side::Right, Side::Left];
    if report.results.is_empty() {
        return "No pending pods.\n".to_owned();
    }
    let header = ["POD", "NODE", "SCORE", "RUNNER-UP", "LEAD", "WHY"].map(str::to_owned);
    let rows = report.results.iter().map(|record| row(record, tie_break));
    let rows: Vec<_> = std::iter::once(header).chain(rows).collect();
    format!("{}\n{}\n", aligned(&rows, SIDES), in_sum(report, cluster))
}

fn row(record: &AttemptRecord, tie_break: TieBreak) -> [String; 6] {
    let comparison = Comparison::of(record);
    let or_nothing = |text: Option<String>| text.unwrap_or_else(|| NOTHING.to_owned());
    let runner_up = comparison.as_ref().and_then(|one| one.runner_up);
    [
        record.pod.clone(),
        or_nothing(record.chosen.clone()),
        or_nothing(comparison.as_ref().map(|one| one.total.to_string())),
        or_nothing(runner_up.map(|(name, total)| format!("{total} {name}"))),
        or_nothing(comparison.as_ref().and_then(Comparison::lead).map(|lead| format!("{lead:+}"))),
        why(record, tie_break),
    ]
}

/// A block for each attempt: what each plugin said of each node, the best first.
pub(super) fn wide(report: &Report, cluster: &Cluster, tie_break: TieBreak) -> String {
    if report.results.is_empty() {
        return "No pending pods.\n".to_owned();
    }
    let mut text = String::from("Scores are raw/normalised/weighted.\n\n");
    for record in &report.results {
        let node = record.chosen.as_deref().unwrap_or("pending");
        let _ = writeln!(text, "{} → {node}: {}", record.pod, why(record, tie_break));
        text.push_str(&scores(record));
        text.push_str(&rejections(record, "  "));
        text.push('\n');
    }
    let _ = writeln!(text, "{}", in_sum(report, cluster));
    text
}

/// The feasible nodes with their scores, in order of total.
fn scores(record: &AttemptRecord) -> String {
    let mut nodes: Vec<(&String, i64)> = record.total.iter().map(|(name, total)| (name, *total)).collect();
    nodes.sort_by_key(|(name, total)| (-total, record.chosen.as_ref() != Some(name)));
    if nodes.is_empty() {
        return String::new();
    }
    let cells = |node: String, total: String, plugins: Vec<String>| [vec![node, total], plugins].concat();
    let plugins = record.scores.keys().map(ToString::to_string).collect();
    let header = cells("  NODE".to_owned(), "TOTAL".to_owned(), plugins);
    let of_node = |(name, total): &(&String, i64)| {
        let triples = record.scores.values().map(|scores| scores[*name]);
        let triples = triples.map(|[raw, normalised, weighted]| format!("{raw}/{normalised}/{weighted}"));
        cells(format!("  {name}"), total.to_string(), triples.collect())
    };
    let rows: Vec<Vec<String>> = std::iter::once(header).chain(nodes.iter().map(of_node)).collect();
    aligned(&rows, std::iter::once(Side::Left).chain(std::iter::repeat(Side::Right)))
}

/// How many pods went where. A pod is early if it went to a virtual node although an ECS node had passed every filter.
fn in_sum(report: &Report, cluster: &Cluster) -> String {
    let is_virtual =
        |name: &String| cluster.node_named(name).is_some_and(|node| node.spec.class == NodeClass::Virtual);
    let (mut ecs, mut virtual_nodes, mut early) = (0, 0, 0);
    for record in &report.results {
        match &record.chosen {
            Some(node) if is_virtual(node) => {
                virtual_nodes += 1;
                early += usize::from(!record.feasible.iter().all(is_virtual));
            }
            Some(_) => ecs += 1,
            None => {}
        }
    }
    // A pod that preempts is there twice, one attempt after the other.
    let mut pods: Vec<&str> = report.results.iter().map(|record| record.pod.as_str()).collect();
    pods.dedup();
    let early = match early {
        0 => String::new(),
        early => format!(" ({early} early: an ECS node had room and was outscored)"),
    };
    let waiting = pods.len() - ecs - virtual_nodes;
    let total = counted(pods.len(), "pod");
    format!("{total}: {ecs} on ECS nodes, {virtual_nodes} on virtual nodes{early}, {waiting} pending")
}
