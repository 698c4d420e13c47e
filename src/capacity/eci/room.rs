//! What limits the instances of a zone: stock, addresses, quota.

use std::collections::BTreeMap;
use std::fmt;

use super::platform::ZoneId;
use crate::capacity::BilledSpec;
use crate::units::MilliCpu;

/// The vCPU quota of an account whose quota nobody has raised (estimate: it depends on the account's history).
pub const DEFAULT_QUOTA: MilliCpu = MilliCpu::from_cores(500);

/// How many more instances of each specification can be created in a zone; by default there is no bound.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stock {
    /// Instances by specification, as it prints.
    left: BTreeMap<String, u32>,
    /// Instances of every specification that is not named, each by itself; `None` for no bound.
    others: Option<u32>,
}

impl Stock {
    /// Stock by specification, as it prints, and that of each other one.
    pub fn new(named: BTreeMap<String, u32>, others: Option<u32>) -> Self {
        Self { left: named, others }
    }

    /// Takes over new figures: those of the specifications that `new` names, or all if it says what the others have.
    pub(super) fn set(&mut self, new: &Self) {
        if new.others.is_some() || new.left.is_empty() {
            *self = new.clone();
        } else {
            self.left.extend(new.left.iter().map(|(spec, &left)| (spec.clone(), left)));
        }
    }

    /// What is left of a specification; `None` for no bound.
    fn of(&self, spec: &BilledSpec) -> Option<u32> {
        if spec.is_acs() {
            return None;
        }
        if self.left.is_empty() && self.others.is_none() {
            return None;
        }
        self.left.get(&spec.to_string()).copied().or(self.others)
    }

    fn take(&mut self, spec: &BilledSpec) {
        if let Some(left) = self.of(spec) {
            let rest = left.checked_sub(1).expect("stock is looked at before it is taken");
            self.left.insert(spec.to_string(), rest);
        }
    }

    fn give_back(&mut self, spec: &BilledSpec) {
        if let Some(left) = self.of(spec) {
            self.left.insert(spec.to_string(), left + 1);
        }
    }
}

/// Why an instance cannot be created now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Block {
    /// The zone has none of this specification left.
    OutOfStock,
    /// The zone's vSwitch has no free address.
    NoAddress,
    /// It would take more vCPUs than the quota has left.
    OverQuota,
}

impl Block {
    /// The reason by which it is reported. `NoStock` is that of ECI's conditions, which have none for the others; those
    /// are named after error codes of its API.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::OutOfStock => "NoStock",
            Self::NoAddress => "IpNotEnough",
            Self::OverQuota => "QuotaExceeded",
        }
    }
}

impl fmt::Display for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OutOfStock => "the specified instance is out of stock",
            Self::NoAddress => "the vSwitch does not have enough IP addresses",
            Self::OverQuota => "the vCPU quota is exceeded",
        })
    }
}

/// One instance that was tried and could not be created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What was tried.
    pub spec: BilledSpec,
    /// Where.
    pub zone: ZoneId,
    /// What was missing.
    pub block: Block,
}

/// How much of something is taken, and the most that may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bound {
    limit: Option<i64>,
    taken: i64,
}

impl Bound {
    /// Nothing is taken yet; `None` for no limit.
    pub(super) fn new(limit: Option<i64>) -> Self {
        Self { limit, taken: 0 }
    }

    /// Another limit; what is taken stays taken, beyond it too.
    pub(super) fn set_limit(&mut self, limit: Option<i64>) {
        self.limit = limit;
    }

    fn has(self, more: i64) -> bool {
        self.limit.is_none_or(|limit| self.taken + more <= limit)
    }

    /// Takes `more`, beyond the limit too: instances from before the run are there whatever it is.
    pub(super) fn take(&mut self, more: i64) {
        self.taken += more;
    }

    pub(super) fn give_back(&mut self, less: i64) {
        self.taken -= less;
        debug_assert!(self.taken >= 0, "no more is given back than was taken");
    }
}

/// How much an instance takes of ECI's quota, in thousandths of a vCPU: nothing if it is not ECI's.
pub(super) fn quota_of(spec: &BilledSpec) -> i64 {
    if spec.is_acs() { 0 } else { spec.cpu().0 }
}

/// What one zone has, and what of it is taken.
#[derive(Clone, Debug)]
pub(super) struct ZoneRoom {
    pub(super) addresses: Bound,
    pub(super) quota: Bound,
    pub(super) stock: Stock,
    pub(super) spot_stock: Stock,
    /// For how many reasons nothing can be created.
    pub(super) closed: u32,
}

impl ZoneRoom {
    /// What keeps an instance out, if anything does. Quota comes first: a call is refused for it before any host is
    /// looked for.
    pub(super) fn block(&self, spec: &BilledSpec, spot: bool, region: Bound) -> Option<Block> {
        let cpu = quota_of(spec);
        let stock = if spot { &self.spot_stock } else { &self.stock };
        // An instance that takes nothing of the quota may come when it is overdrawn, too.
        if cpu > 0 && (!region.has(cpu) || !self.quota.has(cpu)) {
            Some(Block::OverQuota)
        } else if !self.addresses.has(1) {
            Some(Block::NoAddress)
        } else if self.closed > 0 || stock.of(spec) == Some(0) {
            Some(Block::OutOfStock)
        } else {
            None
        }
    }

    pub(super) fn take_stock(&mut self, spec: &BilledSpec, spot: bool) {
        self.stock_for(spot).take(spec);
    }

    pub(super) fn return_stock(&mut self, spec: &BilledSpec, spot: bool) {
        self.stock_for(spot).give_back(spec);
    }

    pub(super) fn stock_for(&mut self, spot: bool) -> &mut Stock {
        if spot { &mut self.spot_stock } else { &mut self.stock }
    }
}
