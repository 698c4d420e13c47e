//! The plugins of kube-scheduler v1.34.1, one file each, named as upstream names them, and ACK's
//! two that order ECS before ECI (`elastic_resource`, `resource_policy`).

pub mod balanced_allocation;
pub mod built_in;
pub mod default_preemption;
pub mod dynamic_resources;
pub mod elastic_resource;
pub mod image_locality;
pub mod inter_pod_affinity;
pub mod node_affinity;
pub mod node_name;
pub mod node_ports;
pub mod node_resources_fit;
pub mod node_unschedulable;
pub mod not_simulated;
pub mod pod_topology_spread;
pub mod resource_policy;
pub mod scheduling_gates;
pub mod taint_toleration;
