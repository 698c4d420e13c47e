//! What a user does to a cluster during a run, names looked up and refusals told beforehand.

use std::collections::BTreeMap;

use crate::capacity::eci::Stock;
use crate::cluster::Service;
use crate::controller::{deployment, drain, hpa, job, stateful_set};
use crate::cost::PriceList;
use crate::id::{DaemonSetId, WorkloadId};
use crate::object::sidecar_set::ResourceBinding;
use crate::object::volume::{FileObject, FileSource};
use crate::object::{DisruptionBudget, EciProfile, Labels, ResourceKind, SidecarSet, Taint};
use crate::simulation::scenario::{CronJobSetup, PodSetup};
use crate::units::{MilliCpu, Price, SimTime, Span};

/// Something that a user does at one instant.
#[derive(Clone, Debug)]
pub struct TimedAction {
    /// When.
    pub at: SimTime,
    /// What.
    pub action: Action,
}

/// A change of labels or annotations: the new value of each key, or `None` to take it away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LabelChange(pub BTreeMap<String, Option<String>>);

impl LabelChange {
    /// Carries the change out.
    pub fn apply(&self, labels: &mut Labels) {
        for (key, value) in &self.0 {
            match value {
                Some(value) => labels.set(key.clone(), value.clone()),
                None => {
                    labels.0.remove(key);
                }
            }
        }
    }
}

/// What is changed of an object's metadata.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MetadataChange {
    /// Its labels.
    pub labels: LabelChange,
    /// Its annotations.
    pub annotations: LabelChange,
}

/// `kubectl drain` of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drain {
    /// The node's name.
    pub node: String,
    /// Which pods may go.
    pub options: drain::Options,
    /// The grace period that pods get instead of their own.
    pub grace: Option<Span>,
    /// How long it goes on at most.
    pub timeout: Option<Span>,
    /// Whether pods are deleted past their disruption budgets.
    pub disable_eviction: bool,
}

/// Prices that hold from some instant on.
#[derive(Clone, Debug)]
pub struct NewPrices {
    /// All of them.
    pub list: PriceList,
    /// What nodes cost by these, of which that changes, by name.
    pub nodes: Vec<(String, Price)>,
    /// What machines cost by these that come during a run.
    pub machines: Vec<MachinePrice>,
}

/// What new nodes of a pool cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MachinePrice {
    /// The pool.
    pub pool: String,
    /// Their instance type.
    pub instance_type: String,
    /// The price.
    pub price: Price,
}

/// An object by namespace and name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ObjectName {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
}

/// An object that nothing works on by itself: others look it up.
#[derive(Clone, Debug)]
pub enum Kept {
    /// A SidecarSet.
    SidecarSet(Box<SidecarSet>),
    /// A SidecarSetResourceBinding.
    Binding(ResourceBinding),
    /// A PodDisruptionBudget.
    Budget(Box<DisruptionBudget>),
    /// A ConfigMap or Secret; the ConfigMap may be the cluster's eci-profile.
    File(FileObject, Option<EciProfile>),
}

impl Kept {
    /// What kind of object it is.
    pub fn kind(&self) -> ResourceKind {
        match self {
            Self::SidecarSet(_) => ResourceKind::SidecarSet,
            Self::Budget(_) => ResourceKind::PodDisruptionBudget,
            Self::Binding(_) => ResourceKind::SidecarSetResourceBinding,
            Self::File(file, _) if file.source == FileSource::ConfigMap => ResourceKind::ConfigMap,
            Self::File(..) => ResourceKind::Secret,
        }
    }

    /// Its namespace, empty for what lives in none, and its name.
    pub fn name(&self) -> ObjectName {
        let (namespace, name) = match self {
            Self::SidecarSet(set) => ("", &set.name),
            Self::Binding(binding) => (binding.namespace.as_str(), &binding.name),
            Self::Budget(budget) => (budget.namespace.as_str(), &budget.name),
            Self::File(file, _) => (file.namespace.as_str(), &file.name),
        };
        ObjectName { namespace: namespace.to_owned(), name: name.clone() }
    }
}

/// One thing that a user does. Objects that are to come are part of the scenario from the start, and only begin to
/// exist here.
#[derive(Clone, Debug)]
pub enum Action {
    /// A namespace comes.
    CreateNamespace {
        /// Its name.
        name: String,
        /// Its labels.
        labels: Labels,
    },
    /// A pod comes.
    CreatePod(Box<PodSetup>),
    /// A workload of the scenario comes.
    CreateWorkload(WorkloadId),
    /// A DaemonSet of the scenario comes.
    CreateDaemonSet(DaemonSetId),
    /// An autoscaler of the scenario comes.
    CreateAutoscaler(u32),
    /// A Job of the scenario comes.
    CreateJob(u32),
    /// A Service comes, with what it selects by.
    CreateService(ObjectName, Option<Service>),
    /// An object that is kept as it is comes, or takes the place of the one of its name.
    Put(Kept),
    /// Such an object is deleted.
    Remove(ResourceKind, ObjectName),
    /// A Service selects by something else.
    ChangeService(ObjectName, Option<Service>),
    /// A namespace gets other labels; only pods that are created from now on notice.
    LabelNamespace {
        /// Its name.
        name: String,
        /// The change.
        labels: LabelChange,
    },
    /// A pod gets other labels or annotations.
    ChangePod(ObjectName, MetadataChange),
    /// A node gets other labels or annotations.
    ChangeNode(String, MetadataChange),
    /// A node gets these taints instead of its own.
    Taint {
        /// Its name.
        node: String,
        /// All its taints.
        taints: Vec<Taint>,
    },
    /// A node fails.
    Fail {
        /// Its name.
        node: String,
        /// For how long; `None` for good.
        lasts: Option<Span>,
        /// Whether its machine is lost.
        lost: bool,
    },
    /// Everything in a zone fails.
    FailZone {
        /// Its name.
        zone: String,
        /// For how long; `None` for good.
        lasts: Option<Span>,
    },
    /// A node is cordoned or uncordoned.
    Cordon {
        /// Its name.
        node: String,
        /// Whether it is not to take pods from now on.
        unschedulable: bool,
    },
    /// A node is cordoned, and its pods are evicted.
    Drain(Drain),
    /// A zone of ECI has so many more instances.
    SetStock {
        /// The zone's name.
        zone: String,
        /// Whether it is the stock of spot instances.
        spot: bool,
        /// The figures; none for no bound.
        stock: Stock,
    },
    /// ECI has another vCPU quota.
    SetQuota {
        /// The zone's name; `None` for all together.
        zone: Option<String>,
        /// So many vCPUs; `None` for no bound.
        quota: Option<MilliCpu>,
    },
    /// Images come from an image cache, or do so no more, where pods do not say.
    SetImageCache(bool),
    /// Prices change.
    SetPrices(Box<NewPrices>),
    /// How many more machines there are of instance types, which pools get during the run; `None` for no bound.
    SetMachineStock(Vec<(String, Option<u32>)>),
    /// A Deployment gets the template of one of its workloads, and with it what else was written.
    RollOut {
        /// The workload whose template it gets; one that never was begins to exist as the rollout needs it.
        template: WorkloadId,
        /// How many pods it is to have, if that was written.
        replicas: Option<u32>,
        /// How its templates follow each other from now on.
        rollout: deployment::Spec,
    },
    /// A StatefulSet is written anew.
    UpdateStatefulSet {
        /// The workload whose template it gets.
        template: WorkloadId,
        /// How many pods it is to have, if that was written.
        replicas: Option<u32>,
        /// What it is told to do from now on.
        spec: stateful_set::Spec,
    },
    /// A workload is to have so many pods.
    Scale(WorkloadId, u32),
    /// An autoscaler is told something else.
    ChangeAutoscaler(u32, hpa::Spec),
    /// A Job is told something else.
    ChangeJob(u32, job::Spec),
    /// A CronJob of the scenario comes.
    CreateCronJob(u32),
    /// A CronJob is told something else.
    ChangeCronJob(u32, Box<CronJobSetup>),
    /// A CronJob is deleted, with its Jobs and their pods.
    DeleteCronJob(u32),
    /// A Job is deleted, with its pods.
    DeleteJob(u32),
    /// A pod is deleted.
    DeletePod(ObjectName),
    /// A workload is deleted, with its pods.
    DeleteWorkload(WorkloadId),
    /// A DaemonSet is deleted, with its pods.
    DeleteDaemonSet(DaemonSetId),
    /// An autoscaler is deleted; what it sized stays as it is.
    DeleteAutoscaler(u32),
    /// A Service is deleted.
    DeleteService(ObjectName),
    /// A namespace is deleted, with everything in it.
    DeleteNamespace(String),
}

impl Action {
    /// Whether nodes fail by it.
    pub(crate) fn is_failure(&self) -> bool {
        matches!(self, Self::Fail { .. } | Self::FailZone { .. })
    }
}
