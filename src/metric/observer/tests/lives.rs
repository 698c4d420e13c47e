//! Runs of drawn lives, whose figures and rows follow from the lives themselves.

use proptest::prelude::*;

use super::*;
use crate::cost::Micros;
use crate::metric::{Collected, PodRow};
use crate::object::Title;

/// A pod's life in seconds after its creation: bound, ready, ended, each after the one before.
#[derive(Clone, Debug)]
struct Life {
    created: u64,
    bound: u64,
    ready: u64,
    ended: u64,
    overflow: bool,
    price: i128,
}

fn life() -> impl Strategy<Value = Life> {
    (0_u64..60, 0_u64..30, 0_u64..30, 0_u64..60, any::<bool>(), 1_i128..1_000_000).prop_map(
        |(created, wait, start, served, overflow, price)| {
            let (bound, ready) = (created + wait, created + wait + start);
            Life { created, bound, ready, ended: ready + served, overflow, price }
        },
    )
}

/// The facts of these lives up to `horizon`, in time order.
fn told(lives: &[Life], horizon: u64) -> Vec<(u64, Fact<'static>)> {
    let mut facts = vec![
        (0, node(ECS, NodeClass::Ecs, "0.37/h")),
        (0, node(VIRTUAL, NodeClass::Virtual, "0/h")),
        (horizon, load(horizon, 1000.0, 1.0)),
    ];
    for (number, life) in (0_u32..).zip(lives) {
        let (place, why) = if life.overflow { (VIRTUAL, Some(Overflow::Full)) } else { (ECS, None) };
        facts.push((life.created, pod(number, 10, 1, true)));
        facts.push((life.bound, bound(number, place, why, 1)));
        if life.overflow {
            facts.push((
                life.bound,
                Fact::PodBilled { pod: PodId(number), price: Price(life.price), spec: format_args!("") },
            ));
        }
        facts.push((life.ready, ready(number)));
        facts.push((life.ended, ended(number, Outcome::Succeeded)));
    }
    facts.retain(|(time, _)| *time <= horizon);
    facts.sort_by_key(|(time, _)| *time);
    facts
}

proptest! {
    /// Integrals are sums over pods (Little's law in a finite run), peaks are maxima over instants, and the rates of
    /// the timeline come to the totals.
    #[test]
    fn totals_agree_with_the_lives(
        mut lives in prop::collection::vec(life(), 0..20),
        horizon in 1_u64..200,
        sample in 1_u64..50,
    ) {
        lives.sort_by_key(|life| life.created);
        lives.retain(|life| life.created <= horizon);
        let mut observer = observer(sample, horizon);
        observe(&mut observer, &told(&lives, horizon));
        let run = Observation::new(observer.finish());
        let get = |path: &str| run.summary.get(path).map_or(0.0, |value| value.number);

        let during = |from: u64, to: u64| (to.min(horizon).saturating_sub(from.min(horizon))) as f64;
        let waited: f64 = lives.iter().map(|life| during(life.created, life.bound)).sum();
        let started: f64 = lives.iter().map(|life| during(life.bound, life.ready)).sum();
        let overflowed: f64 =
            lives.iter().filter(|life| life.overflow).map(|life| during(life.bound, life.ended)).sum();
        prop_assert!((get("pending.podSeconds") - waited).abs() < 1e-6);
        prop_assert!((get("starting.podSeconds") - started).abs() < 1e-6);
        prop_assert!((get("overflow.podSeconds") - overflowed).abs() < 1e-6);

        let pending_at = |time: u64| lives.iter().filter(|life| life.created <= time && time < life.bound).count();
        let peak = (0..=horizon).map(pending_at).max().unwrap_or(0);
        prop_assert!((get("pending.peak") - peak as f64).abs() < 0.5);
        prop_assert!((get("pods.pendingAtEnd") - pending_at(horizon) as f64).abs() < 0.5);

        let crest = run.timeline.iter().map(|row| row.crest.pending).max().unwrap_or(0);
        prop_assert!((get("pending.peak") - crest as f64).abs() < 0.5);

        let steps = run.timeline.windows(2).map(|pair| (pair[1].time.since(pair[0].time).as_secs_f64(), &pair[1]));
        let (mut paid, mut requests) = (0.0, 0.0);
        for (step, row) in steps {
            paid += row.cost_per_s * step;
            requests += row.rps * step;
        }
        prop_assert!((get("cost.total") - paid).abs() < 1e-6);
        prop_assert!((requests - 1000.0).abs() < 1e-6);
        prop_assert!((get("cost.ecs") + get("cost.virtual") - get("cost.total")).abs() < 1e-9);
    }
}

/// Keeps rows, and adds up what is printed for them.
#[derive(Default)]
struct Printed {
    rows: Collected,
    pods: i128,
    nodes: i128,
}

impl RowSink for Printed {
    fn takes_events(&self) -> bool {
        true
    }

    fn takes_pods(&self) -> bool {
        true
    }

    fn event(&mut self, row: &EventRow<Title<'_>, fmt::Arguments<'_>>) {
        self.rows.event(row);
    }

    fn pod(&mut self, row: &PodRow<&str>, cost: Micros) {
        self.pods += cost.0;
        self.rows.pod(row, cost);
    }

    fn node(&mut self, row: NodeRow, cost: Micros, idle_cost: Micros) {
        self.nodes += cost.0;
        self.rows.node(row, cost, idle_cost);
    }
}

proptest! {
    /// Whatever order pods end in, their rows come in order of creation and tell their lives; what is printed for rows
    /// adds up to what is printed for the run.
    #[test]
    fn rows_agree_with_the_lives_and_add_up(mut lives in prop::collection::vec(life(), 0..20), horizon in 1_u64..200) {
        lives.sort_by_key(|life| life.created);
        lives.retain(|life| life.created <= horizon);
        let facts = told(&lives, horizon);
        let mut observer = Observer::with_sink(settings(10, horizon), Printed::default());
        let mut without_rows = Observer::with_sink(settings(10, horizon), ());
        for (seconds, fact) in &facts {
            observer.observe(SimTime::from_secs(*seconds), fact);
            without_rows.observe(SimTime::from_secs(*seconds), fact);
        }
        let (run, printed) = observer.finish();
        prop_assert_eq!(&without_rows.finish().0, &run, "rows change nothing else");

        prop_assert_eq!(printed.rows.pods.len(), lives.len());
        let at = |seconds: u64| (seconds <= horizon).then_some(SimTime::from_secs(seconds));
        for (row, life) in printed.rows.pods.iter().zip(&lives) {
            prop_assert_eq!(Some(row.created), at(life.created));
            prop_assert_eq!([row.scheduled, row.ready, row.finished], [life.bound, life.ready, life.ended].map(at));
            let place = if life.overflow { "virtual-0" } else { "ecs-0" };
            prop_assert_eq!(&*row.node, at(life.bound).map_or("", |_| place));
            let paid = if life.overflow { life.ended.min(horizon).saturating_sub(life.bound) } else { 0 };
            prop_assert_eq!(row.cost, Price(life.price) * Span::from_secs(paid));
        }
        let micros = |path: &str| (run.summary.get(path).unwrap().number * 1e6).round() as i128;
        prop_assert_eq!([printed.nodes, printed.pods], ["cost.ecs", "cost.virtual"].map(micros));
    }
}
