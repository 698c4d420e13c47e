//! Quantities with their units in the type: time, cpu, memory, money, and Kubernetes' own notation for them.
//!
//! Everything that a run adds up is an integer. Floats appear when a figure is printed, never before.

mod int_or_percent;
mod micro_cpu;
mod money;
mod quantity;
mod resources;
mod time;

pub use int_or_percent::IntOrPercent;
pub use micro_cpu::MicroCpu;
pub use money::{Money, Price};
pub use quantity::{ParseQuantityError, Quantity};
pub use resources::{Bytes, MilliCpu};
pub use time::{ParseTimeError, SimTime, Span};
