//! Instances of ECI and ACS: what a class of pods asks of the platform, worked out once per class, and what its pods have got.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::capacity::acs::{self, ACS_IGNORE_RESOURCE_ENV, acs_spec};
use crate::capacity::eci::{self, Try, Wishes};
use crate::capacity::{
    BilledSpec, ContainerKind, ContainerResources, IGNORE_RESOURCE_ENV, USE_SPECS_ANNOTATION,
};
use crate::cost::{PriceList, UnknownInstancePrice};
use crate::id::{ClassId, PodId};
use crate::object::{Container, ContainerRole, Labels, PodSpec, ResourceList};
use crate::simulation::Scenario;
use crate::simulation::scenario::{AcsSetup, EciSetup};
use crate::units::{Bytes, MilliCpu, Price, Quantity, SimTime, Span};

/// What a class of pods asks of the platform.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    /// The instances that a pod may become, whatever they cost.
    all: Vec<Try>,
    /// Those of them that it bids enough for, in order.
    pub(crate) tries: Vec<Try>,
    /// What each of them costs.
    pub(crate) prices: Vec<Price>,
    /// What its annotations ask of ECI; nothing if it becomes an ACS instance.
    pub(crate) wishes: Wishes,
}

impl Order {
    /// What a pod may become at these prices: above its limit it does not bid.
    fn at(all: Vec<Try>, wishes: Wishes, prices: &PriceList) -> Result<Self, UnknownInstancePrice> {
        let mut order = Self { all: Vec::new(), tries: Vec::new(), prices: Vec::new(), wishes };
        let storage = prices.extra_storage(order.wishes.extra_storage);
        for &one in &all {
            let price = prices.instance(&one)?;
            if !one.spot || order.limit().is_none_or(|limit| price <= limit) {
                order.tries.push(one);
                order.prices.push(price + storage);
            }
        }
        Ok(Self { all, ..order })
    }

    /// The same, unless nothing is left that the pod bids enough for.
    fn that_bids(self) -> Result<Self, NoOrder> {
        if self.tries.is_empty() {
            let why = "the market price of every specification is above the pod's price limit";
            return Err(NoOrder::Refused(why.to_owned()));
        }
        Ok(self)
    }

    /// The most that it pays for a spot instance.
    pub(super) fn limit(&self) -> Option<Price> {
        self.wishes.spot.and_then(|wish| wish.limit)
    }
}

/// What decides the price of an instance.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms {
    /// What it is.
    pub(super) one: Try,
    /// Its ephemeral storage beyond what is free.
    pub(super) storage: Bytes,
    /// The most that its pod pays for it as a spot instance.
    pub(super) limit: Option<Price>,
    /// How long it is kept as a spot instance, whatever happens.
    pub(super) protection: Span,
}

/// An instance that costs something else from now on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Repriced {
    pub(super) pod: PodId,
    pub(super) price: Price,
    pub(super) spec: BilledSpec,
    /// Whether its price counts already.
    pub(super) is_billed: bool,
    /// If it costs more than its pod pays: until when it is kept all the same.
    pub(super) outbid: Option<SimTime>,
}

/// What a pod has become.
#[derive(Clone, Debug)]
pub(super) struct Instance {
    /// The billed specification.
    pub(super) spec: BilledSpec,
    /// What decides its price.
    pub(super) terms: Terms,
    /// What it costs.
    pub(super) price: Price,
    /// What the platform has written onto its pod.
    pub(super) annotations: Labels,
    /// When it was created.
    pub(super) created: SimTime,
    /// When its sandbox was ready: it is billed from then on.
    pub(super) sandbox_ready: Option<SimTime>,
}

/// What is told of a pod that waits for its instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct HeldUp {
    /// Since when it waits.
    pub(super) since: SimTime,
    /// Why, as a condition of the pod names it.
    pub(super) reason: &'static str,
    /// The same in words.
    pub(super) message: String,
}

/// Orders by class and instances by pod.
#[derive(Debug, Default)]
pub(super) struct Instances {
    orders: FxHashMap<ClassId, Result<Arc<Order>, NoOrder>>,
    living: FxHashMap<PodId, Instance>,
    /// What was last told of the pods that wait for their instances.
    told: FxHashMap<PodId, HeldUp>,
}

impl Instances {
    /// What a class asks for; the error says why it gets no instance.
    pub(super) fn order(
        &mut self,
        class: ClassId,
        pod: &PodSpec,
        prices: &PriceList,
        scenario: &Scenario,
    ) -> Result<Arc<Order>, NoOrder> {
        let make = || order(pod, prices, &scenario.eci, &scenario.acs).map(Arc::new);
        self.orders.entry(class).or_insert_with(make).clone()
    }

    /// Other prices hold. The instances that cost something else, in order of their pods.
    pub(super) fn reprice(&mut self, prices: &PriceList) -> Vec<Repriced> {
        // Who bid too little may bid enough now: that is asked anew.
        self.orders.retain(|_, order| order.is_ok());
        self.orders.values_mut().for_each(|order| {
            if let Ok(known) = order {
                let (all, wishes) = (known.all.clone(), known.wishes.clone());
                let priced = Order::at(all, wishes, prices).map_err(NoOrder::NotPriced);
                *order = priced.and_then(Order::that_bids).map(Arc::new);
            }
        });
        let mut pods: Vec<_> = self.living.keys().copied().collect();
        pods.sort_unstable();
        let change = |pod: PodId| {
            let instance = self.living.get_mut(&pod)?;
            let Terms { one, storage, limit, protection } = instance.terms;
            let own = prices.instance(&one).ok()?;
            let price = own + prices.extra_storage(storage);
            let before = std::mem::replace(&mut instance.price, price);
            let is_outbid = one.spot && limit.is_some_and(|limit| own > limit);
            let outbid = is_outbid.then_some(instance.created + protection);
            let is_billed = instance.sandbox_ready.is_some();
            (price != before).then_some(Repriced { pod, price, spec: instance.spec, is_billed, outbid })
        };
        pods.into_iter().filter_map(change).collect()
    }

    /// A pod of `old` becomes one of `new`: what it asked for stays.
    pub(super) fn inherit(&mut self, old: ClassId, new: ClassId) {
        if let Some(order) = self.orders.get(&old).cloned() {
            self.orders.entry(new).or_insert(order);
        }
    }

    /// Whether an instance was asked for and none can be created.
    pub(super) fn is_refused(&self, class: ClassId) -> bool {
        self.orders.get(&class).is_some_and(Result::is_err)
    }

    /// A pod has got its instance.
    pub(super) fn created(&mut self, pod: PodId, instance: Instance) {
        self.told.remove(&pod);
        self.living.insert(pod, instance);
    }

    /// The instance of a pod.
    pub(super) fn of(&self, pod: PodId) -> Option<&Instance> {
        self.living.get(&pod)
    }

    /// The same, to be changed.
    pub(super) fn of_mut(&mut self, pod: PodId) -> Option<&mut Instance> {
        self.living.get_mut(&pod)
    }

    /// Notes what is told of a pod that waits; the answer is what was told before. It waits since the first time.
    pub(super) fn tell(&mut self, pod: PodId, held: HeldUp) -> Option<HeldUp> {
        let since = self.told.get(&pod).map_or(held.since, |before| before.since);
        self.told.insert(pod, HeldUp { since, ..held })
    }

    /// What was last told of a pod that waits for its instance.
    pub(super) fn held_up(&self, pod: PodId) -> Option<&HeldUp> {
        self.told.get(&pod)
    }

    /// Why no instance can be created for pods of a class, if it was asked for.
    pub(super) fn refusal(&self, class: ClassId) -> Option<String> {
        self.orders.get(&class)?.as_ref().err().map(ToString::to_string)
    }

    /// A pod has ended.
    pub(super) fn forget(&mut self, pod: PodId) {
        self.told.remove(&pod);
        self.living.remove(&pod);
    }
}

/// Why a pod gets no instance.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoOrder {
    /// The platform would refuse it.
    #[error("{0}")]
    Refused(String),
    /// The price list lacks what it would cost, which says nothing about the platform.
    #[error(transparent)]
    NotPriced(UnknownInstancePrice),
}

impl From<String> for NoOrder {
    fn from(why: String) -> Self {
        Self::Refused(why)
    }
}

/// What a pod asks of the platform, or why it gets no instance.
pub(crate) fn order(
    pod: &PodSpec,
    prices: &PriceList,
    eci: &EciSetup,
    acs: &AcsSetup,
) -> Result<Order, NoOrder> {
    if !pod.unsupported_on_virtual.is_empty() {
        let why = format!("virtual nodes do not support {}", pod.unsupported_on_virtual.join(", "));
        return Err(NoOrder::Refused(why));
    }
    match acs::Wish::read(&pod.labels, &pod.annotations) {
        Some(wish) => acs_order(pod, wish.map_err(|errors| told(&errors))?, prices, acs),
        None => eci_order(pod, prices, eci).map_err(NoOrder::Refused),
    }
}

fn told<E: ToString>(errors: &[E]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// What a pod asks of ACS.
fn acs_order(pod: &PodSpec, wish: acs::Wish, prices: &PriceList, setup: &AcsSetup) -> Result<Order, NoOrder> {
    let containers: Vec<_> =
        pod.containers.iter().map(|one| container(one, (ACS_IGNORE_RESOURCE_ENV, "true"))).collect();
    let (spec, is_rounded_up) =
        acs_spec(&containers, wish, setup.large_specs).map_err(|error| error.to_string())?;
    let one = Try { spec: BilledSpec::Acs(spec), is_rounded_up, category: None, spot: false };
    Order::at(vec![one], Wishes::default(), prices).map_err(NoOrder::NotPriced)
}

/// What a pod asks of ECI.
fn eci_order(pod: &PodSpec, prices: &PriceList, setup: &EciSetup) -> Result<Order, String> {
    check_size(pod)?;
    let wishes = Wishes::read(&pod.annotations).map_err(|errors| told(&errors))?;
    check_storage(pod, wishes.extra_storage)?;
    if let Some(unknown) = wishes.vswitches.iter().find(|name| !setup.vswitches.contains_key(*name)) {
        let known: Vec<_> = setup.vswitches.keys().map(String::as_str).collect();
        return Err(format!("there is no vSwitch {unknown}: the scenario has {}", known.join(", ")));
    }
    let containers: Vec<_> =
        pod.containers.iter().map(|one| container(one, (IGNORE_RESOURCE_ENV, "TRUE"))).collect();
    let use_specs = pod.annotations.get(USE_SPECS_ANNOTATION);
    let tries =
        eci::tries(&containers, use_specs, &prices.region, &wishes).map_err(|error| error.to_string())?;
    let order = Order::at(tries, wishes, prices).map_err(|error| error.to_string())?;
    order.that_bids().map_err(|error| error.to_string())
}

/// As many containers as an instance takes, beside init containers (ECI, "Limits").
const MOST_CONTAINERS: usize = 20;
/// The disk of an instance that costs nothing (ECI, "Limits"; 20 GiB before 2022).
const FREE_STORAGE: Bytes = Bytes::from_gib(30);

/// What keeps a pod out of any ECI instance, whatever it is billed as.
fn check_size(pod: &PodSpec) -> Result<(), String> {
    let running = pod.containers.iter().filter(|one| one.role != ContainerRole::Init).count();
    if running > MOST_CONTAINERS {
        return Err(format!(
            "an instance has no more than {MOST_CONTAINERS} containers, and the pod has {running}"
        ));
    }
    let amounts = pod.containers.iter().flat_map(|one| one.requests.iter().chain(&one.limits));
    let is_device = |name: &str| name.contains('/') && !name.starts_with("kubernetes.io/");
    let mut devices = amounts.filter(|(name, amount)| is_device(name) && **amount > Quantity::ZERO);
    match devices.next() {
        Some((name, _)) => Err(format!("virtual nodes do not offer {name}")),
        None => Ok(()),
    }
}

/// Whether a pod's disk holds what its containers ask of it.
fn check_storage(pod: &PodSpec, extra: Bytes) -> Result<(), String> {
    let asked =
        |one: &Container| one.limits.get(STORAGE).or(one.requests.get(STORAGE)).map_or(0, |it| it.value());
    let running = pod.containers.iter().filter(|one| one.role != ContainerRole::Init);
    let (needed, there) = (Bytes(running.map(asked).sum()), Bytes(FREE_STORAGE.0 + extra.0));
    if needed <= there {
        return Ok(());
    }
    let key = eci::EXTRA_STORAGE;
    Err(format!("the pod asks for {needed} of ephemeral storage, and its instance has {there}: add {key}"))
}

const STORAGE: &str = "ephemeral-storage";

/// What a container says of its resources; a variable of this name and value keeps it out of the sum.
fn container(container: &Container, (variable, value): (&str, &str)) -> ContainerResources {
    let cpu = |list: &ResourceList| list.get("cpu").map(|quantity| MilliCpu(quantity.milli_value()));
    let memory = |list: &ResourceList| list.get("memory").map(|quantity| Bytes(quantity.value()));
    ContainerResources {
        kind: match container.role {
            ContainerRole::Main => ContainerKind::Main,
            ContainerRole::Init => ContainerKind::Init,
            ContainerRole::Sidecar => ContainerKind::Sidecar,
        },
        cpu_request: cpu(&container.requests),
        cpu_limit: cpu(&container.limits),
        memory_request: memory(&container.requests),
        memory_limit: memory(&container.limits),
        ignored: container.env.get(variable) == Some(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pod(containers: Vec<Container>) -> PodSpec {
        PodSpec { containers, ..PodSpec::empty("default") }
    }

    /// rule: eci-instance-limits
    #[test]
    fn an_instance_takes_twenty_containers_beside_init_containers_and_no_devices() {
        let of_role = |role, number| vec![Container { role, ..Container::named("c") }; number];
        let many =
            |main, init| [of_role(ContainerRole::Main, main), of_role(ContainerRole::Init, init)].concat();
        assert_eq!(check_size(&pod(many(20, 5))), Ok(()));
        let told = check_size(&pod(many(21, 0))).unwrap_err();
        assert_eq!(told, "an instance has no more than 20 containers, and the pod has 21");
        let asking = |name: &str| {
            let limits = [(name.to_owned(), "1".parse().unwrap())].into();
            check_size(&pod(vec![Container { limits, ..Container::named("c") }]))
        };
        assert_eq!(asking("memory"), Ok(()));
        assert_eq!(asking("nvidia.com/gpu"), Err("virtual nodes do not offer nvidia.com/gpu".to_owned()));
    }

    /// rule: eci-instance-limits
    #[test]
    fn what_containers_ask_of_the_disk_is_added_up() {
        let asking = |request: &str, limit: &str| {
            let list = |text: &str| [(STORAGE.to_owned(), text.parse().unwrap())].into();
            Container { requests: list(request), limits: list(limit), ..Container::named("c") }
        };
        let two = pod(vec![asking("10Gi", "15Gi"), asking("1Gi", "15Gi")]);
        assert_eq!(check_storage(&two, Bytes::ZERO), Ok(()));
        let more = pod(vec![asking("10Gi", "15Gi"), asking("1Gi", "16Gi")]);
        assert!(check_storage(&more, Bytes::ZERO).is_err());
        assert_eq!(check_storage(&more, Bytes::from_gib(1)), Ok(()));
    }
}
