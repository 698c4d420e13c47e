//! How long requests take, and pods that are slow at first.

use overspill_manifest::{JsonPath, code};

use super::Resolver;
use super::load::MOST_CPU_PER_THOUSAND_REQUESTS;
use crate::scenario::file;
use crate::simulation::scenario::TrafficSetup;
use crate::traffic::latency::ServiceTime;
use crate::traffic::load::{CpuPerThousandRequests, WarmUp};
use crate::units::Span;

/// The most that cpu times may scatter: beyond, most requests would take no time and a few of them all.
const MOST_CV: f64 = 10.0;

impl Resolver<'_> {
    /// What the time of the requests of the stream at `path` depends on, if it is measured.
    pub(super) fn service_time(&mut self, path: &JsonPath, given: &file::Traffic) -> Option<ServiceTime> {
        let given = given.service_time.as_ref()?;
        let defaults = ServiceTime::default();
        let cv = given.cv.unwrap_or(defaults.cv);
        if !(0.0..=MOST_CV).contains(&cv) {
            let message = format!("must be between 0 and {MOST_CV}");
            self.say(&code::DO_NOT_FIT, &path.key("serviceTime").key("cv"), message);
        }
        let base = given.base.map_or(defaults.base, |base| base.0);
        let queue_timeout = given.queue_timeout.map_or(defaults.queue_timeout, |timeout| timeout.0);
        Some(ServiceTime { base, cv, queue_timeout })
    }

    /// How slow new pods are that serve the stream at `path`, if they are.
    pub(super) fn warm_up(
        &mut self,
        path: &JsonPath,
        given: &file::Traffic,
        cost: Option<CpuPerThousandRequests>,
    ) -> Option<WarmUp> {
        let given = given.warm_up.as_ref()?;
        let path = path.key("warmUp");
        let (lasts, cpu_factor) = (given.lasts.0, given.cpu_factor);
        if lasts == Span::ZERO {
            self.say(&code::DO_NOT_FIT, &path.key("for"), "must be longer than 0s");
        }
        let most = cost.map_or(1.0, |cost| MOST_CPU_PER_THOUSAND_REQUESTS.0 as f64 / cost.0.0 as f64);
        if !(1.0..=most).contains(&cpu_factor) {
            let message = if cpu_factor > most {
                let cores = MOST_CPU_PER_THOUSAND_REQUESTS.0 / 1000;
                format!("cpuPerThousandRequests times the factor must be at most {cores} cores")
            } else {
                "must be at least 1".to_owned()
            };
            self.say(&code::DO_NOT_FIT, &path.key("cpuFactor"), message);
        }
        Some(WarmUp { lasts, cpu_factor })
    }

    /// Warns of an expectation of times that nobody measures.
    pub(super) fn doubt_latency(&mut self, path: &JsonPath, expectation: &str) {
        let is_measured = self.spec().traffic.values().any(|stream| stream.service_time.is_some());
        if expectation.contains("traffic.latencySeconds") && !is_measured {
            let message =
                "it cannot hold: no stream of traffic has a serviceTime, so that latency is not measured";
            let help = "give the stream one, as in serviceTime: {base: 2ms, cv: 1}".to_owned();
            self.say_with_help(&code::WITHOUT_EFFECT, path, message, Some(help));
        }
    }

    /// Pods warm up in one way, whatever streams they serve: that of the first stream which tells one.
    pub(super) fn agree_on_warm_up(&mut self, path: &JsonPath, new: &TrafficSetup, before: &[TrafficSetup]) {
        let Some(wanted) = new.warm_up else { return };
        let mut same = before.iter().filter(|stream| stream.workload == new.workload);
        let known = same.find_map(|stream| stream.warm_up);
        if known.is_some_and(|known| known != wanted) {
            let message = "another stream to the same workload has its pods warm up in another way";
            self.say(&code::DO_NOT_FIT, &path.key("warmUp"), message);
        }
    }
}
