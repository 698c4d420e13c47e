//! What is found is what running every point with every seed finds.

use std::path::Path;

use serde_json::Value;

use crate::session::{PRICES, Session};
use crate::{plan_json, slots, words};
use overspill::experiment::{Axis, Grid, Seeds, measure_into, replicate_each};
use overspill::metric::Summary;
use overspill::scenario::{ReadOptions, open};
use overspill::scheduler::Registry;

/// Runs every point of a grid with the seeds 1 to 30, and tells the place of the one with the smallest mean among those
/// whose every run meets what is demanded.
fn exhaustive(
    session: &Session,
    axes: &[&str],
    minimize: &str,
    meets: impl Fn(&Summary) -> bool,
) -> (Value, Vec<bool>) {
    let grid = Grid::new(axes.iter().map(|axis| Axis::parse(axis).unwrap()).collect()).unwrap();
    let file = session.path("scenario.yaml");
    let opened = |point: overspill::experiment::Point| {
        open(Path::new(&file), &point.options(&ReadOptions::default()), &Registry::ack()).unwrap().1.scenario
    };
    let scenarios: Vec<_> = grid.points().map(opened).collect();
    let runs = replicate_each(scenarios.len(), Seeds::DEFAULT, |case, seed| {
        Ok::<_, ()>(measure_into(&scenarios[case], seed, (), &mut |_| {}).0.observation.summary)
    })
    .unwrap();
    let met: Vec<bool> = runs.iter().map(|runs| runs.iter().all(&meets)).collect();
    let sum = |place: usize| runs[place].iter().map(|run| run.get(minimize).unwrap().number).sum::<f64>();
    let sound = (0..grid.len()).filter(|&place| met[place]);
    let best = sound.min_by(|&one, &other| sum(one).total_cmp(&sum(other))).expect("something meets it");
    (Value::Object(grid.point(best).settings().iter().cloned().collect()), met)
}

fn wait(run: &Summary) -> bool {
    run.get("pending.waitSeconds.p99").is_some_and(|wait| wait.number <= 30.0)
        && !run.is_censored("pending.waitSeconds.p99")
}

const WAIT: &str = "pending.waitSeconds.p99 <= 30s";

#[test]
fn on_a_monotone_curve_with_a_third_of_the_runs() {
    let session = slots();
    let axes = ["pools.single.count=1..18"];
    let (best, met) = exhaustive(&session, &axes, "cost.total", wait);
    assert!(met.is_sorted() && !met[0] && met[17], "more slots never make anybody wait longer here: {met:?}");
    let told = session.run_with(&words(&axes, "cost.total", &[WAIT])).stdout;
    let found = plan_json(&session);
    assert_eq!(found["answer"], best, "{told}");
    assert_eq!(found["constraintsAlong"], "rising");
    let (runs, all) = (found["runs"].as_u64().unwrap(), found["runsOfAll"].as_u64().unwrap());
    assert_eq!(all, 18 * 30);
    assert!(runs * 3 <= all, "{runs} of {all}");
    assert!(told.contains(&format!("{runs} runs of the {all} ")), "{told}");
}

/// Eight pods have room, and five are needed.
const REPLICAS: &str = "
apiVersion: overspill/v1alpha1
kind: Scenario
metadata: {name: replicas}
spec:
  horizon: 5m
  manifests: [web.yaml]
  priceList: prices.yaml
  pools:
    base: {count: 1, allocatable: {cpu: 8, memory: 32Gi, pods: '20'}, price: 0.4/h}
  traffic:
    users:
      to: Deployment/default/web
      rate: {noise: {of: {step: {at: 1m, from: 0/s, to: 4300/s}}, deviation: 4%, every: 30s}}
      cpuPerThousandRequests: 1
";
const WEB: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: web, resources: {requests: {cpu: '1', memory: 1Gi}, limits: {cpu: '1'}}}]
";

#[test]
fn where_too_little_and_too_much_both_break_constraints() {
    let session =
        Session::new().with("scenario.yaml", REPLICAS).with("prices.yaml", PRICES).with("web.yaml", WEB);
    let axes = ["manifests/Deployment/default/web:/spec/replicas=1..12"];
    let meets = |run: &Summary| {
        let number = |path| run.get(path).unwrap().number;
        number("pods.pendingAtEnd") < 0.5 && number("traffic.unservedShare") <= 0.001
    };
    let (best, met) = exhaustive(&session, &axes, "cost.idleEcs", meets);
    assert!(!met[0] && met[6] && !met[11], "it is met in the middle: {met:?}");
    let constraint = "pods.pendingAtEnd == 0 and traffic.unservedShare <= 0.1%";
    let told = session.run_with(&words(&axes, "cost.idleEcs", &[constraint])).stdout;
    let found = plan_json(&session);
    assert_eq!(found["answer"], best, "{told}");
    assert_eq!(
        (&found["certain"], &found["constraintsAlong"]),
        (&true.into(), &"notMonotone".into()),
        "{told}"
    );
    assert!(told.contains("breaks pods.pendingAtEnd == 0 (0 of "), "{told}");
}

#[test]
fn two_counts_together() {
    let session = slots();
    let axes = ["pools.single.count=0..4", "pools.double.count=0..5"];
    let (best, met) = exhaustive(&session, &axes, "cost.total", wait);
    let number = met.iter().filter(|met| **met).count();
    assert!((1..met.len()).contains(&number), "{met:?}");
    let told = session.run_with(&words(&axes, "cost.total", &[WAIT])).stdout;
    let found = plan_json(&session);
    assert_eq!(found["answer"], best, "{told}");
    assert!(found["runs"].as_u64().unwrap() * 2 < found["runsOfAll"].as_u64().unwrap(), "{told}");
}
