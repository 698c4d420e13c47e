//! What capacity costs: price lists, the meter that runs while something is paid for, and the bill of a run.

mod apportion;
mod bill;
mod idle;
mod meter;
mod price_list;

pub use apportion::{Micros, printed_rows};
pub use bill::{Bill, CostSummary, mean_rate};
pub use meter::Meter;
pub use price_list::{
    Billing, EciPricesFile, Factor, FactorEntry, FactorsFile, PriceEntry, PriceList, PriceListError,
    PriceListFile, PriceListMetadata, PriceListSpec, Quote, UnknownPrice,
};
