//! Broken manifests and scheduler configurations: exit 2, nothing printed, and everything that is wrong told.

use crate::session::{CLUSTER, GATEWAY, Session};

/// The gateway's manifests with one text in place of another.
#[track_caller]
fn gateway(changes: &[(&str, &str)]) -> Session {
    let mut text = GATEWAY.to_owned();
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    Session::new().with("gateway.yaml", text)
}

macro_rules! refused {
    ($($name:ident: $session:expr, $args:literal;)*) => {
        $(#[test]
        fn $name() {
            insta::assert_snapshot!(stringify!($name), $session.run($args).refused());
        })*
    };
}

refused! {
    not_yaml: gateway(&[("spec:\n  selector", "spec: [\n  selector")]), "schedule -f gateway.yaml";
    not_json: Session::new().with("pods.json", "{\"kind\": \"List\",\n \"items\": [}\n"), "schedule -f pods.json";
    not_utf8: Session::new().with("pods.yaml", b"kind: \xff"), "schedule -f pods.yaml";
    not_an_object: Session::new().with("pods.yaml", "- just\n- a list\n"), "schedule -f pods.yaml";
    nothing_on_the_standard_input: Session::new(), "schedule -f -";
    no_such_file: gateway(&[]), "schedule -f gatewy.yaml -f nothing/";
    no_manifest_in_the_folder: Session::new().with("folder/readme.md", ""), "schedule -f folder";
    misspelt_fields: gateway(&[("tolerations:", "toleration:"), ("preference:", "prefernce:"), ("replicas", "replica")]),
        "schedule -f gateway.yaml";
    wrong_types: gateway(&[("replicas: 6", "replicas: six"), ("weight: 80", "weight: \"80\""), ("cpu: 500m", "cpu: 500x")]),
        "schedule -f gateway.yaml";
    wrong_kinds: gateway(&[("kind: Service", "kind: Servise"), ("apps/v1", "extensions/v1beta1")]),
        "schedule -f gateway.yaml";
    without_a_name: gateway(&[("name: gateway, ", ""), ("kind: Deployment\n", "")]), "schedule -f gateway.yaml";
    the_same_twice: gateway(&[]), "schedule -f gateway.yaml -f gateway.yaml";
    what_the_api_server_refuses: gateway(&[
            ("replicas: 6", "replicas: -1"),
            ("operator: Exists", "operator: Exist"),
            ("operator: In, values: [virtual-kubelet]", "operator: Gt, values: [a, b]"),
            ("cpu: 500m, memory: 512Mi", "cpu: -1, memory: 99Ei"),
        ]), "schedule -f gateway.yaml";
    selector_of_something_else: gateway(&[("matchLabels: {app: gateway}", "matchLabels: {app: gatway}")]),
        "schedule -f gateway.yaml";
    unknown_priority_class: gateway(&[("      tolerations:", "      priorityClassName: hihg\n      tolerations:")]),
        "schedule -f gateway.yaml";
    strict: Session::new().piping(CLUSTER), "schedule -f - --strict";
    scheduler_configuration: gateway(&[]).with("scheduler.yaml", SCHEDULER),
        "schedule -f gateway.yaml --scheduler-config scheduler.yaml";
    percentage_below_zero: gateway(&[]), "schedule -f gateway.yaml --percentage-of-nodes-to-score -1";
    no_scheduler_configuration: gateway(&[]), "schedule -f gateway.yaml --scheduler-config gateway.yam";
}

const SCHEDULER: &str = "\
apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
percentageOfNodesToScore: 120
profiles:
- plugins:
    score:
      enabled: [{name: NodeAfinity, weight: 4}]
  pluginConfig:
  - name: PodTopologySpread
    args: {defaultingType: System, defaultConstraints: [{maxSkew: 0, topologyKey: zone, whenUnsatisfiable: Maybe}]}
  - name: NodeResourcesFit
    args: {scoringStrategi: {}, ignoredResources: [7]}
";
