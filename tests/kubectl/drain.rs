//! Nodes that are drained, with budgets that hold evictions back.

use crate::folder::{Case, check_figure, figure};
use crate::told::Told;

/// Two nodes. Pods are ready ten seconds after they came and end within two, or within twenty where that is said.
const PLACE: &str = "  horizon: 20m
  defaultImageSize: 0
  ecs: {containerStart: {constant: 0s}, ready: {constant: 10s}}
  shutdown: {constant: 20s}
  pools:
    a: {count: 1, price: 0.26/h, allocatable: {cpu: 8, memory: 32Gi, pods: '100'}}
    b: {count: 1, price: 0.26/h, allocatable: {cpu: 8, memory: 32Gi, pods: '100'}}
";

fn pod_spec(more: &str) -> String {
    format!("{{{more} containers: [{{name: app, image: i, resources: {{requests: {{cpu: 100m}}}}}}]}}")
}

fn deployment(name: &str, replicas: u32, more: &str) -> String {
    format!(
        "---\n{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: {name}}}, spec: {{replicas: {replicas}, selector: \
         {{matchLabels: {{app: {name}}}}}, template: {{metadata: {{labels: {{app: {name}, tier: front}}}}, spec: {}}}}}}}\n",
        pod_spec(more)
    )
}

fn budget(name: &str, label: &str, more: &str) -> String {
    format!(
        "---\n{{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {{name: {name}}}, spec: {{{more}, selector: \
         {{matchLabels: {{{label}}}}}}}}}\n"
    )
}

fn case(mut manifest: String, steps: &str) -> Case {
    manifest.insert_str(0, "# Objects\n");
    Case { spec: format!("{PLACE}  timeline:\n{steps}"), manifest: Box::leak(manifest.into_boxed_str()) }
}

/// `Told` and the summary of one run.
fn told(manifest: String, steps: &str) -> (Told, overspill::experiment::Measured) {
    let case = case(manifest, steps);
    (Told::of(&case.resolve()), case.measure())
}

/// Instants of the events of a reason, each once.
fn instants(told: &Told, reason: &str) -> Vec<u64> {
    let mut all: Vec<_> = told.of_reason(reason).into_iter().map(|(at, _)| at).collect();
    all.dedup();
    all
}

/// Four pods, two on each node, of which one may be missing. One is evicted at once, and its successor is ready ten
/// seconds later; kubectl asks again at the next multiple of five seconds, and is done when the second has ended.
/// rule: drain-retries
/// rule: drain-order
#[test]
fn a_budget_lets_pods_go_one_by_one() {
    let manifest = deployment("web", 4, "") + &budget("web", "app: web", "maxUnavailable: 1");
    let (told, run) = told(manifest, "    - {at: 5m, drain: {node: a-1}}\n");
    assert_eq!(told.pods(299, "a-1"), 2);
    assert_eq!(instants(&told, "EvictionByEvictionAPI"), [300, 310]);
    let refused = told.of_reason("TooManyRequests");
    assert_eq!(
        refused,
        [(
            300,
            "Cannot evict pod as it would violate the pod's disruption budget. The disruption budget web needs 3 healthy \
             pods and has 3 currently"
        )]
    );
    assert_eq!(told.of_reason("Drained"), [(330, "node/a-1 drained")]);
    assert_eq!((told.pods(330, "a-1"), told.pods(330, "b-1")), (0, 4));
    check_figure(&run, "disruption.drained", 1.0);
    check_figure(&run, "disruption.evictions", 2.0);
    check_figure(&run, "disruption.refused", 2.0);
    check_figure(&run, "disruption.failedDrains", 0.0);
}

#[test]
fn without_a_budget_all_go_at_once_within_the_grace_period_that_was_asked_for() {
    let (told, run) = told(deployment("web", 4, ""), "    - {at: 5m, drain: {node: a-1, gracePeriod: 3s}}\n");
    assert_eq!(instants(&told, "EvictionByEvictionAPI"), [300]);
    assert_eq!(told.of_reason("Drained"), [(303, "node/a-1 drained")]);
    check_figure(&run, "disruption.refused", 0.0);
}

/// A budget that never allows anything holds a drain up until its timeout; deletion asks for no budget.
#[test]
fn a_drain_ends_at_its_timeout_and_leaves_the_node_cordoned() {
    let manifest = deployment("web", 2, "") + &budget("web", "app: web", "minAvailable: 100%");
    let steps = "    - {at: 5m, drain: {node: a-1, timeout: 12s}}
    - {at: 6m, scale: {resource: deployment/default/web, replicas: 3}}
    - {at: 7m, drain: {node: a-1, disableEviction: true}}\n";
    let (told, run) = told(manifest, steps);
    let failed = told.of_reason("DrainFailed");
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0].0, 312);
    assert!(
        failed[0].1.starts_with("unable to drain node \"a-1\" due to error: error when evicting pods/\"web-")
    );
    assert!(failed[0].1.ends_with("-n \"default\": global timeout reached: 12s"), "{failed:?}");
    assert_eq!((told.pods(380, "a-1"), told.pods(380, "b-1")), (1, 2), "the new one goes elsewhere");
    assert_eq!(told.of_reason("Drained"), [(440, "node/a-1 drained")]);
    assert_eq!((figure(&run, "disruption.evictions"), figure(&run, "disruption.refused")), (0.0, 3.0));
}

/// rule: eviction
#[test]
fn a_pod_of_two_budgets_cannot_be_evicted() {
    let manifest = deployment("web", 2, "")
        + &budget("web", "app: web", "maxUnavailable: 1")
        + &budget("front", "tier: front", "maxUnavailable: 1");
    let (told, _) = told(manifest, "    - {at: 5m, drain: {node: a-1}}\n");
    let why =
        "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.";
    assert_eq!(told.of_reason("InternalError"), [(300, why)]);
    assert!(told.of_reason("DrainFailed")[0].1.ends_with(why));
    assert_eq!(told.pods(600, "a-1"), 1);
}

/// rule: drain-filters
#[test]
fn what_would_be_lost_goes_only_if_told_so() {
    let bare = format!(
        "---\n{{apiVersion: v1, kind: Pod, metadata: {{name: bare}}, spec: {}}}\n",
        pod_spec("nodeName: a-1,")
    );
    let cache =
        deployment("cache", 1, "nodeSelector: {overspill/pool: none}, volumes: [{name: v, emptyDir: {}}],");
    let manifest = bare + &cache;
    let drained = |flags: &str| {
        let steps = format!("    - {{at: 5m, drain: {{node: a-1{flags}}}}}\n");
        let (told, _) = told(manifest.clone(), &steps);
        let failed = told.of_reason("DrainFailed").first().map(|(_, why)| (*why).to_owned());
        (told.pods(600, "a-1"), failed)
    };
    let why = "unable to drain node \"a-1\" due to error: cannot delete Pods that declare no controller (use --force to \
               override): default/bare";
    assert_eq!(drained(""), (1, Some(why.to_owned())));
    assert_eq!(drained(", force: true"), (0, None));
}

/// Budgets come and change with the timeline, and a drain that waits goes on by the new one.
#[test]
fn a_budget_that_is_changed_lets_a_drain_go_on() {
    let manifest = deployment("web", 2, "") + &budget("web", "app: web", "maxUnavailable: 0");
    let change = budget("web", "app: web", "maxUnavailable: 1").replace("---\n", "");
    let steps = format!(
        "    - {{at: 5m, drain: {{node: a-1}}}}\n    - {{at: 6m, apply: {{manifest: {}}}}}\n    - {{at: 10m, delete: {{resource: \
         pdb/default/web}}}}\n",
        change.trim()
    );
    let (told, _) = told(manifest, &steps);
    assert_eq!(instants(&told, "EvictionByEvictionAPI"), [360]);
    assert_eq!(told.of_reason("Drained"), [(380, "node/a-1 drained")]);
}

/// Preemption asks the budgets what they allow by then: the more important pod goes, because its budget has room; what
/// takes its place preempts the other one then.
/// rule: disruptions-allowed
#[test]
fn preemption_knows_what_budgets_allow_by_then() {
    let class = |name: &str, value: u32| {
        format!(
            "---\n{{apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {{name: {name}}}, value: {value}}}\n"
        )
    };
    let full = |name: &str, priority: &str| {
        deployment(name, 1, &format!("priorityClassName: {priority},")).replace("cpu: 100m", "cpu: '6'")
    };
    let manifest = class("low", 1)
        + &class("middle", 2)
        + &class("high", 3)
        + &full("db", "low")
        + &full("web", "middle");
    let manifest = manifest
        + &budget("db", "app: db", "maxUnavailable: 0")
        + &budget("web", "app: web", "maxUnavailable: 1");
    let comes = full("urgent", "high").replace("---\n", "");
    let (told, _) = told(manifest, &format!("    - {{at: 5m, create: {{manifest: {}}}}}\n", comes.trim()));
    let preempted: Vec<_> = told.events.iter().filter(|(_, _, reason, _)| *reason == "Preempted").collect();
    assert!(preempted[0].1.starts_with("Pod/default/web-"), "{preempted:?}");
}
