//! Processor time instead of wall time: on a machine that others use too, only the former says something.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// The processor time that this thread has taken.
pub(crate) fn cpu_time() -> Duration {
    let taken = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(taken.tv_sec as u64, taken.tv_nsec as u32)
}

/// The processor time that this thread has taken since it had taken `begin`; such a clock never goes back.
pub(crate) fn since(begin: Duration) -> Duration {
    cpu_time().saturating_sub(begin)
}
