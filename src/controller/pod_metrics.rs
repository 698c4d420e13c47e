//! What metrics-server knows of the pods: their cpu time, read at fixed intervals and averaged in between.
//!
//! metrics-server reads each pod's accumulated cpu time every `--metric-resolution` and tells the mean between the last
//! two readings (kubernetes-sigs/metrics-server, pkg/storage/pod.go). So the HPA always sees the past: a load that
//! begins now is in full view only one whole interval later, and a new pod has no sample until it has been read twice.
//! Not modelled: a container that is at least 10 s old at its first reading, yet younger than the interval, has a sample
//! at once there (`freshContainerMinMetricsResolution`), and the kubelet itself refreshes its readings only every 10
//! to 15 s.

use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;

use crate::id::PodId;
use crate::rule::{Confidence, Rule};
use crate::units::{MicroCpu, MilliCpu, SimTime, Span};

pub(crate) const RULES: &[Rule] = &[Rule {
    id: "pod-metrics",
    statement: "Cpu usage is the mean between the last two readings, 15 s apart; a pod has no sample \
                until it was read twice.",
    source: "kubernetes-sigs/metrics-server, pkg/storage/pod.go",
    confidence: Confidence::Source,
}];

/// `--metric-resolution`, the time between two readings, as metrics-server's manifests set it.
pub const DEFAULT_RESOLUTION: Span = Span::from_secs(15);

/// The mean usage of a pod between two readings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// When the window ended: the time of the last reading.
    pub timestamp: SimTime,
    /// The time between the two readings.
    pub window: Span,
    /// The mean usage, rounded up as `Quantity.MilliValue()` rounds nanocores up.
    pub cpu: MilliCpu,
}

/// One pod's meter.
#[derive(Clone, Copy, Debug)]
struct Meter {
    /// What the pod uses since `since`.
    usage: MicroCpu,
    since: SimTime,
    /// Cpu time until `since`, in micro-cores times nanoseconds.
    consumed: u128,
    /// The last reading: when, and what `consumed` was.
    reading: Option<(SimTime, u128)>,
    sample: Option<Sample>,
}

impl Meter {
    fn consumed_until(&self, now: SimTime) -> u128 {
        self.consumed + u128::from(self.usage.0) * u128::from(now.since(self.since).0)
    }

    fn read(&mut self, now: SimTime) {
        let consumed = self.consumed_until(now);
        if let Some((before, consumed_before)) = self.reading {
            let window = now.since(before);
            if window == Span::ZERO {
                return;
            }
            // Thousandths of a core: micro-cores × ns over ns, over 1000.
            let milli = (consumed - consumed_before).div_ceil(u128::from(window.0) * 1000);
            self.sample = Some(Sample { timestamp: now, window, cpu: MilliCpu(milli as i64) });
        }
        self.reading = Some((now, consumed));
    }
}

/// The meters of all running pods. Telling a new usage is O(1); a reading is O(pods).
#[derive(Clone, Debug, Default)]
pub struct MetricsServer {
    meters: IndexMap<PodId, Meter, FxBuildHasher>,
}

impl MetricsServer {
    /// A metrics-server that has read nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// From `now` on `pod` uses `usage`. The first call, at the start of its containers, begins its metering.
    pub fn set_usage(&mut self, pod: PodId, usage: MicroCpu, now: SimTime) {
        let fresh = Meter { usage, since: now, consumed: 0, reading: None, sample: None };
        let meter = self.meters.entry(pod).or_insert(fresh);
        meter.consumed = meter.consumed_until(now);
        meter.since = now;
        meter.usage = usage;
    }

    /// The pod's containers are gone, and its sample with them.
    pub fn remove(&mut self, pod: PodId) {
        self.meters.swap_remove(&pod);
    }

    /// Reads all meters.
    pub fn scrape(&mut self, now: SimTime) {
        for meter in self.meters.values_mut() {
            meter.read(now);
        }
    }

    /// The mean usage of `pod` between the last two readings; `None` if it has not been read twice.
    pub fn sample(&self, pod: PodId) -> Option<Sample> {
        self.meters.get(&pod)?.sample
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POD: PodId = PodId(7);

    fn at(seconds: u64) -> SimTime {
        SimTime::from_secs(seconds)
    }

    fn cores(cores: u64) -> MicroCpu {
        MicroCpu(cores * 1_000_000)
    }

    /// rule: pod-metrics
    #[test]
    fn a_pod_has_no_sample_until_it_was_read_twice() {
        let mut server = MetricsServer::new();
        server.set_usage(POD, cores(1), at(10));
        assert_eq!(server.sample(POD), None);
        server.scrape(at(15));
        assert_eq!(server.sample(POD), None);
        server.scrape(at(30));
        let sample = Sample { timestamp: at(30), window: DEFAULT_RESOLUTION, cpu: MilliCpu(1000) };
        assert_eq!(server.sample(POD), Some(sample));
    }

    /// rule: pod-metrics
    #[test]
    fn usage_is_averaged_over_the_window() {
        let mut server = MetricsServer::new();
        server.set_usage(POD, cores(1), at(0));
        server.scrape(at(15));
        server.set_usage(POD, cores(3), at(20));
        server.set_usage(POD, MicroCpu::ZERO, at(25));
        server.scrape(at(30));
        assert_eq!(server.sample(POD).unwrap().cpu, MilliCpu(1334), "5 s of 1, 5 s of 3: 1333.3 rounds up");
        server.scrape(at(45));
        assert_eq!(server.sample(POD).unwrap().cpu, MilliCpu(0));
    }

    #[test]
    fn a_sample_stays_until_the_next_reading_and_goes_with_the_pod() {
        let mut server = MetricsServer::new();
        server.set_usage(POD, cores(1), at(0));
        server.scrape(at(15));
        server.scrape(at(30));
        server.set_usage(POD, cores(9), at(31));
        assert_eq!(server.sample(POD).unwrap().cpu, MilliCpu(1000));
        server.remove(POD);
        assert_eq!(server.sample(POD), None);
        server.scrape(at(45));
        assert_eq!(server.sample(POD), None);
    }

    #[test]
    fn two_readings_at_one_moment_are_one() {
        let mut server = MetricsServer::new();
        server.set_usage(POD, cores(1), at(0));
        server.scrape(at(15));
        server.scrape(at(15));
        assert_eq!(server.sample(POD), None);
    }
}
