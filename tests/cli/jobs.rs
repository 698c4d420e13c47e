//! Jobs as `overspill get` shows them.

use crate::session::Session;

const PRICES: &str = include_str!("../../prices/cn-hangzhou-usd.yaml");

/// A Job on ECI with a sidecar of this environment; the pod works from 9 s to 109 s if the sidecar is marked.
fn session(env: &str) -> Session {
    let scenario = "apiVersion: overspill/v1alpha1\nkind: Scenario\nmetadata: {name: small}\nspec:\n  horizon: 10m\n  \
                    manifests: [job.yaml]\n  priceList: prices.yaml\n  virtualNodes: {cn-hangzhou-j: {}}\n  eci: {sandbox: \
                    {constant: 5s}, containerStart: {constant: 1s}, ready: {constant: 1s}, imageCache: true}\n  work: {w: \
                    {of: Job/default/pi, container: pi, duration: {constant: 100s}}}\n  sidecars: {ready: {constant: 2s}, \
                    stop: {constant: 3s}}\n";
    let job = format!(
        "apiVersion: batch/v1\nkind: Job\nmetadata: {{name: pi}}\nspec: {{ttlSecondsAfterFinished: 200, template: {{spec: \
         {{restartPolicy: Never, nodeSelector: {{type: virtual-kubelet}}, tolerations: [{{key: \
         virtual-kubelet.io/provider, operator: Exists}}], containers: [{{name: pi, image: pi}}, {{name: logs, image: \
         logs{env}}}]}}}}}}\n"
    );
    let session =
        Session::new().with("scenario.yaml", scenario).with("job.yaml", job).with("prices.yaml", PRICES);
    let ran = session.run("run scenario.yaml --quiet --out run");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    session
}

/// The first row of what is printed, without the object's name.
#[track_caller]
fn row(session: &Session, what: &str, at: &str) -> String {
    let printed = session.run(&format!("get run {what} --at {at}")).printed();
    let row = printed.lines().nth(1).unwrap_or_default();
    row.split_whitespace().skip(1).collect::<Vec<_>>().join(" ")
}

const MARKED: &str = ", env: [{name: ECI_SIDECAR_CONTAINER, value: 'true'}]";

#[test]
fn a_pod_of_a_job_shows_every_stage() {
    let session = session(MARKED);
    for (at, expected) in [
        ("6s", "0/2 ContainerCreating 0 6s"),
        ("8s", "0/2 ContainerCreating 0 8s"),
        ("9500ms", "1/2 Running 0 9s"),
        ("50s", "2/2 Running 0 50s"),
        ("110s", "1/2 NotReady 0 110s"),
        ("150s", "0/2 Completed 0 2m30s"),
    ] {
        assert_eq!(row(&session, "pods", at), expected, "at {at}");
    }
    assert_eq!(session.run("get run pods --at 5m15s").code, 0);
    assert!(
        session.run("get run pods --at 5m15s").stderr.starts_with("No resources found"),
        "the Job has expired"
    );
}

#[test]
fn a_job_shows_how_far_it_is() {
    let marked = session(MARKED);
    assert_eq!(row(&marked, "jobs", "50s"), "Running 0/1 50s 50s");
    assert_eq!(row(&marked, "job pi", "3m"), "Complete 1/1 113s 3m");
    assert!(marked.run("get run jobs --at 5m15s").stderr.starts_with("No resources found"));
    let unmarked = session("");
    assert_eq!(row(&unmarked, "jobs", "10m"), "Running 0/1 10m 10m");
    assert_eq!(row(&unmarked, "pods", "10m"), "1/2 NotReady 0 10m");
    let wide = marked.run("get run jobs -o wide --at 50s").printed();
    assert!(wide.contains("pi,logs") && wide.contains("batch.kubernetes.io/controller-uid="), "{wide}");
    let names =
        marked.run("get run job -o name").stdout + &marked.run("get run job -o name --at 1m").printed();
    assert_eq!(names, "job.batch/pi\n");
}

/// Kubernetes keeps what the platform has given up until somebody deletes it.
#[test]
fn pods_that_the_platform_gave_up_stay_to_be_seen() {
    let scenario = "apiVersion: overspill/v1alpha1\nkind: Scenario\nmetadata: {name: small}\nspec:\n  horizon: 5m\n  \
                    manifests: [pod.yaml]\n  priceList: prices.yaml\n  virtualNodes: {cn-hangzhou-j: {}}\n  eci: {stock: \
                    {cn-hangzhou-j: {'*': 0}}}\n";
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p, annotations: {k8s.aliyun.com/eci-fail-strategy: \
               fail-fast}}\nspec: {nodeSelector: {type: virtual-kubelet}, tolerations: [{operator: Exists}], containers: \
               [{name: c, image: c}]}\n";
    let session =
        Session::new().with("scenario.yaml", scenario).with("pod.yaml", pod).with("prices.yaml", PRICES);
    session.run("run scenario.yaml --quiet --out run").printed();
    assert_eq!(row(&session, "pods", "1m"), "0/1 ProviderFailed 0 60s");
    let yaml = session.run("get run pod p -o yaml").printed();
    assert!(yaml.contains("phase: Failed"), "{yaml}");
}
