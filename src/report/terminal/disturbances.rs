//! Lines of the summary about what comes, goes and is moved while pods run: nodes, spot instances, evictions.

use std::fmt::Write as _;

use crate::metric::Summary;
use crate::report::number::counted;

/// The lines that have something to say, each with its name.
pub(super) fn lines(figures: &Summary) -> impl Iterator<Item = (&'static str, String)> {
    [("nodes", nodes(figures)), ("spot", spot(figures)), ("returns", returns(figures)), drains(figures)]
        .into_iter()
        .filter_map(|(name, words)| Some((name, words?)))
}

fn number(figures: &Summary, path: &str) -> usize {
    figures.number(path) as usize
}

/// What a node autoscaler did; `None` of a run without one.
fn nodes(figures: &Summary) -> Option<String> {
    figures.get("nodes.peak")?;
    let [added, removed, peak] =
        ["nodes.added", "nodes.removed", "nodes.peak"].map(|path| number(figures, path));
    Some(format!("{added} added, {removed} removed; at most {peak} at once"))
}

/// What became of nodes on spot instances; `None` of a run without any.
fn spot(figures: &Summary) -> Option<String> {
    let nodes = number(figures, "spot.nodes");
    if nodes == 0 {
        return None;
    }
    let mut text =
        format!("{}, {} taken back", counted(nodes, "node"), number(figures, "spot.reclaimedNodes"));
    for (path, words) in
        [("spot.replacedNodes", "replaced"), ("spot.outOfStock", "not replaced for want of stock")]
    {
        if figures.number(path) > 0.0 {
            let _ = write!(text, ", {} {words}", number(figures, path));
        }
    }
    Some(text)
}

/// What a descheduler did, and where pods went that it evicted; `None` of a run without one.
fn returns(figures: &Summary) -> Option<String> {
    figures.get("descheduler.rounds")?;
    let evicted = counted(number(figures, "descheduler.evicted"), "pod");
    let rounds = counted(number(figures, "descheduler.rounds"), "round");
    let mut text = format!("{evicted} evicted in {rounds}");
    let went = [
        ("descheduler.returnedToEcs", "back on ECS"),
        ("descheduler.returnedToVirtual", "on virtual nodes again"),
        ("descheduler.notReplaced", "not replaced"),
    ];
    let there = went.into_iter().filter(|(path, _)| figures.number(path) > 0.0);
    for (place, (path, words)) in there.enumerate() {
        let _ = write!(text, "{} {} {words}", if place == 0 { ":" } else { "," }, number(figures, path));
    }
    Some(text)
}

/// What became of drains and evictions; no more than the evictions where nobody drained a node.
fn drains(figures: &Summary) -> (&'static str, Option<String>) {
    if figures.get("disruption.drained").is_none() {
        return ("drains", None);
    }
    let [done, failed, evicted, refused] = ["drained", "failedDrains", "evictions", "refused"]
        .map(|name| number(figures, &format!("disruption.{name}")));
    let mut text = format!("{} evicted", counted(evicted, "pod"));
    if refused > 0 {
        let _ = write!(text, " after {}", counted(refused, "refusal"));
    }
    if done + failed == 0 {
        return ("evictions", Some(text));
    }
    let failed = if failed > 0 { format!(", {failed} failed") } else { String::new() };
    ("drains", Some(format!("{} done{failed}; {text}", counted(done, "drain"))))
}
