//! What a run tells of each pod, node and event.

use super::fact::{HeldUp, Overflow};
use crate::cost::{Account, NodeAccount};
use crate::id::NodeId;
use crate::object::NodeClass;
use crate::units::{Bytes, MilliCpu, Money, Price, SimTime};

/// One pod.
#[derive(Clone, Debug, PartialEq)]
pub struct PodRow {
    /// Its name.
    pub name: String,
    /// Its namespace.
    pub namespace: String,
    /// What created it, as KIND/NAMESPACE/NAME, or the empty text.
    pub workload: String,
    /// The name of its node; empty if it never had one.
    pub node: String,
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
    /// Why it is on a virtual node; `None` on ECS, and for pods that do not count.
    pub overflow: Option<Overflow>,
    /// The specification that it was billed for: `2-4Gi` or `ecs.c6.large` of ECI, `acs 2-4Gi` of ACS; empty on ECS.
    pub billed_spec: String,
    /// What it cost; nothing on ECS, where the node is paid for.
    pub cost: Money,
}

impl PodRow {
    /// READY as kubectl prints it, for the time that the pod lived: `2/2` once it had become ready.
    pub fn ready_containers(&self) -> String {
        let ready = if self.ready.is_some() { self.containers } else { 0 };
        format!("{ready}/{}", self.containers)
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

/// One Kubernetes event.
#[derive(Clone, Debug, PartialEq)]
pub struct EventRow {
    /// When.
    pub time: SimTime,
    /// `Normal` or `Warning`.
    pub kind: &'static str,
    /// CamelCase reason such as `FailedScheduling`.
    pub reason: &'static str,
    /// The object: `Pod/NAMESPACE/NAME`.
    pub object: String,
    /// The text.
    pub message: String,
}

/// Where a pod is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    Pending,
    Starting,
    Ready,
    /// It was ready, and may be again.
    Unready,
    Terminating,
    Ended,
}

/// A pod while the run goes on.
pub(super) struct PodRecord {
    pub(super) row: PodRow,
    pub(super) stage: Stage,
    pub(super) counted: bool,
    pub(super) node: Option<NodeId>,
    pub(super) requests: (MilliCpu, Bytes),
    /// What has held up its instance so far.
    pub(super) held_up: Vec<HeldUp>,
    /// What it costs itself.
    pub(super) account: Account,
}

impl PodRecord {
    pub(super) fn new(row: PodRow, requests: (MilliCpu, Bytes), counted: bool) -> Self {
        let (stage, account) = (Stage::Pending, Account::default());
        Self { row, stage, counted, node: None, requests, held_up: Vec::new(), account }
    }

    /// The row as it stands at the end of the run.
    pub(super) fn into_row(self, end: SimTime) -> PodRow {
        PodRow { cost: self.account.cost_at(end), ..self.row }
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
