//! What a run found, in one sentence.

use std::fmt::Write as _;

use crate::metric::Summary;

/// How many pods overflowed and why, and whether some wait to the end.
pub(super) fn finding(summary: &Summary) -> String {
    let count = |path| summary.number(path) as u64;
    let (scheduled, overflow) = (count("pods.scheduled"), count("overflow.pods"));
    let mut text = match overflow {
        0 if scheduled == 0 => "no pod found a node".to_owned(),
        0 => format!("no overflow: all {scheduled} pods on ECS"),
        _ if overflow == scheduled => format!("all {scheduled} pods on ECI"),
        _ => format!("{overflow} of {scheduled} pods overflow to ECI"),
    };
    let early = count("overflow.early");
    if early > 0 {
        let _ = write!(text, ", {early} early");
    } else if overflow > 0 {
        text += reason(summary);
    }
    let pending = count("pods.pendingAtEnd");
    if pending > 0 {
        let _ = write!(text, ", {pending} still pending at the end");
    }
    text
}

/// The reason, if all overflow that is not early has the same.
fn reason(summary: &Summary) -> &'static str {
    match only_reason(summary) {
        Some("overflow.full") => ": ECS full",
        Some("overflow.excluded") => ": no ECS node eligible",
        Some("overflow.directed") => ": they ask for it",
        _ => "",
    }
}

/// The metric that counts all overflow that is not early, if one does.
pub(super) fn only_reason(summary: &Summary) -> Option<&'static str> {
    let mut some = ["overflow.full", "overflow.directed", "overflow.excluded"].into_iter();
    let first = some.find(|path| summary.number(path) > 0.0)?;
    some.all(|path| summary.number(path) <= 0.0).then_some(first)
}
