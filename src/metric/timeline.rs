//! The timeline: the run on a fixed grid of instants.

use super::observer::Measured;
use crate::cost::Bill;
use crate::units::{Money, Price, SimTime, Span};

/// The run at one instant of the grid. Counts are the values once everything at that instant has happened, and leave
/// out pods that do not count; rates are means over the step that ends there. The first row, at zero, ends no step:
/// its rates of money are those of that instant, its traffic is none. The last row is at the end of the run.
#[derive(Clone, Debug, PartialEq)]
pub struct TimelineRow {
    /// When.
    pub time: SimTime,
    /// Requests per second.
    pub rps: f64,
    /// Pods that controllers want.
    pub replicas_desired: u64,
    /// Pods that live on ECS nodes.
    pub pods_ecs: u64,
    /// Pods that live on virtual nodes.
    pub pods_virtual: u64,
    /// Those of them that are there early: an ECS node had room.
    pub pods_virtual_early: u64,
    /// Pods created and not bound.
    pub pending: u64,
    /// Pods bound and not Ready.
    pub starting: u64,
    /// Money per second.
    pub cost_per_s: f64,
    /// Money per second for nodes.
    pub cost_ecs_per_s: f64,
    /// Money per second for pods on virtual nodes.
    pub cost_virtual_per_s: f64,
    /// Of the money for nodes, that for room which no pod requested.
    pub cost_idle_ecs_per_s: f64,
    /// Requests per second that nobody could serve.
    pub unserved_rps: f64,
    /// Pods that are Ready and take traffic.
    pub ready: u64,
    /// The mean time of the requests that were served; `None` if there were none, or it is not measured.
    pub latency_mean: Option<Span>,
    /// ECS nodes.
    pub nodes: u64,
    /// The most pods that waited at once since the row before: what comes and goes between two rows is in no count.
    /// It is for the picture; `timeline.csv` has the instants only.
    pub crest: Crest,
}

/// The most pods that waited at once during a step, both ends included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Crest {
    /// Those created and not bound.
    pub pending: u64,
    /// Those not Ready: pending and starting together, at one instant.
    pub waiting: u64,
}

impl Crest {
    fn cover(&mut self, pending: u64, starting: u64) {
        self.pending = self.pending.max(pending);
        self.waiting = self.waiting.max(pending + starting);
    }
}

/// Requests of some time.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Requests {
    pub(super) arrived: f64,
    pub(super) unserved: f64,
    /// Those of which it is known how long they took, and how long all of them together.
    pub(super) timed: f64,
    pub(super) seconds: f64,
}

impl Requests {
    fn add(&mut self, other: Self, part: f64) {
        self.arrived += other.arrived * part;
        self.unserved += other.unserved * part;
        self.timed += other.timed * part;
        self.seconds += other.seconds * part;
    }

    fn latency_mean(&self) -> Option<Span> {
        (self.timed > 0.0).then(|| Span::from_secs_f64(self.seconds / self.timed))
    }
}

/// What was spent up to an instant.
#[derive(Clone, Copy, Debug, Default)]
struct Spent {
    ecs: Money,
    virtual_nodes: Money,
    idle_ecs: Money,
}

impl Spent {
    fn until(time: SimTime, bill: &Bill) -> Self {
        Self { ecs: bill.ecs_at(time), virtual_nodes: bill.virtual_at(time), idle_ecs: bill.idle_until(time) }
    }

    /// What was spent since: on nodes, on virtual nodes, on idle nodes.
    fn since(&self, before: &Self) -> [Money; 3] {
        [self.ecs - before.ecs, self.virtual_nodes - before.virtual_nodes, self.idle_ecs - before.idle_ecs]
    }
}

/// Rows taken so far, and what accumulates for the next.
pub(super) struct Timeline {
    step: Span,
    rows: Vec<TimelineRow>,
    /// The requests in the step that ends at the row of the same number.
    loads: Vec<Requests>,
    spent: Spent,
    crest: Crest,
}

impl Timeline {
    pub(super) fn new(step: Span) -> Self {
        assert!(step > Span::ZERO, "the timeline advances");
        Self { step, rows: Vec::new(), loads: Vec::new(), spent: Spent::default(), crest: Crest::default() }
    }

    /// The instant of the next row.
    pub(super) fn next(&self) -> SimTime {
        SimTime(self.step.0 * self.rows.len() as u64)
    }

    /// Spreads the requests of a step of traffic that ends at `end` evenly over the rows whose steps it overlaps. Rows
    /// that were taken already still receive their part: a step of traffic is told when it is over.
    pub(super) fn load(&mut self, end: SimTime, length: Span, requests: Requests) {
        let grid = self.step.0;
        let start = end.0.saturating_sub(length.0);
        let last = end.0.div_ceil(grid);
        let first = (start / grid + 1).min(last);
        if self.loads.len() <= last as usize {
            self.loads.resize(last as usize + 1, Requests::default());
        }
        for row in first..=last {
            let from = start.max(row.saturating_sub(1) * grid);
            let overlap = end.0.min(row * grid).saturating_sub(from);
            let part = if first == last { 1.0 } else { overlap as f64 / length.0 as f64 };
            self.loads[row as usize].add(requests, part);
        }
    }

    /// Everything stays as it is for a while.
    pub(super) fn hold(&mut self, run: &Measured) {
        self.crest.cover(run.pending.level.now(), run.starting.level.now());
    }

    /// Takes the row at `time`: everything at that instant has happened.
    pub(super) fn take(&mut self, time: SimTime, replicas_desired: u64, run: &Measured) {
        let bill = &run.bill;
        let step = time.since(self.rows.last().map_or(SimTime::ZERO, |row| row.time)).as_secs_f64();
        let spent = Spent::until(time, bill);
        let [cost_ecs_per_s, cost_virtual_per_s, cost_idle_ecs_per_s] = if self.rows.is_empty() {
            [bill.ecs_rate(), bill.virtual_rate(), bill.idle_rate()].map(Price::per_second_f64)
        } else {
            spent.since(&self.spent).map(|money| money.as_f64() / step)
        };
        self.spent = spent;
        self.hold(run);
        self.rows.push(TimelineRow {
            time,
            rps: 0.0,
            replicas_desired,
            pods_ecs: run.pods.on_ecs.now(),
            pods_virtual: run.overflow.level.now(),
            pods_virtual_early: run.overflow.early.now(),
            pending: run.pending.level.now(),
            starting: run.starting.level.now(),
            cost_per_s: cost_ecs_per_s + cost_virtual_per_s,
            cost_ecs_per_s,
            cost_virtual_per_s,
            cost_idle_ecs_per_s,
            unserved_rps: 0.0,
            ready: run.ready.level.now(),
            latency_mean: None,
            nodes: run.nodes.level.now(),
            crest: std::mem::take(&mut self.crest),
        });
    }

    /// All rows, with their traffic.
    pub(super) fn finish(mut self) -> Vec<TimelineRow> {
        let mut before = SimTime::ZERO;
        for (row, requests) in self.rows.iter_mut().zip(self.loads) {
            let step = row.time.since(before).as_secs_f64();
            if step > 0.0 {
                row.rps = requests.arrived / step;
                row.unserved_rps = requests.unserved / step;
                row.latency_mean = requests.latency_mean();
            }
            before = row.time;
        }
        self.rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Traffic in steps of 15 s on a grid of 10 s: 30 requests fall 20 : 10 and 5 : 10 on what they overlap.
    #[test]
    fn traffic_is_spread_over_the_rows_that_its_step_overlaps() {
        let mut timeline = Timeline::new(Span::from_secs(10));
        let run = Measured::default();
        for time in [0, 10] {
            timeline.take(SimTime::from_secs(time), 0, &run);
        }
        let load = |arrived, unserved| Requests { arrived, unserved, timed: 0.0, seconds: 0.0 };
        timeline.load(SimTime::from_secs(15), Span::from_secs(15), load(30.0, 15.0));
        timeline.take(SimTime::from_secs(20), 0, &run);
        timeline.load(SimTime::from_secs(30), Span::from_secs(15), load(60.0, 0.0));
        timeline.take(SimTime::from_secs(30), 0, &run);
        let rates: Vec<_> = timeline.finish().iter().map(|row| (row.rps, row.unserved_rps)).collect();
        let expected = [(0.0, 0.0), (2.0, 1.0), (3.0, 0.5), (4.0, 0.0)];
        for (rate, wanted) in rates.iter().zip(expected) {
            assert!((rate.0 - wanted.0).abs() < 1e-9 && (rate.1 - wanted.1).abs() < 1e-9, "{rates:?}");
        }
    }
}
