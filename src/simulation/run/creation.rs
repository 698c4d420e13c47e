//! A pod on a virtual node becomes an instance of ECI or ACS: the call, the wait for room, what is written back, the end.
//!
//! Events carry the reasons of ECI's own pod conditions ("Conditions of elastic container instances").

use std::fmt;
use std::sync::Arc;

use rand::Rng;

use super::Run;
use super::event::Event;
use super::instances::{HeldUp, Instance, Order, Terms};
use crate::capacity::eci::{
    Answer, Block, FailStrategy, INSTANCE_CATEGORY, INSTANCE_ID, INSTANCE_SPEC, INSTANCE_ZONE, Placement,
    Refusal, Request, ZoneId,
};
use crate::capacity::{BilledSpec, Image, ImageSource};
use crate::id::PodId;
use crate::metric::{self, Fact, Outcome};
use crate::object::{Labels, ZoneStrategy};
use crate::random::{Purpose, Stream, generator, shuffle};
use crate::simulation::scenario::ReclaimSetup;
use crate::units::{SimTime, Span};

/// The reason that a call is told by which waits for the rate limit.
const THROTTLED: &str = "Throttling";
/// As many letters and digits as ECI's names of instances have.
const ID_LENGTH: usize = 20;

impl Run<'_, '_> {
    /// Calls for an instance. The call waits for the rate limit; what does not start up has no call to make.
    pub(super) fn create_instance(&mut self, pod: PodId) {
        if self.order(pod).is_none() {
            return;
        }
        let passes = if self.starts_up(pod) { self.platform.call_create(self.now) } else { self.now };
        if passes > self.now {
            let message = "The request was denied due to system flow control";
            self.pod_event(pod, "Warning", THROTTLED, format_args!("{message}"));
            self.instances.tell(pod, self.held_up(THROTTLED, message));
            self.tell(&Fact::PodHeldUp { pod, by: metric::HeldUp::CreationRate });
            self.at(passes, Event::InstanceRequested(pod));
        } else {
            self.request_instance(pod);
        }
    }

    /// What the pod asks for. If it gets no instance, it stays as it is and an event says why.
    fn order(&mut self, pod: PodId) -> Option<Arc<Order>> {
        let spec = self.cluster.spec_of(pod).clone();
        let class = self.cluster.pod(pod).class;
        match self.instances.order(class, &spec, self.prices, self.scenario) {
            Ok(order) => Some(order),
            Err(why) => {
                self.pod_event(pod, "Warning", "ProviderCreateFailed", format_args!("{why}"));
                None
            }
        }
    }

    /// Looks for room, for the first time or again.
    pub(super) fn request_instance(&mut self, pod: PodId) {
        if self.living(pod).is_none_or(|state| state.terminating.is_some()) {
            return;
        }
        let Some(order) = self.order(pod) else { return };
        let Some(zones) = self.zones_for(pod, &order) else { return };
        let fail_fast = order.wishes.fail == FailStrategy::Fast;
        let request = Request { tries: &order.tries, zones: &zones, fail_fast };
        match self.platform.request(pod, request, self.now) {
            Answer::Created(placement) => self.instance_created(pod, &order, placement),
            Answer::Waits(refusals) => self.instance_waits(pod, &order, &refusals),
            Answer::Fails(refusals) => {
                let (reason, message) = self.in_words(&refusals);
                let message = format_args!("ContainerGroup.{reason}: {message}");
                self.give_up(pod, "ContainerInstanceScheduleFailed", message);
            }
        }
    }

    /// The zones that are open to a pod, in order. On a node that stands for no zone it stays, and an event says so.
    fn zones_for(&mut self, pod: PodId, order: &Order) -> Option<Vec<ZoneId>> {
        let (setup, wishes) = (&self.scenario.eci, &order.wishes);
        let home = self.home(pod)?;
        if self.pods[pod.index()].sender.is_some() {
            return Some(self.routed_zones(pod, home, &wishes.vswitches));
        }
        let (mut zones, strategy) = if wishes.vswitches.is_empty() {
            let Some(strategy) = wishes.strategy else { return Some(vec![home]) };
            let others = (0..setup.platform.zones.len()).map(ZoneId).filter(|&zone| zone != home);
            (std::iter::once(home).chain(others).collect::<Vec<_>>(), strategy)
        } else {
            let named = wishes.vswitches.iter().map(|name| setup.vswitches[name]);
            (named.collect(), wishes.strategy.unwrap_or(ZoneStrategy::Random))
        };
        if strategy == ZoneStrategy::Random {
            shuffle(&mut zones, self.seed, Purpose::ZoneOrder, self.cluster.pod(pod).draws);
        }
        Some(zones)
    }

    /// The zone of a pod's node; if it stands for none, an event says so.
    fn home(&mut self, pod: PodId) -> Option<ZoneId> {
        let node = self.cluster.pod(pod).node.expect("a pod that asks for an instance is bound");
        let zone = self.zone_of(node);
        if zone.is_none() {
            let message = format!("{} stands for no zone of ECI", self.cluster.node(node).name());
            self.pod_event(pod, "Warning", "ProviderCreateFailed", format_args!("{message}"));
        }
        zone
    }

    /// The reason of the first refusal, and all of them in words.
    fn in_words(&self, refusals: &[Refusal]) -> (&'static str, String) {
        let first = refusals.first().expect("a request is refused for a reason").block;
        let mut places: Vec<_> = refusals
            .iter()
            .map(|Refusal { spec, zone, block }| {
                let zone = &self.scenario.eci.platform.zones[zone.0].name;
                let why = if *block == first { String::new() } else { format!(": {block}") };
                format!("{spec} in {zone}{why}")
            })
            .collect();
        places.dedup();
        let what = if refusals[0].spec.is_acs() { "Create" } else { "Create ECI" };
        (first.reason(), format!("{what} failed because {first}. {}", places.join(", ")))
    }

    /// There is no room: the pod stays in creation, and is told of once for each change of reasons.
    fn instance_waits(&mut self, pod: PodId, order: &Order, refusals: &[Refusal]) {
        let (reason, message) = self.in_words(refusals);
        let before = self.instances.tell(pod, self.held_up(reason, &message));
        let before = before.filter(|held| held.reason != THROTTLED);
        if before.as_ref().is_none_or(|held| held.message != message) {
            self.pod_event(pod, "Warning", reason, format_args!("{message}"));
            for refusal in refusals {
                self.tell(&Fact::PodHeldUp { pod, by: holding_up(refusal.block) });
            }
        }
        if before.is_none() && self.scenario.eci.max_pending_counts_wait {
            self.at(self.called(pod) + order.wishes.max_pending, Event::InstanceOverdue(pod));
        }
    }

    fn held_up(&self, reason: &'static str, message: &str) -> HeldUp {
        HeldUp { since: self.now, reason, message: message.to_owned() }
    }

    /// When the instance was called for.
    fn called(&self, pod: PodId) -> SimTime {
        self.pods[pod.index()].mounted.expect("an instance is called for when its pod's files are there")
    }

    fn instance_created(&mut self, pod: PodId, order: &Order, Placement { choice, zone }: Placement) {
        self.follow_instance(pod, order, zone);
        let one = order.tries[choice];
        let id = instance_id(&one.spec, self.seed, self.cluster.pod(pod).draws);
        let (spec, name) = (one.spec, &self.scenario.eci.platform.zones[zone.0].name);
        self.pod_event(pod, "Normal", "Creating", format_args!("Creating {id} ({spec}) in {name}"));
        if one.is_rounded_up && !one.spec.is_acs() {
            let message = format_args!("The most-matched instanceType for current eci instance is {spec}");
            self.pod_event(pod, "Normal", "AutoInstanceTypeMatch", message);
        }
        if order.wishes.spot.is_some() && !one.spot {
            let message =
                format_args!("Spot [{spec}] will be degraded because the specified instance is out of stock");
            self.pod_event(pod, "Warning", "SpotDegraded", message);
        }
        self.has_instance(pod, order, Placement { choice, zone });
        if one.may_be_reclaimed() {
            self.expect_reclaim(pod, order);
        }
        if self.starts_up(pod) {
            self.start_instance(pod, order);
        } else {
            self.start_at_once(pod);
        }
    }

    /// Notes a pod's instance, and writes onto the pod what the platform tells of it.
    fn has_instance(&mut self, pod: PodId, order: &Order, Placement { choice, zone }: Placement) {
        let one = order.tries[choice];
        let id = instance_id(&one.spec, self.seed, self.cluster.pod(pod).draws);
        let (billed, zone) = (one.spec.annotation(), self.scenario.eci.platform.zones[zone.0].name.as_str());
        let mut written = Vec::new();
        if !one.spec.is_acs() {
            written =
                vec![(INSTANCE_ID, id.as_str()), (INSTANCE_SPEC, billed.as_str()), (INSTANCE_ZONE, zone)];
        }
        written.extend(one.category.map(|category| (INSTANCE_CATEGORY, category.name())));
        for &(key, value) in &written {
            self.tell(&Fact::PodAnnotated { pod, key, value });
        }
        let annotations = Labels::from_iter(written);
        let (price, created) = (order.prices[choice], self.now);
        let terms = Terms {
            one,
            storage: order.wishes.extra_storage,
            limit: order.limit(),
            protection: order.wishes.spot.map_or(Span::ZERO, |wish| wish.protection),
        };
        if one.spot {
            self.tell(&Fact::PodIsSpot { pod });
        }
        let spec = one.spec;
        let instance = Instance { spec, terms, price, annotations, created, sandbox_ready: None };
        self.instances.created(pod, instance);
    }

    /// The instance goes through its phases.
    fn start_instance(&mut self, pod: PodId, order: &Order) {
        let setup = &self.scenario.eci;
        let source = if self.pulls_from_cache(pod) { ImageSource::Cached } else { ImageSource::Vpc };
        let images: Vec<_> =
            self.images_of(pod).iter().map(|image| Image { size: image.size, source }).collect();
        let mut draws = generator(self.seed, Purpose::EciStart, self.cluster.pod(pod).draws);
        let start = setup.start.draw(self.now, &images, &setup.readiness, &mut draws);
        let counts_from = if setup.max_pending_counts_wait { self.called(pod) } else { start.pull_from };
        let overdue = counts_from + order.wishes.max_pending;
        let (started, ready) = self.after_sidecars(pod, start.started, start.ready);
        let (started, ready) = self.beside_proxy(pod, started, ready);
        self.at(start.pull_from, Event::PodBilled(pod));
        if started > overdue {
            self.at(overdue, Event::InstanceOverdue(pod));
        }
        self.starts(pod, started, ready);
    }

    /// Whether the images of a pod on a virtual node come from an image cache.
    pub(super) fn pulls_from_cache(&mut self, pod: PodId) -> bool {
        let wish = self.order(pod).and_then(|order| order.wishes.image_cache);
        wish.unwrap_or(self.image_cache)
    }

    /// A pod that was on its virtual node before the run has its instance in that node's zone, whatever room there is.
    /// Whether it has one.
    pub(super) fn adopt_instance(&mut self, pod: PodId) -> bool {
        let Some(order) = self.order(pod) else { return false };
        let Some(zone) = self.home(pod) else { return false };
        self.platform.adopt(pod, order.tries[0].spec, zone);
        self.has_instance(pod, &order, Placement { choice: 0, zone });
        true
    }

    /// A pod has had its time to start.
    pub(super) fn instance_overdue(&mut self, pod: PodId) {
        let starts = |state: &super::PodState| state.started.is_none() && state.terminating.is_none();
        if self.living(pod).is_some_and(starts) {
            let waited = self.now.since(self.called(pod));
            self.give_up(pod, "ProviderFailed", format_args!("The pod has been pending for {waited}"));
        }
    }

    /// The platform gives a pod up: its phase is Failed, and what keeps it makes another.
    fn give_up(&mut self, pod: PodId, reason: &'static str, message: fmt::Arguments<'_>) {
        self.pod_event(pod, "Warning", reason, message);
        self.end_and_replace(pod, Outcome::Failed);
    }

    pub(super) fn end_and_replace(&mut self, pod: PodId, outcome: Outcome) {
        let workload = self.pods[pod.index()].workload();
        self.end(pod, outcome);
        if let Some(workload) = workload {
            self.reconcile(workload);
        }
    }

    /// How the instance of a pod is taken back.
    fn reclaim_of(&self, pod: PodId) -> &ReclaimSetup {
        let is_acs = self.instances.of(pod).is_some_and(|instance| instance.spec.is_acs());
        if is_acs { &self.scenario.acs.preemption } else { &self.scenario.eci.spot }
    }

    /// Draws when an instance is taken back, if those of its kind are.
    fn expect_reclaim(&mut self, pod: PodId, order: &Order) {
        let Some(law) = &self.reclaim_of(pod).law else { return };
        let protection = order.wishes.spot.map_or(Span::ZERO, |wish| wish.protection);
        let mut draws = generator(self.seed, Purpose::SpotReclaim, self.cluster.pod(pod).draws);
        let notice = self.now + protection + law.draw(&mut draws);
        self.at(notice, Event::ReclaimNotice(pod));
    }

    /// An instance is told that it will be taken back; its pod serves on until then.
    pub(super) fn reclaim_notice(&mut self, pod: PodId) {
        if self.living(pod).is_none() {
            return;
        }
        let notice = self.reclaim_of(pod).notice;
        let is_acs = self.instances.of(pod).is_some_and(|instance| instance.spec.is_acs());
        let what = if is_acs { "BestEffort ACS" } else { "Spot ECI" };
        let notice_text = in_minutes(notice);
        let message = format_args!("{what} will be released in {notice_text}");
        self.pod_event(pod, "Warning", "SpotToBeReleased", message);
        self.at(self.now + notice, Event::Reclaimed(pod));
    }

    /// An instance is taken back.
    pub(super) fn reclaimed(&mut self, pod: PodId) {
        if self.living(pod).is_some_and(|state| state.terminating.is_none()) {
            self.end_and_replace(pod, Outcome::Reclaimed);
        }
    }

    /// A pod is told to end: its instance is deleted by a call that waits for the rate limit, a wait for one is over.
    /// From when on the pod's containers end.
    pub(super) fn delete_instance(&mut self, pod: PodId) -> SimTime {
        if self.platform.has_instance(pod) {
            return self.platform.call_delete(self.now);
        }
        self.platform.release(pod, self.now);
        self.now
    }

    /// A pod has ended: what its instance held is there for those who wait.
    pub(super) fn instance_ended(&mut self, pod: PodId) {
        self.instances.forget(pod);
        let again = self.platform.release(pod, self.now);
        self.look_for_room(again);
    }
}

/// A notice in whole minutes, as the platform words it, or in what else it takes to be exact.
fn in_minutes(notice: Span) -> String {
    const MINUTE: u64 = 60_000_000_000;
    match notice.0 / MINUTE {
        minutes if minutes == 0 || !notice.0.is_multiple_of(MINUTE) => notice.to_string(),
        1 => "1 minute".to_owned(),
        minutes => format!("{minutes} minutes"),
    }
}

/// What a pod waits for that was refused for `block`.
fn holding_up(block: Block) -> metric::HeldUp {
    match block {
        Block::OutOfStock => metric::HeldUp::Stock,
        Block::NoAddress => metric::HeldUp::Address,
        Block::OverQuota => metric::HeldUp::Quota,
    }
}

/// An instance's name: `eci-` or `acs-` and twenty letters and digits, keyed by its pod.
fn instance_id(spec: &BilledSpec, seed: u64, draws: Stream) -> String {
    const ALPHABET: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let mut draws = generator(seed, Purpose::InstanceId, draws);
    let mut letter = || char::from(ALPHABET[((u128::from(draws.next_u64()) * 36) >> 64) as usize]);
    let letters: String = (0..ID_LENGTH).map(|_| letter()).collect();
    format!("{}-{letters}", if spec.is_acs() { "acs" } else { "eci" })
}
