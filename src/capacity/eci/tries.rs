//! The instances that a pod may become, in the order in which they are tried.

use super::wishes::Wishes;
use crate::capacity::acs::ComputeQos;
use crate::capacity::billed_spec::{Wanted, wanted};
use crate::capacity::{BilledSpec, BilledSpecError, ContainerResources, EciSpec, Offer, offers};
use crate::units::MilliCpu;

/// What an instance is made for. Source of the bounds: ECI, "Specify a compute category to create a pod".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Category {
    /// The usual price; from 1 vCPU where it is asked for by name.
    General,
    /// Cheaper vCPUs; up to 8 of them.
    Economy,
}

impl Category {
    /// Its name in annotations.
    pub const fn name(self) -> &'static str {
        match self {
            Self::General => "general",
            Self::Economy => "economy",
        }
    }

    fn has(self, spec: EciSpec) -> bool {
        match self {
            Self::General => spec.cpu >= MilliCpu::from_cores(1),
            Self::Economy => spec.cpu <= MilliCpu::from_cores(8),
        }
    }
}

/// One instance that a pod may become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Try {
    /// Its billed specification.
    pub spec: BilledSpec,
    /// Whether that is more than was asked for.
    pub is_rounded_up: bool,
    /// Its category on ECI, where the pod asks for one.
    pub category: Option<Category>,
    /// Whether it is a spot instance of ECI.
    pub spot: bool,
}

impl Try {
    /// Whether the platform may take the instance back.
    pub fn may_be_reclaimed(&self) -> bool {
        self.spot || matches!(self.spec, BilledSpec::Acs(spec) if spec.qos == ComputeQos::BestEffort)
    }
}

/// Everything that a pod may become, in order: for each specification of `use_specs` (the value of
/// [`USE_SPECS_ANNOTATION`](crate::capacity::USE_SPECS_ANNOTATION)), or else for what its containers come to, one try
/// per category; of spot instances first, and then, if the pod falls back, of others.
pub fn tries(
    containers: &[ContainerResources],
    use_specs: Option<&str>,
    region: &str,
    wishes: &Wishes,
) -> Result<Vec<Try>, BilledSpecError> {
    let spot = wishes.spot.is_some();
    let mut found = Vec::new();
    for one in wanted(containers, use_specs)? {
        match one {
            Wanted::Ecs(instance_type) => {
                let spec = BilledSpec::Ecs(instance_type);
                found.push(Try { spec, is_rounded_up: false, category: None, spot });
            }
            Wanted::Eci(size) => found.extend(sized(size, region, wishes, spot)?),
        }
    }
    if wishes.spot.as_ref().is_some_and(|wish| wish.falls_back) {
        let others: Vec<_> = found.iter().map(|one| Try { spot: false, ..*one }).collect();
        found.extend(others);
    }
    Ok(found)
}

/// The tries of one size. With several categories it is rounded up to what any of them has, and those that lack that
/// are left out.
fn sized(size: EciSpec, region: &str, wishes: &Wishes, spot: bool) -> Result<Vec<Try>, BilledSpecError> {
    let categories = &wishes.categories;
    let is_open = |offer: &Offer| {
        (!spot || offer.allows_spot())
            && (categories.is_empty() || categories.iter().any(|category| category.has(offer.spec)))
    };
    let spec = EciSpec::round_up_among(offers(region).filter(is_open), size, region)?;
    let one = |category| Try { spec: BilledSpec::Eci(spec), is_rounded_up: spec != size, category, spot };
    if categories.is_empty() {
        return Ok(vec![one(None)]);
    }
    Ok(categories.iter().filter(|category| category.has(spec)).map(|&category| one(Some(category))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capacity::ContainerKind;
    use crate::capacity::eci::{COMPUTE_CATEGORY, SPOT_FALLBACK, SPOT_STRATEGY};
    use crate::object::Labels;
    use crate::units::Bytes;

    const HANGZHOU: &str = "cn-hangzhou";

    fn texts(found: &[Try]) -> Vec<String> {
        let text = |one: &Try| {
            let category = one.category.map_or(String::new(), |category| format!(" {}", category.name()));
            format!("{}{category}{}", one.spec, if one.spot { " spot" } else { "" })
        };
        found.iter().map(text).collect()
    }

    fn wishes(annotations: &[(&str, &str)]) -> Wishes {
        Wishes::read(&annotations.iter().copied().collect::<Labels>()).unwrap()
    }

    #[track_caller]
    fn check(use_specs: &str, annotations: &[(&str, &str)], expected: &[&str]) {
        let found = tries(&[], Some(use_specs), HANGZHOU, &wishes(annotations)).unwrap();
        assert_eq!(texts(&found), expected, "{use_specs} {annotations:?}");
    }

    #[test]
    fn without_wishes_there_is_one_try_for_each_specification() {
        check("2-4Gi,4-8Gi,ecs.c6.xlarge", &[], &["2-4Gi", "4-8Gi", "ecs.c6.xlarge"]);
        let containers = [ContainerResources {
            cpu_limit: Some(MilliCpu(4_250)),
            memory_limit: Some(Bytes::from_mib(8_704)),
            ..ContainerResources::none(ContainerKind::Main)
        }];
        let found = tries(&containers, None, HANGZHOU, &Wishes::default()).unwrap();
        assert_eq!((texts(&found), found[0].is_rounded_up), (vec!["6-10Gi".to_owned()], true));
    }

    /// Source: ECI, "Specify a compute category to create a pod", its example of an order.
    /// rule: eci-economy
    #[test]
    fn categories_come_inside_specifications_and_what_one_lacks_is_left_out() {
        check(
            "4-8Gi,8-16Gi,16-32Gi",
            &[(COMPUTE_CATEGORY, "general,economy")],
            &["4-8Gi general", "4-8Gi economy", "8-16Gi general", "8-16Gi economy", "16-32Gi general"],
        );
        check("0.5-1.9Gi", &[(COMPUTE_CATEGORY, "general,economy")], &["0.5-2Gi economy"]);
        check("0.5-1Gi", &[(COMPUTE_CATEGORY, "general")], &["1-2Gi general"]);
        check("0.5-1Gi", &[(COMPUTE_CATEGORY, "economy")], &["0.5-1Gi economy"]);
        check("ecs.c6.large", &[(COMPUTE_CATEGORY, "economy")], &["ecs.c6.large"]);
    }

    #[test]
    fn economy_ends_at_eight_cores() {
        let wishes = wishes(&[(COMPUTE_CATEGORY, "economy")]);
        let error = tries(&[], Some("16-32Gi"), HANGZHOU, &wishes).unwrap_err();
        assert!(error.to_string().contains("16 vCPU"), "{error}");
    }

    /// The extra sizes of some regions are not for spot instances: the next size is.
    /// rule: eci-spot
    #[test]
    fn spot_comes_first_and_has_the_sizes_of_every_region() {
        let as_price_goes = (SPOT_STRATEGY, "SpotAsPriceGo");
        check("2-6Gi", &[as_price_goes], &["2-8Gi spot"]);
        check(
            "ecs.c6.large,2-4Gi",
            &[as_price_goes, (SPOT_FALLBACK, "true")],
            &["ecs.c6.large spot", "2-4Gi spot", "ecs.c6.large", "2-4Gi"],
        );
    }
}
