//! The platform as a state machine: requests and ends of instances come in, decisions and instants come out.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use rustc_hash::FxHashMap;

use super::room::{Bound, Refusal, Stock, ZoneRoom, quota_of};
use super::tries::Try;
use crate::capacity::{BilledSpec, TokenBucket};
use crate::id::PodId;
use crate::units::{MilliCpu, SimTime, Span};

/// A zone of the platform, by its place among [`Setup::zones`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ZoneId(pub usize);

/// What the platform has at the start.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The zones that instances can be created in.
    pub zones: Vec<ZoneSetup>,
    /// vCPUs for all instances of all zones together; `None` for no bound.
    pub quota: Option<MilliCpu>,
    /// How fast creation calls are taken.
    pub creation: CallRate,
    /// How fast deletion calls are taken.
    pub deletion: CallRate,
    /// How often a request without room is looked at again; zero for as soon as anything is given back.
    pub retry_every: Span,
}

/// A zone at the start.
#[derive(Clone, Debug, Default)]
pub struct ZoneSetup {
    /// Its name, such as cn-hangzhou-j.
    pub name: String,
    /// Free addresses of its vSwitch; `None` for no bound.
    pub addresses: Option<u32>,
    /// vCPUs for the instances of this zone; `None` for no bound of its own.
    pub quota: Option<MilliCpu>,
    /// Stock of pay-as-you-go instances.
    pub stock: Stock,
    /// Stock of spot instances.
    pub spot_stock: Stock,
}

/// How fast calls are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallRate {
    /// At once.
    pub burst: NonZeroU32,
    /// More per second.
    pub refill_per_second: NonZeroU32,
}

/// What a pod asks for.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The instances that it may become, in order.
    pub tries: &'a [Try],
    /// The zones that are open to it, in order.
    pub zones: &'a [ZoneId],
    /// Whether it fails when there is no room, instead of waiting.
    pub fail_fast: bool,
}

/// An instance that is created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placement {
    /// Which of the tries it is, by its place.
    pub choice: usize,
    /// In which zone.
    pub zone: ZoneId,
}

/// What becomes of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The instance is created, and has taken its room.
    Created(Placement),
    /// There is no room: the request waits until it is looked at again. Why, for everything that was tried.
    Waits(Vec<Refusal>),
    /// There is no room, and the request is over.
    Fails(Vec<Refusal>),
}

/// What an instance holds.
#[derive(Clone, Copy, Debug)]
struct Claim {
    spec: BilledSpec,
    zone: ZoneId,
    spot: bool,
    /// Whether it came out of the stock: instances from before the run did not.
    from_stock: bool,
}

/// A request without room.
#[derive(Clone, Copy, Debug)]
struct Waiting {
    since: SimTime,
    /// Whether somebody has been told already to look again.
    is_due: bool,
}

/// The platform: what its instances hold, who waits for room, and how fast calls pass.
#[derive(Debug)]
pub struct Platform {
    zones: Vec<ZoneRoom>,
    quota: Bound,
    creation: TokenBucket,
    deletion: TokenBucket,
    retry_every: Span,
    claims: FxHashMap<PodId, Claim>,
    /// In order of pod, so that of those who look at the same instant the oldest looks first.
    waiting: BTreeMap<PodId, Waiting>,
}

impl Platform {
    /// A platform without instances.
    pub fn new(setup: &Setup) -> Self {
        let cores = |quota: Option<MilliCpu>| Bound::new(quota.map(|quota| quota.0));
        let zone = |zone: &ZoneSetup| ZoneRoom {
            addresses: Bound::new(zone.addresses.map(i64::from)),
            quota: cores(zone.quota),
            stock: zone.stock.clone(),
            spot_stock: zone.spot_stock.clone(),
            closed: 0,
        };
        let bucket = |rate: CallRate| TokenBucket::new(rate.burst, rate.refill_per_second);
        Self {
            zones: setup.zones.iter().map(zone).collect(),
            quota: cores(setup.quota),
            creation: bucket(setup.creation),
            deletion: bucket(setup.deletion),
            retry_every: setup.retry_every,
            claims: FxHashMap::default(),
            waiting: BTreeMap::new(),
        }
    }

    /// A creation call comes; when it passes the rate limit.
    pub fn call_create(&mut self, now: SimTime) -> SimTime {
        self.creation.admit(now)
    }

    /// A deletion call comes; when it passes the rate limit.
    pub fn call_delete(&mut self, now: SimTime) -> SimTime {
        self.deletion.admit(now)
    }

    /// Looks for room for a pod's instance, whose creation call has passed.
    pub fn request(&mut self, pod: PodId, request: Request<'_>, now: SimTime) -> Answer {
        let refusals = match self.room(request.tries, request.zones) {
            Ok(placement) => {
                let Placement { choice, zone } = placement;
                let one = request.tries[choice];
                self.waiting.remove(&pod);
                self.claim(pod, Claim { spec: one.spec, zone, spot: one.spot, from_stock: true });
                return Answer::Created(placement);
            }
            Err(refusals) => refusals,
        };
        if request.fail_fast {
            self.waiting.remove(&pod);
            return Answer::Fails(refusals);
        }
        self.waiting.entry(pod).or_insert(Waiting { since: now, is_due: false }).is_due = false;
        Answer::Waits(refusals)
    }

    /// Where there is room now for the first of `tries` for which there is any, or what keeps all of them out. Nothing
    /// is taken.
    pub fn room(&self, tries: &[Try], zones: &[ZoneId]) -> Result<Placement, Vec<Refusal>> {
        let mut refusals = Vec::new();
        for (choice, one) in tries.iter().enumerate() {
            for &zone in zones {
                match self.zones[zone.0].block(&one.spec, one.spot, self.quota) {
                    None => return Ok(Placement { choice, zone }),
                    Some(block) => refusals.push(Refusal { spec: one.spec, zone, block }),
                }
            }
        }
        Err(refusals)
    }

    /// An instance was there before the run: it holds its quota and address whatever the bounds, and no stock.
    pub fn adopt(&mut self, pod: PodId, spec: BilledSpec, zone: ZoneId) {
        self.claim(pod, Claim { spec, zone, spot: false, from_stock: false });
    }

    fn claim(&mut self, pod: PodId, claim: Claim) {
        let cpu = quota_of(&claim.spec);
        self.quota.take(cpu);
        let zone = &mut self.zones[claim.zone.0];
        zone.quota.take(cpu);
        zone.addresses.take(1);
        if claim.from_stock {
            zone.take_stock(&claim.spec, claim.spot);
        }
        let before = self.claims.insert(pod, claim);
        assert!(before.is_none(), "a pod has one instance");
    }

    /// A pod needs its instance no more, or waits no more for one. What it held may help others: who is to look again,
    /// and when.
    pub fn release(&mut self, pod: PodId, now: SimTime) -> Vec<(PodId, SimTime)> {
        self.waiting.remove(&pod);
        let Some(claim) = self.claims.remove(&pod) else { return Vec::new() };
        let cpu = quota_of(&claim.spec);
        self.quota.give_back(cpu);
        let zone = &mut self.zones[claim.zone.0];
        zone.quota.give_back(cpu);
        zone.addresses.give_back(1);
        if claim.from_stock {
            zone.return_stock(&claim.spec, claim.spot);
        }
        self.look_again(now)
    }

    /// Nothing can be created in a zone any more, for one reason more.
    pub fn close(&mut self, zone: ZoneId) {
        self.zones[zone.0].closed += 1;
    }

    /// A reason for that is gone: who is to look again, and when.
    pub fn open(&mut self, zone: ZoneId, now: SimTime) -> Vec<(PodId, SimTime)> {
        let closed = &mut self.zones[zone.0].closed;
        *closed -= 1;
        if *closed == 0 { self.look_again(now) } else { Vec::new() }
    }

    /// The pods that have their instances in a zone, in order.
    pub fn instances_in(&self, zone: ZoneId) -> Vec<PodId> {
        let there = self.claims.iter().filter(|(_, claim)| claim.zone == zone);
        let mut pods: Vec<_> = there.map(|(&pod, _)| pod).collect();
        pods.sort_unstable();
        pods
    }

    /// A zone has another stock from now on: who is to look again, and when.
    pub fn set_stock(
        &mut self,
        zone: ZoneId,
        spot: bool,
        stock: &Stock,
        now: SimTime,
    ) -> Vec<(PodId, SimTime)> {
        self.zones[zone.0].stock_for(spot).set(stock);
        self.look_again(now)
    }

    /// Another quota holds from now on, that of one zone or that of all together; instances that are there stay. Who is to
    /// look again, and when.
    pub fn set_quota(
        &mut self,
        zone: Option<ZoneId>,
        quota: Option<MilliCpu>,
        now: SimTime,
    ) -> Vec<(PodId, SimTime)> {
        let bound = match zone {
            Some(zone) => &mut self.zones[zone.0].quota,
            None => &mut self.quota,
        };
        bound.set_limit(quota.map(|quota| quota.0));
        self.look_again(now)
    }

    /// Everybody who waits looks again at the next retry. Retries that would find nothing changed are left out, so that
    /// a long wait costs no events.
    fn look_again(&mut self, now: SimTime) -> Vec<(PodId, SimTime)> {
        let every = self.retry_every;
        let idle = self.waiting.iter_mut().filter(|(_, waiting)| !waiting.is_due);
        idle.map(|(&pod, waiting)| {
            waiting.is_due = true;
            (pod, next_retry(waiting.since, every, now))
        })
        .collect()
    }

    /// Whether the pod's request waits for room.
    pub fn is_waiting(&self, pod: PodId) -> bool {
        self.waiting.contains_key(&pod)
    }

    /// Whether the pod has an instance.
    pub fn has_instance(&self, pod: PodId) -> bool {
        self.claims.contains_key(&pod)
    }
}

/// The first retry that is not before `now`: retries come at whole multiples of `every` after `since`.
fn next_retry(since: SimTime, every: Span, now: SimTime) -> SimTime {
    if every == Span::ZERO {
        return now;
    }
    let retries = now.since(since).0.div_ceil(every.0).max(1);
    since + Span(retries * every.0)
}

#[cfg(test)]
mod tests;
