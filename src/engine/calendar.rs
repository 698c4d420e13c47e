//! The events to come, in order.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use crate::units::SimTime;

/// An event with its place in the order: time, then phase, then the order in which events were scheduled.
///
/// Events of one instant and one phase come first in, first out: that is promised, and results rest on it.
#[derive(Clone, Copy, Debug)]
pub struct Scheduled<P, E> {
    /// When it happens.
    pub at: SimTime,
    /// Its phase within the instant.
    pub phase: P,
    sequence: u64,
    /// What happens.
    pub event: E,
}

impl<P: Ord, E> Scheduled<P, E> {
    fn key(&self) -> (SimTime, &P, u64) {
        (self.at, &self.phase, self.sequence)
    }
}

impl<P: Ord, E> PartialEq for Scheduled<P, E> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl<P: Ord, E> Eq for Scheduled<P, E> {}

impl<P: Ord, E> PartialOrd for Scheduled<P, E> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Reversed, so that the greatest in a heap is the first to happen.
impl<P: Ord, E> Ord for Scheduled<P, E> {
    fn cmp(&self, other: &Self) -> Ordering {
        other.key().cmp(&self.key())
    }
}

/// The events to come. Time never goes back: an event cannot be scheduled before the last one that was popped.
#[derive(Clone, Debug)]
pub struct Calendar<P, E> {
    heap: BinaryHeap<Scheduled<P, E>>,
    sequence: u64,
    now: SimTime,
}

impl<P: Ord, E> Default for Calendar<P, E> {
    fn default() -> Self {
        Self { heap: BinaryHeap::new(), sequence: 0, now: SimTime::ZERO }
    }
}

impl<P: Ord, E> Calendar<P, E> {
    /// An empty calendar at the start of time.
    pub fn new() -> Self {
        Self::default()
    }

    /// Schedules an event.
    pub fn schedule(&mut self, at: SimTime, phase: P, event: E) {
        assert!(at >= self.now, "an event cannot happen at {at}, before now, {}", self.now);
        self.sequence += 1;
        self.heap.push(Scheduled { at, phase, sequence: self.sequence, event });
    }

    /// Takes the next event that happens no later than `horizon`.
    pub fn pop(&mut self, horizon: SimTime) -> Option<Scheduled<P, E>> {
        let next = self.heap.peek()?;
        if next.at > horizon {
            return None;
        }
        self.now = next.at;
        self.heap.pop()
    }

    /// How many events are to come.
    pub fn len(&self) -> usize {
        self.heap.len()
    }

    /// Whether nothing is to come.
    pub fn is_empty(&self) -> bool {
        self.heap.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_instant_runs_phase_by_phase_and_first_in_first_out() {
        let mut calendar = Calendar::new();
        for (at, phase, event) in [(5, 1, 'c'), (5, 0, 'a'), (3, 9, 'x'), (5, 1, 'd'), (5, 0, 'b')] {
            calendar.schedule(SimTime(at), phase, event);
        }
        let popped: String = std::iter::from_fn(|| calendar.pop(SimTime(9))).map(|next| next.event).collect();
        assert_eq!(popped, "xabcd");
    }

    #[test]
    fn what_comes_after_the_horizon_stays() {
        let mut calendar = Calendar::new();
        calendar.schedule(SimTime(10), 0, ());
        assert!(calendar.pop(SimTime(9)).is_none());
        assert!(calendar.pop(SimTime(10)).is_some());
        assert!(calendar.is_empty());
    }

    proptest! {
        #[test]
        fn events_come_in_order_of_time_phase_and_insertion(events in prop::collection::vec((0_u64..20, 0_u8..3), 0..200)) {
            let mut calendar = Calendar::new();
            for (number, &(at, phase)) in events.iter().enumerate() {
                calendar.schedule(SimTime(at), phase, number);
            }
            let popped: Vec<_> = std::iter::from_fn(|| calendar.pop(SimTime(99)))
                .map(|next| (next.at.0, next.phase, next.event))
                .collect();
            let mut sorted = popped.clone();
            sorted.sort_unstable();
            prop_assert_eq!(&popped, &sorted);
            prop_assert_eq!(popped.len(), events.len());
        }
    }
}
