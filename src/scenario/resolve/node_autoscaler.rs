//! What adds and removes nodes: the autoscaler's settings, and the groups that its pools make.

mod expanders;

use overspill_manifest::{JsonPath, code};

use super::Resolver;
use super::nodes::Machines;
use crate::capacity::{Empirical, Law, instance_type};
use crate::controller::node_autoscaler::{Config, Group, PoolSize, ScaleDown};
use crate::cost::{Factor, PriceList};
use crate::object::NodeSpec;
use crate::scenario::file::{self, Autoscale, NodeAutoscaler, Pool};
use crate::scenario::notation::Duration;
use crate::scenario::read::Locator;
use crate::scheduler::Profile;
use crate::simulation::scenario::{
    NodeAutoscalerKind, NodeAutoscalerSetup, NodeGroupSetup, NodeSetup, ProvisionSetup,
};
use crate::units::{Bytes, MilliCpu, Span};

/// Plugins that upstream's scheduler, and so cluster-autoscaler, does not have.
const OF_ACK: [&str; 2] = ["ResourcePolicy", "ElasticResource"];

/// From the registration of a Node until it is ready, as measured (ACK, one node of cn-wulanchabu each).
const MEASURED_BOOTS_MILLIS: [u64; 4] = [35_500, 36_500, 38_500, 54_500];

/// From the creation of a machine until its Node is registered, as measured (the same).
pub(super) const REGISTERS: Law =
    Law::Uniform { min: Span::from_millis(9500), max: Span::from_millis(12_500) };

/// An autoscaler that looks more often would do little else.
const SHORTEST_SCAN_INTERVAL: Span = Span::from_secs(1);

type Pools = Vec<(String, PoolSize, u32)>;

impl Resolver<'_> {
    /// The node autoscaler, checked; `None` if there is none, or something is wrong with it.
    pub(super) fn node_autoscaler(
        &mut self,
        prices: &PriceList,
        profiles: &[Profile],
    ) -> Option<NodeAutoscalerSetup> {
        let given = self.spec().node_autoscaler.clone();
        let (pools, groups) = self.node_groups(prices, given.is_some());
        let given = given?;
        let path = Locator::spec().key("nodeAutoscaler");
        if pools.is_empty() {
            let message = "it has no effect: no pool has `autoscale`";
            self.say(&code::WITHOUT_EFFECT, &path, message);
        }
        let kind = match given.kind {
            file::NodeAutoscalerKind::InstantElasticity => NodeAutoscalerKind::InstantElasticity,
            _ => NodeAutoscalerKind::ClusterAutoscaler,
        };
        let knows = |name: &str| kind == NodeAutoscalerKind::InstantElasticity || !OF_ACK.contains(&name);
        let mut profiles = profiles.to_vec();
        for profile in &mut profiles {
            profile.filters.retain(|filter| knows(filter.name()));
        }
        let config = self.node_autoscaler_config(&given, &path, &groups);
        let provision = self.provision(&given, &path.key("provision"))?;
        let mut config = config?;
        config.pod_prices = (prices.eci_vcpu.value, prices.eci_memory_gib.value);
        Some(NodeAutoscalerSetup { kind, config, groups, pools, profiles, provision })
    }

    /// Nodes that the autoscaler may add: one of each kind.
    pub(super) fn nodes_to_come(&mut self) -> Vec<NodeSpec> {
        if self.spec().node_autoscaler.is_none() {
            return Vec::new();
        }
        let told = self.diagnostics.len();
        let mut nodes = Vec::new();
        for (name, pool) in self.spec().pools.clone() {
            let Some(autoscale) = &pool.autoscale else { continue };
            for kind in self.kinds_of_pool(&Locator::spec(), &pool, autoscale) {
                let types = kind.instance_type.clone();
                let machines = self.machines(&name, &kind, &PriceList::free(types));
                nodes.extend(machines.into_iter().flat_map(|one| one.nodes).map(|one| one.spec));
            }
        }
        self.diagnostics.truncate(told);
        for (number, node) in nodes.iter_mut().enumerate() {
            node.name = format!("{}-to-come-{number}", node.name);
        }
        nodes
    }

    /// The groups that pools with `autoscale` make: one for each instance type.
    fn node_groups(&mut self, prices: &PriceList, has_autoscaler: bool) -> (Pools, Vec<NodeGroupSetup>) {
        let (mut pools, mut groups): (Pools, Vec<NodeGroupSetup>) = (Vec::new(), Vec::new());
        for (name, pool) in self.spec().pools.clone() {
            let Some(autoscale) = &pool.autoscale else { continue };
            let path = Locator::spec().key("pools").key(&name);
            if !has_autoscaler {
                let message = "it has no effect: the scenario has no `nodeAutoscaler`";
                self.say(&code::WITHOUT_EFFECT, &path.key("autoscale"), message);
                continue;
            }
            self.check_sizes(&path, &pool, autoscale);
            let number = pools.len();
            pools.push((name.clone(), PoolSize { min: autoscale.min, max: autoscale.max }, pool.count));
            for (place, kind) in self.kinds_of_pool(&path, &pool, autoscale).into_iter().enumerate() {
                let several = !autoscale.instance_types.is_empty();
                let kind_name = kind.instance_type.clone().unwrap_or_default();
                let own_name = if several { format!("{name}/{kind_name}") } else { name.clone() };
                // What is wrong with the pool itself was told when its first nodes were made.
                let told = self.diagnostics.len();
                let machines = self.machines(&name, &kind, prices);
                self.diagnostics.truncate(told);
                if let Some(error) = prices.node(&kind_name, Factor::WHOLE).err().filter(|_| place > 0) {
                    let path = path.key("autoscale").key("instanceTypes");
                    self.say(&code::UNKNOWN_NAME, &path, error.to_string());
                }
                groups.extend(machines.map(|one| group_of(one, &own_name, number)));
            }
        }
        (pools, groups)
    }

    /// Whether the bounds leave an autoscaler anything to do, and it looks no more often than makes sense.
    fn check_bounds(&mut self, given: &NodeAutoscaler, path: &JsonPath, scan_interval: Span) -> bool {
        let told = self.diagnostics.len();
        if scan_interval < SHORTEST_SCAN_INTERVAL {
            let message = format!("must be {SHORTEST_SCAN_INTERVAL} or longer");
            self.say(&code::DO_NOT_FIT, &path.key("scanInterval"), message);
        }
        let nodes =
            [("maxNodesPerScaleUp", given.max_nodes_per_scale_up), ("maxNodesTotal", given.max_nodes_total)];
        for (name, _) in nodes.into_iter().filter(|(_, most)| *most == Some(0)) {
            let message = "must be at least 1: without it the default holds";
            self.say(&code::DO_NOT_FIT, &path.key(name), message);
        }
        let amounts = [("maxCoresTotal", given.max_cores_total), ("maxMemoryTotal", given.max_memory_total)];
        for (name, amount) in amounts {
            if amount.is_some_and(|amount| amount.0.value() <= 0) {
                self.say(&code::DO_NOT_FIT, &path.key(name), "must be more than 0");
            }
        }
        self.diagnostics.len() == told
    }

    fn check_sizes(&mut self, path: &JsonPath, pool: &Pool, autoscale: &Autoscale) {
        let Autoscale { min, max, .. } = *autoscale;
        if min > max {
            let message = format!("must not be more than max, which is {max}");
            self.say(&code::DO_NOT_FIT, &path.key("autoscale").key("min"), message);
        } else if !(min..=max).contains(&pool.count) {
            let message = format!("must be from {min} to {max}, as `autoscale` says");
            self.say(&code::DO_NOT_FIT, &path.key("count"), message);
        } else if max == 0 {
            let message = "it has no effect: the pool may have no node";
            self.say(&code::WITHOUT_EFFECT, &path.key("autoscale").key("max"), message);
        }
        if pool.billing == Some(file::Billing::Subscription) {
            let message = "nodes that come and go are charged by the second at the rate of a subscription, which is paid for \
                           in advance, by the month";
            let help = "let a pool of `billing: payg` come and go beside one of a subscription".to_owned();
            self.say_with_help(&code::EXCLUDE_EACH_OTHER, &path.key("billing"), message, Some(help));
        }
    }

    /// The pool, and what it would be with each of the other instance types.
    fn kinds_of_pool(&mut self, path: &JsonPath, pool: &Pool, autoscale: &Autoscale) -> Vec<Pool> {
        let path = path.key("autoscale").key("instanceTypes");
        let mut kinds = vec![pool.clone()];
        if !autoscale.instance_types.is_empty() && (pool.allocatable.is_some() || pool.price.is_some()) {
            let message =
                "a pool of several instance types cannot have `allocatable` or `price`: they differ by type";
            self.say(&code::DO_NOT_FIT, &path, message);
            return kinds;
        }
        for (place, name) in autoscale.instance_types.iter().enumerate() {
            let path = path.index(place);
            if kinds.iter().any(|one| one.instance_type.as_ref() == Some(name)) {
                self.say(&code::DO_NOT_FIT, &path, format!("the pool has {name} already"));
            } else if let Err(error) = instance_type(name) {
                self.say(&code::UNKNOWN_NAME, &path, error.to_string());
            } else {
                kinds.push(Pool { instance_type: Some(name.clone()), ..pool.clone() });
            }
        }
        kinds
    }

    fn node_autoscaler_config(
        &mut self,
        given: &NodeAutoscaler,
        path: &JsonPath,
        groups: &[NodeGroupSetup],
    ) -> Option<Config> {
        let defaults = match given.kind {
            file::NodeAutoscalerKind::ClusterAutoscaler => Config::cluster_autoscaler(),
            file::NodeAutoscalerKind::AckClusterAutoscaler => Config::ack_cluster_autoscaler(),
            file::NodeAutoscalerKind::InstantElasticity => Config::instant_elasticity(),
        };
        if given.reaction.is_some() && defaults.reaction.is_none() {
            let message = "it has no effect: only instant elasticity looks out of turn";
            self.say(&code::WITHOUT_EFFECT, &path.key("reaction"), message);
        }
        let scan_interval = given.scan_interval.map_or(defaults.scan_interval, |given| given.0);
        let is_bounded = self.check_bounds(given, path, scan_interval);
        let expanders = self.expanders(given, path, groups, &defaults.expanders);
        let scale_down = self.scale_down(&given.scale_down, &path.key("scaleDown"), &defaults);
        let span = |given: Option<Duration>, default: Span| given.map_or(default, |given| given.0);
        is_bounded.then_some(())?;
        Some(Config {
            scan_interval,
            reaction: defaults.reaction.map(|default| span(given.reaction, default)),
            new_pod_scale_up_delay: span(given.new_pod_scale_up_delay, defaults.new_pod_scale_up_delay),
            expendable_pods_priority_cutoff: given
                .expendable_pods_priority_cutoff
                .unwrap_or(defaults.expendable_pods_priority_cutoff),
            expanders: expanders?,
            balance_similar_node_groups: given.balance_similar_node_groups.unwrap_or(false),
            max_nodes_per_scale_up: given.max_nodes_per_scale_up.unwrap_or(defaults.max_nodes_per_scale_up),
            max_nodes_total: given.max_nodes_total,
            max_cores_total: given.max_cores_total.map(|amount| MilliCpu(amount.0.milli_value())),
            max_memory_total: given.max_memory_total.map(|amount| Bytes(amount.0.value())),
            max_node_provision_time: span(given.max_node_provision_time, defaults.max_node_provision_time),
            scale_down: scale_down?,
            ..defaults
        })
    }

    fn scale_down(
        &mut self,
        given: &file::ScaleDown,
        path: &JsonPath,
        defaults: &Config,
    ) -> Option<ScaleDown> {
        let defaults = defaults.scale_down.clone();
        let mut utilization_threshold = defaults.utilization_threshold;
        if let Some(share) = given.utilization_threshold {
            if !(0.0..=1.0).contains(&share) {
                self.say(&code::DO_NOT_FIT, &path.key("utilizationThreshold"), "must be between 0 and 1");
                return None;
            }
            utilization_threshold = libm::round(share * 1e6) as u32;
        }
        let span = |given: Option<Duration>, default: Span| given.map_or(default, |given| given.0);
        let flag = |given: Option<bool>, default: bool| given.unwrap_or(default);
        Some(ScaleDown {
            enabled: flag(given.enabled, defaults.enabled),
            utilization_threshold,
            unneeded_time: span(given.unneeded_time, defaults.unneeded_time),
            unready_time: span(given.unready_time, defaults.unready_time),
            delay_after_add: span(given.delay_after_add, defaults.delay_after_add),
            delay_after_delete: span(given.delay_after_delete, defaults.delay_after_delete),
            delay_after_failure: span(given.delay_after_failure, defaults.delay_after_failure),
            skip_nodes_with_system_pods: flag(
                given.skip_nodes_with_system_pods,
                defaults.skip_nodes_with_system_pods,
            ),
            skip_nodes_with_local_storage: flag(
                given.skip_nodes_with_local_storage,
                defaults.skip_nodes_with_local_storage,
            ),
            ignore_daemon_sets_utilization: flag(
                given.ignore_daemon_sets_utilization,
                defaults.ignore_daemon_sets_utilization,
            ),
            max_graceful_termination: span(given.max_graceful_termination, defaults.max_graceful_termination),
            ..defaults
        })
    }

    fn provision(&mut self, given: &NodeAutoscaler, path: &JsonPath) -> Option<ProvisionSetup> {
        let measured = MEASURED_BOOTS_MILLIS.map(|millis| (Span::from_millis(millis), 1.0));
        let boots = match given.kind {
            file::NodeAutoscalerKind::InstantElasticity => {
                Law::Empirical(Empirical::new(measured).expect("measured times are a law"))
            }
            _ => Law::LogNormal { median: Span::from_secs(45), sigma: 0.2 },
        };
        let register = self.law(&path.key("register"), given.provision.register.as_ref(), REGISTERS);
        let ready = self.law(&path.key("ready"), given.provision.ready.as_ref(), boots);
        let share = given.provision.failure_share.unwrap_or(0.0);
        if !(0.0..=1.0).contains(&share) {
            self.say(&code::DO_NOT_FIT, &path.key("failureShare"), "must be between 0 and 1");
            return None;
        }
        // The share of all numbers of 64 bits.
        let fails_below = (share * 18_446_744_073_709_551_616.0) as u128;
        Some(ProvisionSetup { register: register?, ready: ready?, fails_below })
    }
}

fn group_of(machines: Machines, name: &str, pool: usize) -> NodeGroupSetup {
    let Machines { nodes, cpu, memory } = machines;
    let template = |node: &NodeSetup| NodeSpec { name: name.to_owned(), ..node.spec.clone() };
    let templates = nodes.iter().map(template).collect();
    let group = Group { name: name.to_owned(), pool, templates, cpu, memory, price: nodes[0].price };
    NodeGroupSetup { group, machines: nodes }
}
