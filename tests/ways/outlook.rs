//! What is warned of before a run: where pods cannot go, and settings that exclude or override each other.

use crate::world::{PLAIN, World, deployment};

const VIRTUAL: &str = "tolerations: [{key: virtual-kubelet.io/provider, operator: Exists}]";
const EITHER: &str = "affinity:
        nodeAffinity:
          requiredDuringSchedulingIgnoredDuringExecution:
            nodeSelectorTerms:
              - matchExpressions: [{key: kubernetes.io/hostname, operator: In, values: [HOST]}]
              - matchExpressions: [{key: type, operator: In, values: [virtual-kubelet]}]";
const POLICY: &str = "---
apiVersion: scheduling.alibabacloud.com/v1alpha1
kind: ResourcePolicy
metadata: {name: p}
spec: {units: [{resource: ecs}, {resource: eci}]}
";

#[track_caller]
fn check(manifests: &str, expected: &[&str]) {
    let mut told = World::new(manifests).warnings();
    told.sort();
    let mut expected = expected.to_vec();
    expected.sort_unstable();
    assert_eq!(told, expected);
}

/// A Deployment whose affinity lets in the ECS node `host` and virtual nodes, with more of its specification.
fn either(host: &str, more: &str) -> String {
    deployment("web", 1, PLAIN, &format!("{}\n      {more}", EITHER.replace("HOST", host)))
}

#[test]
fn pods_that_can_go_to_both_or_never_meant_to_are_not_warned_of() {
    check(&either("ecs-1", VIRTUAL), &[]);
    check(&deployment("web", 1, PLAIN, ""), &[]);
    check(
        &deployment("web", 1, PLAIN, &format!("nodeSelector: {{type: virtual-kubelet}}\n      {VIRTUAL}")),
        &[],
    );
    check(&(POLICY.to_owned() + &either("ecs-1", "")), &[]);
    check(&(POLICY.to_owned() + &deployment("web", 1, PLAIN, "")), &[]);
}

#[test]
fn a_missing_toleration_for_virtual_nodes_is_told() {
    check(
        &either("ecs-1", ""),
        &["W0411 spec.template.spec.tolerations: no toleration for virtual-kubelet.io/provider: these pods \
           can never overflow"],
    );
}

#[test]
fn pods_that_are_all_billed_as_eci_are_told() {
    check(
        &either("no-such-node", VIRTUAL),
        &["W0412 spec.template.spec: no ECS node is eligible: every pod will be billed as ECI"],
    );
}

#[test]
fn pods_that_can_go_nowhere_are_told() {
    let nowhere = "W0413 spec.template.spec: no node at all is eligible: these pods stay Pending";
    check(&either("no-such-node", ""), &[nowhere]);
    check(&deployment("web", 1, PLAIN, "nodeSelector: {a: b}"), &[nowhere]);
    let labelled = deployment("web", 1, "labels: {LABELS, eci: \"true\"}", "");
    assert_eq!(
        World::without_virtual_nodes(labelled).warnings(),
        ["W0413 spec.template.spec: no virtual node is there for these pods: they stay Pending"]
    );
}

#[test]
fn pods_of_sources_and_bare_pods_are_looked_at_too() {
    let source = "  sources:
    job:
      arrivals: {regular: {every: 1h}}
      lifetime: {constant: 1m}
      template: {spec: {nodeSelector: {a: b}, containers: [{name: c}]}}
";
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {nodeSelector: {a: b}, containers: [{name: c}]}\n";
    let nowhere = "no node at all is eligible: these pods stay Pending";
    assert_eq!(
        World::new(pod).with(source).warnings(),
        [format!("W0413 spec: {nowhere}"), format!("W0413 spec.sources.job.template.spec: {nowhere}")]
    );
}

#[test]
fn what_the_eci_label_overrides_is_told() {
    let spec = "nodeSelector: {a: b}
      affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution:
        {nodeSelectorTerms: [{matchExpressions: [{key: a, operator: Exists}]}]}}}";
    let meta = "labels: {LABELS, alibabacloud.com/eci: \"true\"}
      annotations: {alibabacloud.com/burst-resource: eci}";
    check(
        &(POLICY.to_owned() + &deployment("web", 1, meta, spec)),
        &[
            "W0414 spec.template.spec.nodeSelector: `nodeSelector` has no effect: the ECI label overrides it",
            "W0414 spec.template.spec.affinity: `affinity` has no effect: the ECI label overrides it",
            "W0414 spec.template.metadata.annotations.\"alibabacloud.com/burst-resource\": \
             `alibabacloud.com/burst-resource` has no effect: the ECI label overrides it",
            "W0414 spec.template.metadata: ResourcePolicy p has no effect on these pods: the ECI label \
             overrides it",
        ],
    );
    let namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: default, labels: {alibabacloud.com/eci: \"true\"}}\n";
    check(
        &(namespace.to_owned() + &deployment("web", 1, PLAIN, "nodeSelector: {a: b}")),
        &["W0414 spec.template.spec.nodeSelector: `nodeSelector` has no effect: the ECI label of namespace \
           default overrides it"],
    );
}

#[test]
fn a_label_that_is_not_the_text_true_is_told() {
    let namespace =
        "apiVersion: v1\nkind: Namespace\nmetadata: {name: n, labels: {alibabacloud.com/eci: \"True\"}}\n";
    check(
        &(namespace.to_owned() + &deployment("web", 1, "labels: {LABELS, alibabacloud.com/eci: \"1\"}", "")),
        &[
            "W0404 metadata.labels.\"alibabacloud.com/eci\": `alibabacloud.com/eci` has no effect with the \
             value \"True\"",
            "W0404 spec.template.metadata.labels.\"alibabacloud.com/eci\": `alibabacloud.com/eci` has no \
             effect with the value \"1\"",
        ],
    );
    check(&deployment("web", 1, "labels: {LABELS, alibabacloud.com/eci: \"false\"}", ""), &[]);
}

#[test]
fn what_a_resource_policy_excludes_is_told() {
    let meta = "labels: {LABELS}
      annotations: {controller.kubernetes.io/pod-deletion-cost: \"5\", alibabacloud.com/burst-resource: eci}";
    check(
        &(POLICY.to_owned() + &deployment("web", 1, meta, "")),
        &[
            "W0404 spec.template.metadata.annotations.\"alibabacloud.com/burst-resource\": ACK has \
             discontinued `alibabacloud.com/burst-resource` since Kubernetes 1.24",
            "W0414 spec.template.metadata.annotations.\"alibabacloud.com/burst-resource\": \
             `alibabacloud.com/burst-resource` excludes ResourcePolicy p, which selects these pods",
            "W0414 spec.template.metadata.annotations.\"controller.kubernetes.io/pod-deletion-cost\": \
             `controller.kubernetes.io/pod-deletion-cost` excludes ResourcePolicy p, which selects these pods",
        ],
    );
}

#[test]
fn unknown_values_of_annotations_and_unknown_vswitches_are_told() {
    let meta = "labels: {LABELS}
      annotations: {alibabacloud.com/burst-resource: ecs, k8s.aliyun.com/eci-schedule-strategy: Random}";
    let profile = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: eci-profile, namespace: kube-system}\n\
                   data: {vswitchIds: \"vsw-j,vsw-jj\"}\n";
    check(
        &(profile.to_owned() + &deployment("web", 1, meta, "")),
        &[
            "W0404 data.vswitchIds: no virtual node has the vSwitch vsw-jj: its zone is not used",
            "W0413 spec.template.metadata.annotations.\"alibabacloud.com/burst-resource\": \"ecs\" is no \
             value of `alibabacloud.com/burst-resource`: these pods are never scheduled",
            "W0404 spec.template.metadata.annotations.\"k8s.aliyun.com/eci-schedule-strategy\": \
             `k8s.aliyun.com/eci-schedule-strategy` has no effect with the value \"Random\"",
        ],
    );
}
