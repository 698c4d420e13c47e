//! `descheduler`: pods that were evicted so that they may run elsewhere, and where they went.

use std::collections::{BTreeMap, VecDeque};

use super::fact::Fact;
use super::registry::{Better, Group, Metric};
use super::unit::Unit;
use crate::object::NodeClass;
use crate::units::SimTime;

pub(super) static GROUP: Group = Group {
    name: "descheduler",
    about: "Pods that the descheduler had evicted, and where their replacements went: of each workload, as many pods count \
            as replacements as were evicted before they were created. Runs without a descheduler do not have these figures.",
    metrics: &[
        Metric::new("descheduler.rounds", Unit::Count, Better::Neither, ROUNDS, |run| {
            Some(run.descheduler.rounds as f64)
        }),
        Metric::new("descheduler.evicted", Unit::Count, Better::Neither, EVICTED, |run| {
            Some(run.descheduler.evicted as f64)
        }),
        Metric::new("descheduler.refused", Unit::Count, Better::Lower, REFUSED, |run| {
            Some(run.descheduler.refused as f64)
        }),
        Metric::new("descheduler.returnedToEcs", Unit::Count, Better::Higher, TO_ECS, |run| {
            Some(run.descheduler.to_ecs as f64)
        }),
        Metric::new("descheduler.returnedToVirtual", Unit::Count, Better::Lower, TO_VIRTUAL, |run| {
            Some(run.descheduler.to_virtual as f64)
        }),
        Metric::new("descheduler.notReplaced", Unit::Count, Better::Neither, NOT_REPLACED, |run| {
            let Descheduling { evicted, to_ecs, to_virtual, .. } = run.descheduler;
            Some((evicted - to_ecs - to_virtual) as f64)
        }),
    ],
};

const ROUNDS: &str = "How often the descheduler looked at the nodes.";
const EVICTED: &str = "Pods that it had evicted.";
const REFUSED: &str = "Evictions that it asked for and that a PodDisruptionBudget refused.";
const TO_ECS: &str = "Replacements of evicted pods that the scheduler put onto ECS nodes.";
const TO_VIRTUAL: &str =
    "Replacements of evicted pods that the scheduler put onto virtual nodes: those evictions were in vain.";
const NOT_REPLACED: &str = "Evicted pods whose replacement had no node when the run ended, or never came: their workload \
                            was to have fewer pods meanwhile.";

/// What the descheduler did, and what came of it.
#[derive(Debug, Default)]
pub(crate) struct Descheduling {
    rounds: u64,
    evicted: u64,
    refused: u64,
    to_ecs: u64,
    to_virtual: u64,
    /// When pods were evicted that are not replaced yet, by workload.
    missing: BTreeMap<u32, VecDeque<SimTime>>,
}

impl Descheduling {
    /// Whether the run has a descheduler.
    pub(super) fn any(&self) -> bool {
        self.rounds > 0
    }

    /// Takes note of a fact; `workload` is the number of its pod's workload.
    pub(super) fn observe(&mut self, now: SimTime, fact: &Fact<'_>, workload: u32) {
        match fact {
            Fact::DeschedulerLooks => self.rounds += 1,
            Fact::PodDescheduled { .. } => {
                self.evicted += 1;
                self.missing.entry(workload).or_default().push_back(now);
            }
            Fact::DescheduleRefused { .. } => self.refused += 1,
            _ => {}
        }
    }

    /// A pod of a workload was bound: it may stand in for one that was evicted before it was created.
    pub(super) fn bound(&mut self, workload: u32, created: SimTime, class: NodeClass) {
        let Some(missing) = self.missing.get_mut(&workload) else { return };
        if missing.front().is_none_or(|&evicted| created < evicted) {
            return;
        }
        missing.pop_front();
        match class {
            NodeClass::Ecs => self.to_ecs += 1,
            NodeClass::Virtual => self.to_virtual += 1,
        }
    }
}
