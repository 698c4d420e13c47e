//! Runs of scenarios/four-policies with spikes of other lengths, and where the break-even lies.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{LazyLock, Mutex};

use overspill::experiment::{Seeds, measure_with_seed, replicate};
use overspill::metric::Summary;
use overspill::scenario::{ReadOptions, diagnostic, read, resolve};
use overspill::scheduler::Registry;
use overspill::simulation::Scenario;
use serde_json::{Value, json};

/// The first and the last seed of all runs.
pub(crate) const SEEDS: (u64, u64) = (1, 3);

/// What stands against what while pods are needed that the first nodes have no room for.
#[derive(Clone, Copy)]
pub(crate) struct Trade {
    /// How many pods that is, and how many nodes they take.
    pub(crate) overflowing: f64,
    pub(crate) nodes: f64,
    /// What each costs in an hour.
    pub(crate) instance_price: f64,
    pub(crate) node_price: f64,
}

/// Of the scenario: 57 of 114 pods as 0.5-1Gi at list prices against three of ecs.c7.2xlarge.
pub(crate) const BREAK_EVEN: Trade = Trade {
    overflowing: 57.0,
    nodes: 3.0,
    instance_price: 3600.0 * (0.5 * 0.000_007_7 + 0.000_000_96),
    node_price: 0.26,
};

/// The same at other prices of a node.
pub(crate) const NODE_PRICES: [(&str, Trade); 3] = [
    ("0.26: ecs.c7.2xlarge", BREAK_EVEN),
    ("0.24: ecs.c6.2xlarge", Trade { node_price: 0.24, ..BREAK_EVEN }),
    ("0.208: a fifth off", Trade { node_price: 0.208, ..BREAK_EVEN }),
];

impl Trade {
    /// How many times as much instances cost as nodes, for as long as both are needed.
    pub(crate) fn premium(&self) -> f64 {
        self.overflowing * self.instance_price / (self.nodes * self.node_price)
    }

    /// How many minutes longer nodes are paid for than they are needed, on average: `unneededTime`, and a scan interval, half of it
    /// until it is seen that nobody needs them and half until the first one goes. One with pods goes in each scan (rule
    /// `ca-parallelism`).
    pub(crate) fn kept_minutes(&self) -> f64 {
        const UNNEEDED: f64 = 10.0;
        const SCAN: f64 = 1.0;
        UNNEEDED + SCAN + SCAN * (self.nodes - 1.0) / 2.0
    }

    /// For how long pods are needed where both cost the same; `None` where instances are always cheaper.
    pub(crate) fn minutes(&self) -> Option<f64> {
        let above = self.premium() - 1.0;
        (above > 0.0).then(|| self.kept_minutes() / above)
    }

    /// What a variant costs at these prices of nodes.
    fn cost_of(&self, spike: Spike, variant: &str) -> f64 {
        let nodes = spike.figure(variant, "cost.ecs") * self.node_price / BREAK_EVEN.node_price;
        nodes + spike.figure(variant, "cost.virtual")
    }
}

/// The shipped scenario of this name.
pub(crate) fn shipped(name: &str, options: &ReadOptions) -> Scenario {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(name).join("scenario.yaml");
    let resolved = read(&file, options).and_then(|loaded| resolve(&loaded, &Registry::ack()));
    resolved.unwrap_or_else(|wrong| panic!("{}", diagnostic::render(&wrong, false))).scenario
}

/// The empty name is that of the scenario itself.
pub(crate) fn variant_called(name: &str) -> Option<String> {
    (!name.is_empty()).then(|| name.to_owned())
}

/// The scenario with a spike of its own.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Spike {
    hold_minutes: u64,
    max_replicas: u64,
    /// When another begins after the first, in minutes.
    again_after: Option<u64>,
}

/// Runs that were made already: tests ask for the same ones.
type Made = BTreeMap<(Spike, String), Vec<Summary>>;
static MADE: LazyLock<Mutex<Made>> = LazyLock::new(Mutex::default);

impl Spike {
    /// Of this length at its height.
    pub(crate) fn minutes(hold_minutes: u64) -> Self {
        Self { hold_minutes, max_replicas: 114, again_after: None }
    }

    /// With no more pods than these.
    pub(crate) fn with_at_most(self, max_replicas: u64) -> Self {
        Self { max_replicas, ..self }
    }

    /// And another one, so many minutes after the first began.
    pub(crate) fn again_after(self, minutes: u64) -> Self {
        Self { again_after: Some(minutes), ..self }
    }

    /// What is put where in the scenario. It ends 70 minutes after the height of the last spike.
    fn overrides(self) -> Vec<(String, Value)> {
        const HPA: &str = "manifests/HorizontalPodAutoscaler/istio-system/istio-ingressgateway";
        const RATE: &str = "traffic.ingress.rate.noise.of";
        let end = self.hold_minutes + 100 + self.again_after.unwrap_or(0);
        let hold = format!("{}m", self.hold_minutes);
        let mut overrides = vec![
            ("horizon".to_owned(), json!(format!("{end}m"))),
            (format!("{HPA}:/spec/maxReplicas"), json!(self.max_replicas)),
        ];
        match self.again_after {
            None => overrides.push((format!("{RATE}.spike.hold"), json!(hold))),
            Some(after) => {
                let spike = |at: u64, base: &str, peak: &str| {
                    json!({"spike": {"at": format!("{at}m"), "base": base, "peak": peak, "rise": "60s",
                        "hold": hold, "decay": "5m"}})
                };
                let both = [spike(30, "16000/s", "112000/s"), spike(30 + after, "0/s", "96000/s")];
                overrides.push((RATE.to_owned(), json!({ "sum": both })));
            }
        }
        overrides
    }

    /// The scenario under a variant, or as it stands.
    pub(crate) fn scenario(self, variant: &str) -> Scenario {
        let options = ReadOptions {
            variant: variant_called(variant),
            overrides: self.overrides(),
            ..ReadOptions::default()
        };
        shipped("four-policies", &options)
    }

    /// What its runs come to, seed by seed.
    pub(crate) fn runs(self, variant: &str) -> Vec<Summary> {
        let mut made = MADE.lock().expect("no run panics");
        let run = |scenario: &Scenario, seed| {
            Ok::<_, ()>(measure_with_seed(scenario, seed, &mut |_| {}).observation.summary.clone())
        };
        let make = || {
            let scenario = self.scenario(variant);
            let seeds = Seeds::new(SEEDS.0, SEEDS.1).expect("there are seeds");
            replicate(seeds, |seed| run(&scenario, seed)).expect("no run panics")
        };
        made.entry((self, variant.to_owned())).or_insert_with(make).clone()
    }

    /// The mean of the figure at `path`.
    #[track_caller]
    pub(crate) fn figure(self, variant: &str, path: &str) -> f64 {
        let runs = self.runs(variant);
        let of = |run: &Summary| run.get(path).unwrap_or_else(|| panic!("{variant} has no {path}")).number;
        runs.iter().map(of).sum::<f64>() / runs.len() as f64
    }
}

/// Where nodes become cheaper than overflow in strict order, found by bisection.
pub(crate) struct BreakEven {
    /// The shortest spike, in whole minutes, for which they are.
    pub(crate) hold_minutes: u64,
    /// For how long the pods are there that overflow, halfway between that spike and one of a minute less.
    pub(crate) needed_minutes: f64,
}

impl BreakEven {
    /// At the prices of a trade.
    pub(crate) fn found(trade: &Trade) -> Self {
        let nodes_are_cheaper = |hold: u64| {
            let spike = Spike::minutes(hold);
            trade.cost_of(spike, "autoscaler") < trade.cost_of(spike, "strict")
        };
        let (mut dearer, mut cheaper) = (5, 80);
        assert!(!nodes_are_cheaper(dearer) && nodes_are_cheaper(cheaper), "the break-even lies between them");
        while cheaper - dearer > 1 {
            let middle = u64::midpoint(dearer, cheaper);
            *(if nodes_are_cheaper(middle) { &mut cheaper } else { &mut dearer }) = middle;
        }
        let there = |hold| Spike::minutes(hold).figure("strict", "overflow.podSeconds");
        let needed_minutes = f64::midpoint(there(dearer), there(cheaper)) / trade.overflowing / 60.0;
        Self { hold_minutes: cheaper, needed_minutes }
    }
}
