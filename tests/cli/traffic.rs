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

/// The figures of traffic in the run in the folder `run`.
fn traffic(session: &Session, run: &str) -> serde_json::Value {
    let summary: serde_json::Value =
        serde_json::from_str(&session.read(&format!("{run}/summary.json"))).unwrap();
    summary["traffic"].clone()
}

/// A pod of the small cluster is limited to `limit` cores and serves 100 requests per second of 10 ms: it is one of
/// M/M/1's servers where the limit is one.
#[test]
fn requests_take_as_long_as_queueing_theory_says() {
    let with = |limit: &str, more: &str| {
        let rate = format!("{{constant: 50/s}}, cpuPerThousandRequests: 10, {more}");
        let session = scenario("10m", &rate).with("web.yaml", LIMITED.replace("LIMIT", limit));
        let ran = session.run("run scenario.yaml --out run");
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        (traffic(&session, "run"), ran.stdout, session.read("run/timeline.csv"))
    };
    let figure = |traffic: &serde_json::Value, name: &str| traffic["latencySeconds"][name].as_f64().unwrap();
    let (one, text, timeline) = with("1", "serviceTime: {base: 2ms}");
    // Half of the core is in use: the time is exponential with a mean of 20 ms, and 2 ms more.
    for (name, seconds) in [("mean", 0.022), ("p50", 0.015_863), ("p95", 0.061_915), ("p99", 0.094_103)] {
        let measured = figure(&one, name);
        assert!((measured / seconds - 1.0).abs() < 2e-3, "{name}: {measured} is not {seconds}");
    }
    assert!(text.contains("latency   mean 22 ms, p50 15.9 ms, p95 61.9 ms, p99 94.1 ms, max "), "{text}");
    assert!(timeline.lines().skip(10).all(|row| row.contains(",0.022,1,")), "{timeline}");
    let (two, ..) = with("2", "serviceTime: {base: 2ms}");
    assert!(figure(&two, "p99") < figure(&one, "p99") && figure(&two, "max") < figure(&one, "max"));
    let (steady, ..) = with("1", "serviceTime: {base: 2ms, cv: 0}");
    assert!(figure(&steady, "p99") < figure(&one, "p99"));
    let (full, ..) = with("400m", "serviceTime: {base: 2ms, queueTimeout: 1s}");
    assert!(figure(&full, "p50") > 1.0 && full["unserved"].as_f64().unwrap() > 0.0);
    let (unasked, _, timeline) = with("1", "warmUp: {for: 30s, cpuFactor: 2}");
    assert!(unasked.get("latencySeconds").is_none());
    assert!(timeline.lines().skip(2).all(|row| row.contains(",,1,")), "{timeline}");
}

const LIMITED: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: vk}\nspec:\n  \
                       selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n    \
                       spec: {containers: [{name: web, image: web, resources: {requests: {cpu: 100m}, limits: {cpu: LIMIT}}}]}\n";

/// A new pod takes twice the cpu for each request while it warms up: so it cannot serve all, and an autoscaler sees a
/// load that calls for more pods than warm ones need.
#[test]
fn new_pods_that_warm_up_serve_less_and_call_for_more() {
    const HPA: &str = "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web, namespace: vk}\n\
                       spec:\n  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}\n  maxReplicas: 10\n  \
                       metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, \
                       averageUtilization: 400}}}]\n";
    let run = |more: &str| {
        let rate = format!("{{step: {{at: 2m, from: 20/s, to: 90/s}}}}, cpuPerThousandRequests: 10{more}");
        let web = format!("{}---\n{HPA}", LIMITED.replace("LIMIT", "1"));
        let session = scenario("10m", &rate).with("web.yaml", web);
        let ran = session.run("run scenario.yaml --quiet --out run");
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let summary: serde_json::Value = serde_json::from_str(&session.read("run/summary.json")).unwrap();
        (summary["traffic"]["unserved"].as_f64().unwrap(), summary["pods"]["peak"].as_u64().unwrap())
    };
    let (warm, slow) = (run(""), run(", warmUp: {for: 3m, cpuFactor: 4}"));
    assert!(slow.0 > warm.0, "{slow:?} {warm:?}");
    assert!(slow.1 > warm.1, "{slow:?} {warm:?}");
}
