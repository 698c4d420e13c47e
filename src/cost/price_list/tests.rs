use super::*;
use crate::capacity::acs::{AcsSpec, ComputeClass, ComputeQos};
use crate::capacity::{ContainerKind, ContainerResources, INSTANCE_TYPES, billed_spec};
use crate::units::{Money, Span};

const USD: &str = include_str!("../../../prices/cn-hangzhou-usd.yaml");
const CNY: &str = include_str!("../../../prices/cn-hangzhou-cny.yaml");

fn yaml(text: &str) -> serde_json::Value {
    overspill_manifest::read_data(&overspill_manifest::Source::new("prices.yaml", text)).unwrap().value
}

fn file(text: &str) -> PriceListFile {
    serde_json::from_value(yaml(text)).unwrap()
}

fn usd() -> PriceList {
    file(USD).resolve().unwrap()
}

fn cny() -> PriceList {
    file(CNY).resolve().unwrap()
}

fn spec(text: &str) -> EciSpec {
    text.parse().unwrap()
}

fn price(text: &str) -> Price {
    text.parse().unwrap()
}

/// `part / whole` in thousandths, rounded.
fn permille(part: Price, whole: Price) -> i128 {
    (part.0 * 1000 + whole.0 / 2) / whole.0
}

/// Source: "Billing of elastic container instances" (international), the unit prices and what follows from them.
/// rule: eci-price
#[test]
fn eci_in_usd_costs_what_the_quick_table_says() {
    for (text, per_second) in [
        ("0.25-0.5Gi", "0.000002405/s"),
        ("1-2Gi", "0.00000962/s"),
        ("2-4Gi", "0.00001924/s"),
        ("4-8Gi", "0.00003848/s"),
        ("8-16Gi", "0.00007696/s"),
    ] {
        assert_eq!(usd().eci(spec(text)), price(per_second), "{text}");
    }
    assert_eq!(usd().eci(spec("2-4Gi")), price("0.069264/h"));
    assert_eq!(usd().eci(spec("4-8Gi")), price("0.138528/h"));
}

/// Source: sample response of DescribeContainerGroupPrice (2 vCPU, 4 GiB: 0.00012252 CNY/s) and the list's unit prices.
#[test]
fn eci_in_cny_costs_what_the_price_query_answers() {
    assert_eq!(cny().eci(spec("2-4Gi")), price("0.00012252/s"));
    assert_eq!(cny().eci(spec("2-4Gi")), price("0.441072/h"));
    assert_eq!(cny().eci(spec("4-8Gi")), price("0.882144/h"));
    assert_eq!(cny().eci(spec("2-8Gi")), price("0.529344/h"));
    assert_eq!((cny().eci_vcpu.value, cny().eci_memory_gib.value), (price("0.1764/h"), price("0.022068/h")));
}

#[test]
fn every_specification_on_offer_has_an_exact_price() {
    for list in [usd(), cny()] {
        for offer in crate::capacity::offers(&list.region) {
            let (cpu, memory) = (i128::from(offer.spec.cpu.0), i128::from(offer.spec.memory.0));
            let exact = list.eci_vcpu.value.0 * cpu * (1 << 30) + list.eci_memory_gib.value.0 * memory * 1000;
            assert_eq!(list.eci(offer.spec).0 * 1000 * (1 << 30), exact, "{}", offer.spec);
        }
    }
}

#[test]
fn a_price_that_does_not_divide_is_rounded_once_half_up() {
    let mut list = usd();
    (list.eci_vcpu.value, list.eci_memory_gib.value) = (Price(1), Price(1));
    assert_eq!(list.eci(spec("0.25-0.5Gi")), Price(1), "0.25 + 0.5");
    list.eci_memory_gib.value = Price(0);
    assert_eq!(list.eci(spec("0.25-0.5Gi")), Price(0));
    assert_eq!(list.eci(spec("0.5-1Gi")), Price(1));
}

#[test]
fn ecs_in_usd_costs_what_the_table_says() {
    #[rustfmt::skip]
    let table = [
        ("c6", ["0.060/h", "0.120/h", "0.240/h", "0.480/h"]),
        ("c7", ["0.065/h", "0.130/h", "0.260/h", "0.520/h"]),
        ("g6", ["0.077/h", "0.154/h", "0.307/h", "0.614/h"]),
        ("g7", ["0.083/h", "0.166/h", "0.333/h", "0.666/h"]),
    ];
    for (family, prices) in table {
        for (size, expected) in ["large", "xlarge", "2xlarge", "4xlarge"].iter().zip(prices) {
            let name = format!("ecs.{family}.{size}");
            assert_eq!(usd().ecs(&name, Billing::Payg).unwrap(), price(expected), "{name}");
        }
    }
    let second = usd().ecs("ecs.c6.large", Billing::Payg).unwrap().per_second_f64();
    assert!((second - 1.667e-5).abs() < 1e-8, "{second}");
    let second = usd().ecs("ecs.c7.large", Billing::Payg).unwrap().per_second_f64();
    assert!((second - 1.806e-5).abs() < 1e-8, "{second}");
}

#[test]
fn ecs_in_cny_is_linear_in_size() {
    for (family, cents) in [("c6", 39), ("c7", 42), ("g6", 50), ("g7", 54)] {
        for (doublings, size) in ["large", "xlarge", "2xlarge", "4xlarge"].iter().enumerate() {
            let found = cny().ecs(&format!("ecs.{family}.{size}"), Billing::Payg).unwrap();
            assert_eq!(found.0, (cents << doublings) * 10_000_000, "{family} {size}");
        }
    }
}

/// What an ECI instance costs more than the equal ECS type, and how full a node must be to be cheaper than ECI.
#[test]
fn premium_and_break_even() {
    let (eci, ecs) = (usd().eci(spec("2-4Gi")), usd().ecs("ecs.c6.large", Billing::Payg).unwrap());
    assert_eq!(permille(eci, ecs), 1154);
    assert_eq!(permille(ecs, eci), 866, "a node less than about 87 % used loses to ECI");
    let subscription = usd().ecs("ecs.c6.large", Billing::Subscription).unwrap();
    assert_eq!(permille(subscription, eci), 520, "by subscription about 50 %");
    let (eci, ecs) = (cny().eci(spec("2-4Gi")), cny().ecs("ecs.c6.large", Billing::Payg).unwrap());
    assert_eq!(permille(eci, ecs), 1131);
}

/// rule: billing-factors
#[test]
fn subscription_and_spot_are_parts_of_the_price() {
    let list = usd();
    assert_eq!(list.ecs("ecs.c6.large", Billing::Subscription).unwrap(), price("0.036/h"));
    assert_eq!(list.ecs("ecs.c6.large", Billing::Spot).unwrap(), price("0.018/h"));
    assert_eq!(list.factor(Billing::Payg), Factor::WHOLE);
    assert_eq!(Factor(500_000).of(Price(3)), Price(2), "half up");
    assert_eq!(list.subscription.confidence, Confidence::Estimate);
}

#[test]
fn a_pod_is_priced_by_its_billed_specification() {
    let list = usd();
    let envoy = ContainerResources {
        cpu_limit: Some(crate::units::MilliCpu::from_cores(2)),
        memory_limit: Some(crate::units::Bytes::from_gib(1)),
        ..ContainerResources::none(ContainerKind::Main)
    };
    let by_sum = billed_spec(&[envoy], None, &list.region).unwrap();
    assert_eq!(list.billed(&by_sum[0]).unwrap(), price("0.058896/h"), "2 x 0.02772 + 0.003456");
    let by_type = billed_spec(&[envoy], Some("ecs.c6.xlarge"), &list.region).unwrap();
    assert_eq!(list.billed(&by_type[0]).unwrap(), price("0.12/h"));
    let hour: Money = list.eci(spec("2-4Gi")) * Span::from_secs(3600);
    assert_eq!(hour.to_micros(), 69_264);
}

#[test]
fn the_shipped_lists_price_every_instance_type_and_say_where_from() {
    for list in [usd(), cny()] {
        assert_eq!(list.ecs.len(), INSTANCE_TYPES.len());
        for known in INSTANCE_TYPES {
            assert!(list.ecs(known.name, Billing::Payg).is_ok(), "{} {}", list.name, known.name);
        }
    }
    let documented = |list: PriceList| {
        list.ecs
            .into_iter()
            .filter(|(_, quote)| quote.confidence == Confidence::Documented)
            .map(|(name, _)| name)
    };
    assert_eq!(documented(usd()).collect::<Vec<_>>(), ["ecs.c6.large"]);
    assert_eq!(documented(cny()).count(), 0);
}

#[test]
fn an_unknown_instance_type_is_answered_with_the_nearest() {
    let error = usd().ecs("ecs.c6.8xlarge", Billing::Spot).unwrap_err();
    assert_eq!(
        error.to_string(),
        "price list cn-hangzhou-usd has no price for \"ecs.c6.8xlarge\": add it to spec.ecs of the list; did you mean \
         `ecs.c6.2xlarge` or `ecs.c6.4xlarge` or `ecs.c6.xlarge`?"
    );
}

#[test]
fn everything_wrong_is_reported_at_once() {
    let text = USD
        .replace("kind: PriceList", "kind: Prices")
        .replace("currency: USD", "currency: ''")
        .replace("0.120/h", "0.120/d")
        .replace("0.240/h", "-0.240/h")
        .replacen("\"2025\"", "March 2025", 1)
        .replace("factor: 0.3", "factor: 3");
    let errors = file(&text).resolve().unwrap_err();
    let places: Vec<String> = errors.iter().map(|error| error.at().to_string()).collect();
    assert_eq!(
        places,
        [
            "kind",
            "metadata.currency",
            "spec.eci.vcpu.date",
            "spec.ecs.\"ecs.c6.2xlarge\".price",
            "spec.ecs.\"ecs.c6.xlarge\".price",
            "spec.factors.spot.factor",
        ]
    );
    for (place, text) in [(3, "-0.240/h"), (4, "0.120/d")] {
        assert_eq!(
            errors[place].to_string(),
            format!(
                "{text:?} is not a price: write a number that is not negative, like 0.26/h or 0.0000077/s"
            )
        );
    }
}

#[test]
fn dates_are_years_months_or_days() {
    let refused = |date: &str| {
        let text = USD.replacen("\"2025\"", &format!("{date:?}"), 1);
        file(&text).resolve().is_err()
    };
    for date in ["2025-03", "2025-03-31", "1999-12-01"] {
        assert!(!refused(date), "{date}");
    }
    for date in ["", "25", "2025-13", "2025-0", "2025-00", "2025-03-32", "2025-03-31-1", "2025-"] {
        assert!(refused(date), "{date}");
    }
}

#[test]
fn an_unknown_field_is_refused() {
    let value = yaml(&USD.replace("currency:", "curency:"));
    let error = serde_json::from_value::<PriceListFile>(value).unwrap_err().to_string();
    assert!(error.contains("unknown field `curency`"), "{error}");
}

fn economy(text: &str) -> Try {
    let spec = BilledSpec::Eci(spec(text));
    Try { spec, is_rounded_up: false, category: Some(Category::Economy), spot: false }
}

/// Source: ECI, "Specify a compute category to create a pod" (USD 0.015264 per vCPU-hour) and
/// help.aliyun.com/document_detail/324246.html (0.000027 CNY per vCPU-second); memory as ever.
/// rule: eci-economy-price
#[test]
fn economy_instances_pay_less_for_their_cores() {
    assert_eq!(usd().eci_economy_vcpu.unwrap().value, price("0.015264/h"));
    assert_eq!(cny().eci_economy_vcpu.unwrap().value, price("0.0972/h"));
    // 2 × 0.015264 + 4 × 0.003456, and 2 × 0.0972 + 4 × 0.022068.
    assert_eq!(usd().instance(&economy("2-4Gi")), Ok(price("0.044352/h")));
    assert_eq!(cny().instance(&economy("2-4Gi")), Ok(price("0.282672/h")));
    let general = Try { category: Some(Category::General), ..economy("2-4Gi") };
    assert_eq!(usd().instance(&general), Ok(price("0.069264/h")));
}

#[test]
fn a_list_without_the_economy_category_says_so() {
    let list = PriceList { eci_economy_vcpu: None, ..usd() };
    let error = list.instance(&economy("2-4Gi")).unwrap_err().to_string();
    assert!(error.contains("add spec.eci.economyVcpu"), "{error}");
}

/// rule: billing-factors
#[test]
fn a_spot_instance_costs_its_part_of_the_price() {
    let spot = Try { category: None, spot: true, ..economy("2-4Gi") };
    assert_eq!(usd().instance(&spot), Ok(price("0.0207792/h")), "0.3 × 0.069264");
    let of_a_type = Try { spec: billed_spec(&[], Some("ecs.c6.large"), "cn-hangzhou").unwrap()[0], ..spot };
    assert_eq!(usd().instance(&of_a_type), Ok(price("0.018/h")), "0.3 × 0.060");
}

/// rule: eci-extra-storage-price
#[test]
fn extra_storage_costs_by_the_gib_where_the_list_has_a_price() {
    let mut list = usd();
    assert_eq!(list.extra_storage(Bytes::from_gib(50)), Price::ZERO);
    list.eci_extra_storage_gib.as_mut().unwrap().value = price("0.0002/h");
    assert_eq!(list.extra_storage(Bytes::from_gib(50)), price("0.01/h"));
    list.eci_extra_storage_gib = None;
    assert_eq!(list.extra_storage(Bytes::from_gib(50)), Price::ZERO);
}

/// rule: billing-factors
#[test]
fn a_savings_plan_costs_its_part_of_the_price() {
    let plan = |list: &PriceList| list.ecs("ecs.c6.large", Billing::SavingsPlan).unwrap();
    assert_eq!(plan(&usd()), price("0.036/h"), "0.6 where the list says nothing");
    assert_eq!(usd().savings_plan.confidence, Confidence::Estimate);
    let mut own = file(USD);
    own.spec.factors.savings_plan =
        Some(FactorEntry { factor: 0.5, ..own.spec.factors.subscription.clone() });
    assert_eq!(plan(&own.resolve().unwrap()), price("0.03/h"));
}

/// rule: billing-factors
#[test]
fn no_spot_instance_costs_less_than_the_floor() {
    let resolve = |spot: f64, floor: Option<f64>| {
        let mut list = file(USD);
        list.spec.factors.spot.factor = spot;
        list.spec.factors.spot_floor =
            floor.map(|factor| FactorEntry { factor, ..list.spec.factors.spot.clone() });
        list.resolve().map(|list| list.spot.value)
    };
    assert_eq!(resolve(0.1, None), Ok(Factor(100_000)));
    assert_eq!(resolve(0.05, Some(0.02)), Ok(Factor(50_000)));
    let refused = resolve(0.05, None).unwrap_err();
    assert_eq!(refused.len(), 1);
    assert_eq!(refused[0].at().to_string(), "spec.factors.spot.factor");
    assert_eq!(
        refused[0].to_string(),
        "spot instances cost at least 0.1 of the price, not 0.05: correct it, or state spotFloor"
    );
}

/// rule: cost-node-disk
#[test]
fn a_node_costs_its_system_disk_where_the_list_has_one() {
    let node = |list: PriceListFile| list.resolve().unwrap().node("ecs.c6.large", Factor(600_000)).unwrap();
    assert_eq!(node(file(USD)), price("0.036/h"), "by default there is none");
    let mut with_disk = file(USD);
    let entry = with_disk.spec.ecs["ecs.c6.large"].clone();
    with_disk.spec.system_disk = Some(PriceEntry { price: "0.008/h".to_owned(), ..entry });
    assert_eq!(node(with_disk), price("0.044/h"));
}

const CLASSES: [(ComputeClass, ComputeQos); 4] = [
    (ComputeClass::GeneralPurpose, ComputeQos::Default),
    (ComputeClass::GeneralPurpose, ComputeQos::BestEffort),
    (ComputeClass::Performance, ComputeQos::Default),
    (ComputeClass::Performance, ComputeQos::BestEffort),
];

/// Source: ACS, "Product billing rules", per second: vCPU and GiB, in the order of [`CLASSES`].
const ACS_MAINLAND: [[&str; 2]; 4] = [
    ["0.0000026/s", "0.00000128/s"],
    ["0.00000052/s", "0.00000025/s"],
    ["0.0000034/s", "0.00000167/s"],
    ["0.00000068/s", "0.000000334/s"],
];
const ACS_ELSEWHERE: [[&str; 2]; 4] = [
    ["0.00000381/s", "0.00000192/s"],
    ["0.00000076/s", "0.00000038/s"],
    ["0.00000496/s", "0.00000248/s"],
    ["0.000000992/s", "0.000000496/s"],
];

/// The USD list as that of another region.
fn usd_of(region: &str) -> PriceList {
    file(&USD.replace("region: cn-hangzhou}", &format!("region: {region}}}"))).resolve().unwrap()
}

fn acs(list: &PriceList, class: ComputeClass, qos: ComputeQos, size: &str) -> Price {
    list.acs(AcsSpec { class, qos, size: spec(size) }).unwrap()
}

/// rule: acs-price
#[test]
fn acs_costs_what_its_billing_rules_say_in_either_area() {
    for (regions, prices) in
        [(["cn-hangzhou", "cn-shenzhen"], ACS_MAINLAND), (["cn-hongkong", "ap-southeast-1"], ACS_ELSEWHERE)]
    {
        for list in regions.map(usd_of) {
            for ((class, qos), [vcpu, gib]) in CLASSES.into_iter().zip(prices) {
                let rates = list.acs.as_ref().unwrap().rates(class, qos);
                let found = (rates.vcpu.value, rates.memory_gib.value);
                assert_eq!(found, (price(vcpu), price(gib)), "{class} {qos} in {}", list.region);
                assert_eq!(rates.vcpu.confidence, Confidence::Documented);
                let whole = Price(2 * found.0.0 + 4 * found.1.0);
                assert_eq!(acs(&list, class, qos, "2-4Gi"), whole);
            }
        }
    }
}

/// 2 × 0.0000026 + 4 × 0.00000128 a second: 54 % of ECI. Best effort is a fifth for vCPUs and, as it is printed, a little
/// less for memory.
/// rule: acs-price
#[test]
fn acs_is_about_half_of_eci_and_best_effort_a_fifth_of_that() {
    let list = usd();
    let of = |qos| acs(&list, ComputeClass::GeneralPurpose, qos, "2-4Gi");
    assert_eq!(of(ComputeQos::Default), price("0.037152/h"));
    assert_eq!(permille(of(ComputeQos::Default), list.eci(spec("2-4Gi"))), 536);
    assert_eq!(permille(of(ComputeQos::BestEffort), of(ComputeQos::Default)), 198);
    for area in [ACS_MAINLAND, ACS_ELSEWHERE] {
        for [default, best_effort] in [[area[0], area[1]], [area[2], area[3]]] {
            for resource in 0..2 {
                let part = permille(price(best_effort[resource]), price(default[resource]));
                assert!((195..=200).contains(&part), "{part}");
            }
        }
    }
}

#[test]
fn every_acs_specification_has_an_exact_price() {
    for region in ["cn-hangzhou", "ap-southeast-1"] {
        let list = usd_of(region);
        for (class, qos) in CLASSES {
            let rates = list.acs.as_ref().unwrap().rates(class, qos);
            for size in crate::capacity::acs::acs_sizes() {
                let cpu = rates.vcpu.value.0 * i128::from(size.cpu.0) * GIB;
                let memory = rates.memory_gib.value.0 * i128::from(size.memory.0) * 1000;
                let found = list.acs(AcsSpec { class, qos, size }).unwrap();
                assert_eq!(found.0 * 1000 * GIB, cpu + memory, "{size}");
            }
        }
    }
}

#[test]
fn a_list_without_acs_says_what_it_lacks() {
    let one = AcsSpec { class: ComputeClass::GeneralPurpose, qos: ComputeQos::Default, size: spec("2-4Gi") };
    assert_eq!(
        cny().acs(one).unwrap_err().to_string(),
        "price list cn-hangzhou-cny has no prices of ACS for its region: add spec.acs.mainland to it"
    );
    let mut text = yaml(USD);
    text["spec"]["acs"].as_object_mut().unwrap().remove("elsewhere");
    text["metadata"]["region"] = "us-west-1".into();
    let list = serde_json::from_value::<PriceListFile>(text).unwrap().resolve().unwrap();
    assert!(list.acs(one).unwrap_err().to_string().contains("add spec.acs.elsewhere"));
}

#[test]
fn what_is_wrong_with_acs_prices_is_told_at_its_place() {
    let text = USD.replacen("0.00000052/s", "cheap", 1).replacen("0.00000248/s", "dear", 1);
    let errors = file(&text).resolve().unwrap_err();
    let places: Vec<_> = errors.iter().map(|error| error.at().to_string()).collect();
    assert_eq!(
        places,
        [
            "spec.acs.mainland.generalPurpose.bestEffort.vcpu.price",
            "spec.acs.elsewhere.performance.default.memoryGiB.price"
        ]
    );
}
