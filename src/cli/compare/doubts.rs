//! What keeps things from being compared, and what makes their comparison doubtful.

use overspill_manifest::{Diagnostic, code};

use super::cases::Case;
use crate::experiment::{SavedBaseline, Seeds};
use crate::units::SimTime;

/// What of a scenario its figures depend on, so that others can be set beside them.
pub(in crate::cli) struct MoneyAndTime {
    pub(in crate::cli) name: String,
    pub(in crate::cli) currency: String,
    pub(in crate::cli) horizon: SimTime,
}

/// Of scenarios whose figures are set beside each other.
pub(in crate::cli) fn among(all: &[MoneyAndTime]) -> Vec<Diagnostic> {
    let Some((first, others)) = all.split_first() else { return Vec::new() };
    let mut told = Vec::new();
    for other in others {
        if first.currency != other.currency {
            told.push(currencies(&first.name, &first.currency, &other.name, &other.currency));
        }
        let (ours, theirs) = (first.horizon, other.horizon);
        if ours != theirs {
            told.push(horizons(&first.name, ours.as_secs_f64(), &other.name, theirs.as_secs_f64()));
        }
    }
    told
}

/// Of what everything is held against.
pub(super) fn of_baseline(cases: &[Case], saved: &SavedBaseline, seeds: Seeds) -> Vec<Diagnostic> {
    let dir = saved.dir.display();
    let doubt = |message: String| Diagnostic::new(&code::DOUBTFUL_COMPARISON, message);
    let mut told = Vec::new();
    if saved.version != env!("CARGO_PKG_VERSION") {
        told.push(doubt(format!(
            "the baseline in {dir} was made by overspill {}, and this is {}: what differs may be the program",
            saved.version,
            env!("CARGO_PKG_VERSION")
        )));
    }
    if saved.seeds != seeds {
        let message = format!(
            "the seeds are {seeds}, and those of the baseline in {dir} {}: the runs cannot be paired, and the intervals are \
             wider",
            saved.seeds
        );
        told.push(doubt(message).help(format!("--seeds {} pairs them", saved.seeds)));
    }
    for case in cases {
        let (party, origin) = saved.held_against(&case.name);
        if party.name != case.name && saved.parties.len() > 1 {
            told.push(doubt(format!(
                "the baseline in {dir} has no `{}`: it is held against `{}`",
                case.name, party.name
            )));
        }
        let there = format!("{} in {dir}", party.name);
        let currency = &case.scenario.prices.currency;
        if origin.currency != *currency {
            told.push(currencies(&there, &origin.currency, &case.name, currency));
        }
        if (origin.horizon_seconds - case.scenario.horizon.as_secs_f64()).abs() > 1e-6 {
            let horizon = case.scenario.horizon.as_secs_f64();
            told.push(horizons(&there, origin.horizon_seconds, &case.name, horizon));
        }
        if origin.scenario != case.scenario.name {
            told.push(doubt(format!(
                "`{there}` is of the scenario {}, and `{}` of {}",
                origin.scenario, case.name, case.scenario.name
            )));
        }
    }
    told
}

fn currencies(one: &str, ours: &str, other: &str, theirs: &str) -> Diagnostic {
    let message = format!("`{one}` counts money in {ours}, and `{other}` in {theirs}: it cannot be compared");
    let help = "name price lists of one currency, such as prices/cn-hangzhou-usd.yaml".to_owned();
    Diagnostic::new(&code::CANNOT_COMPARE, message).help(help)
}

fn horizons(one: &str, ours: f64, other: &str, theirs: f64) -> Diagnostic {
    let message = format!(
        "`{one}` ends after {ours} s, and `{other}` after {theirs} s: their totals are of times of different lengths"
    );
    Diagnostic::new(&code::DOUBTFUL_COMPARISON, message)
}
