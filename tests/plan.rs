//! `overspill plan`: the cheapest values under constraints, what is told of them, and the prices that planners know.

#[path = "plan/contracts.rs"]
mod contracts;
#[path = "case/folder.rs"]
mod folder;
