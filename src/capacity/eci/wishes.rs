//! What a pod's annotations ask of ECI. They are read when its instance is created, and mean nothing on ECS.
//!
//! Source: ECI, "ECI Pod Annotation", which lists names, values and defaults.

use super::tries::Category;
use crate::object::{Labels, ZoneStrategy};
use crate::units::{Bytes, Price, Quantity, Span};

/// Which compute categories are tried, in order.
pub const COMPUTE_CATEGORY: &str = "k8s.aliyun.com/eci-compute-category";
/// Whether and how a spot instance is bid for.
pub const SPOT_STRATEGY: &str = "k8s.aliyun.com/eci-spot-strategy";
/// The most that a spot instance may cost per hour.
pub const SPOT_PRICE_LIMIT: &str = "k8s.aliyun.com/eci-spot-price-limit";
/// Hours for which a spot instance is safe.
pub const SPOT_DURATION: &str = "k8s.aliyun.com/eci-spot-duration";
/// Whether a pay-as-you-go instance will do where there is no spot instance.
pub const SPOT_FALLBACK: &str = "k8s.aliyun.com/eci-spot-fallback";
/// What happens when there is no room.
pub const FAIL_STRATEGY: &str = "k8s.aliyun.com/eci-fail-strategy";
/// Minutes until a pod that does not start is terminated.
pub const MAX_PENDING: &str = "k8s.aliyun.com/eci-max-pending-minute";
/// The vSwitches, and so the zones, that are open to the pod.
pub const VSWITCH: &str = "k8s.aliyun.com/eci-vswitch";
/// Whether an image cache is looked for; the first has taken the second's place.
const AUTO_CACHE: [&str; 2] = ["k8s.aliyun.com/eci-auto-imc", "k8s.aliyun.com/eci-image-cache"];
/// An image cache by its name.
const NAMED_CACHE: [&str; 2] = ["k8s.aliyun.com/eci-imc-id", "k8s.aliyun.com/eci-image-snapshot-id"];
/// Disk beyond what is free.
pub const EXTRA_STORAGE: &str = "k8s.aliyun.com/eci-extra-ephemeral-storage";
/// Written back: the instance's name.
pub const INSTANCE_ID: &str = "k8s.aliyun.com/eci-instance-id";
/// Written back: what is billed.
pub const INSTANCE_SPEC: &str = "k8s.aliyun.com/eci-instance-spec";
/// Written back: where it runs.
pub const INSTANCE_ZONE: &str = "k8s.aliyun.com/eci-instance-zone";
/// Written back: its compute category, where one was asked for.
pub const INSTANCE_CATEGORY: &str = "k8s.aliyun.com/eci-instance-compute-category";

/// Every annotation of this page that is read or written.
pub const ANNOTATIONS: [&str; 18] = [
    COMPUTE_CATEGORY,
    SPOT_STRATEGY,
    SPOT_PRICE_LIMIT,
    SPOT_DURATION,
    SPOT_FALLBACK,
    FAIL_STRATEGY,
    MAX_PENDING,
    VSWITCH,
    ZoneStrategy::ANNOTATION,
    AUTO_CACHE[0],
    AUTO_CACHE[1],
    NAMED_CACHE[0],
    NAMED_CACHE[1],
    EXTRA_STORAGE,
    INSTANCE_ID,
    INSTANCE_SPEC,
    INSTANCE_ZONE,
    INSTANCE_CATEGORY,
];

/// As many vSwitches as a pod may name ("Configure multiple zones to create an Elastic Container Instance-based pod").
const MOST_VSWITCHES: usize = 10;

/// What happens when there is no room for an instance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FailStrategy {
    /// fail-back and fail-over, which are the same: the pod waits.
    #[default]
    Wait,
    /// fail-fast: the pod fails.
    Fast,
}

/// A bid for a spot instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpotWish {
    /// The most that it may cost per hour, in the price list's currency; `None` for the market's price.
    pub limit: Option<Price>,
    /// How long it is safe.
    pub protection: Span,
    /// Whether a pay-as-you-go instance will do.
    pub falls_back: bool,
}

/// What a pod's annotations ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wishes {
    /// Compute categories in order; none if the pod does not care.
    pub categories: Vec<Category>,
    /// A spot instance.
    pub spot: Option<SpotWish>,
    /// What happens when there is no room.
    pub fail: FailStrategy,
    /// How long the pod may take until its containers run.
    pub max_pending: Span,
    /// vSwitches by name, in order.
    pub vswitches: Vec<String>,
    /// In which order zones are tried, where the pod says so.
    pub strategy: Option<ZoneStrategy>,
    /// Whether its images come from a cache, where the pod says so.
    pub image_cache: Option<bool>,
    /// Disk beyond what is free.
    pub extra_storage: Bytes,
}

impl Default for Wishes {
    /// Those of a pod without annotations.
    fn default() -> Self {
        Self {
            categories: Vec::new(),
            spot: None,
            fail: FailStrategy::default(),
            max_pending: Span::from_secs(240 * 60),
            vswitches: Vec::new(),
            strategy: None,
            image_cache: None,
            extra_storage: Bytes::ZERO,
        }
    }
}

/// An annotation that ECI would refuse.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{annotation} is {value:?}: {mend}")]
pub struct WishError {
    /// Its name.
    pub annotation: &'static str,
    /// Its value.
    pub value: String,
    /// What would do.
    pub mend: &'static str,
}

impl Wishes {
    /// Reads a pod's annotations; everything that is wrong is told at once.
    pub fn read(annotations: &Labels) -> Result<Self, Vec<WishError>> {
        let mut reader = Reader { annotations, errors: Vec::new() };
        let wishes = reader.wishes();
        if reader.errors.is_empty() { Ok(wishes) } else { Err(reader.errors) }
    }
}

/// Wishes about spot instances that nobody reads, each with why.
pub fn idle_spot_wishes(annotations: &Labels) -> Vec<(&'static str, &'static str)> {
    let all = [SPOT_PRICE_LIMIT, SPOT_DURATION, SPOT_FALLBACK];
    let (idle, why) = match annotations.get(SPOT_STRATEGY) {
        None => (&all[..], "without `k8s.aliyun.com/eci-spot-strategy`"),
        Some("NoSpot") => (&all[..], "with the strategy NoSpot"),
        Some("SpotAsPriceGo") => (&all[..1], "with the strategy SpotAsPriceGo"),
        Some(_) => return Vec::new(),
    };
    idle.iter().filter(|key| annotations.get(key).is_some()).map(|&key| (key, why)).collect()
}

struct Reader<'a> {
    annotations: &'a Labels,
    errors: Vec<WishError>,
}

impl Reader<'_> {
    fn wishes(&mut self) -> Wishes {
        let wishes = Wishes {
            categories: self.categories(),
            spot: self.spot(),
            fail: self
                .read(FAIL_STRATEGY, "write fail-back, fail-over or fail-fast", |text| match text {
                    "fail-back" | "fail-over" => Some(FailStrategy::Wait),
                    "fail-fast" => Some(FailStrategy::Fast),
                    _ => None,
                })
                .unwrap_or_default(),
            max_pending: self
                .read(MAX_PENDING, "write minutes as a whole number from 10 to 1440", |text| {
                    let minutes: u64 = text.parse().ok().filter(|minutes| (10..=1440).contains(minutes))?;
                    Some(Span::from_secs(minutes * 60))
                })
                .unwrap_or(Wishes::default().max_pending),
            vswitches: self.vswitches(),
            strategy: self.read(ZoneStrategy::ANNOTATION, ZoneStrategy::MEND, ZoneStrategy::from_value),
            image_cache: self.image_cache(),
            extra_storage: self.extra_storage(),
        };
        if wishes.spot.is_some() && !wishes.categories.is_empty() {
            self.refuse(COMPUTE_CATEGORY, "a spot instance has no compute category: name one or the other");
        }
        wishes
    }

    /// The annotation as `parse` reads it, or an error that says what would do.
    fn read<T>(
        &mut self,
        annotation: &'static str,
        mend: &'static str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let read = parse(self.annotations.get(annotation)?);
        if read.is_none() {
            self.refuse(annotation, mend);
        }
        read
    }

    fn refuse(&mut self, annotation: &'static str, mend: &'static str) {
        let value = self.annotations.get(annotation).unwrap_or_default().to_owned();
        self.errors.push(WishError { annotation, value, mend });
    }

    fn flag(&mut self, annotation: &'static str) -> Option<bool> {
        self.read(annotation, "write \"true\" or \"false\"", |text| text.parse().ok())
    }

    fn categories(&mut self) -> Vec<Category> {
        self.read(COMPUTE_CATEGORY, "write general, economy, or both with a comma between", |text| {
            let category = |name: &str| match name.trim() {
                "general" => Some(Category::General),
                "economy" => Some(Category::Economy),
                _ => None,
            };
            text.split(',').map(category).collect()
        })
        .unwrap_or_default()
    }

    fn spot(&mut self) -> Option<SpotWish> {
        let limit =
            self.read(SPOT_PRICE_LIMIT, "write a price per hour with at most three places", price_limit);
        let hours = self.read(SPOT_DURATION, "write 0 or 1, in hours", |text| match text {
            "0" => Some(0),
            "1" => Some(1),
            _ => None,
        });
        let falls_back = self.flag(SPOT_FALLBACK).unwrap_or(false);
        let protection = Span::from_secs(hours.unwrap_or(1) * 3600);
        let mend = "write SpotAsPriceGo, or SpotWithPriceLimit with k8s.aliyun.com/eci-spot-price-limit";
        self.read(SPOT_STRATEGY, mend, |strategy| match strategy {
            "SpotAsPriceGo" => Some(Some(SpotWish { limit: None, protection, falls_back })),
            "SpotWithPriceLimit" if limit.is_some() => Some(Some(SpotWish { limit, protection, falls_back })),
            "NoSpot" => Some(None),
            _ => None,
        })
        .flatten()
    }

    fn vswitches(&mut self) -> Vec<String> {
        self.read(VSWITCH, "name one to ten vSwitches with commas between", |text| {
            let names: Vec<_> = text.split(',').map(|name| name.trim().to_owned()).collect();
            (names.len() <= MOST_VSWITCHES && names.iter().all(|name| !name.is_empty())).then_some(names)
        })
        .unwrap_or_default()
    }

    fn image_cache(&mut self) -> Option<bool> {
        if NAMED_CACHE.iter().any(|name| self.annotations.get(name).is_some_and(|id| !id.is_empty())) {
            return Some(true);
        }
        let [newer, older] = AUTO_CACHE.map(|name| self.flag(name));
        newer.or(older)
    }

    fn extra_storage(&mut self) -> Bytes {
        self.read(EXTRA_STORAGE, "write a size such as 50Gi", |text| {
            let size: Quantity = text.parse().ok()?;
            (!size.is_negative()).then(|| Bytes(size.value()))
        })
        .unwrap_or_default()
    }
}

/// A price per hour, accurate to three places as ECI takes it.
fn price_limit(text: &str) -> Option<Price> {
    let places = text.split_once('.').map_or(0, |(_, places)| places.len());
    Price::per_hour(text).filter(|&price| price > Price::ZERO && places <= 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(annotations: &[(&str, &str)]) -> Result<Wishes, Vec<String>> {
        let read = Wishes::read(&annotations.iter().copied().collect());
        read.map_err(|errors| errors.into_iter().map(|error| error.to_string()).collect())
    }

    #[test]
    fn a_pod_without_annotations_waits_four_hours_for_any_instance() {
        assert_eq!(read(&[("app", "web")]), Ok(Wishes::default()));
        assert_eq!(Wishes::default().max_pending, Span::from_secs(4 * 3600));
    }

    #[test]
    fn annotations_are_read_as_documented() {
        let wishes = read(&[
            (SPOT_STRATEGY, "SpotWithPriceLimit"),
            (SPOT_PRICE_LIMIT, "0.125"),
            (SPOT_DURATION, "0"),
            (SPOT_FALLBACK, "true"),
            (FAIL_STRATEGY, "fail-fast"),
            (MAX_PENDING, "10"),
            (VSWITCH, "vsw-a, vsw-b"),
            (ZoneStrategy::ANNOTATION, "VSwitchOrdered"),
            ("k8s.aliyun.com/eci-auto-imc", "true"),
            (EXTRA_STORAGE, "50Gi"),
        ]);
        let limit = Price::per_hour("0.125");
        assert_eq!(
            wishes,
            Ok(Wishes {
                categories: Vec::new(),
                spot: Some(SpotWish { limit, protection: Span::ZERO, falls_back: true }),
                fail: FailStrategy::Fast,
                max_pending: Span::from_secs(600),
                vswitches: vec!["vsw-a".to_owned(), "vsw-b".to_owned()],
                strategy: Some(ZoneStrategy::Ordered),
                image_cache: Some(true),
                extra_storage: Bytes::from_gib(50),
            })
        );
    }

    #[test]
    fn spot_is_safe_for_an_hour_and_does_not_fall_back_unless_told_so() {
        let wishes = read(&[(SPOT_STRATEGY, "SpotAsPriceGo")]).unwrap();
        assert_eq!(
            wishes.spot,
            Some(SpotWish { limit: None, protection: Span::from_secs(3600), falls_back: false })
        );
        assert_eq!(read(&[(SPOT_STRATEGY, "NoSpot"), (SPOT_FALLBACK, "true")]).unwrap().spot, None);
    }

    #[test]
    fn wishes_about_spot_instances_need_a_strategy() {
        let idle = |annotations: &[(&str, &str)]| -> Vec<_> {
            idle_spot_wishes(&annotations.iter().copied().collect()).into_iter().map(|(key, _)| key).collect()
        };
        let (limit, fallback) = ((SPOT_PRICE_LIMIT, "0.01"), (SPOT_FALLBACK, "true"));
        assert_eq!(idle(&[limit, fallback]), [SPOT_PRICE_LIMIT, SPOT_FALLBACK]);
        assert_eq!(idle(&[limit, (SPOT_STRATEGY, "NoSpot")]), [SPOT_PRICE_LIMIT]);
        assert_eq!(idle(&[limit, fallback, (SPOT_STRATEGY, "SpotAsPriceGo")]), [SPOT_PRICE_LIMIT]);
        assert!(idle(&[limit, (SPOT_STRATEGY, "SpotWithPriceLimit")]).is_empty());
    }

    #[test]
    fn an_image_cache_by_name_or_by_either_switch() {
        let cache = |key, value| read(&[(key, value)]).unwrap().image_cache;
        assert_eq!(cache("k8s.aliyun.com/eci-image-cache", "true"), Some(true));
        assert_eq!(cache("k8s.aliyun.com/eci-auto-imc", "false"), Some(false));
        assert_eq!(cache("k8s.aliyun.com/eci-imc-id", "imc-1"), Some(true));
        assert_eq!(cache("k8s.aliyun.com/eci-image-snapshot-id", "imc-1"), Some(true));
    }

    #[test]
    fn everything_wrong_is_told_at_once() {
        let wrong = [
            (SPOT_STRATEGY, "SpotWithPriceLimit"),
            (SPOT_DURATION, "2"),
            (SPOT_PRICE_LIMIT, "0.0001"),
            (SPOT_FALLBACK, "yes"),
            (FAIL_STRATEGY, "fail"),
            (MAX_PENDING, "9"),
            (VSWITCH, "vsw-a,,vsw-b"),
            (ZoneStrategy::ANNOTATION, "Random"),
            (COMPUTE_CATEGORY, "cheap"),
            (EXTRA_STORAGE, "-1"),
        ];
        let errors = read(&wrong).unwrap_err();
        for (annotation, value) in wrong {
            let told =
                errors.iter().filter(|error| error.starts_with(&format!("{annotation} is {value:?}: ")));
            assert_eq!(told.count(), 1, "{annotation} in {errors:?}");
        }
        for (annotation, value) in [(MAX_PENDING, "1441"), (VSWITCH, "a,b,c,d,e,f,g,h,i,j,k")] {
            assert_eq!(read(&[(annotation, value)]).unwrap_err().len(), 1);
        }
        let both = read(&[(SPOT_STRATEGY, "SpotAsPriceGo"), (COMPUTE_CATEGORY, "economy")]).unwrap_err();
        assert!(both[0].contains("no compute category"), "{both:?}");
    }
}
