//! What one would not expect of kube-scheduler v1.34.1, and what the recorded timelines show.

use super::*;
use crate::object::selector::{Operator, Requirement};
use crate::object::{Effect, LABEL_ZONE, Labels, PodAffinityTerm, Selector, Taint};

fn tainted(mut node: NodeSpec, effect: Effect) -> NodeSpec {
    node.taints.push(Taint { key: "k".to_owned(), value: String::new(), effect });
    node
}

/// A required term that selects pods of one `app` in the zone of the pod.
fn near(app: &str) -> PodAffinityTerm {
    PodAffinityTerm {
        selector: Some(Selector { requirements: vec![Requirement::equals("app", app)] }),
        namespaces: Vec::new(),
        namespace_selector: None,
        topology_key: LABEL_ZONE.to_owned(),
    }
}

fn labelled(app: &str) -> PodSpec {
    PodSpec { labels: [("app", app)].into_iter().collect(), ..asking(100) }
}

/// rule: queue-any-taint
#[test]
fn any_taint_change_of_any_node_wakes_pods_of_plugins_that_know_no_taints() {
    let (old, new) = (node("n", 1000), tainted(node("n", 1000), Effect::PreferNoSchedule));
    for (rejector, place) in [
        (FIT, Place::Active),
        ("NodeName", Place::Active),
        ("NodeAffinity", Place::Active),
        ("NodePorts", Place::Active),
        ("InterPodAffinity", Place::Active),
        ("TaintToleration", Place::Unschedulable),
        ("NodeUnschedulable", Place::Unschedulable),
    ] {
        let mut world = World::new();
        let pod = world.rejected(asking(100), rejector);
        world.at(10.0).happens(&ClusterEvent::NodeTaint(NodeChange { old: &old, new: &new }));
        world.stands(pod, place);
    }
}

/// An event each second for half a minute: how often is the pod tried? As in timelines 905 and 906.
/// rule: queue-pop
#[test]
fn backoff_delays_nothing_while_the_scheduler_is_idle() {
    for (settings, tries) in [(Settings::default(), 31), (gate_off(), 6)] {
        let mut world = World::with(settings);
        let pod = world.rejected(asking(100), FIT);
        for second in 1..=30 {
            world.at(f64::from(second)).flush(Timer::BackoffCompleted);
            if world.queue.is_ready() {
                world.reject(pod, FIT);
            }
            world.at(f64::from(second) + 0.5).room();
            if world.queue.is_ready() {
                world.reject(pod, FIT);
            }
        }
        assert_eq!(world.queue.get(pod).unwrap().attempts(), tries);
    }
}

/// rule: queue-backoff
#[test]
fn a_backoff_lasts_up_to_a_second_longer_and_ends_on_a_whole_second() {
    for (failed_at, over_at) in [(0.0, 2.0), (0.001, 2.0), (0.999, 2.0), (1.0, 3.0)] {
        let mut world = World::new();
        let pod = world.at(failed_at).rejected(asking(100), FIT);
        world.room();
        assert_eq!(world.queue.next_timer(world.now), Some((seconds(over_at), Timer::BackoffCompleted)));
        world.at(over_at - 1.0).flush(Timer::BackoffCompleted);
        world.stands(pod, Place::Backoff);
        world.at(over_at).flush(Timer::BackoffCompleted);
        world.stands(pod, Place::Active);
    }
}

/// rule: queue-backoff
#[test]
fn without_the_gate_a_backoff_ends_to_the_nanosecond() {
    for (failed_at, over_at) in [(0.0, 2.0), (0.999, 2.0), (1.0, 3.0), (1.001, 3.0)] {
        let mut world = World::with(gate_off());
        let pod = world.at(failed_at).rejected(asking(100), FIT);
        assert_eq!(world.queue.backoff_until(pod), Some(seconds(failed_at + 1.0)));
        world.room();
        world.at(over_at - 1.0).flush(Timer::BackoffCompleted);
        world.stands(pod, Place::Backoff);
        world.at(over_at).flush(Timer::BackoffCompleted);
        world.stands(pod, Place::Active);
    }
}

/// As in timeline 907.
/// rule: queue-error
#[test]
fn pods_that_failed_for_want_of_nodes_wait_out_their_backoff_when_a_node_comes() {
    let mut world = World::new();
    let pod = world.add(asking(100));
    assert!(world.run().is_empty());
    let spec = node("n", 1000);
    world.cluster.add_node(spec.clone());
    world.at(0.2).happens(&ClusterEvent::NodeAdd(&spec));
    assert!(world.run().is_empty());
    world.at(2.0).flush(Timer::BackoffCompleted);
    assert_eq!(world.run(), [pod]);
}

/// As in timeline 909.
/// rule: queue-hint-interpodaffinity
#[test]
fn a_pod_rejected_by_anothers_anti_affinity_is_not_woken_when_that_one_goes() {
    let mut other = labelled("other");
    other.pod_anti_affinity.required.push(near("app"));
    let mut world = World::new();
    let pod = world.rejected(labelled("app"), "InterPodAffinity");
    world.at(20.0).happens(&ClusterEvent::PodDelete(&other));
    world.stands(pod, Place::Unschedulable);
    world.at(330.0).flush(Timer::UnschedulableLeftover);
    world.stands(pod, Place::Active);
}

/// rule: queue-hint-interpodaffinity
#[test]
fn of_several_own_anti_affinity_terms_a_pod_that_goes_must_match_all() {
    for (apps, place) in [(vec!["a"], Place::Active), (vec!["a", "b"], Place::Unschedulable)] {
        let mut spec = asking(100);
        spec.pod_anti_affinity.required.extend(apps.into_iter().map(near));
        let mut world = World::new();
        let pod = world.rejected(spec, "InterPodAffinity");
        world.at(20.0).happens(&ClusterEvent::PodDelete(&labelled("a")));
        world.stands(pod, place);
    }
}

/// As in timeline 915.
/// rule: queue-hint-interpodaffinity
#[test]
fn hints_match_a_namespace_selector_against_no_labels() {
    let team = |operator, values: &[&str]| Requirement {
        key: "team".to_owned(),
        operator,
        values: values.iter().map(|&value| value.to_owned()).collect(),
    };
    for (requirements, place) in [
        (vec![Requirement::equals("team", "t2")], Place::Unschedulable),
        (vec![], Place::Active),
        (vec![team(Operator::NotIn, &["t2"])], Place::Active),
        (vec![team(Operator::DoesNotExist, &[])], Place::Active),
    ] {
        let mut spec = asking(100);
        let namespace_selector = Some(Selector { requirements });
        spec.pod_affinity.required.push(PodAffinityTerm { namespace_selector, ..near("a") });
        let mut world = World::new();
        let labels: Labels = [("team", "t2")].into_iter().collect();
        world.cluster.set_namespace("other", labels);
        let pod = world.rejected(spec, "InterPodAffinity");
        let bound = PodSpec { namespace: "other".to_owned(), ..labelled("a") };
        world.at(10.0).happens(&ClusterEvent::PodAdd(&bound));
        world.stands(pod, place);
    }
}

/// rule: queue-hint-interpodaffinity
#[test]
fn a_pod_does_not_wake_itself_by_matching_its_own_affinity() {
    let mut spec = labelled("b");
    spec.pod_affinity.required.push(near("a"));
    let mut world = World::new();
    let pod = world.rejected(spec, "InterPodAffinity");
    world.at(10.0).update(pod, |spec| spec.labels.set("app", "a"));
    world.stands(pod, Place::Unschedulable);
}

/// rule: queue-hint-tolerations
#[test]
fn only_a_pods_own_new_toleration_wakes_it() {
    let mut tolerant = asking(100);
    tolerant.tolerations.push(crate::object::Toleration {
        key: "k".to_owned(),
        exists: true,
        value: String::new(),
        effect: None,
        seconds: None,
    });
    let mut world = World::new();
    let pod = world.rejected(asking(100), "TaintToleration");
    assert!(pod_events(&asking(100), &tolerant, false).is_empty(), "of a bound pod it is no event");
    world.at(10.0).update(pod, |spec| *spec = tolerant);
    world.stands(pod, Place::Active);
}

/// As in timeline 916: a needs b needs c.
/// rule: queue-event
#[test]
fn a_bind_wakes_others_in_the_same_instant() {
    let mut world = World::new();
    let labels: Labels = [(LABEL_ZONE, "z")].into_iter().collect();
    world.cluster.add_node(NodeSpec { labels, ..node("n", 1000) });
    let [a, b] = [("a", "b"), ("b", "c")].map(|(app, wanted)| {
        let mut spec = labelled(app);
        spec.pod_affinity.required.push(near(wanted));
        world.add(spec)
    });
    assert!(world.run().is_empty());
    let c = world.at(60.0).add(labelled("c"));
    assert_eq!(world.run(), [c, b, a]);
}

/// rule: queue-backoff
#[test]
fn a_pod_that_has_failed_five_times_always_backs_off_for_the_longest_time() {
    let mut world = World::new();
    let pod = world.add(asking(100));
    for round in 0..7 {
        let at = 10_000.0 * f64::from(round);
        world.at(at).reject(pod, FIT);
        if round >= 4 {
            assert_eq!(world.queue.backoff_until(pod), Some(seconds(at + 10.0)));
        }
        world.at(at + 5_000.0).room();
    }
}

/// rule: queue-hint-noderesourcesfit
#[test]
fn a_pod_that_asks_for_less_is_woken_and_one_that_asks_for_more_is_not() {
    for (cpu, place) in [(50, Place::Active), (200, Place::Unschedulable)] {
        let mut world = World::new();
        let pod = world.rejected(asking(100), FIT);
        world.at(10.0).update(pod, |spec| *spec = asking(cpu));
        world.stands(pod, place);
    }
}
