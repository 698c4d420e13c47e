//! **overspill** simulates Kubernetes burst clusters.

pub mod admission;
pub mod capacity;
pub mod cli;
pub mod cluster;
pub mod controller;
pub mod cost;
pub mod engine;
pub mod experiment;
pub mod expression;
pub mod id;
pub mod metric;
pub mod model;
pub mod object;
pub mod random;
pub mod report;
pub mod rule;
pub mod scenario;
pub mod scheduler;
pub mod simulation;
pub mod traffic;
pub mod units;
