//! What is told about SidecarSets before anything runs.

use crate::written::{KRUISE, ON_VIRTUAL, VIRTUAL, pod, scenario, sidecar_set, told};

#[track_caller]
fn check(scenario: &str, manifests: &str, expected: &[&str]) {
    assert_eq!(told(scenario, manifests), expected);
}

fn kruise(fields: &str) -> String {
    scenario(&format!("\n  kruise: {{sidecarSetServerlessPod: true, {fields}}}"))
}

fn manifests() -> String {
    sidecar_set(VIRTUAL, "") + &pod("web", "", ON_VIRTUAL)
}

/// ACK, "Inject sidecar containers into ACS pods in virtual nodes", prerequisites.
#[test]
fn versions_of_all_components_are_preconditions() {
    let from = |what: &str| format!("E0403 sidecars come into pods on virtual nodes from {what} on");
    check(&kruise("version: 1.2.9"), &manifests(), &[&from("ack-kruise 1.3.0")]);
    check(&kruise("virtualNodeVersion: 2.12.9"), &manifests(), &[&from("ack-virtual-node 2.13.0")]);
    check(&kruise("kubernetesVersion: '1.21'"), &manifests(), &[&from("Kubernetes 1.22")]);
    check(&kruise("kubernetesVersion: v1.22.3-aliyun.1"), &manifests(), &[]);
    check(&kruise("version: newest"), &manifests(), &["E0201 \"newest\" is not a version such as 1.3.0"]);
    let plain = sidecar_set("app: web", "") + &pod("web", "labels: {app: web}", "");
    check(&kruise("version: 1.2.0"), &plain, &[]);
}

#[test]
fn the_cluster_is_of_a_type_that_the_document_names() {
    for right in ["ackPro", "ackDedicated"] {
        check(&kruise(&format!("clusterType: {right}")), &manifests(), &[]);
    }
    let wrong = "E0403 sidecars come into pods on virtual nodes in ACK Pro and dedicated clusters";
    check(&kruise("clusterType: ackStandard"), &manifests(), &[wrong]);
    let serverless = "E0404 a serverless cluster, where every pod runs on ECI by itself, is not simulated";
    check(&kruise("clusterType: ask"), &manifests(), &[serverless]);
}

/// rule: sidecarset-gate
#[test]
fn the_feature_gate_is_off_in_a_new_cluster() {
    let off = "W0404 SidecarSet logs injects nothing: the feature gate SidecarSetServerlessPod is off";
    check(&scenario("\n  kruise: {}"), &manifests(), &[off]);
    check(
        &scenario(""),
        &manifests(),
        &["W0404 SidecarSet logs does nothing: the scenario has no OpenKruise"],
    );
    let plain = sidecar_set("app: web", "") + &pod("web", "labels: {app: web}", "");
    check(&scenario("\n  kruise: {}"), &plain, &[]);
}

#[test]
fn a_set_that_selects_nobody_is_told() {
    let told = "W0404 SidecarSet logs selects none of the pods";
    let web = pod("web", "labels: {app: web}", ON_VIRTUAL);
    check(&scenario(KRUISE), &(sidecar_set("app: wep", "") + &web), &[told]);
    check(&scenario(KRUISE), &(sidecar_set("app: web", "namespace: other") + &web), &[told]);
    let nowhere = "W0404 SidecarSet logs is for pods on virtual nodes, and there are none";
    let places = scenario(KRUISE).replace("virtualNodes: {cn-hangzhou-j: {}}", "virtualNodes: {}");
    check(&places, &(sidecar_set(VIRTUAL, "") + &pod("web", "", "")), &[nowhere]);
}

#[test]
fn what_never_comes_to_virtual_nodes_is_told() {
    let classes = format!("{VIRTUAL}, alibabacloud.com/compute-class: gpu");
    let gpu = pod("web", "labels: {alibabacloud.com/compute-class: gpu}", ON_VIRTUAL);
    let all = told(&scenario(KRUISE), &(sidecar_set(&classes, "") + &gpu));
    let only = "W0404 on virtual nodes only CPU pods of the compute classes general-purpose and performance are injected";
    assert!(all.contains(&only.to_owned()), "{all:?}");
    let web = pod("web", "", ON_VIRTUAL);
    check(
        &scenario(KRUISE),
        &(sidecar_set(VIRTUAL, "initContainers: [{name: prepare, image: agent}]") + &web),
        &["W0404 init containers come at creation only, when no pod has the label of virtual nodes"],
    );
}

#[test]
fn what_is_newer_than_openkruise_1_3_is_refused() {
    let with =
        |field: &str| sidecar_set(VIRTUAL, "").replace("image: agent,", &format!("image: agent, {field},"));
    let web = pod("web", "", ON_VIRTUAL);
    check(
        &scenario(KRUISE),
        &(with("resourcesPolicy: {targetContainersMode: sum}") + &web),
        &["E0404 `resourcesPolicy` is newer than OpenKruise 1.3, which is what is simulated"],
    );
    let native = sidecar_set("app: web", "initContainers: [{name: n, image: i, restartPolicy: Always}]");
    check(
        &scenario(KRUISE),
        &(native + &pod("web", "labels: {app: web}", "")),
        &["E0404 native sidecars are newer than OpenKruise 1.3, which is what is simulated"],
    );
    let older = sidecar_set(VIRTUAL, "injectionStrategy: {revision: {customVersion: '1'}}");
    check(
        &scenario(KRUISE),
        &(older + &web),
        &["E0404 older revisions of a SidecarSet are not simulated: the newest is injected"],
    );
}

/// rule: sidecarset-checks
#[test]
fn two_sets_may_not_bring_one_name_into_one_pod() {
    let two = sidecar_set(VIRTUAL, "") + &sidecar_set("app: web", "").replace("name: logs", "name: other");
    let web = pod("web", "labels: {app: web}", ON_VIRTUAL);
    check(
        &scenario(KRUISE),
        &(two.clone() + &web),
        &["E0204 container agent already exists in SidecarSet logs"],
    );
    let apart = two.replace("selector: {matchLabels: {app: web}}", "selector: {matchLabels: {app: db}}");
    check(&scenario(KRUISE), &(apart + &web), &["W0404 SidecarSet other selects none of the pods"]);
}

/// OpenKruise, webhook of SidecarSets, `validateSidecarContainerConflict`.
/// rule: sidecarset-checks
#[test]
fn the_type_of_upgrade_never_changes() {
    let hot = "image: agent, upgradeStrategy: {upgradeType: HotUpgrade, hotUpgradeEmptyImage: empty},";
    let cold = sidecar_set("app: web", "");
    let hot = cold.replace("image: agent,", hot);
    let applied = |set: &str| {
        let set = set.replace("---\n", "").trim_end().replace('\n', ", ");
        scenario(&format!("{KRUISE}\n  timeline:\n  - {{at: 1m, apply: {{manifest: {{{set}}}}}}}"))
    };
    let web = pod("web", "labels: {app: web}", "");
    let immutable = "E0204 container agent upgradeType is immutable";
    check(&applied(&hot), &(cold.clone() + &web), &[immutable]);
    check(&applied(&cold), &(hot.clone() + &web), &[immutable]);
    check(&applied(&hot), &(hot + &web), &[]);
}

fn job(spec: &str) -> String {
    let pod = format!("{ON_VIRTUAL}, restartPolicy: Never, {spec} containers: [{{name: app, image: app}}]");
    format!(
        "apiVersion: batch/v1\nkind: Job\nmetadata: {{name: j, namespace: default}}\n\
         spec: {{template: {{spec: {{{pod}}}}}}}\n---\n"
    )
}

/// What is judged is the pod as it is when its sidecars have come.
#[test]
fn a_job_that_an_injected_sidecar_keeps_running_is_told() {
    let work = "\n  work: {w: {of: Job/default/j, duration: {constant: 1m}}}";
    let marked = |env: &str| {
        let env = format!("image: agent, env: [{{name: {env}, value: 'true'}}],");
        sidecar_set(VIRTUAL, "").replace("image: agent,", &env) + &job("")
    };
    let runs_on =
        "W0425 Job/default/j never completes: agent, which is injected, runs on when the work is done";
    let places = scenario(&format!("{KRUISE}{work}")).replace("nginx: 0", "app: 0");
    check(&places, &(sidecar_set(VIRTUAL, "") + &job("")), &[runs_on]);
    check(&places, &marked("__IS_SIDECAR__"), &[runs_on]);
    check(&places, &marked("ECI_SIDECAR_CONTAINER"), &[]);
}

#[test]
fn a_container_that_gives_way_to_a_sidecar_is_told() {
    let named = sidecar_set(VIRTUAL, "").replace("name: agent", "name: nginx");
    let told = "W0404 pods have a container nginx of their own, which the sidecar replaces";
    check(&scenario(KRUISE), &(named + &pod("web", "", ON_VIRTUAL)), &[told]);
}

#[test]
fn a_set_that_never_upgrades_is_told() {
    let web = pod("web", "", ON_VIRTUAL);
    let never = "W0404 no pod is ever upgraded: none may be unavailable";
    for most in ["0", "0%"] {
        let set = sidecar_set(VIRTUAL, &format!("updateStrategy: {{maxUnavailable: {most}}}"));
        check(&scenario(KRUISE), &(set + &web), &[never]);
    }
    let all = sidecar_set(VIRTUAL, "updateStrategy: {partition: 150%}");
    let stay = "W0404 no pod is ever upgraded: 150% of them stay as they are";
    check(&scenario(KRUISE), &(all + &web), &[stay]);
}

#[test]
fn when_images_are_pulled_is_not_for_a_set_to_say() {
    let set = sidecar_set(VIRTUAL, "").replace("image: agent,", "image: agent, imagePullPolicy: Never,");
    let told = "W0401 `imagePullPolicy` has no effect here, in SidecarSet logs";
    check(&scenario(KRUISE), &(set + &pod("web", "", ON_VIRTUAL)), &[told]);
}

/// A file of the pod's own namespace needs no binding, and an ordinary pod mounts no other's.
#[test]
fn files_are_told_as_the_run_finds_them() {
    let config = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: default}\n---\n";
    let mounting = |name: &str| {
        let set = sidecar_set(VIRTUAL, &format!("volumes: [{{name: v, configMap: {{name: {name}}}}}]"));
        let set = set.replace("image: agent,", "image: agent, volumeMounts: [{name: v, mountPath: /v}],");
        set + config + &pod("web", "", ON_VIRTUAL)
    };
    check(&scenario(KRUISE), &mounting("default/c"), &[]);
    let neither = "W0435 pods never start: \"a/b/c\" is neither NAME nor NAMESPACE/NAME of a ConfigMap";
    check(&scenario(KRUISE), &mounting("a/b/c"), &[neither]);
    let web = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: w}\nspec: {selector: {matchLabels: {a: b}}, \
         template: {metadata: {labels: {a: b}}, spec: {volumes: [{name: v, configMap: {name: kube-system/c}}], \
         containers: [{name: nginx, image: nginx, volumeMounts: [{name: v, mountPath: /v}]}]}}}\n";
    let nobody = "W0435 pods never start: no ConfigMap is called \"kube-system/c\"";
    check(&scenario(KRUISE), web, &[nobody]);
}

#[test]
fn variables_come_from_the_pods_own_namespace() {
    let from = "image: agent, envFrom: [{configMapRef: {name: kube-system/c}}],";
    let set = sidecar_set(VIRTUAL, "").replace("image: agent,", from);
    let all = told(&scenario(KRUISE), &(set + &pod("web", "", ON_VIRTUAL)));
    assert!(all.iter().any(|one| one.contains("NAMESPACE/NAME is for volumes")), "{all:?}");
}
