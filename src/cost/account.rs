//! What one thing has cost: a value that lives in the thing's own row, so that metering it needs no look-up.

use super::idle::Idle;
use crate::units::{Money, Price, SimTime};

/// What one thing has cost so far, and what it costs now. Exact: no amount is rounded.
///
/// Only a [`Bill`](super::Bill) changes its price, so that accounts and totals cannot part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Account {
    accrued: Money,
    price: Price,
    /// Until when `accrued` is reckoned.
    since: SimTime,
}

impl Account {
    /// What the thing costs now; nothing before it is paid for and after it has ended.
    pub fn price(&self) -> Price {
        self.price
    }

    /// What it has cost up to `instant`, which lies not before its last change of price.
    pub fn cost_at(&self, instant: SimTime) -> Money {
        self.accrued + self.price * instant.since(self.since)
    }

    /// It costs `price` from `now` on.
    pub(super) fn reprice(&mut self, price: Price, now: SimTime) {
        *self = Self { accrued: self.cost_at(now), price, since: now };
    }
}

/// What a node has cost, and what of that was paid for room that nobody requested.
#[derive(Clone, Copy, Debug)]
pub struct NodeAccount {
    pub(super) paid: Account,
    pub(super) idle: Idle,
    /// What the idle part costs now: worked out once for each change.
    pub(super) idle_rate: Price,
}

impl NodeAccount {
    /// What the node has cost up to `instant`, which lies not before its last change.
    pub fn cost_at(&self, instant: SimTime) -> Money {
        self.paid.cost_at(instant)
    }

    /// Σ cost × (1 − max(cpu, memory requested / allocatable)) up to `instant`, which lies not before the last change.
    pub fn idle_at(&self, instant: SimTime) -> Money {
        self.idle.cost_at(instant)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> SimTime {
        SimTime::from_secs(seconds)
    }

    #[test]
    fn an_account_costs_its_price_while_it_has_one() {
        let mut account = Account::default();
        assert_eq!(account.cost_at(at(10)), Money::ZERO, "nothing is paid for yet");
        account.reprice("0.36/h".parse().unwrap(), at(10));
        assert_eq!(account.cost_at(at(20)).to_micros(), 1_000);
        account.reprice(Price::ZERO, at(30));
        assert_eq!(account.cost_at(at(99)).to_micros(), 2_000, "it costs no more once it has ended");
        account.reprice("3.6/h".parse().unwrap(), at(100));
        assert_eq!(account.cost_at(at(101)).to_micros(), 3_000, "amounts of several prices add up");
    }
}
