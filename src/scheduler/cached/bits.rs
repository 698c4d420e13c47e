//! A set of small numbers, a bit each.

const BITS: usize = u64::BITS as usize;

/// A set of numbers below a size.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Bits {
    words: Vec<u64>,
}

impl Bits {
    /// All numbers below `size`.
    pub(super) fn full(size: usize) -> Self {
        let mut words = vec![u64::MAX; size.div_ceil(BITS)];
        if let Some(last) = words.last_mut().filter(|_| !size.is_multiple_of(BITS)) {
            *last = (1 << (size % BITS)) - 1;
        }
        Self { words }
    }

    /// No number, of those below `size`.
    pub(super) fn empty(size: usize) -> Self {
        Self { words: vec![0; size.div_ceil(BITS)] }
    }

    pub(super) fn insert(&mut self, one: usize) {
        self.words[one / BITS] |= 1 << (one % BITS);
    }

    pub(super) fn remove(&mut self, one: usize) {
        self.words[one / BITS] &= !(1 << (one % BITS));
    }

    pub(super) fn set(&mut self, one: usize, is_in: bool) {
        if is_in { self.insert(one) } else { self.remove(one) }
    }

    pub(super) fn contains(&self, one: usize) -> bool {
        self.words[one / BITS] >> (one % BITS) & 1 == 1
    }

    /// The members in the word that holds `from`, from it on and below `end`, as (number of the first bit, bits).
    pub(super) fn word(&self, from: usize, end: usize) -> (usize, u64) {
        let first = from / BITS * BITS;
        let mut word = self.words[from / BITS] & (u64::MAX << (from - first));
        if end - first < BITS {
            word &= (1 << (end - first)) - 1;
        }
        (first, word)
    }
}

/// The place of the `n`-th member (from 0) of a word that has more than `n`.
pub(super) fn nth_bit(mut word: u64, n: u32) -> usize {
    for _ in 0..n {
        word &= word - 1;
    }
    word.trailing_zeros() as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_told_word_by_word_within_bounds() {
        let mut bits = Bits::empty(130);
        for one in [0, 3, 63, 64, 129] {
            bits.insert(one);
        }
        assert_eq!(bits.word(0, 130), (0, 1 | 1 << 3 | 1 << 63));
        assert_eq!(bits.word(1, 63), (0, 1 << 3));
        assert_eq!(bits.word(64, 130), (64, 1));
        assert_eq!(bits.word(129, 130), (128, 1 << 1));
        bits.remove(3);
        assert!(!bits.contains(3) && bits.contains(129));
        assert_eq!(nth_bit(0b1011_0000, 2), 7);
    }

    #[test]
    fn a_full_set_ends_at_its_size() {
        let bits = Bits::full(70);
        assert_eq!((bits.word(0, 70).1, bits.word(64, 70).1), (u64::MAX, 0b11_1111));
    }
}
