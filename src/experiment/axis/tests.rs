use super::*;
use serde_json::json;

fn read(values: &str) -> Result<Value, String> {
    let text = format!("pools.a.count={values}");
    Axis::parse(&text).map(|axis| Value::Array(axis.values().to_vec())).map_err(|error| {
        let blamed = &error.text[error.place.clone()];
        format!("{blamed:?}: {error}")
    })
}

#[track_caller]
fn check(values: &str, expected: Value) {
    assert_eq!(read(values), Ok(expected), "{values}");
}

#[track_caller]
fn refused(values: &str, expected: &str) {
    assert_eq!(read(values), Err(expected.to_owned()), "{values}");
}

#[test]
fn lists_hold_values_of_any_type() {
    check("2,4,8", json!([2, 4, 8]));
    check("500m, 2 ,1Gi", json!(["500m", 2, "1Gi"]));
    check("true,null,0.5,\"a,b\"", json!([true, null, 0.5, "a,b"]));
    check("[1,2],{\"a\":[3,4]}", json!([[1, 2], {"a": [3, 4]}]));
    check("spread.yaml,../other..yaml", json!(["spread.yaml", "../other..yaml"]));
    check("007", json!(["007"]));
    check("[\"a\\\"]\"]", json!([["a\"]"]]));
}

#[test]
fn ranges_hold_both_ends() {
    check("1..4", json!([1, 2, 3, 4]));
    check("7..7", json!([7]));
    check("1..10:4", json!([1, 5, 9]));
    check("-2..2:2", json!([-2, 0, 2]));
    check("0.1..0.5:0.1", json!([0.1, 0.2, 0.3, 0.4, 0.5]));
    check("0..1:0.25", json!([0, 0.25, 0.5, 0.75, 1]));
}

#[test]
fn ranges_have_the_units_of_a_scenario() {
    check("30s..32s", json!(["30s", "31s", "32s"]));
    check("30m..2h:30m", json!(["30m", "60m", "90m", "120m"]));
    check("250ms..1s:250ms", json!(["250ms", "500ms", "750ms", "1000ms"]));
    check("500m..2:500m", json!(["500m", "1000m", "1500m", "2000m"]));
    check("512Mi..2Gi:512Mi", json!(["512Mi", "1024Mi", "1536Mi", "2048Mi"]));
    check("60%..80%:10%", json!(["60%", "70%", "80%"]));
    check("60%..80%:10", json!(["60%", "70%", "80%"]));
    check("100/s..300/s:100/s", json!(["100/s", "200/s", "300/s"]));
    check("1.5Gi..2Gi:0.25Gi", json!(["1.5Gi", "1.75Gi", "2Gi"]));
}

#[test]
fn logarithmic_ranges_have_equal_factors() {
    check("1..1000:log4", json!([1, 10, 100, 1000]));
    check("1..100:log5", json!([1, 3, 10, 32, 100]));
    check("1..3:log9", json!([1, 2, 3]));
    check("1Gi..64Gi:log4", json!(["1Gi", "4Gi", "16Gi", "64Gi"]));
    check("0.01..10:log4", json!([0.01, 0.1, 1, 10]));
    check("0.5..5:log3", json!([0.5, 1.581, 5]));
    check("1s..1h:log3", json!(["1s", "60s", "3600s"]));
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    refused("1,,2", "\"\": a value is missing");
    refused("", "\"\": a value is missing");
    refused("1,2,1", "\"1\": `1` stands twice in it");
    refused("[1,2", "\"[1,2\": `[` is never closed");
    refused("1..x", "\"x\": `x` is not a number");
    refused("1..", "\"\": `` is not a number");
    refused("..5", "\"\": `` is not a number");
    refused("1..=5", "\"=\": both ends belong to the range already");
    refused("5..1", "\"5..1\": the range begins above its end");
    refused("1s..1Gi:1s", "\"1s..1Gi:1s\": `s` and `Gi` are not in units of one kind");
    refused("1/s..1/m:1/s", "\"1/s..1/m:1/s\": `/s` and `/m` are not in units of one kind");
    refused("1Ki..3k:1k", "\"1Ki..3k:1k\": `Ki` and `k` are not in units of one kind");
    refused("0.1..0.5", "\"0.1..0.5\": the range does not say in which steps");
    refused("512Mi..2Gi", "\"512Mi..2Gi\": the range does not say in which steps");
    refused("1..5:0", "\"0\": a step is above zero");
    refused("1..5:-1", "\"-1\": a step is above zero");
    refused("1h..2h:30", "\"30\": the step is longer than the range");
    refused("0..5:log3", "\"0..5:log3\": a logarithmic range lies above zero");
    refused("1..5:log1", "\"log1\": `log1` is not how many values a logarithmic range has");
    refused("1..5:log", "\"log\": `log` is not how many values a logarithmic range has");
    refused("1..1000000", "\"1..1000000\": these are more than 10000 values");
    refused("1e3..2e3", "\"1e3\": `1e3` is not a number");
    refused("1h30m..2h:1m", "\"1h30m\": `1h30m` is not a number");
    refused("1..9999999999999999", "\"9999999999999999\": `9999999999999999` is not a number");
}

#[test]
fn the_path_is_read_first() {
    let told = |text: &str| Axis::parse(text).map_err(|error| (error.column(), error.to_string()));
    assert_eq!(told("pools.a.count"), Err((1, "there is no `=` between the PATH and its values".to_owned())));
    let message = told("a..b=1").unwrap_err().1;
    assert!(message.starts_with("`a..b` is not a PATH"), "{message}");
    let quoted = told("pools.a.labels.\"x=y\"=1").unwrap();
    assert_eq!((quoted.path(), quoted.values()), ("pools.a.labels.\"x=y\"", &[json!(1)][..]));
    let manifest = told("manifests/Deployment/default/web:/spec/replicas=1..2").unwrap();
    assert_eq!(manifest.path(), "manifests/Deployment/default/web:/spec/replicas");
    assert_eq!(
        (manifest.text(), manifest.values().len()),
        ("manifests/Deployment/default/web:/spec/replicas=1..2", 2)
    );
    assert_eq!(told("variant=base,3"), Err((14, "`3` is not the name of a variant".to_owned())));
    assert_eq!(told("a=ü,1..").map(|axis| axis.values().to_vec()), Ok(vec![json!("ü"), json!("1..")]));
    assert_eq!(told("ü=1..x").unwrap_err().0, 6);
}

#[test]
fn every_mistake_of_values_has_help() {
    for values in [
        "",
        "1,1",
        "1..x",
        "1..=2",
        "2..1",
        "1s..1Gi:1",
        "0.1..1",
        "1..5:0",
        "0..1:log3",
        "1..5:log",
        "0..20000",
    ] {
        let error = Axis::parse(&format!("a={values}")).unwrap_err();
        assert!(error.problem.help().is_some(), "{values}");
    }
}

#[test]
fn only_numbers_that_grow_come_one_after_another() {
    let ascends = |text: &str| Axis::parse(text).unwrap().ascends();
    for text in ["pools.a.count=1..4", "pools.a.count=2,4,8", "horizon=30s..5m:30s"] {
        assert!(ascends(text), "{text}");
    }
    for text in ["variant=base,b", "pools.a.count=4,2,8", "pods=spread.yaml,../other..yaml", "horizon=1m,30s"]
    {
        assert!(!ascends(text), "{text}");
    }
}
