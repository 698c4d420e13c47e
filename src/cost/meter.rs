//! Metering: what each thing that is paid for has cost so far, and all of them together.

use std::hash::Hash;

use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;

use crate::units::{Money, Price, SimTime};

/// Meters things by key, each at a price of its own from the instant it starts to the instant it stops. Exact: no
/// amount is rounded.
///
/// The total is kept apart from the accounts, as the integral of the rate, so that it is at hand at any instant; the
/// two agree at every instant (a property test holds them together).
#[derive(Clone, Debug)]
pub struct Meter<K> {
    accounts: IndexMap<K, Account, FxBuildHasher>,
    rate: Price,
    accrued: Money,
    as_of: SimTime,
}

#[derive(Clone, Copy, Debug, Default)]
struct Account {
    accrued: Money,
    running: Option<(Price, SimTime)>,
}

impl Account {
    fn cost_at(self, instant: SimTime) -> Money {
        let open = self.running.map(|(price, since)| price * instant.since(since));
        self.accrued + open.unwrap_or_default()
    }
}

impl<K> Default for Meter<K> {
    fn default() -> Self {
        let (accounts, rate) = (IndexMap::default(), Price::ZERO);
        Self { accounts, rate, accrued: Money::ZERO, as_of: SimTime::ZERO }
    }
}

impl<K: Copy + Eq + Hash> Meter<K> {
    /// Starts to meter `key` at `price`. A key that has stopped may start again; its amounts add up.
    ///
    /// # Panics
    /// If `key` is being metered already, or `now` lies before an earlier change.
    pub fn start(&mut self, key: K, price: Price, now: SimTime) {
        self.advance(now);
        let account = self.accounts.entry(key).or_default();
        assert!(account.running.is_none(), "what is being metered is not started again");
        account.running = Some((price, now));
        self.rate += price;
    }

    /// Stops metering `key`; returns whether it was being metered.
    ///
    /// # Panics
    /// If `now` lies before an earlier change.
    pub fn stop(&mut self, key: K, now: SimTime) -> bool {
        self.advance(now);
        let Some(account) = self.accounts.get_mut(&key) else { return false };
        let Some((price, since)) = account.running.take() else { return false };
        account.accrued += price * now.since(since);
        self.rate = self.rate - price;
        true
    }

    /// The sum of the prices of everything that is being metered now.
    pub fn rate(&self) -> Price {
        self.rate
    }

    /// What everything together has cost up to `instant`, which lies not before the last change.
    ///
    /// # Panics
    /// If it does.
    pub fn total_at(&self, instant: SimTime) -> Money {
        assert!(
            instant >= self.as_of,
            "a meter knows no total of {instant}: it has moved on to {}",
            self.as_of
        );
        self.accrued + self.rate * instant.since(self.as_of)
    }

    /// What `key` has cost up to `instant`, which lies not before its last change; nothing if it was never metered.
    pub fn cost_at(&self, key: K, instant: SimTime) -> Money {
        self.accounts.get(&key).map_or(Money::ZERO, |account| account.cost_at(instant))
    }

    /// Every key that was ever metered with its cost up to `instant`, in the order of their first start.
    pub fn costs_at(&self, instant: SimTime) -> impl Iterator<Item = (K, Money)> {
        self.accounts.iter().map(move |(key, account)| (*key, account.cost_at(instant)))
    }

    fn advance(&mut self, now: SimTime) {
        self.accrued = self.total_at(now);
        self.as_of = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> SimTime {
        SimTime::from_secs(seconds)
    }

    fn price(text: &str) -> Price {
        text.parse().unwrap()
    }

    #[test]
    fn what_runs_costs_its_price_from_start_to_stop() {
        let mut meter = Meter::default();
        meter.start("a", price("0.36/h"), at(10));
        meter.start("b", price("0.72/h"), at(20));
        assert_eq!(meter.rate(), price("1.08/h"));
        assert_eq!(meter.total_at(at(20)).to_micros(), 1_000, "10 s of a");
        assert_eq!(meter.total_at(at(30)).to_micros(), 4_000, "10 s more of a, 10 s of b");
        assert!(meter.stop("a", at(30)));
        assert_eq!(meter.rate(), price("0.72/h"));
        assert_eq!(meter.cost_at("a", at(99)).to_micros(), 2_000, "it costs no more once it has stopped");
        assert_eq!(meter.cost_at("b", at(40)).to_micros(), 4_000);
        assert_eq!(meter.cost_at("c", at(40)), Money::ZERO);
    }

    #[test]
    fn a_key_that_starts_again_goes_on_with_its_amount() {
        let mut meter = Meter::default();
        meter.start(7, price("0.36/h"), at(0));
        assert!(meter.stop(7, at(10)));
        assert!(!meter.stop(7, at(20)), "it does not run");
        assert!(!meter.stop(8, at(20)), "it never ran");
        meter.start(7, price("3.6/h"), at(20));
        assert_eq!(meter.cost_at(7, at(21)).to_micros(), 2_000);
        assert_eq!(meter.costs_at(at(21)).collect::<Vec<_>>(), [(7, meter.total_at(at(21)))]);
    }

    #[test]
    fn costs_come_in_the_order_of_the_first_start() {
        let mut meter = Meter::default();
        for key in [9, 3, 5] {
            meter.start(key, Price(1), at(0));
        }
        meter.stop(3, at(1));
        meter.start(3, Price(1), at(2));
        assert_eq!(meter.costs_at(at(3)).map(|(key, _)| key).collect::<Vec<_>>(), [9, 3, 5]);
    }

    #[test]
    #[should_panic(expected = "not started again")]
    fn a_second_start_is_a_broken_invariant() {
        let mut meter = Meter::default();
        meter.start(1, Price(1), at(0));
        meter.start(1, Price(1), at(1));
    }

    #[test]
    #[should_panic(expected = "it has moved on to 5s")]
    fn the_past_cannot_be_asked_for() {
        let mut meter = Meter::default();
        meter.start(1, Price(1), at(5));
        meter.total_at(at(4));
    }
}
