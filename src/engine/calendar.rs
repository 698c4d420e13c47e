//! The events to come, in order.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;

use crate::units::SimTime;

/// An event with its place in the order: time, then phase, then the order in which events were scheduled.
///
/// Events of one instant and one phase come first in, first out: that is promised, and results rest on it.
#[derive(Clone, Copy, Debug)]
pub struct Scheduled<E> {
    /// When it happens.
    pub at: SimTime,
    /// Its phase, and below it the number of events that were scheduled before.
    order: u64,
    /// What happens.
    pub event: E,
}

/// What is left of the order for counting events.
const SEQUENCE_BITS: u32 = 56;

impl<E> Scheduled<E> {
    /// How many events were scheduled up to this one.
    pub fn number(&self) -> u64 {
        self.order & ((1 << SEQUENCE_BITS) - 1)
    }

    fn key(&self) -> (SimTime, u64) {
        (self.at, self.order)
    }
}

impl<E> PartialEq for Scheduled<E> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl<E> Eq for Scheduled<E> {}

impl<E> PartialOrd for Scheduled<E> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Reversed, so that the greatest in a heap is the first to happen.
impl<E> Ord for Scheduled<E> {
    fn cmp(&self, other: &Self) -> Ordering {
        other.key().cmp(&self.key())
    }
}

/// The events to come. Time never goes back: an event cannot be scheduled before the last one that was popped.
///
/// What is scheduled for the present instant, as most of what follows from an event is, stands in a heap of its own:
/// that heap is small, however many events are to come later.
#[derive(Clone, Debug)]
pub struct Calendar<E> {
    at_once: BinaryHeap<Scheduled<E>>,
    later: BinaryHeap<Scheduled<E>>,
    sequence: u64,
    now: SimTime,
}

impl<E> Default for Calendar<E> {
    fn default() -> Self {
        Self { at_once: BinaryHeap::new(), later: BinaryHeap::new(), sequence: 0, now: SimTime::ZERO }
    }
}

impl<E> Calendar<E> {
    /// An empty calendar at the start of time.
    pub fn new() -> Self {
        Self::default()
    }

    /// Schedules an event in a phase of its instant; phases with lower numbers come first.
    pub fn schedule(&mut self, at: SimTime, phase: u8, event: E) {
        assert!(at >= self.now, "an event cannot happen at {at}, before now, {}", self.now);
        self.sequence += 1;
        debug_assert!(self.sequence >> SEQUENCE_BITS == 0, "there are fewer than 2^56 events");
        let order = u64::from(phase) << SEQUENCE_BITS | self.sequence;
        let heap = if at == self.now { &mut self.at_once } else { &mut self.later };
        heap.push(Scheduled { at, order, event });
    }

    /// Takes the next event that happens no later than `horizon`.
    pub fn pop(&mut self, horizon: SimTime) -> Option<Scheduled<E>> {
        // The greater is the first to happen, and no event is the least.
        let heap = if self.at_once.peek() > self.later.peek() { &mut self.at_once } else { &mut self.later };
        let next = heap.peek_mut()?;
        if next.at > horizon {
            return None;
        }
        self.now = next.at;
        Some(PeekMut::pop(next))
    }

    /// How many events were ever scheduled: the number of the last.
    pub fn numbered(&self) -> u64 {
        self.sequence
    }

    /// How many events are to come.
    pub fn len(&self) -> usize {
        self.at_once.len() + self.later.len()
    }

    /// Whether nothing is to come.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
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
    fn an_event_knows_how_many_were_scheduled_up_to_it() {
        let mut calendar = Calendar::new();
        calendar.schedule(SimTime(5), 7, 'a');
        calendar.schedule(SimTime(3), 2, 'b');
        assert_eq!(calendar.numbered(), 2);
        let numbers: Vec<_> =
            std::iter::from_fn(|| calendar.pop(SimTime(9))).map(|one| one.number()).collect();
        assert_eq!(numbers, [2, 1]);
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
        /// What follows from an event, at once or later, falls in with what was there.
        #[test]
        fn events_that_follow_from_events_come_in_order_too(delays in prop::collection::vec((0_u64..3, 0_u8..3), 1..200)) {
            let mut calendar = Calendar::new();
            let mut due = Vec::new();
            let mut popped = Vec::new();
            let mut now = SimTime::ZERO;
            for (number, &(delay, phase)) in delays.iter().enumerate() {
                let at = SimTime(now.0 + delay);
                calendar.schedule(at, phase, number);
                due.push((at, phase, number));
                if number % 3 == 2 {
                    let first = due.iter().copied().min().unwrap();
                    due.retain(|one| *one != first);
                    popped.push((first, calendar.pop(SimTime(999)).map(|next| (next.at, next.event))));
                    now = first.0;
                }
            }
            for ((at, _, number), next) in popped {
                prop_assert_eq!(next, Some((at, number)));
            }
            prop_assert_eq!(calendar.len(), due.len());
        }

        #[test]
        fn events_come_in_order_of_time_phase_and_insertion(events in prop::collection::vec((0_u64..20, 0_u8..3), 0..200)) {
            let mut calendar = Calendar::new();
            for (number, &(at, phase)) in events.iter().enumerate() {
                calendar.schedule(SimTime(at), phase, number);
            }
            let popped: Vec<_> = std::iter::from_fn(|| calendar.pop(SimTime(99)))
                .map(|next| (next.at.0, events[next.event].1, next.event))
                .collect();
            let mut sorted = popped.clone();
            sorted.sort_unstable();
            prop_assert_eq!(&popped, &sorted);
            prop_assert_eq!(popped.len(), events.len());
        }
    }
}
