//! What the control plane takes its time for.

use std::num::NonZeroU32;

use overspill_manifest::{JsonPath, code};

use super::Resolver;
use crate::capacity::api_client::{
    API_LATENCY, ATTEMPT_LATENCY, ATTEMPT_LATENCY_PER_NODE, CONTROLLER_BURST, CONTROLLER_MILLI_QPS,
    ClientRate, SCHEDULER_BURST, SCHEDULER_MILLI_QPS,
};
use crate::controller::pod_metrics::{DEFAULT_RESOLUTION, default_age};
use crate::controller::replica_set::ScaleIn;
use crate::scenario::file::{self, TimingDefaults};
use crate::scenario::notation::Duration;
use crate::scenario::read::Locator;
use crate::scheduler::ClientConnection;
use crate::simulation::scenario::Timing;
use crate::units::Span;

/// More requests per second than any client makes; far below what overflows.
const MOST_QPS: f64 = 1e6;

impl Resolver<'_> {
    pub(super) fn timing(&mut self, connection: ClientConnection) -> Timing {
        let given = self.spec().control_plane.clone();
        let is_instant = self.is_instant();
        let span = |given: Option<Duration>, default| match given {
            Some(given) => given.0,
            None if is_instant => Span::ZERO,
            None => default,
        };
        let unlimited = if is_instant { Some(0) } else { None };
        let scheduler_qps = connection.milli_qps.or(unlimited).unwrap_or(SCHEDULER_MILLI_QPS);
        let scheduler_burst = connection.burst.unwrap_or(SCHEDULER_BURST);
        Timing {
            attempt: span(given.attempt_latency, ATTEMPT_LATENCY),
            attempt_per_node: span(given.attempt_latency_per_node, ATTEMPT_LATENCY_PER_NODE),
            bind: span(given.bind_latency, API_LATENCY),
            scheduler_rate: self.client_rate(
                ("schedulerQps", given.scheduler_qps, scheduler_qps),
                ("schedulerBurst", given.scheduler_burst, scheduler_burst),
            ),
            client: span(given.client_latency, API_LATENCY),
            controller_rate: self.client_rate(
                ("kubeApiQps", given.kube_api_qps, unlimited.unwrap_or(CONTROLLER_MILLI_QPS)),
                ("kubeApiBurst", given.kube_api_burst, CONTROLLER_BURST),
            ),
        }
    }

    pub(super) fn scale_in(&self) -> ScaleIn {
        match self.spec().control_plane.scale_in {
            None => ScaleIn::default(),
            Some(file::ScaleIn::Upstream) => ScaleIn::Upstream,
            Some(file::ScaleIn::ByUnits) => ScaleIn::ByUnits,
            Some(file::ScaleIn::EciFirst) => ScaleIn::EciFirst,
        }
    }

    fn is_instant(&self) -> bool {
        self.spec().control_plane.timing == Some(TimingDefaults::Instant)
    }

    fn client_rate(
        &mut self,
        (qps_key, qps, milli_qps): (&str, Option<f64>, u32),
        (burst_key, burst, default_burst): (&str, Option<u32>, NonZeroU32),
    ) -> Option<ClientRate> {
        let path = Locator::spec().key("controlPlane");
        let milli_qps = qps.map_or(milli_qps, |qps| self.milli_qps(&path.key(qps_key), qps));
        if burst.is_some() && milli_qps == 0 {
            let message = format!("it has no effect: without {qps_key} there is no limit");
            self.say(&code::WITHOUT_EFFECT, &path.key(burst_key), message);
        }
        let burst = burst.map_or(Some(default_burst), NonZeroU32::new);
        if burst.is_none() {
            self.say(&code::DO_NOT_FIT, &path.key(burst_key), "must be greater than 0");
        }
        ClientRate::limit(burst?, milli_qps)
    }

    fn milli_qps(&mut self, path: &JsonPath, qps: f64) -> u32 {
        if !(0.0..=MOST_QPS).contains(&qps) {
            self.say(&code::DO_NOT_FIT, path, "must be between 0, for no limit, and 1000000");
            return CONTROLLER_MILLI_QPS;
        }
        if qps > 0.0 && qps < 0.001 {
            self.say(&code::DO_NOT_FIT, path, "must be 0, for no limit, or at least 0.001");
        }
        libm::round(qps * 1000.0) as u32
    }

    pub(super) fn metrics_resolution(&mut self) -> Span {
        let given = self.spec().control_plane.metrics_resolution.map_or(DEFAULT_RESOLUTION, |given| given.0);
        let path = Locator::spec().key("controlPlane").key("metricsResolution");
        self.longer_than_nothing(&path, given).unwrap_or(DEFAULT_RESOLUTION)
    }

    pub(super) fn metrics_age(&mut self, resolution: Span) -> Span {
        match self.spec().control_plane.metrics_age {
            Some(Duration(age)) if age >= resolution => {
                let path = Locator::spec().key("controlPlane").key("metricsAge");
                self.say(&code::DO_NOT_FIT, &path, format!("must be shorter than {resolution}"));
                Span::ZERO
            }
            Some(Duration(age)) => age,
            None if self.is_instant() => Span::ZERO,
            None => default_age(resolution),
        }
    }
}
