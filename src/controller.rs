//! Controllers: what the cluster's control loops decide, each as a handler that sees its own state and what it
//! observes at one moment, never the calendar and never another controller.

pub mod cron_job;
pub mod daemon_set;
pub mod deployment;
pub mod descheduler;
pub mod disruption;
pub mod drain;
pub mod hpa;
pub mod job;
pub mod node_autoscaler;
pub mod node_lifecycle;
pub mod pod_gc;
pub mod pod_metrics;
pub mod pod_status;
pub mod replica_set;
pub mod restart_backoff;
pub mod sidecar_set;
pub mod slow_start;
pub mod stateful_set;
pub mod taint_eviction;
pub mod volume_mounts;
