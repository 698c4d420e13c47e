//! New images for the sidecars of running pods: which pods get them next, and what it takes until they run.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Run;
use super::event::Event;
use super::image_store::PodImage;
use crate::admission::sidecar_set::{
    HASH, HASH_WITHOUT_IMAGE, Upgraded, has_been_injected, hash_of, reset, upgraded,
};
use crate::capacity::{Image, ImageSource, Law};
use crate::controller::sidecar_set::{self, Version};
use crate::id::PodId;
use crate::metric::Fact;
use crate::object::image::normalized;
use crate::object::{Labels, NodeClass, PodSpec, SidecarSet};
use crate::random::{Purpose, generator};
use crate::units::{SimTime, Span};

/// Upgrades of pods' sidecars.
#[derive(Debug, Default)]
pub(super) struct Upgrades {
    /// SidecarSets that have changed: some of their pods may be behind.
    changed: BTreeSet<String>,
    under_way: BTreeMap<PodId, Upgrade>,
    /// Pods whose containers were on their way with other images: they are restarted when they run.
    waiting: BTreeMap<PodId, Waiting>,
    /// Whether pods are being chosen: what comes of that is part of it.
    is_looking: bool,
}

/// The upgrade of one pod.
#[derive(Debug)]
struct Upgrade {
    set: String,
    step: Step,
    /// Containers that are restarted in this step.
    containers: Vec<String>,
    /// When these have stopped.
    stopped: SimTime,
    /// When they run again.
    runs: SimTime,
    /// When the step is over.
    ends: SimTime,
}

/// An upgrade of a pod that starts.
#[derive(Debug)]
struct Waiting {
    set: String,
    /// What the pod starts with.
    old: Arc<PodSpec>,
    cold: Vec<String>,
    hot: Vec<String>,
}

/// What an upgrade waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// The new images run: of containers without a twin, so that the pod is not ready, or else of idle twins.
    NewImages {
        /// Whether the pod is ready only then.
        is_cold: bool,
        /// Whether twins swap roles afterwards.
        is_hot: bool,
    },
    /// Twins that have worked before get the empty image.
    Reset,
}

impl Upgrades {
    /// Whether a pod waits for an upgraded container to be ready.
    pub(super) fn holds_back(&self, pod: PodId) -> bool {
        let upgrade = self.under_way.get(&pod);
        upgrade.is_some_and(|one| matches!(one.step, Step::NewImages { is_cold: true, .. }))
    }

    /// How many of a pod's containers do not run for now, so that it is not ready.
    pub(super) fn restarting(&self, pod: PodId) -> u32 {
        let upgrade = self.under_way.get(&pod).filter(|_| self.holds_back(pod));
        upgrade.map_or(0, |one| one.containers.len() as u32)
    }

    /// A pod is gone.
    pub(super) fn forget(&mut self, pod: PodId) {
        self.under_way.remove(&pod);
        self.waiting.remove(&pod);
    }

    /// Whether nothing is being done to a pod.
    fn is_settled(&self, pod: PodId) -> bool {
        !self.under_way.contains_key(&pod) && !self.waiting.contains_key(&pod)
    }
}

impl Run<'_, '_> {
    /// A SidecarSet comes or has changed: pods that have its containers may be behind.
    pub(super) fn sidecar_set_changed(&mut self, name: &str) {
        if self.scenario.kruise.is_some() {
            self.upgrades.changed.insert(name.to_owned());
            self.look_at_sidecars();
        }
    }

    /// A pod has changed: others may be upgraded now.
    pub(super) fn look_at_sidecars(&mut self) {
        if self.upgrades.changed.is_empty() || self.upgrades.is_looking {
            return;
        }
        self.upgrades.is_looking = true;
        for name in self.upgrades.changed.clone() {
            let set = self.cluster.owners().sidecar_sets().find(|set| set.name == name).cloned();
            match set {
                Some(set) => self.upgrade_next(&set),
                None => {
                    self.upgrades.changed.remove(&name);
                }
            }
        }
        self.upgrades.is_looking = false;
    }

    fn upgrade_next(&mut self, set: &SidecarSet) {
        let pods = self.pods_with(set);
        self.finish_swaps(&pods, set);
        let views: Vec<_> = pods.iter().map(|&pod| self.sidecar_view(pod, set)).collect();
        let mut is_done = false;
        for place in sidecar_set::next_upgrades(&set.update, &views) {
            self.upgrade(pods[place], set);
            is_done |= self.upgrades.is_settled(pods[place]);
        }
        // One that needed no restart is over at once: nothing else that happens to it lets the next one come.
        if is_done {
            self.upgrade_next(set);
        }
    }

    /// Hot upgrades whose SidecarSet was away when the new container was ready: the other one is still to be reset
    /// (openkruise/kruise pkg/controller/sidecarset/sidecarset_hotupgrade.go `flipHotUpgradingContainers`).
    fn finish_swaps(&mut self, pods: &[PodId], set: &SidecarSet) {
        if set.containers.iter().all(|one| one.hot_upgrade.is_none()) {
            return;
        }
        for &pod in pods {
            let view = self.sidecar_view(pod, set);
            if view.settled && view.version == Version::Present {
                self.reset_twins(pod, set);
            }
        }
    }

    /// The pods that a SidecarSet has been injected into and that are not terminating.
    fn pods_with(&self, set: &SidecarSet) -> Vec<PodId> {
        let unlabelled = Labels::default();
        let is_own = |pod: &PodId| {
            let spec = self.cluster.spec_of(*pod);
            let namespace = self.cluster.namespace_labels(&spec.namespace).unwrap_or(&unlabelled);
            !self.pods[pod.index()].is_terminating()
                && has_been_injected(spec, &set.name)
                && set.selects(spec, namespace)
        };
        self.cluster.pods().map(|(pod, _)| pod).filter(is_own).collect()
    }

    fn sidecar_view(&self, pod: PodId, set: &SidecarSet) -> sidecar_set::Pod {
        let (state, spec) = (&self.pods[pod.index()], self.cluster.spec_of(pod));
        let has = |key, hash: &str| hash_of(spec, key, &set.name).as_deref() == Some(hash);
        sidecar_set::Pod {
            scheduled: self.bound_node(pod).is_some(),
            phase: state.phase(),
            ready: state.ready_condition(),
            restarts: state.restarts,
            created: state.created,
            version: match (has(HASH, &set.hash), has(HASH_WITHOUT_IMAGE, &set.hash_without_image)) {
                (true, _) => Version::Present,
                (false, true) => Version::Behind,
                (false, false) => Version::Incompatible,
            },
            settled: self.upgrades.is_settled(pod),
            selected: set.update.selector.as_ref().is_none_or(|selector| selector.matches(&spec.labels)),
        }
    }

    /// A pod gets the images of its SidecarSet. It comes with them if its node has not begun to start it; if it has, the
    /// containers that are on their way run first, as the kubelet looks at a pod again only when it has started it.
    fn upgrade(&mut self, pod: PodId, set: &SidecarSet) {
        let old = self.cluster.spec_of(pod).clone();
        let Upgraded { pod: new, cold, hot } = upgraded(&old, set);
        self.rewrite_in_place(pod, &old, new);
        let waiting = Waiting { set: set.name.clone(), old, cold, hot };
        let state = &self.pods[pod.index()];
        if state.started.is_some() {
            self.restart_upgraded(pod, waiting);
        } else if state.is_starting {
            self.upgrades.waiting.insert(pod, waiting);
        } else {
            self.reset_twins(pod, set);
        }
    }

    /// The containers of a pod run: what was changed meanwhile is restarted.
    pub(super) fn upgrade_started(&mut self, pod: PodId) {
        if let Some(waiting) = self.upgrades.waiting.remove(&pod) {
            self.restart_upgraded(pod, waiting);
        }
    }

    fn restart_upgraded(&mut self, pod: PodId, Waiting { set, old, cold, hot }: Waiting) {
        let (is_cold, is_hot) = (!cold.is_empty(), !hot.is_empty());
        let containers = [cold, hot].concat();
        if containers.is_empty() {
            return;
        }
        let hook = if is_hot { self.migration_of(pod) } else { Span::ZERO };
        self.restart(pod, &set, Step::NewImages { is_cold, is_hot }, (containers, &old, hook));
        if is_cold {
            self.lose_readiness(pod);
        }
    }

    /// Makes a pod that is bound what `new` says; its instance, if it has one, stays what it is.
    fn rewrite_in_place(&mut self, pod: PodId, old: &PodSpec, new: PodSpec) {
        let before = self.cluster.pod(pod).class;
        self.rewrite(pod, new);
        self.instances.inherit(before, self.cluster.pod(pod).class);
        if self.cluster.pod(pod).node.is_none() {
            self.requeue(pod, old);
        }
    }

    /// The kubelet stops containers, pulls what they need and starts them; `hook` is what they do before they are ready.
    fn restart(
        &mut self,
        pod: PodId,
        set: &str,
        step: Step,
        (containers, old, hook): (Vec<String>, &PodSpec, Span),
    ) {
        for name in &containers {
            let message = format_args!("Container {name} definition changed, will be restarted");
            self.pod_event(pod, "Normal", "Killing", message);
        }
        let shutdown = self.upgrade_draw(pod, Purpose::UpgradeStop, &self.scenario.shutdown).min(old.grace);
        let stopped = self.now + shutdown;
        let pulled = self.pull_upgrade(pod, &containers, old, stopped);
        let node = self.cluster.pod(pod).node.expect("a pod that runs is bound");
        let (start, readiness) = match self.cluster.node(node).spec.class {
            NodeClass::Ecs => (&self.scenario.ecs.start.container_start, &self.scenario.ecs.readiness),
            NodeClass::Virtual => (&self.scenario.eci.start.container_start, &self.scenario.eci.readiness),
        };
        let start = self.upgrade_draw(pod, Purpose::SidecarRestart, start);
        let runs = pulled + start;
        let ends = runs + hook + self.upgrade_draw(pod, Purpose::SidecarReadiness, readiness);
        let upgrade = Upgrade { set: set.to_owned(), step, containers, stopped, runs, ends };
        self.upgrades.under_way.insert(pod, upgrade);
        self.at(runs, Event::SidecarRuns(pod));
        self.at(ends, Event::SidecarStep(pod));
    }

    /// How long the postStart hook of a new container takes.
    fn migration_of(&self, pod: PodId) -> Span {
        let kruise = self.scenario.kruise.as_ref().expect("only OpenKruise upgrades sidecars");
        self.upgrade_draw(pod, Purpose::Migration, &kruise.migration)
    }

    /// A draw of its own for each restart of a pod's containers.
    fn upgrade_draw(&self, pod: PodId, purpose: Purpose, law: &Law) -> Span {
        let stream = self.cluster.pod(pod).draws.round(self.pods[pod.index()].restarts);
        law.draw(&mut generator(self.seed, purpose, stream))
    }

    /// When the images of `containers` are there, if pulling begins at `from`. What the pod had before is there.
    fn pull_upgrade(&mut self, pod: PodId, containers: &[String], old: &PodSpec, from: SimTime) -> SimTime {
        let spec = self.cluster.spec_of(pod).clone();
        let changed = spec.containers.iter().filter(|one| containers.contains(&one.name));
        let names: BTreeSet<_> = changed.map(|one| normalized(&one.image)).collect();
        let had: BTreeSet<_> = old.containers.iter().map(|one| normalized(&one.image)).collect();
        let images = self.images_of(pod);
        let is_missing = |image: &&PodImage| names.contains(&*image.name) && !had.contains(&*image.name);
        let missing: Vec<&PodImage> = images.iter().filter(is_missing).collect();
        let node = self.cluster.pod(pod).node.expect("a pod that runs is bound");
        if self.cluster.node(node).spec.class == NodeClass::Virtual {
            let cached = self.pulls_from_cache(pod);
            let source = if cached { ImageSource::Cached } else { ImageSource::Vpc };
            let images: Vec<_> = missing.iter().map(|image| Image { size: image.size, source }).collect();
            return from + self.scenario.eci.start.pull.duration(&images);
        }
        let mut ready = from;
        for image in missing {
            if let Some(there) = self.images.available_at(node, image) {
                ready = ready.max(there);
                continue;
            }
            let pulled = Image { size: image.size, source: ImageSource::Vpc };
            ready += self.scenario.ecs.start.pull.duration(&[pulled]);
            self.images.arrives(node, image, ready);
            self.at(ready.round_up_to(self.scenario.ecs.image_status_update), Event::NodeImages(node));
        }
        ready
    }

    /// A pod takes no traffic until its upgraded containers are ready.
    fn lose_readiness(&mut self, pod: PodId) {
        if self.pods[pod.index()].ready.is_none() {
            return;
        }
        self.settle_load();
        let state = &mut self.pods[pod.index()];
        state.ready = None;
        state.unready_since = Some(self.now);
        self.leaves_service(pod);
        self.tell(&Fact::PodUnready { pod });
        self.pod_moves_rollout(pod);
    }

    /// Containers run with new images; what makes them ready is still to come.
    pub(super) fn sidecar_runs(&mut self, pod: PodId) {
        let lives = self.living(pod).is_some_and(|state| state.terminating.is_none());
        let upgrade = self.upgrades.under_way.get(&pod).filter(|one| lives && one.runs == self.now);
        let containers = upgrade.map(|one| one.containers.clone()).unwrap_or_default();
        for name in containers {
            self.pod_event(pod, "Normal", "Started", format_args!("Started container {name}"));
        }
    }

    /// A step of an upgrade is over.
    pub(super) fn sidecar_step(&mut self, pod: PodId) {
        let lives = self.living(pod).is_some_and(|state| state.terminating.is_none());
        let is_due = |upgrade: &Upgrade| lives && upgrade.ends == self.now;
        if !self.upgrades.under_way.get(&pod).is_some_and(is_due) {
            return;
        }
        let upgrade = self.upgrades.under_way.remove(&pod).expect("it was found");
        let state = &mut self.pods[pod.index()];
        state.restarts += upgrade.containers.len() as u32;
        state.last_end = Some(upgrade.stopped);
        if let Step::NewImages { is_cold, is_hot } = upgrade.step {
            let set = self.cluster.owners().sidecar_sets().find(|set| set.name == upgrade.set).cloned();
            if let Some(set) = set.filter(|_| is_hot) {
                self.reset_twins(pod, &set);
            }
            if is_cold {
                self.pod_ready(pod);
            }
        }
        self.look_at_sidecars();
    }

    /// Twins that have worked before get the empty image.
    fn reset_twins(&mut self, pod: PodId, set: &SidecarSet) {
        let old = self.cluster.spec_of(pod).clone();
        let Upgraded { pod: new, hot, .. } = reset(&old, set);
        if hot.is_empty() {
            return;
        }
        self.rewrite_in_place(pod, &old, new);
        if self.pods[pod.index()].started.is_some() {
            let message = format_args!("reset sidecar container image empty successfully");
            self.pod_event(pod, "Normal", "ResetContainerSucceed", message);
            self.restart(pod, &set.name, Step::Reset, (hot, &old, Span::ZERO));
        }
    }
}
