//! A rolling hash over the events of a run: two runs with the same hash went the same way.

/// FNV-1a over 64-bit words, with a rotation, so that neighbouring words do not cancel out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceHash(u64);

const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01b3;

impl Default for TraceHash {
    fn default() -> Self {
        Self(OFFSET)
    }
}

impl TraceHash {
    /// Takes one word in.
    pub fn word(&mut self, word: u64) {
        self.0 = (self.0 ^ word).wrapping_mul(PRIME).rotate_left(29);
    }

    /// Takes several words in.
    pub fn words<const N: usize>(&mut self, words: [u64; N]) {
        for word in words {
            self.word(word);
        }
    }

    /// The hash of everything so far.
    pub fn value(self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::TraceHash;

    fn of<const N: usize>(words: [u64; N]) -> u64 {
        let mut hash = TraceHash::default();
        hash.words(words);
        hash.value()
    }

    #[test]
    fn order_and_value_count() {
        assert_ne!(of([1, 2]), of([2, 1]));
        assert_ne!(of([0]), of([0, 0]));
        assert_eq!(of([7, 8, 9]), of([7, 8, 9]));
    }
}
