//! The page of one run.

mod asked;
mod landed;
mod money;
mod origin;
mod waiting;

use super::charts::timeline_table;
use super::{Block, Card, Cell, Charts, Check, Page, Section};
use crate::metric::{Overview, Summary};
use crate::report::finding::{finding, virtual_name};
use crate::report::plot::Ink;
use crate::report::record::{Expectation, RunRecord};
use crate::report::terminal::{amount, grouped, measured, percent, percent_of};

/// The page of a run.
pub(crate) fn page(record: &RunRecord<'_>) -> Page {
    let RunRecord { overview: run, provenance, gathered, .. } = *record;
    let mut sections = vec![Section::new("asked", "What was asked", asked::blocks(record))];
    sections.push(Section::new("glance", "At a glance", vec![Block::Cards(cards(run))]));
    if !record.expectations.is_empty() {
        sections.push(Section::new("expectations", "Expectations", vec![checks(record.expectations)]));
    }
    let timeline = vec![Block::Charts(Charts::of(run)), timeline_table(run)];
    sections.push(Section::new("timeline", "Over time", timeline));
    sections.push(Section::new("landed", "Where pods landed", landed::blocks(run, gathered)));
    sections.push(Section::new("waits", "How long pods waited", waiting::waits(run)));
    sections.push(Section::new("reasons", "Why pods waited", waiting::reasons(run, gathered)));
    sections.push(Section::new("cost", "What it costs", money::blocks(run, gathered)));
    sections.push(Section::new("figures", "All figures", vec![origin::all_figures(&run.summary)]));
    sections.push(Section::new("provenance", "Where this comes from", origin::blocks(record)));
    Page {
        kind: "Run",
        title: provenance.title(),
        finding: capitalised(&finding(run)),
        circumstances: vec![
            format!("{} simulated", run.horizon.rounded()),
            format!("seed {}", provenance.seed),
            format!("overspill {}", provenance.version),
        ],
        sections,
    }
}

/// A sentence begins with a capital letter.
fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The figures that a planner looks for first.
fn cards(run: &Overview) -> Vec<Card> {
    let (summary, there) = (&run.summary, virtual_name(run));
    let card = |name, value, note: String| Card { name, value, note };
    let whole = |path| grouped(summary.number(path));
    let money = |path| format!("{} {}", amount(summary.number(path)), summary.currency());
    let mut cards = vec![
        card(
            "Pods on virtual nodes",
            Cell::figure(summary, "overflow.pods").saying(whole("overflow.pods")).with_ink(Ink::Virtual),
            format!("{} of all that were bound", percent(summary.number("overflow.share"))),
        ),
        card(
            "Of them early",
            Cell::figure(summary, "overflow.early").saying(whole("overflow.early")).with_ink(Ink::Early),
            "an ECS node had room and was outscored".to_owned(),
        ),
        card(
            "Waiting for a node, p99",
            Cell::figure(summary, "pending.waitSeconds.p99").with_ink(Ink::Pending),
            format!("at most {} at once, {} at the end", whole("pending.peak"), whole("pods.pendingAtEnd")),
        ),
        card(
            "Until ready, p99",
            Cell::figure(summary, "ready.waitSeconds.p99").with_ink(Ink::Starting),
            never_ready(summary),
        ),
    ];
    if summary.number("traffic.requests") > 0.0 {
        cards.push(card(
            "Requests unserved",
            Cell::figure(summary, "traffic.unservedShare").with_ink(Ink::Unserved),
            format!("{} of {}", whole("traffic.unserved"), whole("traffic.requests")),
        ));
    }
    cards.push(card(
        "Cost",
        Cell::figure(summary, "cost.total").saying(money("cost.total")),
        format!(
            "ECS {}, {there} {}",
            amount(summary.number("cost.ecs")),
            amount(summary.number("cost.virtual"))
        ),
    ));
    cards.push(card(
        "Paid for idle ECS",
        Cell::figure(summary, "cost.idleEcs").saying(money("cost.idleEcs")).with_ink(Ink::IdleEcs),
        format!("{} of what ECS nodes cost", percent_of(summary, "cost.idleEcs", "cost.ecs")),
    ));
    cards
}

fn never_ready(summary: &Summary) -> String {
    let never = summary.number("ready.waitSeconds.censored");
    if never > 0.0 {
        format!("{} never became ready", grouped(never))
    } else if summary.number("pods.created") == 0.0 {
        "no pod was created".to_owned()
    } else {
        "all that were created became ready".to_owned()
    }
}

fn checks(expectations: &[Expectation]) -> Block {
    let check = |one: &Expectation| Check {
        holds: Some(one.verdict.holds),
        word: if one.verdict.holds { "holds" } else { "fails" },
        expression: one.expression.clone(),
        measured: measured(&one.verdict),
    };
    let (holding, failing): (Vec<_>, Vec<_>) = expectations.iter().partition(|one| one.verdict.holds);
    Block::Checks(failing.into_iter().chain(holding).map(check).collect())
}
