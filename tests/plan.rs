//! `overspill plan`: the cheapest values under constraints, what is told of them, and the prices that planners know.

#[path = "plan/contracts.rs"]
mod contracts;
#[path = "case/folder.rs"]
mod folder;
#[path = "plan/optimum.rs"]
mod optimum;
#[path = "case/page.rs"]
mod page;
#[path = "plan/results.rs"]
mod results;
#[path = "cli/session.rs"]
#[allow(dead_code, reason = "tests of the other commands use the rest")]
mod session;

use session::{PRICES, Session};

/// Pods that come by chance and share nodes of four slots each.
const SLOTS: &str = include_str!("plan/slots.yaml");

fn slots() -> Session {
    Session::new().with("scenario.yaml", SLOTS).with("prices.yaml", PRICES)
}

/// What is given to `plan` beside the axes.
fn words<'a>(axes: &[&'a str], minimize: &'a str, subject_to: &[&'a str]) -> Vec<&'a str> {
    let vary = axes.iter().flat_map(|axis| ["--vary", axis]);
    let subject_to = subject_to.iter().flat_map(|one| ["--subject-to", one]);
    ["plan", "scenario.yaml", "--out", "plan", "--minimize", minimize]
        .into_iter()
        .chain(vary)
        .chain(subject_to)
        .collect()
}

fn plan_json(session: &Session) -> serde_json::Value {
    serde_json::from_str(&session.read("plan/plan.json")).expect("it is JSON")
}

/// docs/plan.md shows what the commands print.
#[test]
fn the_page_is_fresh() {
    trycmd::TestCases::new().case("docs/plan.md");
}
