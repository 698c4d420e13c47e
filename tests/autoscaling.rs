//! Autoscalers in runs: what they measure, what they make of it, and what they say of it.

#[path = "autoscaling/behaviour.rs"]
mod behaviour;
#[path = "autoscaling/custom.rs"]
mod custom;
#[path = "autoscaling/memory.rs"]
mod memory;
#[path = "autoscaling/trial.rs"]
mod trial;
