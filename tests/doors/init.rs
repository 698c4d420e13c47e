//! `overspill init`: what it writes runs at once, whatever the numbers.

use serde_json::Value;

use crate::session::Session;

/// Writes a scenario, holds it to be right, and runs it.
#[track_caller]
fn runs(args: &str) -> Session {
    let session = Session::new();
    session.run(&format!("init --out s {args}")).printed();
    let checked = session.run("validate --strict s/scenario.yaml").printed();
    assert!(checked.ends_with("no problems\n"), "{args}: {checked}");
    let ran = session.run("run s/scenario.yaml --out o --quiet");
    assert_eq!(ran.code, 0, "{args}: {}{}", ran.stdout, ran.stderr);
    session
}

/// What a run has measured, as it is printed.
fn figure(session: &Session, pointer: &str) -> Value {
    let summary: Value = serde_json::from_str(&session.read("o/summary.json")).expect("it is JSON");
    summary.pointer(pointer).expect("it is measured").clone()
}

fn is_positive(figure: &Value) -> bool {
    figure.as_f64().is_some_and(|figure| figure > 0.0)
}

#[test]
fn the_starter_runs_and_spills() {
    let session = runs("");
    assert!(is_positive(&figure(&session, "/overflow/pods")));
    let expectations = session.read("o/expectations.json");
    let expectations: Value = serde_json::from_str(&expectations).expect("it is JSON");
    let all = expectations.as_array().expect("it is a list");
    assert!(all.len() >= 3 && all.iter().all(|one| one["holds"] == true), "{all:?}");
}

#[test]
fn every_method_brings_pods_where_it_says() {
    let session = runs("--method eci-label");
    assert_eq!(figure(&session, "/overflow/share"), 1, "the label sends every pod to ECI");
    let session = runs("--method resource-policy");
    assert!(is_positive(&figure(&session, "/overflow/full")));
    assert_eq!(figure(&session, "/overflow/early"), 0, "ECS comes first, strictly");
    let session = runs("--method none");
    assert_eq!(figure(&session, "/overflow/pods"), 0);
    let session = runs("--no-virtual-node");
    assert_eq!(figure(&session, "/cost/virtual"), 0);
}

#[test]
fn numbers_arrive_where_they_belong() {
    let args = "--nodes 5 --instance-type ecs.g7.xlarge --zone z-a --virtual-zone z-b --replicas 7 --max-replicas 30 \
                --cpu 1 --memory 2Gi --rate 1000/s --peak 2000/s --spike 5m --cpu-per-thousand-requests 2";
    let session = runs(args);
    let (scenario, web) = (session.read("s/scenario.yaml"), session.read("s/manifests/web.yaml"));
    for expected in [
        "instanceType: ecs.g7.xlarge",
        "count: 5",
        "zones: [z-a]",
        "z-b:",
        "horizon: 1h5m",
        "hold: 5m, decay: 10m, base: 1000/s, peak: 2000/s",
        "cpuPerThousandRequests: 2",
    ] {
        assert!(scenario.contains(expected), "{expected}: {scenario}");
    }
    for expected in ["minReplicas: 7", "maxReplicas: 30", "requests: {cpu: \"1\", memory: 2Gi}"] {
        assert!(web.contains(expected), "{expected}: {web}");
    }
}

#[test]
fn the_same_numbers_write_the_same_files() {
    let session = Session::new();
    session.run("init --out a/x").printed();
    session.run("init --out b/x").printed();
    assert_eq!(session.files("a"), session.files("b"));
    insta::assert_snapshot!("starter", session.read("a/x/scenario.yaml"));
    insta::assert_snapshot!("starter_web", session.read("a/x/manifests/web.yaml"));
}

/// A newcomer is to know what each field is for.
#[test]
fn a_comment_stands_before_what_can_be_changed() {
    let session = Session::new();
    session.run("init --out x").printed();
    let scenario = session.read("x/scenario.yaml");
    let lines: Vec<&str> = scenario.lines().collect();
    for field in [
        "horizon:",
        "seed:",
        "manifests:",
        "priceList:",
        "pools:",
        "instanceType:",
        "zones:",
        "billing:",
        "virtualNodes:",
        "vswitchIps:",
        "quota:",
        "traffic:",
        "rate:",
        "cpuPerThousandRequests:",
        "expect:",
        "variants:",
    ] {
        let place = lines.iter().position(|line| line.trim_start().starts_with(field));
        let before = place.and_then(|place| place.checked_sub(1)).map(|place| lines[place]);
        assert!(before.is_some_and(|line| line.trim_start().starts_with('#')), "{field}");
    }
}

/// What the numbers may not keep is no expectation, but a comment.
#[test]
fn expectations_hold_whatever_the_numbers() {
    for args in
        ["--nodes 0", "--nodes 1 --instance-type ecs.c6.large", "--nodes 1 --no-virtual-node --rate 60000/s"]
    {
        let session = runs(args);
        assert!(session.read("s/scenario.yaml").contains("    # - "), "{args}");
    }
}

/// A folder may be called what no object may.
#[test]
fn folders_with_other_letters_make_scenarios_that_run() {
    let session = Session::new();
    for out in ["MyCluster", "My_Cluster2", "größe"] {
        session.run(&format!("init --out {out}")).printed();
        session.run(&format!("validate --strict {out}/scenario.yaml")).printed();
    }
}
