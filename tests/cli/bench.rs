//! `overspill bench`: what it writes, what it is compared with, and when it fails.

use serde_json::{Value, json};

use crate::session::{CHANCE, PRICES, Session};

/// A folder with two scenarios and a measurement of both.
fn measured() -> (Session, Value) {
    let session = Session::new()
        .with("scenario.yaml", CHANCE)
        .with("other.yaml", CHANCE.replace("name: chance", "name: other"))
        .with("prices.yaml", PRICES);
    let ran = session.run("bench scenario.yaml other.yaml --repeat 2 --out base.json");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let names: Vec<&str> = ran.stdout.lines().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(names[..3], ["scenario", "chance", "other"], "{}", ran.stdout);
    let base = serde_json::from_str(&session.read("base.json")).expect("it is JSON");
    (session, base)
}

/// Compares with a measurement that was changed.
fn compare(session: Session, base: &Value, args: &str) -> (i32, String) {
    let session = session.with("base.json", base.to_string());
    let ran = session.run(&format!("bench scenario.yaml other.yaml --repeat 1 --baseline base.json {args}"));
    (ran.code, [ran.stdout, ran.stderr].concat())
}

/// The times of a scenario, as if it had taken so many times as long.
fn slowed(base: &mut Value, place: usize, factor: f64) {
    for time in base["scenarios"][place]["cpuSeconds"].as_array_mut().expect("there are times") {
        *time = json!(time.as_f64().expect("it is a time") * factor);
    }
}

#[test]
fn times_and_what_was_done_are_written() {
    let (session, base) = measured();
    assert_eq!((&base["apiVersion"], &base["kind"]), (&"overspill/v1alpha1".into(), &"Benchmark".into()));
    assert_eq!(base["calibrationSeconds"].as_array().map(Vec::len), Some(2));
    session.run("run scenario.yaml --out results --quiet");
    let read = |name: &str| serde_json::from_str::<Value>(&session.read(name)).expect("it is JSON");
    let (summary, run) = (read("results/summary.json"), read("results/run.json"));
    let chance = &base["scenarios"][0];
    assert_eq!(chance["name"], "chance");
    assert_eq!(chance["work"]["traceHash"], run["traceHash"]);
    assert_eq!(chance["work"]["pods"], summary["pods"]["created"]);
    assert_eq!(chance["work"]["attempts"], summary["scheduler"]["attempts"]);
    assert_eq!(chance["work"]["decisions"], summary["scheduler"]["decisions"]);
    for times in ["cpuSeconds", "wallSeconds"] {
        let times = chance[times].as_array().expect("it is a list");
        assert!(times.len() == 2 && times.iter().all(|time| time.as_f64().is_some_and(|time| time > 0.0)));
    }
}

#[test]
fn what_takes_longer_than_allowed_fails() {
    let (session, base) = measured();
    let (code, told) = compare(session, &base, "--fail-above 1000");
    assert_eq!(code, 0, "{told}");
    assert!(told.contains("✓ nothing takes more than 1000.00 times as long"), "{told}");

    let (session, mut base) = measured();
    slowed(&mut base, 1, 0.001);
    let (code, told) = compare(session, &base, "--fail-above 20");
    assert_eq!(code, 1, "{told}");
    let complaints: Vec<&str> = told.lines().filter(|line| line.starts_with('✗')).collect();
    assert!(complaints.len() == 1 && complaints[0].starts_with("✗ other takes "), "{told}");
}

/// A machine that took a thousandth of the time for everything was a faster one.
#[test]
fn a_slower_machine_does_not_fail() {
    let (session, mut base) = measured();
    for place in [0, 1] {
        slowed(&mut base, place, 0.001);
    }
    for time in base["calibrationSeconds"].as_array_mut().expect("there are times") {
        *time = json!(time.as_f64().expect("it is a time") * 0.001);
    }
    base["machine"]["processor"] = json!("a faster one");
    let (code, told) = compare(session, &base, "--fail-above 20");
    assert_eq!(code, 0, "{told}");
    assert!(told.contains(", on another machine; changes are in proportion to it"), "{told}");
}

/// Repetitions that scatter as much allow as much more.
#[test]
fn noise_is_allowed_for() {
    let (session, mut base) = measured();
    slowed(&mut base, 0, 0.001);
    let least = base["scenarios"][0]["cpuSeconds"][0].as_f64().expect("it is a time");
    base["scenarios"][0]["cpuSeconds"] = json!([least, least * 1e6, least * 1e6]);
    let (code, told) = compare(session, &base, "--fail-above 20");
    assert_eq!(code, 0, "{told}");
}

#[test]
fn other_work_is_told_apart_from_time() {
    let (session, mut base) = measured();
    let events = base["scenarios"][0]["work"]["events"].as_u64().expect("they are counted");
    base["scenarios"][0]["work"]["events"] = json!(events + 1);
    base["scenarios"][1]["work"]["traceHash"] = json!("0000000000000000");
    base["scenarios"][0]["name"] = json!("chance");
    let (code, told) = compare(session, &base, "--fail-above 1000");
    assert_eq!(code, 0, "{told}");
    let chance =
        format!("chance does other work than in the baseline: events {}, now {events}\n", events + 1);
    assert!(told.contains(&chance), "{told}");
    assert!(told.contains("other does other work than in the baseline: events in another order\n"), "{told}");
}

#[test]
fn scenarios_of_one_name_go_by_their_paths_and_new_ones_have_no_baseline() {
    let (session, mut base) = measured();
    base["scenarios"].as_array_mut().expect("it is a list").truncate(1);
    let (code, told) = compare(session, &base, "--fail-above 1000");
    assert_eq!(code, 0, "{told}");
    let other = told.lines().find(|line| line.starts_with("other ")).expect("it is there");
    assert!(other.split_whitespace().nth(1) == Some("none"), "{told}");

    let (session, _) = measured();
    let session = session.with("copy.yaml", CHANCE);
    let printed = session.run("bench scenario.yaml copy.yaml --repeat 1").stdout;
    assert!(printed.contains("\nscenario.yaml ") && printed.contains("\ncopy.yaml "), "{printed}");
}

#[test]
fn what_cannot_be_measured_or_compared_is_refused() {
    let (session, mut base) = measured();
    base["scenarios"][0]["cpuSeconds"] = json!([]);
    let session = session
        .with("times.json", base.to_string())
        .with("notes.json", "{\"kind\": \"Notes\"}")
        .with("third.yaml", CHANCE.replace("name: chance", "name: third"))
        .with("bad.yaml", CHANCE.replace("horizon", "horizno"));
    session.run("run scenario.yaml --out results --quiet");
    for (args, told) in [
        ("", "Usage"),
        ("-", "a scenario is read from a file"),
        ("scenario.yaml --repeat 0", "0 is not in 1..=1000"),
        ("scenario.yaml --baseline nothing.json", "nothing.json is no measurement of `overspill bench`"),
        ("scenario.yaml --baseline notes.json", "notes.json is no measurement of `overspill bench`"),
        ("scenario.yaml --baseline times.json", "a time in it is missing or is none"),
        ("third.yaml --baseline base.json", "base.json measures none of these scenarios"),
        ("scenario.yaml --fail-above 1.1", "--baseline"),
        ("scenario.yaml --baseline base.json --fail-above 0.9", "write a number from 1 on"),
        ("scenario.yaml --out results/speed.json", "it must not lie in the directory of the results"),
        ("bad.yaml --baseline nothing.json", "horizno"),
        ("bad.yaml --baseline nothing.json", "nothing.json is no measurement"),
    ] {
        let complaint = session.run(&format!("bench {args}")).refused();
        assert!(complaint.contains(told), "{args}: {complaint}");
    }
    assert!(!session.files("results").contains_key(std::path::Path::new("speed.json")));
}

#[test]
fn only_a_measurement_is_written_over() {
    let (session, _) = measured();
    let again = session.run("bench scenario.yaml --repeat 1 --out base.json --quiet");
    assert_eq!(again.code, 0, "{}", again.stderr);
    let refused = session.run("bench scenario.yaml --repeat 1 --out other.yaml").refused();
    assert!(
        refused.contains("other.yaml is no measurement of `overspill bench`, and is left alone"),
        "{refused}"
    );
    assert!(session.read("other.yaml").contains("name: other"));
}
