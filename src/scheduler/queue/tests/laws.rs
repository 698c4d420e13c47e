//! What holds whatever happens to the queue.

use std::cell::Cell;

use proptest::prelude::*;

use super::*;
use crate::scheduler::queue::unschedulable_pods::UnschedulablePods;

/// Something that can happen to the queue.
#[derive(Clone, Copy, Debug)]
enum Act {
    Add { priority: i32, gated: bool },
    Pop,
    Reject { by: usize },
    Err,
    Done,
    Room,
    Update { pod: usize },
    Delete { pod: usize },
    Wait { millis: u64 },
}

const REJECTORS: [&str; 3] = [FIT, "TaintToleration", "InterPodAffinity"];

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        3 => (0..3, prop::bool::weighted(0.2)).prop_map(|(priority, gated)| Act::Add { priority, gated }),
        5 => Just(Act::Pop),
        5 => (0..REJECTORS.len()).prop_map(|by| Act::Reject { by }),
        1 => Just(Act::Err),
        1 => Just(Act::Done),
        2 => Just(Act::Room),
        1 => any::<usize>().prop_map(|pod| Act::Update { pod }),
        1 => any::<usize>().prop_map(|pod| Act::Delete { pod }),
        4 => prop_oneof![1..3_000_u64, 1..400_000_u64].prop_map(|millis| Act::Wait { millis }),
    ]
}

/// Where every pod stands.
fn places(queue: &Queue) -> Vec<Vec<PodId>> {
    use Place::{Active, Backoff, ErrorBackoff, Gated, Unschedulable};
    [Active, Backoff, ErrorBackoff, Unschedulable, Gated].map(|place| queue.list(place)).to_vec()
}

impl World {
    fn act(&mut self, act: Act, pods: &mut Vec<PodId>) {
        let flying = self.queue.list(Place::InFlight).first().copied();
        match (act, flying) {
            (Act::Add { priority, gated: true }, _) => {
                pods.push(self.add(PodSpec { priority, ..gated(&["a"]) }));
            }
            (Act::Add { priority, gated: false }, _) => pods.push(self.add(important(priority))),
            (Act::Pop, _) => self.pop_first_in_order(),
            (Act::Reject { by }, Some(pod)) => {
                self.queue.unschedulable(pod, Rejectors::from([REJECTORS[by]]), self.now);
            }
            (Act::Err, Some(pod)) => self.queue.error(pod, self.now),
            (Act::Done, Some(pod)) => {
                self.queue.done(pod);
                pods.retain(|&one| one != pod);
            }
            (Act::Room, _) => self.room(),
            (Act::Update { pod }, _) if !pods.is_empty() => {
                let pod = pods[pod % pods.len()];
                self.update(pod, |spec| {
                    spec.gates.clear();
                    spec.requests.placed.cpu = MilliCpu((spec.requests.placed.cpu.0 - 1).max(0));
                });
            }
            (Act::Delete { pod }, _) if !pods.is_empty() => {
                let pod = pods.swap_remove(pod % pods.len());
                self.queue.deleted(pod);
            }
            (Act::Wait { millis }, _) => self.wait(Span::from_millis(millis)),
            _ => {}
        }
    }

    /// What is popped is what the lists show first.
    fn pop_first_in_order(&mut self) {
        let first = [Place::Active, Place::Backoff].into_iter().find_map(|place| {
            let first = *self.queue.list(place).first()?;
            Some((first, place))
        });
        let popped = self.queue.pop();
        assert_eq!(popped.map(|popped| (popped.pod, popped.from)), first);
    }

    /// Time passes: at every tick a timer moves something, or is heard by a pod in flight, if and only if the queue
    /// asked for it.
    fn wait(&mut self, span: Span) {
        let end = self.now + span;
        while self.now < end {
            let next_tick = SimTime::from_secs(self.now.whole_secs() + 1);
            self.now = next_tick.min(end);
            if self.now == next_tick {
                for timer in [Timer::BackoffCompleted, Timer::UnschedulableLeftover] {
                    self.tick(timer);
                }
            }
        }
    }

    fn tick(&mut self, timer: Timer) {
        if timer == Timer::UnschedulableLeftover && !self.now.whole_secs().is_multiple_of(30) {
            return;
        }
        let asked = self.queue.next_timer(self.now).filter(|&(at, _)| at <= self.now);
        let before = places(&self.queue);
        self.flush(timer);
        assert_eq!(before != places(&self.queue), asked.is_some_and(|(_, asked)| asked == timer));
    }
}

proptest! {
    #[test]
    fn every_pod_stands_in_one_place_and_timers_are_asked_for_when_they_matter(
        acts in prop::collection::vec(act(), 1..60),
    ) {
        let mut world = World::new();
        let mut pods = Vec::new();
        for act in acts {
            world.act(act, &mut pods);
            world.queue.check().unwrap();
            let mut known: Vec<_> = pods.iter().filter(|&&pod| world.queue.get(pod).is_some()).collect();
            known.sort();
            prop_assert_eq!(known.len(), pods.len(), "no pod is lost");
        }
    }
}

#[test]
fn a_queue_in_which_nobody_waits_wants_no_timer() {
    let mut world = World::new();
    assert_eq!(world.queue.next_timer(world.now), None);
    world.add(asking(100));
    world.add(gated(&["a"]));
    assert_eq!(world.queue.next_timer(world.now), None);
}

#[test]
fn while_a_pod_is_in_flight_the_ticks_that_gated_pods_make_count_are_wanted() {
    let mut world = World::new();
    world.add(gated(&["a"]));
    world.at(400.0).add(asking(100));
    world.pop();
    for (now, tick) in [(400.0, 420.0), (420.0, 450.0)] {
        let next = world.queue.next_timer(seconds(now));
        assert_eq!(next, Some((seconds(tick), Timer::UnschedulableLeftover)));
    }
}

#[test]
fn pods_that_hints_cannot_tell_apart_are_asked_about_once() {
    let mut world = World::new();
    for _ in 0..100 {
        world.rejected(asking(100), FIT);
    }
    world.rejected(asking(200), FIT);
    world.rejected(asking(100), "NodeAffinity");
    let waiting: &UnschedulablePods = &world.queue.waiting;
    let asked = Cell::new(0);
    let helped = waiting.helped(|_| {
        asked.set(asked.get() + 1);
        true
    });
    assert_eq!((asked.get(), helped.len()), (3, 102));
}
