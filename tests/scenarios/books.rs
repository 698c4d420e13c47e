//! Bookkeeping over the facts of a run, in whole numbers and without the metrics' own code: what a run costs and how
//! long its pods wait, once as an integral over time and once as a sum over nodes and pods.

use std::collections::{BTreeMap, BTreeSet};

use overspill::metric::{Fact, PodRow};
use overspill::simulation::{Scenario, run};
use overspill::units::{Money, Price, SimTime, Span};

use crate::shipped::ALL;

/// The books of one run.
#[derive(Default)]
struct Books {
    now: SimTime,
    /// What is paid at this instant, and what was paid until then.
    rate: Price,
    paid: Money,
    /// Pods that wait to be bound, and the time that they waited until then, in pods times nanoseconds.
    pending: BTreeSet<usize>,
    waited: u128,
    /// Prices of nodes, and of pods that are billed.
    nodes: Vec<Price>,
    billed: Vec<(usize, Price)>,
    /// Counted pods that exist, by number, and which of them are bound and were ready.
    alive: BTreeSet<usize>,
    starting: BTreeMap<usize, SimTime>,
    /// In pods times nanoseconds: those that are there, and those that are bound, not yet ready and not told to end.
    lived: u128,
    started: u128,
    /// What each of the latter has taken, pod by pod.
    starts: u128,
    tally: Tally,
    /// The numbers of all pods that count.
    counted: BTreeSet<usize>,
}

/// How many pods have come to what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Tally {
    created: usize,
    bound: usize,
    ended: usize,
    ended_unbound: usize,
}

impl Books {
    fn of(scenario: &Scenario) -> Self {
        let mut books = Self::default();
        run(scenario, &mut |now, fact| books.enter(now, fact));
        books.go_on_to(scenario.horizon);
        for pod in books.starting.keys().copied().collect::<Vec<_>>() {
            books.starts_no_more(pod);
        }
        books
    }

    /// A pod that counts has waited, and starts from now on.
    fn is_bound(&mut self, pod: usize) {
        if self.pending.remove(&pod) {
            self.starting.insert(pod, self.now);
            self.tally.bound += 1;
        }
    }

    fn starts_no_more(&mut self, pod: usize) {
        let since = self.starting.remove(&pod);
        self.starts += since.map_or(0, |since| u128::from(self.now.since(since).0));
    }

    fn go_on_to(&mut self, now: SimTime) {
        let span = now.since(self.now);
        self.paid += self.rate * span;
        self.waited += self.pending.len() as u128 * u128::from(span.0);
        self.lived += self.alive.len() as u128 * u128::from(span.0);
        self.started += self.starting.len() as u128 * u128::from(span.0);
        self.now = now;
    }

    fn enter(&mut self, now: SimTime, fact: &Fact<'_>) {
        self.go_on_to(now);
        match *fact {
            Fact::NodeAdded { price, .. } => {
                self.nodes.push(price);
                self.rate += price;
            }
            Fact::ClusterBilled { price } => self.rate += price,
            Fact::NodeReleased { node } | Fact::NodeRemoved { node } => {
                let price = std::mem::replace(&mut self.nodes[node.index()], Price::ZERO);
                self.rate = self.rate - price;
            }
            Fact::PodCreated { pod, counted: true, .. } => {
                self.pending.insert(pod.index());
                self.alive.insert(pod.index());
                self.counted.insert(pod.index());
                self.tally.created += 1;
            }
            Fact::PodBound { pod, .. } => self.is_bound(pod.index()),
            Fact::PodReady { pod } | Fact::PodTerminating { pod } => self.starts_no_more(pod.index()),
            Fact::PodBilled { pod, price, .. } => {
                self.billed.push((pod.index(), price));
                self.rate += price;
            }
            Fact::PodEnded { pod, .. } => {
                self.starts_no_more(pod.index());
                if self.alive.remove(&pod.index()) {
                    self.tally.ended += 1;
                    self.tally.ended_unbound += usize::from(self.pending.remove(&pod.index()));
                }
                if let Some(place) = self.billed.iter().position(|(billed, _)| *billed == pod.index()) {
                    self.rate = self.rate - self.billed.swap_remove(place).1;
                }
            }
            _ => {}
        }
    }
}

/// Nodes and pods add up to the integral of what is paid per instant, to the last nanosecond, and that is the total,
/// which is printed to a millionth.
#[test]
fn money_is_conserved() {
    for one in ALL.iter() {
        let seen = &one.measured.observation;
        let nodes: Money = seen.nodes.iter().map(|node| node.cost).sum();
        let pods: Money = seen.pods.iter().map(|pod| pod.cost).sum();
        let paid = Books::of(&one.scenario).paid;
        assert_eq!(nodes + pods, paid, "{}", one.title);
        assert_eq!(one.figure("cost.total"), Some(paid.to_micros() as f64 / 1e6), "{}", one.title);
    }
}

/// Little's law without expectations: the number of waiting pods, integrated over the run, is the sum of their waits.
#[test]
fn waits_add_up_to_the_pods_that_wait() {
    for one in ALL.iter() {
        let seen = &one.measured.observation;
        let end = SimTime::ZERO + seen.horizon;
        let waits = seen.pods.iter().map(|pod| {
            let over = pod.scheduled.or(pod.finished).unwrap_or(end);
            over.since(pod.created)
        });
        let sum: u128 = waits.map(|Span(nanos)| u128::from(nanos)).sum();
        assert_eq!(sum, Books::of(&one.scenario).waited, "{}", one.title);
        assert_eq!(one.figure("pending.podSeconds"), Some(sum as f64 / 1e9), "{}", one.title);
    }
}

/// The same of pods that start, and of all that are there: the integral of the latter is the sum of what rows say.
#[test]
fn starts_and_lives_add_up_to_the_pods_that_are_there() {
    for one in ALL.iter() {
        let (seen, books) = (&one.measured.observation, Books::of(&one.scenario));
        let end = SimTime::ZERO + seen.horizon;
        let gone = |pod: &PodRow| pod.finished.unwrap_or(end);
        // A row for each pod, in order of their numbers.
        let rows = || seen.pods.iter().enumerate();
        let counted = || rows().filter(|(number, _)| books.counted.contains(number)).map(|(_, pod)| pod);
        let lives = counted().map(|pod| u128::from(gone(pod).since(pod.created).0));
        assert_eq!(lives.sum::<u128>(), books.lived, "{}", one.title);
        assert_eq!(books.starts, books.started, "{}", one.title);
        assert_eq!(one.figure("starting.podSeconds"), Some(books.starts as f64 / 1e9), "{}", one.title);
    }
}

/// No pod is lost: those that were created have been bound, have ended without a node or still wait, and those that were
/// bound have ended or are there.
#[test]
fn pods_are_conserved() {
    for one in ALL.iter() {
        let books = Books::of(&one.scenario);
        let Tally { created, bound, ended, ended_unbound } = books.tally;
        assert_eq!(created, bound + ended_unbound + books.pending.len(), "{}", one.title);
        assert_eq!(created, ended + books.alive.len(), "{}", one.title);
        for (path, count) in
            [("pods.created", created), ("pods.scheduled", bound), ("pods.pendingAtEnd", books.pending.len())]
        {
            assert_eq!(one.figure(path), Some(count as f64), "{}: {path}", one.title);
        }
    }
}

/// The tests above are about something: there is a run whose pods cost, and one whose pods wait.
#[test]
fn some_pods_cost_and_some_wait() {
    let any = |path| ALL.iter().any(|one| one.figure(path) > Some(0.0));
    assert!(any("cost.virtual") && any("cost.ecs") && any("pending.podSeconds"));
}
