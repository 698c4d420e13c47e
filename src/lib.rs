//! **overspill** simulates Kubernetes burst clusters.

pub mod admission;
pub mod capacity;
pub mod cluster;
pub mod confidence;
pub mod controller;
pub mod cost;
pub mod expression;
pub mod id;
pub mod metric;
pub mod nearest;
pub mod object;
pub mod random;
pub mod report;
pub mod scenario;
pub mod scheduler;
pub mod simulation;
pub mod traffic;
pub mod units;
