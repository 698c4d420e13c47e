//! `setStock`, `setQuota` and `setPrice`: what the platform has and asks for changes.

use overspill_manifest::{JsonPath, code};

use super::super::Resolver;
use super::super::eci::cores;
use super::super::nodes::{price_at, prices_of_machines};
use super::Course;
use crate::cost::{Factor, PriceList, Quote};
use crate::object::{LABEL_ZONE, NodeClass};
use crate::rule::Confidence;
use crate::scenario::file::{EciPriceSetting, PriceSetting, QuotaSetting, StockSetting, TimelineStep};
use crate::simulation::action::{Action, NewPrices};

impl Resolver<'_> {
    /// Carries out what a step changes of the platform; how many verbs that were.
    pub(super) fn platform_verbs(
        &mut self,
        course: &mut Course<'_>,
        step: &TimelineStep,
        path: &JsonPath,
    ) -> usize {
        let mut verbs = 0;
        if let Some(stock) = &step.set_stock {
            self.set_stock(course, stock, &path.key("setStock"));
            verbs += 1;
        }
        if let Some(quota) = &step.set_quota {
            self.set_quota(course, quota, &path.key("setQuota"));
            verbs += 1;
        }
        if let Some(prices) = &step.set_price {
            self.set_price(course, prices, &path.key("setPrice"));
            verbs += 1;
        }
        if let Some(on) = step.set_image_cache {
            course.act(Action::SetImageCache(on));
            verbs += 1;
        }
        verbs
    }

    fn set_stock(&mut self, course: &mut Course<'_>, setting: &StockSetting, path: &JsonPath) {
        let StockSetting { zone, stock, spot } = setting;
        let stock = self.zone_stock(&path.key("stock"), stock);
        if self.is_zone(course, zone, &path.key("zone")) {
            course.act(Action::SetStock { zone: zone.clone(), spot: *spot, stock });
        }
    }

    fn set_quota(&mut self, course: &mut Course<'_>, setting: &QuotaSetting, path: &JsonPath) {
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

    fn set_price(&mut self, course: &mut Course<'_>, setting: &PriceSetting, path: &JsonPath) {
        let mut list = course.prices.clone();
        self.set_eci_prices(&mut list, &setting.eci, &path.key("eci"));
        for (kind, given) in &setting.ecs {
            if let Some(quote) = list.ecs.get_mut(kind) {
                *quote = stated(given.0);
            } else {
                let known: Vec<_> = list.ecs.keys().map(String::as_str).collect();
                self.unknown_name(
                    &path.key("ecs").key(kind),
                    "instance types of the price list",
                    kind,
                    known,
                );
            }
        }
        for (field, quote, given) in [
            ("spot", &mut list.spot, setting.spot),
            ("savingsPlan", &mut list.savings_plan, setting.savings_plan),
        ] {
            match given.map(Factor::of_part) {
                None => {}
                Some(Some(factor)) => *quote = stated(factor),
                Some(None) => {
                    self.say(&code::DO_NOT_FIT, &path.key(field), "must be greater than 0, and 1 at most");
                }
            }
        }
        if let Some(fee) = setting.cluster_fee {
            list.cluster_fee = Some(stated(fee.0));
        }
        let of_nodes = course.nodes.iter().filter_map(|node| {
            let [before, now] = [&course.prices, &list].map(|list| price_at(self.spec(), node, list));
            Some((node.spec.name.clone(), now?)).filter(|_| before != now)
        });
        let nodes: Vec<_> = of_nodes.collect();
        let machines = prices_of_machines(self.spec(), &list);
        course.prices = list.clone();
        course.act(Action::SetPrices(Box::new(NewPrices { list, nodes, machines })));
    }

    fn set_eci_prices(&mut self, list: &mut PriceList, setting: &EciPriceSetting, path: &JsonPath) {
        if let Some(given) = setting.vcpu {
            list.eci_vcpu = stated(given.0);
        }
        if let Some(given) = setting.memory_gib {
            list.eci_memory_gib = stated(given.0);
        }
        let Some(given) = setting.economy_vcpu else { return };
        if let Some(quote) = &mut list.eci_economy_vcpu {
            *quote = stated(given.0);
        } else {
            let message = format!("price list {} has no price for the economy category", list.name);
            self.say(&code::UNKNOWN_NAME, &path.key("economyVcpu"), message);
        }
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
