//! A loop that depends on nothing of ours: by its time, results of different machines and hours can be compared.

use std::hint::black_box;

use crate::clock::{cpu_time, since};

/// Words that are read: 8 MiB, more than the caches next to a core hold.
const WORDS: usize = 1 << 20;
/// Steps of the loop.
const STEPS: usize = 50_000_000;

/// The processor time of fifty million steps, each of which mixes a number and reads the word that it names.
pub(crate) fn seconds() -> f64 {
    let words: Vec<u64> = (0..WORDS as u64).collect();
    let begin = cpu_time();
    let mut state = black_box(1_u64);
    for _ in 0..STEPS {
        // The multiplier of Knuth's generator MMIX.
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        state ^= words[(state >> 44) as usize % WORDS];
    }
    black_box(state);
    since(begin).as_secs_f64()
}
