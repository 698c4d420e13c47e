//! Where intervals hold the true mean less often than they say.
//!
//! Student's interval is exact for normal figures. How far from that figures of runs are was tried out: tens of thousands
//! of runs make thousands of intervals, of which those are counted that hold the true mean. `results/coverage` has the
//! runs, and `cargo bench --bench coverage -- --all` makes them anew.

use crate::rule::{Confidence, Rule};

/// What the runs have shown.
pub(crate) const RULES: &[Rule] = &[Rule {
    id: "approximate-intervals",
    statement: "Intervals of 95 % are called approximate where, of simulated intervals of the same kind of figure and of \
                no more runs, fewer than 93 % held the true mean.",
    source: "results/coverage/coverage.json: 20 000 runs of a loss system and of gateway-spike",
    confidence: Confidence::Observed,
}];

/// An interval of 95 % that holds the true mean less often than this is called approximate.
const LEAST_SHARE: f64 = 0.93;

/// Figures whose intervals behave alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Counts, shares, sums, means and medians of what happened all through a run.
    Bulk,
    /// Upper quantiles and maxima, which hang on few pods or requests of a run.
    Tail,
}

/// How many of simulated intervals held the true mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Simulated {
    /// Of how many runs an interval is.
    runs: usize,
    intervals: u32,
    held: u32,
}

const fn simulated(runs: usize, intervals: u32, held: u32) -> Simulated {
    Simulated { runs, intervals, held }
}

/// The overflow share of the loss system, as results/coverage/coverage.json has it; intervals of fewer runs come first.
const BULK: [Simulated; 5] = [
    simulated(3, 6666, 6332),
    simulated(5, 4000, 3811),
    simulated(10, 2000, 1899),
    simulated(30, 666, 631),
    simulated(100, 200, 190),
];

/// `ready.waitSeconds.p99` of gateway-spike, likewise.
const TAIL: [Simulated; 5] = [
    simulated(3, 6666, 6258),
    simulated(5, 4000, 3707),
    simulated(10, 2000, 1854),
    simulated(30, 666, 633),
    simulated(100, 200, 194),
];

/// Whether the interval of so many values of the metric at `path`, or of their differences, is only approximate.
pub fn is_approximate(path: &str, values: usize) -> bool {
    let simulated = match Kind::of(path) {
        Kind::Bulk => &BULK,
        Kind::Tail => &TAIL,
    };
    falls_short(simulated, values)
}

/// Whether simulated intervals of so many values, or of the next fewer that there are, held the true mean too seldom.
fn falls_short(simulated: &[Simulated], values: usize) -> bool {
    let no_more = simulated.iter().rfind(|one| one.runs <= values);
    let nearest = no_more.or(simulated.first());
    nearest.is_some_and(|one| f64::from(one.held) < LEAST_SHARE * f64::from(one.intervals))
}

impl Kind {
    fn of(path: &str) -> Self {
        match path.rsplit('.').next() {
            Some("p95" | "p99" | "max") => Self::Tail,
            _ => Self::Bulk,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    /// What the file says of the metric at `path`.
    fn kept(path: &str) -> Vec<Simulated> {
        let kept: Value = serde_json::from_str(include_str!("../../results/coverage/coverage.json")).unwrap();
        let subjects = kept["subjects"].as_array().unwrap().iter();
        let subject = subjects.clone().find(|subject| subject["metric"] == path).unwrap();
        let number = |one: &Value, key: &str| one[key].as_u64().unwrap();
        let read = |one| {
            simulated(
                number(one, "runs") as usize,
                number(one, "intervals") as u32,
                number(one, "held") as u32,
            )
        };
        subject["coverage"].as_array().unwrap().iter().map(read).collect()
    }

    #[test]
    fn the_figures_are_those_that_are_kept() {
        assert_eq!(kept("overflow.share"), BULK);
        assert_eq!(kept("ready.waitSeconds.p99"), TAIL);
    }

    /// rule: approximate-intervals
    #[test]
    fn fewer_than_93_of_100_intervals_are_too_few() {
        let simulated = [simulated(5, 1000, 929), simulated(10, 1000, 930), simulated(30, 1000, 929)];
        for (values, expected) in
            [(2, true), (5, true), (9, true), (10, false), (29, false), (30, true), (5000, true)]
        {
            assert_eq!(falls_short(&simulated, values), expected, "{values} values");
        }
        for (path, simulated) in [("cost.total", BULK), ("pending.waitSeconds.max", TAIL)] {
            for Simulated { runs, intervals, held } in simulated {
                let share = f64::from(held) / f64::from(intervals);
                assert_eq!(is_approximate(path, runs), share < 0.93, "{path}, {runs} runs");
            }
        }
    }

    #[test]
    fn upper_quantiles_and_maxima_are_apart() {
        for path in ["ready.waitSeconds.p99", "traffic.latencySeconds.p95", "pending.waitSeconds.max"] {
            assert_eq!(Kind::of(path), Kind::Tail, "{path}");
        }
        for path in ["ready.waitSeconds.p50", "overflow.share", "cost.total", "pending.peak"] {
            assert_eq!(Kind::of(path), Kind::Bulk, "{path}");
        }
    }
}
