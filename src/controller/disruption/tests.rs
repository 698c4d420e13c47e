use super::*;
use crate::object::Selector;

fn budget(bound: Bound) -> DisruptionBudget {
    DisruptionBudget {
        namespace: "default".to_owned(),
        name: "web".to_owned(),
        selector: Some(Selector::default()),
        bound: Some(bound),
        always_evict_unhealthy: false,
    }
}

/// So many ready pods of a controller of `replicas`, and so many that are not ready.
fn pods(replicas: u32, ready: usize, unready: usize) -> Vec<Pod<u32>> {
    let pod = |ready| Pod { ready, terminating: false, controller: Controller::Scaled { id: 1, replicas } };
    [vec![pod(true); ready], vec![pod(false); unready]].concat()
}

fn counts(status: Status) -> [u32; 4] {
    [status.expected, status.desired_healthy, status.current_healthy, status.disruptions_allowed]
}

/// rule: disruptions-allowed
#[test]
fn as_many_may_go_as_are_healthy_beyond_what_is_wanted() {
    use IntOrPercent::{Int, Percent};
    let check = |bound, (replicas, ready, unready), expected: [u32; 4]| {
        assert_eq!(counts(status(&budget(bound), &pods(replicas, ready, unready))), expected, "{bound:?}");
    };
    // A count of pods to be there counts the pods that are.
    check(Bound::MinAvailable(Int(3)), (4, 4, 0), [4, 3, 4, 1]);
    check(Bound::MinAvailable(Int(3)), (4, 2, 2), [4, 3, 2, 0]);
    check(Bound::MinAvailable(Int(0)), (4, 4, 0), [4, 0, 4, 4]);
    // Everything else counts from the scale; percentages round up.
    check(Bound::MinAvailable(Percent(50)), (7, 7, 0), [7, 4, 7, 3]);
    check(Bound::MaxUnavailable(Int(1)), (4, 4, 0), [4, 3, 4, 1]);
    check(Bound::MaxUnavailable(Int(1)), (4, 3, 0), [4, 3, 3, 0]);
    check(Bound::MaxUnavailable(Percent(30)), (4, 4, 0), [4, 2, 4, 2]);
    check(Bound::MaxUnavailable(Int(9)), (4, 4, 0), [4, 0, 4, 4]);
    let none = DisruptionBudget { bound: None, ..budget(Bound::MinAvailable(Int(0))) };
    assert_eq!(counts(status(&none, &pods(4, 4, 0))), [0, 0, 4, 0], "who says nothing allows nothing");
    assert_eq!(counts(status(&budget(Bound::MinAvailable(Int(0))), &pods(4, 0, 0))), [0, 0, 0, 0]);
}

#[test]
fn a_terminating_pod_is_not_healthy_whether_ready_or_not() {
    let mut pods = pods(3, 3, 0);
    pods[0].terminating = true;
    let status = status(&budget(Bound::MaxUnavailable(IntOrPercent::Int(1))), &pods);
    assert_eq!(counts(status), [3, 2, 2, 0]);
}

/// rule: disruption-expected-pods
#[test]
fn pods_are_expected_by_their_controllers() {
    let bound = budget(Bound::MaxUnavailable(IntOrPercent::Percent(50)));
    let pod = |controller| Pod { ready: true, terminating: false, controller };
    let web = Controller::Scaled { id: 1, replicas: 3 };
    let two = [pod(web), pod(web), pod(Controller::Scaled { id: 2, replicas: 5 }), pod(Controller::None)];
    assert_eq!(
        counts(status(&bound, &two)),
        [8, 4, 4, 0],
        "each controller counts once, a bare pod as healthy only"
    );
    let with_daemon = [pod(web), pod(Controller::Unscaled)];
    let failed = status(&bound, &with_daemon);
    assert!(failed.failed && failed.disruptions_allowed == 0);
    let count = budget(Bound::MinAvailable(IntOrPercent::Int(1)));
    assert_eq!(counts(status(&count, &with_daemon)), [2, 1, 2, 1], "a count asks for no scale");
}

const READY: Candidate = Candidate { running: true, ready: true };
const UNREADY: Candidate = Candidate { running: true, ready: false };

fn left(desired_healthy: u32, current_healthy: u32) -> Status {
    let disruptions_allowed = current_healthy.saturating_sub(desired_healthy);
    Status { expected: 4, desired_healthy, current_healthy, disruptions_allowed, failed: false }
}

/// rule: eviction
#[test]
fn evictions_are_granted_until_the_budget_is_used_up() {
    let web = budget(Bound::MaxUnavailable(IntOrPercent::Int(1)));
    let mut status = left(2, 3);
    assert_eq!(evict(READY, &mut [(&web, &mut status)]), Ok(()));
    let refused = evict(READY, &mut [(&web, &mut status)]).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "Cannot evict pod as it would violate the pod's disruption budget. The disruption budget web needs 2 healthy \
         pods and has 2 currently"
    );
    let waits = Candidate { running: false, ready: false };
    assert_eq!(evict(waits, &mut [(&web, &mut status)]), Ok(()), "what does not run is no loss");
    assert_eq!(evict(READY, &mut []), Ok(()));
    let mut other = left(0, 3);
    let both = &mut [(&web, &mut status), (&web, &mut other)];
    assert_eq!(evict(READY, both), Err(Refusal::SeveralBudgets));
}

/// rule: eviction-of-unhealthy-pods
#[test]
fn unhealthy_pods_go_where_that_harms_nobody() {
    let web = budget(Bound::MaxUnavailable(IntOrPercent::Int(1)));
    let mut enough = left(2, 2);
    assert_eq!(evict(UNREADY, &mut [(&web, &mut enough)]), Ok(()));
    assert_eq!(enough, left(2, 2), "it takes nothing off the budget");
    let mut few = left(2, 1);
    assert!(evict(UNREADY, &mut [(&web, &mut few)]).is_err());
    let always = DisruptionBudget { always_evict_unhealthy: true, ..web };
    assert_eq!(evict(UNREADY, &mut [(&always, &mut few)]), Ok(()));
    assert!(evict(READY, &mut [(&always, &mut few)]).is_err(), "a healthy one does not");
}
