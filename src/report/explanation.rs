//! Why a pod of a run landed where it did, or why it waited: its life as a text, attempt by attempt.

use std::fmt::Write as _;

use super::columns::{Side, aligned};
use super::verdict::{Comparison, Lead, rejections};
use crate::cluster::Cluster;
use crate::metric::{Overflow, Sender};
use crate::object::NodeClass;
use crate::scheduler::plugins::resource_policy;
use crate::scheduler::queue::Popped;
use crate::scheduler::{Attempt, TieBreak};
use crate::simulation::one_shot::AttemptRecord;
use crate::units::SimTime;

/// One scheduling attempt of the pod.
#[derive(Clone, Debug)]
pub struct ExplainedAttempt {
    /// Which one, from 1.
    pub number: u32,
    /// What filters and scores said.
    pub record: AttemptRecord,
    /// The best of the ECS nodes that had passed every filter, if the pod went elsewhere.
    pub best_ecs: Option<String>,
    /// Plugins whose rejection the pod now waits to see mended.
    pub rejectors: Vec<&'static str>,
}

impl ExplainedAttempt {
    /// What is told of an attempt; `cluster` is as it saw it, and the attempt has everything that was said.
    pub fn of(cluster: &Cluster, popped: &Popped, attempt: &Attempt) -> Self {
        let record = AttemptRecord::of(cluster, popped.pod, attempt);
        let evaluation = attempt.evaluation();
        let ecs = evaluation.feasible.iter().zip(&evaluation.totals).filter(|(node, _)| {
            let node = cluster.node(**node);
            node.spec.class == NodeClass::Ecs && record.chosen.as_deref() != Some(node.name())
        });
        let best = ecs.max_by_key(|(node, total)| (**total, std::cmp::Reverse(**node)));
        let best_ecs = best.map(|(node, _)| cluster.node(*node).name().to_owned());
        let chosen_is_virtual = record.chosen.as_deref().and_then(|name| cluster.node_named(name));
        let chosen_is_virtual = chosen_is_virtual.is_some_and(|node| node.spec.class == NodeClass::Virtual);
        let rejectors =
            if record.chosen.is_none() { evaluation.rejectors().into_iter().collect() } else { Vec::new() };
        let best_ecs = best_ecs.filter(|_| chosen_is_virtual);
        Self { number: popped.attempt, record, best_ecs, rejectors }
    }
}

/// Something in a pod's life.
#[derive(Clone, Debug)]
pub enum Moment {
    /// An attempt to schedule it.
    Attempt(Box<ExplainedAttempt>),
    /// It was bound.
    Bound {
        /// The node.
        node: String,
        /// Why it is on a virtual node, if it is.
        overflow: Option<Overflow>,
        /// What bound it without the scheduler, if anything did.
        sender: Option<Sender>,
    },
    /// Anything else, in words.
    Note(String),
}

/// A pod's life.
#[derive(Clone, Debug, Default)]
pub struct Explanation {
    /// `NAMESPACE/NAME`.
    pub pod: String,
    /// What created it, as KIND/NAMESPACE/NAME, or the empty text.
    pub workload: String,
    /// What happened to it, in order.
    pub moments: Vec<(SimTime, Moment)>,
    /// How equals were told apart.
    pub tie_break: Option<TieBreak>,
}

/// What became of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeStory {
    /// Its name.
    pub node: String,
    /// What happened to it, in order.
    pub moments: Vec<(SimTime, String)>,
}

impl NodeStory {
    /// The whole text.
    pub fn text(&self) -> String {
        let mut text = format!("Node {}\n\n", self.node);
        for (at, said) in &self.moments {
            write_moment(&mut text, *at, said);
        }
        text
    }
}

/// What stands before the lines that belong to a moment.
const INDENT: &str = "              ";

fn write_moment(text: &mut String, at: SimTime, said: &str) {
    let mut lines = said.lines();
    let _ = writeln!(text, "{:>12}  {}", at.rounded(), lines.next().unwrap_or_default());
    for line in lines {
        let _ = writeln!(text, "{}", format!("{INDENT}{line}").trim_end());
    }
}

impl Explanation {
    /// The whole text.
    pub fn text(&self) -> String {
        let of = if self.workload.is_empty() { String::new() } else { format!(" of {}", self.workload) };
        let mut text = format!("Pod {}{of}\n\n", self.pod);
        let mut unit_is_full = false;
        for (at, moment) in &self.moments {
            if let Moment::Attempt(attempt) = moment {
                let mut reasons = attempt.record.filtered.values().flat_map(|one| &one.reasons);
                unit_is_full = reasons.any(|reason| resource_policy::is_full_text(reason));
            }
            let said = match moment {
                Moment::Attempt(attempt) => self.attempt(attempt),
                Moment::Bound { node, overflow: Some(Overflow::Excluded), sender: None } if unit_is_full => {
                    format!("bound to {node}: overflow, a unit of its ResourcePolicy before this one is full")
                }
                Moment::Bound { node, overflow, sender } => bound(node, *overflow, *sender),
                Moment::Note(note) => note.clone(),
            };
            write_moment(&mut text, *at, &said);
        }
        text
    }

    fn attempt(&self, attempt: &ExplainedAttempt) -> String {
        let ExplainedAttempt { number, record, .. } = attempt;
        let Some(node) = &record.chosen else { return failed(attempt) };
        let Some(comparison) = Comparison::of(record) else {
            let rejected = rejections(record, "");
            return format!(
                "attempt {number}: {node} is the only node that fits, so nothing was scored\n{rejected}"
            );
        };
        let mut said = format!("attempt {number}: {node} with {} points", comparison.total);
        match comparison.runner_up {
            Some((rival, total)) => {
                let _ = write!(said, "; runner-up {rival} with {total}");
            }
            None => said.push_str("; every feasible node has as many"),
        }
        if comparison.equals > 1 {
            let how = match self.tie_break {
                Some(TieBreak::Name) => "the first by name was taken",
                _ => "one was drawn",
            };
            let _ = write!(said, "; {} nodes are equal, {how}", comparison.equals);
        }
        said.push('\n');
        let rivals = rivals(attempt, &comparison);
        for rival in &rivals {
            let _ = writeln!(said, "{}", Lead::of(record, node, rival).sentence(node, rival));
        }
        let _ = write!(said, "\n{}\n{}", scores(record, node, &rivals), rejections(record, ""));
        said
    }
}

/// The nodes that the chosen one is held against: the runner-up, and the best ECS node if that is another.
fn rivals<'a>(attempt: &'a ExplainedAttempt, comparison: &Comparison<'a>) -> Vec<&'a str> {
    let mut rivals: Vec<&str> = comparison.runner_up.map(|(rival, _)| rival).into_iter().collect();
    if let Some(ecs) = attempt.best_ecs.as_deref().filter(|ecs| !rivals.contains(ecs)) {
        rivals.push(ecs);
    }
    rivals
}

/// Weighted scores by plugin, and by how much the chosen node leads each rival.
fn scores(record: &AttemptRecord, node: &str, rivals: &[&str]) -> String {
    let mut header = vec!["PLUGIN".to_owned(), node.to_owned()];
    header.extend(rivals.iter().flat_map(|rival| [(*rival).to_owned(), "LEAD".to_owned()]));
    let row = |plugin: &str, own: i64, of: &dyn Fn(&str) -> i64| {
        let mut cells = vec![plugin.to_owned(), own.to_string()];
        cells.extend(
            rivals.iter().flat_map(|rival| [of(rival).to_string(), format!("{:+}", own - of(rival))]),
        );
        cells
    };
    let mut rows = vec![header];
    for (plugin, by_node) in &record.scores {
        rows.push(row(plugin, by_node[node][2], &|rival| by_node[rival][2]));
    }
    rows.push(row("total", record.total[node], &|rival| record.total[rival]));
    aligned(&rows, std::iter::once(Side::Left).chain(std::iter::repeat(Side::Right)))
}

fn failed(attempt: &ExplainedAttempt) -> String {
    let record = &attempt.record;
    let text =
        record.fit_error.as_ref().map_or(record.error.unwrap_or_default(), |error| error.full.as_str());
    let mut said =
        format!("attempt {}: FailedScheduling: {text}\n{}", attempt.number, rejections(record, ""));
    if let Some(preempt) = &record.preempt {
        let _ = writeln!(said, "preempts {} on {}", preempt.victims.join(", "), preempt.nominated);
    }
    if !attempt.rejectors.is_empty() {
        let _ =
            writeln!(said, "waits for an event that may mend what {} rejected", attempt.rejectors.join(", "));
    }
    said
}

fn bound(node: &str, overflow: Option<Overflow>, sender: Option<Sender>) -> String {
    let why = match (overflow, sender) {
        (_, Some(Sender::BeforeRun)) => return format!("on {node} since before the run"),
        (_, Some(Sender::PodLabel)) => ": its label sends it to ECI, past the scheduler",
        (_, Some(Sender::NamespaceLabel)) => ": a label of its namespace sends it to ECI, past the scheduler",
        (_, Some(Sender::Profile)) => ": the eci-profile sends it to ECI, past the scheduler",
        (None, None) => "",
        (Some(Overflow::Early), None) => {
            ": early overflow, an ECS node had passed every filter and was outscored"
        }
        (Some(Overflow::Full), None) => ": overflow, the eligible ECS nodes had no room",
        (Some(Overflow::Directed), None) => ": the pod allows virtual nodes only",
        (Some(Overflow::Excluded), None) => ": overflow, no ECS node was eligible at all",
    };
    format!("bound to {node}{why}")
}
