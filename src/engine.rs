//! The discrete-event kernel: a calendar and a rolling hash over what was popped from it. It does not know what an
//! event means.

mod calendar;
mod trace;

pub use calendar::{Calendar, Scheduled};
pub use trace::TraceHash;
