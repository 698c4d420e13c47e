//! The containers of one pod in a run: sidecars before and after the application, work that ends by itself, containers
//! that are started again.

use super::Run;
use super::event::Event;
use super::pod_state::{Creator, Work};
use crate::admission::istio::proxy_of;
use crate::capacity::Law;
use crate::capacity::container_order::{self, Part, Platform};
use crate::id::PodId;
use crate::metric::{Fact, Outcome};
use crate::object::{NodeClass, PodSpec};
use crate::random::{Purpose, generator};
use crate::simulation::scenario::WorkSetup;
use crate::units::{SimTime, Span};

use rand::Rng;

impl Run<'_, '_> {
    /// Where a bound pod runs, as far as its containers go.
    fn platform_of(&self, pod: PodId) -> Platform {
        let node = self.cluster.pod(pod).node.expect("the containers of a pod run on its node");
        let is_acs = || self.instances.of(pod).is_some_and(|instance| instance.spec.is_acs());
        match self.cluster.node(node).spec.class {
            NodeClass::Ecs => Platform::Ecs,
            NodeClass::Virtual if is_acs() => Platform::Acs,
            NodeClass::Virtual => Platform::Eci,
        }
    }

    /// What each container of a bound pod is; what does the pod's work is an application, however it is marked.
    pub(super) fn parts(&self, pod: PodId) -> Vec<Part> {
        let platform = self.platform_of(pod);
        let spec = self.cluster.spec_of(pod);
        let mut parts: Vec<_> = spec.containers.iter().map(|one| Part::of(one, platform)).collect();
        if let Some(place) = self.worker(pod) {
            parts[place] = Part::Application;
        }
        parts
    }

    /// The same, in the order of start and of deletion: there the mesh's proxy has laws of its own.
    fn parts_beside_proxy(&self, pod: PodId) -> Vec<Part> {
        let mut parts = self.parts(pod);
        let spec = self.cluster.spec_of(pod);
        let proxy = proxy_of(spec).and_then(|proxy| spec.containers.iter().position(|one| one == proxy));
        if let Some(place) = proxy.filter(|_| self.scenario.mesh.is_some()) {
            parts[place] = Part::Application;
        }
        parts
    }

    /// The work that a pod does, if it ends by itself.
    pub(super) fn work_of(&self, pod: PodId) -> Option<&WorkSetup> {
        match self.pods[pod.index()].creator {
            Creator::Job(job) => Some(&self.jobs[job as usize].setup.work),
            Creator::Manifest if !self.scenario.pod_work.is_empty() => {
                let namespace = &self.cluster.spec_of(pod).namespace;
                let name = &*self.cluster.pod(pod).name;
                self.scenario.pod_work.iter().find_map(|(object, work)| {
                    (object.namespace == *namespace && object.name == name).then_some(work)
                })
            }
            _ => None,
        }
    }

    /// The container that does a pod's work, as a place among its containers.
    pub(super) fn worker(&self, pod: PodId) -> Option<usize> {
        let work = self.work_of(pod)?;
        self.cluster.spec_of(pod).containers.iter().position(|one| one.name == work.container)
    }

    /// Has the sidecars of a pod start from `started` on; when its applications run and when it is ready, given both
    /// times without sidecars.
    pub(super) fn after_sidecars(
        &mut self,
        pod: PodId,
        started: SimTime,
        ready: SimTime,
    ) -> (SimTime, SimTime) {
        let parts = self.parts_beside_proxy(pod);
        if !parts.iter().any(|part| part.is_sidecar()) {
            return (started, ready);
        }
        let law = &self.scenario.sidecars.ready;
        let takes = |place| self.sidecar_draw(pod, Purpose::SidecarReady, law, place);
        let starts = container_order::starts(&parts, started, takes);
        self.pods[pod.index()].sidecars_ready = Some(starts.sidecars_ready);
        for &(place, at) in &starts.sidecars {
            self.at(at, Event::SidecarStarted(pod, place as u16));
        }
        let wait = starts.applications.since(started);
        (started + wait, (ready + wait).max(starts.sidecars_ready))
    }

    fn sidecar_draw(&self, pod: PodId, purpose: Purpose, law: &Law, place: usize) -> Span {
        let stream = self.cluster.pod(pod).draws.round(place as u32);
        law.draw(&mut generator(self.seed, purpose, stream))
    }

    /// A sidecar runs, before the applications do.
    pub(super) fn sidecar_started(&mut self, pod: PodId, place: u16) {
        if self.living(pod).is_none_or(|state| state.terminating.is_some()) {
            return;
        }
        self.pods[pod.index()].begun.get_or_insert(self.now);
        let name = self.cluster.spec_of(pod).containers[usize::from(place)].name.clone();
        self.pod_event(pod, "Normal", "Started", format_args!("Started container {name}"));
    }

    /// Tells of the containers that start with the applications: all of them, where no sidecar has started before.
    pub(super) fn tell_started(&mut self, pod: PodId, spec: &PodSpec) {
        let parts = match self.pods[pod.index()].begun {
            Some(_) => self.parts_beside_proxy(pod),
            None => Vec::new(),
        };
        for (place, container) in spec.containers.iter().enumerate() {
            if !parts.get(place).is_some_and(|part| part.is_sidecar()) {
                self.pod_event(
                    pod,
                    "Normal",
                    "Started",
                    format_args!("Started container {}", container.name),
                );
            }
        }
    }

    /// The container that does the pod's work begins with it.
    pub(super) fn begin_work(&mut self, pod: PodId) {
        let Some(work) = self.work_of(pod) else { return };
        let stream = self.cluster.pod(pod).draws.round(self.pods[pod.index()].restarts);
        let takes = work.duration.draw(&mut generator(self.seed, Purpose::Work, stream));
        self.pods[pod.index()].work = Work::Runs;
        self.at(self.now + takes, Event::WorkDone(pod));
    }

    /// The container that does a pod's work has ended by itself. It is started again, or the sidecars are told to end,
    /// or whatever else runs in the pod runs on.
    pub(super) fn work_done(&mut self, pod: PodId) {
        if self.living(pod).is_none_or(|state| state.terminating.is_some()) {
            return;
        }
        let succeeded = self.work_succeeds(pod);
        self.settle_load();
        self.pods[pod.index()].ready = None;
        self.disruption.is_stale = true;
        self.tell(&Fact::PodUnready { pod });
        let spec = self.cluster.spec_of(pod).clone();
        if spec.restart_policy.restarts(succeeded) {
            self.restart_later(pod, &spec);
            return;
        }
        self.pods[pod.index()].work = Work::Done { succeeded };
        let parts = self.parts(pod);
        let worker = self.worker(pod);
        let runs_on = |(place, part): (usize, &Part)| *part == Part::Application && Some(place) != worker;
        if !parts.iter().enumerate().any(runs_on) {
            self.end_with_sidecars(pod, &spec, &parts, succeeded);
        }
    }

    fn work_succeeds(&self, pod: PodId) -> bool {
        let work = self.work_of(pod).expect("only work that there is ends");
        let stream = self.cluster.pod(pod).draws.round(self.pods[pod.index()].restarts);
        let draw = generator(self.seed, Purpose::WorkFailure, stream).next_u64();
        u128::from(draw) >= work.fails_below
    }

    /// All applications have ended for good: the pod ends when its sidecars have.
    fn end_with_sidecars(&mut self, pod: PodId, spec: &PodSpec, parts: &[Part], succeeded: bool) {
        let law = &self.scenario.sidecars.stop;
        let takes = |place| self.sidecar_draw(pod, Purpose::SidecarStop, law, place);
        let exits = container_order::exits_after_work(parts, self.now, spec.grace, takes);
        let killed = parts.contains(&Part::EndsWithJob { fails_pod: true });
        self.pods[pod.index()].work = Work::Done { succeeded: succeeded && !killed };
        for exit in &exits {
            let name = &spec.containers[exit.container].name;
            self.pod_event(pod, "Normal", "Killing", format_args!("Stopping container {name}"));
        }
        match exits.iter().map(|exit| exit.ended).max() {
            None => self.pod_done(pod),
            Some(last) => self.at(last, Event::PodDone(pod)),
        }
    }

    /// The kubelet starts the container again, the first time at once.
    fn restart_later(&mut self, pod: PodId, spec: &PodSpec) {
        let state = &mut self.pods[pod.index()];
        let at = state.backoff.next(self.now);
        state.work = Work::Waits { ended: self.now };
        let uid = state.uid;
        self.job_notices(pod);
        if at > self.now {
            let name = &self.work_of(pod).expect("what is started again works").container;
            let (own, namespace) = (&self.cluster.pod(pod).name, &spec.namespace);
            let message =
                format!("Back-off restarting failed container {name} in pod {own}_{namespace}({uid:016x})");
            self.pod_event(pod, "Warning", "BackOff", format_args!("{message}"));
        }
        self.at(at, Event::PodStarted(pod));
    }

    /// A container that has ended runs again.
    pub(super) fn restarted(&mut self, pod: PodId) {
        let Work::Waits { ended } = self.pods[pod.index()].work else { return };
        let state = &mut self.pods[pod.index()];
        state.restarts += 1;
        state.last_end = Some(ended);
        let round = state.restarts;
        let container = self.work_of(pod).expect("what is started again works").container.clone();
        self.pod_event(pod, "Normal", "Started", format_args!("Started container {container}"));
        self.tell(&Fact::ContainerRestarted { pod });
        let law = match self.platform_of(pod) {
            Platform::Ecs => &self.scenario.ecs.readiness,
            Platform::Eci | Platform::Acs => &self.scenario.eci.readiness,
        };
        let stream = self.cluster.pod(pod).draws.round(round);
        let ready = self.now + law.draw(&mut generator(self.seed, Purpose::RestartReady, stream));
        self.pods[pod.index()].ready_from = ready;
        self.at(ready, Event::PodReady(pod));
        self.begin_work(pod);
        self.job_notices(pod);
    }

    /// The containers of a pod run again whose node had failed.
    pub(super) fn runs_again(&mut self, pod: PodId) {
        self.pods[pod.index()].meter = Some(self.pod_metrics.begin());
        let spec = self.cluster.spec_of(pod).clone();
        self.tell_started(pod, &spec);
        self.tell(&Fact::ContainerRestarted { pod });
        self.begin_work(pod);
        self.job_notices(pod);
    }

    /// Tells every running container of a deleted pod to end, in order; when the last of them has, counted from `from`.
    pub(super) fn stop_containers(&mut self, pod: PodId, spec: &PodSpec) -> Stopping {
        let mut parts = self.parts_beside_proxy(pod);
        let state = self.pods[pod.index()];
        let over = if state.work_is_over() { self.worker(pod) } else { None };
        if let Some(place) = over {
            // It counts no more than an init container, which has ended too.
            parts[place] = Part::Init;
        }
        let in_order = state.begun.is_some() && parts.iter().any(|part| part.is_sidecar());
        for (place, container) in spec.containers.iter().enumerate() {
            let later = in_order && parts[place] == Part::MarkedSidecar;
            if Some(place) != over && !later {
                let message = format_args!("Stopping container {}", container.name);
                self.pod_event(pod, "Normal", "Killing", message);
            }
        }
        if in_order { Stopping::InOrder(parts) } else { Stopping::Together }
    }

    /// Puts the rest of a pod's end into the calendar; `from` is when its containers are told.
    pub(super) fn expect_end(&mut self, pod: PodId, grace: Span, from: SimTime, how: &Stopping) {
        let shutdown = self.shutdown_of(pod, grace);
        let Stopping::InOrder(parts) = how else {
            self.at(from + shutdown, Event::PodGone(pod));
            return;
        };
        let law = &self.scenario.sidecars.stop;
        let takes = |place| self.sidecar_draw(pod, Purpose::SidecarStop, law, place);
        let exits = container_order::exits_at_deletion(parts, from, grace, shutdown, takes);
        let marked = exits.iter().filter(|exit| parts[exit.container] == Part::MarkedSidecar);
        if let Some(told) = marked.map(|exit| exit.told).min() {
            self.at(told, Event::SidecarsStop(pod));
        }
        let last = exits.iter().map(|exit| exit.ended).max().unwrap_or(from);
        self.at(last, Event::PodGone(pod));
    }

    /// The applications of a deleted pod have ended: its marked sidecars are told to.
    pub(super) fn sidecars_stop(&mut self, pod: PodId) {
        if self.living(pod).is_none() {
            return;
        }
        let (parts, spec) = (self.parts_beside_proxy(pod), self.cluster.spec_of(pod).clone());
        for (container, _) in
            spec.containers.iter().zip(&parts).filter(|(_, part)| **part == Part::MarkedSidecar)
        {
            self.pod_event(pod, "Normal", "Killing", format_args!("Stopping container {}", container.name));
        }
    }

    /// How a pod ends whose containers have all ended by themselves.
    pub(super) fn own_outcome(&self, pod: PodId) -> Outcome {
        match self.pods[pod.index()].work {
            Work::Done { succeeded: false } => Outcome::ContainerFailed,
            _ => Outcome::Succeeded,
        }
    }
}

/// How the containers of a deleted pod end.
pub(super) enum Stopping {
    /// All at once.
    Together,
    /// Sidecars after the others.
    InOrder(Vec<Part>),
}
