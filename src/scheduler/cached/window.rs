//! The nodes that an attempt has looked at, and what each of them scores in all.

use super::code::DEAD;

/// What a rejected node scores: less than any other.
pub(super) const REJECTED: i16 = i16::MIN / 2;

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
    /// The code of each, in order.
    pub(super) codes: Vec<u8>,
    /// What each scores, in order.
    pub(super) totals: Vec<i16>,
    /// The greatest of these.
    pub(super) top: i16,
}

impl Window {
    /// The rows in it, as up to two ranges.
    pub(super) fn ranges(&self) -> [std::ops::Range<usize>; 2] {
        let end = self.start + self.steps;
        [self.start..end.min(self.nodes), 0..end.saturating_sub(self.nodes)]
    }

    /// The rows in it, in order.
    pub(super) fn rows(&self) -> impl Iterator<Item = usize> + use<> {
        let [first, second] = self.ranges();
        first.chain(second)
    }

    /// Takes the codes of its rows, those in `refused` as rejected.
    pub(super) fn take_codes(&mut self, codes: &[u8], refused: &[(usize, u8)]) {
        self.codes.clear();
        for range in self.ranges() {
            self.codes.extend_from_slice(&codes[range]);
        }
        for &(row, _) in refused {
            self.codes[(row + self.nodes - self.start) % self.nodes] = DEAD;
        }
    }

    /// Adds up what usage and code score, row by row.
    pub(super) fn add_up(&mut self, usage: &[i16], by_code: &[i16; 256]) {
        self.totals.clear();
        let [first, second] = self.ranges();
        let (usage, wrapped) = (&usage[first], &usage[second]);
        let (codes, wrapped_codes) = self.codes.split_at(usage.len());
        let total = |(usage, &code): (&i16, &u8)| usage + by_code[usize::from(code)];
        self.totals.extend(usage.iter().zip(codes).map(total));
        self.totals.extend(wrapped.iter().zip(wrapped_codes).map(total));
        self.find_top();
    }

    /// Finds the greatest total anew.
    pub(super) fn find_top(&mut self) {
        self.top = self.totals.iter().fold(i16::MIN, |top, &one| top.max(one));
    }

    /// How many rows have the greatest total.
    pub(super) fn ties(&self) -> usize {
        self.totals.iter().map(|&one| usize::from(one == self.top)).sum()
    }

    /// The row of the `n`-th of these.
    pub(super) fn best(&self, n: usize) -> usize {
        let mut best = (0..).zip(&self.totals).filter(|(_, total)| **total == self.top);
        let (step, _) = best.nth(n).expect("fewer are asked for than there are");
        (self.start + step) % self.nodes
    }
}
