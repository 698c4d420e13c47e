//! The composition root of one run.

pub mod one_shot;
