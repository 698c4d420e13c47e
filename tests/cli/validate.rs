//! `overspill validate`.

use crate::session::{CLUSTER, GATEWAY, Session};

const SCENARIO: &str = "\
apiVersion: overspill/v1alpha1
kind: Scenario
metadata: {name: small}
spec:
  horizon: 1h
  manifests: [manifests/]
  schedulerConfiguration: scheduler.yaml
  priceList: prices.yaml
";

const PRICES: &str = include_str!("../../prices/cn-hangzhou-usd.yaml");
const SCHEDULER: &str = "apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n";

fn scenario() -> Session {
    Session::new()
        .with("scenario.yaml", SCENARIO)
        .with("manifests/gateway.yaml", GATEWAY)
        .with("scheduler.yaml", SCHEDULER)
        .with("prices.yaml", PRICES)
}

#[test]
fn a_right_scenario_is_counted_with_its_files() {
    assert_eq!(scenario().run("validate scenario.yaml").printed(), "4 files, no problems\n");
}

#[test]
fn manifests_and_configurations_are_checked_by_themselves() {
    assert_eq!(scenario().run("validate manifests").printed(), "1 file, no problems\n");
    assert_eq!(
        scenario().run("validate manifests/gateway.yaml scheduler.yaml").printed(),
        "2 files, no problems\n"
    );
}

#[test]
fn price_lists_are_checked_by_themselves() {
    assert_eq!(scenario().run("validate prices.yaml").printed(), "1 file, no problems\n");
    let broken =
        PRICES.replacen("price: 0", "price: -0", 1).replacen("  factors:", "  factor: {}\n  factors:", 1);
    insta::assert_snapshot!(
        "validate_prices",
        scenario().with("prices.yaml", broken).run("validate prices.yaml").refused()
    );
    let misspelt = PRICES.replace("kind: PriceList", "kind: PriceLists");
    let told = scenario().with("prices.yaml", misspelt).run("validate prices.yaml").refused();
    assert_eq!(told.matches("error[").count(), 1, "{told}");
    assert!(told.contains("did you mean `PriceList`?"), "{told}");
}

#[test]
fn warnings_are_no_errors() {
    let ran = Session::new().piping(CLUSTER).run("validate -");
    assert_eq!((ran.code, ran.stdout.as_str()), (0, "1 file, no errors, 2 warnings\n"));
    assert_eq!(ran.stderr.matches("warning[").count(), 2, "{}", ran.stderr);
}

#[test]
fn everything_wrong_in_all_files_is_told_at_once() {
    let broken = scenario()
        .with("scenario.yaml", SCENARIO.replace("horizon: 1h", "horizon: 60"))
        .with("scheduler.yaml", format!("{SCHEDULER}podMaxBackoffSeconds: 0\n"))
        .with("pods.yaml", GATEWAY.replace("replicas: 6", "replicas: -6"));
    insta::assert_snapshot!(
        "validate_broken",
        broken.run("validate scenario.yaml scheduler.yaml pods.yaml").refused()
    );
}

#[test]
fn what_a_scenario_refers_to_is_checked_for_its_meaning() {
    let broken = scenario()
        .with("scheduler.yaml", format!("{SCHEDULER}profiles: [{{schedulerName: ''}}]\n"))
        .with("manifests/gateway.yaml", GATEWAY.replace("cpu: 500m", "cpu: -1"));
    insta::assert_snapshot!("validate_meaning", broken.run("validate scenario.yaml").refused());
}
