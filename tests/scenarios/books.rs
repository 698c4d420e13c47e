//! Bookkeeping over the facts of a run, in whole numbers and without the metrics' own code: what a run costs and how
//! long its pods wait, once as an integral over time and once as a sum over nodes and pods.

use std::collections::BTreeSet;

use overspill::metric::Fact;
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
}

impl Books {
    fn of(scenario: &Scenario) -> Self {
        let mut books = Self::default();
        run(scenario, &mut |now, fact| books.enter(now, fact));
        books.go_on_to(scenario.horizon);
        books
    }

    fn go_on_to(&mut self, now: SimTime) {
        let span = now.since(self.now);
        self.paid += self.rate * span;
        self.waited += self.pending.len() as u128 * u128::from(span.0);
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
            }
            Fact::PodBound { pod, .. } => {
                self.pending.remove(&pod.index());
            }
            Fact::PodBilled { pod, price, .. } => {
                self.billed.push((pod.index(), price));
                self.rate += price;
            }
            Fact::PodEnded { pod, .. } => {
                self.pending.remove(&pod.index());
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

/// The tests above are about something: there is a run whose pods cost, and one whose pods wait.
#[test]
fn some_pods_cost_and_some_wait() {
    let any = |path| ALL.iter().any(|one| one.figure(path) > Some(0.0));
    assert!(any("cost.virtual") && any("cost.ecs") && any("pending.podSeconds"));
}
