//! Pools of spot instances.

use overspill_manifest::{JsonPath, code};

use super::Resolver;
use super::node_autoscaler::REGISTERS;
use crate::capacity::Law;
use crate::scenario::file::{Billing, Pool, PoolSpot};
use crate::simulation::scenario::{ReclaimSetup, ReplacementSetup, SpotNodeSetup};
use crate::units::Span;

/// For how long an instance is not taken back, where the pool does not say ("Best practices for spot instance node
/// pools").
const PROTECTION: Span = Span::from_secs(3600);
/// From the notice to the end of an instance, where the pool does not say ("What are spot instances").
const NOTICE: Span = Span::from_secs(300);
/// From the creation of an instance until its node is ready, where the pool does not say: what others have measured for
/// ACK's instant elasticity.
const BOOT: Law = Law::LogNormal { median: Span::from_secs(55), sigma: 0.2 };

impl Resolver<'_> {
    /// What becomes of the nodes of a pool of spot instances; `None` of any other.
    pub(super) fn pool_spot(&mut self, path: &JsonPath, pool: &Pool) -> Option<SpotNodeSetup> {
        if pool.billing != Some(Billing::Spot) {
            if pool.spot.is_some() {
                let help = Some("write `billing: spot`".to_owned());
                let message = "it has no effect: the nodes of this pool are no spot instances";
                self.say_with_help(&code::WITHOUT_EFFECT, path, message, help);
            }
            return None;
        }
        let given = pool.spot.clone().unwrap_or_default();
        self.doubt_spot(path, &given);
        let never = Law::Constant(Span::ZERO);
        let reclaim = given.reclaim.as_ref();
        let law = reclaim.and_then(|law| self.law(&path.key("reclaim"), Some(law), never.clone()));
        let replacement = given.replace.as_ref().and_then(|after| {
            let after = self.law(&path.key("replace"), Some(after), never);
            let register = self.law(&path.key("register"), given.register.as_ref(), REGISTERS);
            let boot = self.law(&path.key("boot"), given.boot.as_ref(), BOOT);
            Some(ReplacementSetup { after: after?, register: register?, boot: boot?, stock: given.stock })
        });
        if pool.autoscale.is_some() && replacement.is_some() {
            let message = "the node autoscaler of this pool gets other nodes: leave one of the two out";
            self.say(&code::DO_NOT_FIT, &path.key("replace"), message);
        }
        let protection = given.protection.map_or(PROTECTION, |given| given.0);
        let at_once = protection == Span::ZERO && law.as_ref().is_some_and(|law| law.mean() == Span::ZERO);
        if at_once && replacement.is_some() {
            let message =
                "instances would be taken back all the time: give the time that one runs until it is told";
            self.say(&code::DO_NOT_FIT, &path.key("reclaim"), message);
        }
        Some(SpotNodeSetup {
            protection,
            reclaim: ReclaimSetup { law, notice: given.notice.map_or(NOTICE, |given| given.0) },
            drains: given.drain.unwrap_or(true),
            replacement,
        })
    }

    /// What is said of what never happens.
    fn doubt_spot(&mut self, path: &JsonPath, given: &PoolSpot) {
        let (reclaim, replace) = (given.reclaim.is_some(), given.replace.is_some());
        let keys = [
            ("protection", given.protection.is_some() && !reclaim, "reclaim"),
            ("notice", given.notice.is_some() && !reclaim, "reclaim"),
            ("drain", given.drain.is_some() && !reclaim, "reclaim"),
            ("replace", replace && !reclaim, "reclaim"),
            ("register", given.register.is_some() && !replace, "replace"),
            ("boot", given.boot.is_some() && !replace, "replace"),
            ("stock", given.stock.is_some() && !replace, "replace"),
        ];
        for (key, _, without) in keys.into_iter().filter(|(_, is_idle, _)| *is_idle) {
            let message = format!("it has no effect without `{without}`");
            self.say(&code::WITHOUT_EFFECT, &path.key(key), message);
        }
    }
}
