//! The nodes that an attempt has looked at, and which of them are best.

use std::ops::Range;

use super::code::DEAD;
use super::totals::{REJECTED, Totals, count_of, greatest, nth_of};

/// A stretch of the node order from where the search started, which may go on at its beginning.
#[derive(Default)]
pub(super) struct Window {
    /// Where it starts.
    pub(super) start: usize,
    /// How many nodes were looked at.
    pub(super) steps: usize,
    /// How many of them passed.
    pub(super) found: usize,
    /// How many nodes there are.
    pub(super) nodes: usize,
    /// What each of its nodes scores, in order, where that does not stand in [`Totals`]: a plugin has looked at the
    /// cluster for this attempt.
    own: Option<Vec<i16>>,
    /// The greatest total.
    top: i16,
    /// How many nodes have it.
    pub(super) ties: usize,
}

impl Window {
    /// The rows in it, as up to two ranges.
    pub(super) fn ranges(&self) -> [Range<usize>; 2] {
        let end = self.start + self.steps;
        [self.start..end.min(self.nodes), 0..end.saturating_sub(self.nodes)]
    }

    /// The rows in it, in order.
    pub(super) fn rows(&self) -> impl Iterator<Item = usize> + use<> {
        let [first, second] = self.ranges();
        first.chain(second)
    }

    /// Its totals are those that are kept.
    pub(super) fn rank(&mut self, totals: &Totals) {
        self.own = None;
        self.find_top(totals);
    }

    /// Its totals are those that are kept, but for rows that were rejected and for what `more` adds to the others.
    pub(super) fn rank_with(
        &mut self,
        totals: &Totals,
        codes: &[u8],
        refused: &[(usize, u8)],
        mut more: impl FnMut(&[usize], &mut dyn FnMut(usize, i16)),
    ) {
        let mut own: Vec<i16> =
            self.ranges().into_iter().flat_map(|rows| totals.rows(rows)).copied().collect();
        let step = |row: usize| (row + self.nodes - self.start) % self.nodes;
        for &(row, _) in refused {
            own[step(row)] = REJECTED;
        }
        let passes = |row: &usize| codes[*row] != DEAD && own[step(*row)] != REJECTED;
        let feasible: Vec<usize> = self.rows().filter(passes).collect();
        more(&feasible, &mut |row, score| own[step(row)] += score);
        self.own = Some(own);
        self.find_top(totals);
    }

    fn find_top(&mut self, totals: &Totals) {
        let [first, second] = self.parts(totals);
        let top = greatest(first).max(greatest(second));
        (self.top, self.ties) = (top, count_of(top, first) + count_of(top, second));
    }

    /// The totals of its nodes, in order.
    fn parts<'t>(&'t self, totals: &'t Totals) -> [&'t [i16]; 2] {
        match &self.own {
            Some(own) => [own, &[]],
            None => self.ranges().map(|rows| totals.rows(rows)),
        }
    }

    /// The row of the `n`-th of the best.
    pub(super) fn best(&self, n: usize, totals: &Totals) -> usize {
        let [first, second] = self.parts(totals);
        let step = nth_of(self.top, n, first)
            .or_else(|n| nth_of(self.top, n, second).map(|place| first.len() + place));
        let step = step.expect("fewer are asked for than there are");
        (self.start + step) % self.nodes
    }
}
