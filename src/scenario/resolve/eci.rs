//! ECI, the platform that virtual nodes stand for, and ACS, which comes through them too.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use indexmap::IndexMap;
use overspill_manifest::{JsonPath, code};

use super::Resolver;
use super::platform::READY;
use crate::capacity::eci::{CallRate, DEFAULT_QUOTA, Setup, Stock, ZoneId, ZoneSetup};
use crate::capacity::{
    CREATE_CONTAINER_GROUP_BURST, CREATE_CONTAINER_GROUP_REFILL, DELETE_CONTAINER_GROUP_BURST,
    DELETE_CONTAINER_GROUP_REFILL, EciSpec, EciStartModel, instance_type, virtual_node,
};
use crate::object::{LABEL_ZONE, NodeClass};
use crate::scenario::file::{Eci, VirtualNode};
use crate::scenario::notation::Quota;
use crate::scenario::read::Locator;
use crate::simulation::scenario::{AcsSetup, EciSetup, NodeSetup, ReclaimSetup};
use crate::units::{MilliCpu, Span};

/// From one look at a request without room to the next, where the scenario does not say (estimate).
const RETRY_EVERY: Span = Span::from_secs(10);
/// From the notice to the end of a spot instance, where the scenario does not say ("Create a preemptible elastic
/// container instance", 2021).
const SPOT_NOTICE: Span = Span::from_secs(180);
/// From the notice to the end of a best-effort instance, where the scenario does not say ("ACS pod overview").
const ACS_NOTICE: Span = Span::from_secs(300);
/// What stands for every specification without a figure of its own.
const OTHERS: &str = "*";

impl Resolver<'_> {
    /// The platform with the zones of the scenario's own virtual nodes; [`Self::eci_zones`] adds the rest.
    pub(super) fn eci(&mut self) -> Option<EciSetup> {
        let given = self.spec().eci.clone();
        let path = Locator::spec().key("eci");
        let start = self.eci_start(&path, &given);
        let readiness = self.law(&path.key("ready"), given.ready.as_ref(), READY);
        let creation = self.call_rate(
            (&path.key("creationBurst"), given.creation_burst, CREATE_CONTAINER_GROUP_BURST),
            (
                &path.key("creationRefillPerSecond"),
                given.creation_refill_per_second,
                CREATE_CONTAINER_GROUP_REFILL,
            ),
        );
        let deletion = self.call_rate(
            (&path.key("deletionBurst"), given.deletion_burst, DELETE_CONTAINER_GROUP_BURST),
            (
                &path.key("deletionRefillPerSecond"),
                given.deletion_refill_per_second,
                DELETE_CONTAINER_GROUP_REFILL,
            ),
        );
        let reclaim = match &given.spot.reclaim {
            Some(law) => Some(self.law(&path.key("spot").key("reclaim"), Some(law), READY)?),
            None => None,
        };
        let platform = Setup {
            zones: Vec::new(),
            quota: cores(given.quota.unwrap_or(Quota::Default)),
            creation: creation?,
            deletion: deletion?,
            retry_every: given.retry_every.map_or(RETRY_EVERY, |given| given.0),
        };
        let setup = EciSetup {
            platform,
            zones: BTreeMap::new(),
            vswitches: BTreeMap::new(),
            start: start?,
            readiness: readiness?,
            image_cache: given.image_cache.unwrap_or(false),
            max_pending_counts_wait: given.max_pending_counts_wait.unwrap_or(true),
            spot: ReclaimSetup {
                law: reclaim,
                notice: given.spot.notice.map_or(SPOT_NOTICE, |given| given.0),
            },
        };
        Some(self.with_zones(setup))
    }

    pub(super) fn acs(&mut self) -> Option<AcsSetup> {
        let given = self.spec().acs.clone();
        let path = Locator::spec().key("acs").key("preemption").key("law");
        let law = match &given.preemption.law {
            Some(law) => Some(self.law(&path, Some(law), READY)?),
            None => None,
        };
        let notice = given.preemption.notice.map_or(ACS_NOTICE, |given| given.0);
        let preemption = ReclaimSetup { law, notice };
        Some(AcsSetup { large_specs: given.large_specs.unwrap_or(false), preemption })
    }

    fn eci_start(&mut self, path: &JsonPath, given: &Eci) -> Option<EciStartModel> {
        let defaults = EciStartModel::default();
        let sandbox = self.law(&path.key("sandbox"), given.sandbox.as_ref(), defaults.sandbox);
        let container_start =
            self.law(&path.key("containerStart"), given.container_start.as_ref(), defaults.container_start);
        let pull = self.pull(&path.key("pullBandwidth"), given.pull_bandwidth, defaults.pull);
        Some(EciStartModel { sandbox: sandbox?, pull: pull?, container_start: container_start? })
    }

    fn call_rate(
        &mut self,
        burst: (&JsonPath, Option<u32>, NonZeroU32),
        refill: (&JsonPath, Option<u32>, NonZeroU32),
    ) -> Option<CallRate> {
        let [burst, refill] = [burst, refill].map(|(path, given, default)| {
            let Some(given) = given else { return Some(default) };
            let value = NonZeroU32::new(given);
            if value.is_none() {
                self.say(&code::DO_NOT_FIT, path, "must be greater than 0");
            }
            value
        });
        Some(CallRate { burst: burst?, refill_per_second: refill? })
    }

    /// A zone for each of the scenario's virtual nodes, in their order.
    fn with_zones(&mut self, mut setup: EciSetup) -> EciSetup {
        for (zone, node) in self.spec().virtual_nodes.clone() {
            let id = ZoneId(setup.platform.zones.len());
            let vswitch = vswitch_of(&zone, &node);
            let VirtualNode { name, vswitch_ips, quota, .. } = node;
            if setup.vswitches.insert(vswitch.clone(), id).is_some() {
                let path = Locator::spec().key("virtualNodes").key(&zone).key("vswitchId");
                self.say(&code::DO_NOT_FIT, &path, format!("two zones have the vSwitch {vswitch}"));
            }
            setup.zones.insert(name.unwrap_or_else(|| virtual_node::name(&zone)), id);
            let (addresses, quota) = (vswitch_ips, cores(quota.unwrap_or(Quota::Raised)));
            setup.platform.zones.push(ZoneSetup { name: zone, addresses, quota, ..ZoneSetup::default() });
        }
        setup
    }

    /// Adds the zones of virtual nodes from manifests, and what stock there is in each zone.
    pub(super) fn eci_zones(&mut self, mut setup: EciSetup, nodes: &[NodeSetup]) -> EciSetup {
        for node in nodes.iter().filter(|node| node.spec.class == NodeClass::Virtual) {
            if setup.zones.contains_key(&node.spec.name) {
                continue;
            }
            let zone = node.spec.labels.get(LABEL_ZONE).unwrap_or(&node.spec.name).to_owned();
            let zones = &mut setup.platform.zones;
            let known = zones.iter().position(|known| known.name == zone);
            let id = ZoneId(known.unwrap_or(zones.len()));
            if known.is_none() {
                setup.vswitches.insert(default_vswitch(&zone), id);
                zones.push(ZoneSetup { name: zone, ..ZoneSetup::default() });
            }
            setup.zones.insert(node.spec.name.clone(), id);
        }
        let path = Locator::spec().key("eci");
        let Eci { stock, spot, .. } = self.spec().eci.clone();
        self.stock(&path.key("stock"), &stock, &mut setup, |zone| &mut zone.stock);
        self.stock(&path.key("spot").key("stock"), &spot.stock, &mut setup, |zone| &mut zone.spot_stock);
        setup
    }

    fn stock(
        &mut self,
        path: &JsonPath,
        given: &IndexMap<String, IndexMap<String, u32>>,
        setup: &mut EciSetup,
        place: impl Fn(&mut ZoneSetup) -> &mut Stock,
    ) {
        for (zone, figures) in given {
            let path = path.key(zone);
            let stock = self.zone_stock(&path, figures);
            let zones = &mut setup.platform.zones;
            if let Some(found) = zones.iter_mut().find(|known| known.name == *zone) {
                *place(found) = stock;
                continue;
            }
            let names: Vec<_> = zones.iter().map(|known| known.name.as_str()).collect();
            self.unknown_name(&path, "zones of virtual nodes", zone, names);
        }
    }

    pub(super) fn zone_stock(&mut self, path: &JsonPath, figures: &IndexMap<String, u32>) -> Stock {
        let mut named = BTreeMap::new();
        for (spec, &left) in figures.iter().filter(|(spec, _)| *spec != OTHERS) {
            match canonical(spec) {
                Ok(name) => _ = named.insert(name, left),
                Err(message) => self.say(&code::DO_NOT_FIT, &path.key(spec), message),
            }
        }
        Stock::new(named, figures.get(OTHERS).copied())
    }
}

/// The ID of the vSwitch of a zone that has a virtual node of the scenario.
pub(super) fn vswitch_of(zone: &str, node: &VirtualNode) -> String {
    node.vswitch_id.clone().unwrap_or_else(|| default_vswitch(zone))
}

/// The ID of a zone's vSwitch where nobody says it.
pub(super) fn default_vswitch(zone: &str) -> String {
    format!("vsw-{zone}")
}

/// A specification as it prints.
fn canonical(spec: &str) -> Result<String, String> {
    if spec.starts_with("ecs.") {
        return instance_type(spec).map(|known| known.name.to_owned()).map_err(|error| error.to_string());
    }
    spec.parse().map(|size: EciSpec| size.to_string()).map_err(|error| error.to_string())
}

/// The vCPUs of a quota; `None` for no bound.
pub(super) fn cores(quota: Quota) -> Option<MilliCpu> {
    match quota {
        Quota::Raised => None,
        Quota::Default => Some(DEFAULT_QUOTA),
        Quota::Cpus(cpus) => Some(MilliCpu(cpus.milli_value())),
    }
}
