//! What `run`, `explain` and the picture call pods and money of ACS.

use crate::session::Session;

const PRICES: &str = include_str!("../../prices/cn-hangzhou-usd.yaml");
const ACS: &str = "alibabacloud.com/acs: 'true'";
const ECI: &str = "alibabacloud.com/eci: 'true'";
const BEST_EFFORT: &str = "alibabacloud.com/compute-qos: best-effort";

fn pod(name: &str, labels: &str) -> String {
    format!(
        "---\napiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, labels: {{{labels}}}}}\nspec: {{tolerations: \
         [{{operator: Exists}}], nodeSelector: {{type: virtual-kubelet}}, containers: [{{name: c, image: x, resources: \
         {{limits: {{cpu: 1, memory: 1Gi}}}}}}]}}\n"
    )
}

/// A run of these pods on a virtual node, and what it printed.
fn ran(manifests: &str, spec: &str) -> (Session, String) {
    let text = format!(
        "apiVersion: overspill/v1alpha1\nkind: Scenario\nmetadata: {{name: small}}\nspec:\n  horizon: 30m\n  \
         manifests: [manifests.yaml]\n  priceList: prices.yaml\n  virtualNodes: {{cn-hangzhou-j: {{}}}}\n{spec}"
    );
    let session = Session::new().with("scenario.yaml", text).with("prices.yaml", PRICES);
    let session = session.with("manifests.yaml", manifests);
    let ran = session.run("run scenario.yaml --out run");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    (session, ran.stdout)
}

#[test]
fn pods_and_money_are_called_after_what_the_pods_became() {
    for (pods, pod_words, money) in [
        (pod("a", ACS) + &pod("b", ACS), "all 2 pods on ACS", "ACS 0.0"),
        (pod("a", ACS) + &pod("b", ECI), "all 2 pods on virtual nodes", "virtual nodes 0.0"),
        (pod("a", ECI) + &pod("b", ECI), "all 2 pods on ECI", "ECI 0.0"),
    ] {
        let (session, printed) = ran(&pods, "");
        assert!(printed.contains(pod_words) && printed.contains(&format!("idle), {money}")), "{printed}");
        let picture = session.read("run/timeline.svg");
        assert!(picture.contains(pod_words) && picture.contains(money), "{picture}");
    }
}

/// rule: acs-preemption
#[test]
fn best_effort_that_is_taken_back_is_told_in_its_own_words() {
    let law = "law: {constant: 10m}";
    let (session, printed) =
        ran(&pod("a", BEST_EFFORT), &format!("  acs: {{preemption: {{{law}, notice: 1s}}}}\n"));
    assert!(printed.contains("1 created, 1 scheduled, 1 taken back"), "{printed}");
    let told = session.run("explain run default/a").printed();
    assert!(told.contains("gone: its best-effort instance was taken back"), "{told}");
    assert!(told.contains("BestEffort ACS will be released in 1s\n"), "{told}");
    let (session, _) =
        ran(&pod("a", BEST_EFFORT), &format!("  acs: {{preemption: {{{law}, notice: 90s}}}}\n"));
    assert!(session.run("explain run default/a").printed().contains("released in 1m30s\n"));
}

/// rule: acs-price
#[test]
fn a_zone_where_acs_costs_something_else_is_warned_of() {
    let warned = |zone: &str, labels: &str| {
        let text = format!(
            "apiVersion: overspill/v1alpha1\nkind: Scenario\nmetadata: {{name: small}}\nspec: {{horizon: 1m, manifests: \
             [m.yaml], priceList: prices.yaml, virtualNodes: {{{zone}: {{}}}}}}\n"
        );
        let session = Session::new().with("scenario.yaml", text).with("prices.yaml", PRICES);
        let told = session.with("m.yaml", pod("a", labels)).run("validate scenario.yaml").stderr;
        told.contains("W0415")
    };
    let all = [warned("ap-southeast-1a", ACS), warned("cn-hongkong-b", ACS)];
    assert_eq!(all, [true, true]);
    let none = [warned("cn-beijing-k", ACS), warned("ap-southeast-1a", ECI), warned("cn-hangzhou-j", ACS)];
    assert_eq!(none, [false, false, false]);
}

/// Ten minutes and a notice of five after it was created, the pod is not ready any more.
#[test]
fn a_pod_that_has_ended_says_since_when_it_is_not_ready() {
    let at = |manifests: &str, spec: &str| {
        let (session, _) = ran(manifests, spec);
        let json = session.run("get run pod a -o json").printed();
        let pod: serde_json::Value = serde_json::from_str(&json).expect("it is JSON");
        let all = pod["status"]["conditions"].as_array().expect("a pod has conditions").clone();
        let ready = all.into_iter().find(|one| one["type"] == "Ready").expect("it was ready");
        assert_eq!(ready["status"], "False");
        let text = |key: &str| ready[key].as_str().unwrap_or_default().to_owned();
        (text("lastTransitionTime"), text("reason"))
    };
    let best_effort = at(&pod("a", BEST_EFFORT), "  acs: {preemption: {law: {constant: 10m}}}\n");
    assert_eq!(best_effort, ("1970-01-01T00:15:00Z".to_owned(), String::new()));
}
