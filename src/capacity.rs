//! Where pods run: what ECS nodes and virtual nodes offer, which ECI instance a pod becomes, how long starting takes.

pub mod acs;
pub mod api_client;
mod billed_spec;
pub mod container_order;
pub mod cpu_share;
pub mod eci;
mod eci_spec;
mod instance_type;
mod law;
mod reservation;
mod start_up;
mod token_bucket;
pub mod virtual_node;

pub use billed_spec::{
    BilledSpec, BilledSpecError, ContainerKind, ContainerResources, IGNORE_RESOURCE_ENV,
    USE_SPECS_ANNOTATION, billed_spec,
};
pub use eci_spec::{EciSpec, EciSpecError, Offer, Regions, offers};
pub use instance_type::{INSTANCE_TYPES, InstanceType, UnknownInstanceType, instance_type};
pub use law::{Empirical, EmpiricalError, Law, LawError};
pub use reservation::{MEMORY_CAPACITY_PERMILLE, NodeSize, Reservation, ReservationRule};
pub use start_up::{
    EciStart, EciStartModel, EcsStart, EcsStartModel, Image, ImageSource, PullModel, PullOrder,
};
pub use token_bucket::{
    CREATE_CONTAINER_GROUP_BURST, CREATE_CONTAINER_GROUP_REFILL, DELETE_CONTAINER_GROUP_BURST,
    DELETE_CONTAINER_GROUP_REFILL, TokenBucket,
};

use crate::rule::Rule;

/// What capacity is reckoned by.
pub(crate) const RULES: &[&[Rule]] = &[
    instance_type::RULES,
    reservation::RULES,
    cpu_share::RULES,
    virtual_node::RULES,
    eci_spec::RULES,
    billed_spec::RULES,
    acs::RULES,
    token_bucket::RULES,
    api_client::RULES,
    eci::RULES,
    start_up::RULES,
    container_order::RULES,
];
