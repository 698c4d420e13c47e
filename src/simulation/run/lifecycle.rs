//! A pod's life: creation, binding, start, readiness, end.

use std::sync::Arc;

use super::Run;
use super::clients::Binding;
use super::daemons;
use super::event::Event;
use super::image_store::PodImage;
use super::pod_state::{Creator, PodState};
use super::pod_traces;
use crate::capacity::{Image, ImageSource};
use crate::id::{ClassId, NodeId, PodId};
use crate::metric::{Fact, Outcome, Overflow};
use crate::object::image::NodeImage;
use crate::object::{NodeClass, Title};
use crate::random::{Purpose, Stream, generator};
use crate::scheduler::event::ClusterEvent;
use crate::simulation::admitted::is_daemon;
use crate::units::{SimTime, Span};

impl Run<'_, '_> {
    /// Creates a pod. It is told, and waits for whoever binds it.
    pub(super) fn create_pod(
        &mut self,
        name: &str,
        class: ClassId,
        creator: Creator,
        draws: Stream,
        counted: bool,
    ) -> PodId {
        use rand::Rng;
        let pod = self.cluster.create_pod(name, class, draws, self.now);
        let uid = generator(self.seed, Purpose::PodUid, draws).next_u64();
        self.pods.add(creator, uid, self.now);
        if let Creator::Workload(workload) = creator {
            self.workloads[workload.index()].has(pod);
            self.load.note_class(workload, class);
        }
        let job = match creator {
            Creator::Job(job) => Some(self.jobs[job as usize].setup.clone()),
            _ => None,
        };
        let workload = match creator {
            Creator::Workload(workload) => {
                Some(Title::of(self.workloads[workload.index()].title(self.scenario)))
            }
            Creator::Source(source, _) => {
                let name = &self.scenario.sources[source as usize].name;
                Some(Title { kind: "PodSource", namespace: None, name })
            }
            Creator::Trace(trace, pod) => Some(pod_traces::title(self.scenario, trace, pod)),
            Creator::DaemonSet(set) => Some(daemons::title(self.scenario, set)),
            Creator::Job(_) => job.as_ref().map(|job| Title::of(&job.title)),
            Creator::Manifest => None,
        };
        let spec = self.cluster.class(class).clone();
        self.disruption.comes(&spec);
        self.tell(&Fact::PodCreated {
            pod,
            namespace: &spec.namespace,
            name,
            workload,
            containers: spec.ready_containers(),
            cpu: spec.requests.placed.cpu,
            memory: spec.requests.placed.memory,
            counted: counted && !is_daemon(&spec),
        });
        pod
    }

    /// Binds a pod that no scheduler has looked at; its node's kubelet learns of it after the bind latency.
    pub(super) fn bind_unscheduled(&mut self, pod: PodId, node: NodeId, overflow: Option<Overflow>) {
        self.bind(pod, node, Binding { overflow, attempts: 0 });
        self.at(self.now + self.scenario.timing.bind, Event::PodAssigned(pod));
    }

    /// Binds a pod.
    pub(super) fn bind(&mut self, pod: PodId, node: NodeId, binding: Binding) {
        self.cluster.bind(pod, node);
        self.bound(pod, node, binding);
    }

    /// The API server knows a pod's node from now on.
    pub(super) fn bound(&mut self, pod: PodId, node: NodeId, binding: Binding) {
        if self.cluster.node(node).spec.class == NodeClass::Virtual {
            self.annotate_on_eci(pod);
        } else if !self.load.has_traffic(self.cluster.pod(pod).class) {
            self.load_sees_node(node);
        }
        let state = &mut self.pods[pod.index()];
        state.bound = Some(self.now);
        let sender = state.sender;
        let Binding { overflow, attempts } = binding;
        self.tell(&Fact::PodBound { pod, node, overflow, attempts, sender });
        self.comes_to_taints(pod, node);
        let spec = self.cluster.spec_of(pod).clone();
        self.wake(&ClusterEvent::PodAdd(&spec));
    }

    /// The kubelet takes the pod up, and starts it once its volumes are mounted. A virtual node's provider skips pods of
    /// DaemonSets without a word.
    pub(super) fn pod_assigned(&mut self, pod: PodId) {
        let Some(node) = self.living(pod).and_then(|_| self.cluster.pod(pod).node) else { return };
        if let Some(binding) = self.clients.binding_ends(pod) {
            self.binding_arrives(pod, node, binding);
        }
        let class = self.cluster.node(node).spec.class;
        if class == NodeClass::Virtual && is_daemon(self.cluster.spec_of(pod)) {
            return;
        }
        self.pods[pod.index()].assigned = Some(self.now);
        if class == NodeClass::Virtual {
            self.label_on_virtual_node(pod);
        }
        if self.mounts(pod) {
            self.start_mounted(pod);
        }
    }

    /// Starts a pod whose volumes are mounted.
    pub(super) fn start_mounted(&mut self, pod: PodId) {
        let node = self.cluster.pod(pod).node.expect("a pod that starts is bound");
        match self.cluster.node(node).spec.class {
            NodeClass::Virtual => self.create_instance(pod),
            NodeClass::Ecs if self.starts_up(pod) => self.start_on_ecs(pod, node),
            NodeClass::Ecs => self.start_at_once(pod),
        }
    }

    /// Whether a pod takes time to start.
    pub(super) fn starts_up(&self, pod: PodId) -> bool {
        match self.pods[pod.index()].creator {
            Creator::Source(source, _) => self.scenario.sources[source as usize].starts_up,
            Creator::Trace(trace, _) => self.scenario.pod_traces[trace as usize].starts_up,
            _ => true,
        }
    }

    /// Without a start-up the pod is paid for and ready as soon as its node has it.
    pub(super) fn start_at_once(&mut self, pod: PodId) {
        self.pod_billed(pod);
        self.pod_started(pod);
        self.pod_ready(pod);
    }

    pub(super) fn start_on_ecs(&mut self, pod: PodId, node: NodeId) {
        let images = self.images_of(pod);
        // An image that another pod is pulling here is waited for, not pulled again.
        let known = |run: &Self, image: &PodImage| run.images.available_at(node, image);
        let under_way = images.iter().filter_map(|image| known(self, image)).max();
        let begins = under_way.map_or(self.now, |ready| ready.max(self.now));
        let needed: Vec<_> = images
            .iter()
            .map(|image| {
                let source =
                    if known(self, image).is_some() { ImageSource::Cached } else { ImageSource::Vpc };
                Image { size: image.size, source }
            })
            .collect();
        let setup = &self.scenario.ecs;
        let (draws, restarts) = (self.cluster.pod(pod).draws, self.pods[pod.index()].restarts);
        let stream = if restarts == 0 { draws } else { draws.round(restarts) };
        let mut draws = generator(self.seed, Purpose::EcsStart, stream);
        let start = setup.start.draw(begins, &needed, &setup.readiness, &mut draws);
        let pulled = begins + setup.start.pull.duration(&needed);
        for image in images.iter() {
            if known(self, image).is_none() {
                self.images.arrives(node, image, pulled);
                self.at(pulled.round_up_to(self.scenario.ecs.image_status_update), Event::NodeImages(node));
            }
        }
        let (started, ready) = self.after_sidecars(pod, start.started, start.ready);
        let (started, ready) = self.beside_proxy(pod, started, ready);
        self.starts(pod, started, ready);
    }

    /// The containers of a pod are on their way: they run at `started`, and the pod is ready at `ready`.
    pub(super) fn starts(&mut self, pod: PodId, started: SimTime, ready: SimTime) {
        let state = &mut self.pods[pod.index()];
        state.is_starting = true;
        state.ready_from = ready;
        self.at(started, Event::PodStarted(pod));
        self.at(ready, Event::PodReady(pod));
    }

    /// The images of a pod in order of name, each once.
    pub(super) fn images_of(&mut self, pod: PodId) -> Arc<[PodImage]> {
        let class = self.cluster.pod(pod).class;
        self.images.of_class(class, self.cluster.class(class), self.scenario)
    }

    /// From now on the pod costs what its instance costs; on ECS the node pays.
    pub(super) fn pod_billed(&mut self, pod: PodId) {
        let Some(node) = self.living(pod).and_then(|_| self.cluster.pod(pod).node) else { return };
        if self.cluster.node(node).spec.class == NodeClass::Ecs {
            return;
        }
        let now = self.now;
        let instance = self.instances.of_mut(pod).expect("an instance was created before");
        instance.sandbox_ready = Some(now);
        let (price, spec) = (instance.price, instance.spec);
        self.tell(&Fact::PodBilled { pod, price, spec: format_args!("{spec}") });
    }

    /// The containers run.
    pub(super) fn pod_started(&mut self, pod: PodId) {
        if self.living(pod).is_none_or(|state| state.terminating.is_some()) {
            return;
        }
        if self.pods[pod.index()].started.is_some() {
            if self.pods[pod.index()].meter.is_none() {
                self.runs_again(pod);
            } else {
                self.restarted(pod);
            }
            return;
        }
        self.pods[pod.index()].started = Some(self.now);
        self.pods[pod.index()].meter = Some(self.pod_metrics.begin());
        let spec = self.cluster.spec_of(pod).clone();
        self.tell_started(pod, &spec);
        self.begin_work(pod);
        self.upgrade_started(pod);
    }

    /// The pod takes traffic; a source's pod begins its lifetime.
    pub(super) fn pod_ready(&mut self, pod: PodId) {
        let becomes = |state: &PodState| {
            state.terminating.is_none() && !state.work_is_over() && state.ready_from <= self.now
        };
        if !self.living(pod).is_some_and(becomes) {
            return;
        }
        if self.upgrades.holds_back(pod) {
            return;
        }
        self.settle_load();
        let is_first = self.pods[pod.index()].unready_since.is_none();
        self.pods[pod.index()].ready = Some(self.now);
        self.tell(&Fact::PodReady { pod });
        match self.pods[pod.index()].creator {
            Creator::Workload(workload) => self.joins_service(workload, pod),
            Creator::Source(source, _) if is_first => self.expect_lifetime_end(pod, source, self.now),
            Creator::Trace(trace, number) if is_first => self.traced_is_ready(trace, number, pod),
            Creator::Source(..)
            | Creator::Trace(..)
            | Creator::Manifest
            | Creator::DaemonSet(_)
            | Creator::Job(_) => {}
        }
        self.pod_moved(pod);
    }

    /// The lifetime of a source's pod begins at `from`.
    pub(super) fn expect_lifetime_end(&mut self, pod: PodId, source: u32, from: SimTime) {
        let law = &self.scenario.sources[source as usize].lifetime;
        let draws = self.cluster.pod(pod).draws;
        let lifetime = law.draw(&mut generator(self.seed, Purpose::Lifetime, draws));
        self.at(from + lifetime, Event::PodDone(pod));
    }

    /// The pod's work is done: its containers have ended by themselves.
    pub(super) fn pod_done(&mut self, pod: PodId) {
        if self.living(pod).is_some_and(|state| state.terminating.is_none()) {
            self.end(pod, self.own_outcome(pod));
        }
    }

    /// A pod got ready, was told to end or is gone: whoever replaces or upgrades pods one after another may go on.
    pub(super) fn pod_moved(&mut self, pod: PodId) {
        self.disruption.is_stale = true;
        self.pod_moves_rollout(pod);
        self.pod_moves_stateful_set(pod);
        self.look_at_sidecars();
    }

    /// Deletes a pod.
    pub(super) fn delete(&mut self, pod: PodId) {
        self.evict(pod, Outcome::Deleted);
    }

    /// Takes a pod away. One that no node has yet is gone at once; any other terminates, and keeps its requests and its
    /// price until its containers have ended or its grace period is over.
    pub(super) fn evict(&mut self, pod: PodId, outcome: Outcome) {
        self.evict_within(pod, outcome, None);
    }

    /// The same, with a grace period instead of the pod's own.
    pub(super) fn evict_within(&mut self, pod: PodId, outcome: Outcome, grace: Option<Span>) {
        if self.living(pod).is_none_or(|state| state.terminating.is_some()) {
            return;
        }
        if self.cluster.pod(pod).node.is_none() {
            self.dequeue(pod);
            self.end(pod, outcome);
            return;
        }
        // Its binding finds no pod any more, and the scheduler takes the pod off the node again.
        if self.clients.binding_ends(pod).is_some() {
            self.end(pod, outcome);
            return;
        }
        self.settle_load();
        self.leaves_service(pod);
        let state = &mut self.pods[pod.index()];
        (state.terminating, state.deleted) = (Some(outcome), Some(self.now));
        if let Some(workload) = self.pods[pod.index()].workload() {
            self.workloads[workload.index()].active -= 1;
        }
        self.cluster.terminate(pod);
        self.tell(&Fact::PodTerminating { pod });
        let spec = self.cluster.spec_of(pod).clone();
        if !self.has_no_kubelet(pod) {
            let stopping = self.stop_containers(pod, &spec);
            let from = self.delete_instance(pod);
            self.expect_end(pod, grace.unwrap_or(spec.grace), from, &stopping);
        }
        self.job_pod_ended(pod, false);
        self.wake(&ClusterEvent::PodTerminating(&spec));
        self.pod_moved(pod);
    }

    pub(super) fn shutdown_of(&self, pod: PodId, grace: Span) -> Span {
        let mut draws = generator(self.seed, Purpose::Shutdown, self.cluster.pod(pod).draws);
        self.scenario.shutdown.draw(&mut draws).min(grace)
    }

    /// A terminating pod is gone.
    pub(super) fn pod_gone(&mut self, pod: PodId) {
        if let Some(outcome) = self.living(pod).and_then(|state| state.terminating) {
            self.end(pod, outcome);
        }
    }

    pub(super) fn end(&mut self, pod: PodId, outcome: Outcome) {
        self.settle_load();
        let state = &mut self.pods[pod.index()];
        (state.ended, state.finished) = (Some(outcome), Some(self.now));
        let state = self.pods[pod.index()];
        if state.terminating.is_none() {
            self.job_pod_ended(pod, outcome == Outcome::Succeeded);
        }
        self.leaves_service(pod);
        if let Some(workload) = state.workload() {
            self.workloads[workload.index()].forget(pod, state.is_terminating());
        }
        if let Some(meter) = self.pods[pod.index()].meter.take() {
            self.pod_metrics.remove(meter);
        }
        self.leaves_taints(pod);
        let spec = self.cluster.spec_of(pod).clone();
        let gone = self.cluster.remove_pod(pod);
        self.tell(&Fact::PodEnded { pod, outcome });
        self.job_forgets(pod);
        self.instance_ended(pod);
        self.mounts.forget(pod);
        self.upgrades.forget(pod);
        self.failures.forget(pod);
        if gone.node.is_some() {
            self.wake(&ClusterEvent::PodDelete(&spec));
        }
        self.namespace_may_go(&spec.namespace);
        let stays = match outcome {
            Outcome::Deleted | Outcome::Preempted | Outcome::Evicted => false,
            Outcome::Lost => !gone.node.is_some_and(|node| self.failures.is_leaving(node)),
            _ => true,
        };
        if let Some(finished) = self.objects.finished.as_mut().filter(|_| stays) {
            finished.push((gone, state));
        }
        if let Creator::DaemonSet(set) = state.creator {
            self.daemon_gone(set, pod);
        }
        self.pod_moved(pod);
        self.pods.forget(pod.index());
        if !self.drains.is_empty() {
            self.drains_lose(pod);
        }
    }

    /// A node tells which images it has by now: those that it told of before, and those of its pods that have arrived. The
    /// scheduler has no event for images: nobody is woken.
    pub(super) fn node_images(&mut self, node: NodeId) {
        let (cluster, images) = (&self.cluster, &mut self.images);
        let Some(place) = cluster.find_node(node) else { return };
        let classes = place.per_class.iter().map(|count| count.class);
        let all: Vec<_> =
            classes.map(|class| images.of_class(class, cluster.class(class), self.scenario)).collect();
        let is_new = |image: &&PodImage| {
            images.available_at(node, image).is_some_and(|at| at <= self.now)
                && cluster.images().on_node(&image.name, node).is_none()
        };
        let mut new: Vec<_> = all.iter().flat_map(|images| images.iter()).filter(is_new).collect();
        new.sort_by(|a, b| (&a.name, a.size).cmp(&(&b.name, b.size)));
        new.dedup_by(|a, b| a.name == b.name);
        let listed =
            |image: &PodImage| NodeImage { names: vec![image.name.to_string()], size_bytes: image.size.0 };
        let new: Vec<_> = new.into_iter().map(listed).collect();
        self.cluster.add_images(node, new);
    }

    /// The state of a pod that is not gone.
    pub(super) fn living(&self, pod: PodId) -> Option<&PodState> {
        self.cluster.find_pod(pod).map(|_| &self.pods[pod.index()])
    }

    /// Makes a pod that ran before the start ready, and on a virtual node paid for, at once.
    pub(super) fn ran_before(&mut self, pod: PodId) {
        let node = self.cluster.pod(pod).node.expect("a pod that ran is bound");
        let is_virtual = self.cluster.node(node).spec.class == NodeClass::Virtual;
        if is_virtual && is_daemon(self.cluster.spec_of(pod)) {
            return;
        }
        self.pods[pod.index()].assigned = Some(self.now);
        for image in self.images_of(pod).iter() {
            self.images.arrives(node, image, self.now);
        }
        if !is_virtual || self.adopt_instance(pod) {
            self.start_at_once(pod);
        }
    }
}
