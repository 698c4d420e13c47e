//! What comes to pods on virtual nodes changes the bill and no decision.

use std::fmt::Debug;

use overspill::admission::sidecar_set::INJECTED_LIST;
use overspill::capacity::Law;
use overspill::experiment::measure;
use overspill::metric::{Fact, Observation};
use overspill::object::pod::Container;
use overspill::object::selector::Requirement;
use overspill::object::sidecar_set::{SidecarContainer, UpdateStrategy, VIRTUAL_NODE_LABEL};
use overspill::object::{ResourceList, Selector, SidecarSet};
use overspill::scenario::{ReadOptions, read, resolve};
use overspill::scheduler::Registry;
use overspill::simulation::run_watched;
use overspill::simulation::scenario::KruiseSetup;
use overspill::{Outcome, Scenario, SimTime, Span};

fn list(cpu: &str, memory: &str) -> ResourceList {
    [("cpu", cpu), ("memory", memory)].map(|(name, text)| (name.to_owned(), text.parse().unwrap())).into()
}

/// A sidecar for all pods on virtual nodes. It requests nothing, so that autoscalers see the same, and has the image
/// of the pods themselves, so that they pull the same.
fn sidecar(image: &str, cpu: &str, memory: &str) -> SidecarSet {
    let container = Container {
        image: image.to_owned(),
        requests: list("0", "0"),
        limits: list(cpu, memory),
        ..Container::named("agent")
    };
    SidecarSet {
        name: "agent".to_owned(),
        selector: Selector { requirements: vec![Requirement::equals(VIRTUAL_NODE_LABEL, "true")] },
        namespace: None,
        namespaces: None,
        init_containers: Vec::new(),
        containers: vec![SidecarContainer {
            container,
            after_application: true,
            hot_upgrade: None,
            shares_volumes: false,
            transfer_env: Vec::new(),
        }],
        volumes: Vec::new(),
        host_ports: Vec::new(),
        unsupported_on_virtual: Vec::new(),
        injection_paused: false,
        update: UpdateStrategy::default(),
        hash: "a".to_owned(),
        hash_without_image: "b".to_owned(),
    }
}

/// A shipped scenario with OpenKruise, its first `minutes`.
fn shipped(name: &str, variant: Option<&str>, seed: u64, minutes: u64) -> Scenario {
    let path = format!("{}/scenarios/{name}/scenario.yaml", env!("CARGO_MANIFEST_DIR"));
    let options = ReadOptions { variant: variant.map(str::to_owned), ..ReadOptions::default() };
    let loaded = read(path.as_ref(), &options).unwrap();
    let mut scenario = resolve(&loaded, &Registry::ack()).unwrap().scenario;
    scenario.default_seed = seed;
    scenario.horizon = SimTime::from_secs(60 * minutes);
    scenario.kruise = Some(KruiseSetup { serverless: true, migration: Law::Constant(Span::ZERO) });
    scenario
}

/// Every attempt with its instant, its pod and how it ended, and the hash over all events and bindings; and beside them
/// the price of every instance.
fn decisions(scenario: &Scenario) -> ((Vec<String>, u64), Vec<i128>) {
    let mut told = Vec::new();
    let mut prices = Vec::new();
    let mut listener = |_: SimTime, fact: &Fact<'_>| {
        if let Fact::PodBilled { price, .. } = fact {
            prices.push(price.0);
        }
    };
    let finished = run_watched(scenario, &mut listener, &mut |at, _, popped, attempt| {
        let outcome: &dyn Debug = match &attempt.outcome {
            Outcome::Chosen(node) => node,
            Outcome::Unschedulable(failure) => &failure.text,
            Outcome::NoNodes => &"no nodes",
        };
        told.push(format!("{at} {popped:?} {outcome:?}"));
    });
    ((told, finished.trace_hash), prices)
}

/// What so many cores and GiB cost, in nano-USD per hour, as the price list has it.
fn price(cores: i128, gibibytes: i128) -> i128 {
    cores * 27_720_000 + gibibytes * 3_456_000
}

#[track_caller]
fn check(scenario: &mut Scenario, limits: (&str, &str), (before, after): (&str, &str), more: i128) {
    let (without, old_prices) = decisions(scenario);
    let without = (without, measure(scenario, &mut |_| {}).observation);
    let image = scenario.workloads[0].template.containers[0].image.clone();
    scenario.surroundings.owners_mut().put_sidecar_set(sidecar(&image, limits.0, limits.1));
    let (with, new_prices) = decisions(scenario);
    let with = (with, measure(scenario, &mut |_| {}).observation);
    assert!(without.0.0.len() >= 10, "{} attempts", without.0.0.len());
    assert_eq!(without.0, with.0, "the same attempts, and the same events at the same times");
    let mut injected = 0;
    for (old, new) in without.1.pods.iter().zip(&with.1.pods) {
        assert_eq!(
            (&old.node, old.attempts, old.ready),
            (&new.node, new.attempts, new.ready),
            "{}",
            old.name
        );
        if !new.billed_spec.is_empty() {
            assert_eq!((old.billed_spec.as_str(), new.billed_spec.as_str()), (before, after));
            assert_eq!((old.containers, new.containers), (1, 2), "{INJECTED_LIST}");
            injected += 1;
        }
    }
    assert!(injected > 0, "no pod overflowed");
    assert_eq!(new_prices, old_prices.iter().map(|old| old + more).collect::<Vec<_>>());
    let cost =
        |observation: &Observation| observation.summary.get("cost.ecs").expect("every run has it").number;
    assert_eq!(cost(&without.1).to_bits(), cost(&with.1).to_bits());
}

/// The gateway's limits, 2 cores and 4 GB, are sold as 2 and 4 GiB: the sidecar's come on top of them, and where that
/// is no specification of its own, the next one is.
/// rule: sidecarset-on-virtual-nodes
/// rule: sidecarset-room-on-virtual-nodes
#[test]
fn decisions_are_the_same_and_the_bill_differs_by_the_limits() {
    for (variant, seed) in
        [(None, 1), (Some("one-ecs-node"), 1), (Some("one-ecs-node"), 2), (Some("one-ecs-node"), 3)]
    {
        let minutes = if variant.is_some() { 8 } else { 5 };
        let mut exact = shipped("gateway-spike", variant, seed, minutes);
        check(&mut exact, ("2", "4Gi"), ("2-4Gi", "4-8Gi"), price(2, 4));
        let mut rounded = shipped("gateway-spike", variant, seed, minutes);
        check(&mut rounded, ("500m", "256Mi"), ("2-4Gi", "4-4Gi"), price(2, 0));
    }
}
