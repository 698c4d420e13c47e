//! Shapes of traffic in runs: published traces as they are, and what is left to chance.

use crate::session::Session;

const PRICES: &str = include_str!("../../prices/cn-hangzhou-usd.yaml");
const WEB: &str = include_str!("../view/later/web.yaml");
const WORLD_CUP: &[u8] = include_bytes!("../fixtures/traces/worldcup98.csv.gz");
const TWITTER: &[u8] = include_bytes!("../fixtures/traces/twitter_volume.csv");
const LOAD_BALANCER: &[u8] = include_bytes!("../fixtures/traces/elb_request_count.csv");

/// A small cluster that serves requests at this rate.
fn scenario(horizon: &str, rate: &str) -> Session {
    let text = format!(
        "apiVersion: overspill/v1alpha1\nkind: Scenario\nmetadata: {{name: small}}\nspec:\n  horizon: {horizon}\n  \
         priceList: prices.yaml\n  pools: {{node: {{instanceType: ecs.c7.xlarge, count: 1, billing: payg}}}}\n  \
         manifests: [web.yaml]\n  traffic:\n    users: {{to: Deployment/vk/web, rate: {rate}}}\n"
    );
    Session::new().with("scenario.yaml", text).with("prices.yaml", PRICES).with("web.yaml", WEB)
}

/// The requests of the run in the folder `run`.
fn requests(session: &Session, run: &str) -> f64 {
    let summary: serde_json::Value =
        serde_json::from_str(&session.read(&format!("{run}/summary.json"))).unwrap();
    summary["traffic"]["requests"].as_f64().unwrap()
}

#[track_caller]
fn check_total(file: &str, content: &[u8], columns: &str, horizon: &str, expected: f64) {
    let session = scenario(horizon, &format!("{{trace: {{file: {file}, {columns}}}}}")).with(file, content);
    let ran = session.run("run scenario.yaml --quiet --out run");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let requests = requests(&session, "run");
    assert!((requests - expected).abs() < 1e-3, "{file}: {requests} is not {expected}");
}

/// Each row's count arrives, and no more.
#[test]
fn published_traces_load_as_they_are() {
    let world_cup = |columns: &str, horizon, expected| {
        check_total("worldcup98.csv.gz", WORLD_CUP, columns, horizon, expected);
    };
    world_cup("time: period, count: count", "13m", 7440.0);
    world_cup("time: period, count: count, scale: 0.5", "20m", 3720.0);
    world_cup("time: period, count: count, repeat: true", "26m", 2.0 * 7440.0);
    world_cup("time: period, count: count, start: 10m", "12m", 1305.0 + 1144.0);
    let part = "time: period, count: count, from: '1998-05-18 11:00:00', to: 1998-05-18T11:02:00Z";
    world_cup(part, "13m", 986.0 + 841.0);
    check_total("twitter.csv", TWITTER, "time: timestamp, count: value", "1h", 1634.0);
    check_total("elb.csv", LOAD_BALANCER, "time: timestamp, count: value", "65m", 1023.0);
    // The same numbers as rates per minute, the first of them for ten minutes.
    check_total("elb.csv", LOAD_BALANCER, "time: timestamp, rate: value, per: m, to: 10m", "20m", 540.0);
}

#[test]
fn a_run_keeps_its_trace_as_it_was_and_can_be_repeated_from_it() {
    let rate = "{trace: {file: traces/worldcup98.csv.gz, time: period, count: count}}";
    let session = scenario("13m", rate).with("traces/worldcup98.csv.gz", WORLD_CUP);
    assert_eq!(session.run("run scenario.yaml --quiet --out run").code, 0);
    assert_eq!(session.read_bytes("run/inputs/traces/worldcup98.csv.gz"), WORLD_CUP);
    let elsewhere = session.with("traces/worldcup98.csv.gz", "nothing");
    let repeated = elsewhere.run("run run/inputs/scenario.yaml --quiet --out again");
    assert_eq!(repeated.code, 0, "{}", repeated.stderr);
    assert_eq!(elsewhere.read("again/run.json"), elsewhere.read("run/run.json"));
    assert!(elsewhere.run("get run pods -n vk").printed().contains("web-"));
}

/// Requests of three ways in which chance has a part.
const CHANCE: &str = "{sum: [{bursts: {arrivals: 12/h, lasts: 2m, height: 90/s}}, \
                      {noise: {of: {poisson: {of: {constant: 50/s}}}, deviation: 30%}}, \
                      {markovModulated: {states: {a: {rate: 1/s, lasts: 3m}, b: {rate: 70/s, lasts: 1m}}}}]}";

#[test]
fn what_is_left_to_chance_follows_from_the_seed() {
    let session = scenario("30m", CHANCE);
    for (seed, out) in [(1, "one"), (1, "same"), (2, "other")] {
        let ran = session.run(&format!("run scenario.yaml --quiet --seed {seed} --out {out}"));
        assert_eq!(ran.code, 0, "{}", ran.stderr);
    }
    assert_eq!(session.read("one/timeline.csv"), session.read("same/timeline.csv"));
    assert!((requests(&session, "one") - requests(&session, "other")).abs() > 1.0);
    assert_eq!(session.run("run scenario.yaml --quiet --seeds 1..3 --out many").code, 0);
    for (seed, out) in [(1, "one"), (2, "other")] {
        assert_eq!(
            session.read(&format!("many/seed-{seed}/timeline.csv")),
            session.read(&format!("{out}/timeline.csv"))
        );
    }
    assert!(session.run("get other pods -n vk").printed().contains("web-"), "the same traffic once more");
}
