//! What a run found, in one line.

use super::terminal::{percent, seconds};
use crate::metric::{Overview, Summary};

/// Waits that are not longer than this, in seconds, are no finding.
const SHORT_WAIT: f64 = 30.0;
/// Shares of requests and of pods that are smaller than this are no finding.
const SMALL_SHARE: f64 = 0.01;

/// Where the pods went and why, and what went wrong: waits, pods that were never ready, requests that were not served.
pub(super) fn finding(run: &Overview) -> String {
    let summary = &run.summary;
    if summary.number("pods.created") < 1.0 {
        return "no pods".to_owned();
    }
    let parts = [
        Some(placement(summary, virtual_name(run))),
        waiting(summary),
        never_ready(summary),
        unserved(summary),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// What the virtual nodes of a run are called: what its pods there are instances of, where that is one thing.
pub(super) fn virtual_name(run: &Overview) -> &'static str {
    match (run.on_virtual.acs, !run.on_virtual.others) {
        (false, _) => "ECI",
        (true, true) => "ACS",
        (true, false) => "virtual nodes",
    }
}

fn placement(summary: &Summary, there: &str) -> String {
    let count = |path| summary.number(path) as u64;
    let (created, scheduled, overflow) =
        (count("pods.created"), count("pods.scheduled"), count("overflow.pods"));
    let some_of = |some: u64| match (some, created) {
        (1, 1) => "the only pod".to_owned(),
        (some, created) if some == created => format!("all {created} pods"),
        (some, created) => format!("{some} of {created} pods"),
    };
    match overflow {
        0 if scheduled == 0 && created == 1 => "the only pod found no node".to_owned(),
        0 if scheduled == 0 => format!("none of {created} pods found a node"),
        0 => format!("no overflow: {} on ECS", some_of(scheduled)),
        _ if overflow == created => format!("{} on {there}{}", some_of(overflow), reasons(summary)),
        1 => format!("{} overflows to {there}{}", some_of(1), reasons(summary)),
        _ => format!("{} overflow to {there}{}", some_of(overflow), reasons(summary)),
    }
}

/// Why pods overflowed: the reason that all share, or how many have which.
fn reasons(summary: &Summary) -> String {
    let reasons = [
        ("overflow.early", "early", "early"),
        ("overflow.full", "full", "ECS full"),
        ("overflow.excluded", "excluded", "no ECS node eligible"),
        ("overflow.directed", "directed", "they ask for it"),
    ];
    let seen: Vec<_> = reasons.into_iter().filter(|(path, ..)| summary.number(path) > 0.0).collect();
    match seen.as_slice() {
        [("overflow.early", ..)] => ": all early".to_owned(),
        [(_, _, only)] => format!(": {only}"),
        several => {
            let counts: Vec<_> =
                several.iter().map(|(path, short, _)| format!("{} {short}", summary.number(path))).collect();
            format!(": {}", counts.join(", "))
        }
    }
}

/// How many waited for a node and how long; in a run in which none was found, how many still wait.
fn waiting(summary: &Summary) -> Option<String> {
    let (peak, longest) = (summary.number("pending.peak"), summary.number("pending.waitSeconds.max"));
    let at_end = match summary.number("pods.pendingAtEnd") {
        left if left > 0.0 => Some(format!("{left} still pending at the end")),
        _ => None,
    };
    if longest <= SHORT_WAIT || summary.number("pods.scheduled") < 1.0 {
        return at_end;
    }
    let waited = format!("up to {peak} waited up to {}", seconds(longest));
    Some(at_end.into_iter().fold(waited, |waited, at_end| format!("{waited}, {at_end}")))
}

/// How many pods were never ready, if they are more than those which never had a node to the end.
fn never_ready(summary: &Summary) -> Option<String> {
    let never = summary.number("ready.waitSeconds.censored");
    let known = never <= summary.number("pods.pendingAtEnd");
    let few = never < SMALL_SHARE * summary.number("pods.created");
    (never > 0.0 && !known && !few).then(|| format!("{never} never ready"))
}

fn unserved(summary: &Summary) -> Option<String> {
    match summary.number("traffic.unservedShare") {
        share if share < SMALL_SHARE => None,
        share if share >= 1.0 => Some("no request served".to_owned()),
        share => Some(format!("{} of requests unserved", percent(share))),
    }
}

/// The metric that counts all overflow that is not early, if one does.
pub(super) fn only_reason(summary: &Summary) -> Option<&'static str> {
    let mut some = ["overflow.full", "overflow.directed", "overflow.excluded"].into_iter();
    let first = some.find(|path| summary.number(path) > 0.0)?;
    some.all(|path| summary.number(path) <= 0.0).then_some(first)
}
