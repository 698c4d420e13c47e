//! A scenario as it is meant: no default left open, units integral, names resolved.

mod metrics;
mod node_autoscaling;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;

use crate::admission::istio;
use crate::arrivals::{Arrivals, BatchSize, PodTrace};
use crate::capacity::api_client::ClientRate;
use crate::capacity::eci::{self, ZoneId};
use crate::capacity::{EciStartModel, EcsStartModel, Law};
use crate::cluster::Cluster;
use crate::controller::replica_set::ScaleIn;
use crate::controller::{cron_job, deployment, descheduler, hpa, job, stateful_set};
use crate::cost::PriceList;
use crate::id::{DaemonSetId, WorkloadId};
use crate::object::volume::FileObject;
use crate::object::{NodeSpec, PodSpec, ResourceKind, Selector};
use crate::scheduler::{Evaluator, Profile, queue};
use crate::simulation::action::{Action, ObjectName, TimedAction};
use crate::traffic::latency::ServiceTime;
use crate::traffic::load::{CpuPerThousandRequests, MemoryPerThousandRequests, WarmUp};
use crate::traffic::{Draws, Shape};
use crate::units::{Bytes, Price, SimTime, Span};

pub use node_autoscaling::{NodeAutoscalerKind, NodeAutoscalerSetup, NodeGroupSetup, ProvisionSetup};

pub use metrics::{CustomMetricsSetup, MetricScope, MetricSetup, MetricSource, is_requests_per_second};

/// Everything that a run needs, but for its seed: runs with different seeds share it.
#[derive(Clone)]
pub struct Scenario {
    /// Its name.
    pub name: String,
    /// When the run ends.
    pub horizon: SimTime,
    /// The seed of all draws of a run that is given no other.
    pub default_seed: u64,
    /// A cluster that knows all Services, namespaces, workloads and budgets, and has no nodes or pods yet.
    pub surroundings: Cluster,
    /// Nodes that are there at the start.
    pub nodes: Vec<NodeSetup>,
    /// What adds and removes nodes, if anything does.
    pub node_autoscaler: Option<NodeAutoscalerSetup>,
    /// Pods that are there at the start, bound or waiting.
    pub pods: Vec<PodSetup>,
    /// Workloads that keep a number of pods.
    pub workloads: Vec<WorkloadSetup>,
    /// DaemonSets.
    pub daemon_sets: Vec<DaemonSetSetup>,
    /// Autoscalers that size them.
    pub autoscalers: Vec<AutoscalerSetup>,
    /// Jobs that run to their end.
    pub jobs: Vec<JobSetup>,
    /// CronJobs that make Jobs by schedule.
    pub cron_jobs: Vec<CronJobSetup>,
    /// The instant of the calendar at which the run starts.
    pub starts_at: Timestamp,
    /// What bare pods do whose work ends by itself.
    pub pod_work: BTreeMap<ObjectName, WorkSetup>,
    /// How long sidecars take.
    pub sidecars: SidecarSetup,
    /// Requests that they serve.
    pub traffic: Vec<TrafficSetup>,
    /// What autoscalers may ask for beside cpu and memory.
    pub custom_metrics: CustomMetricsSetup,
    /// What a user does during the run, in order of time.
    pub timeline: Vec<TimedAction>,
    /// Namespaces that are there at the start.
    pub namespaces: Vec<String>,
    /// Services that are there at the start.
    pub services: Vec<ObjectName>,
    /// SidecarSets, bindings, ConfigMaps and Secrets that are there at the start.
    pub kept: Vec<(ResourceKind, ObjectName)>,
    /// The ConfigMaps and Secrets that are there at some time: ordinary pods wait for these alone.
    pub known_files: BTreeSet<FileObject>,
    /// Sources of bare pods.
    pub sources: Vec<SourceSetup>,
    /// Pods that come and go as a trace says.
    pub pod_traces: Vec<PodTraceSetup>,
    /// Sizes of images by normalised name.
    pub image_sizes: BTreeMap<String, Bytes>,
    /// The size of every other image.
    pub default_image_size: Bytes,
    /// How ECI instances are created, start and are taken back.
    pub eci: EciSetup,
    /// What ACS does differently from ECI.
    pub acs: AcsSetup,
    /// How pods start on ECS nodes.
    pub ecs: EcsSetup,
    /// The service mesh, if there is one.
    pub mesh: Option<MeshSetup>,
    /// OpenKruise and what it works with, if they are installed.
    pub kruise: Option<KruiseSetup>,
    /// How long a pod takes to end after it was told to.
    pub shutdown: Law,
    /// Which pods a ReplicaSet gives up first.
    pub scale_in: ScaleIn,
    /// Who evicts pods so that they may run elsewhere, if anybody does.
    pub descheduler: Option<descheduler::Config>,
    /// What the control plane takes its time for.
    pub timing: Timing,
    /// How often pods are measured.
    pub metrics_resolution: Span,
    /// How long before a whole multiple of that.
    pub metrics_age: Span,
    /// The prices.
    pub prices: PriceList,
    /// The scheduler's profiles.
    pub profiles: Vec<Profile>,
    /// Who evaluates scheduling attempts; the results are the same.
    pub evaluator: Evaluator,
    /// The scheduling queue's settings.
    pub queue: queue::Settings,
    /// The step of the timeline.
    pub sample_every: Span,
    /// Whether any other time of the length of the run is like it.
    pub is_representative: bool,
}

impl Scenario {
    /// All workloads that ever exist under the title of `first`.
    pub fn of_title(&self, first: WorkloadId) -> Vec<WorkloadId> {
        let all = (0..).map(WorkloadId).zip(&self.workloads);
        all.filter(|(_, setup)| setup.first_of_title == first).map(|(id, _)| id).collect()
    }

    /// Whether an autoscaler ever asks for something else than cpu and memory.
    pub(super) fn asks_for_custom_metrics(&self) -> bool {
        let later = self.timeline.iter().filter_map(|timed| match &timed.action {
            Action::ChangeAutoscaler(_, spec) => Some(spec),
            _ => None,
        });
        let mut specs = self.autoscalers.iter().map(|one| &one.spec).chain(later);
        specs.any(|spec| spec.metrics.iter().any(|metric| metric.name().is_some()))
    }

    /// The scenario as a run with `seed` has it: what chance decides about traffic is drawn.
    pub(super) fn with_drawn_traffic(&self, seed: u64) -> Cow<'_, Self> {
        let mut shapes = self.traffic.iter().map(|stream| &stream.shape).chain(self.custom_metrics.series());
        if !shapes.any(Shape::is_random) {
            return Cow::Borrowed(self);
        }
        let mut drawn = self.clone();
        for (number, stream) in (0..).zip(&mut drawn.traffic) {
            stream.shape = stream.shape.drawn(&mut Draws::new(seed, number, self.horizon));
        }
        for (number, metric) in (self.traffic.len() as u32..).zip(&mut drawn.custom_metrics.metrics) {
            if let MetricSource::Series(shape) = &mut metric.source {
                *shape = shape.drawn(&mut Draws::new(seed, number, self.horizon));
            }
        }
        Cow::Owned(drawn)
    }
}

/// A node that is there at the start.
#[derive(Clone, Debug)]
pub struct NodeSetup {
    /// What it says of itself.
    pub spec: NodeSpec,
    /// Its pool, or the empty text.
    pub pool: String,
    /// Its instance type, or the empty text.
    pub instance_type: String,
    /// What it costs.
    pub price: Price,
    /// How it fails, if it does.
    pub failures: Option<FailureSetup>,
    /// What becomes of it if it is a spot instance.
    pub spot: Option<SpotNodeSetup>,
}

impl NodeSetup {
    /// Whether its machine is a spot instance that is taken back some day.
    pub fn may_be_taken_back(&self) -> bool {
        self.spot.as_ref().is_some_and(|spot| spot.reclaim.law.is_some())
    }
}

/// What becomes of a node whose machine is a spot instance.
#[derive(Clone, Debug)]
pub struct SpotNodeSetup {
    /// For how long after its creation it is not taken back.
    pub protection: Span,
    /// How it is taken back then.
    pub reclaim: ReclaimSetup,
    /// Whether the node is drained as soon as it is told.
    pub drains: bool,
    /// How its pool gets another instance, if it does.
    pub replacement: Option<ReplacementSetup>,
}

/// How a pool gets another instance for one that is taken back.
#[derive(Clone, Debug)]
pub struct ReplacementSetup {
    /// From the notice to the creation of the other instance.
    pub after: Law,
    /// From then until its Node is registered, which is when it is ready at the latest.
    pub register: Law,
    /// From its creation until its node is ready.
    pub boot: Law,
    /// How many instances the pool can get so; `None` for no bound.
    pub stock: Option<u32>,
}

/// How a node fails and is repaired.
#[derive(Clone, Debug, PartialEq)]
pub struct FailureSetup {
    /// How long it runs.
    pub every: Law,
    /// How long it is down.
    pub repair: Law,
}

/// Draws of pods from manifests are kept apart from those of workloads, which count from zero.
pub const MANIFEST_GROUP: u32 = u32::MAX;

/// A pod that is there at the start.
#[derive(Clone, Debug)]
pub struct PodSetup {
    /// Its name.
    pub name: String,
    /// What it is.
    pub spec: Arc<PodSpec>,
    /// The node it is bound to.
    pub node: Option<String>,
    /// Whether it was told to end.
    pub terminating: bool,
    /// The workload that has adopted it.
    pub workload: Option<WorkloadId>,
    /// The DaemonSet that has adopted it.
    pub daemon_set: Option<DaemonSetId>,
    /// The Job whose pod it is.
    pub job: Option<u32>,
}

/// A Job.
#[derive(Clone, Debug)]
pub struct JobSetup {
    /// `Job/NAMESPACE/NAME`.
    pub title: String,
    /// Its name.
    pub name: String,
    /// Whether it is there at the start; if not, an action of the timeline creates it.
    pub at_start: bool,
    /// What it is told to do.
    pub spec: job::Spec,
    /// How many pods have succeeded and failed before.
    pub had: (u32, u32),
    /// What its pods are like.
    pub template: PodSpec,
    /// What its pods do.
    pub work: WorkSetup,
}

/// A CronJob.
#[derive(Clone, Debug)]
pub struct CronJobSetup {
    /// `CronJob/NAMESPACE/NAME`.
    pub title: String,
    /// Its name.
    pub name: String,
    /// Whether it is there at the start; if not, an action of the timeline creates it.
    pub at_start: bool,
    /// What it is told to do.
    pub spec: cron_job::Spec,
    /// What its Jobs are like, but for their names.
    pub job: JobSetup,
}

impl CronJobSetup {
    /// The Job of a scheduled time.
    pub fn job_of(&self, scheduled: Timestamp) -> JobSetup {
        let name = cron_job::job_name(&self.name, scheduled);
        let mut job = self.job.clone();
        job.title = format!("Job/{}/{name}", job.template.namespace);
        job::name_pods(&mut job.template, &name, None);
        job.name = name;
        job
    }
}

/// Work that ends by itself.
#[derive(Clone, Debug, PartialEq)]
pub struct WorkSetup {
    /// The container that does it.
    pub container: String,
    /// How long it takes once the container runs.
    pub duration: Law,
    /// It fails where a draw of 64 bits is below this.
    pub fails_below: u128,
}

/// How long sidecars take that start before their pod's applications and exit after them.
#[derive(Clone, Debug, PartialEq)]
pub struct SidecarSetup {
    /// From a sidecar's start until it is ready.
    pub ready: Law,
    /// From being told to end until it has ended.
    pub stop: Law,
}

/// A ReplicaSet, on its own or for one template of a Deployment; or one template of a StatefulSet.
#[derive(Clone, Debug)]
pub struct WorkloadSetup {
    /// `KIND/NAMESPACE/NAME` of what a user scales.
    pub title: String,
    /// The name of the ReplicaSet, or of the StatefulSet.
    pub replica_set: String,
    /// How many pods it keeps when it begins to exist.
    pub replicas: u32,
    /// Whether it is there at the start; if not, an action of the timeline creates it.
    pub at_start: bool,
    /// The first workload of this title. A workload that was deleted may come again, and traffic and autoscalers know
    /// it by its title.
    pub first_of_title: WorkloadId,
    /// Which pods are its own.
    pub selector: Selector,
    /// What its pods are like.
    pub template: PodSpec,
    /// How one template of its Deployment follows another; `None` for a ReplicaSet on its own.
    pub rollout: Option<deployment::Spec>,
    /// What its StatefulSet is told to do, if it is one of one.
    pub stateful: Option<stateful_set::Spec>,
    /// Whether its Deployment makes no ReplicaSet of it at the start: it is paused, and has none in the manifests.
    pub waits: bool,
    /// Whether its ReplicaSet was there before the run; if not, its Deployment makes it at the start.
    pub adopted: bool,
}

/// A DaemonSet.
#[derive(Clone, Debug)]
pub struct DaemonSetSetup {
    /// Its name.
    pub name: String,
    /// Whether it is there at the start; if not, an action of the timeline creates it.
    pub at_start: bool,
    /// Which pods are its own.
    pub selector: Selector,
    /// What its pods are like, but for the node that each is for.
    pub template: PodSpec,
}

/// An autoscaler.
#[derive(Clone, Debug)]
pub struct AutoscalerSetup {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Whether it is there at the start; if not, an action of the timeline creates it.
    pub at_start: bool,
    /// What it sizes.
    pub workload: WorkloadId,
    /// What it is told to do.
    pub spec: hpa::Spec,
    /// Its controller's settings.
    pub config: hpa::Config,
}

/// Requests to one workload.
#[derive(Clone, Debug)]
pub struct TrafficSetup {
    /// Who serves them.
    pub workload: WorkloadId,
    /// How many there are.
    pub shape: Shape,
    /// What they cost.
    pub cost: CpuPerThousandRequests,
    /// What they hold in memory.
    pub memory: MemoryPerThousandRequests,
    /// What each container of a pod that may serve them holds without requests.
    pub base_memory: Bytes,
    /// What their time depends on, if it is measured.
    pub service_time: Option<ServiceTime>,
    /// For how long new pods are slow, if they are; the same for all streams to one workload.
    pub warm_up: Option<WarmUp>,
}

/// What a container holds in memory without requests, where nobody says (estimate).
pub const BASE_MEMORY: Bytes = Bytes::from_mib(64);

/// A source of bare pods.
#[derive(Clone, Debug)]
pub struct SourceSetup {
    /// Its name; pods are called NAME-1, NAME-2, ….
    pub name: String,
    /// What its pods are like.
    pub template: PodSpec,
    /// When they arrive.
    pub arrivals: Arrivals,
    /// How many arrive together.
    pub batch: BatchSize,
    /// None arrives before.
    pub start: SimTime,
    /// None arrives then or later.
    pub end: SimTime,
    /// No more than this arrive.
    pub max: Option<u64>,
    /// How long a pod runs once it is ready.
    pub lifetime: Law,
    /// Whether pods take time to start.
    pub starts_up: bool,
}

/// Pods that come and go as a trace says.
#[derive(Clone, Debug)]
pub struct PodTraceSetup {
    /// Its name; pods without one of their own are called NAME-1, NAME-2, ….
    pub name: String,
    /// The pods.
    pub trace: PodTrace,
    /// The label that says what a pod belongs to.
    pub app_label: String,
    /// What the pods of each class are like.
    pub classes: Arc<[PodSpec]>,
    /// What they belong to; empty where they belong to nothing.
    pub apps: Arc<[Box<str>]>,
    /// Whether pods take time to start.
    pub starts_up: bool,
}

impl PodTraceSetup {
    /// Pods that stand for all others: the first, and those that request the most of something.
    pub fn examples(&self) -> impl Iterator<Item = &PodSpec> {
        let most = |amount: fn(&PodSpec) -> i64| {
            (0..self.classes.len()).rev().max_by_key(|&place| amount(&self.classes[place]))
        };
        let of_cpu = most(|pod| pod.requests.placed.cpu.0);
        let of_memory = most(|pod| pod.requests.placed.memory.0);
        let mut places: Vec<usize> =
            [self.classes.first().map(|_| 0), of_cpu, of_memory].into_iter().flatten().collect();
        places.sort_unstable();
        places.dedup();
        places.into_iter().map(|place| &self.classes[place])
    }

    /// The pods of each class that something owns, with the label that it selects them by.
    pub fn owned(&self) -> impl Iterator<Item = (&str, &PodSpec)> {
        let owned = self.classes.iter().filter(|pod| pod.owner.is_some());
        owned.map(|pod| (self.app_label.as_str(), pod))
    }
}

/// How ECI instances are created, start and are taken back.
#[derive(Clone, Debug)]
pub struct EciSetup {
    /// What the platform has at the start.
    pub platform: eci::Setup,
    /// The zone of each virtual node, by the node's name.
    pub zones: BTreeMap<String, ZoneId>,
    /// The zone of each vSwitch.
    pub vswitches: BTreeMap<String, ZoneId>,
    /// How long the phases take.
    pub start: EciStartModel,
    /// How long a started pod takes to be ready.
    pub readiness: Law,
    /// Whether images come from an image cache, where a pod does not say.
    pub image_cache: bool,
    /// Whether the wait for room counts towards the longest time until a pod's containers run.
    pub max_pending_counts_wait: bool,
    /// How spot instances are taken back.
    pub spot: ReclaimSetup,
}

/// How instances are taken back, ECI's spot instances or those of ACS that are best effort.
#[derive(Clone, Debug)]
pub struct ReclaimSetup {
    /// From the end of their protection to the notice; `None` if they are not.
    pub law: Option<Law>,
    /// From the notice to the end.
    pub notice: Span,
}

/// What ACS does differently from ECI.
#[derive(Clone, Debug)]
pub struct AcsSetup {
    /// Whether the account may have instances of more than 16 vCPU or 128 GiB.
    pub large_specs: bool,
    /// How instances of best effort are taken back.
    pub preemption: ReclaimSetup,
}

/// A service mesh that injects sidecars.
#[derive(Clone, Debug)]
pub struct MeshSetup {
    /// Which pods get one.
    pub policy: istio::Policy,
    /// What they get.
    pub sidecar: istio::Sidecar,
    /// How long a started proxy takes to be ready.
    pub proxy_ready: Law,
    /// What a request costs in the proxy.
    pub cost: CpuPerThousandRequests,
    /// What requests hold in the proxy's memory.
    pub memory: MemoryPerThousandRequests,
}

/// OpenKruise, and ack-virtual-node that works with it.
#[derive(Clone, Debug, PartialEq)]
pub struct KruiseSetup {
    /// Whether pods on virtual nodes may get further containers (feature gate SidecarSetServerlessPod).
    pub serverless: bool,
    /// How long the postStart hook of a hot upgrade takes to move the state over.
    pub migration: Law,
}

/// How pods start on ECS nodes.
#[derive(Clone, Debug)]
pub struct EcsSetup {
    /// How long the phases take.
    pub start: EcsStartModel,
    /// How long a started pod takes to be ready.
    pub readiness: Law,
    /// How often a node tells which images it has.
    pub image_status_update: Span,
}

/// What the control plane takes its time for. The default is a control plane that takes none.
#[derive(Clone, Copy, Debug, Default)]
pub struct Timing {
    /// From the start of one scheduling attempt to the next, beside what each node takes.
    pub attempt: Span,
    /// The same for each node that an attempt looks at.
    pub attempt_per_node: Span,
    /// One request of the scheduler to the API server. For a pod that no scheduler binds: until the kubelet knows it.
    pub bind: Span,
    /// How fast the scheduler makes requests.
    pub scheduler_rate: Option<ClientRate>,
    /// One request of a controller to the API server.
    pub client: Span,
    /// How fast each controller makes requests.
    pub controller_rate: Option<ClientRate>,
}
