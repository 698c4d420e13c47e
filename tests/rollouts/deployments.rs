//! Rollouts that can be worked out by hand: a pod is ready ten seconds after it was created and shuts down for two.

use crate::course::Course;
use crate::folder::Case;

/// Pods with an image of no size on one node: they are ready 10 s after their creation.
const PLACE: &str = "  horizon: 20m
  defaultImageSize: 0
  ecs: {containerStart: {constant: 0s}, ready: {constant: 10s}}
  shutdown: {constant: 2s}
  pools:
    all: {count: 1, price: 0.26/h, allocatable: {cpu: 8, memory: 32Gi, pods: '100'}}
";

/// Four pods.
fn web(more: &str, image: &str) -> String {
    format!(
        "{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: web}}, spec: {{{more} selector: {{matchLabels: \
         {{app: web}}}}, template: {{metadata: {{labels: {{app: web}}}}, spec: {{containers: [{{name: web, image: \
         {image}, resources: {{requests: {{cpu: 100m}}}}}}]}}}}}}}}"
    )
}

/// What comes of `steps`, with a Deployment of which `more` says how it is rolled out.
fn course(more: &str, steps: &str) -> Course {
    let manifest = format!("# A Deployment\n{}\n", web(&format!("replicas: 4, {more}"), "w1"));
    Course::of(&Case { spec: format!("{PLACE}  timeline:\n{steps}"), manifest: manifest.leak() }.resolve())
}

const W2: &str = "    - {at: 5m, setImage: {resource: deployment/default/web, images: {web: w2}}}\n";

/// The name of the ReplicaSet that a message is about, and the message without it.
fn without_name(message: &str) -> String {
    message.split(' ').filter(|word| !word.starts_with("web-")).collect::<Vec<_>>().join(" ")
}

fn steps_of(course: &Course, from: u64) -> Vec<(u64, String)> {
    let later = course.said.iter().filter(|(at, _)| at.whole_secs() >= from);
    later.map(|(at, message)| (at.whole_secs(), without_name(message))).collect()
}

#[track_caller]
fn check_steps(course: &Course, expected: &[(u64, &str)]) {
    let seen = steps_of(course, 1);
    let seen: Vec<_> = seen.iter().map(|(at, message)| (*at, message.as_str())).collect();
    assert_eq!(seen, expected);
}

/// One more pod and one fewer: 25 percent of four. The new ones are ready ten seconds after they came.
/// rule: rolling-update-surge
/// rule: rolling-update-availability
#[test]
fn a_rollout_goes_step_by_step() {
    check_steps(
        &course("", W2),
        &[
            (300, "Scaled up replica set from 0 to 1"),
            (300, "Scaled down replica set from 4 to 3"),
            (300, "Scaled up replica set from 1 to 2"),
            (310, "Scaled down replica set from 3 to 2"),
            (310, "Scaled up replica set from 2 to 3"),
            (310, "Scaled down replica set from 2 to 1"),
            (310, "Scaled up replica set from 3 to 4"),
            (320, "Scaled down replica set from 1 to 0"),
        ],
    );
}

/// rule: min-ready-seconds
#[test]
fn pods_count_when_they_have_been_ready_for_long_enough() {
    let one_by_one = "strategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}";
    let ends = |more: &str| steps_of(&course(&format!("{one_by_one}, {more}"), W2), 300).last().unwrap().0;
    // Four times ten seconds, and five more each time.
    assert_eq!(ends(""), 340);
    assert_eq!(ends("minReadySeconds: 5,"), 360);
}

/// rule: deployment-recreate
#[test]
fn recreate_leaves_nobody_in_between() {
    let course = course("strategy: {type: Recreate},", W2);
    check_steps(
        &course,
        &[(300, "Scaled down replica set from 4 to 0"), (302, "Scaled up replica set from 0 to 4")],
    );
    assert_eq!((course.at(301).active(), course.at(301).pods.len()), (0, 4));
    assert_eq!((course.at(311).ready(), course.at(312).ready()), (0, 4));
}

/// The ReplicaSet of the first image is there still, with its name; its pods have other names than before.
/// rule: deployment-rollback
#[test]
fn an_earlier_template_finds_its_replica_set_again() {
    let back = format!(
        "{W2}    - {{at: 10m, setImage: {{resource: deployment/default/web, images: {{'*': w1}}}}}}\n"
    );
    let course = course("", &back);
    let set = |at: u64| course.at(at).pods[0].name.rsplit_once('-').unwrap().0.to_owned();
    let (before, between, after) = (set(299), set(599), set(1000));
    assert!(before == after && before != between, "{before} {between} {after}");
    assert_eq!(course.at(1000).of(&before), 4);
    let names = |at: u64| course.at(at).pods.iter().map(|pod| pod.name.clone()).collect::<Vec<_>>();
    assert!(names(299).iter().all(|name| !names(1000).contains(name)));
    // A third template counts on from there.
    assert_eq!(steps_of(&course, 600).len(), 8);
}

/// rule: deployment-paused
#[test]
fn a_rollout_that_is_paused_stands_still_and_goes_on() {
    let apply =
        |at: &str, more: &str| format!("    - {{at: {at}, apply: {{manifest: {}}}}}\n", web(more, "w2"));
    let steps = [W2, &apply("305s", "replicas: 4, paused: true,"), &apply("10m", "replicas: 4,")].concat();
    let course = course("", &steps);
    let at: Vec<_> = steps_of(&course, 301).into_iter().map(|(at, _)| at).collect();
    // Three old pods are there beside two new ones, as they were when it was paused: two of the old can go at once.
    assert_eq!(at, [600, 600, 610]);
    assert_eq!((course.at(599).active(), course.at(599).ready()), (5, 5));
}

/// Five pods, three of the old template and two of the new: eight and two more of surge are shared out three to two.
/// rule: proportional-scaling
#[test]
fn scaling_in_the_middle_keeps_the_shares() {
    let scale = "    - {at: 305s, scale: {resource: deployment/default/web, replicas: 8}}\n";
    let course = course("", &format!("{W2}{scale}"));
    let said: Vec<_> = course.said_at(305).into_iter().map(without_name).collect();
    assert_eq!(said, ["Scaled up replica set from 3 to 6", "Scaled up replica set from 2 to 4"]);
    assert_eq!(course.moments.last().unwrap().ready(), 8);
}

#[test]
fn deleting_a_deployment_in_the_middle_deletes_every_pod() {
    let delete = "    - {at: 305s, delete: {resource: deployment/default/web}}\n";
    assert_eq!(course("", &format!("{W2}{delete}")).moments.last().unwrap().pods.len(), 0);
}

/// rule: deployment-paused
#[test]
fn a_deployment_that_comes_paused_makes_no_pods() {
    let resume = format!("    - {{at: 5m, apply: {{manifest: {}}}}}\n", web("replicas: 4,", "w1"));
    let course = course("paused: true,", &resume);
    assert_eq!(course.moments[0].at.whole_secs(), 300);
    assert_eq!(course.moments.last().unwrap().ready(), 4);
}

/// rule: deployment-history
#[test]
fn with_no_history_a_rollback_makes_the_set_anew() {
    let back = format!(
        "{W2}    - {{at: 10m, setImage: {{resource: deployment/default/web, images: {{web: w1}}}}}}\n"
    );
    let course = course("revisionHistoryLimit: 0,", &back);
    assert_eq!(course.moments.last().unwrap().ready(), 4);
    assert_eq!(steps_of(&course, 600).len(), 8);
}

/// 500m of load at 50m for each pod are ten pods, or one more where a sample of an old pod is still counted beside that of
/// its successor: eleven lie within the autoscaler's tolerance of a tenth and stay.
#[test]
fn an_autoscaler_sizes_a_deployment_that_is_rolled_out() {
    let manifest = format!(
        "# A Deployment and its autoscaler
{}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {{name: web}}
spec:
  scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: web}}
  minReplicas: 4
  maxReplicas: 20
  metrics: [{{type: Resource, resource: {{name: cpu, target: {{type: Utilization, averageUtilization: 50}}}}}}]
",
        web("replicas: 4,", "w1")
    );
    let spec = format!(
        "{PLACE}  traffic:
    users:
      to: Deployment/default/web
      rate: {{step: {{at: 5m, from: 200/s, to: 500/s}}}}
      cpuPerThousandRequests: 1
  timeline:
{}",
        W2.replace("5m", "5m10s")
    );
    let course = Course::of(&Case { spec, manifest: manifest.leak() }.resolve());
    let old: Vec<_> = course.at(309).pods.iter().map(|pod| pod.name.clone()).collect();
    let after = course.at(600);
    assert_eq!((old.len(), after.ready()), (4, after.active()));
    assert!((10..=11).contains(&after.ready()), "{after:?}");
    assert!(after.pods.iter().all(|pod| !old.contains(&pod.name)));
}

/// `kubectl describe deployment` shows it from the first ReplicaSet on; a ReplicaSet on its own has no such event.
#[test]
fn only_deployments_tell_of_the_replica_sets_that_they_scale() {
    let course = course("", "    - {at: 5m, scale: {resource: deployment/default/web, replicas: 5}}\n");
    assert_eq!(
        steps_of(&course, 0),
        [
            (0, "Scaled up replica set from 0 to 4".to_owned()),
            (300, "Scaled up replica set from 4 to 5".to_owned())
        ]
    );
    let bare = web("replicas: 2,", "w1").replace("kind: Deployment", "kind: ReplicaSet");
    let manifest = format!("# A ReplicaSet\n{bare}\n");
    let step = "    - {at: 5m, scale: {resource: replicaset/default/web, replicas: 3}}\n";
    let case = Case { spec: format!("{PLACE}  timeline:\n{step}"), manifest: manifest.leak() };
    let events = case.measure().observation.events;
    let created = events.iter().filter(|event| event.reason == "SuccessfulCreate").count();
    let told = events.iter().filter(|event| event.reason == "ScalingReplicaSet").count();
    assert_eq!((created, told), (3, 0));
}

/// kubectl, "Declarative management": a field that the configuration before has and the new one has not is cleared, and
/// the default of one replica holds. What was never written is left to whoever scales.
#[test]
fn replicas_that_are_not_written_any_more_are_taken_back() {
    let apply =
        |at: &str, more: &str| format!("    - {{at: {at}, apply: {{manifest: {}}}}}\n", web(more, "w1"));
    let scale = "    - {at: 6m, scale: {resource: deployment/default/web, replicas: 7}}\n".to_owned();
    let active = |steps: &[String]| course("", &steps.concat()).at(1000).active();
    assert_eq!(active(&[apply("5m", "")]), 1);
    assert_eq!(active(&[apply("5m", ""), scale.clone(), apply("7m", "")]), 7);
    assert_eq!(active(&[apply("5m", "replicas: 3,"), scale, apply("7m", "")]), 1);
    let again = "    - {at: 4m, delete: {resource: deployment/default/web}}\n".to_owned();
    let create = format!("    - {{at: 5m, create: {{manifest: {}}}}}\n", web("replicas: 3,", "w1"));
    assert_eq!(active(&[again, create, apply("7m", "")]), 3, "what was created was not applied");
}
