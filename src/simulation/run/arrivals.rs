//! Pod sources.

use super::Run;
use super::event::Event;
use super::pod_state::Creator;
use crate::arrivals::Arrivals;
use crate::random::Stream;
use crate::simulation::Scenario;
use crate::units::SimTime;

/// Draws of sources are kept apart from those of workloads, which count from zero.
const FIRST_GROUP: u32 = 1 << 31;

/// The stream of a source's arrival, and of its pod of that number.
fn stream(source: u32, number: u64) -> Stream {
    Stream::of(FIRST_GROUP + source, number as u32)
}

/// Where a source stands.
#[derive(Debug)]
pub(super) struct SourceState {
    /// When its pods arrive, everything drawn that holds for the whole run.
    arrivals: Arrivals,
    /// How many times some have arrived.
    batches: u64,
    /// How many have.
    pods: u64,
}

impl SourceState {
    /// The sources of a scenario at the start.
    pub(super) fn all(scenario: &Scenario, seed: u64) -> Vec<Self> {
        let state = |(source, setup): (u32, &crate::simulation::scenario::SourceSetup)| Self {
            arrivals: setup.arrivals.drawn(seed, FIRST_GROUP + source, scenario.horizon),
            batches: 0,
            pods: 0,
        };
        (0..).zip(&scenario.sources).map(state).collect()
    }
}

impl Run<'_, '_> {
    /// Puts the next arrival of a source into the calendar; `last` is the one before, or the source's start.
    pub(super) fn expect_arrival(&mut self, source: u32, last: SimTime) {
        let setup = &self.scenario.sources[source as usize];
        let state = &self.sources[source as usize];
        let number = state.batches;
        let next = state.arrivals.next(number, last, self.seed, stream(source, number));
        let is_wanted = setup.max.is_none_or(|max| state.pods < max);
        if let Some(at) = next.filter(|&at| is_wanted && at < setup.end) {
            self.at(at, Event::Arrival(source));
        }
    }

    /// Pods arrive.
    pub(super) fn arrival(&mut self, source: u32) {
        let setup = &self.scenario.sources[source as usize];
        let state = &mut self.sources[source as usize];
        let first = state.pods;
        let size = u64::from(setup.batch.draw(self.seed, stream(source, state.batches)));
        let end = setup.max.map_or(first + size, |max| max.min(first + size));
        (state.batches, state.pods) = (state.batches + 1, end);
        for number in first..end {
            let name = format!("{}-{}", setup.name, number + 1);
            let creator = Creator::Source(source, number as u32);
            self.receive_replica(&name, &setup.template, creator, stream(source, number));
        }
        self.expect_arrival(source, self.now);
    }
}
