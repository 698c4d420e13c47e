//! Clusters for the tests of an autoscaler: given.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::*;
use crate::cluster::Cluster;
use crate::controller::drain::Keeper;
use crate::object::{DisruptionBudget, LABEL_HOSTNAME, NodeSpec, Owner, PodSpec, Resources};
use crate::random::Stream;
use crate::scheduler::{Profile, Registry, SchedulerConfig};
use crate::units::{Bytes, MilliCpu, Price};

/// A group of nodes of so many cores and GiB in pool `pool`.
pub(super) fn group(name: &str, pool: usize, cores: i64, gib: i64) -> Group {
    let (cpu, memory) = (MilliCpu::from_cores(cores), Bytes::from_gib(gib));
    let template = NodeSpec {
        allocatable: Resources { cpu, memory, ..Resources::default() },
        allocatable_pods: 110,
        labels: [("pool", name), (LABEL_HOSTNAME, name)].into_iter().collect(),
        ..NodeSpec::named(name)
    };
    Group { name: name.to_owned(), pool, templates: vec![template], cpu, memory, price: Price::ZERO }
}

/// A pod of a ReplicaSet that requests so much cpu and memory.
pub(super) fn spec(milli_cpu: i64, mib: i64) -> PodSpec {
    let wants = Resources { cpu: MilliCpu(milli_cpu), memory: Bytes::from_mib(mib), ..Resources::default() };
    let mut spec = PodSpec::empty("default");
    spec.requests.filter = wants.clone();
    spec.requests.placed = wants;
    let (api_version, kind, name) = ("apps/v1".to_owned(), "ReplicaSet".to_owned(), "web".to_owned());
    spec.owner = Some(Owner { api_version, kind, name });
    spec
}

/// So many seconds after the clusters of tests have been there for an hour.
pub(super) fn at(seconds: u64) -> SimTime {
    SimTime::from_secs(3600 + seconds)
}

/// A cluster with an autoscaler.
pub(super) struct World {
    pub(super) autoscaler: NodeAutoscaler,
    pub(super) cluster: Cluster,
    pub(super) members: Vec<Member>,
    pub(super) unready_others: u32,
    pub(super) requests: Vec<Request>,
    pub(super) pending: Vec<Pending>,
    pub(super) budgets: Vec<(DisruptionBudget, u32)>,
    pub(super) keepers: BTreeMap<PodId, Keeper>,
    pub(super) deleted: BTreeMap<PodId, SimTime>,
    pub(super) daemons: Vec<Arc<PodSpec>>,
    profiles: Vec<Profile>,
}

impl World {
    /// Upstream's settings, and groups of pools of 0 to 10 nodes each.
    pub(super) fn new(groups: Vec<Group>) -> Self {
        Self::with(Config::cluster_autoscaler(), groups)
    }

    pub(super) fn with(config: Config, groups: Vec<Group>) -> Self {
        let pools = groups.iter().map(|one| one.pool).max().map_or(0, |last| last + 1);
        let pools = vec![PoolSize { min: 0, max: 10 }; pools];
        Self {
            autoscaler: NodeAutoscaler::new(config, groups, pools),
            cluster: Cluster::new(),
            members: Vec::new(),
            unready_others: 0,
            requests: Vec::new(),
            pending: Vec::new(),
            budgets: Vec::new(),
            keepers: BTreeMap::new(),
            deleted: BTreeMap::new(),
            daemons: Vec::new(),
            profiles: SchedulerConfig::default_with(&Registry::upstream()).profiles,
        }
    }

    /// A node of a group, ready since the beginning.
    pub(super) fn node(&mut self, group: usize) -> NodeId {
        let name = format!("n{}", self.members.len());
        let mut spec = self.autoscaler.groups[group].templates[0].clone();
        spec.name.clone_from(&name);
        spec.labels.set(LABEL_HOSTNAME, name);
        let node = self.cluster.add_node(spec);
        self.members.push(Member { node, group, added: None, ready: true, deleting: false });
        node
    }

    fn pod(&mut self, spec: PodSpec) -> PodId {
        let class = self.cluster.intern(spec);
        let number = self.cluster.pod_count() as u32;
        self.cluster.create_pod(&format!("p{number}"), class, Stream::of(0, number), at(0))
    }

    /// A pod that runs on a node.
    pub(super) fn runs(&mut self, node: NodeId, spec: PodSpec) -> PodId {
        let pod = self.pod(spec);
        self.cluster.bind(pod, node);
        pod
    }

    fn waits_from(&mut self, created: SimTime, spec: PodSpec) -> PodId {
        let pod = self.pod(spec);
        self.pending.push(Pending { pod, created, is_daemon: false });
        pod
    }

    /// A pod that no node could take, created at this second.
    pub(super) fn waits_since(&mut self, second: u64, spec: PodSpec) -> PodId {
        self.waits_from(at(second), spec)
    }

    /// A pod that no node could take for an hour already.
    pub(super) fn waits(&mut self, spec: PodSpec) -> PodId {
        self.waits_from(SimTime::ZERO, spec)
    }

    /// What a scan at this second comes to.
    pub(super) fn scan(&mut self, second: u64) -> Decision {
        let budgets: Vec<_> = self.budgets.iter().map(|(budget, allowed)| (budget, *allowed)).collect();
        let next_template = vec![0; self.autoscaler.groups.len()];
        let (keepers, deleted) = (&self.keepers, &self.deleted);
        let pod = |pod: PodId| PodView {
            keeper: keepers.get(&pod).copied().unwrap_or(Keeper::Other),
            deleted: deleted.get(&pod).copied(),
        };
        let view = View {
            now: at(second),
            seed: 1,
            cluster: &self.cluster,
            profiles: &self.profiles,
            daemons: &self.daemons,
            pending: &self.pending,
            members: &self.members,
            unready_others: self.unready_others,
            requests: &self.requests,
            next_template: &next_template,
            budgets: &budgets,
            pod: &pod,
        };
        self.autoscaler.scan(&view)
    }

    /// Which groups grow by how much.
    pub(super) fn grows(&mut self, second: u64) -> Vec<(usize, u32)> {
        self.scan(second).scale_up.iter().map(|one| (one.group, one.nodes)).collect()
    }

    /// Which nodes go.
    pub(super) fn goes(&mut self, second: u64) -> Vec<NodeId> {
        self.scan(second).remove.iter().map(|one| one.node).collect()
    }

    /// Why a node stays at this second.
    pub(super) fn stays(&mut self, second: u64, node: NodeId) -> Option<Unremovable> {
        let decision = self.scan(second);
        decision.unremovable.iter().find(|(one, _)| *one == node).map(|(_, why)| *why)
    }
}
