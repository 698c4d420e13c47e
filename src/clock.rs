//! Processor time, for those who time runs from outside, and how fast a machine is.
//!
//! Nothing in a run reads a clock: only the command line and benches import this.

use std::hint::black_box;
use std::time::Duration;

/// The processor time that this thread has taken. On a machine that others use too, the wall clock says little.
#[cfg(unix)]
pub fn cpu_time() -> Duration {
    use rustix::time::{ClockId, clock_gettime};
    let taken = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(taken.tv_sec as u64, taken.tv_nsec as u32)
}

/// Where the system does not tell processor time, what the wall clock says since it was first asked.
#[cfg(not(unix))]
#[expect(clippy::disallowed_methods, reason = "runs are timed from outside")]
pub fn cpu_time() -> Duration {
    use std::sync::LazyLock;
    use std::time::Instant;
    static BEGIN: LazyLock<Instant> = LazyLock::new(Instant::now);
    BEGIN.elapsed()
}

/// The processor time that this thread has taken since it had taken `begin`; such a clock never goes back.
pub fn since(begin: Duration) -> Duration {
    cpu_time().saturating_sub(begin)
}

/// A loop that depends on nothing of ours: by its time, results of different machines and hours can be compared.
pub struct Calibration {
    words: Vec<u64>,
}

impl Calibration {
    /// Words that are read: 8 MiB, more than the caches next to a core hold.
    const WORDS: usize = 1 << 20;

    /// The loop, ready to be timed.
    #[expect(clippy::new_without_default, reason = "there is nothing to choose")]
    pub fn new() -> Self {
        Self { words: (0..Self::WORDS as u64).collect() }
    }

    /// The processor time of so many steps, each of which mixes a number and reads the word that it names.
    pub fn time(&self, steps: usize) -> Duration {
        let begin = cpu_time();
        let mut state = black_box(1_u64);
        for _ in 0..steps {
            // The multiplier of Knuth's generator MMIX.
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            state ^= self.words[(state >> 44) as usize % Self::WORDS];
        }
        black_box(state);
        since(begin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_steps_take_more_time() {
        let calibration = Calibration::new();
        let least = |steps| (0..5).map(|_| calibration.time(steps)).min().expect("it was timed");
        let (few, many) = (least(10_000), least(1_000_000));
        assert!(many > 10 * few, "{few:?} and {many:?}");
    }
}
