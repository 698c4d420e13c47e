//! What capacity costs: price lists, the account that lives in the row of each thing that is paid for, and the bill of a
//! run.

mod account;
mod apportion;
mod bill;
mod idle;
mod price_list;

pub use account::{Account, NodeAccount};
pub use apportion::{Apportion, Micros};
pub use bill::{Bill, CostSummary, Printed};
pub use price_list::{
    AcsAreaFile, AcsClassFile, AcsPrices, AcsPricesFile, AcsRates, AcsRatesFile, Billing, EciPricesFile,
    Factor, FactorEntry, FactorsFile, PRICE_LIST, PriceEntry, PriceList, PriceListError, PriceListFile,
    PriceListMetadata, PriceListSpec, Quote, UnknownInstancePrice, UnknownPrice,
};

use crate::rule::Rule;

/// What the figures of a bill rest on.
pub(crate) const RULES: &[&[Rule]] = &[bill::RULES, idle::RULES, price_list::RULES];
