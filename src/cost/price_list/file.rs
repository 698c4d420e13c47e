//! A price list as it is written: YAML or JSON, one entry per price, each with source, date and confidence.

use std::collections::BTreeMap;
use std::fmt;

use overspill_manifest::JsonPath;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::{Deserializer, Visitor};

use super::{AcsPricesFile, Factor, PriceList, Quote};
use crate::rule::Confidence;
use crate::units::Price;

const API_VERSION: &str = "overspill/v1alpha1";
/// The kind of a price list file.
pub const PRICE_LIST: &str = "PriceList";

/// A price list file.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct PriceListFile {
    /// `overspill/v1alpha1`.
    pub api_version: String,
    /// `PriceList`.
    pub kind: String,
    /// What the list is.
    pub metadata: PriceListMetadata,
    /// The prices.
    pub spec: PriceListSpec,
}

/// What a price list is.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct PriceListMetadata {
    /// Its name.
    pub name: String,
    /// The currency of every price in it: USD, CNY.
    pub currency: String,
    /// The region whose prices they are: cn-hangzhou.
    pub region: String,
}

/// The prices of a list.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct PriceListSpec {
    /// ECI instances, pay as you go.
    pub eci: EciPricesFile,
    /// ACS instances, pay as you go. Default: no prices, and pods that ask for ACS are refused.
    pub acs: Option<AcsPricesFile>,
    /// ECS instance types by name, pay as you go.
    pub ecs: BTreeMap<String, PriceEntry>,
    /// What other ways of paying cost, as a part of the pay-as-you-go price.
    pub factors: FactorsFile,
    /// The system disk of one ECS node, which is paid for beside the node. Default: none.
    pub system_disk: Option<PriceEntry>,
    /// What the cluster costs whatever runs in it, as ACK Pro does. Default: nothing.
    pub cluster_fee: Option<PriceEntry>,
}

/// The prices that an ECI instance's price is made of.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct EciPricesFile {
    /// One vCPU.
    pub vcpu: PriceEntry,
    /// One GiB of memory.
    #[serde(rename = "memoryGiB")]
    pub memory_gib: PriceEntry,
    /// One vCPU of the economy category. Default: no price, and pods that ask for that category are refused.
    pub economy_vcpu: Option<PriceEntry>,
    /// One GiB of ephemeral storage beyond what is free. Default: no price, and it counts as free.
    #[serde(rename = "extraStorageGiB")]
    pub extra_storage_gib: Option<PriceEntry>,
}

/// One price and what it rests on.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct PriceEntry {
    /// Per hour or per second: `0.06/h`, `0.0000077/s`.
    #[serde(deserialize_with = "price_text")]
    pub price: String,
    /// Where it was read, or how it was estimated.
    pub source: String,
    /// When it was read: `2025`, `2025-03` or `2025-03-31`.
    pub date: String,
    /// What it rests on.
    pub confidence: Confidence,
}

/// A price as it is written; a bare number lacks what it is per.
fn price_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    struct Text;
    impl Visitor<'_> for Text {
        type Value = String;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a price such as 0.06/h or 0.0000077/s")
        }

        fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<String, E> {
            Ok(text.to_owned())
        }
    }
    deserializer.deserialize_str(Text)
}

/// What other ways of paying cost.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct FactorsFile {
    /// Subscription.
    pub subscription: FactorEntry,
    /// Spot instances.
    pub spot: FactorEntry,
    /// A savings plan. Default: 0.6 (estimate).
    pub savings_plan: Option<FactorEntry>,
    /// The least that spot instances cost: `spot` is not below it. Default: 0.1 (observed).
    pub spot_floor: Option<FactorEntry>,
}

/// One part of the pay-as-you-go price and what it rests on.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct FactorEntry {
    /// Above 0 and up to 1, to the millionth: 0.6 for 60 per cent of the price.
    pub factor: f64,
    /// Where it was read, or how it was estimated.
    pub source: String,
    /// When it was read: `2025`, `2025-03` or `2025-03-31`.
    pub date: String,
    /// What it rests on.
    pub confidence: Confidence,
}

/// Something wrong in a price list file. `at` is the path of the value, such as `spec.ecs."ecs.c6.large".price`.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PriceListError {
    /// Not this kind of file.
    #[error("{found:?} is not supported: write {expected}")]
    Kind {
        /// The place.
        at: JsonPath,
        /// What is there.
        found: String,
        /// What should be there.
        expected: &'static str,
    },
    /// An empty text.
    #[error("must not be empty: say {what}")]
    Empty {
        /// The place.
        at: JsonPath,
        /// What is missing.
        what: &'static str,
    },
    /// Not a price.
    #[error("{problem}")]
    Price {
        /// The place.
        at: JsonPath,
        /// Why it is none.
        problem: String,
    },
    /// Not a date.
    #[error(
        "{text:?} is not a date: write a year, a month or a day like \"2025\", \"2025-03\" or \"2025-03-31\""
    )]
    Date {
        /// The place.
        at: JsonPath,
        /// What is there.
        text: String,
    },
    /// A spot price that no market has.
    #[error("spot instances cost at least {floor} of the price, not {found}: correct it, or state spotFloor")]
    BelowFloor {
        /// The place.
        at: JsonPath,
        /// What is there.
        found: f64,
        /// The least.
        floor: f64,
    },
    /// Not a part of a price.
    #[error("{found} is not a part of a price: write a number above 0 and up to 1")]
    Factor {
        /// The place.
        at: JsonPath,
        /// What is there.
        found: f64,
    },
}

impl PriceListError {
    /// The path of the value that is wrong.
    pub fn at(&self) -> &JsonPath {
        match self {
            Self::Kind { at, .. }
            | Self::Empty { at, .. }
            | Self::Price { at, .. }
            | Self::Date { at, .. }
            | Self::BelowFloor { at, .. }
            | Self::Factor { at, .. } => at,
        }
    }
}

impl PriceListFile {
    /// The price list that the file means, or everything that is wrong with it.
    pub fn resolve(&self) -> Result<PriceList, Vec<PriceListError>> {
        let mut reader = Reader::default();
        let (root, metadata) = (JsonPath::root(), JsonPath::root().key("metadata"));
        reader.expect(&root.key("apiVersion"), &self.api_version, API_VERSION);
        reader.expect(&root.key("kind"), &self.kind, PRICE_LIST);
        let PriceListSpec { eci, acs, ecs, factors, system_disk, cluster_fee } = &self.spec;
        let spec = root.key("spec");
        let (at_eci, at_ecs, at_factors) = (spec.key("eci"), spec.key("ecs"), spec.key("factors"));
        let mut text = |field, text: &str, what| reader.text(&metadata.key(field), text, what);
        let list = PriceList {
            name: text("name", &self.metadata.name, "what the list is called"),
            currency: text("currency", &self.metadata.currency, "USD or CNY, for example"),
            region: text("region", &self.metadata.region, "which region's prices these are"),
            eci_vcpu: reader.price(&at_eci.key("vcpu"), &eci.vcpu),
            eci_memory_gib: reader.price(&at_eci.key("memoryGiB"), &eci.memory_gib),
            eci_economy_vcpu: (eci.economy_vcpu.as_ref())
                .map(|entry| reader.price(&at_eci.key("economyVcpu"), entry)),
            eci_extra_storage_gib: (eci.extra_storage_gib.as_ref())
                .map(|entry| reader.price(&at_eci.key("extraStorageGiB"), entry)),
            acs: (acs.as_ref())
                .and_then(|acs| acs.read(&mut reader, &spec.key("acs"), &self.metadata.region)),
            ecs: (ecs.iter())
                .map(|(name, entry)| (name.clone(), reader.price(&at_ecs.key(name), entry)))
                .collect(),
            subscription: reader.factor(&at_factors.key("subscription"), &factors.subscription),
            spot: reader.spot(&at_factors, factors),
            savings_plan: (factors.savings_plan.as_ref())
                .map_or_else(default_savings_plan, |one| reader.factor(&at_factors.key("savingsPlan"), one)),
            system_disk: system_disk.as_ref().map(|one| reader.price(&spec.key("systemDisk"), one)),
            cluster_fee: cluster_fee.as_ref().map(|one| reader.price(&spec.key("clusterFee"), one)),
        };
        if reader.errors.is_empty() { Ok(list) } else { Err(reader.errors) }
    }
}

/// Reads values and remembers what is wrong, so that everything is reported at once; what stands in for a wrong value
/// is never seen.
#[derive(Default)]
pub(super) struct Reader {
    errors: Vec<PriceListError>,
}

impl Reader {
    fn expect(&mut self, at: &JsonPath, found: &str, expected: &'static str) {
        if found != expected {
            let (at, found) = (at.clone(), found.to_owned());
            self.errors.push(PriceListError::Kind { at, found, expected });
        }
    }

    fn text(&mut self, at: &JsonPath, text: &str, what: &'static str) -> String {
        if text.trim().is_empty() {
            self.errors.push(PriceListError::Empty { at: at.clone(), what });
        }
        text.to_owned()
    }

    pub(super) fn price(&mut self, at: &JsonPath, entry: &PriceEntry) -> Quote<Price> {
        let value = entry.price.parse().unwrap_or_else(|problem| {
            self.errors.push(PriceListError::Price { at: at.key("price"), problem });
            Price::ZERO
        });
        self.quote(at, value, &entry.source, &entry.date, entry.confidence)
    }

    fn factor(&mut self, at: &JsonPath, entry: &FactorEntry) -> Quote<Factor> {
        let factor = Factor::of_part(entry.factor).unwrap_or_else(|| {
            self.errors.push(PriceListError::Factor { at: at.key("factor"), found: entry.factor });
            Factor(0)
        });
        self.quote(at, factor, &entry.source, &entry.date, entry.confidence)
    }

    /// The factor of spot instances, which is not below its floor.
    fn spot(&mut self, at: &JsonPath, factors: &FactorsFile) -> Quote<Factor> {
        let floor = match &factors.spot_floor {
            Some(entry) => self.factor(&at.key("spotFloor"), entry).value,
            None => SPOT_FLOOR,
        };
        let spot = self.factor(&at.key("spot"), &factors.spot);
        if spot.value > Factor(0) && spot.value < floor {
            let (at, found) = (at.key("spot").key("factor"), factors.spot.factor);
            self.errors.push(PriceListError::BelowFloor { at, found, floor: f64::from(floor.0) / 1e6 });
        }
        spot
    }

    fn quote<T>(
        &mut self,
        at: &JsonPath,
        value: T,
        source: &str,
        date: &str,
        confidence: Confidence,
    ) -> Quote<T> {
        let source =
            self.text(&at.key("source"), source, "where the figure was read, or how it was estimated");
        if !is_date(date) {
            self.errors.push(PriceListError::Date { at: at.key("date"), text: date.to_owned() });
        }
        Quote { value, source, date: date.to_owned(), confidence }
    }
}

/// The least part of the price that a spot instance was seen to cost.
const SPOT_FLOOR: Factor = Factor(100_000);

/// That of a list which does not say what a savings plan costs.
fn default_savings_plan() -> Quote<Factor> {
    let source =
        "within the up to 50 per cent off of the older ECI billing page; no exact table is published";
    let (source, date) = (source.to_owned(), "2025".to_owned());
    Quote { value: Factor(600_000), source, date, confidence: Confidence::Estimate }
}

/// Whether `text` is a year, a month or a day in ISO 8601.
fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let number = |part: &str, digits: usize| {
        let well_formed = part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit());
        well_formed.then(|| part.parse::<u32>().ok()).flatten()
    };
    let within = |index: usize, most: u32| {
        parts.get(index).is_none_or(|part| number(part, 2).is_some_and(|value| (1..=most).contains(&value)))
    };
    parts.len() <= 3 && number(parts[0], 4).is_some() && within(1, 12) && within(2, 31)
}
