//! Stock, quota and prices that change during a run.

use overspill::cost::Micros;
use overspill::experiment::measure_into;
use overspill::metric::{EventRow, NodeRow, PodRow, RowSink};
use overspill::object::Title;

use crate::folder::{Case, check_figure, figure};
use crate::told::Told;

/// What the rows of a run print, in millionths.
#[derive(Default)]
struct Printed {
    pods: i128,
    nodes: i128,
}

impl RowSink for Printed {
    fn takes_events(&self) -> bool {
        false
    }

    fn takes_pods(&self) -> bool {
        true
    }

    fn event(&mut self, _: &EventRow<Title<'_>, std::fmt::Arguments<'_>>) {}

    fn pod(&mut self, _: &PodRow<&str>, cost: Micros) {
        self.pods += cost.0;
    }

    fn node(&mut self, _: NodeRow, cost: Micros, _: Micros) {
        self.nodes += cost.0;
    }
}

/// Instances are there as soon as there is room for them, and look for it every ten seconds.
const PLACE: &str = "  horizon: 20m
  defaultImageSize: 0
  shutdown: {constant: 0s}
  eci: {sandbox: {constant: 0s}, containerStart: {constant: 0s}, ready: {constant: 0s}}
  virtualNodes: {cn-hangzhou-j: {}}
";

const NODE: &str = "virtual-kubelet-cn-hangzhou-j";

/// So many pods of 2 vCPU and 4 GiB on ECI.
fn web(replicas: u32, annotations: &str) -> &'static str {
    let text = format!(
        "# Pods\n{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: web}}, spec: {{replicas: {replicas}, selector: \
         {{matchLabels: {{app: web}}}}, template: {{metadata: {{labels: {{app: web, alibabacloud.com/eci: 'true'}}, annotations: \
         {{{annotations}}}}}, spec: {{containers: [{{name: web, image: w, resources: {{requests: {{cpu: 2, memory: \
         4Gi}}}}}}]}}}}}}}}\n"
    );
    Box::leak(text.into_boxed_str())
}

fn case(manifest: &'static str, more: &str, steps: &str) -> Case {
    Case { spec: format!("{PLACE}{more}  timeline:\n{steps}"), manifest }
}

fn scale(at: &str, replicas: u32) -> String {
    format!("    - {{at: {at}, scale: {{resource: deployment/default/web, replicas: {replicas}}}}}\n")
}

/// When instances were created.
fn created(told: &Told) -> Vec<u64> {
    told.of_reason("Creating").into_iter().map(|(at, _)| at).collect()
}

/// rule: eci-stock-change
#[test]
fn pods_wait_out_a_stock_out() {
    let stock = |at: &str, stock: &str| {
        format!("    - {{at: {at}, setStock: {{zone: cn-hangzhou-j, stock: {{{stock}}}}}}}\n")
    };
    let steps = stock("1m", "'*': 0") + &scale("2m", 4) + &stock("5m", "2-4Gi: 1") + &stock("10m", "");
    let told = Told::of(&case(web(1, ""), "", &steps).resolve());
    assert_eq!(created(&told), [0, 300, 600, 600]);
    let out = told.of_reason("NoStock");
    let why = "Create ECI failed because the specified instance is out of stock. 2-4Gi in cn-hangzhou-j";
    assert_eq!(out, [(120, why); 3]);
}

/// A quota that is cut takes nobody's instance, and holds back what comes until enough are gone.
/// rule: eci-quota-change
#[test]
fn a_quota_that_is_cut_leaves_instances_alone() {
    let quota = |at: &str, vcpu: &str| format!("    - {{at: {at}, setQuota: {{vcpu: {vcpu}}}}}\n");
    let steps =
        quota("1m", "4") + &scale("2m", 5) + &scale("4m", 2) + &scale("5m", 3) + &quota("10m", "raised");
    let told = Told::of(&case(web(4, ""), "", &steps).resolve());
    assert_eq!(created(&told), [0, 0, 0, 0, 600]);
    assert_eq!((told.pods(119, NODE), told.pods(299, NODE)), (4, 2));
    assert_eq!(told.of_reason("QuotaExceeded").iter().map(|(at, _)| *at).collect::<Vec<_>>(), [120, 300]);
}

/// Five minutes at 0.00001924 a second, five at 0.24 an hour, and ten at 0.14 an hour. A node costs 0.3 an hour for five
/// minutes and then 0.6.
/// rule: cost-price-change
#[test]
fn each_stretch_of_time_costs_its_own_price() {
    let pools = "  pools:
    a: {count: 1, instanceType: ecs.c7.xlarge}
    fixed: {count: 1, instanceType: ecs.c7.xlarge, price: 0.9/h}
    month: {count: 1, instanceType: ecs.c7.xlarge, billing: subscription}\n";
    let steps = "    - {at: 0s, setPrice: {ecs: {ecs.c7.xlarge: 0.3/h}}}
    - {at: 5m, setPrice: {eci: {vcpu: 0.1/h, memoryGiB: 0.01/h}, ecs: {ecs.c7.xlarge: 0.6/h}}}
    - {at: 10m, setPrice: {eci: {vcpu: 0.05/h}}}\n";
    let run = case(web(1, ""), pools, steps).measure();
    let row = |name: &str| {
        let nodes = &run.observation.nodes;
        nodes.iter().find(|node| node.name == name).unwrap().cost.to_micros()
    };
    assert_eq!(row("a-1"), 25_000 + 150_000);
    assert_eq!(row("fixed-1"), 300_000);
    let unchanged = case(web(1, ""), pools, "    - {at: 1m, setImageCache: true}\n").measure();
    let month = unchanged.observation.nodes.iter().find(|node| node.name == "month-1").unwrap();
    assert_eq!(row("month-1"), month.cost.to_micros(), "it is paid for beforehand");
    check_figure(&run, "cost.virtual", 0.049_105);
    let printed = figure(&run, "cost.ecs") + figure(&run, "cost.virtual") + figure(&run, "cost.cluster");
    assert_eq!(format!("{printed:.6}"), format!("{:.6}", figure(&run, "cost.total")));
}

/// Pods whose rows are printed long before a node's price changes still add up to what is printed of them.
#[test]
fn rows_that_were_printed_before_a_change_of_prices_still_add_up() {
    let pools = "  pools: {a: {count: 1, instanceType: ecs.c7.xlarge}}\n";
    for price in ["0.3000001/h", "0.3000003/h", "0.3000005/h", "0.3000007/h", "0.3000011/h"] {
        let steps = format!(
            "{}    - {{at: 7m, setPrice: {{ecs: {{ecs.c7.xlarge: {price}}}}}}}\n",
            scale("333333333ns", 0)
        );
        let scenario = case(web(3, ""), pools, &steps).resolve();
        let (run, printed) = measure_into(&scenario, 1, Printed::default(), &mut |_| {});
        let figure = |path: &str| (run.observation.summary.get(path).unwrap().number * 1e6).round() as i128;
        assert_eq!(printed.pods, figure("cost.virtual"), "{price}");
        assert_eq!(printed.nodes, figure("cost.ecs"), "{price}");
        assert_eq!(printed.pods + printed.nodes, figure("cost.total"), "{price}");
    }
}

/// A spot instance goes when its pod does not pay the market's price any more; the pod that takes its place finds none.
/// rule: eci-outbid
#[test]
fn a_pod_that_is_outbid_loses_its_spot_instance() {
    let spot = "k8s.aliyun.com/eci-spot-strategy: SpotWithPriceLimit, k8s.aliyun.com/eci-spot-duration: '0', \
                k8s.aliyun.com/eci-spot-price-limit: '0.04'";
    let steps = "    - {at: 5m, setPrice: {spot: 0.5}}\n    - {at: 10m, setPrice: {spot: 0.9}}\n";
    let told = Told::of(&case(web(1, spot), "", steps).resolve());
    assert_eq!(told.of_reason("SpotToBeReleased").iter().map(|(at, _)| *at).collect::<Vec<_>>(), [600]);
    let refused = told.of_reason("ProviderCreateFailed");
    assert_eq!(refused, [(780, "the market price of every specification is above the pod's price limit")]);
}
