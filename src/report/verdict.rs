//! Why an attempt ended as it did, in a line.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::scheduler::TieBreak;
use crate::simulation::one_shot::{AttemptRecord, PreemptRecord};

/// How the node that a pod was bound to compares with the others.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Comparison<'r> {
    /// Its total.
    pub(crate) total: i64,
    /// The best of the nodes with a lower total, and that total.
    pub(crate) runner_up: Option<(&'r str, i64)>,
    /// How many nodes have the best total.
    pub(crate) equals: usize,
}

impl<'r> Comparison<'r> {
    /// The comparison; `None` if no node was chosen, or if there was nothing to choose from: with a single feasible
    /// node kube-scheduler does not score at all.
    pub(crate) fn of(record: &'r AttemptRecord) -> Option<Self> {
        let total = *record.total.get(record.chosen.as_deref()?)?;
        if record.feasible.len() < 2 {
            return None;
        }
        let lower = record.total.iter().filter(|(_, other)| **other < total);
        // Of several equal runners-up the first by name.
        let runner_up = lower.min_by_key(|(name, other)| (-**other, name.as_str()));
        let runner_up = runner_up.map(|(name, total)| (name.as_str(), *total));
        Some(Self { total, runner_up, equals: record.best.len() })
    }

    /// By how much the chosen node leads.
    pub(crate) fn lead(&self) -> Option<i64> {
        self.runner_up.map(|(_, total)| self.total - total)
    }
}

/// Why an attempt ended as it did.
pub(crate) fn why(record: &AttemptRecord, tie_break: TieBreak) -> String {
    if record.routed && record.chosen.is_some() {
        return "goes to ECI by label or eci-profile, past the scheduler".to_owned();
    }
    if let Some(node) = &record.chosen {
        return why_chosen(record, node, tie_break);
    }
    if record.ignored {
        return "not scheduled here: it names another scheduler, or is being deleted".to_owned();
    }
    if let Some(gated) = &record.gated {
        return gated.clone();
    }
    match (&record.preempt, &record.fit_error, record.error) {
        (Some(preempt), ..) => victims(preempt),
        (None, Some(text), _) => text.full.clone(),
        (None, None, error) => error.unwrap_or_default().to_owned(),
    }
}

fn why_chosen(record: &AttemptRecord, node: &str, tie_break: TieBreak) -> String {
    let Some(comparison) = Comparison::of(record) else { return the_only_one(record) };
    let spoken = comparison.runner_up.and_then(|(rival, _)| Lead::of(record, node, rival).short());
    let how = match tie_break {
        TieBreak::Random { .. } => "drawn among",
        TieBreak::Name => "first by name of",
    };
    let tie = (comparison.equals > 1).then(|| format!("{how} {} equals", comparison.equals));
    spoken.into_iter().chain(tie).collect::<Vec<_>>().join("; ")
}

/// What the plugins made of the difference between the chosen node and a rival.
pub(crate) struct Lead<'r> {
    /// By plugin, how many points more the chosen node has; none that are level.
    by_plugin: Vec<(&'r str, i64)>,
}

impl<'r> Lead<'r> {
    /// The lead of `node` over `rival`, both of which were scored.
    pub(crate) fn of(record: &'r AttemptRecord, node: &str, rival: &str) -> Self {
        let lead = |scores: &BTreeMap<String, [i64; 3]>| scores[node][2] - scores[rival][2];
        let leads = record.scores.iter().map(|(plugin, scores)| (*plugin, lead(scores)));
        Self { by_plugin: leads.filter(|(_, lead)| *lead != 0).collect() }
    }

    /// The plugin that spoke most for the chosen node.
    pub(crate) fn most(&self) -> Option<(&'r str, i64)> {
        self.by_plugin.iter().copied().filter(|(_, lead)| *lead > 0).max_by_key(|(_, lead)| *lead)
    }

    /// The plugin that spoke most for the rival.
    pub(crate) fn least(&self) -> Option<(&'r str, i64)> {
        self.by_plugin.iter().copied().filter(|(_, lead)| *lead < 0).min_by_key(|(_, lead)| *lead)
    }

    /// Both in a few words.
    fn short(&self) -> Option<String> {
        let said = |(plugin, lead): (&str, i64)| format!("{plugin} {lead:+}");
        let most = said(self.most()?);
        Some(match self.least() {
            Some(least) => format!("{most} against {}", said(least)),
            None => most,
        })
    }

    /// Both in a sentence: who outvoted whom, and by how much in all.
    pub(crate) fn sentence(&self, node: &str, rival: &str) -> String {
        let total: i64 = self.by_plugin.iter().map(|(_, lead)| lead).sum();
        match (self.most(), self.least()) {
            (Some((most, more)), Some((least, less))) => {
                format!("{most} ({more:+}) outvoted {least} ({less:+}): {node} leads {rival} by {total}")
            }
            (Some((most, more)), None) => {
                format!("{most} ({more:+}) decided: {node} leads {rival} by {total}")
            }
            _ => format!("{node} and {rival} are level"),
        }
    }
}

/// What is said where there was no choice.
fn the_only_one(record: &AttemptRecord) -> String {
    if record.processed.is_none() {
        return "the node that was freed for it".to_owned();
    }
    let mut reasons: Vec<(usize, &str)> = Vec::new();
    for reason in record.filtered.values().filter_map(|verdict| verdict.reasons.first()) {
        match reasons.iter_mut().find(|(_, known)| known == reason) {
            Some((count, _)) => *count += 1,
            None => reasons.push((1, reason)),
        }
    }
    reasons.sort_by_key(|&(count, _)| std::cmp::Reverse(count));
    let others: Vec<_> = reasons.iter().map(|(count, reason)| format!("{count} {reason}")).collect();
    match others.as_slice() {
        [] => "the only node".to_owned(),
        others => format!("the only node that fits: {}", others.join(", ")),
    }
}

fn victims(preempt: &PreemptRecord) -> String {
    const NAMED: usize = 3;
    let named: Vec<&str> = preempt.victims.iter().take(NAMED).map(String::as_str).collect();
    let more = match preempt.victims.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("preempts {}{more} on {}", named.join(", "), preempt.nominated)
}

/// The nodes that were filtered out, a line for each reason.
pub(crate) fn rejections(record: &AttemptRecord, indent: &str) -> String {
    let mut reasons: Vec<(String, Vec<&str>)> = Vec::new();
    for (node, verdict) in &record.filtered {
        let reason = format!("{}: {}", verdict.plugin, verdict.reasons.join(", "));
        match reasons.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, nodes)) => nodes.push(node),
            None => reasons.push((reason, vec![node])),
        }
    }
    reasons.iter().fold(String::new(), |mut text, (reason, nodes)| {
        let _ = writeln!(text, "{indent}not {}: {reason}", listed(nodes));
        text
    })
}

/// The first names, and how many more there are.
fn listed(names: &[&str]) -> String {
    const NAMED: usize = 8;
    let shown = names[..names.len().min(NAMED)].join(", ");
    match names.len().saturating_sub(NAMED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
