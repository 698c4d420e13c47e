//! Every rule of the policy, on two small ECS nodes and a virtual one.

use super::*;
use crate::cluster::Cluster;
use crate::object::fixture::labels;
use crate::object::requests::to_resources;
use crate::object::resource_policy::{DEFAULT_TIMEOUT, Unit};
use crate::object::{Container, Effect, NodeClass, NodeSpec, Resources, Selector, Taint};
use crate::random::Stream;
use crate::scheduler::{Outcome, PreemptionMode, Registry, Rejectors, Scheduler, SchedulerConfig, TieBreak};
use crate::units::{MilliCpu, Span};

/// Two ECS nodes of 2 cores, one virtual node, and pods of 1 core.
struct World {
    cluster: Cluster,
    scheduler: Scheduler,
}

fn pod(own: &[(&str, &str)]) -> PodSpec {
    let mut spec = PodSpec { labels: labels(own), ..PodSpec::empty("default") };
    let requests = [("cpu".to_owned(), "1".parse().unwrap())].into();
    spec.containers = vec![Container { requests, ..Container::named("c") }];
    spec.count_requests(false);
    spec
}

fn web() -> PodSpec {
    pod(&[("app", "web")])
}

fn ecs() -> Unit {
    Unit::of(NodeClass::Ecs)
}

fn eci() -> Unit {
    Unit::of(NodeClass::Virtual)
}

fn limited(unit: Unit, max: u32) -> Unit {
    Unit { max: Some(max), ..unit }
}

fn policy(units: Vec<Unit>) -> Policy {
    Policy {
        namespace: "default".to_owned(),
        name: "web".to_owned(),
        selector: Selector::equals(&labels(&[("app", "web")])),
        units,
        ignore_previous: false,
        ignore_terminating: true,
        match_label_keys: Vec::new(),
        try_next: TryNext::LackResourceOrExceedMax,
    }
}

impl World {
    fn new(policy: Policy) -> Self {
        let config = SchedulerConfig::default_with(&Registry::ack());
        let mut cluster = Cluster::new();
        for (name, class, cores) in [
            ("ecs-1", NodeClass::Ecs, 2),
            ("ecs-2", NodeClass::Ecs, 2),
            ("virtual", NodeClass::Virtual, 1000),
        ] {
            let key = crate::object::taint::VIRTUAL_NODE_TAINT_KEY.to_owned();
            let taint = Taint { key, value: "alibabacloud".to_owned(), effect: Effect::NoSchedule };
            let allocatable = Resources { cpu: MilliCpu::from_cores(cores), ..Resources::default() };
            cluster.add_node(NodeSpec {
                class,
                taints: if class == NodeClass::Virtual { vec![taint] } else { Vec::new() },
                labels: labels(&[("name", name)]),
                allocatable,
                allocatable_pods: 1000,
                ..NodeSpec::named(name)
            });
        }
        cluster.owners_mut().add_policy(policy);
        let scheduler = Scheduler::new(config.profiles, TieBreak::Name, PreemptionMode::On);
        Self { cluster, scheduler }
    }

    fn create(&mut self, spec: PodSpec) -> PodId {
        let ordinal = self.cluster.pods().count() as u32;
        let class = self.cluster.intern(spec);
        let now = self.cluster.now();
        self.cluster.create_pod(&format!("p{ordinal}"), class, Stream::of(0, ordinal), now)
    }

    /// Tries a pod and binds it; the answer is the node, or why there is none.
    fn try_pod(&mut self, pod: PodId) -> Result<String, String> {
        match self.scheduler.attempt(&self.cluster, pod, 1).outcome {
            Outcome::Chosen(node) => {
                if let Some(written) = self.scheduler.written(&self.cluster, pod, node) {
                    let class = self.cluster.intern(written);
                    self.cluster.reclassify(pod, class);
                }
                self.cluster.bind(pod, node);
                Ok(self.cluster.node(node).name().to_owned())
            }
            Outcome::Unschedulable(failure) => Err(failure.text.full()),
            Outcome::NoNodes => unreachable!("there are nodes"),
        }
    }

    /// What is said of a node to a pod that comes now.
    fn said_of(&mut self, node: &str, spec: PodSpec) -> Option<String> {
        let pod = self.create(spec);
        let refused = self.scheduler.attempt(&self.cluster, pod, 1).evaluation().refused.clone();
        let own = refused.into_iter().find(|(id, _)| self.cluster.node(*id).name() == node)?;
        own.1.rejection.reasons.into_iter().next().map(Into::into)
    }

    fn place(&mut self, spec: PodSpec) -> Result<String, String> {
        let pod = self.create(spec);
        self.try_pod(pod)
    }

    /// Places pods of `web` until one goes nowhere or there are ten; the class of each: e for ECS, v for virtual.
    fn fill(&mut self) -> String {
        let place = |world: &mut Self| world.place(web()).ok();
        let nodes = std::iter::from_fn(|| place(self)).take(10);
        nodes.map(|node| node.chars().next().unwrap()).collect()
    }

    fn at(&mut self, span: Span) {
        self.cluster.set_now(SimTime::ZERO + span);
    }
}

#[track_caller]
fn check(policy: Policy, expected: &str) {
    assert_eq!(World::new(policy).fill(), expected);
}

/// rule: policy-order
#[test]
fn units_are_filled_in_their_order() {
    check(policy(vec![ecs(), eci()]), "eeeevvvvvv");
    check(policy(vec![eci(), ecs()]), "vvvvvvvvvv");
    let of = |name| Unit { node_selector: labels(&[("name", name)]), ..ecs() };
    let mut world = World::new(policy(vec![of("ecs-2"), of("ecs-1")]));
    let placed: Vec<_> = (0..4).map(|_| world.place(web()).unwrap()).collect();
    assert_eq!(placed, ["ecs-2", "ecs-2", "ecs-1", "ecs-1"]);
}

/// rule: policy-order
#[test]
fn scores_decide_inside_a_unit() {
    let mut world = World::new(policy(vec![ecs(), eci()]));
    let placed: Vec<_> = (0..4).map(|_| world.place(web()).unwrap()).collect();
    assert_eq!(placed, ["ecs-1", "ecs-2", "ecs-1", "ecs-2"], "the emptier node is better");
}

/// rule: policy-max
/// rule: policy-all-units
#[test]
fn two_on_ecs_three_on_eci_and_the_sixth_waits() {
    // ACK, "Customize elastic resource scheduling priorities": max 2 and max 3, six pods.
    let mut world = World::new(policy(vec![limited(ecs(), 2), limited(eci(), 3)]));
    assert_eq!(world.fill(), "eevvv");
    let why = world.place(web()).unwrap_err();
    let full = "0/3 nodes are available: 1 node(s) were in a unit of the ResourcePolicy that has its 3 pods already, \
                2 node(s) were in a unit of the ResourcePolicy that has its 2 pods already.";
    assert!(why.starts_with(full), "{why}");
}

/// What is said of the nodes that a pod has gone past tells a limit from mere order.
///
/// rule: policy-max
#[test]
fn a_unit_that_has_its_pods_says_so() {
    let said = |units: Vec<Unit>, before: usize| {
        let mut world = World::new(policy(units));
        for _ in 0..before {
            world.place(web()).unwrap();
        }
        world.said_of("ecs-1", web())
    };
    let full = |what: &str| {
        Some(format!("node(s) were in a unit of the ResourcePolicy that has its {what} already"))
    };
    assert_eq!(said(vec![limited(ecs(), 2), eci()], 2), full("2 pods"));
    assert_eq!(said(vec![limited(ecs(), 1), eci()], 1), full("1 pod"));
    let resources = Some([("cpu".to_owned(), "1".parse().unwrap())].into());
    let small = Unit { max_resources: resources, ..limited(ecs(), 3) };
    assert_eq!(said(vec![small, eci()], 1), full("maxResources"));
    assert_eq!(
        said(vec![eci(), ecs()], 0).as_deref(),
        Some("node(s) were outside the unit of the ResourcePolicy that is used first")
    );
}

/// rule: policy-max
#[test]
fn what_the_pods_of_a_unit_request_together_is_limited() {
    let max = |name: &str, amount: &str| {
        let list = [(name.to_owned(), amount.parse().unwrap())].into();
        Unit { max_resources: Some(list), ..ecs() }
    };
    check(policy(vec![max("cpu", "3"), eci()]), "eeevvvvvvv");
    check(policy(vec![max("cpu", "2999m"), eci()]), "eevvvvvvvv");
    check(policy(vec![max("memory", "1Gi"), eci()]), "eeeevvvvvv");
    let gpu = to_resources(&[("nvidia.com/gpu".to_owned(), "1".parse().unwrap())].into());
    let mut greedy = web();
    greedy.requests.filter.scalar = gpu.scalar;
    let mut world = World::new(policy(vec![max("nvidia.com/gpu", "0")]));
    assert!(world.place(greedy).is_err());
}

/// rule: policy-all-units
#[test]
fn nodes_of_no_unit_are_not_used() {
    let unit = Unit { node_selector: labels(&[("name", "ecs-1")]), ..ecs() };
    let mut world = World::new(policy(vec![unit]));
    assert_eq!(world.fill(), "ee");
    let why = world.place(web()).unwrap_err();
    assert!(why.contains("1 node(s) were in no unit of the ResourcePolicy"), "{why}");
    assert!(why.contains("1 Insufficient cpu") && why.contains("untolerated taint"), "{why}");
}

/// rule: policy-toleration
#[test]
fn the_taint_of_virtual_nodes_is_tolerated_and_not_shown() {
    let mut world = World::new(policy(vec![ecs(), eci()]));
    world.fill();
    assert!(world.cluster.pods().all(|(id, _)| world.cluster.spec_of(id).tolerations.is_empty()));
    let other = world.place(pod(&[("app", "other")])).unwrap_err();
    assert!(other.contains("untolerated taint"), "{other}");
}

/// rule: policy-lack-resource-or-exceed-max
#[test]
fn by_default_a_full_unit_and_one_without_room_are_passed() {
    check(policy(vec![limited(ecs(), 1), eci()]), "evvvvvvvvv");
    check(policy(vec![limited(ecs(), 9), eci()]), "eeeevvvvvv");
}

/// rule: policy-exceed-max
#[test]
fn under_exceed_max_a_unit_with_places_left_is_waited_for() {
    let exceed_max = |units| Policy { try_next: TryNext::ExceedMax, ..policy(units) };
    check(exceed_max(vec![limited(ecs(), 2), eci()]), "eevvvvvvvv");
    check(exceed_max(vec![ecs(), eci()]), "eeeevvvvvv");
    let mut world = World::new(exceed_max(vec![limited(ecs(), 9), eci()]));
    assert_eq!(world.fill(), "eeee");
    let why = world.place(web()).unwrap_err();
    let waits = "0/3 nodes are available: the pod waits for unit 1 (ecs) of ResourcePolicy web.";
    assert!(why.starts_with(waits), "{why}");
}

fn waiting(unit: Unit, timeout: Span) -> Policy {
    Policy { try_next: TryNext::TimeoutOrExceedMax(timeout), ..policy(vec![unit, eci()]) }
}

/// rule: policy-timeout
#[test]
fn a_pod_waits_for_its_timeout_and_no_longer() {
    assert_eq!(DEFAULT_TIMEOUT, "15m".parse().unwrap());
    let minute = Span::from_secs(60);
    for unit in [limited(ecs(), 9), Unit { waits_for_scaling: true, ..ecs() }] {
        let mut world = World::new(waiting(unit, minute));
        assert_eq!(world.fill(), "eeee");
        let waits = world.create(web());
        assert!(world.try_pod(waits).is_err());
        let rejectors = Rejectors::from([NAME]);
        let retry = world.scheduler.retry_at(&world.cluster, waits, &rejectors);
        assert_eq!(retry, Some(SimTime::ZERO + minute));
        world.at(minute - Span(1));
        assert!(world.try_pod(waits).is_err());
        world.at(minute);
        assert_eq!(world.try_pod(waits).unwrap(), "virtual");
        assert_eq!(world.scheduler.retry_at(&world.cluster, waits, &rejectors), None);
    }
    check(waiting(ecs(), minute), "eeeevvvvvv");
    check(waiting(limited(ecs(), 2), minute), "eevvvvvvvv");
}

/// rule: policy-timeout-counts-from-creation
#[test]
fn the_second_wait_begins_when_the_first_has_ended() {
    let of = |name| Unit { node_selector: labels(&[("name", name)]), max: Some(9), ..ecs() };
    let minute = Span::from_secs(60);
    let try_next = TryNext::TimeoutOrExceedMax(minute);
    let mut world = World::new(Policy { try_next, ..policy(vec![of("ecs-1"), of("no-such-node"), eci()]) });
    assert_eq!(world.fill(), "ee");
    let waits = world.create(web());
    for (seconds, unit) in [(0, "unit 1"), (60, "unit 2"), (119, "unit 2")] {
        world.at(Span::from_secs(seconds));
        let why = world.try_pod(waits).unwrap_err();
        assert!(why.contains(unit), "{seconds}: {why}");
    }
    world.at(Span::from_secs(120));
    assert_eq!(world.try_pod(waits).unwrap(), "virtual");
}

/// rule: policy-no-terminating
#[test]
fn a_terminating_pod_of_the_unit_is_waited_for() {
    let try_next = TryNext::LackResourceAndNoTerminating;
    let mut world = World::new(Policy { try_next, ..policy(vec![limited(ecs(), 2), eci()]) });
    let first = world.create(web());
    world.try_pod(first).unwrap();
    world.place(web()).unwrap();
    world.cluster.terminate(first);
    assert_eq!(world.place(web()).unwrap(), "ecs-1", "a terminating pod does not count against max");
    let why = world.place(web()).unwrap_err();
    assert!(why.contains("waits for unit 1"), "{why}");
    world.cluster.remove_pod(first);
    assert_eq!(world.place(web()).unwrap(), "virtual");
}

/// rule: policy-counting
#[test]
fn terminating_pods_count_only_if_the_policy_says_so() {
    for (ignore_terminating, expected) in [(true, "ecs"), (false, "virtual")] {
        let mut world = World::new(Policy { ignore_terminating, ..policy(vec![limited(ecs(), 1), eci()]) });
        let first = world.create(web());
        world.try_pod(first).unwrap();
        world.cluster.terminate(first);
        let node = world.place(web()).unwrap();
        assert!(node.starts_with(expected), "{node}");
    }
}

/// rule: policy-counting
#[test]
fn pods_from_before_the_policy_count_unless_it_says_otherwise() {
    for (ignore_previous, expected) in [(false, "virtual"), (true, "ecs")] {
        let mut world = World::new(Policy { ignore_previous, ..policy(vec![limited(ecs(), 1), eci()]) });
        let before = world.create(web());
        world.try_pod(before).unwrap();
        world.cluster.mark_ran_before(before);
        let node = world.place(web()).unwrap();
        assert!(node.starts_with(expected), "{node}");
    }
}

/// rule: policy-counting
/// rule: policy-writes
#[test]
fn pods_get_the_labels_of_their_unit_and_count_by_them() {
    let unit = Unit {
        pod_labels: labels(&[("unit", "first")]),
        pod_annotations: labels(&[("k8s.aliyun.com/eci-use-specs", "2-4Gi")]),
        ..limited(ecs(), 1)
    };
    let second = Unit { pod_labels: labels(&[("unit", "second")]), ..limited(ecs(), 1) };
    let mut world = World::new(policy(vec![unit, second, eci()]));
    assert_eq!(world.fill(), "eevvvvvvvv", "the two units share nodes and count their own pods");
    let specs: Vec<_> = world.cluster.pods().map(|(id, _)| world.cluster.spec_of(id).clone()).collect();
    let unit_labels: Vec<_> = specs[..3].iter().map(|spec| spec.labels.get("unit")).collect();
    assert_eq!(unit_labels, [Some("first"), Some("second"), None]);
    assert_eq!(specs[0].annotations.get("k8s.aliyun.com/eci-use-specs"), Some("2-4Gi"));
}

/// rule: policy-label-keys
#[test]
fn pods_count_apart_by_label_keys_and_need_them() {
    let match_label_keys = vec!["version".to_owned()];
    let mut world = World::new(Policy { match_label_keys, ..policy(vec![limited(ecs(), 1), eci()]) });
    let of = |version| pod(&[("app", "web"), ("version", version)]);
    let placed: Vec<_> =
        ["1", "1", "2", "2"].map(|version| world.place(of(version)).unwrap()).into_iter().collect();
    assert_eq!(placed, ["ecs-1", "virtual", "ecs-2", "virtual"]);
    let why = world.place(web()).unwrap_err();
    assert!(why.contains("the pod lacks the label version"), "{why}");
}

/// rule: policy-order
#[test]
fn a_policy_is_for_its_namespace_and_selector() {
    let elsewhere = PodSpec { namespace: "other".to_owned(), ..web() };
    let mut world = World::new(policy(vec![eci()]));
    assert_eq!(world.place(elsewhere).unwrap(), "ecs-1");
    assert_eq!(world.place(pod(&[("app", "db")])).unwrap(), "ecs-2");
    assert_eq!(world.place(web()).unwrap(), "virtual");
    let everything = Policy { selector: Selector::default(), ..policy(vec![eci()]) };
    assert_eq!(World::new(everything).place(pod(&[])).unwrap(), "virtual");
}

#[test]
fn events_that_may_free_a_unit_wake() {
    let world = World::new(policy(vec![Unit { node_selector: labels(&[("a", "b")]), ..ecs() }, eci()]));
    let wakes = |event: ClusterEvent<'_>| ResourcePolicy.wakes(&web(), &event, &world.cluster);
    let plain = NodeSpec::named("new");
    let labelled = NodeSpec { labels: labels(&[("a", "b")]), ..NodeSpec::named("new") };
    assert!(!wakes(ClusterEvent::NodeAdd(&plain)) && wakes(ClusterEvent::NodeAdd(&labelled)));
    let other = pod(&[("app", "other")]);
    assert!(wakes(ClusterEvent::PodDelete(&other)), "it may have left room");
    assert!(wakes(ClusterEvent::PodTerminating(&web())) && !wakes(ClusterEvent::PodTerminating(&other)));
    assert!(!wakes(ClusterEvent::PodAdd(&web())));
}
