//! What a run tells of each pod, node and event.

use std::fmt;

use super::fact::Overflow;
use crate::cost::NodeAccount;
use crate::object::NodeClass;
use crate::units::{Bytes, MilliCpu, Money, Price, SimTime};

/// One pod; with texts of its own, or with `&str` for as long as it is handed on.
#[derive(Clone, Debug, PartialEq)]
pub struct PodRow<T = String> {
    /// Its name.
    pub name: T,
    /// Its namespace.
    pub namespace: T,
    /// What created it, as KIND/NAMESPACE/NAME, or the empty text.
    pub workload: T,
    /// The name of its node; empty if it never had one.
    pub node: T,
    /// The class of its node.
    pub node_class: Option<NodeClass>,
    /// When it was created.
    pub created: SimTime,
    /// When it was bound.
    pub scheduled: Option<SimTime>,
    /// When all its containers were ready.
    pub ready: Option<SimTime>,
    /// When it ended.
    pub finished: Option<SimTime>,
    /// Containers that count in READY.
    pub containers: u32,
    /// Scheduling attempts.
    pub attempts: u32,
    /// Whether it has a part in the figures about pods: it was created during the run, and by no DaemonSet.
    pub counted: bool,
    /// Why it is on a virtual node; `None` on ECS, and for pods that do not count.
    pub overflow: Option<Overflow>,
    /// The specification that it was billed for: `2-4Gi` or `ecs.c6.large` of ECI, `acs 2-4Gi` of ACS; empty on ECS.
    pub billed_spec: T,
    /// What it cost; nothing on ECS, where the node is paid for.
    pub cost: Money,
}

impl<T> PodRow<T> {
    /// READY as kubectl prints it, for the time that the pod lived: `2/2` once it had become ready.
    pub fn ready_containers(&self) -> String {
        format!("{}/{}", self.ready_count(), self.containers)
    }

    /// The first of the two numbers in READY.
    pub fn ready_count(&self) -> u32 {
        if self.ready.is_some() { self.containers } else { 0 }
    }
}

impl PodRow<&str> {
    /// The same with texts of its own.
    pub fn to_texts(&self) -> PodRow {
        PodRow {
            name: self.name.to_owned(),
            namespace: self.namespace.to_owned(),
            workload: self.workload.to_owned(),
            node: self.node.to_owned(),
            node_class: self.node_class,
            created: self.created,
            scheduled: self.scheduled,
            ready: self.ready,
            finished: self.finished,
            containers: self.containers,
            attempts: self.attempts,
            counted: self.counted,
            overflow: self.overflow,
            billed_spec: self.billed_spec.to_owned(),
            cost: self.cost,
        }
    }
}

/// One node.
#[derive(Clone, Debug, PartialEq)]
pub struct NodeRow {
    /// Its name.
    pub name: String,
    /// ECS or virtual.
    pub class: NodeClass,
    /// The pool of the scenario, or the empty text.
    pub pool: String,
    /// Its instance type, or the empty text.
    pub instance_type: String,
    /// When it was added.
    pub added: SimTime,
    /// When it was removed.
    pub removed: Option<SimTime>,
    /// Cpu that pods may request.
    pub cpu: MilliCpu,
    /// Memory that pods may request.
    pub memory: Bytes,
    /// Its price.
    pub price: Price,
    /// What it cost.
    pub cost: Money,
    /// Of its cost, the part paid for what no pod requested; zero for a virtual node.
    pub idle_cost: Money,
}

/// One Kubernetes event; with texts of its own, or with what they are to be put together from.
#[derive(Clone, Debug, PartialEq)]
pub struct EventRow<O = String, M = String> {
    /// When.
    pub time: SimTime,
    /// `Normal` or `Warning`.
    pub kind: &'static str,
    /// CamelCase reason such as `FailedScheduling`.
    pub reason: &'static str,
    /// The object: `Pod/NAMESPACE/NAME`.
    pub object: O,
    /// The text.
    pub message: M,
}

impl<O: fmt::Display, M: fmt::Display> EventRow<O, M> {
    /// The same with texts of its own.
    pub fn to_texts(&self) -> EventRow {
        let (object, message) = (self.object.to_string(), self.message.to_string());
        EventRow { time: self.time, kind: self.kind, reason: self.reason, object, message }
    }
}

/// A node while the run goes on.
pub(super) struct NodeRecord {
    pub(super) row: NodeRow,
    pub(super) account: NodeAccount,
}

impl NodeRecord {
    /// The row as it stands at the end of the run.
    pub(super) fn into_row(self, end: SimTime) -> NodeRow {
        NodeRow { cost: self.account.cost_at(end), idle_cost: self.account.idle_at(end), ..self.row }
    }
}
