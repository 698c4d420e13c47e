//! Pod sources.

use super::Run;
use super::event::Event;
use super::pod_state::Creator;
use crate::capacity::Law;
use crate::random::{Purpose, Stream, generator};
use crate::simulation::scenario::{Arrivals, SourceSetup};
use crate::units::SimTime;

/// Draws of sources are kept apart from those of workloads, which count from zero.
const FIRST_GROUP: u32 = 1 << 31;

/// The stream of a source's arrival.
fn stream(source: u32, arrival: u64) -> Stream {
    Stream::of(FIRST_GROUP + source, arrival as u32)
}

impl Run<'_, '_> {
    /// Puts the next arrival of a source into the calendar; `last` is the one before, or the source's start.
    pub(super) fn expect_arrival(&mut self, source: u32, last: SimTime) {
        let setup = &self.scenario.sources[source as usize];
        let number = self.arrived[source as usize];
        let at = next_arrival(setup, self.seed, source, number, last);
        if at < setup.end && setup.max.is_none_or(|max| number < max) {
            self.at(at, Event::Arrival(source));
        }
    }

    /// A pod arrives.
    pub(super) fn arrival(&mut self, source: u32) {
        let number = self.arrived[source as usize];
        self.arrived[source as usize] += 1;
        let setup = &self.scenario.sources[source as usize];
        let name = format!("{}-{}", setup.name, number + 1);
        let creator = Creator::Source(source, number as u32);
        self.receive_replica(&name, &setup.template, creator, stream(source, number));
        self.expect_arrival(source, self.now);
    }
}

fn next_arrival(setup: &SourceSetup, seed: u64, source: u32, number: u64, last: SimTime) -> SimTime {
    match setup.arrivals {
        Arrivals::Regular { first, .. } if number == 0 => last + first,
        Arrivals::Regular { every, .. } => last + every,
        Arrivals::Poisson(mean) => {
            let mut draws = generator(seed, Purpose::Arrival, stream(source, number));
            last + Law::Exponential { mean }.draw(&mut draws)
        }
    }
}
