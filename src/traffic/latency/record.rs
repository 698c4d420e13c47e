//! What requests have met, and how long they took.

use std::collections::BTreeMap;

use super::sojourn::{Sojourn, Waits};
use super::{ServiceTime, Wait};

/// The time of the requests that were served.
///
/// Requests that met the same are counted together. The means of waits are kept on a grid; what lies between two of its
/// points is split between them so that the mean is kept, which changes quantiles by less than a thousandth.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Latencies {
    requests: f64,
    /// The time of all of them together.
    seconds: f64,
    streams: Vec<(ServiceTime, BTreeMap<Met, f64>)>,
}

/// What a request has met: the bits of the mean of its service in seconds, and a place among waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Met {
    service: u64,
    wait: u16,
}

/// The place of those who do not wait; after it come the points of the grid.
const NEVER: u16 = 0;
/// The place of those who wait in a full queue.
const FULL: u16 = u16::MAX;
/// The first point of the grid of waits in seconds.
const SHORTEST: f64 = 1e-9;
/// The last point, far above any timeout.
const LAST: u16 = 2100;
/// The logarithm of what lies between one point and the next.
const STEP: f64 = 0.02;

fn point(place: u16) -> f64 {
    SHORTEST * libm::exp(f64::from(place - 1) * STEP)
}

impl Latencies {
    /// Whether nothing was served.
    pub fn is_empty(&self) -> bool {
        self.streams.is_empty()
    }

    /// So many requests were served whose service takes `service_s` in the mean, after a wait.
    pub fn served(&mut self, time: &ServiceTime, service_s: f64, wait: Wait, requests: f64) {
        if requests <= 0.0 {
            return;
        }
        let timeout = time.queue_timeout.as_secs_f64();
        let waited = match wait {
            Wait::Full => timeout,
            Wait::Exponential { mean_s, .. } if mean_s <= 0.0 => 0.0,
            Wait::Exponential { share, mean_s } => share * mean_s * -libm::expm1(-timeout / mean_s),
        };
        self.requests += requests;
        self.seconds += requests * (time.base.as_secs_f64() + service_s + waited);
        let met = self.stream(time);
        let service = service_s.to_bits();
        let mut add = |wait: u16, requests: f64| {
            if requests > 0.0 {
                *met.entry(Met { service, wait }).or_default() += requests;
            }
        };
        match wait {
            Wait::Full => add(FULL, requests),
            Wait::Exponential { share, mean_s } => {
                let waiting = if mean_s < SHORTEST { 0.0 } else { requests * share };
                add(NEVER, requests - waiting);
                if waiting > 0.0 {
                    let place = 1 + ((libm::log(mean_s / SHORTEST) / STEP) as u16).min(LAST);
                    let (low, high) = (point(place), point(place + 1));
                    let upper = ((mean_s - low) / (high - low)).clamp(0.0, 1.0);
                    add(place, waiting * (1.0 - upper));
                    add(place + 1, waiting * upper);
                }
            }
        }
    }

    fn stream(&mut self, time: &ServiceTime) -> &mut BTreeMap<Met, f64> {
        let place = self.streams.iter().position(|(known, _)| known == time).unwrap_or_else(|| {
            self.streams.push((*time, BTreeMap::new()));
            self.streams.len() - 1
        });
        &mut self.streams[place].1
    }

    /// Adds what was served elsewhere.
    pub fn add(&mut self, other: &Self) {
        self.requests += other.requests;
        self.seconds += other.seconds;
        for (time, met) in &other.streams {
            let ours = self.stream(time);
            for (&met, &requests) in met {
                *ours.entry(met).or_default() += requests;
            }
        }
    }

    /// How many requests were served.
    pub fn requests(&self) -> f64 {
        self.requests
    }

    /// The time of all of them together, in seconds.
    pub fn seconds(&self) -> f64 {
        self.seconds
    }

    /// The mean in seconds; `None` if nothing was served.
    pub fn mean(&self) -> Option<f64> {
        (!self.is_empty()).then(|| self.seconds / self.requests)
    }

    /// The time in seconds that this share of the requests does not exceed; `None` if nothing was served.
    pub fn quantile(&self, share: f64) -> Option<f64> {
        (!self.is_empty()).then(|| self.exceeded_by(1.0 - share))
    }

    /// The longest time in seconds that is expected of so many requests: of n + 1 one would take longer. Of a few it is the
    /// mean at least.
    pub fn longest(&self) -> Option<f64> {
        let mean = self.mean()?;
        Some(self.exceeded_by(1.0 / (self.requests + 1.0)).max(mean))
    }

    /// The least time that no more than this share of the requests exceeds.
    fn exceeded_by(&self, share: f64) -> f64 {
        let streams: Vec<_> = self.streams.iter().map(|(time, met)| (Sojourn::new(time), met)).collect();
        let exceeds = |seconds: f64| {
            let of_stream = |(sojourn, met): &(Sojourn, &BTreeMap<Met, f64>)| {
                let tail = |(met, requests): (&Met, &f64)| requests * met.tail(sojourn, seconds);
                met.iter().map(tail).sum::<f64>()
            };
            streams.iter().map(of_stream).sum::<f64>() > share * self.requests
        };
        // Between powers of two, and then between those.
        let mut high = SHORTEST;
        while exceeds(high) {
            high *= 2.0;
        }
        let mut low = if high <= SHORTEST { 0.0 } else { high / 2.0 };
        for _ in 0..20 {
            let middle = f64::midpoint(low, high);
            if exceeds(middle) { low = middle } else { high = middle }
        }
        high
    }
}

impl Met {
    fn tail(self, sojourn: &Sojourn, seconds: f64) -> f64 {
        let waits = match self.wait {
            NEVER => Waits::Never,
            FULL => Waits::Full,
            place => Waits::Exponential(point(place)),
        };
        sojourn.tail(f64::from_bits(self.service), waits, seconds)
    }
}
