//! How long things waited, with those that never got what they waited for, and the metrics of such waits.

use crate::units::Span;

/// The metrics of a group, the last five of which are those of a family of waits: three percentiles, the longest, and
/// how many were cut short. `$until` says from when to when they last, as in "from creation to bind".
macro_rules! with_waits {
    ($group:literal, $until:literal, $waits:expr $(; $($other:expr),+)?) => {
        &[
            $($($other,)+)?
            Metric::of_waits(
                concat!($group, ".waitSeconds.p50"),
                concat!("Half of the pods waited no longer ", $until, "."),
                50,
                $waits,
            ),
            Metric::of_waits(
                concat!($group, ".waitSeconds.p95"),
                concat!("95 of 100 pods waited no longer ", $until, "."),
                95,
                $waits,
            ),
            Metric::of_waits(
                concat!($group, ".waitSeconds.p99"),
                concat!("99 of 100 pods waited no longer ", $until, "."),
                99,
                $waits,
            ),
            Metric::of_waits(
                concat!($group, ".waitSeconds.max"),
                concat!("The longest wait ", $until, "."),
                100,
                $waits,
            ),
            Metric::of_cut_waits(
                concat!($group, ".waitSeconds.censored"),
                concat!(
                    "Waits ",
                    $until,
                    " that were cut short: the run ended, or the pod was deleted, while it still waited."
                ),
                $waits,
            ),
        ]
    };
}
pub(super) use with_waits;

/// How a wait ended. Of waits of equal length one that was met comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WaitEnd {
    /// With what was waited for.
    Met,
    /// Without it: the pod was deleted, or the run ended. How long it would have waited is not known, only that it is
    /// longer.
    CutShort,
}

/// Recorded waits and their exact quantiles.
///
/// A quantile is found by nearest rank: of n waits in ascending order the p-th percentile is number ⌈n·p/100⌉
/// (Hyndman and Fan, *Sample Quantiles in Statistical Packages*, 1996, definition 1). It is always a wait that
/// occurred, to the nanosecond.
#[derive(Clone, Debug, Default)]
pub(crate) struct Waits {
    waits: Vec<Wait>,
    sorted: bool,
}

/// How waits are distributed: how many lie in each bin, the first of which begins at no wait at all, and each other where
/// the one before ends. The last is the one with the longest wait.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Histogram {
    /// The bins, in order.
    pub bins: Vec<Bin>,
}

impl Histogram {
    /// Whether nothing waited.
    pub fn is_empty(&self) -> bool {
        self.bins.iter().all(|bin| bin.met + bin.cut == 0)
    }
}

/// The waits that are shorter than an edge, and not shorter than the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bin {
    /// The upper edge.
    pub to: Span,
    /// Those that ended with what was waited for.
    pub met: u64,
    /// Those that were cut short.
    pub cut: u64,
}

impl Bin {
    /// Whether it has no upper edge.
    pub fn is_last(&self) -> bool {
        self.to == Span(u64::MAX)
    }
}

/// Upper edges of bins: about two to a factor of five, at times that people say, and one above everything.
fn edges() -> impl Iterator<Item = Span> {
    const MILLIS: [u64; 7] = [10, 20, 50, 100, 200, 500, 1000];
    const SECS: [u64; 18] = [
        2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 21_600, 43_200, 86_400, 172_800, 604_800,
    ];
    let millis = MILLIS.map(|millis| Span(millis * 1_000_000));
    millis.into_iter().chain(SECS.map(Span::from_secs)).chain([Span(u64::MAX)])
}

/// A wait in eight bytes: twice its nanoseconds, and one more if it was cut short. So the order of numbers is that of
/// lengths and, among equals, that of [`WaitEnd`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Wait(u64);

impl Wait {
    fn new(length: Span, end: WaitEnd) -> Self {
        const LONGEST: u64 = u64::MAX >> 1;
        Self(length.0.min(LONGEST) << 1 | u64::from(end == WaitEnd::CutShort))
    }

    fn length(self) -> Span {
        Span(self.0 >> 1)
    }

    fn is_cut_short(self) -> bool {
        self.0 & 1 == 1
    }
}

impl Waits {
    /// One more wait is over.
    pub(crate) fn record(&mut self, length: Span, end: WaitEnd) {
        self.sorted = false;
        self.waits.push(Wait::new(length, end));
    }

    /// Puts the waits in order; quantiles can be asked for from now on.
    pub(crate) fn settle(&mut self) {
        self.waits.sort_unstable();
        self.sorted = true;
    }

    /// The percentile in seconds; `None` if nothing waited.
    pub(crate) fn percentile(&self, percent: usize) -> Option<f64> {
        self.ranked(percent).map(|wait| wait.length().as_secs_f64())
    }

    /// Whether the percentile is the age of a pod that had not got what it waited for: the true figure is larger.
    pub(crate) fn is_unmet(&self, percent: usize) -> bool {
        self.ranked(percent).is_some_and(Wait::is_cut_short)
    }

    /// How many were cut short.
    pub(crate) fn censored(&self) -> usize {
        self.waits.iter().filter(|wait| wait.is_cut_short()).count()
    }

    /// How the waits are distributed.
    pub(crate) fn histogram(&self) -> Histogram {
        debug_assert!(self.sorted, "bins are made of settled waits");
        let mut rest = self.waits.as_slice();
        let mut bins = Vec::new();
        for to in edges() {
            let inside = rest.partition_point(|wait| wait.length() < to);
            let (bin, others) = rest.split_at(inside);
            let cut = bin.iter().filter(|wait| wait.is_cut_short()).count() as u64;
            bins.push(Bin { to, met: bin.len() as u64 - cut, cut });
            rest = others;
            if rest.is_empty() {
                break;
            }
        }
        Histogram { bins }
    }

    fn ranked(&self, percent: usize) -> Option<Wait> {
        debug_assert!(self.sorted, "quantiles are taken of settled waits");
        let rank = (self.waits.len() * percent).div_ceil(100).max(1);
        self.waits.get(rank - 1).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn settled(waits: &[(u64, WaitEnd)]) -> Waits {
        let mut log = Waits::default();
        for &(seconds, end) in waits {
            log.record(Span::from_secs(seconds), end);
        }
        log.settle();
        log
    }

    /// The worked example of "nearest-rank method" in Wikipedia, *Percentile*: 15, 20, 35, 40, 50.
    #[test]
    fn percentiles_are_taken_by_nearest_rank() {
        let waits = settled(&[35, 50, 15, 40, 20].map(|seconds| (seconds, WaitEnd::Met)));
        for (percent, expected) in [(5, 15.0), (30, 20.0), (40, 20.0), (50, 35.0), (100, 50.0)] {
            assert_eq!(waits.percentile(percent), Some(expected), "{percent}");
        }
        assert_eq!(settled(&[]).percentile(50), None);
    }

    #[test]
    fn a_percentile_that_falls_on_a_wait_cut_short_is_marked() {
        let waits =
            settled(&[(1, WaitEnd::Met), (9, WaitEnd::CutShort), (5, WaitEnd::CutShort), (9, WaitEnd::Met)]);
        assert_eq!([25, 50, 75, 100].map(|percent| waits.is_unmet(percent)), [false, true, false, true]);
        assert_eq!(waits.censored(), 2);
    }

    #[test]
    fn bins_hold_every_wait_once_and_end_with_the_longest() {
        let lengths = [
            (0, WaitEnd::Met),
            (1, WaitEnd::Met),
            (1, WaitEnd::CutShort),
            (19, WaitEnd::Met),
            (20, WaitEnd::Met),
        ];
        let Histogram { bins } = settled(&lengths).histogram();
        let filled = bins.iter().filter(|bin| bin.met + bin.cut > 0);
        let filled: Vec<_> = filled.map(|bin| (bin.to.as_secs_f64(), bin.met, bin.cut)).collect();
        assert_eq!(filled, [(0.01, 1, 0), (2.0, 1, 1), (20.0, 1, 0), (30.0, 1, 0)]);
        assert_eq!(bins.last().map(|bin| bin.to), Some(Span::from_secs(30)));
        assert!(bins.is_sorted_by(|a, b| a.to < b.to));
        let decades = settled(&[(1 << 33, WaitEnd::CutShort)]).histogram();
        assert_eq!(decades.bins.last().map(|bin| (bin.met, bin.cut)), Some((0, 1)), "nothing is too long");
        assert!(settled(&[]).histogram().bins.iter().all(|bin| bin.met + bin.cut == 0));
    }

    proptest! {
        /// The definition: the smallest wait that at least p percent of the waits do not exceed.
        #[test]
        fn agrees_with_the_definition(lengths in prop::collection::vec(0_u64..50, 1..80), percent in 1_usize..=100) {
            let waits = settled(&lengths.iter().map(|&seconds| (seconds, WaitEnd::Met)).collect::<Vec<_>>());
            let smallest = lengths
                .iter()
                .filter(|&&x| lengths.iter().filter(|&&y| y <= x).count() * 100 >= percent * lengths.len())
                .min()
                .unwrap();
            prop_assert_eq!(waits.percentile(percent), Some(*smallest as f64));
        }
    }
}
