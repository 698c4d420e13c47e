//! Given a platform, when requests and ends come, then this is the answer.

use super::*;
use crate::capacity::eci::Block;
use crate::capacity::{
    CREATE_CONTAINER_GROUP_BURST, CREATE_CONTAINER_GROUP_REFILL, DELETE_CONTAINER_GROUP_BURST,
    DELETE_CONTAINER_GROUP_REFILL,
};

const A: ZoneId = ZoneId(0);
const B: ZoneId = ZoneId(1);

fn stock(named: &[(&str, u32)], others: Option<u32>) -> Stock {
    Stock::new(named.iter().map(|(spec, left)| ((*spec).to_owned(), *left)).collect(), others)
}

fn setup(zones: [ZoneSetup; 2]) -> Setup {
    let creation =
        CallRate { burst: CREATE_CONTAINER_GROUP_BURST, refill_per_second: CREATE_CONTAINER_GROUP_REFILL };
    let deletion =
        CallRate { burst: DELETE_CONTAINER_GROUP_BURST, refill_per_second: DELETE_CONTAINER_GROUP_REFILL };
    Setup { zones: zones.into(), quota: None, creation, deletion, retry_every: Span::from_secs(10) }
}

fn try_for(spec: &str) -> Try {
    Try { spec: BilledSpec::Eci(spec.parse().unwrap()), is_rounded_up: false, category: None, spot: false }
}

/// Asks for the first of `specs` that `zones` have, at a second.
struct Asking {
    platform: Platform,
}

impl Asking {
    fn of(setup: &Setup) -> Self {
        Self { platform: Platform::new(setup) }
    }

    fn ask(&mut self, pod: u32, specs: &[&str], zones: &[ZoneId], second: u64) -> Answer {
        let tries: Vec<_> = specs.iter().map(|spec| try_for(spec)).collect();
        let request = Request { tries: &tries, zones, fail_fast: false };
        self.platform.request(PodId(pod), request, SimTime::from_secs(second))
    }

    #[track_caller]
    fn created(&mut self, pod: u32, specs: &[&str], zones: &[ZoneId], expected: (usize, ZoneId)) {
        let (choice, zone) = expected;
        assert_eq!(self.ask(pod, specs, zones, 0), Answer::Created(Placement { choice, zone }));
    }

    #[track_caller]
    fn waits(&mut self, pod: u32, specs: &[&str], zones: &[ZoneId], second: u64, expected: &[Block]) {
        let Answer::Waits(refusals) = self.ask(pod, specs, zones, second) else {
            panic!("pod {pod} does not wait")
        };
        assert_eq!(refusals.iter().map(|refusal| refusal.block).collect::<Vec<_>>(), expected);
    }

    /// Who looks again, and at which second.
    fn release(&mut self, pod: u32, second: u64) -> Vec<(u32, u64)> {
        let again = self.platform.release(PodId(pod), SimTime::from_secs(second));
        again.into_iter().map(|(pod, at)| (pod.0, at.whole_secs())).collect()
    }
}

/// rule: eci-candidates
#[test]
fn a_specification_is_tried_in_every_zone_before_the_next() {
    let empty = |spec| ZoneSetup { stock: stock(&[(spec, 0)], None), ..ZoneSetup::default() };
    let mut asking = Asking::of(&setup([empty("2-4Gi"), empty("4-8Gi")]));
    asking.created(1, &["2-4Gi", "4-8Gi"], &[A, B], (0, B));
    asking.created(2, &["2-4Gi", "4-8Gi"], &[A], (1, A));
    asking.created(3, &["4-8Gi", "2-4Gi"], &[B, A], (0, A));
}

/// rule: eci-room
#[test]
fn stock_is_taken_and_given_back_for_each_specification_by_itself() {
    let zone = ZoneSetup { stock: stock(&[("2-4Gi", 1)], Some(2)), ..ZoneSetup::default() };
    let mut asking = Asking::of(&setup([zone, ZoneSetup::default()]));
    asking.created(1, &["2-4Gi"], &[A], (0, A));
    asking.waits(2, &["2-4Gi"], &[A], 0, &[Block::OutOfStock]);
    for pod in [3, 4] {
        asking.created(pod, &["4-8Gi"], &[A], (0, A));
    }
    asking.waits(5, &["4-8Gi"], &[A], 0, &[Block::OutOfStock]);
    asking.created(6, &["8-16Gi"], &[A], (0, A));
    assert_eq!(asking.release(1, 3), [(2, 10), (5, 10)]);
    asking.created(2, &["2-4Gi"], &[A], (0, A));
    asking.waits(5, &["4-8Gi"], &[A], 10, &[Block::OutOfStock]);
}

#[test]
fn without_any_figure_stock_has_no_bound() {
    let mut asking = Asking::of(&setup([ZoneSetup::default(), ZoneSetup::default()]));
    for pod in 0..1000 {
        asking.created(pod, &["64-512Gi"], &[A], (0, A));
    }
}

/// rule: eci-room
#[test]
fn each_instance_takes_an_address_of_its_zone() {
    let zone = ZoneSetup { addresses: Some(1), ..ZoneSetup::default() };
    let mut asking = Asking::of(&setup([zone.clone(), zone]));
    asking.created(1, &["2-4Gi"], &[A, B], (0, A));
    asking.created(2, &["2-4Gi"], &[A, B], (0, B));
    asking.waits(3, &["2-4Gi"], &[A, B], 0, &[Block::NoAddress, Block::NoAddress]);
    assert_eq!(asking.release(2, 0), [(3, 10)]);
    asking.created(3, &["2-4Gi"], &[A, B], (0, B));
}

/// rule: eci-room
#[test]
fn the_quota_counts_cores_over_all_zones_and_a_zone_may_have_its_own() {
    let narrow = ZoneSetup { quota: Some(MilliCpu::from_cores(3)), ..ZoneSetup::default() };
    let quota = Some(MilliCpu::from_cores(8));
    let mut asking = Asking::of(&Setup { quota, ..setup([narrow, ZoneSetup::default()]) });
    asking.created(1, &["2-4Gi"], &[A], (0, A));
    asking.waits(2, &["2-4Gi"], &[A], 0, &[Block::OverQuota]);
    asking.created(3, &["1-2Gi"], &[A], (0, A));
    asking.created(4, &["4-8Gi"], &[B], (0, B));
    asking.waits(5, &["2-4Gi"], &[B], 0, &[Block::OverQuota]);
    asking.created(6, &["2-4Gi", "1-2Gi"], &[B], (1, B));
}

/// rule: eci-quota
#[test]
fn the_default_quota_is_five_hundred_cores() {
    let quota = Some(crate::capacity::eci::DEFAULT_QUOTA);
    let mut asking = Asking::of(&Setup { quota, ..setup([ZoneSetup::default(), ZoneSetup::default()]) });
    for pod in 0..250 {
        asking.created(pod, &["2-4Gi"], &[A], (0, A));
    }
    asking.waits(250, &["0.25-0.5Gi"], &[B], 0, &[Block::OverQuota]);
}

/// rule: eci-retry
#[test]
fn who_waits_looks_again_at_its_next_retry_after_something_was_given_back() {
    let zone = ZoneSetup { addresses: Some(2), ..ZoneSetup::default() };
    let mut asking = Asking::of(&setup([zone, ZoneSetup::default()]));
    asking.created(1, &["2-4Gi"], &[A], (0, A));
    asking.created(2, &["2-4Gi"], &[A], (0, A));
    asking.waits(3, &["2-4Gi"], &[A], 4, &[Block::NoAddress]);
    asking.waits(4, &["2-4Gi"], &[A], 7, &[Block::NoAddress]);
    assert_eq!(asking.release(1, 27), [(3, 34), (4, 27)]);
    // Somebody is told once; what else is given back before is found then.
    assert_eq!(asking.release(2, 30), []);
    asking.created(4, &["2-4Gi"], &[A], (0, A));
    // Who waits no more is not told, and a pod that never asked gives nothing back.
    assert_eq!(asking.release(3, 35), []);
    assert!(!asking.platform.is_waiting(PodId(3)));
    assert_eq!(asking.release(99, 35), []);
}

/// rule: eci-retry
#[test]
fn without_an_interval_who_waits_looks_at_once() {
    let zone = ZoneSetup { addresses: Some(1), ..ZoneSetup::default() };
    let setup = Setup { retry_every: Span::ZERO, ..setup([zone, ZoneSetup::default()]) };
    let mut asking = Asking::of(&setup);
    asking.created(1, &["2-4Gi"], &[A], (0, A));
    asking.waits(2, &["2-4Gi"], &[A], 1, &[Block::NoAddress]);
    assert_eq!(asking.release(1, 33), [(2, 33)]);
}

/// rule: eci-fail-fast
#[test]
fn who_fails_fast_does_not_wait() {
    let zone = ZoneSetup { addresses: Some(0), ..ZoneSetup::default() };
    let mut platform = Platform::new(&setup([zone, ZoneSetup::default()]));
    let tries = [try_for("2-4Gi")];
    let request = Request { tries: &tries, zones: &[A], fail_fast: true };
    let refusal = Refusal { spec: tries[0].spec, zone: A, block: Block::NoAddress };
    assert_eq!(platform.request(PodId(1), request, SimTime::ZERO), Answer::Fails(vec![refusal]));
    assert!(!platform.is_waiting(PodId(1)) && !platform.has_instance(PodId(1)));
}

/// rule: eci-spot
#[test]
fn spot_has_stock_of_its_own() {
    let zone = ZoneSetup { spot_stock: stock(&[], Some(0)), ..ZoneSetup::default() };
    let mut platform = Platform::new(&setup([zone, ZoneSetup::default()]));
    let spot = Try { spot: true, ..try_for("2-4Gi") };
    let mut ask = |pod, tries: &[Try]| {
        platform.request(PodId(pod), Request { tries, zones: &[A], fail_fast: false }, SimTime::ZERO)
    };
    assert!(matches!(ask(1, &[spot]), Answer::Waits(_)));
    assert_eq!(ask(2, &[spot, try_for("2-4Gi")]), Answer::Created(Placement { choice: 1, zone: A }));
}

#[test]
fn instances_from_before_hold_quota_and_addresses_and_no_stock() {
    let zone = ZoneSetup { addresses: Some(1), stock: stock(&[], Some(1)), ..ZoneSetup::default() };
    let mut asking = Asking::of(&setup([zone, ZoneSetup::default()]));
    for pod in [1, 2] {
        asking.platform.adopt(PodId(pod), try_for("2-4Gi").spec, A);
    }
    asking.waits(3, &["2-4Gi"], &[A], 0, &[Block::NoAddress]);
    asking.release(1, 1);
    asking.waits(3, &["2-4Gi"], &[A], 1, &[Block::NoAddress]);
    asking.release(2, 2);
    asking.created(3, &["2-4Gi"], &[A], (0, A));
    asking.release(3, 3);
    asking.created(4, &["2-4Gi"], &[A], (0, A));
}

/// rule: eci-creation-rate
#[test]
fn creations_and_deletions_pass_buckets_of_their_own() {
    let mut platform = Platform::new(&setup([ZoneSetup::default(), ZoneSetup::default()]));
    let created: Vec<_> = (0..120).map(|_| platform.call_create(SimTime::ZERO)).collect();
    let deleted: Vec<_> = (0..120).map(|_| platform.call_delete(SimTime::ZERO)).collect();
    assert_eq!(created, deleted);
    assert_eq!(created[119], SimTime::from_secs(1), "(120 - 100) / 20");
}

mod laws {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Whatever comes and goes, no zone holds more than it has, and everything comes back in the end.
        #[test]
        fn room_is_neither_exceeded_nor_lost(steps in prop::collection::vec((0_u32..12, 0_usize..3, any::<bool>()), 1..80)) {
            let specs = ["2-4Gi", "1-2Gi", "4-8Gi"];
            let zone = ZoneSetup {
                addresses: Some(3),
                quota: Some(MilliCpu::from_cores(6)),
                stock: stock(&[("2-4Gi", 2)], Some(1)),
                ..ZoneSetup::default()
            };
            let mut asking = Asking::of(&setup([zone.clone(), zone]));
            for (second, (pod, first, comes)) in (0..).zip(steps) {
                if comes && !asking.platform.has_instance(PodId(pod)) {
                    asking.ask(pod, &specs[first..], &[A, B], second);
                } else {
                    asking.release(pod, second);
                }
                for zone in [A, B] {
                    let held: Vec<_> = asking.platform.claims.values().filter(|claim| claim.zone == zone).collect();
                    let cores: i64 = held.iter().map(|claim| claim.spec.cpu().0).sum();
                    prop_assert!(held.len() <= 3 && cores <= 6000);
                    for spec in specs {
                        let most = if spec == "2-4Gi" { 2 } else { 1 };
                        let same = held.iter().filter(|claim| claim.spec.to_string() == spec).count();
                        prop_assert!(same <= most, "{same} of {spec}");
                    }
                }
            }
            for pod in 0..12 {
                asking.release(pod, 1000);
            }
            let all: Vec<_> = (0..4).map(|pod| asking.ask(pod, &["2-4Gi"], &[A, B], 1000)).collect();
            prop_assert!(all.iter().all(|answer| matches!(answer, Answer::Created(_))));
        }
    }
}

/// rule: zone-outage
#[test]
fn given_a_closed_zone_then_instances_go_to_another_or_wait_until_it_is_open_for_every_reason() {
    let mut asking = Asking::of(&setup([ZoneSetup::default(), ZoneSetup::default()]));
    asking.created(1, &["2-4Gi"], &[A], (0, A));
    asking.created(2, &["2-4Gi"], &[B], (0, B));
    asking.platform.close(A);
    asking.platform.close(A);
    assert_eq!(asking.platform.instances_in(A), [PodId(1)]);
    asking.created(3, &["2-4Gi"], &[A, B], (0, B));
    asking.waits(4, &["2-4Gi"], &[A], 0, &[Block::OutOfStock]);
    assert_eq!(asking.platform.open(A, SimTime::from_secs(3)), []);
    assert_eq!(asking.platform.open(A, SimTime::from_secs(13)), [(PodId(4), SimTime::from_secs(20))]);
    asking.created(4, &["2-4Gi"], &[A], (0, A));
}
