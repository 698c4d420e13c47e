//! Whole scenarios in folders of their own: what is loaded, and what is told when it is broken.

use std::fs;

use super::*;
use crate::scenario::diagnostic::render;
use serde_json::json;

const SCENARIO: &str = "\
apiVersion: overspill/v1alpha1
kind: Scenario
metadata: {name: gateway-spike}
spec:
  horizon: 2h
  manifests: [manifests/]
  priceList: ../prices.yaml
  pools:
    gateway: {instanceType: ecs.c7.2xlarge, count: 3, zones: [cn-hangzhou-h], billing: payg,
              labels: {mykey4pod: asmgateway}, taints: [\"mykey=myvalue:NoSchedule\"]}
  virtualNodes:
    cn-hangzhou-j: {capacity: {cpu: \"5000\", memory: 20Ti, pods: \"5000\"}}
  traffic:
    ingress:
      to: Deployment/istio-system/gateway
      rate: {sum: [{constant: 4000/s}, {spike: {at: 30m, rise: 60s, hold: 20m, decay: 10m, peak: 36000/s}}]}
      cpuPerThousandRequests: 350m
  expect:
    - overflow.early > 0
  variants:
    five-ecs-nodes: {pools.gateway.count: 5}
    two-replicas: {\"manifests/Deployment/istio-system/gateway:/spec/replicas\": 2}
";

const DEPLOYMENT: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: gateway
  namespace: istio-system
spec:
  replicas: 10
  selector: {matchLabels: {app: gateway}}
  template:
    metadata: {labels: {app: gateway}}
    spec:
      containers:
      - name: istio-proxy
        image: proxyv2
        resources:
          requests: {cpu: 200m, memory: 256Mi}
      tolerations:
      - key: mykey
        effect: NoSchedule
";

const SOURCES: &str = "  sources:
    batch:
      arrivals: {poisson: {rate: 2/s}}
      lifetime: {exponential: {mean: 60s, median: 5s}}
      template: {metadata: {labels: {tier: 1}}, spec: {container: []}}
  expect:
";

/// A folder with a scenario that is right until it is changed.
struct Folder {
    root: tempfile::TempDir,
    options: ReadOptions,
}

impl Folder {
    fn new() -> Self {
        let folder = Self { root: tempfile::tempdir().unwrap(), options: ReadOptions::default() };
        folder
            .with("case/scenario.yaml", SCENARIO)
            .with("case/manifests/gateway.yaml", DEPLOYMENT)
            .with("prices.yaml", "currency: USD\n")
    }

    fn with(self, name: &str, text: &str) -> Self {
        let path = self.root.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    #[track_caller]
    fn replacing(self, name: &str, from: &str, to: &str) -> Self {
        let text = fs::read_to_string(self.root.path().join(name)).unwrap();
        assert!(text.contains(from), "{name} has no {from:?}");
        self.with(name, &text.replace(from, to))
    }

    fn scenario(self, from: &str, to: &str) -> Self {
        self.replacing("case/scenario.yaml", from, to)
    }

    fn deployment(self, from: &str, to: &str) -> Self {
        self.replacing("case/manifests/gateway.yaml", from, to)
    }

    fn variant(mut self, name: &str) -> Self {
        self.options.variant = Some(name.to_owned());
        self
    }

    fn setting(mut self, path: &str, value: Value) -> Self {
        self.options.overrides.push((path.to_owned(), value));
        self
    }

    fn read(&self) -> Result<Loaded, Vec<Diagnostic>> {
        read(&self.root.path().join("case/scenario.yaml"), &self.options)
    }

    fn shown(&self, diagnostics: &[Diagnostic]) -> String {
        let root = self.root.path().to_str().unwrap();
        // The arrow before a file is as far from the margin as line numbers are wide, so only the name is cut.
        render(diagnostics, false).replace(&format!("{root}/"), "")
    }

    #[track_caller]
    fn loads(&self) -> Loaded {
        self.read().unwrap_or_else(|diagnostics| panic!("{}", self.shown(&diagnostics)))
    }

    /// What is told when it is read; nothing must load.
    #[track_caller]
    fn refused(&self) -> String {
        self.shown(&self.read().expect_err("something is wrong"))
    }
}

macro_rules! snapshots {
    ($($name:ident: $folder:expr;)*) => {
        $(#[test]
        fn $name() {
            insta::assert_snapshot!(stringify!($name), $folder.refused());
        })*
    };
}

snapshots! {
    misspelt_field: Folder::new().scenario("instanceType", "instancetype").scenario("billing", "biling");
    misspelt_enum_value: Folder::new().scenario("billing: payg", "billing: paygo").scenario("spike:", "spkie:");
    wrong_units: Folder::new().scenario("2h", "120").scenario("4000/s", "4000").scenario("20Ti", "20TiB");
    missing_fields: Folder::new().scenario("  horizon: 2h\n", "").scenario("metadata: {name: gateway-spike}\n", "");
    wrong_version: Folder::new().scenario("overspill/v1alpha1", "overspill/v1");
    not_yaml: Folder::new().scenario("kind: Scenario", "kind: [Scenario").deployment("replicas: 10", "replica: 10");
    key_twice: Folder::new().scenario("  expect:\n", "  horizon: 3h\n  expect:\n");
    missing_files: Folder::new().scenario("manifests/]", "manifest/]").scenario("../prices.yaml", "../prises.yaml");
    empty_folder: Folder::new().with("case/empty/readme.md", "").scenario("manifests/]", "manifests/, empty/]");
    everything_at_once: Folder::new()
        .scenario("count: 3", "count: three")
        .scenario("hold: 20m", "hold: 20")
        .scenario("350m", "fast")
        .deployment("effect", "efect")
        .deployment("replicas: 10", "replicas: ten")
        .deployment("cpu: 200m", "cpu: 200x")
        .deployment("image: proxyv2", "imgae: proxyv2");
    wrong_taint: Folder::new().scenario("mykey=myvalue:NoSchedule", "mykey=myvalue");
    unknown_kind: Folder::new().deployment("kind: Deployment", "kind: Deploymnet");
    wrong_api_version: Folder::new().deployment("apps/v1", "extensions/v1beta1");
    unnamed_object: Folder::new().deployment("  name: gateway\n", "");
    same_object_twice: Folder::new().with("case/manifests/second.yaml", DEPLOYMENT);
    broken_json: Folder::new().with("case/manifests/node.json", "{\n  \"kind\": \"Node\",\n  \"apiVersion\": v1\n}\n");
    unknown_variant: Folder::new().variant("five-ecs-node");
    wrong_paths_in_variants: Folder::new()
        .scenario("pools.gateway.count: 5", "pools.gatewy.count: 5, pools.gateway.cuont: 5, pools..count: 5, pool: 1")
        .scenario("gateway:/spec/replicas\": 2", "gatway:/spec/replicas\": 2")
        .scenario("  variants:\n", "  variants:\n    side: {\"manifests/Deployment/istio-system/gateway:/spec/template/spec/containers/istio-prxy/image\": x}\n");
    wrong_values_in_variants: Folder::new()
        .scenario("pools.gateway.count: 5", "pools.gateway: {count: five, zone: []}")
        .scenario("/spec/replicas\": 2", "/spec/replica\": 2");
    wrong_override: Folder::new().setting("pools.gateway.count", json!("many")).setting("pools.gatway", json!(null));
    wrong_pod_template: Folder::new().scenario("  expect:\n", SOURCES);
}

#[test]
fn a_right_scenario_loads() {
    let loaded = Folder::new().loads();
    assert_eq!(loaded.warnings, []);
    assert_eq!(loaded.file.metadata.name, "gateway-spike");
    assert_eq!(loaded.file.spec.pools["gateway"].count, 3);
    assert_eq!(loaded.objects.len(), 1);
    assert_eq!(loaded.documents[loaded.objects[0].document].title(), "Deployment istio-system/gateway");
    let names: Vec<&str> = loaded.files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["case/scenario.yaml", "case/manifests/gateway.yaml", "prices.yaml"]);
}

#[test]
fn files_that_only_a_variant_refers_to_are_kept() {
    let folder = Folder::new()
        .with("case/other.yaml", "currency: CNY\n")
        .with("case/more/second.yaml", &DEPLOYMENT.replace("name: gateway", "name: second"))
        .scenario("pools.gateway.count: 5", "priceList: other.yaml, manifests: [manifests/, more/]");
    let kept = |loaded: &Loaded| {
        let mut names: Vec<String> = loaded.files.iter().map(|file| file.name.clone()).collect();
        assert_eq!(names[0], "case/scenario.yaml");
        names.sort();
        names
    };
    let expected = [
        "case/manifests/gateway.yaml",
        "case/more/second.yaml",
        "case/other.yaml",
        "case/scenario.yaml",
        "prices.yaml",
    ];
    assert_eq!(kept(&folder.loads()), expected);
    assert_eq!(
        kept(&folder.variant("five-ecs-nodes").loads()),
        expected,
        "nor is what the variant replaces lost"
    );
}

fn replicas(loaded: &Loaded) -> Option<i32> {
    match loaded.objects[0].object() {
        Some(Object::Deployment(deployment)) => deployment.spec.as_ref().and_then(|spec| spec.replicas),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_variant_changes_the_scenario_or_a_manifest() {
    assert_eq!(Folder::new().variant("five-ecs-nodes").loads().file.spec.pools["gateway"].count, 5);
    assert_eq!(replicas(&Folder::new().loads()), Some(10));
    assert_eq!(replicas(&Folder::new().variant("two-replicas").loads()), Some(2));
}

#[test]
fn an_override_comes_after_the_variant() {
    let folder = Folder::new().variant("five-ecs-nodes").setting("pools.gateway.count", json!(7));
    assert_eq!(folder.loads().file.spec.pools["gateway"].count, 7);
    let folder =
        Folder::new().setting("pools.gateway.instanceType", json!(null)).setting("expect", json!([]));
    let spec = folder.loads().file.spec;
    assert_eq!(spec.pools["gateway"].instance_type, None);
    assert_eq!(spec.expect, Vec::<String>::new());
}

#[test]
fn a_variant_may_be_wrong_only_where_it_is_chosen() {
    let folder = Folder::new().scenario("pools.gateway.count: 5", "pools.gateway.count: five");
    let told = folder.refused();
    assert!(told.contains("spec.variants.five-ecs-nodes.\"pools.gateway.count\""), "{told}");
    assert!(folder.variant("two-replicas").read().is_ok());
}

#[test]
fn places_of_patched_values_are_those_of_the_patch() {
    let mut said = [Diagnostic::new(&overspill_manifest::code::WRONG_VALUE, "x").at(Folder::new()
        .variant("five-ecs-nodes")
        .loads()
        .locator
        .value(&Locator::spec().key("pools").key("gateway").key("count")))];
    locate(&mut said);
    let position = said[0].place.as_ref().and_then(|place| place.position).unwrap();
    assert_eq!((position.line, position.column), (21, 43));
}

#[test]
fn pod_templates_of_sources_are_typed() {
    let source = "  sources:\n    batch: {arrivals: {regular: {every: 1s}}, lifetime: {constant: 5s}, startup: none,\n      \
                  template: {spec: {containers: [{name: c, resources: {requests: {cpu: 2}}}]}}}\n  expect:\n";
    let loaded = Folder::new().scenario("  expect:\n", source).loads();
    let spec = loaded.templates[&("sources", "batch".to_owned())].spec.as_ref().unwrap();
    assert_eq!(spec.containers[0].name, "c");
}

#[test]
fn what_a_server_printed_gives_one_warning() {
    let dump = "apiVersion: v1\nkind: List\nitems:\n\
                - {apiVersion: v1, kind: Node, metadata: {name: a, uid: u1}, spec: {new: 1}}\n\
                - {apiVersion: v1, kind: Node, metadata: {name: b, uid: u2}, spec: {new: 2}}\n\
                - {apiVersion: v1, kind: Endpoints, metadata: {name: c, uid: u3}}\n";
    let mut folder = Folder::new().with("case/manifests/dump.yaml", dump);
    insta::assert_snapshot!("server_printed", folder.shown(&folder.loads().warnings));
    folder.options.strict = true;
    insta::assert_snapshot!("server_printed_strict", folder.refused());
}

#[test]
fn manifests_are_read_without_a_scenario() {
    let folder = Folder::new().with(
        "case/manifests/a.json",
        "{\"apiVersion\":\"v1\",\"kind\":\"Node\",\"metadata\":{\"name\":\"n\"}}",
    );
    let manifests = read_manifests(&[folder.root.path().join("case/manifests")], false).unwrap();
    let titles: Vec<String> = manifests.documents.iter().map(Document::title).collect();
    assert_eq!(titles, ["Node n", "Deployment istio-system/gateway"]);
    let missing = read_manifests(&[folder.root.path().join("nothing.yaml")], false).unwrap_err();
    assert_eq!(folder.shown(&missing), "error[E0001]: there is no file or folder `nothing.yaml`\n\n");
}

#[test]
fn the_schema_describes_every_field_of_the_spec() {
    let schema = schema();
    let spec = schema.pointer("/$defs/Spec/properties").and_then(Value::as_object).unwrap();
    for (name, field) in spec {
        assert!(
            field["description"].as_str().is_some_and(|text| text.len() > 10 && !text.contains('\n')),
            "{name}: {field}"
        );
    }
    assert_eq!(schema.pointer("/$defs/Pool/additionalProperties"), Some(&Value::Bool(false)));
}
