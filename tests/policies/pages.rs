//! What is made of runs in README.md and docs/policies.md. OVERSPILL_BLESS=1 writes it anew.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::Mutex;

use overspill::experiment::measure;
use overspill::metric::{Summary, Unit, Value};
use overspill::scenario::ReadOptions;

use crate::spikes::{BREAK_EVEN, BreakEven, NODE_PRICES, SEEDS, Spike, Trade, shipped, variant_called};

/// Tests that write into one page take turns.
static WRITING: Mutex<()> = Mutex::new(());

/// Holds what stands between the marks called `name` in a page against what it should be.
#[track_caller]
pub(crate) fn check(page: &str, name: &str, fresh: &str) {
    let turn = WRITING.lock();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(page);
    let text = fs::read_to_string(&path).expect("the page can be read");
    let (begin, end) =
        (format!("<!-- {name}: written by cargo test --test policies -->\n"), format!("<!-- /{name} -->"));
    let parts = text.split_once(&begin).and_then(|(before, rest)| Some((before, rest.split_once(&end)?)));
    let (before, (kept, after)) = parts.unwrap_or_else(|| panic!("{page} has no marks called {name}"));
    if std::env::var_os("OVERSPILL_BLESS").is_some() {
        fs::write(&path, [before, &begin, fresh, &end, after].concat()).expect("the page can be written");
        return;
    }
    drop(turn);
    assert!(
        kept == fresh,
        "{page} is not fresh: OVERSPILL_BLESS=1 cargo test --test policies writes it anew\n{fresh}"
    );
}

/// Figures of a shipped scenario and of variants of it, each run once, as the header of the scenario derives them.
pub(crate) struct SingleRuns {
    pub(crate) mark: &'static str,
    scenario: &'static str,
    /// Variants and what they are about; the empty name is that of the scenario itself.
    variants: &'static [(&'static str, &'static str)],
    paths: &'static [&'static str],
}

/// Other scenarios in which nodes and overflow meet.
pub(crate) const SINGLE_RUNS: [SingleRuns; 4] = [
    SingleRuns {
        mark: "race",
        scenario: "autoscaler-race",
        variants: &[
            ("", "nodes"),
            ("virtual-node", "ECI"),
            ("both", "both at once"),
            ("impatient", "nodes, and ECI after 20 s"),
        ],
        paths: &["pods.scheduled", "traffic.unserved", "nodes.nodeSeconds", "cost.virtual", "cost.total"],
    },
    SingleRuns {
        mark: "pause",
        scenario: "over-provisioning",
        variants: &[
            ("", "pause pods beside a virtual node"),
            ("no-virtual-node", "pause pods alone"),
            ("ecs-only", "a policy of ECS alone beside a virtual node"),
            ("waiting", "a policy that waits a minute for ECS"),
            ("no-pause-pods", "no pause pods"),
        ],
        paths: &["pods.preempted", "overflow.full", "traffic.unserved", "cost.total"],
    },
    SingleRuns {
        mark: "back",
        scenario: "rebalancing",
        variants: &[
            ("off", "nobody brings pods back"),
            ("", "a descheduler under a budget"),
            ("without-budget", "the same without a budget"),
            ("default-spreading", "the same where nothing puts ECS first"),
        ],
        paths: &[
            "disruption.evictions",
            "disruption.refused",
            "descheduler.returnedToEcs",
            "traffic.unserved",
            "cost.virtual",
            "cost.total",
        ],
    },
    SingleRuns {
        mark: "spot",
        scenario: "spot-pools",
        variants: &[
            ("on-demand", "a node, pay as you go"),
            ("eci", "ECI, pay as you go"),
            ("no-virtual-node", "spot nodes"),
            ("spot-eci", "spot ECI"),
            ("", "spot nodes, and ECI when they go"),
            ("descheduler", "the same, and back again"),
        ],
        paths: &[
            "spot.reclaimedNodes",
            "pods.reclaimed",
            "traffic.unserved",
            "spot.costEcs",
            "spot.costVirtual",
            "cost.total",
        ],
    },
];

impl SingleRuns {
    /// A row for each.
    pub(crate) fn rows(&self) -> String {
        let columns = "---:|".repeat(self.paths.len());
        let mut text = format!("| | `{}` |\n|---|{columns}\n", self.paths.join("` | `"));
        for (variant, what) in self.variants {
            let options = ReadOptions { variant: variant_called(variant), ..ReadOptions::default() };
            let run = measure(&shipped(self.scenario, &options), &mut |_| {});
            let name = if variant.is_empty() { String::new() } else { format!(": `{variant}`") };
            let cells: Vec<String> =
                self.paths.iter().map(|path| cell(&run.observation.summary, path)).collect();
            let _ = writeln!(text, "| {what}{name} | {} |", cells.join(" | "));
        }
        text
    }
}

fn cell(summary: &Summary, path: &str) -> String {
    match summary.get(path) {
        None => "–".to_owned(),
        Some(Value { number, unit: Unit::Money }) => format!("{number:.3}"),
        Some(Value { number, .. }) => number.to_string(),
    }
}

/// Costs and requests that nobody served, by the length of the spike.
pub(crate) fn lengths(found: &BreakEven) -> String {
    let mut text = String::from(
        "| spike at its height | 80 against 20 | strict | autoscaler | cheapest |\n|---|---|---|---|---|\n",
    );
    for minutes in [5, 20, found.hold_minutes, 80] {
        let spike = Spike::minutes(minutes);
        let policies = [("80 against 20", ""), ("strict", "strict"), ("autoscaler", "autoscaler")];
        let cost = |variant| spike.figure(variant, "cost.total");
        let unserved = |variant| spike.figure(variant, "traffic.unserved") / 1e6;
        let cells =
            policies.map(|(_, variant)| format!("{:.3} USD, {:.1} M", cost(variant), unserved(variant)));
        let cheapest = policies.iter().min_by(|one, other| cost(one.1).total_cmp(&cost(other.1)));
        let name = cheapest.expect("there are policies").0;
        let _ = writeln!(text, "| {minutes} min | {} | {name} |", cells.join(" | "));
    }
    let (first, last) = SEEDS;
    let _ = writeln!(
        text,
        "\nMeans of the seeds {first}..{last}; M are millions of requests that nobody served."
    );
    text
}

/// Where the break-even lies at several prices of a node, worked out and found by bisection.
pub(crate) fn break_evens() -> String {
    let mut text = String::from(
        "| a node, USD per hour | r | T worked out | T simulated | the spike |\n|---|---:|---:|---:|---:|\n",
    );
    for (node, trade) in NODE_PRICES {
        let worked_out = trade.minutes().expect("instances cost more");
        let BreakEven { hold_minutes, needed_minutes } = BreakEven::found(&trade);
        let _ = writeln!(
            text,
            "| {node} | {:.3} | {worked_out:.1} min | {needed_minutes:.1} min | {hold_minutes} min |",
            trade.premium()
        );
    }
    text
}

/// The premium of ECI and the break-even for pods of other shapes, on nodes that they fill.
pub(crate) fn premiums() -> String {
    // The pod, how many fill a node of 8 vCPU, and the instance that their limits make.
    let shapes = [
        ("500m, limit 500m", 15.0, "0.5-1Gi", (0.5, 1.0)),
        ("1000m, limit 1000m", 7.0, "1-2Gi", (1.0, 2.0)),
        ("400m, limit 500m", 19.0, "0.5-1Gi", (0.5, 1.0)),
        ("250m, limit 500m", 31.0, "0.5-1Gi", (0.5, 1.0)),
        ("500m, limit 1000m", 15.0, "1-2Gi", (1.0, 2.0)),
        ("200m, limit 2000m", 39.0, "2-4Gi", (2.0, 4.0)),
    ];
    let mut text = String::from(
        "| request, limit | pods on a node | instance | r | break-even T |\n|---|---:|---|---:|---|\n",
    );
    for (pod, fill, specification, (vcpu, gib)) in shapes {
        let instance_price = 3600.0 * (vcpu * 0.000_007_7 + gib * 0.000_000_96);
        let trade = Trade { overflowing: fill, nodes: 1.0, instance_price, ..BREAK_EVEN };
        let when =
            trade.minutes().map_or("never: ECI is cheaper".to_owned(), |minutes| format!("{minutes:.0} min"));
        let _ = writeln!(text, "| {pod} | {fill} | {specification} | {:.2} | {when} |", trade.premium());
    }
    text
}

/// Which wins when.
pub(crate) fn paragraph(found: &BreakEven) -> String {
    let (spike, long) = (Spike::minutes(20), Spike::minutes(80));
    let cost = |variant| format!("{:.2}", spike.figure(variant, "cost.total"));
    let cost_long = |variant| format!("{:.2}", long.figure(variant, "cost.total"));
    let unserved = |variant| format!("{:.1} %", spike.figure(variant, "traffic.unservedShare") * 100.0);
    let wait = spike.figure("autoscaler", "pending.waitSeconds.max");
    let worked_out = BREAK_EVEN.minutes().expect("instances cost more");
    format!(
        "\
* **Overflow in strict order** (a ResourcePolicy) wins short spikes: twenty minutes cost {} USD, and {} of requests are unserved.
* **A node autoscaler alone** wins long ones: eighty minutes cost {} USD instead of {}. Twenty cost {}, and it serves later, for pods
  wait up to {wait:.0} s for a node and the HPA takes those that wait for idle: {} of requests are unserved.
* **The break-even** lies where the pods beyond the first nodes are needed for T = u / (r − 1). ECI costs r = {:.3} times as much as nodes
  that are full, and a node is paid for u = {} minutes longer than it is needed: {worked_out:.0} minutes, and {:.0} as simulated, which is a spike
  of {}. Where a node would stay emptier than 1 / r, {:.0} %, ECI is cheaper however long it lasts.
* **Overflow by 80 against 20** costs {} USD: pods that go to ECI early are paid for before and after the spike.
* **Both together** are overflow: beside a virtual node that takes every pod the autoscaler asks for {} nodes.
* **A ResourcePolicy that waits for nodes** costs {} USD like the autoscaler, and is an insurance: when no machine is to be had, {} of
  requests are unserved instead of {}. If it waits for less time than a node takes, the nodes come all the same, and {} USD are
  paid for both.
",
        cost("strict"),
        unserved("strict"),
        cost_long("autoscaler"),
        cost_long("strict"),
        cost("autoscaler"),
        unserved("autoscaler"),
        BREAK_EVEN.premium(),
        BREAK_EVEN.kept_minutes(),
        found.needed_minutes,
        found.hold_minutes,
        100.0 / BREAK_EVEN.premium(),
        cost(""),
        spike.figure("both", "nodes.added"),
        cost("hybrid"),
        unserved("hybrid-out-of-stock"),
        unserved("autoscaler-out-of-stock"),
        cost("impatient"),
    )
}
