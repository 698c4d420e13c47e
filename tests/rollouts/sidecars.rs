//! Sidecars that get another image, worked out by hand: a container stops in 2 s, starts in 1 s and is ready 3 s later;
//! the new image takes 10 s to pull.

use overspill::experiment::Measured;
use overspill::simulation::{Snapshot, run_and_look};
use overspill::units::SimTime;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed};

use crate::course::Course;
use crate::folder::{Case, check_figure, figure};

const HOT: &str = "upgradeStrategy: {upgradeType: HotUpgrade, hotUpgradeEmptyImage: empty}";

/// A SidecarSet whose container has the image `agent:VERSION`, with `more` in the container and `strategy`.
fn set(version: u32, more: &str, strategy: &str) -> String {
    let more = if more.is_empty() { String::new() } else { format!(", {more}") };
    format!(
        "{{apiVersion: apps.kruise.io/v1alpha1, kind: SidecarSet, metadata: {{name: agent}}, spec: {{selector: \
         {{matchLabels: {{app: web}}}}, containers: [{{name: agent, image: 'agent:{version}', resources: {{requests: \
         {{cpu: 250m}}, limits: {{cpu: 250m}}}}{more}}}], updateStrategy: {{{strategy}}}}}}}"
    )
}

fn apply(at: &str, set: &str) -> String {
    format!("    - {{at: {at}, apply: {{manifest: {set}}}}}\n")
}

/// Pods with the agent, on an ECS node, or on a virtual node with `eci`; the steps of `timeline` follow.
fn case(replicas: u32, eci: bool, first: &str, timeline: &str) -> Case {
    let label = if eci { ", alibabacloud.com/eci: 'true'" } else { "" };
    let manifest = format!(
        "# A SidecarSet and its pods
{first}
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web}}
spec:
  replicas: {replicas}
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web{label}}}}}
    spec: {{containers: [{{name: web, image: web, resources: {{requests: {{cpu: 250m}}, limits: {{cpu: 250m}}}}}}]}}
"
    );
    let spec = format!(
        "  horizon: 20m
  images: {{web: 0, 'agent:1': 0, 'agent:2': 600M, 'agent:3': 600M, empty: 0}}
  ecs: {{containerStart: {{constant: 1s}}, ready: {{constant: 3s}}}}
  eci: {{sandbox: {{constant: 0s}}, containerStart: {{constant: 1s}}, ready: {{constant: 3s}}}}
  shutdown: {{constant: 2s}}
  kruise: {{}}
  pools:
    all: {{count: 1, price: 0.26/h, allocatable: {{cpu: 32, memory: 64Gi, pods: '100'}}}}
  virtualNodes: {{cn-hangzhou-j: {{}}}}
  timeline:
{timeline}"
    );
    Case { spec, manifest: manifest.leak() }
}

/// The instants at which the number of ready pods changes, from `from` on, with that number.
fn ready_from(course: &Course, from: u64) -> Vec<(u64, usize)> {
    let mut changes: Vec<(u64, usize)> = Vec::new();
    let mut last = course.at(from - 1).ready();
    for moment in course.moments.iter().filter(|moment| moment.at.whole_secs() >= from) {
        if moment.ready() != last {
            changes.push((moment.at.whole_secs(), moment.ready()));
        }
        last = moment.ready();
    }
    changes
}

fn seen(case: &Case, seconds: u64) -> Snapshot {
    run_and_look(&case.resolve(), SimTime::from_secs(seconds), &mut |_, _| {}).0
}

/// The image of a container of each pod.
fn images(snapshot: &Snapshot, container: &str) -> Vec<String> {
    let image = |pod: &overspill::simulation::snapshot::PodView| {
        pod.spec.containers.iter().find(|one| one.name == container).unwrap().image.clone()
    };
    snapshot.pods.iter().map(image).collect()
}

/// The first pod waits for the image, which is on the node for the next one then.
/// rule: sidecarset-cold-upgrade
#[test]
fn a_cold_upgrade_takes_pods_away_one_by_one() {
    let case = case(3, false, &set(1, "", ""), &apply("5m", &set(2, "", "")));
    let course = Course::of(&case.resolve());
    // Both events of one instant are one change: while one comes back the next one goes.
    assert_eq!(ready_from(&course, 300), [(300, 2), (328, 3)]);
    let away: Vec<_> = [301, 315, 317, 321, 323, 327]
        .map(|at| course.at(at).pods.iter().position(|pod| !pod.ready).unwrap())
        .to_vec();
    assert!(away[0] == away[1] && away[2] == away[3] && away[4] == away[5], "{away:?}");
    assert!(away[0] != away[2] && away[2] != away[4] && away[0] != away[4], "{away:?}");
    let snapshot = seen(&case, 310);
    let counts: Vec<_> =
        snapshot.pods.iter().map(|pod| (pod.containers.restarting, pod.containers.restarts)).collect();
    assert_eq!(counts.iter().filter(|one| **one == (1, 0)).count(), 1, "{counts:?}");
    assert_eq!(counts.iter().filter(|one| **one == (0, 0)).count(), 2, "{counts:?}");
    let after = seen(&case, 400);
    assert_eq!(images(&after, "agent"), ["agent:2"; 3]);
    assert!(after.pods.iter().all(|pod| pod.containers.restarts == 1 && pod.ready.is_some()));
}

/// Half of five, rounded up, are three.
/// rule: sidecarset-max-unavailable
#[test]
fn a_share_of_the_pods_may_be_away_at_once() {
    let with = |version| set(version, "", "maxUnavailable: 50%");
    let course = Course::of(&case(5, false, &with(1), &apply("5m", &with(2))).resolve());
    assert_eq!(ready_from(&course, 300), [(300, 2), (316, 3), (322, 5)]);
}

/// Every instance pulls the image for itself, and keeps its specification and its price.
/// rule: sidecarset-upgrade-bill
/// rule: sidecarset-cold-upgrade
#[test]
fn an_instance_is_upgraded_in_place() {
    let case = case(2, true, &set(1, "", ""), &apply("5m", &set(2, "", "")));
    let course = Course::of(&case.resolve());
    assert_eq!(ready_from(&course, 300), [(300, 1), (332, 2)]);
    let run = case.measure();
    let untouched =
        self::case(2, true, &set(1, "", ""), "    - {at: 5m, delete: {resource: sidecarset/agent}}\n")
            .measure();
    let specs =
        |run: &Measured| run.observation.pods.iter().map(|pod| pod.billed_spec.clone()).collect::<Vec<_>>();
    assert_eq!(specs(&run), specs(&untouched));
    check_figure(&run, "cost.virtual", figure(&untouched, "cost.virtual"));
    assert!(figure(&run, "cost.virtual") > 0.0);
}

/// The idle container stops (2 s), pulls (10 s), starts (1 s), moves the state over (5 s) and is ready (3 s); the other
/// one is reset in 6 s. The next pod finds the image on the node.
/// rule: sidecarset-hot-upgrade
/// rule: sidecarset-migration
#[test]
fn a_hot_upgrade_keeps_every_pod_in_service_and_swaps_roles() {
    let timeline = [apply("5m", &set(2, HOT, "")), apply("10m", &set(3, HOT, ""))].concat();
    let case = case(2, false, &set(1, HOT, ""), &timeline);
    assert_eq!(ready_from(&Course::of(&case.resolve()), 300), []);
    let working = |snapshot: &Snapshot| {
        let key = "kruise.io/sidecarset-working-hotupgrade-container";
        snapshot.pods.iter().map(|pod| pod.spec.annotations.get(key).unwrap().to_owned()).collect::<Vec<_>>()
    };
    let before = seen(&case, 299);
    assert_eq!(
        (images(&before, "agent-1"), images(&before, "agent-2")),
        (vec!["agent:1".to_owned(); 2], vec!["empty".to_owned(); 2])
    );
    let first = |at: u64| {
        let snapshot = seen(&case, at);
        let one = |container: &str| images(&snapshot, container);
        let restarts: u32 = snapshot.pods.iter().map(|pod| pod.containers.restarts).sum();
        (one("agent-1").concat(), one("agent-2").concat(), restarts)
    };
    let text = |one: &str, two: &str, restarts| (one.to_owned(), two.to_owned(), restarts);
    // The newer pod of the two is the first; both were created at once, and the first of the list stands for it.
    assert_eq!(first(320), text("agent:1agent:1", "agent:2empty", 0));
    assert_eq!(first(321), text("emptyagent:1", "agent:2empty", 1));
    assert_eq!(first(327), text("emptyagent:1", "agent:2agent:2", 2));
    assert_eq!(first(337), text("emptyagent:1", "agent:2agent:2", 2));
    assert_eq!(first(338), text("emptyempty", "agent:2agent:2", 3));
    assert_eq!(first(344), text("emptyempty", "agent:2agent:2", 4));
    assert_eq!(working(&seen(&case, 400)), ["{\"agent\":\"agent-2\"}"; 2]);
    assert_eq!(first(1000), text("agent:3agent:3", "emptyempty", 8));
    assert_eq!(working(&seen(&case, 1000)), ["{\"agent\":\"agent-1\"}"; 2]);
}

/// Both containers count, idle or not: 250m of the application and twice 250m.
/// rule: sidecarset-hot-upgrade
#[test]
fn the_idle_container_is_paid_for_and_reserved() {
    let milli =
        |more: &str| seen(&case(1, false, &set(1, more, ""), ""), 60).pods[0].spec.requests.placed.cpu.0;
    assert_eq!((milli(""), milli(HOT)), (500, 750));
}

/// rule: sidecarset-partition
#[test]
fn pods_of_the_partition_keep_their_image() {
    let with = |version| set(version, "", "partition: 50%, maxUnavailable: 100%");
    let case = case(
        5,
        false,
        &with(1),
        &[
            apply("5m", &with(2)),
            "    - {at: 10m, scale: {resource: deployment/default/web, replicas: 6}}\n".to_owned(),
        ]
        .concat(),
    );
    let count =
        |at: u64, image: &str| images(&seen(&case, at), "agent").iter().filter(|one| *one == image).count();
    assert_eq!((count(500, "agent:1"), count(500, "agent:2")), (3, 2));
    // A new pod has the new image.
    assert_eq!((count(1000, "agent:1"), count(1000, "agent:2")), (3, 3));
}

/// rule: sidecarset-update-selection
#[test]
fn an_upgrade_that_is_paused_goes_on_when_it_is_resumed() {
    let stopped = |strategy: &str| {
        let timeline = [apply("5m", &set(2, "", strategy)), apply("10m", &set(2, "", ""))].concat();
        ready_from(&Course::of(&case(2, false, &set(1, "", ""), &timeline).resolve()), 300)
    };
    for strategy in ["paused: true", "type: NotUpdate", "selector: {matchLabels: {app: other}}"] {
        assert_eq!(stopped(strategy), [(600, 1), (622, 2)], "{strategy}");
    }
}

/// rule: sidecarset-image-only
#[test]
fn other_fields_come_to_new_pods_only() {
    let other = set(2, "env: [{name: LEVEL, value: debug}]", "");
    let scale = "    - {at: 10m, scale: {resource: deployment/default/web, replicas: 3}}\n";
    let case = case(2, false, &set(1, "", ""), &[apply("5m", &other), scale.to_owned()].concat());
    let mut after = images(&seen(&case, 1000), "agent");
    after.sort();
    assert_eq!(after, ["agent:1", "agent:1", "agent:2"]);
}

/// The pods name the SidecarSet that they have the containers of: it may be deleted and come again.
/// rule: sidecarset-cold-upgrade
#[test]
fn a_set_that_comes_again_upgrades_its_pods() {
    let away = "    - {at: 5m, delete: {resource: sidecarset/agent}}\n".to_owned();
    let case = case(3, false, &set(1, "", ""), &[away, apply("6m", &set(2, "", ""))].concat());
    assert_eq!(images(&seen(&case, 359), "agent"), ["agent:1"; 3]);
    assert_eq!(images(&seen(&case, 400), "agent"), ["agent:2"; 3]);
    assert_eq!(ready_from(&Course::of(&case.resolve()), 360), [(360, 2), (388, 3)]);
}

/// The first pod has its new container at 321 s, when nobody resets the other one: that waits until the set comes again.
/// rule: sidecarset-hot-upgrade
#[test]
fn a_swap_goes_on_when_its_set_comes_again() {
    let away = "    - {at: 310s, delete: {resource: sidecarset/agent}}\n".to_owned();
    let timeline = [apply("5m", &set(2, HOT, "")), away, apply("10m", &set(2, HOT, ""))].concat();
    let case = case(1, false, &set(1, HOT, ""), &timeline);
    let both = |at: u64| [images(&seen(&case, at), "agent-1"), images(&seen(&case, at), "agent-2")].concat();
    assert_eq!(both(599), ["agent:1", "agent:2"]);
    assert_eq!(both(700), ["empty", "agent:2"]);
}

/// The pod is bound at once and its container with the old image on its way: it starts at 1 s, and is restarted then. That
/// one stops in 2 s, pulls for 10 s, starts in 1 s and is ready 3 s later.
/// rule: sidecarset-cold-upgrade
#[test]
fn a_pod_that_starts_runs_its_old_image_first() {
    for (eci, ready) in [(false, 17), (true, 17)] {
        let cold = case(1, eci, &set(1, "", ""), &apply("500ms", &set(2, "", "")));
        let run = cold.measure();
        let seen_ready = run.observation.pods[0].ready.map(SimTime::whole_secs);
        assert_eq!(seen_ready, Some(ready), "{eci}");
        assert_eq!(images(&seen(&cold, 60), "agent"), ["agent:2"]);
        assert_eq!(seen(&cold, 60).pods[0].containers.restarts, 1);
    }
    let hot = case(1, false, &set(1, HOT, ""), &apply("500ms", &set(2, HOT, "")));
    assert_eq!(ready_from(&Course::of(&hot.resolve()), 1), [(4, 1)], "the other container works meanwhile");
    let after = seen(&hot, 60);
    assert_eq!(
        (images(&after, "agent-1"), images(&after, "agent-2")),
        (vec!["empty".into()], vec!["agent:2".into()])
    );
}

/// It starts before its postStart hook and whatever makes it ready; the other one stops only then.
/// rule: sidecarset-hot-upgrade
#[test]
fn a_container_starts_before_it_is_ready() {
    let case = case(1, false, &set(1, HOT, ""), &apply("5m", &set(2, HOT, "")));
    let events = case.measure().observation.events;
    let told: Vec<_> = events
        .iter()
        .filter(|event| event.time >= SimTime::from_secs(300) && event.reason != "ResetContainerSucceed")
        .map(|event| (event.time.whole_secs(), event.reason))
        .collect();
    assert_eq!(told, [(300, "Killing"), (313, "Started"), (321, "Killing"), (324, "Started")]);
}

/// A pod that is deleted in the middle of its upgrade is gone, and the next one is upgraded.
#[test]
fn a_pod_that_goes_in_the_middle_makes_room() {
    let scale = "    - {at: 305s, scale: {resource: deployment/default/web, replicas: 2}}\n";
    let case = case(3, false, &set(1, "", ""), &[apply("5m", &set(2, "", "")), scale.to_owned()].concat());
    assert_eq!(images(&seen(&case, 400), "agent"), ["agent:2"; 2]);
    assert_eq!(Course::of(&case.resolve()).moments.last().unwrap().ready(), 2);
}

proptest! {
    #![proptest_config(Config { cases: 24, rng_seed: RngSeed::Fixed(11), failure_persistence: None, ..Config::default() })]

    /// rule: sidecarset-max-unavailable
    #[test]
    fn no_instant_has_more_pods_away_than_allowed(replicas in 1_u32..9, most in 1_u32..5, eci: bool, hot: bool) {
        let more = if hot { HOT } else { "" };
        let with = |version| set(version, more, &format!("maxUnavailable: {most}"));
        let case = case(replicas, eci, &with(1), &apply("5m", &with(2)));
        let course = Course::of(&case.resolve());
        for moment in course.moments.iter().filter(|moment| moment.at.whole_secs() >= 300) {
            let away = replicas as usize - moment.ready();
            let allowed = if hot { 0 } else { most as usize };
            prop_assert!(away <= allowed, "{:?}", moment);
        }
        let after = seen(&case, 1200);
        let restarts = if hot { 2 } else { 1 };
        let is_done = after.pods.iter().all(|pod| pod.ready.is_some() && pod.containers.restarts == restarts);
        prop_assert!(is_done, "{:?}", after.pods);
    }
}
