//! The scenarios of `scenarios/scale` say what they are to say. They are run in builds that are optimised, by
//! `cargo bench --bench scale`: here every invariant would be checked after every event.

#[path = "scale/catalogue.rs"]
#[allow(dead_code, reason = "the catalogue is shared with benches")]
mod catalogue;
#[path = "scenarios/derived.rs"]
mod derived;
#[path = "scale/gateway.rs"]
mod gateway;
#[path = "scale/written.rs"]
mod written;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use catalogue::{ALL, Large, named, root};
use derived::derived_by_hand;
use overspill::arrivals::Arrivals;
use overspill::capacity::Law;
use overspill::object::{LABEL_ZONE, NodeClass};
use overspill::simulation::Scenario;
use overspill::traffic::Shape;
use overspill::units::MilliCpu;
use overspill::{Bytes, SimTime, Span};

fn called(kind: &str) -> impl Iterator<Item = &'static Large> {
    ALL.iter().filter(move |one| one.name.starts_with(kind))
}

fn names_in(folder: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(root().join(folder)).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn the_catalogue_is_complete_and_each_has_its_figures_on_record() {
    assert_eq!(names_in("scenarios/scale"), ALL.iter().map(|one| one.name.to_owned()).collect());
    let records = ALL.iter().map(|one| format!("{}.json", one.name)).collect();
    assert_eq!(
        names_in("results/expected/scale"),
        records,
        "cargo bench --bench scale holds runs against these"
    );
}

#[test]
fn each_expects_and_derives_something_and_nothing_is_warned_of() {
    for one in &ALL {
        let read = one.read(None);
        assert_eq!(read.scenario.name, one.name, "a scenario is called like its folder");
        assert!(read.expectations.len() >= 3, "{}", one.name);
        assert!(derived_by_hand(&one.text()).len() >= 3, "{}", one.name);
        assert!(read.warnings.is_empty(), "{}: {:?}", one.name, read.warnings);
        if one.short.is_some() {
            let short = one.read(one.short);
            assert!(short.scenario.horizon < read.scenario.horizon, "{}", one.name);
            assert!(short.expectations.iter().any(|one| one.text() == "scheduler.decisions >= 20000"));
        }
    }
}

#[test]
fn the_standard_jobs_are_those_that_others_were_measured_with() {
    for one in called("std-") {
        let Scenario { nodes, sources, horizon, workloads, pods, traffic, .. } = one.read(None).scenario;
        assert_eq!(one.name, format!("std-{}x{}k", nodes.len(), one.pods / 1_000));
        assert_eq!((nodes.len(), horizon), (one.nodes, SimTime::from_secs(75 * 60)));
        for node in &nodes {
            assert_eq!(node.spec.allocatable.cpu, MilliCpu::from_cores(32));
            assert_eq!(node.spec.allocatable.memory, Bytes::from_gib(64));
            assert!(node.spec.taints.is_empty());
        }
        let [source] = sources.as_slice() else { panic!("{}: one source", one.name) };
        let every = Span(3_599_000_000_000 / one.pods);
        assert_eq!(every.0 * one.pods, 3_599_000_000_000, "pod i arrives at 1 + i * 3599 / M seconds");
        assert_eq!(source.arrivals, Arrivals::Regular { every, first: Span::from_secs(1) });
        assert_eq!((source.max, source.start, source.starts_up), (Some(one.pods), SimTime::ZERO, false));
        assert_eq!(source.lifetime, Law::Constant(Span::from_secs(600)));
        assert_eq!(source.template.requests.filter.cpu, MilliCpu(500));
        assert_eq!(source.template.requests.filter.memory, Bytes::from_mib(512));
        assert!(source.template.spread.is_empty() && source.template.owner.is_none());
        assert!(workloads.is_empty() && pods.is_empty() && traffic.is_empty(), "and there is nothing else");
    }
}

#[test]
fn the_gateways_have_the_nodes_that_their_names_say() {
    for one in called("gateway-") {
        let nodes = one.read(None).scenario.nodes;
        let of = |class| nodes.iter().filter(move |node| node.spec.class == class);
        assert_eq!((of(NodeClass::Ecs).count(), of(NodeClass::Virtual).count()), (one.nodes, 3));
        let mut zones: BTreeMap<&str, usize> = BTreeMap::new();
        for node in of(NodeClass::Ecs) {
            assert_eq!(node.instance_type, "ecs.c7.2xlarge", "8 vCPU");
            *zones.entry(node.spec.labels.get(LABEL_ZONE).expect("it is in a zone")).or_default() += 1;
        }
        let tenths: Vec<usize> = zones.values().map(|count| count * 10 / one.nodes).collect();
        assert_eq!(tenths, [5, 3, 2], "{zones:?}");
    }
}

#[test]
fn the_gateways_have_64_autoscaled_workloads_under_default_spreading() {
    for one in called("gateway-") {
        let scenario = one.read(None).scenario;
        let counts = [scenario.workloads.len(), scenario.autoscalers.len(), scenario.traffic.len()];
        assert_eq!(counts, [gateway::WORKLOADS; 3]);
        assert_eq!(scenario.horizon, SimTime::from_secs(6 * 3_600));
        for traffic in &scenario.traffic {
            let Shape::Sum(shapes) = &traffic.shape else { panic!("a level and its waves") };
            assert_eq!(shapes.len(), 1 + gateway::WAVES);
        }
        for workload in &scenario.workloads {
            let template = &workload.template;
            assert!(template.spread.is_empty(), "{}: the default constraints act", workload.title);
            let counted = scenario.surroundings.owners().default_selector(template);
            assert!(!counted.requirements.is_empty(), "{}: a Service selects it", workload.title);
        }
    }
}

/// The two differ in their nodes alone, so that the cost of a decision can be compared.
#[test]
fn both_gateways_have_the_same_load() {
    let [small, large] = ["gateway-5000x1m", "gateway-50000x1m"].map(|name| {
        let scenario = named(name).read(None).scenario;
        (
            format!("{:?} {:?} {:?}", scenario.workloads, scenario.autoscalers, scenario.traffic),
            scenario.nodes.iter().filter(|node| node.pool.starts_with("gateway")).count(),
        )
    });
    assert_eq!(small, large);
}
