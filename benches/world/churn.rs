//! A calendar in steady state: each event brings about one at the same instant and one later.

use overspill::engine::Calendar;
use overspill::random::{Purpose, Stream, generator};
use overspill::{SimTime, Span};
use rand::RngExt;

/// How many distances are drawn beforehand, so that drawing is not measured.
const DISTANCES: usize = 4_096;
/// The longest distance between an event and what it brings about.
const FARTHEST: Span = Span::from_secs(600);

/// A calendar, and how far away the next events are.
#[derive(Clone)]
pub(crate) struct Churn {
    calendar: Calendar<usize>,
    distances: Vec<Span>,
    scheduled: usize,
}

impl Churn {
    /// With so many events to come.
    pub(crate) fn new(pending: usize) -> Self {
        let mut draws = generator(1, Purpose::Arrival, Stream::of(0, 0));
        let distances = (0..DISTANCES).map(|_| Span(draws.random_range(1..=FARTHEST.0))).collect();
        let mut churn = Self { calendar: Calendar::new(), distances, scheduled: 0 };
        (0..pending).for_each(|_| churn.schedule(SimTime::ZERO));
        churn
    }

    /// Two events happen, and two are scheduled.
    pub(crate) fn step(&mut self) {
        let horizon = SimTime(u64::MAX);
        let first = self.calendar.pop(horizon).expect("there is always one to come");
        // Before whatever else is to come at this instant.
        self.calendar.schedule(first.at, 0, first.event);
        self.schedule(first.at);
        let second = self.calendar.pop(horizon).expect("one was just scheduled");
        assert_eq!(second.at, first.at, "one was scheduled for the same instant");
    }

    fn schedule(&mut self, now: SimTime) {
        let distance = self.distances[self.scheduled % DISTANCES];
        self.calendar.schedule(now + distance, 1, self.scheduled);
        self.scheduled += 1;
    }
}
