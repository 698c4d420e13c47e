//! What every row scores in all, kept for as long as the scores of its code stay what they are.

use std::ops::Range;

use super::code::DEAD;

/// What a rejected node scores: less than any other.
pub(super) const REJECTED: i16 = i16::MIN / 2;

/// So many rows are added up together.
const BLOCK: usize = 64;

/// Totals of all rows. A row's total is its usage score and the score of its code; blocks whose rows were added up
/// with other scores of codes are added up anew when a window comes to them.
pub(super) struct Totals {
    of_row: Vec<i16>,
    /// What each code scored when it occurred last.
    by_code: Box<[i16; 256]>,
    /// Counts how often any of these has changed.
    epoch: u64,
    /// The epoch of each block.
    added_up: Vec<u64>,
    /// Rows that were worked out anew since.
    fresh: Vec<u32>,
}

impl Totals {
    pub(super) fn of(rows: usize) -> Self {
        let mut by_code = Box::new([0; 256]);
        by_code[usize::from(DEAD)] = REJECTED;
        let added_up = vec![0; rows.div_ceil(BLOCK)];
        Self { of_row: vec![REJECTED; rows], by_code, epoch: 1, added_up, fresh: Vec::new() }
    }

    /// A row was worked out anew.
    pub(super) fn refreshed(&mut self, row: usize) {
        if self.fresh.len() == self.of_row.len() {
            // Nobody has asked for totals for a long time.
            self.fresh.clear();
            self.epoch += 1;
        }
        self.fresh.push(row as u32);
    }

    /// What a code scores from now on.
    pub(super) fn set(&mut self, code: u8, score: i16) {
        let known = &mut self.by_code[usize::from(code)];
        if *known != score {
            *known = score;
            self.epoch += 1;
        }
    }

    /// Brings the totals of the rows in `ranges` up to date.
    pub(super) fn add_up(&mut self, usage: &[i16], codes: &[u8], ranges: &[Range<usize>; 2]) {
        for rows in ranges.iter().filter(|rows| !rows.is_empty()) {
            for block in rows.start / BLOCK..rows.end.div_ceil(BLOCK) {
                if self.added_up[block] != self.epoch {
                    self.added_up[block] = self.epoch;
                    let rows = block * BLOCK..((block + 1) * BLOCK).min(codes.len());
                    add(&mut self.of_row[rows.clone()], &usage[rows.clone()], &codes[rows], &self.by_code);
                }
            }
        }
        for row in self.fresh.drain(..) {
            let row = row as usize;
            self.of_row[row] = usage[row] + self.by_code[usize::from(codes[row])];
        }
    }

    /// Those of some rows.
    pub(super) fn rows(&self, rows: Range<usize>) -> &[i16] {
        &self.of_row[rows]
    }
}

fn add(totals: &mut [i16], usage: &[i16], codes: &[u8], by_code: &[i16; 256]) {
    for ((total, usage), &code) in totals.iter_mut().zip(usage).zip(codes) {
        *total = usage + by_code[usize::from(code)];
    }
}

/// The greatest of some totals.
pub(super) fn greatest(totals: &[i16]) -> i16 {
    totals.iter().fold(i16::MIN, |top, &one| top.max(one))
}

/// How many totals are equal to `top`.
pub(super) fn count_of(top: i16, totals: &[i16]) -> usize {
    // Counted in small numbers, many at a time; a chunk has fewer than a u16 can count.
    let in_chunk = |chunk: &[i16]| chunk.iter().fold(0_u16, |count, &one| count + u16::from(one == top));
    totals.chunks(1 << 12).map(|chunk| usize::from(in_chunk(chunk))).sum()
}

/// The place of the `n`-th total (from 0) that is equal to `top`, or how many fewer than that there are.
pub(super) fn nth_of(top: i16, mut n: usize, totals: &[i16]) -> Result<usize, usize> {
    for (number, chunk) in totals.chunks(BLOCK).enumerate() {
        let here = count_of(top, chunk);
        if n < here {
            let mut places = chunk.iter().enumerate().filter(|(_, total)| **total == top);
            return Ok(number * BLOCK + places.nth(n).map_or(0, |(place, _)| place));
        }
        n -= here;
    }
    Err(n)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_greatest_are_found_counted_and_told_apart(totals in prop::collection::vec(0_i16..4, 1..300)) {
            let top = *totals.iter().max().unwrap();
            let places: Vec<usize> = (0..totals.len()).filter(|&place| totals[place] == top).collect();
            prop_assert_eq!(greatest(&totals), top);
            prop_assert_eq!(count_of(top, &totals), places.len());
            for (n, &place) in places.iter().enumerate() {
                prop_assert_eq!(nth_of(top, n, &totals), Ok(place));
            }
            prop_assert_eq!(nth_of(top, places.len() + 2, &totals), Err(2));
        }

        /// Rows and scores of codes change; whatever window is asked for is as if it were added up from nothing.
        #[test]
        fn totals_are_as_if_added_up_anew(
            steps in prop::collection::vec((0_usize..150, 0_i16..50, 0_u8..4, 0_u8..4, 0_i16..9, 0_usize..150, 0_usize..150), 1..60),
        ) {
            let (mut usage, mut codes) = (vec![0_i16; 150], vec![DEAD; 150]);
            let mut scores = [0_i16; 256];
            scores[usize::from(DEAD)] = REJECTED;
            let mut totals = Totals::of(150);
            (0..150).for_each(|row| totals.refreshed(row));
            for (row, used, code, scored, score, from, to) in steps {
                (usage[row], codes[row]) = (used, code);
                totals.refreshed(row);
                scores[usize::from(scored)] = score;
                totals.set(scored, score);
                let rows = from.min(to)..from.max(to);
                totals.add_up(&usage, &codes, &[rows.clone(), 0..0]);
                let expected: Vec<i16> = rows.clone().map(|row| usage[row] + scores[usize::from(codes[row])]).collect();
                prop_assert_eq!(totals.rows(rows), &expected[..]);
            }
        }
    }
}
