//! A copy of the cluster in which an autoscaler tries things out.

use std::sync::Arc;

use super::{Config, View};
use crate::cluster::Cluster;
use crate::controller::daemon_set;
use crate::id::{NodeId, PodId};
use crate::object::{LABEL_HOSTNAME, NodeSpec, PodSpec};
use crate::random::Stream;
use crate::scheduler::fitting::first_fit;
use crate::scheduler::{Profile, Refused};

/// The cluster as it might be.
#[derive(Clone)]
pub(super) struct Snapshot<'a> {
    pub(super) cluster: Cluster,
    profiles: &'a [Profile],
    /// How many nodes were made up.
    made_up: u32,
    /// Whose turn it is among the places of the next pod.
    turn: usize,
}

impl<'a> Snapshot<'a> {
    /// The cluster as it is, but that pods which do not count are gone, and pods for which room is being made have it
    /// (podlistprocessor/filter_out_expendable.go, core/utils/expendable.go `FilterOutExpendablePods`).
    pub(super) fn of(view: &View<'a>, config: &Config) -> Self {
        let mut cluster = view.cluster.clone();
        let cutoff = config.expendable_pods_priority_cutoff;
        let expendable = |cluster: &Cluster, pod: PodId| cluster.spec_of(pod).priority < cutoff;
        let counts = |cluster: &Cluster, node: &crate::cluster::Node| {
            node.per_class.iter().any(|count| cluster.class(count.class).priority < cutoff)
        };
        let crowded = cluster.nodes().filter(|node| counts(&cluster, node));
        let gone: Vec<_> = crowded
            .flat_map(|node| node.pods.iter().copied())
            .filter(|&pod| expendable(&cluster, pod))
            .collect();
        for pod in gone {
            cluster.unbind(pod);
        }
        for pending in view.pending {
            if let Some(node) = cluster.pod(pending.pod).nominated {
                cluster.bind(pending.pod, node);
            }
        }
        Self { cluster, profiles: view.profiles, made_up: 0, turn: 0 }
    }

    /// Adds a node like `template`, with the pods that DaemonSets put there
    /// (simulator/node_info_utils.go `FreshNodeInfoFromTemplateNodeInfo`).
    pub(super) fn add_node(&mut self, template: &NodeSpec, daemons: &[Arc<PodSpec>]) -> NodeId {
        let name = format!("{}-e-{}", template.name, self.made_up);
        self.made_up += 1;
        let mut spec = NodeSpec { name: name.clone(), ..template.clone() };
        if spec.labels.get(LABEL_HOSTNAME).is_some() {
            spec.labels.set(LABEL_HOSTNAME, name);
        }
        let wanted = daemons.iter().filter(|daemon| daemon_set::wanted(daemon, &spec).to_run);
        let wanted: Vec<_> = wanted.map(|daemon| daemon_set::pod_for(daemon, &spec.name)).collect();
        let node = self.cluster.add_node(spec);
        for daemon in wanted {
            let class = self.cluster.intern(daemon);
            let now = self.cluster.now();
            let pod = self.cluster.create_pod("daemon", class, Stream::of(0, 0), now);
            self.cluster.bind(pod, node);
        }
        node
    }

    /// The first of these nodes that could take a pod.
    ///
    /// # Errors
    ///
    /// What the last of them said; `None` if no scheduler knows the pod, or there was no node.
    pub(super) fn find(
        &self,
        pod: PodId,
        nodes: impl IntoIterator<Item = NodeId>,
    ) -> Result<NodeId, Option<Refused>> {
        let name = &self.cluster.spec_of(pod).scheduler_name;
        let profile = self.profiles.iter().find(|profile| profile.name == *name).ok_or(None)?;
        first_fit(profile, &self.cluster, pod, nodes)
    }

    /// Puts a pod onto one of these nodes that can take it, the one after the last that took one first; which of them
    /// that is (simulator/clustersnapshot/predicate/plugin_runner.go `RunFiltersUntilPassingNode`).
    ///
    /// # Errors
    ///
    /// As [`find`](Self::find).
    pub(super) fn place(
        &mut self,
        pod: PodId,
        nodes: &[NodeId],
        except: Option<NodeId>,
    ) -> Result<usize, Option<Refused>> {
        let (before, after) = nodes.split_at(self.turn.min(nodes.len()));
        let mut looked = 0;
        let in_turn = after.iter().chain(before).inspect(|_| looked += 1);
        let node = self.find(pod, in_turn.copied().filter(|&node| Some(node) != except))?;
        let found = (before.len() + looked - 1) % nodes.len();
        self.cluster.bind(pod, node);
        self.turn = (found + 1) % nodes.len();
        Ok(found)
    }
}
