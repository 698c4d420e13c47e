//! What an autoscaler is told, with the defaults of upstream and of ACK.

use super::Expander;
use crate::units::{Bytes, MilliCpu, Price, Span};

/// The settings of an autoscaler. Each is named by the flag of cluster-autoscaler that sets it.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// `--scan-interval`.
    pub scan_interval: Span,
    /// How long after a pod was found to fit nowhere it is looked at; `None` if only the next scan sees it.
    pub reaction: Option<Span>,
    /// `--new-pod-scale-up-delay`: pods that are younger do not count.
    pub new_pod_scale_up_delay: Span,
    /// How old the oldest pod that waits must be (core/static_autoscaler.go `unschedulablePodTimeBuffer`).
    pub unschedulable_pod_buffer: Span,
    /// `--expendable-pods-priority-cutoff`: pods of lower priority do not count.
    pub expendable_pods_priority_cutoff: i32,
    /// `--expander`: which group grows, the next deciding between those that the one before finds equal.
    pub expanders: Vec<Expander>,
    /// `--balance-similar-node-groups`.
    pub balance_similar_node_groups: bool,
    /// `--max-nodes-per-scaleup`.
    pub max_nodes_per_scale_up: u32,
    /// `--max-nodes-total`; `None` for no bound.
    pub max_nodes_total: Option<u32>,
    /// The upper bound of `--cores-total`.
    pub max_cores_total: Option<MilliCpu>,
    /// The upper bound of `--memory-total`.
    pub max_memory_total: Option<Bytes>,
    /// `--max-node-provision-time`.
    pub max_node_provision_time: Span,
    /// `--initial-node-group-backoff-duration`.
    pub initial_backoff: Span,
    /// `--max-node-group-backoff-duration`.
    pub max_backoff: Span,
    /// `--node-group-backoff-reset-timeout`.
    pub backoff_reset: Span,
    /// `--ok-total-unready-count`.
    pub ok_total_unready_count: u32,
    /// `--max-total-unready-percentage`.
    pub max_total_unready_percentage: u32,
    /// What an hour of a vCPU and of a GiB that a pod requests is worth, to the expander that goes by price.
    pub pod_prices: (Price, Price),
    /// When nodes go.
    pub scale_down: ScaleDown,
}

/// When nodes go.
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of cluster-autoscaler")]
#[derive(Clone, Debug, PartialEq)]
pub struct ScaleDown {
    /// `--scale-down-enabled`.
    pub enabled: bool,
    /// `--scale-down-utilization-threshold`, in millionths.
    pub utilization_threshold: u32,
    /// `--scale-down-unneeded-time`.
    pub unneeded_time: Span,
    /// `--scale-down-unready-time`.
    pub unready_time: Span,
    /// `--scale-down-delay-after-add`.
    pub delay_after_add: Span,
    /// `--scale-down-delay-after-delete`.
    pub delay_after_delete: Span,
    /// `--scale-down-delay-after-failure`.
    pub delay_after_failure: Span,
    /// `--unremovable-node-recheck-timeout`.
    pub recheck_after: Span,
    /// `--skip-nodes-with-system-pods`.
    pub skip_nodes_with_system_pods: bool,
    /// `--skip-nodes-with-local-storage`.
    pub skip_nodes_with_local_storage: bool,
    /// `--ignore-daemonsets-utilization`.
    pub ignore_daemon_sets_utilization: bool,
    /// `--max-scale-down-parallelism`.
    pub max_parallelism: usize,
    /// `--max-drain-parallelism`.
    pub max_drain_parallelism: usize,
    /// `--scale-down-non-empty-candidates-count`.
    pub non_empty_candidates: usize,
    /// `--node-delete-delay-after-taint`.
    pub delay_after_taint: Span,
    /// `--max-pod-eviction-time`.
    pub max_pod_eviction_time: Span,
    /// `--max-graceful-termination-sec`.
    pub max_graceful_termination: Span,
}

const fn minutes(minutes: u64) -> Span {
    Span::from_secs(60 * minutes)
}

impl Config {
    /// cluster-autoscaler with its own defaults (config/flags/flags.go; FAQ, "What are the parameters to CA?").
    pub fn cluster_autoscaler() -> Self {
        Self {
            scan_interval: Span::from_secs(10),
            reaction: None,
            new_pod_scale_up_delay: Span::ZERO,
            unschedulable_pod_buffer: Span::from_secs(2),
            expendable_pods_priority_cutoff: -10,
            expanders: vec![Expander::Random],
            balance_similar_node_groups: false,
            max_nodes_per_scale_up: 1000,
            max_nodes_total: None,
            max_cores_total: None,
            max_memory_total: None,
            max_node_provision_time: minutes(15),
            initial_backoff: minutes(5),
            max_backoff: minutes(30),
            backoff_reset: minutes(180),
            ok_total_unready_count: 3,
            max_total_unready_percentage: 45,
            pod_prices: (Price::ZERO, Price::ZERO),
            scale_down: ScaleDown {
                enabled: true,
                utilization_threshold: 500_000,
                unneeded_time: minutes(10),
                unready_time: minutes(20),
                delay_after_add: minutes(10),
                delay_after_delete: Span::ZERO,
                delay_after_failure: minutes(3),
                recheck_after: minutes(5),
                skip_nodes_with_system_pods: true,
                skip_nodes_with_local_storage: true,
                ignore_daemon_sets_utilization: false,
                max_parallelism: 10,
                max_drain_parallelism: 1,
                non_empty_candidates: 30,
                delay_after_taint: Span::from_secs(5),
                max_pod_eviction_time: minutes(2),
                max_graceful_termination: minutes(10),
            },
        }
    }

    /// cluster-autoscaler as ACK sets it up (ACK, "CreateAutoscalingConfig": scan_interval 60s, expander least-waste,
    /// max_graceful_termination_sec 14400, skip_nodes_with_local_storage false).
    pub fn ack_cluster_autoscaler() -> Self {
        let upstream = Self::cluster_autoscaler();
        let scale_down = ScaleDown {
            skip_nodes_with_local_storage: false,
            max_graceful_termination: Span::from_secs(14_400),
            ..upstream.scale_down
        };
        Self { scan_interval: minutes(1), expanders: vec![Expander::LeastWaste], scale_down, ..upstream }
    }

    /// ACK's node instant elasticity (ACK, "Node instant elasticity": up to 180 nodes a batch; four measured runs in
    /// cn-wulanchabu: a node is asked for 3 to 4 s after a pod was found to fit nowhere).
    pub fn instant_elasticity() -> Self {
        Self {
            reaction: Some(Span::from_millis(3500)),
            unschedulable_pod_buffer: Span::ZERO,
            max_nodes_per_scale_up: 180,
            ..Self::ack_cluster_autoscaler()
        }
    }
}
