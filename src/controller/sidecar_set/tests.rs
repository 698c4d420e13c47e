use super::*;
use crate::controller::pod_status::ConditionStatus;
use crate::object::sidecar_set::PodCount::{Percent, Pods};

/// A pod that has run for a while and has the images of before.
fn old() -> Pod {
    Pod {
        scheduled: true,
        phase: PodPhase::Running,
        ready: ready_since(1000),
        restarts: 0,
        created: SimTime::from_secs(900),
        version: Version::Behind,
        settled: true,
        selected: true,
    }
}

fn new() -> Pod {
    Pod { version: Version::Present, ..old() }
}

fn ready_since(seconds: u64) -> Option<ReadyCondition> {
    Some(ReadyCondition { status: ConditionStatus::True, since: SimTime::from_secs(seconds) })
}

fn not_ready() -> Option<ReadyCondition> {
    Some(ReadyCondition { status: ConditionStatus::False, since: SimTime::from_secs(1000) })
}

fn at_most(max_unavailable: PodCount) -> UpdateStrategy {
    UpdateStrategy { max_unavailable, ..UpdateStrategy::default() }
}

/// Each pod is upgraded before all that come after it, whatever their order in the list.
/// rule: sidecarset-update-order
#[test]
fn pods_are_upgraded_in_upstreams_order() {
    let pending = Pod { phase: PodPhase::Pending, ready: not_ready(), ..old() };
    let order = [
        Pod { scheduled: false, ..pending },
        pending,
        Pod { phase: PodPhase::Unknown, ready: not_ready(), ..old() },
        Pod { ready: not_ready(), created: SimTime::from_secs(1), ..old() },
        Pod { ready: ready_since(2000), created: SimTime::from_secs(1), ..old() },
        Pod { restarts: 2, created: SimTime::from_secs(1), ..old() },
        Pod { created: SimTime::from_secs(950), ..old() },
        old(),
    ];
    let all = at_most(Percent(100));
    for (index, first) in order.iter().enumerate() {
        for second in &order[index + 1..] {
            assert_eq!(next_upgrades(&all, &[*first, *second]), [0, 1], "{first:?} {second:?}");
            assert_eq!(next_upgrades(&all, &[*second, *first]), [1, 0], "{first:?} {second:?}");
        }
    }
}

/// Given these pods, so many of them are upgraded.
#[track_caller]
fn check(strategy: &UpdateStrategy, pods: &[Pod], expected: usize) {
    assert_eq!(next_upgrades(strategy, pods).len(), expected);
}

/// rule: sidecarset-max-unavailable
#[test]
fn no_more_pods_are_away_than_allowed() {
    let away = Pod { ready: not_ready(), ..new() };
    check(&UpdateStrategy::default(), &[old(); 10], 1);
    check(&at_most(Pods(3)), &[old(); 10], 3);
    // 15 percent of ten are one and a half: two.
    check(&at_most(Percent(15)), &[old(); 10], 2);
    check(&at_most(Pods(3)), &[away, away, old(), old(), old()], 1);
    check(&at_most(Pods(2)), &[away, away, old(), old(), old()], 0);
    check(&at_most(Pods(2)), &[new(), new(), old(), old(), old()], 2);
    check(&at_most(Pods(0)), &[old(); 3], 0);
}

/// rule: sidecarset-max-unavailable
#[test]
fn pods_that_serve_nobody_are_upgraded_beside_the_others() {
    let idle = Pod { ready: not_ready(), ..old() };
    check(&UpdateStrategy::default(), &[old(), idle, idle, old()], 3);
    check(&at_most(Pods(0)), &[old(), idle, idle, old()], 2);
}

/// A pod that is upgraded hot serves all the time, and counts as away until its containers have swapped roles.
/// rule: sidecarset-max-unavailable
#[test]
fn a_hot_upgrade_that_is_under_way_counts() {
    let under_way = Pod { settled: false, ..new() };
    check(&UpdateStrategy::default(), &[under_way, old(), old()], 0);
    check(&at_most(Pods(2)), &[under_way, old(), old()], 1);
    // One that is on its way to an earlier image waits until it is there.
    check(&at_most(Pods(3)), &[Pod { settled: false, ..old() }], 0);
}

/// rule: sidecarset-partition
#[test]
fn a_partition_stays_as_it_is() {
    let with = |partition| UpdateStrategy { partition, ..at_most(Percent(100)) };
    check(&with(Pods(0)), &[old(); 10], 10);
    check(&with(Pods(4)), &[old(); 10], 6);
    check(&with(Pods(11)), &[old(); 10], 0);
    check(&with(Percent(25)), &[old(); 10], 7);
    check(&with(Percent(99)), &[old(); 10], 1);
    check(&with(Percent(100)), &[old(); 10], 0);
    check(&with(Percent(50)), &[old()], 0);
    // Those that are upgraded already are not of the four that stay.
    check(&with(Pods(4)), &[new(), new(), old(), old(), old(), old()], 0);
    // The oldest stay.
    let newer = Pod { created: SimTime::from_secs(950), ..old() };
    assert_eq!(next_upgrades(&with(Pods(1)), &[old(), newer]), [1]);
}

/// rule: sidecarset-update-selection
#[test]
fn who_is_left_out() {
    let all = at_most(Percent(100));
    check(&UpdateStrategy { paused: true, ..all.clone() }, &[old()], 0);
    check(&UpdateStrategy { rolling: false, ..all.clone() }, &[old()], 0);
    check(&all, &[Pod { selected: false, ..old() }, old()], 1);
}

/// rule: sidecarset-image-only
#[test]
fn pods_that_differ_in_more_than_images_stay() {
    let incompatible = Pod { version: Version::Incompatible, ..old() };
    check(&at_most(Percent(100)), &[incompatible, new()], 0);
}
