//! The prices of ACS instances: as written by area of the world, class and QoS, and as meant for one region.

use overspill_manifest::JsonPath;
use schemars::JsonSchema;
use serde::Deserialize;

use super::file::{PriceEntry, Reader};
use super::{PriceList, Quote, UnknownInstancePrice};
use crate::capacity::acs::{AcsSpec, ComputeClass, ComputeQos};
use crate::units::Price;

/// ACS instances, pay as you go. A list's own region decides which of the two areas holds.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct AcsPricesFile {
    /// Regions of the Chinese mainland: those called cn-…, except cn-hongkong. Default: no prices, and pods that ask for
    /// ACS there are refused.
    pub mainland: Option<AcsAreaFile>,
    /// Every other region. Default: no prices, and pods that ask for ACS there are refused.
    pub elsewhere: Option<AcsAreaFile>,
}

/// The prices of one area, by compute class.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct AcsAreaFile {
    /// general-purpose.
    pub general_purpose: AcsClassFile,
    /// performance.
    pub performance: AcsClassFile,
}

/// The prices of one compute class, by QoS.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct AcsClassFile {
    /// default.
    pub default: AcsRatesFile,
    /// best-effort.
    pub best_effort: AcsRatesFile,
}

/// What the price of an ACS instance is made of.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct AcsRatesFile {
    /// One vCPU.
    pub vcpu: PriceEntry,
    /// One GiB of memory.
    #[serde(rename = "memoryGiB")]
    pub memory_gib: PriceEntry,
}

/// What the price of an ACS instance is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcsRates {
    /// One vCPU.
    pub vcpu: Quote<Price>,
    /// One GiB of memory.
    pub memory_gib: Quote<Price>,
}

/// The prices of ACS instances in one region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcsPrices {
    general_purpose: [AcsRates; 2],
    performance: [AcsRates; 2],
}

impl AcsPrices {
    /// The prices of a class and QoS.
    pub fn rates(&self, class: ComputeClass, qos: ComputeQos) -> &AcsRates {
        let of_class = match class {
            ComputeClass::GeneralPurpose => &self.general_purpose,
            ComputeClass::Performance => &self.performance,
        };
        match qos {
            ComputeQos::Default => &of_class[0],
            ComputeQos::BestEffort => &of_class[1],
        }
    }
}

/// The field of the area that a region, or a zone of one, lies in.
fn area(place: &str) -> &'static str {
    if place.starts_with("cn-") && !place.starts_with("cn-hongkong") { "mainland" } else { "elsewhere" }
}

impl AcsPricesFile {
    /// The prices of `region`, if they are there. What is wrong with the other area is told too.
    pub(super) fn read(&self, reader: &mut Reader, at: &JsonPath, region: &str) -> Option<AcsPrices> {
        let [mainland, elsewhere] = [("mainland", &self.mainland), ("elsewhere", &self.elsewhere)]
            .map(|(field, given)| given.as_ref().map(|given| given.read(reader, &at.key(field))));
        if area(region) == "mainland" { mainland } else { elsewhere }
    }
}

impl AcsAreaFile {
    fn read(&self, reader: &mut Reader, at: &JsonPath) -> AcsPrices {
        AcsPrices {
            general_purpose: self.general_purpose.read(reader, &at.key("generalPurpose")),
            performance: self.performance.read(reader, &at.key("performance")),
        }
    }
}

impl AcsClassFile {
    fn read(&self, reader: &mut Reader, at: &JsonPath) -> [AcsRates; 2] {
        [("default", &self.default), ("bestEffort", &self.best_effort)].map(|(field, rates)| AcsRates {
            vcpu: reader.price(&at.key(field).key("vcpu"), &rates.vcpu),
            memory_gib: reader.price(&at.key(field).key("memoryGiB"), &rates.memory_gib),
        })
    }
}

impl PriceList {
    /// Whether ACS has other prices in `zone` than in the region of this list.
    pub fn is_elsewhere_to_acs(&self, zone: &str) -> bool {
        area(zone) != area(&self.region)
    }

    /// The price of an ACS instance, rounded to the nearest nano-currency per hour.
    pub fn acs(&self, spec: AcsSpec) -> Result<Price, UnknownInstancePrice> {
        let unknown = || UnknownInstancePrice::Acs { list: self.name.clone(), field: area(&self.region) };
        let rates = self.acs.as_ref().ok_or_else(unknown)?.rates(spec.class, spec.qos);
        Ok(super::sized(spec.size, rates.vcpu.value, rates.memory_gib.value))
    }
}
