//! The scenario of an import, with comments that say what each figure rests on.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::load::Stream;
use super::pools::FoundPool;
use super::{Findings, PoolRow, Wishes, allocatable, checks};
use crate::object::{NodeClass, NodeSpec};
use crate::scenario::drafting::{PRICES_FILE, block, comment, scalar};
use crate::scenario::inventory::Inventory;
use crate::units::{Price, Span};

/// How long is simulated where no load says it.
const HORIZON: Span = Span::from_secs(60 * 60);

/// Everything that the text is made of.
pub(super) struct Draft<'d, 'i> {
    pub(super) wishes: &'d Wishes<'d>,
    pub(super) inventory: &'d Inventory,
    pub(super) pools: &'d [FoundPool<'i>],
    pub(super) streams: &'d [Stream<'i>],
    pub(super) findings: &'d Findings,
}

impl Draft<'_, '_> {
    pub(super) fn written(&self) -> String {
        let horizon = self.streams.iter().map(|stream| stream.load.horizon()).max().unwrap_or(HORIZON);
        let mut text = self.head();
        let _ = write!(
            text,
            "apiVersion: overspill/v1alpha1
kind: Scenario
metadata: {{name: {}}}
spec:
  # How long is simulated, from the moment on at which kubectl printed the cluster.
  horizon: {horizon}
  # What all randomness is drawn from; `overspill run --seeds 1..30` takes many.
  seed: 1
",
            scalar(&self.wishes.name)
        );
        if !self.inventory.cron_jobs.is_empty() {
            text.push_str("  # The instant at which kubectl printed the cluster: CronJobs go by it.\n");
            text.push_str("  # startsAt: 2026-01-05T08:00:00+08:00\n");
        }
        let _ = write!(
            text,
            "  # What kubectl printed, without what only the server that printed it needs.
  manifests: [manifests/]
  # The scheduler's KubeSchedulerConfiguration, which kubectl does not print; default: upstream's default profile.
  # schedulerConfiguration: scheduler.yaml
  # List prices: put your contract's there.
  priceList: {PRICES_FILE}
"
        );
        text.push_str(&self.pools());
        text.push_str(&self.virtual_nodes());
        text.push_str(&self.traffic());
        text.push_str(&self.work());
        text.push_str(&self.expectations());
        text
    }

    fn head(&self) -> String {
        let Findings { bound, waiting, left_out, unknown, .. } = self.findings;
        let mut text = comment(
            &format!(
                "{}: what kubectl printed of a cluster, as `overspill import` has found it: {} nodes, {bound} pods bound, \
                 {waiting} waiting.",
                self.wishes.name,
                self.inventory.nodes.len()
            ),
            0,
        );
        for (title, sentences) in [("Left out", left_out), ("Not known", unknown)] {
            if !sentences.is_empty() {
                text.push_str(&comment(&format!("\n{title}:"), 0));
            }
            for sentence in sentences {
                text.push_str(&comment(&format!("* {sentence}"), 0));
            }
        }
        text
    }

    fn pools(&self) -> String {
        if self.pools.is_empty() {
            return String::new();
        }
        let mut text = comment(
            "ECS nodes that are equal. Those that kubectl printed stay as they are; with a larger `count` further ones come \
             that are like them, with a smaller one the last of them are left out.",
            2,
        );
        text.push_str("  pools:\n");
        for (pool, row) in self.pools.iter().zip(&self.findings.pools) {
            text.push_str(&self.pool(pool, row));
        }
        text
    }

    fn pool(&self, pool: &FoundPool<'_>, row: &PoolRow) -> String {
        let price = row.price.map(|price| format!("{price} in {}", self.wishes.prices.currency));
        let price = price.unwrap_or_else(|| "no known price".to_owned());
        let mut text = comment(&format!("One node costs: {price}."), 4);
        let _ = writeln!(text, "    {}:", scalar(&pool.name));
        text.push_str("      nodeSelector:\n");
        text.push_str(&block(&map(pool.selector.iter().copied()), 8));
        if let Some(kind) = pool.instance_type {
            let _ = writeln!(text, "      instanceType: {}", scalar(kind));
        }
        let _ = writeln!(text, "      count: {}", pool.nodes.len());
        let zones: Vec<_> = pool.zones().into_iter().map(scalar).collect();
        if !zones.is_empty() {
            let _ = writeln!(text, "      zones: [{}]", zones.join(", "));
        }
        text.push_str("      # payg, subscription, spot or savingsPlan.\n");
        let _ = writeln!(text, "      billing: {}", row.billing_name());
        text.push_str("      # What is taken off:\n      # discount: 15%\n");
        if row.price.is_none() {
            text.push_str("      # The price list does not have it: write what one node costs.\n");
            text.push_str("      price: 0/h\n");
        }
        text.push_str(&further_nodes(pool));
        text
    }

    fn virtual_nodes(&self) -> String {
        let mut text = String::new();
        let mut zones: Vec<String> = Vec::new();
        for node in self.inventory.nodes.iter().filter(|node| node.class == NodeClass::Virtual) {
            let zone = checks::zone(node).unwrap_or(&node.name).to_owned();
            // A further one of the same zone is there all the same: its Node stands among the manifests.
            if zones.contains(&zone) {
                continue;
            }
            if zones.is_empty() {
                text.push_str("  # Virtual nodes, by zone. Their pods are ECI instances.\n  virtualNodes:\n");
            }
            let _ = write!(
                text,
                "    {}:
      name: {}
      # The free addresses of the zone's vSwitch: each instance takes one. Default: no bound.
      # vswitchIps: 250
",
                scalar(&zone),
                scalar(&node.name)
            );
            zones.push(zone);
        }
        text
    }

    fn traffic(&self) -> String {
        if self.streams.is_empty() {
            return "  # Requests to workloads, by any name.
  # traffic:
  #   web:
  #     to: Deployment/default/web
  #     rate: {constant: 1000/s}
  #     cpuPerThousandRequests: 350m
"
            .to_owned();
        }
        let mut text = comment(
            "Requests to workloads, by any name. Other shapes of `rate`: step, ramp, spike, diurnal, flashCrowd, trace and \
             more.",
            2,
        );
        text.push_str("  traffic:\n");
        for (name, stream) in self.stream_names().iter().zip(self.streams) {
            text.push_str(&comment(&format!("An estimate: {}", stream.why), 4));
            let _ = writeln!(text, "    {}:", scalar(name));
            let _ = writeln!(text, "      to: {}", scalar(&stream.workload.title()));
            let _ = writeln!(text, "      rate: {}", stream.load.shape());
            if let Some(cpu) = stream.cpu {
                let _ = writeln!(text, "      cpuPerThousandRequests: {cpu}");
            }
        }
        text
    }

    /// Names of streams: those of their workloads, with the namespace where several have one name.
    fn stream_names(&self) -> Vec<String> {
        let name = |stream: &Stream<'_>| {
            let own = stream.workload;
            let same = self.streams.iter().filter(|other| other.workload.name == own.name).count();
            if same == 1 {
                own.name.clone()
            } else {
                format!("{}-{}-{}", own.namespace, own.kind, own.name).to_lowercase()
            }
        };
        self.streams.iter().map(name).collect()
    }

    fn work(&self) -> String {
        let titles = checks::working(self.inventory);
        if titles.is_empty() {
            return String::new();
        }
        let mut text =
            "  # How long the pods of Jobs work: 5m stands for what nobody told.\n  work:\n".to_owned();
        for title in titles {
            let name = title.replace('/', "-").to_lowercase();
            let _ = writeln!(text, "    {}: {{of: {title}, duration: {{constant: 5m}}}}", scalar(&name));
        }
        text
    }

    /// What is to hold; what this cluster may not keep stands there as a comment.
    fn expectations(&self) -> String {
        let (streams, findings) = (self.streams, self.findings);
        let rises = streams.iter().any(|stream| stream.load.peak.is_some());
        let is_paid = findings.pools.iter().any(|pool| pool.price.is_some_and(|price| price > Price::ZERO));
        let is_known = streams.iter().all(|stream| stream.cpu.is_some() && stream.moving.is_none());
        let mut conditions = vec![
            // Pods that wait already may do so for ever; more than today's may find no room.
            (findings.waiting == 0 && !rises, "pods.pendingAtEnd == 0"),
            (is_paid, "cost.total > 0"),
            // It has no value in a run to which no pod comes.
            (false, "pending.waitSeconds.p99 <= 30s"),
        ];
        if !streams.is_empty() {
            conditions.push((is_known && !rises, "traffic.unservedShare <= 1%"));
        }
        let mut text = "  # What is to hold; `overspill run` exits with 1 where something does not. What nobody knows to hold here \
                        is a comment.\n"
            .to_owned();
        text.push_str(if conditions.iter().any(|(holds, _)| *holds) {
            "  expect:\n"
        } else {
            "  # expect:\n"
        });
        for (holds, condition) in conditions {
            let _ = writeln!(text, "    {}- {condition}", if holds { "" } else { "# " });
        }
        text
    }
}

/// What nodes are like that come beside those which were printed.
fn further_nodes(pool: &FoundPool<'_>) -> String {
    let example: &NodeSpec = pool.example();
    let mut text = format!("      # What further nodes are like: as {}.\n      allocatable:\n", example.name);
    let offered = allocatable(example);
    text.push_str(&block(&map(offered.iter().map(|(name, amount)| (name.as_str(), amount.as_str()))), 8));
    let labels = pool.common_labels();
    if !labels.is_empty() {
        text.push_str("      labels:\n");
        text.push_str(&block(&map(labels.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))), 8));
    }
    let taints: Vec<Value> = pool.common_taints().into_iter().map(Value::from).collect();
    if !taints.is_empty() {
        text.push_str("      taints:\n");
        text.push_str(&block(&taints.into(), 8));
    }
    text
}

fn map<'t>(pairs: impl Iterator<Item = (&'t str, &'t str)>) -> Value {
    pairs.map(|(key, value)| (key.to_owned(), Value::from(value))).collect::<Map<_, _>>().into()
}
