//! Traffic the plain way: at every change every pod is looked at.

use super::NODES;
use crate::capacity::cpu_share::{Demand, share};
use crate::controller::pod_metrics::Sample;
use crate::simulation::run::load::group::Usable;
use crate::simulation::scenario::TrafficSetup;
use crate::traffic::load::{MeanCost, rate_per_pod};
use crate::traffic::{Law, Rate};
use crate::units::{MicroCpu, MilliCpu, SimTime, Span};

#[derive(Clone, Debug)]
struct Pod {
    group: usize,
    usable: Usable,
    node: Option<usize>,
    serves: bool,
    cpu_time: u128,
    reading: Option<(SimTime, u128)>,
    sample: Option<Sample>,
}

/// All pods that ever served.
#[derive(Debug)]
pub(super) struct Plain {
    pods: Vec<Pod>,
    groups: usize,
    settled: SimTime,
    scraped: Option<SimTime>,
    pub(super) requests: f64,
    pub(super) unserved: f64,
}

impl Plain {
    pub(super) fn new(traffic: &[TrafficSetup]) -> Self {
        Self {
            pods: Vec::new(),
            groups: traffic.len(),
            settled: SimTime::ZERO,
            scraped: None,
            requests: 0.0,
            unserved: 0.0,
        }
    }

    pub(super) fn join(&mut self, group: usize, usable: Usable, node: Option<usize>) -> usize {
        let (serves, reading, sample) = (true, None, None);
        self.pods.push(Pod { group, usable, node, serves, cpu_time: 0, reading, sample });
        self.pods.len() - 1
    }

    pub(super) fn leave(&mut self, pod: usize) {
        self.pods[pod].serves = false;
    }

    pub(super) fn cpu_time(&self, pod: usize) -> u128 {
        self.pods[pod].cpu_time
    }

    pub(super) fn sample(&self, pod: usize) -> Option<Sample> {
        self.pods[pod].sample
    }

    pub(super) fn is_on_node(&self, pod: usize) -> bool {
        self.pods[pod].node.is_some()
    }

    /// Two readings at one moment are one.
    pub(super) fn scrape(&mut self, now: SimTime) {
        if self.scraped.replace(now) == Some(now) {
            return;
        }
        for pod in &mut self.pods {
            if let Some((before, used)) = pod.reading {
                let window = now.since(before);
                let milli = (pod.cpu_time - used).div_ceil(u128::from(window.0) * 1000);
                let cpu = MilliCpu(milli as i64);
                pod.sample = Some(Sample { timestamp: now, window, cpu, milli_rate: 0 });
            }
            pod.reading = Some((now, pod.cpu_time));
        }
    }

    pub(super) fn settle(&mut self, now: SimTime, traffic: &[TrafficSetup], cores: &[MicroCpu; NODES]) {
        let (from, step) = (self.settled, now.since(self.settled));
        if step == Span::ZERO {
            return;
        }
        self.settled = now;
        let requests: Vec<f64> =
            traffic.iter().map(|setup| setup.shape.requests_between(from, now)).collect();
        let ready: Vec<usize> = (0..self.groups)
            .map(|group| self.pods.iter().filter(|pod| pod.serves && pod.group == group).count())
            .collect();
        for group in 0..self.groups {
            self.requests += requests[group];
            self.unserved += if ready[group] == 0 { requests[group] } else { 0.0 };
        }
        for node in (0..NODES).map(Some).chain([None]) {
            let mut there: Vec<usize> = (0..self.pods.len())
                .filter(|&pod| self.pods[pod].serves && self.pods[pod].node == node)
                .collect();
            there.sort_by_key(|&pod| self.pods[pod].group);
            let demand = |&pod: &usize| {
                let Pod { group, usable, .. } = self.pods[pod];
                let rate = rate_per_pod(Rate(requests[group] / step.as_secs_f64()), ready[group]);
                let want = usable.cost(MeanCost::of(traffic[group].cost)).wanted(rate);
                Demand { want, weight: usable.weight, limit: usable.limit }
            };
            let demands: Vec<Demand> = there.iter().map(demand).collect();
            let grants = match node {
                Some(node) => share(cores[node], &demands),
                None => demands.iter().map(Demand::capped).collect(),
            };
            for ((pod, demand), granted) in there.into_iter().zip(demands).zip(grants) {
                let Pod { group, usable, .. } = self.pods[pod];
                self.pods[pod].cpu_time += u128::from(granted.0) * u128::from(step.0);
                let part = requests[group] / ready[group] as f64;
                let cost = usable.cost(MeanCost::of(traffic[group].cost));
                self.unserved += cost.lacking(part, demand.want, granted, step);
            }
        }
    }
}
