use super::*;
use crate::object::selector::Requirement;

fn labels(text: &str) -> Labels {
    text.split_terminator(',').filter_map(|pair| pair.split_once('=')).collect()
}

fn pod(labels_of_pod: &str) -> PodSpec {
    PodSpec { labels: labels(labels_of_pod), ..PodSpec::empty("shop") }
}

fn selector(key: &str, value: &str) -> Selector {
    Selector { requirements: vec![Requirement::equals(key, value)] }
}

#[track_caller]
fn check(policy: &Policy, namespace: &str, pod: &PodSpec, expected: bool) {
    assert_eq!(policy.injects(pod, &labels(namespace)), expected, "{namespace:?} {}", pod.labels);
}

/// rule: istio-namespace-label
#[test]
fn a_namespace_asks_for_sidecars_or_refuses_them() {
    let policy = Policy::default();
    check(&policy, "istio-injection=enabled", &pod(""), true);
    check(&policy, "istio-injection=enabled,provider=asm", &pod("app=nginx"), true);
    check(&policy, "istio-injection=disabled", &pod(""), false);
    check(&policy, "istio-injection=true", &pod(""), false);
    check(&policy, "istio-injection=disabled", &pod("sidecar.istio.io/inject=true"), false);
}

/// rule: istio-namespace-label
#[test]
fn istio_injection_goes_before_a_revision() {
    let canary = Policy { revision: "canary".to_owned(), ..Policy::default() };
    check(&canary, "istio.io/rev=canary", &pod(""), true);
    check(&canary, "istio.io/rev=stable", &pod(""), false);
    check(&canary, "istio.io/rev=canary,istio-injection=disabled", &pod(""), false);
    check(&canary, "istio.io/rev=canary,istio-injection=enabled", &pod(""), false);
    check(&Policy::default(), "istio.io/rev=canary,istio-injection=enabled", &pod(""), true);
    check(&Policy::default(), "istio.io/rev=default", &pod(""), true);
}

/// rule: istio-pod-label
#[test]
fn a_pod_speaks_for_itself_where_its_namespace_does_not() {
    let policy = Policy::default();
    check(&policy, "", &pod("sidecar.istio.io/inject=true"), true);
    check(&policy, "", &pod("istio.io/rev=default"), true);
    check(&policy, "", &pod("istio.io/rev=canary,sidecar.istio.io/inject=true"), false);
    check(&policy, "istio-injection=enabled", &pod("sidecar.istio.io/inject=false"), false);
    check(&policy, "", &pod("istio.io/rev=default,sidecar.istio.io/inject=false"), false);
    let canary = Policy { revision: "canary".to_owned(), ..Policy::default() };
    check(&canary, "", &pod("sidecar.istio.io/inject=true"), false);
    check(&canary, "", &pod("istio.io/rev=canary"), true);
}

/// rule: istio-pod-label
#[test]
fn the_label_goes_before_the_annotation() {
    let says = |label: &str, annotation: &str| PodSpec {
        annotations: [(INJECT, annotation)].into_iter().collect(),
        ..pod(label)
    };
    let policy = Policy::default();
    check(&policy, "istio-injection=enabled", &says("", "false"), false);
    check(&policy, "istio-injection=enabled", &says("sidecar.istio.io/inject=true", "false"), true);
    check(&policy, "istio-injection=enabled", &says("sidecar.istio.io/inject=false", "true"), false);
    check(&policy, "", &says("", "true"), false);
    check(&policy, "istio-injection=enabled", &says("", "yes"), true);
}

/// rule: istio-never-there
#[test]
fn some_pods_never_get_a_sidecar() {
    let asks = "sidecar.istio.io/inject=true";
    let on_the_node = PodSpec { host_network: true, ..pod(asks) };
    check(&Policy::default(), "istio-injection=enabled", &on_the_node, false);
    for namespace in IGNORED_NAMESPACES {
        let pod = PodSpec { namespace: namespace.to_owned(), ..pod(asks) };
        check(&Policy::default(), "istio-injection=enabled", &pod, false);
    }
}

/// rule: istio-selectors
#[test]
fn selectors_speak_for_pods_that_say_nothing() {
    let policy = Policy {
        auto_inject: false,
        never: vec![Selector::default(), selector("app", "legacy")],
        always: vec![Selector::default(), selector("tier", "web")],
        ..Policy::default()
    };
    let enabled = "istio-injection=enabled";
    check(&policy, enabled, &pod("tier=web"), true);
    check(&policy, enabled, &pod("tier=web,app=legacy"), false);
    check(&policy, enabled, &pod("app=legacy,sidecar.istio.io/inject=true"), true);
    check(&policy, enabled, &pod("app=other"), false);
    check(&policy, "", &pod("tier=web"), false);
    check(&Policy { auto_inject: true, ..policy }, enabled, &pod("app=other"), true);
}

/// rule: istio-by-default
#[test]
fn a_namespace_without_a_label_has_no_sidecars() {
    check(&Policy::default(), "", &pod(""), false);
    let by_default = Policy { namespaces_by_default: true, ..Policy::default() };
    check(&by_default, "", &pod(""), true);
    check(&by_default, "istio-injection=disabled", &pod(""), false);
    check(&by_default, "istio.io/rev=canary", &pod(""), false);
    check(&by_default, "", &pod("sidecar.istio.io/inject=false"), false);
}
