//! Which codes occur in a window: a set of bits for every few rows, so that nobody reads the rows in between.

use std::ops::Range;

/// So many rows share a set.
const BLOCK: usize = 16;

/// The codes that occur, block by block. Codes from 128 on, those of rejected rows, are in no set.
pub(super) struct Presence {
    blocks: Vec<u128>,
}

impl Presence {
    /// Sets of rows that are all rejected.
    pub(super) fn of_none(rows: usize) -> Self {
        Self { blocks: vec![0; rows.div_ceil(BLOCK)] }
    }

    /// A row has another code than before.
    pub(super) fn changed(&mut self, row: usize, codes: &[u8]) {
        let first = row / BLOCK * BLOCK;
        self.blocks[row / BLOCK] = set_of(&codes[first..(first + BLOCK).min(codes.len())]);
    }

    /// The codes that occur in a range of rows.
    pub(super) fn within(&self, rows: Range<usize>, codes: &[u8]) -> u128 {
        let whole = rows.start.div_ceil(BLOCK)..rows.end / BLOCK;
        if whole.is_empty() {
            return set_of(&codes[rows]);
        }
        let (before, after) = (rows.start..whole.start * BLOCK, whole.end * BLOCK..rows.end);
        let inside = self.blocks[whole].iter().fold(0, |all, block| all | block);
        inside | set_of(&codes[before]) | set_of(&codes[after])
    }
}

fn set_of(codes: &[u8]) -> u128 {
    codes.iter().fold(0, |set, &code| set | 1_u128.checked_shl(u32::from(code)).unwrap_or(0))
}

/// The members of a set of codes, in order.
pub(super) fn members(mut set: u128) -> impl Iterator<Item = u8> {
    std::iter::from_fn(move || {
        let first = (set != 0).then(|| set.trailing_zeros() as u8);
        set &= set.wrapping_sub(1);
        first
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_occurs_is_what_a_look_at_every_row_finds(
            mut codes in prop::collection::vec(prop_oneof![0_u8..6, Just(127), Just(128)], 1..90),
            changes in prop::collection::vec((0_usize..90, prop_oneof![0_u8..6, Just(128)]), 0..40),
            from in 0_usize..90, to in 0_usize..90,
        ) {
            let mut presence = Presence::of_none(codes.len());
            (0..codes.len()).for_each(|row| presence.changed(row, &codes));
            for (row, code) in changes {
                if row < codes.len() {
                    codes[row] = code;
                    presence.changed(row, &codes);
                }
            }
            let rows = from.min(codes.len())..to.min(codes.len());
            let rows = rows.start.min(rows.end)..rows.end;
            let mut expected: Vec<u8> = codes[rows.clone()].iter().copied().filter(|&code| code < 128).collect();
            expected.sort_unstable();
            expected.dedup();
            prop_assert_eq!(members(presence.within(rows, &codes)).collect::<Vec<_>>(), expected);
        }
    }
}
