use super::*;
use overspill_manifest::{Source, read_documents, to_yaml};

/// What is left of one object.
fn cleaned(text: &str) -> (LeftOut, Option<String>) {
    // A text that begins with a brace would be read as JSON.
    let read = read_documents(&Source::new("f.yaml", format!("---\n{text}")));
    assert_eq!(read.diagnostics, []);
    let mut left_out = LeftOut::default();
    let value = left_out.clean(&read.documents[0]);
    (left_out, value.map(|value| to_yaml(&value)))
}

#[test]
fn what_a_server_adds_to_a_pod_is_left_out() {
    let (left_out, text) = cleaned(
        "apiVersion: v1
kind: Pod
metadata:
  name: p
  namespace: d
  uid: u
  resourceVersion: '5'
  managedFields: [{manager: kubelet}]
  annotations: {kubectl.kubernetes.io/last-applied-configuration: password, token: password, k8s.aliyun.com/eci-use-specs: 2-4Gi}
spec:
  nodeName: n1
  future: 1
  containers:
  - name: c
    command: [run, --password=x]
    env: [{name: PASSWORD, value: x}, {name: __IS_SIDECAR__, value: 'true'}]
    resources: {requests: {cpu: 100m}}
status:
  phase: Running
  startTime: '2026-01-05T10:00:00Z'
  conditions: [{type: Ready, status: 'True'}]
  containerStatuses:
  - {name: c, image: i, imageID: '', ready: true, restartCount: 0, allocatedResources: {cpu: 100m}}
",
        );
    let expected = "apiVersion: v1
kind: Pod
metadata:
  annotations:
    k8s.aliyun.com/eci-use-specs: 2-4Gi
  name: p
  namespace: d
spec:
  containers:
  - env:
    - name: __IS_SIDECAR__
      value: \"true\"
    name: c
    resources:
      requests:
        cpu: 100m
  nodeName: n1
status:
  startTime: \"2026-01-05T10:00:00Z\"
";
    assert_eq!(text.as_deref(), Some(expected));
    assert_eq!(left_out.fields.into_iter().collect::<Vec<_>>(), [("Pod.spec.future".to_owned(), 1)]);
    assert_eq!((left_out.containers, left_out.annotations), (1, 2));
}

/// Hooks and probes stay, for the order in which containers start goes by them; what they call does not.
#[test]
fn secrets_in_hooks_probes_volumes_and_templates_are_left_out() {
    let (left_out, text) = cleaned(
        "apiVersion: apps/v1
kind: Deployment
metadata: {name: d, annotations: {note: password}}
spec:
  selector: {matchLabels: {a: b}}
  template:
    metadata: {labels: {a: b}, annotations: {vault: password, sidecar.istio.io/proxyCPU: 50m}}
    spec:
      hostAliases: [{ip: 10.0.0.1, hostnames: [password]}]
      imagePullSecrets: [{name: password}]
      containers:
      - name: c
        lifecycle:
          postStart: {exec: {command: [login, password]}}
          preStop: {httpGet: {port: 1, path: /password, httpHeaders: [{name: a, value: password}]}}
        startupProbe: {exec: {command: [password]}}
        livenessProbe: {httpGet: {port: 1, path: /?password, httpHeaders: [{name: a, value: password}]}}
      volumes:
      - {name: v, csi: {driver: oss, volumeAttributes: {akSecret: password}}}
      - {name: w, flexVolume: {driver: oss, options: {akSecret: password}}}
      - {name: x, emptyDir: {}}
",
    );
    let text = text.unwrap();
    assert!(!text.contains("password"), "{text}");
    for kept in ["postStart:", "startupProbe:", "port: 1", "driver: oss", "emptyDir: {}", "proxyCPU: 50m"] {
        assert!(text.contains(kept), "{kept}: {text}");
    }
    assert_eq!((left_out.containers, left_out.annotations, left_out.pods), (1, 2, 1));
}

/// Pods count in the unit whose annotations they carry.
#[test]
fn annotations_that_policies_know_pods_by_are_kept() {
    let text = "{apiVersion: scheduling.alibabacloud.com/v1alpha1, kind: ResourcePolicy, metadata: {name: r}, \
                    spec: {selector: {a: b}, units: [{resource: ecs, podAnnotations: {unit: one}}]}}";
    let read = read_documents(&Source::new("f.yaml", format!("---\n{text}")));
    let mut left_out = LeftOut::of(&read.documents);
    assert!(to_yaml(&left_out.clean(&read.documents[0]).unwrap()).contains("unit: one"));
    let pod = "---\n{apiVersion: v1, kind: Pod, metadata: {name: p, annotations: {unit: one, other: two}}, spec: {containers: []}}";
    let read = read_documents(&Source::new("p.yaml", pod));
    let text = to_yaml(&left_out.clean(&read.documents[0]).unwrap());
    assert!(text.contains("unit: one") && !text.contains("two"), "{text}");
}

#[test]
fn a_resize_that_is_under_way_is_kept() {
    let (_, text) = cleaned(
            "{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{name: c, resources: {requests: {cpu: '2'}}}]},
              status: {conditions: [{type: PodResizePending, status: 'True', reason: Infeasible}],
                       containerStatuses: [{name: c, image: i, imageID: '', ready: true, restartCount: 0, allocatedResources: {cpu: '1'}}]}}",
        );
    let text = text.unwrap();
    assert!(
        text.contains("PodResizePending") && text.contains("allocatedResources:\n      cpu: \"1\""),
        "{text}"
    );
}

#[test]
fn secrets_are_names_and_nothing_else() {
    let secret =
        "{apiVersion: v1, kind: Secret, metadata: {name: s, uid: u}, type: Opaque, data: {a: c2VjcmV0}}";
    let (left_out, text) = cleaned(secret);
    assert_eq!(text.unwrap(), "apiVersion: v1\nkind: Secret\nmetadata:\n  name: s\ntype: Opaque\n");
    assert_eq!(left_out.contents, 1);
    let profile = "{apiVersion: v1, kind: ConfigMap, metadata: {name: eci-profile, namespace: kube-system}, data: {vpcId: v}}";
    assert!(cleaned(profile).1.unwrap().contains("vpcId: v"), "the simulation reads it");
}

#[test]
fn what_is_over_is_left_out_as_a_whole() {
    let ended =
        "{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: []}, status: {phase: Failed}}";
    let job = "{apiVersion: batch/v1, kind: Job, metadata: {name: j}, status: {conditions: [{type: Complete, status: 'True'}]}}";
    let unknown = "{apiVersion: v1, kind: Endpoints, metadata: {name: e, uid: u}}";
    let counts = |(left_out, text): (LeftOut, Option<String>)| {
        assert_eq!(text, None);
        (left_out.ended_pods, left_out.ended_jobs, left_out.kinds.len())
    };
    let counted = [ended, job, unknown].map(|text| counts(cleaned(text)));
    assert_eq!(counted, [(1, 0, 0), (0, 1, 0), (0, 0, 1)]);
}
