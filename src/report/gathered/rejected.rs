//! Why pods waited: the reasons in the messages of FailedScheduling, and what else was warned of.

use std::fmt;

use indexmap::IndexMap;
use rustc_hash::{FxBuildHasher, FxHashMap};

use crate::metric::EventRow;
use crate::object::Title;
use crate::units::SimTime;

/// The most messages that are kept to be known again.
const MESSAGES: usize = 4096;
/// The most reasons that are told apart: some name a label, which may be any.
const REASONS: usize = 200;

/// One reason why nodes did not take pods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::report) struct Reason {
    /// Attempts in whose message it stands.
    pub(in crate::report) attempts: u64,
    /// The most nodes that it was said of at once.
    pub(in crate::report) nodes: u64,
    /// When it was first said.
    pub(in crate::report) first: SimTime,
}

/// Attempts that found no node, and their reasons in Kubernetes' own words.
#[derive(Debug, Default)]
pub(in crate::report) struct Rejected {
    attempts: u64,
    reasons: IndexMap<String, Reason, FxBuildHasher>,
    /// What is said in messages that were met before: places of reasons. It is only looked up.
    known: FxHashMap<String, Vec<usize>>,
    message: String,
}

impl Rejected {
    pub(super) fn take(&mut self, at: SimTime, message: fmt::Arguments<'_>) {
        self.attempts += 1;
        self.message.clear();
        fmt::write(&mut self.message, message).expect("writing into a text cannot fail");
        if let Some(places) = self.known.get(&self.message) {
            for &place in places {
                self.reasons[place].attempts += 1;
            }
            return;
        }
        let message = std::mem::take(&mut self.message);
        let places: Vec<usize> =
            reasons(&message).filter_map(|(nodes, reason)| self.said(at, nodes, reason)).collect();
        if self.known.len() < MESSAGES {
            self.known.insert(message.clone(), places);
        }
        self.message = message;
    }

    fn said(&mut self, at: SimTime, nodes: u64, reason: &str) -> Option<usize> {
        if self.reasons.len() >= REASONS && !self.reasons.contains_key(reason) {
            return None;
        }
        let entry = self.reasons.entry(reason.to_owned());
        let place = entry.index();
        let told = entry.or_insert(Reason { attempts: 0, nodes, first: at });
        told.attempts += 1;
        told.nodes = told.nodes.max(nodes);
        Some(place)
    }

    /// How many attempts found no node.
    pub(in crate::report) fn attempts(&self) -> u64 {
        self.attempts
    }

    /// The reasons, the most frequent first.
    pub(in crate::report) fn reasons(&self) -> Vec<(&str, Reason)> {
        let mut told: Vec<_> = self.reasons.iter().map(|(text, reason)| (text.as_str(), *reason)).collect();
        told.sort_by_key(|(_, reason)| std::cmp::Reverse(reason.attempts));
        told
    }
}

/// The reasons in a message such as `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) had untolerated taint {a: b}. no
/// new claims to deallocate, preemption: …`, each with how many nodes it is said of; the whole message where it is of another form
/// (framework/types.go `FitError.Error`).
fn reasons(message: &str) -> impl Iterator<Item = (u64, &str)> {
    let filters = message.split_once("nodes are available: ").map_or(message, |(_, said)| said);
    let filters = filters.split_once(". ").map_or(filters, |(said, _)| said);
    filters.trim_end_matches('.').split(", ").map(|part| {
        let counted = part.split_once(' ').and_then(|(count, reason)| Some((count.parse().ok()?, reason)));
        counted.unwrap_or((0, part))
    })
}

/// What was warned of under one reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::report) struct Warned {
    pub(in crate::report) times: u64,
    pub(in crate::report) first: SimTime,
    /// The first message.
    pub(in crate::report) example: String,
}

/// Warnings other than those of failed scheduling, by reason.
#[derive(Debug, Default)]
pub(in crate::report) struct Warnings(IndexMap<&'static str, Warned, FxBuildHasher>);

impl Warnings {
    pub(super) fn take(&mut self, row: &EventRow<Title<'_>, fmt::Arguments<'_>>) {
        let first =
            || Warned { times: 0, first: row.time, example: format!("{}: {}", row.object, row.message) };
        self.0.entry(row.reason).or_insert_with(first).times += 1;
    }

    /// By reason, in order of the first of each.
    pub(in crate::report) fn iter(&self) -> impl Iterator<Item = (&'static str, &Warned)> {
        self.0.iter().map(|(reason, warned)| (*reason, warned))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_taken_out_of_messages() {
        let told = |message| reasons(message).collect::<Vec<_>>();
        assert_eq!(
            told(
                "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) had untolerated taint {mykey: myvalue}. \
                 no new claims to deallocate, preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod."
            ),
            [(1, "Insufficient cpu"), (2, "node(s) had untolerated taint {mykey: myvalue}")]
        );
        assert_eq!(told("no nodes available to schedule pods"), [(0, "no nodes available to schedule pods")]);
    }

    #[test]
    fn attempts_are_counted_by_reason_whether_or_not_the_message_is_known() {
        let mut rejected = Rejected::default();
        for (second, cpu) in [(1, 2), (2, 1), (3, 2)] {
            let message =
                format_args!("0/3 nodes are available: {cpu} Insufficient cpu, 1 Too many pods.").to_string();
            rejected.take(SimTime::from_secs(second), format_args!("{message}"));
        }
        rejected.take(SimTime::from_secs(4), format_args!("0/3 nodes are available: 3 Insufficient memory."));
        assert_eq!(rejected.attempts(), 4);
        let told: Vec<_> =
            rejected.reasons().iter().map(|(text, one)| (*text, one.attempts, one.nodes)).collect();
        assert_eq!(
            told,
            [("Insufficient cpu", 3, 2), ("Too many pods", 3, 1), ("Insufficient memory", 1, 3)]
        );
    }
}
