//! The facts that a run tells: all that metrics and reports ever see of it.

use std::fmt;

use crate::id::{NodeId, PodId};
use crate::object::{NodeClass, Title};
use crate::traffic::latency::Latencies;
use crate::units::{Bytes, MilliCpu, Price, Span};

/// Why a pod is on a virtual node; the first that holds, in this order except that `Directed` is judged from the
/// pod alone and comes before `Excluded`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Overflow {
    /// An ECS node had passed every filter and was outscored, or lost the draw among equals.
    Early,
    /// Some ECS node was eligible and rejected for its resources alone.
    Full,
    /// The pod itself names virtual nodes, whatever ECS nodes exist.
    Directed,
    /// No ECS node was eligible for any other reason: the silent bill.
    Excluded,
}

/// What bound a pod without the scheduler.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Sender {
    /// An ECI label of its own.
    PodLabel,
    /// An ECI label of its namespace.
    NamespaceLabel,
    /// A selector of the eci-profile.
    Profile,
    /// It was on its node before the run.
    BeforeRun,
}

/// What a bound pod waits for before its ECI instance is created.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub enum HeldUp {
    /// The rate limit of instance creation.
    CreationRate,
    /// Stock of the specification.
    Stock,
    /// An address of the zone's vSwitch.
    Address,
    /// The vCPU quota.
    Quota,
}

/// How a pod's life ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// Its containers ended by themselves, successfully.
    Succeeded,
    /// It was deleted: scaled in, or its time was over.
    Deleted,
    /// It was evicted in favour of a pod of higher priority.
    Preempted,
    /// The platform gave it up before its containers ran.
    Failed,
    /// Its instance was taken back: one of spot, or of best effort.
    Reclaimed,
    /// Its containers ended by themselves, one of them in failure.
    ContainerFailed,
    /// It did not tolerate a NoExecute taint of its node, or not for longer.
    Evicted,
    /// It was gone with the node or the instance that it ran on.
    Lost,
}

/// Something that happened at one instant of the run. Names are told once, when the thing is created.
#[derive(Clone, Debug)]
pub enum Fact<'a> {
    /// The cluster itself costs this much from now on; not told of one that costs nothing.
    ClusterBilled {
        /// Its price.
        price: Price,
    },
    /// A node exists and, on ECS, is paid for from now on.
    NodeAdded {
        /// The node.
        node: NodeId,
        /// Its Kubernetes name.
        name: &'a str,
        /// ECS or virtual.
        class: NodeClass,
        /// The pool of the scenario, or the empty text for a node from a manifest.
        pool: &'a str,
        /// Its instance type, or the empty text.
        instance_type: &'a str,
        /// What it costs while it exists; zero for a virtual node.
        price: Price,
        /// Cpu that pods may request.
        cpu: MilliCpu,
        /// Memory that pods may request.
        memory: Bytes,
    },
    /// A node autoscaler is there: nodes that come or go from now on are its doing.
    NodesAutoscaled,
    /// A node that was asked for is ready.
    NodeReady {
        /// The node.
        node: NodeId,
    },
    /// A node's machine is gone and no longer paid for; its Node is still there.
    NodeReleased {
        /// The node.
        node: NodeId,
    },
    /// A node costs something else from now on.
    NodePriced {
        /// The node.
        node: NodeId,
        /// What it costs.
        price: Price,
    },
    /// A node is gone and no longer paid for.
    NodeRemoved {
        /// The node.
        node: NodeId,
    },
    /// Why the node autoscaler does not remove a node, whenever that is another reason than before.
    NodeStays {
        /// The node.
        node: NodeId,
        /// The reason, in upstream's word, and what is behind it.
        why: fmt::Arguments<'a>,
    },
    /// A node does not run any more; nobody knows yet.
    NodeFailed {
        /// The node.
        node: NodeId,
    },
    /// A node that had failed runs again.
    NodeRecovered {
        /// The node.
        node: NodeId,
    },
    /// A pod is to end because of a NoExecute taint of its node; that it terminates is told next.
    PodTainted {
        /// The pod.
        pod: PodId,
    },
    /// A pod is gone with what it ran on; that it has ended is told next.
    PodLost {
        /// The pod.
        pod: PodId,
    },
    /// Of the unserved requests that were told last, those that went to pods of failed nodes.
    RequestsLost {
        /// KIND/NAMESPACE/NAME of what was to serve them.
        workload: &'a str,
        /// The requests.
        requests: f64,
    },
    /// A pod object exists and waits to be scheduled.
    PodCreated {
        /// The pod.
        pod: PodId,
        /// Its namespace.
        namespace: &'a str,
        /// Its name.
        name: &'a str,
        /// What created it, as KIND/NAMESPACE/NAME, if anything did.
        workload: Option<Title<'a>>,
        /// Containers that count in READY.
        containers: u32,
        /// Cpu requested, as the scheduler counts it.
        cpu: MilliCpu,
        /// Memory requested.
        memory: Bytes,
        /// Whether it counts in the figures of `pods`, `overflow` and `pending`: not for pods that were bound when
        /// the run started, nor for those of DaemonSets.
        counted: bool,
    },
    /// A scheduling attempt ended without a node.
    AttemptFailed {
        /// The pod.
        pod: PodId,
    },
    /// A pod was bound to a node; it waits for its start from now on.
    PodBound {
        /// The pod.
        pod: PodId,
        /// Its node.
        node: NodeId,
        /// Why it is on a virtual node; `None` on ECS.
        overflow: Option<Overflow>,
        /// Scheduling attempts it took; zero if it was bound without the scheduler.
        attempts: u32,
        /// What bound it without the scheduler; `None` if the scheduler did.
        sender: Option<Sender>,
    },
    /// A pod that waits on a virtual node is bound to that of another zone instead.
    PodMoved {
        /// The pod.
        pod: PodId,
        /// The node that it has from now on.
        node: NodeId,
    },
    /// A pod waits for its ECI instance; told again when something else keeps it.
    PodHeldUp {
        /// The pod.
        pod: PodId,
        /// What it waits for.
        by: HeldUp,
    },
    /// A pod on a virtual node got further containers.
    PodInjected {
        /// The pod.
        pod: PodId,
        /// Containers that count in READY, all together.
        containers: u32,
        /// The names of the new ones.
        added: &'a [String],
    },
    /// A pod's own price begins, or changes: an ECI instance's, from the start of its image pull.
    PodBilled {
        /// The pod.
        pod: PodId,
        /// What it costs until it ends, or until it is told again.
        price: Price,
        /// The billed specification, as `2-4Gi`.
        spec: fmt::Arguments<'a>,
    },
    /// The platform wrote an annotation onto a pod.
    PodAnnotated {
        /// The pod.
        pod: PodId,
        /// The annotation's name.
        key: &'a str,
        /// Its value.
        value: &'a str,
    },
    /// A pod's containers are all ready.
    PodReady {
        /// The pod.
        pod: PodId,
    },
    /// A container that had ended runs again.
    ContainerRestarted {
        /// Its pod.
        pod: PodId,
    },
    /// A Job exists.
    JobCreated {
        /// `Job/NAMESPACE/NAME`.
        job: &'a str,
    },
    /// A pod counts as failed to its Job.
    JobPodFailed {
        /// The pod.
        pod: PodId,
    },
    /// A Job has finished.
    JobFinished {
        /// `Job/NAMESPACE/NAME`.
        job: &'a str,
        /// Whether it is complete; if not, it has failed.
        completed: bool,
        /// How long it has existed.
        took: Span,
    },
    /// A Job was deleted before it had finished.
    JobDeleted {
        /// `Job/NAMESPACE/NAME`.
        job: &'a str,
    },
    /// A pod that was ready is not any more; it may be again.
    PodUnready {
        /// The pod.
        pod: PodId,
    },
    /// A pod takes no more traffic: it is terminating. It keeps its requests and its price.
    PodTerminating {
        /// The pod.
        pod: PodId,
    },
    /// A pod has ended: its requests are free and its price ends.
    PodEnded {
        /// The pod.
        pod: PodId,
        /// How.
        outcome: Outcome,
    },
    /// A user begins to drain a node.
    DrainBegun,
    /// A drain is over.
    NodeDrained {
        /// Whether all pods have gone that were to; if not, it was refused, went wrong or ran out of time.
        done: bool,
    },
    /// The eviction API tells a pod to end.
    PodEvicted {
        /// The pod.
        pod: PodId,
    },
    /// An eviction was refused; it may be asked for again.
    EvictionRefused {
        /// The pod.
        pod: PodId,
    },
    /// The machine of a node that was just added is a spot instance.
    NodeIsSpot {
        /// The node.
        node: NodeId,
    },
    /// The instance of a pod is a spot instance, whatever it will cost.
    PodIsSpot {
        /// The pod.
        pod: PodId,
    },
    /// The spot instance of a node is told that it will be taken back.
    SpotNodeNoticed {
        /// The node.
        node: NodeId,
    },
    /// It is taken back; that the node fails is told next.
    SpotNodeReclaimed {
        /// The node.
        node: NodeId,
    },
    /// A node has come in the place of one whose instance is taken back.
    SpotNodeReplaced {
        /// The new one.
        node: NodeId,
    },
    /// A pool gets no instance in the place of that of a node.
    SpotNodeMissing {
        /// The node.
        node: NodeId,
    },
    /// The descheduler looks at the nodes.
    DeschedulerLooks,
    /// The descheduler has a pod evicted; that it terminates is told next.
    PodDescheduled {
        /// The pod.
        pod: PodId,
        /// The strategy, as events name it.
        strategy: &'static str,
        /// The node that had room for it, where the strategy has looked for one.
        room_on: Option<NodeId>,
    },
    /// The API server refuses an eviction that the descheduler asks for.
    DescheduleRefused {
        /// The pod.
        pod: PodId,
    },
    /// Traffic of one workload over the `step` that ends now.
    Load {
        /// KIND/NAMESPACE/NAME of what serves it.
        workload: &'a str,
        /// Length of the step.
        step: Span,
        /// Requests that arrived in it.
        requests: f64,
        /// Those of them that no ready pod could serve.
        unserved: f64,
        /// How long the others took; empty where that is not measured.
        latencies: &'a Latencies,
    },
    /// A controller wants this many pods of a workload from now on.
    ReplicasDesired {
        /// KIND/NAMESPACE/NAME.
        workload: &'a str,
        /// The number of pods.
        replicas: u32,
    },
    /// A Kubernetes event, in Kubernetes' own words.
    Event {
        /// `Normal` or `Warning`.
        kind: &'static str,
        /// CamelCase reason such as `FailedScheduling`.
        reason: &'static str,
        /// The object: `Pod/NAMESPACE/NAME`.
        object: Title<'a>,
        /// The text, which is put together where somebody writes it down.
        message: fmt::Arguments<'a>,
    },
}
