//! Price lists: every price with its source and date, as written in a file and as meant.

mod acs;
mod file;

use std::collections::BTreeMap;

pub use acs::{AcsAreaFile, AcsClassFile, AcsPrices, AcsPricesFile, AcsRates, AcsRatesFile};
pub use file::{
    EciPricesFile, FactorEntry, FactorsFile, PRICE_LIST, PriceEntry, PriceListError, PriceListFile,
    PriceListMetadata, PriceListSpec,
};

use overspill_manifest::did_you_mean;

use crate::capacity::eci::{Category, Try};
use crate::capacity::{BilledSpec, EciSpec};
use crate::rule::{Confidence, Rule};
use crate::units::{Bytes, Price};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "eci-price",
        statement: "An ECI instance costs its vCPUs and GiB at their prices; one that was asked for as an \
                    ECS type costs that type's pay-as-you-go price.",
        source: "ECI, \"Billing of elastic container instances\"",
        confidence: Confidence::Documented,
    },
    Rule {
        id: "eci-economy-price",
        statement: "An instance of the economy category pays less for its vCPUs and as much for its memory.",
        source: "ECI, \"Specify a compute category to create a pod\"",
        confidence: Confidence::Documented,
    },
    Rule {
        id: "eci-extra-storage-price",
        statement: "Ephemeral storage beyond what is free is paid for by the GiB for as long as the instance is.",
        source: "ECI, \"Increase the capacity of the temporary storage space\"; its price is not known here: the \
                 shipped lists have 0",
        confidence: Confidence::Documented,
    },
    Rule {
        id: "cost-node-disk",
        statement: "An ECS node costs its system disk too where the price list has one.",
        source: "ECS bills disks by themselves; 40 GiB of ESSD are about 0.006 to 0.012 USD an hour",
        confidence: Confidence::Estimate,
    },
    Rule {
        id: "cost-cluster-fee",
        statement: "A cluster costs its fee from the start of the run to its end where the price list has one.",
        source: "ACK, \"Billing of ACK managed clusters\": about 0.09 USD an hour for a Pro cluster",
        confidence: Confidence::Estimate,
    },
    Rule {
        id: "acs-price",
        statement: "An ACS instance costs its vCPUs and GiB at the prices of its compute class and QoS, which differ \
                    between the Chinese mainland and elsewhere; best effort is about a fifth of the default.",
        source: "ACS, \"Product billing rules\"; it has prices in USD only",
        confidence: Confidence::Documented,
    },
    Rule {
        id: "billing-factors",
        statement: "A subscription, a savings plan and a spot instance cost a part of the pay-as-you-go price, which the \
                    price list states.",
        source: "averages; real discounts depend on term, type and time",
        confidence: Confidence::Estimate,
    },
    Rule {
        id: "pool-contract",
        statement: "A pool may pay another part of the pay-as-you-go price than the price list has for its billing, whatever \
                    that list becomes during a run; a discount comes off all that its nodes cost, disks and prices of \
                    their own included.",
        source: "contracts; of the pay-as-you-go price a subscription costs about 0.6 by the month, 0.5 for a year and \
                 0.35 for three years",
        confidence: Confidence::Estimate,
    },
];

/// How an ECS pool is paid for.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Hash,
    serde::Deserialize,
    serde::Serialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Billing {
    /// Pay as you go, by the second.
    #[default]
    Payg,
    /// By the month, for less per hour.
    Subscription,
    /// Spare capacity that may be taken back.
    Spot,
    /// By the second, for less, against the promise to spend so much an hour.
    #[serde(rename = "savingsPlan")]
    SavingsPlan,
}

/// A figure and what it rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote<T> {
    /// The figure.
    pub value: T,
    /// Where it was read, or how it was estimated.
    pub source: String,
    /// When it was read: a year, a month or a day.
    pub date: String,
    /// What it rests on.
    pub confidence: Confidence,
}

/// What part of the pay-as-you-go price is paid, in millionths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Factor(pub u32);

impl Factor {
    /// The whole price.
    pub const WHOLE: Self = Self(1_000_000);

    /// A part of the whole, exact to a millionth; `None` if it is not above 0, or above 1.
    pub fn of_part(part: f64) -> Option<Self> {
        let millionths = libm::round(part * 1e6);
        (1.0..=1e6).contains(&millionths).then_some(Self(millionths as u32))
    }

    /// This part of `price`, rounded to the nearest nano-currency per hour, half up.
    pub const fn of(self, price: Price) -> Price {
        Price((price.0 * self.0 as i128 + 500_000).div_euclid(1_000_000))
    }
}

const GIB: i128 = 1 << 30;

/// The prices of one region in one currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceList {
    /// Its name.
    pub name: String,
    /// The currency of every price in it, such as USD.
    pub currency: String,
    /// The region whose prices they are, such as cn-hangzhou; the ECI specifications on offer are that region's.
    pub region: String,
    /// One ECI vCPU.
    pub eci_vcpu: Quote<Price>,
    /// One GiB of an ECI instance's memory.
    pub eci_memory_gib: Quote<Price>,
    /// One ECI vCPU of the economy category, if the list has it.
    pub eci_economy_vcpu: Option<Quote<Price>>,
    /// One GiB of an ECI instance's ephemeral storage beyond what is free, if the list has it.
    pub eci_extra_storage_gib: Option<Quote<Price>>,
    /// ACS instances in its region, if the list has them.
    pub acs: Option<AcsPrices>,
    /// ECS instance types by name, pay as you go.
    pub ecs: BTreeMap<String, Quote<Price>>,
    /// What part of the price a subscription costs.
    pub subscription: Quote<Factor>,
    /// What part of the price spot instances cost.
    pub spot: Quote<Factor>,
    /// What part of the price is paid under a savings plan.
    pub savings_plan: Quote<Factor>,
    /// The system disk of an ECS node, if the list has it.
    pub system_disk: Option<Quote<Price>>,
    /// What the cluster itself costs, if the list has it.
    pub cluster_fee: Option<Quote<Price>>,
}

/// An instance on a virtual node that the price list does not have the price of.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnknownInstancePrice {
    /// It was asked for as an ECS type.
    #[error(transparent)]
    InstanceType(#[from] UnknownPrice),
    /// It is of the economy category.
    #[error("price list {0} has no price for the economy category: add spec.eci.economyVcpu to it")]
    Economy(String),
    /// It is of ACS.
    #[error("price list {list} has no prices of ACS for its region: add spec.acs.{field} to it")]
    Acs {
        /// The price list's name.
        list: String,
        /// The field that is missing.
        field: &'static str,
    },
}

/// An ECS instance type that the price list does not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "price list {list} has no price for {instance_type:?}: add it to spec.ecs of the list{}",
    help.as_ref().map(|help| format!("; {help}")).unwrap_or_default()
)]
pub struct UnknownPrice {
    /// The name asked for.
    pub instance_type: String,
    /// The price list's name.
    pub list: String,
    /// What may have been meant.
    pub help: Option<String>,
}

impl PriceList {
    /// A list in which each of `instance_types` costs nothing: it stands in for one that cannot be read, so that nothing
    /// more is said of prices.
    pub fn free(instance_types: impl IntoIterator<Item = String>) -> Self {
        let confidence = Confidence::Estimate;
        let price = || Quote { value: Price::ZERO, source: String::new(), date: String::new(), confidence };
        let whole = || Quote { value: Factor::WHOLE, source: String::new(), date: String::new(), confidence };
        Self {
            name: String::new(),
            currency: String::new(),
            region: String::new(),
            eci_vcpu: price(),
            eci_memory_gib: price(),
            eci_economy_vcpu: None,
            eci_extra_storage_gib: None,
            acs: None,
            ecs: instance_types.into_iter().map(|name| (name, price())).collect(),
            subscription: whole(),
            spot: whole(),
            savings_plan: whole(),
            system_disk: None,
            cluster_fee: None,
        }
    }

    /// The price of an ECS instance of type `instance_type` under `billing`.
    pub fn ecs(&self, instance_type: &str, billing: Billing) -> Result<Price, UnknownPrice> {
        Ok(self.factor(billing).of(self.listed(instance_type)?))
    }

    /// The pay-as-you-go price of an ECS instance of type `instance_type`.
    fn listed(&self, instance_type: &str) -> Result<Price, UnknownPrice> {
        let quote = self.ecs.get(instance_type).ok_or_else(|| self.unknown(instance_type))?;
        Ok(quote.value)
    }

    /// The price of an ECS node of type `instance_type` of which this part is paid, with its system disk, which has no
    /// other price than that of pay as you go.
    pub fn node(&self, instance_type: &str, part: Factor) -> Result<Price, UnknownPrice> {
        let disk = self.system_disk.as_ref().map_or(Price::ZERO, |quote| quote.value);
        Ok(part.of(self.listed(instance_type)?) + disk)
    }

    /// The price of an ECI instance of size `spec`: vCPUs and GiB at their prices, rounded to the nearest nano-currency
    /// per hour. Exact for every specification on offer at the shipped lists' prices.
    pub fn eci(&self, spec: EciSpec) -> Price {
        self.eci_at(spec, self.eci_vcpu.value)
    }

    fn eci_at(&self, spec: EciSpec, vcpu: Price) -> Price {
        sized(spec, vcpu, self.eci_memory_gib.value)
    }

    /// The price of the instance that a pod on a virtual node became: by vCPU and memory, or by the ECS instance type
    /// that the pod asked for.
    pub fn billed(&self, spec: &BilledSpec) -> Result<Price, UnknownInstancePrice> {
        match spec {
            BilledSpec::Eci(spec) => Ok(self.eci(*spec)),
            BilledSpec::Ecs(instance_type) => Ok(self.listed(instance_type.name)?),
            BilledSpec::Acs(spec) => self.acs(*spec),
        }
    }

    /// The price of an instance of `one`'s specification, category and way of paying.
    pub fn instance(&self, one: &Try) -> Result<Price, UnknownInstancePrice> {
        let whole = match (one.spec, one.category, &self.eci_economy_vcpu) {
            (BilledSpec::Eci(spec), Some(Category::Economy), Some(quote)) => self.eci_at(spec, quote.value),
            (BilledSpec::Eci(_), Some(Category::Economy), None) => {
                return Err(UnknownInstancePrice::Economy(self.name.clone()));
            }
            _ => self.billed(&one.spec)?,
        };
        Ok(self.factor(if one.spot { Billing::Spot } else { Billing::Payg }).of(whole))
    }

    /// The price of so much ephemeral storage beyond what is free, rounded to the nearest nano-currency per hour.
    pub fn extra_storage(&self, size: Bytes) -> Price {
        let gib = self.eci_extra_storage_gib.as_ref().map_or(Price::ZERO, |quote| quote.value);
        Price((gib.0 * i128::from(size.0) + GIB / 2).div_euclid(GIB))
    }

    /// What part of the pay-as-you-go price is paid under `billing`.
    pub fn factor(&self, billing: Billing) -> Factor {
        match billing {
            Billing::Payg => Factor::WHOLE,
            Billing::Subscription => self.subscription.value,
            Billing::Spot => self.spot.value,
            Billing::SavingsPlan => self.savings_plan.value,
        }
    }

    fn unknown(&self, instance_type: &str) -> UnknownPrice {
        UnknownPrice {
            instance_type: instance_type.to_owned(),
            list: self.name.clone(),
            help: did_you_mean(instance_type, "instance types", self.ecs.keys().map(String::as_str)),
        }
    }
}

/// vCPUs and GiB at their prices, rounded to the nearest nano-currency per hour.
fn sized(size: EciSpec, vcpu: Price, memory_gib: Price) -> Price {
    const MILLI: i128 = 1000;
    let cpu = vcpu.0 * i128::from(size.cpu.0) * GIB;
    let memory = memory_gib.0 * i128::from(size.memory.0) * MILLI;
    Price((cpu + memory + MILLI * GIB / 2).div_euclid(MILLI * GIB))
}

#[cfg(test)]
mod tests;
