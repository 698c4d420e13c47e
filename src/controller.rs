//! Controllers: what the cluster's control loops decide, each as a handler that sees its own state and what it
//! observes at one moment, never the calendar and never another controller.

pub mod cron_job;
pub mod daemon_set;
pub mod deployment;
pub mod hpa;
pub mod int_or_percent;
pub mod job;
pub mod pod_metrics;
pub mod pod_status;
pub mod replica_set;
pub mod restart_backoff;
pub mod sidecar_set;
pub mod volume_mounts;
