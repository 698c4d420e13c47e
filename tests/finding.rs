//! The finding: node affinity of 80 for ECS against 20 for virtual nodes does not fill ECS first.
//!
//! Generated manifests go the way of `overspill schedule`, through upstream's default profile, and every row of the
//! table that was recorded from kube-scheduler v1.34.1 comes out, for three layouts together: no zone labels, all
//! nodes in one zone, ECS and virtual nodes in different zones. The gateway's pods ask for 500m and 512Mi, an ECS
//! node of 8 vCPU and 16 GiB takes 16 of them, a virtual node (2300 cpu, 6 Ti, 1000 pods) all.
//!
//! The cause is a default that no manifest shows: for pods of a ReplicaSet or a Service, PodTopologySpread spreads
//! over hosts and zones with weight 2, so with up to 200 points against the 150 that 80/20 is worth.

#[path = "finding/cure.rs"]
mod cure;
#[path = "finding/gateway.rs"]
mod gateway;
#[path = "finding/parameter.rs"]
mod parameter;
#[path = "finding/table.rs"]
mod table;
