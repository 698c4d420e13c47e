//! `setStock`, `setQuota` and `setPrice`: what the platform has and asks for changes.

use overspill_manifest::{JsonPath, code};

use super::super::Resolver;
use super::super::eci::cores;
use super::super::nodes::price_at;
use super::Course;
use crate::cost::{Factor, Quote};
use crate::object::{LABEL_ZONE, NodeClass};
use crate::rule::Confidence;
use crate::scenario::file::{PriceSetting, QuotaSetting, StockSetting};
use crate::scenario::notation::PricePerTime;
use crate::simulation::action::{Action, NewPrices};

impl Resolver<'_> {
    pub(super) fn set_stock(&mut self, course: &mut Course<'_>, setting: &StockSetting, path: &JsonPath) {
        let StockSetting { zone, stock, spot } = setting;
        let stock = self.zone_stock(&path.key("stock"), stock);
        if self.is_zone(course, zone, &path.key("zone")) {
            course.act(Action::SetStock { zone: zone.clone(), spot: *spot, stock });
        }
    }

    pub(super) fn set_quota(&mut self, course: &mut Course<'_>, setting: &QuotaSetting, path: &JsonPath) {
        let QuotaSetting { vcpu, zone } = setting;
        if zone.as_ref().is_none_or(|zone| self.is_zone(course, zone, &path.key("zone"))) {
            course.act(Action::SetQuota { zone: zone.clone(), quota: cores(*vcpu) });
        }
    }

    /// Whether a virtual node stands for a zone of this name.
    fn is_zone(&mut self, course: &Course<'_>, zone: &str, path: &JsonPath) -> bool {
        let named = self.spec().virtual_nodes.keys().cloned();
        let virtual_nodes =
            course.nodes.iter().map(|node| &node.spec).filter(|node| node.class == NodeClass::Virtual);
        let labelled = virtual_nodes.map(|node| node.labels.get(LABEL_ZONE).unwrap_or(&node.name).to_owned());
        let mut zones: Vec<_> = named.chain(labelled).collect();
        zones.dedup();
        let is_there = zones.iter().any(|known| known == zone);
        if !is_there {
            self.unknown_name(path, "zones of virtual nodes", zone, zones.iter().map(String::as_str));
        }
        is_there
    }

    pub(super) fn set_price(&mut self, course: &mut Course<'_>, setting: &PriceSetting, path: &JsonPath) {
        let mut list = course.prices.clone();
        let price = |quote: &mut Quote<_>, given: Option<PricePerTime>| {
            if let Some(given) = given {
                *quote = stated(given.0);
            }
        };
        let own = path.key("eci");
        price(&mut list.eci_vcpu, setting.eci.vcpu);
        price(&mut list.eci_memory_gib, setting.eci.memory_gib);
        if setting.eci.economy_vcpu.is_some() {
            match &mut list.eci_economy_vcpu {
                Some(quote) => price(quote, setting.eci.economy_vcpu),
                None => {
                    let message = format!("price list {} has no price for the economy category", list.name);
                    self.say(&code::UNKNOWN_NAME, &own.key("economyVcpu"), message);
                }
            }
        }
        for (kind, given) in &setting.ecs {
            match list.ecs.get_mut(kind) {
                Some(quote) => price(quote, Some(*given)),
                None => {
                    let known: Vec<_> = list.ecs.keys().map(String::as_str).collect();
                    self.unknown_name(
                        &path.key("ecs").key(kind),
                        "instance types of the price list",
                        kind,
                        known,
                    );
                }
            }
        }
        for (field, quote, given) in [
            ("spot", &mut list.spot, setting.spot),
            ("savingsPlan", &mut list.savings_plan, setting.savings_plan),
        ] {
            let Some(given) = given else { continue };
            match factor(given) {
                Some(factor) => *quote = stated(factor),
                None => {
                    self.say(&code::DO_NOT_FIT, &path.key(field), "must be greater than 0, and 1 at most");
                }
            }
        }
        if let Some(fee) = setting.cluster_fee {
            list.cluster_fee = Some(stated(fee.0));
        }
        let of_nodes = course.nodes.iter().filter_map(|node| {
            let (before, now) = [&course.prices, &list].map(|list| price_at(self.spec(), node, list)).into();
            Some((node.spec.name.clone(), now?)).filter(|_| before != now)
        });
        let nodes: Vec<_> = of_nodes.collect();
        course.prices = list.clone();
        course.act(Action::SetPrices(Box::new(NewPrices { list, nodes })));
    }
}

/// A figure that the scenario states.
fn stated<T>(value: T) -> Quote<T> {
    Quote {
        value,
        source: "the scenario".to_owned(),
        date: String::new(),
        confidence: Confidence::Documented,
    }
}

/// A part of the whole, exact to a millionth.
fn factor(given: f64) -> Option<Factor> {
    let millionths = libm::round(given * 1e6);
    (1.0..=1e6).contains(&millionths).then_some(Factor(millionths as u32))
}
