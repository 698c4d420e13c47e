//! StatefulSets in runs: pods with names that stay, one after another.

#[path = "stateful_sets/trial.rs"]
mod trial;

use overspill::experiment::measure;
use overspill::metric::PodRow;
use overspill::units::SimTime;
use trial::{Trial, step, web};

fn at(seconds: u64) -> SimTime {
    SimTime::from_secs(seconds)
}

/// Rows by name and creation; pods of other workloads are left out.
fn rows(trial: &Trial) -> Vec<PodRow> {
    let observation = measure(&trial.resolve(), &mut |_| {}).observation;
    let mut rows: Vec<_> =
        observation.pods.into_iter().filter(|row| row.workload == "StatefulSet/shop/web").collect();
    rows.sort_by(|a, b| (&a.name, a.created).cmp(&(&b.name, b.created)));
    rows
}

/// Name, creation and end in whole seconds.
fn lives(trial: &Trial) -> Vec<(String, u64, Option<u64>)> {
    let seconds = |time: SimTime| time.whole_secs();
    let rows = rows(trial).into_iter();
    rows.map(|row| (row.name, seconds(row.created), row.finished.map(seconds))).collect()
}

fn life(name: &str, created: u64, ended: Option<u64>) -> (String, u64, Option<u64>) {
    (name.to_owned(), created, ended)
}

/// A pod takes 10 s to be ready.
///
/// rule: stateful-set-order
#[test]
fn pods_come_one_after_another() {
    let trial = Trial::of(&web("replicas: 3,", "w1"));
    assert_eq!(lives(&trial), [life("web-0", 0, None), life("web-1", 10, None), life("web-2", 20, None)]);
    let available = Trial::of(&web("replicas: 2, minReadySeconds: 30,", "w1"));
    assert_eq!(lives(&available), [life("web-0", 0, None), life("web-1", 40, None)]);
    let parallel = Trial::of(&web("replicas: 3, podManagementPolicy: Parallel, ordinals: {start: 4},", "w1"));
    assert_eq!(lives(&parallel), [life("web-4", 0, None), life("web-5", 0, None), life("web-6", 0, None)]);
}

/// A pod takes 2 s to end.
///
/// rule: stateful-set-order
#[test]
fn the_highest_go_first_one_after_another() {
    let scale = step("5m", "scale: {resource: statefulset/shop/web, replicas: 1}");
    let trial = Trial { timeline: scale, ..Trial::of(&web("replicas: 3,", "w1")) };
    let expected = [life("web-0", 0, None), life("web-1", 10, Some(304)), life("web-2", 20, Some(302))];
    assert_eq!(lives(&trial), expected);
}

/// rule: stateful-set-identity
#[test]
fn a_deleted_pod_comes_back_under_its_name_once_it_is_gone() {
    let timeline = step("5m", "delete: {resource: pod/shop/web-1}");
    let trial = Trial { timeline, ..Trial::of(&web("replicas: 3,", "w1")) };
    let expected = [
        life("web-0", 0, None),
        life("web-1", 10, Some(302)),
        life("web-1", 302, None),
        life("web-2", 20, None),
    ];
    assert_eq!(lives(&trial), expected);
}

/// Each of them ends for 2 s and starts for 10 s.
///
/// rule: stateful-set-update
#[test]
fn another_template_is_rolled_out_from_the_highest_down() {
    let apply = |more: &str| step("5m", &format!("apply: {{manifest: {}}}", web(more, "w2")));
    let trial = Trial { timeline: apply("replicas: 2,"), ..Trial::of(&web("replicas: 2,", "w1")) };
    let expected = [
        life("web-0", 0, Some(314)),
        life("web-0", 314, None),
        life("web-1", 10, Some(302)),
        life("web-1", 302, None),
    ];
    assert_eq!(lives(&trial), expected);
    let partition = "replicas: 2, updateStrategy: {rollingUpdate: {partition: 1}},";
    let trial = Trial { timeline: apply(partition), ..Trial::of(&web("replicas: 2,", "w1")) };
    let expected = [life("web-0", 0, None), life("web-1", 10, Some(302)), life("web-1", 302, None)];
    assert_eq!(lives(&trial), expected);
    let on_delete = "replicas: 2, updateStrategy: {type: OnDelete},";
    let trial = Trial { timeline: apply(on_delete), ..Trial::of(&web("replicas: 2,", "w1")) };
    assert_eq!(lives(&trial), [life("web-0", 0, None), life("web-1", 10, None)]);
}

/// Back to the template before, before the update is through: those that still have it stay.
#[test]
fn an_update_that_is_taken_back_leaves_what_it_has_not_reached() {
    let apply =
        |at: &str, image: &str| step(at, &format!("apply: {{manifest: {}}}", web("replicas: 2,", image)));
    let timeline = apply("300s", "w2") + &apply("303s", "w1");
    let trial = Trial { timeline, ..Trial::of(&web("replicas: 2,", "w1")) };
    let web_0: Vec<_> = lives(&trial).into_iter().filter(|(name, ..)| name == "web-0").collect();
    assert_eq!(web_0, [life("web-0", 0, None)]);
}

/// 1600 requests per second at 400m a thousand are 640m: seven pods at 100m, and 80 % of that are aimed at, are eight.
#[test]
fn an_autoscaler_sizes_it_and_traffic_goes_to_it() {
    let autoscaler = "---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web, namespace: \
        shop}\nspec: {scaleTargetRef: {apiVersion: apps/v1, kind: StatefulSet, name: web}, minReplicas: 2, \
        maxReplicas: 20, metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, \
        averageUtilization: 80}}}]}\n";
    let spec = "
  traffic: {t: {to: StatefulSet/shop/web, rate: {constant: 1600/s}, cpuPerThousandRequests: 400m}}
";
    let set = web("replicas: 2, podManagementPolicy: Parallel,", "w1");
    let trial = Trial { beside: autoscaler, spec, ..Trial::of(&set) };
    let alive: Vec<_> = rows(&trial).into_iter().filter(|row| row.finished.is_none()).collect();
    let names: Vec<_> = alive.iter().map(|row| row.name.as_str()).collect();
    assert_eq!(names, ["web-0", "web-1", "web-2", "web-3", "web-4", "web-5", "web-6", "web-7"]);
    assert!(alive.iter().all(|row| row.ready.is_some_and(|ready| ready < at(600))));
}

/// web-0 and web-2 are there, and web-1 comes at once.
#[test]
fn pods_of_the_manifests_are_its_own() {
    let pod = |ordinal: u32| {
        format!(
            "---\napiVersion: v1\nkind: Pod\nmetadata: {{name: web-{ordinal}, namespace: shop, labels: {{app: web}}, \
             ownerReferences: [{{apiVersion: apps/v1, kind: StatefulSet, name: web, uid: u, controller: true}}]}}\n\
             spec: {{nodeName: all-1, containers: [{{name: a, image: w1}}]}}\n"
        )
    };
    let beside: &'static str = Box::leak((pod(0) + &pod(2)).into_boxed_str());
    let trial = Trial { beside, ..Trial::of(&web("replicas: 3,", "w1")) };
    assert_eq!(lives(&trial), [life("web-0", 0, None), life("web-1", 0, None), life("web-2", 0, None)]);
}

/// Its pods end, and those of the next one of its name come when they are gone.
#[test]
fn a_deleted_set_gives_its_names_back_when_its_pods_are_gone() {
    let create = step("301s", &format!("create: {{manifest: {}}}", web("replicas: 1,", "w1")));
    let timeline = step("300s", "delete: {resource: statefulset/shop/web}") + &create;
    let trial = Trial { timeline, ..Trial::of(&web("replicas: 2,", "w1")) };
    let expected = [life("web-0", 0, Some(302)), life("web-0", 302, None), life("web-1", 10, Some(302))];
    assert_eq!(lives(&trial), expected);
}

#[test]
fn what_never_changes_is_refused() {
    let parallel = web("replicas: 2, podManagementPolicy: Parallel,", "w1");
    let timeline = step("5m", &format!("apply: {{manifest: {parallel}}}"));
    let trial = Trial { timeline, ..Trial::of(&web("replicas: 2,", "w1")) };
    let told = trial.told();
    assert!(told[0].starts_with("updates to statefulset spec for fields other than 'replicas'"), "{told:#?}");
}
