//! A run to draw and to print, without a simulation: a gateway in a spike.

use crate::id::{NodeId, PodId};
use crate::metric::{Fact, Observer, Outcome, Overflow, Overview, RowSink, Settings};
use crate::object::{NodeClass, Title};
use crate::traffic::latency::Latencies;
use crate::units::{Bytes, MilliCpu, Price, SimTime, Span};

/// Two hours: traffic rises tenfold at 30 minutes and falls back after 20. Three ECS nodes take eight pods each; every
/// fourth pod goes to a virtual node although they have room, and all others once they have none.
pub(super) fn gateway_spike() -> Overview {
    gateway_spike_into(()).0
}

/// The same with its rows.
pub(super) fn gateway_spike_into<S: RowSink>(sink: S) -> (Overview, S) {
    let mut story = Story::new(sink);
    for time in (0..=7200).step_by(15) {
        story.step(time);
    }
    story.observer.finish()
}

struct Story<S> {
    observer: Observer<S>,
    next: u32,
    living: Vec<(PodId, bool)>,
    created: Vec<PodId>,
    starting: Vec<(u64, PodId)>,
    on_ecs: u32,
}

impl<S: RowSink> Story<S> {
    fn new(sink: S) -> Self {
        let (horizon, sample_every) = (SimTime::from_secs(7200), Span::from_secs(8));
        let is_representative = false;
        let settings = Settings { horizon, sample_every, is_representative, currency: "USD".to_owned() };
        let mut observer = Observer::with_sink(settings, sink);
        for (number, name) in
            ["gateway-0", "gateway-1", "gateway-2", "virtual-kubelet-j"].into_iter().enumerate()
        {
            let ecs = number < 3;
            let fact = Fact::NodeAdded {
                node: NodeId(number as u32),
                name,
                class: if ecs { NodeClass::Ecs } else { NodeClass::Virtual },
                pool: if ecs { "gateway" } else { "" },
                instance_type: if ecs { "ecs.c7.2xlarge" } else { "" },
                price: if ecs { Price(310_000_000) } else { Price::ZERO },
                cpu: MilliCpu(7_800),
                memory: Bytes::from_gib(13),
            };
            observer.observe(SimTime::ZERO, &fact);
        }
        Self { observer, next: 0, living: Vec::new(), created: Vec::new(), starting: Vec::new(), on_ecs: 0 }
    }

    fn tell(&mut self, time: u64, fact: &Fact<'_>) {
        self.observer.observe(SimTime::from_secs(time), fact);
    }

    fn step(&mut self, time: u64) {
        let rate = match time {
            1800..1860 => 4000 + (time - 1800) * 600,
            1860..3060 => 40_000,
            3060..3660 => 40_000 - (time - 3060) * 60,
            _ => 4000,
        };
        let unserved = if (1815..2100).contains(&time) { rate as f64 * 0.3 } else { 0.0 };
        let workload = "Deployment/istio-system/istio-ingressgateway";
        let (step, requests) = (Span::from_secs(15), 15.0 * rate as f64);
        let (unserved, latencies) = (unserved * 15.0, &Latencies::default());
        self.tell(time, &Fact::Load { workload, step, requests, unserved, latencies });
        let wanted = (rate / 620) as usize;
        self.tell(time, &Fact::ReplicasDesired { workload, replicas: wanted as u32 });
        self.become_ready(time);
        self.bind(time);
        for _ in self.living.len() + self.created.len()..wanted {
            self.create(time);
        }
        if time > 3600 && self.living.len() > wanted {
            let (pod, ecs) = self.living.pop().expect("there are more than wanted");
            self.on_ecs -= u32::from(ecs);
            self.tell(time, &Fact::PodTerminating { pod });
            self.tell(time, &Fact::PodEnded { pod, outcome: Outcome::Deleted });
        }
    }

    fn create(&mut self, time: u64) {
        let pod = PodId(self.next);
        self.next += 1;
        let name = format!("istio-ingressgateway-{}", pod.0);
        self.tell(
            time,
            &Fact::PodCreated {
                pod,
                namespace: "istio-system",
                name: &name,
                workload: Some(Title::of("Deployment/istio-system/istio-ingressgateway")),
                containers: 1,
                cpu: MilliCpu(900),
                memory: Bytes::from_gib(1),
                counted: true,
            },
        );
        self.created.push(pod);
    }

    fn bind(&mut self, time: u64) {
        for pod in std::mem::take(&mut self.created) {
            let (early, full) = (pod.0 % 4 == 3, self.on_ecs >= 24);
            let (node, overflow) = match (early, full) {
                (_, true) => (NodeId(3), Some(Overflow::Full)),
                (true, false) => (NodeId(3), Some(Overflow::Early)),
                (false, false) => (NodeId(self.on_ecs % 3), None),
            };
            self.tell(time, &Fact::PodBound { pod, node, overflow, attempts: 1, sender: None });
            if overflow.is_some() {
                self.tell(
                    time,
                    &Fact::PodBilled { pod, price: Price(60_000_000), spec: format_args!("2-4Gi") },
                );
            }
            self.on_ecs += u32::from(overflow.is_none());
            self.living.push((pod, overflow.is_none()));
            self.starting.push((time + if overflow.is_some() { 45 } else { 15 }, pod));
        }
    }

    fn become_ready(&mut self, time: u64) {
        for (due, pod) in std::mem::take(&mut self.starting) {
            if due <= time {
                self.tell(time, &Fact::PodReady { pod });
            } else {
                self.starting.push((due, pod));
            }
        }
    }
}
