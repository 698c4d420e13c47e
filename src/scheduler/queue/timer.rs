//! The two clocks of the queue, and when they next have something to do.

use super::backoff_queue::BackoffQueue;
use super::{Place, Queue};
use crate::units::{SimTime, Span};

/// How often pods whose backoff is over are looked for, on whole seconds (backoff_queue.go:150).
const BACKOFF_PERIOD: Span = Span::from_secs(1);
/// How often pods that have waited for too long are looked for, from the start of the queue
/// (scheduling_queue.go `Run`).
const LEFTOVER_PERIOD: Span = Span::from_secs(30);
/// A pod that has waited for an event for longer than this is tried anyway
/// (scheduling_queue.go `DefaultPodMaxInUnschedulablePodsDuration`).
const LONGEST_WAIT: Span = Span::from_secs(300);

/// A periodic task of the queue. At one instant they go in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Timer {
    /// `flushBackoffQCompleted`, on every whole second: pods whose backoff is over go to activeQ.
    BackoffCompleted,
    /// `flushUnschedulablePodsLeftover`, every 30 s from the start: pods that have waited for more than five minutes
    /// are tried without an event.
    UnschedulableLeftover,
}

impl Timer {
    /// Whether the timer ticks at `now`.
    pub fn is_tick(self, now: SimTime) -> bool {
        let period = match self {
            Self::BackoffCompleted => BACKOFF_PERIOD,
            Self::UnschedulableLeftover => LEFTOVER_PERIOD,
        };
        now.0.is_multiple_of(period.0)
    }
}

/// The first multiple of `period` after `at`.
fn tick_after(at: SimTime, period: Span) -> SimTime {
    SimTime((at.0 / period.0 + 1) * period.0)
}

/// The first tick at which a pod with this timestamp has waited for too long.
fn leftover_tick(timestamp: SimTime) -> SimTime {
    tick_after(timestamp + LONGEST_WAIT, LEFTOVER_PERIOD)
}

impl Queue {
    /// The next tick at which a timer does something. All ticks before it do nothing and need no event; the answer
    /// holds until the queue is changed.
    pub fn next_timer(&self, now: SimTime) -> Option<(SimTime, Timer)> {
        let expiry = [&self.backoff, &self.errors].into_iter().filter_map(BackoffQueue::next_expiry).min();
        let completed = expiry.map(|expiry| tick_after(expiry, BACKOFF_PERIOD));
        let leftover = self.waiting.rejected().next().map(|(timestamp, _)| leftover_tick(timestamp));
        // Gated pods stay, but pods in flight hear the tick all the same.
        let heard = self.waiting.gated().next().filter(|_| !self.in_flight.is_empty());
        let heard =
            heard.map(|(timestamp, _)| leftover_tick(timestamp).max(tick_after(now, LEFTOVER_PERIOD)));
        [
            (completed, Timer::BackoffCompleted),
            (leftover, Timer::UnschedulableLeftover),
            (heard, Timer::UnschedulableLeftover),
        ]
        .into_iter()
        .filter_map(|(at, timer)| Some((at?, timer)))
        .min()
    }

    /// Does what a timer does at its tick.
    pub fn flush(&mut self, timer: Timer, now: SimTime) {
        match timer {
            Timer::BackoffCompleted => self.flush_backoff_completed(now),
            Timer::UnschedulableLeftover => self.flush_unschedulable_leftover(now),
        }
    }

    /// PreEnqueue was asked on the way into the backoff queues and is not asked again.
    fn flush_backoff_completed(&mut self, now: SimTime) {
        for queue in [&mut self.backoff, &mut self.errors] {
            while let Some(id) = queue.pop_completed(&self.settings, now) {
                let pod = self.pods.get_mut(&id).expect("a pod that backs off is known");
                pod.place = Place::Active;
                self.active.push(id, pod.turn);
            }
        }
    }

    fn flush_unschedulable_leftover(&mut self, now: SimTime) {
        let overdue = |timestamp: SimTime| now.since(timestamp) > LONGEST_WAIT;
        let moved: Vec<_> =
            self.waiting.rejected().take_while(|&(timestamp, _)| overdue(timestamp)).collect();
        let any_gated = self.waiting.gated().next().is_some_and(|(timestamp, _)| overdue(timestamp));
        if !moved.is_empty() || any_gated {
            self.in_flight.hear_leftover_flush();
        }
        for (_, id) in moved {
            self.wake(id, now);
        }
    }
}
