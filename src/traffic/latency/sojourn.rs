//! The law of a request's time, as a sum of its parts.

use super::ServiceTime;
use super::gamma::Gamma;

/// How cpu times with a mean of 1 are distributed.
#[derive(Clone, Debug)]
enum Service {
    Constant,
    Exponential,
    Gamma(Gamma),
}

/// Below this coefficient of variation nothing is seen of it.
const NEARLY_CONSTANT: f64 = 0.01;
/// A law as near to this to the exponential one is that.
const NEARLY_EXPONENTIAL: f64 = 1e-6;

/// The time of requests of one stream.
#[derive(Clone, Debug)]
pub(super) struct Sojourn {
    base_s: f64,
    timeout_s: f64,
    service: Service,
}

/// What a request waits for a core.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Waits {
    /// Not at all.
    Never,
    /// For an exponential time with this mean in seconds, at most the timeout.
    Exponential(f64),
    /// As long as the timeout.
    Full,
}

impl Sojourn {
    pub(super) fn new(time: &ServiceTime) -> Self {
        let service = if time.cv < NEARLY_CONSTANT {
            Service::Constant
        } else if (time.cv - 1.0).abs() < NEARLY_EXPONENTIAL {
            Service::Exponential
        } else {
            Service::Gamma(Gamma::new(time.cv))
        };
        Self { base_s: time.base.as_secs_f64(), timeout_s: time.queue_timeout.as_secs_f64(), service }
    }

    /// The probability that a request takes longer than `seconds` whose service has this mean.
    pub(super) fn tail(&self, service_s: f64, waits: Waits, seconds: f64) -> f64 {
        let left = seconds - self.base_s;
        if left < 0.0 {
            return 1.0;
        }
        match waits {
            Waits::Never => self.service_tail(service_s, left),
            Waits::Full if left < self.timeout_s => 1.0,
            Waits::Full => self.service_tail(service_s, left - self.timeout_s),
            Waits::Exponential(mean) => {
                (self.service_tail(service_s, left) + self.after_wait(service_s, mean, left)).min(1.0)
            }
        }
    }

    fn service_tail(&self, service: f64, left: f64) -> f64 {
        match &self.service {
            Service::Constant => f64::from(u8::from(left < service)),
            Service::Exponential => libm::exp(-left / service),
            Service::Gamma(gamma) => gamma.tail(left / service),
        }
    }

    /// The probability that a request has a service no longer than `left`, and takes longer because it waits: the mean
    /// over such services of the probability to wait longer than what they leave.
    fn after_wait(&self, service: f64, mean: f64, left: f64) -> f64 {
        let longer = |left: f64| if left < self.timeout_s { libm::exp(-left / mean) } else { 0.0 };
        match &self.service {
            Service::Constant if left < service => 0.0,
            Service::Constant => longer(left - service),
            Service::Exponential => exponential_after(service, mean, left, self.timeout_s),
            Service::Gamma(gamma) => gamma.mean_of(|one| {
                let rest = left - one * service;
                if rest < 0.0 { 0.0 } else { longer(rest) }
            }),
        }
    }
}

/// The integral of the exponential density of services from what the timeout leaves to `left`, times the probability to
/// wait for the rest.
fn exponential_after(service: f64, mean: f64, left: f64, timeout: f64) -> f64 {
    let first = (left - timeout).max(0.0);
    let (at_first, at_last) =
        (libm::exp(-first / service - (left - first) / mean), libm::exp(-left / service));
    // Both exponents are the same where service and wait have the same mean.
    let difference = (service / mean - 1.0) * (left - first) / service;
    if difference.abs() < 1e-9 {
        return at_last * (left - first) / service;
    }
    (at_last - at_first) / (service / mean - 1.0)
}
