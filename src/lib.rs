//! **overspill** simulates Kubernetes burst clusters: which pods spill from paid-for ECS nodes to ECI virtual nodes, which
//! wait, and what every second costs.
//!
//! It takes unchanged Kubernetes manifests and a scenario file, and runs a discrete-event simulation in which
//! kube-scheduler v1.34.1, reproduced decision by decision, places the pods. This crate is the whole of it; the program
//! `overspill` is three lines around [`cli::main_with`].
//!
//! # Placing pods
//!
//! The scheduler reads a [`Cluster`] and answers with a decision; whoever asked applies it. Every attempt tells what each
//! plugin said of each node.
//!
//! ```
//! use overspill::random::Stream;
//! use overspill::simulation::one_shot::{Victims, place};
//! use overspill::{Bytes, Cluster, Container, MilliCpu, NodeSpec, PodSpec, Resources};
//! use overspill::{PreemptionMode, Registry, Scheduler, SchedulerConfig, SimTime, TieBreak};
//!
//! let mut cluster = Cluster::new();
//! for (name, cores) in [("small", 2), ("large", 8)] {
//!     let (cpu, memory) = (MilliCpu::from_cores(cores), Bytes::from_gib(2 * cores));
//!     let allocatable = Resources { cpu, memory, ..Resources::default() };
//!     cluster.add_node(NodeSpec { allocatable, allocatable_pods: 110, ..NodeSpec::named(name) });
//! }
//!
//! let mut container = Container::named("web");
//! container.requests.insert("cpu".to_owned(), "1500m".parse()?);
//! container.requests.insert("memory".to_owned(), "1Gi".parse()?);
//! let mut pod = PodSpec { containers: vec![container], ..PodSpec::empty("default") };
//! pod.count_requests(false);
//! let class = cluster.intern(pod);
//! let pods = [0, 1].map(|ordinal| {
//!     cluster.create_pod(&format!("web-{ordinal}"), class, Stream::of(0, ordinal), SimTime::ZERO)
//! });
//!
//! let profiles = SchedulerConfig::default_with(&Registry::upstream()).profiles;
//! let mut scheduler = Scheduler::new(profiles, TieBreak::Random { seed: 1 }, PreemptionMode::On);
//! let report = place(&mut cluster, &mut scheduler, &pods, Victims::Report);
//!
//! let first = &report.results[0];
//! assert_eq!(first.chosen.as_deref(), Some("large"));
//! // LeastAllocated: 6500m of 8000m and 15 of 16 GiB are left, 81 and 93 per cent.
//! assert_eq!(first.scores["NodeResourcesFit"]["large"], [87, 87, 87]);
//! assert_eq!(report.usage["large"].pods, ["default/web-0", "default/web-1"]);
//! # Ok::<(), overspill::units::ParseQuantityError>(())
//! ```
//!
//! # Running a scenario
//!
//! ```no_run
//! use overspill::scenario::{ReadOptions, read, resolve};
//! use overspill::{Registry, experiment};
//!
//! let loaded = read("scenarios/gateway-spike/scenario.yaml".as_ref(), &ReadOptions::default());
//! let resolved = loaded.and_then(|loaded| resolve(&loaded, &Registry::upstream()));
//! let scenario = resolved.expect("the scenario is right").scenario;
//! let measured = experiment::measure(&scenario, &mut |_| {});
//! let overflow = measured.observation.summary.get("overflow.share").expect("every run has it");
//! println!("{} of the pods went to virtual nodes", overflow.number);
//! ```
//!
//! # A policy of one's own
//!
//! A plugin implements a trait of [`scheduler::framework`] and is registered as upstream's are, with
//! [`Registry::with`]; [`cli::main_with`] then gives it every command. `examples/cheap_first.rs` is a whole program.
//!
//! # Modules
//!
//! Each imports only what stands above it; a test sees to that.
//!
//! | module | what it is |
//! |---|---|
//! | [`units`], [`id`], [`random`], [`rule`] | time, money and amounts without floats; typed indices; keyed draws; modelled rules as data |
//! | [`clock`] | processor time, for those who time runs from outside |
//! | [`engine`] | the calendar of events and the trace hash; it knows no pod |
//! | [`object`] | Kubernetes objects as the simulator uses them |
//! | [`cluster`] | the state, and the only place that changes it |
//! | [`traffic`] | load over time |
//! | [`admission`] | what happens to a pod when it is created |
//! | [`controller`] | ReplicaSets and the horizontal pod autoscaler |
//! | [`scheduler`] | kube-scheduler in its own words: queue, cycle, framework, plugins, preemption |
//! | [`capacity`] | what nodes and ECI instances offer, and how long pods take to start |
//! | [`arrivals`] | when pods come that no controller makes |
//! | [`cost`] | price lists and the bill |
//! | [`metric`], [`expression`] | what is measured, and conditions on it |
//! | [`model`] | every modelled rule with its source |
//! | [`simulation`] | one run: the only module that joins the parts |
//! | [`scenario`] | scenario files and manifests, with everything wrong in them told at once |
//! | [`report`], [`experiment`], [`cli`] | results in files, runs that are measured, the command line |

pub mod admission;
pub mod arrivals;
pub mod capacity;
pub mod cli;
pub mod clock;
pub mod cluster;
pub mod controller;
pub mod cost;
pub mod engine;
pub mod experiment;
pub mod expression;
pub mod id;
pub mod metric;
pub mod model;
pub mod object;
pub mod random;
pub mod report;
pub mod rule;
pub mod scenario;
pub mod scheduler;
pub mod simulation;
mod slab;
mod sparse;
pub mod traffic;
pub mod units;

pub use cluster::Cluster;
pub use id::{NodeId, PodId};
pub use object::{Container, NodeSpec, PodSpec, Resources};
pub use scheduler::{Outcome, PreemptionMode, Registry, Scheduler, SchedulerConfig, TieBreak};
pub use simulation::Scenario;
pub use units::{Bytes, MilliCpu, SimTime, Span};
