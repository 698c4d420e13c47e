//! The scenarios of `scenarios/scale` at full size: what they expect and what they derive by hand holds, the figures are
//! those on record, and both evaluators decide alike, the first 20 000 times at least.
//!
//! `cargo bench --bench scale` runs all, `cargo bench --bench scale -- NAME…` some; OVERSPILL_BLESS=1 writes the
//! records anew. It is a bench because only optimised builds are up to it.

#[path = "../tests/scale/catalogue.rs"]
#[allow(dead_code, reason = "the catalogue is shared with tests")]
mod catalogue;
#[path = "../tests/scenarios/derived.rs"]
mod derived;
#[path = "../tests/scenarios/figures.rs"]
mod figures;

use std::process::ExitCode;
use std::thread;

use catalogue::{ALL, Large, Read};
use derived::derived_by_hand;
use overspill::clock::{cpu_time, since};
use overspill::experiment::{Measured, judge, measure_into};
use overspill::expression::{Expression, Scope};
use overspill::metric::Overview;
use overspill::scheduler::Evaluator;
use overspill::simulation::Scenario;

fn main() -> ExitCode {
    let names: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with("--")).collect();
    if let Some(unknown) = names.iter().find(|name| ALL.iter().all(|one| one.name != **name)) {
        let known: Vec<&str> = ALL.iter().map(|one| one.name).collect();
        eprintln!("error: there is no scenario {unknown}; there are {}", known.join(", "));
        return ExitCode::from(2);
    }
    let is_chosen = |one: &&Large| names.is_empty() || names.iter().any(|name| name == one.name);
    let chosen: Vec<&Large> = ALL.iter().filter(is_chosen).collect();
    let each =
        |check: fn(&Large) -> Vec<String>| chosen.iter().flat_map(|one| check(one)).collect::<Vec<_>>();
    // The reference takes as long as everything else; times are those of a thread.
    let complaints = thread::scope(|scope| {
        let compared = scope.spawn(|| each(check_both));
        [each(check), compared.join().expect("the evaluators decide alike")].concat()
    });
    for complaint in &complaints {
        eprintln!("error: {complaint}");
    }
    if complaints.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Runs one; what is wrong with it.
fn check(one: &Large) -> Vec<String> {
    let Read { scenario, expectations, warnings } = one.read(None);
    let begin = cpu_time();
    let measured = run(&scenario);
    let seconds = since(begin).as_secs_f64();
    let created = figure(&measured, "pods.created");
    println!(
        "{}: {created:.0} pods, {} events in {seconds:.2} s of processor time, {:.0} pods/s",
        one.name,
        measured.finished.events,
        created / seconds
    );
    let mut complaints = unmet(one.name, &measured, &expectations);
    let text = one.text();
    let derived = derived_by_hand(&text).into_iter().map(|text| Expression::parse(text, Scope::Run));
    let derived: Vec<Expression> = derived.map(|parsed| parsed.expect("it is well-formed")).collect();
    complaints.extend(unmet(one.name, &measured, &derived));
    complaints.extend(warnings.iter().map(|code| format!("{}: warns of {code}", one.name)));
    if created < one.pods as f64 {
        complaints.push(format!("{}: only {created} pods came", one.name));
    }
    let seen = figures::seen(scenario.default_seed, &measured.observation.summary, measured.finished);
    complaints.extend(figures::complaints(one.name, &one.record(), &seen));
    complaints
}

/// The evaluators held against each other, decision by decision; the run panics where they differ.
fn check_both(one: &Large) -> Vec<String> {
    let Read { mut scenario, expectations, .. } = one.read(one.short);
    scenario.evaluator = Evaluator::Both;
    let begin = cpu_time();
    let measured = run(&scenario);
    let seconds = since(begin).as_secs_f64();
    let decisions = figure(&measured, "scheduler.decisions");
    println!("{}: {decisions:.0} decisions by both evaluators in {seconds:.2} s of processor time", one.name);
    let mut complaints = unmet(one.name, &measured, &expectations);
    if decisions < one.pods.min(20_000) as f64 {
        complaints.push(format!("{}: only {decisions} decisions were compared", one.name));
    }
    complaints
}

/// Measures a run, of which no rows are kept.
fn run(scenario: &Scenario) -> Measured<Overview> {
    measure_into(scenario, scenario.default_seed, (), &mut |_| {}).0
}

fn figure(measured: &Measured<Overview>, path: &str) -> f64 {
    measured.observation.summary.get(path).expect("every run has it").number
}

fn unmet(name: &str, measured: &Measured<Overview>, expectations: &[Expression]) -> Vec<String> {
    let judged = expectations.iter().map(|one| (one, judge(&measured.observation.summary, one)));
    let unmet = judged.filter(|(_, verdict)| !verdict.holds);
    unmet
        .map(|(one, verdict)| format!("{name}: {} does not hold: {:?}", one.text(), verdict.measured))
        .collect()
}
