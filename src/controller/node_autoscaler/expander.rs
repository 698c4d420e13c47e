//! Expanders: which of the groups that could help grows (expander/factory/chain.go, expander/{random,waste,mostpods,
//! priority,price}).

use std::collections::BTreeMap;

use regex::Regex;

use crate::random::{Purpose, Stream, below, generator};
use crate::units::{Bytes, MilliCpu};

/// What a group could do.
#[derive(Clone, Debug, PartialEq)]
pub struct Offer {
    /// The group's name.
    pub name: String,
    /// How many nodes it would have more.
    pub nodes: u32,
    /// How many pods would find room.
    pub pods: usize,
    /// What they request together.
    pub requested: (MilliCpu, Bytes),
    /// What one node has, reserved parts included.
    pub capacity: (MilliCpu, Bytes),
    /// What one node costs an hour.
    pub node_price: f64,
}

/// What holds for all offers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Market {
    /// How many nodes the cluster has.
    pub nodes: usize,
    /// What an hour of a vCPU is worth that a pod requests.
    pub vcpu_price: f64,
    /// The same of a GiB.
    pub gib_price: f64,
}

/// No group has a lower priority than this (expander/priority/priority.go: the search for the highest starts there).
pub const LEAST_PRIORITY: i32 = -1;

/// Patterns of group names by priority; the highest number that matches wins.
#[derive(Clone, Debug, Default)]
pub struct Priorities(BTreeMap<i32, Vec<Regex>>);

impl PartialEq for Priorities {
    fn eq(&self, other: &Self) -> bool {
        let texts = |one: &Self| -> Vec<(i32, Vec<String>)> {
            one.0
                .iter()
                .map(|(&n, all)| (n, all.iter().map(|one| one.as_str().to_owned()).collect()))
                .collect()
        };
        texts(self) == texts(other)
    }
}

impl Priorities {
    /// Priorities from patterns as the ConfigMap cluster-autoscaler-priority-expander has them.
    ///
    /// # Errors
    ///
    /// Which pattern is none, and why.
    pub fn new<'t>(
        patterns: impl IntoIterator<Item = (i32, &'t str)>,
    ) -> Result<Self, (String, regex::Error)> {
        let mut map: BTreeMap<i32, Vec<Regex>> = BTreeMap::new();
        for (priority, text) in patterns {
            let pattern = Regex::new(text).map_err(|error| (text.to_owned(), error))?;
            map.entry(priority).or_default().push(pattern);
        }
        Ok(Self(map))
    }

    /// The priority of a group; `None` if no pattern matches. Priorities below [`LEAST_PRIORITY`] are none.
    pub fn of(&self, group: &str) -> Option<i32> {
        let matches = |patterns: &[Regex]| patterns.iter().any(|pattern| pattern.is_match(group));
        let mut known = self.0.range(LEAST_PRIORITY..).rev();
        known.find(|(_, patterns)| matches(patterns)).map(|(&priority, _)| priority)
    }
}

/// How an expander chooses.
#[derive(Clone, Debug, PartialEq)]
pub enum Expander {
    /// By chance.
    Random,
    /// The group that helps the most pods.
    MostPods,
    /// The group whose new nodes would be left with the least.
    LeastWaste,
    /// The group whose nodes cost the least for what the pods are worth.
    Price,
    /// The group of the highest priority.
    Priority(Priorities),
}

impl Expander {
    /// Those of the offers that it finds best, in their order.
    pub fn best(&self, offers: &[Offer], among: &[usize], market: Market) -> Vec<usize> {
        match self {
            Self::Random => among.to_vec(),
            Self::MostPods => least(among, |place| -(offers[place].pods as f64)),
            Self::LeastWaste => least(among, |place| waste(&offers[place])),
            Self::Price => least(among, |place| price_score(&offers[place], market)),
            Self::Priority(priorities) => by_priority(offers, among, priorities),
        }
    }
}

/// The places with the least of something.
fn least(among: &[usize], of: impl Fn(usize) -> f64) -> Vec<usize> {
    let scored: Vec<_> = among.iter().map(|&place| (place, of(place))).collect();
    let Some(best) = scored.iter().map(|(_, score)| *score).min_by(f64::total_cmp) else { return Vec::new() };
    scored.into_iter().filter(|(_, score)| score.total_cmp(&best).is_eq()).map(|(place, _)| place).collect()
}

/// Groups of the highest priority; all if none has one.
fn by_priority(offers: &[Offer], among: &[usize], priorities: &Priorities) -> Vec<usize> {
    let highest = among.iter().filter_map(|&place| priorities.of(&offers[place].name)).max();
    let Some(highest) = highest else { return among.to_vec() };
    among.iter().copied().filter(|&place| priorities.of(&offers[place].name) == Some(highest)).collect()
}

/// The share of the new nodes' cpu that the pods leave plus the share of their memory (waste/waste.go). Upstream has the
/// nodes' capacity there, not what is allocatable.
pub fn waste(offer: &Offer) -> f64 {
    let share = |has: i64, wants: i64| {
        let has = has.saturating_mul(i64::from(offer.nodes));
        if has == 0 { 0.0 } else { (has - wants) as f64 / has as f64 }
    };
    let (cpu, memory) = offer.capacity;
    let (wants_cpu, wants_memory) = offer.requested;
    share(cpu.0, wants_cpu.0) + share(memory.0, wants_memory.0)
}

/// The cpu of the pod that keeps the price of pods without requests from being zero (price/price.go).
const STABILIZATION_CPU: MilliCpu = MilliCpu(500);
/// Its memory.
const STABILIZATION_MEMORY: Bytes = Bytes::from_mib(500);

fn worth(market: Market, cpu: MilliCpu, memory: Bytes) -> f64 {
    const GIB: f64 = (1_u64 << 30) as f64;
    cpu.0 as f64 / 1000.0 * market.vcpu_price + memory.0 as f64 / GIB * market.gib_price
}

/// The cpu that nodes had best have in a cluster of this size: it doubles when the cluster grows threefold
/// (price/preferred.go).
pub fn preferred_cpu(nodes: usize) -> MilliCpu {
    MilliCpu::from_cores(match nodes {
        0..=2 => 1,
        3..=6 => 2,
        7..=20 => 4,
        21..=60 => 8,
        61..=200 => 16,
        _ => 32,
    })
}

/// What the nodes cost for what the pods are worth, times how far the nodes' size is from what suits the cluster; the
/// more nodes there are to be, the less their size matters (price/price.go `BestOptions`).
pub fn price_score(offer: &Offer, market: Market) -> f64 {
    let (cpu, memory) = offer.requested;
    let stable = worth(market, STABILIZATION_CPU, STABILIZATION_MEMORY);
    let nodes = offer.node_price * f64::from(offer.nodes);
    let price = (nodes + stable) / (worth(market, cpu, memory) + stable);
    let ratio = preferred_cpu(market.nodes).0 as f64 / offer.capacity.0.0 as f64;
    let unfitness = ratio.max(1.0 / ratio);
    let more = (f64::from(offer.nodes) - 1.0) / 15.0;
    ((unfitness - 1.0) * (1.0 - libm::tanh(more)) + 1.0) * price
}

/// The offer that a chain of expanders comes to: each looks at those that the one before found best, and where several
/// are left one is drawn. `random` draws at once, whatever stands behind it.
pub fn choose(
    expanders: &[Expander],
    offers: &[Offer],
    market: Market,
    (seed, scan): (u64, u32),
) -> Option<usize> {
    let mut among: Vec<usize> = (0..offers.len()).collect();
    for expander in expanders {
        if among.len() <= 1 || *expander == Expander::Random {
            break;
        }
        among = expander.best(offers, &among, market);
    }
    match among.len() {
        0 => None,
        1 => Some(among[0]),
        several => {
            let stream = Stream::of(0, scan);
            Some(among[below(&mut generator(seed, Purpose::Expander, stream), several)])
        }
    }
}

#[cfg(test)]
mod tests;
