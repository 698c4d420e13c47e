//! The eci-profile in kube-system.
//!
//! Source: ACK, "Configure an eci-profile".

use crate::world::{PLAIN, World, deployment, figure, nodes, pods};

fn profile(vswitch_ids: &str, selectors: &str) -> String {
    format!(
        "---
apiVersion: v1
kind: ConfigMap
metadata: {{name: eci-profile, namespace: kube-system}}
data:
  vswitchIds: \"{vswitch_ids}\"
  selectors: '{selectors}'
"
    )
}

const WEB: &str = r#"[{"name": "web", "objectSelector": {"matchLabels": {"app": "web"}},
    "effect": {"annotations": {"k8s.aliyun.com/eci-use-specs": "2-4Gi"}}}]"#;
const EVERYWHERE: &str = r#"[{"name": "all", "effect": {"annotations": {"k8s.aliyun.com/eci-use-specs": "4-8Gi"},
    "labels": {"app": "changed"}}}]"#;
/// Pods that choose virtual nodes themselves, through the scheduler.
const CHOOSES: &str = "nodeSelector: {type: virtual-kubelet}
      tolerations: [{key: virtual-kubelet.io/provider, operator: Exists}]";

/// rule: eci-profile-selectors
/// rule: eci-profile-effects
#[test]
fn a_selector_sends_its_pods_and_adds_to_them() {
    let manifests = profile("", WEB) + &deployment("web", 2, PLAIN, "") + &deployment("db", 2, PLAIN, "");
    let run = World::new(manifests).run();
    assert_eq!(nodes(&run, "web"), ["virtual-kubelet-z-j"; 2]);
    assert!(pods(&run, "web").iter().all(|pod| pod.billed_spec == "2-4Gi"));
    assert!(nodes(&run, "db").iter().all(|node| node.starts_with("ecs-")));
}

/// rule: eci-zone-ordered
#[test]
fn the_order_of_vswitches_is_the_order_of_zones() {
    for (ids, zone) in [("vsw-k,vsw-j", "z-k"), ("vsw-j, vsw-k", "z-j"), ("vsw-k", "z-k"), ("vsw-x", "z-j")] {
        let run = World::new(profile(ids, WEB) + &deployment("web", 1, PLAIN, "")).run();
        assert_eq!(nodes(&run, "web"), [format!("virtual-kubelet-{zone}")], "{ids}");
    }
}

/// rule: eci-profile-everywhere
/// rule: eci-profile-after-binding
#[test]
fn pods_that_the_scheduler_placed_get_annotations_after_binding() {
    let manifests =
        profile("", EVERYWHERE) + &deployment("own", 1, PLAIN, CHOOSES) + &deployment("db", 1, PLAIN, "");
    let run = World::new(manifests).run();
    let own = pods(&run, "own");
    assert_eq!((own[0].billed_spec.as_str(), own[0].attempts), ("4-8Gi", 1));
    assert!(nodes(&run, "db")[0].starts_with("ecs-"));
}

/// A selector's labels do reach a pod that is routed at creation, unless it has its own.
///
/// rule: eci-profile-effects
#[test]
fn the_pods_own_annotation_stays() {
    let meta = "labels: {LABELS}\n      annotations: {k8s.aliyun.com/eci-use-specs: 8-16Gi}";
    let run = World::new(profile("", WEB) + &deployment("web", 1, meta, "")).run();
    assert_eq!(pods(&run, "web")[0].billed_spec, "8-16Gi");
}

#[test]
fn other_config_maps_mean_nothing_and_a_wrong_profile_is_refused() {
    let other = profile("", "no list").replace("eci-profile", "some-other");
    let run = World::new(other + &deployment("web", 1, PLAIN, "")).run();
    assert_eq!(figure(&run, "overflow.pods"), 0);
    let refused = World::new(profile("", "no list") + &deployment("web", 1, PLAIN, "")).refused();
    assert!(refused[0].starts_with("E0204 data.selectors: not a JSON list of selectors"), "{refused:?}");
}

/// rule: virtual-node-labels
#[test]
fn node_selector_and_toleration_go_through_the_scheduler() {
    let run = World::new(deployment("own", 2, PLAIN, CHOOSES)).run();
    assert!(nodes(&run, "own").iter().all(|node| node.starts_with("virtual-kubelet-")));
    assert_eq!(figure(&run, "overflow.directed"), 2);
    assert_eq!(figure(&run, "scheduler.attempts"), 2);
    let without = CHOOSES.lines().next().unwrap();
    let run = World::new(deployment("own", 2, PLAIN, without)).run();
    assert_eq!(figure(&run, "pods.pendingAtEnd"), 2, "the taint keeps them off");
}
