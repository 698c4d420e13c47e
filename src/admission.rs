//! What happens to a pod when it is created, before any scheduler sees it.

pub mod defaulting;
pub mod priority;
