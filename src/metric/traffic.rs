//! `traffic`: requests, and those that nobody could serve.

use super::registry::{Better, Group, Metric};
use super::unit::Unit;

pub(super) static GROUP: Group = Group {
    name: "traffic",
    about: "Requests to all workloads together.",
    metrics: &[
        Metric::new("traffic.requests", Unit::Requests, Better::Neither, "Requests that arrived.", |run| {
            Some(run.traffic.requests)
        }),
        Metric::new("traffic.unserved", Unit::Requests, Better::Lower, UNSERVED, |run| {
            Some(run.traffic.unserved)
        }),
        Metric::new("traffic.unservedShare", Unit::Share, Better::Lower, UNSERVED_SHARE, |run| {
            Some(run.traffic.unserved_share())
        }),
    ],
};

const UNSERVED: &str = "Requests that no ready pod had the CPU to serve.";
const UNSERVED_SHARE: &str = "Of all requests, the part that was not served; 0 if none arrived.";

/// Requests so far.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    requests: f64,
    unserved: f64,
}

impl Traffic {
    pub(super) fn arrived(&mut self, requests: f64, unserved: f64) {
        self.requests += requests;
        self.unserved += unserved;
    }

    fn unserved_share(&self) -> f64 {
        if self.requests > 0.0 { self.unserved / self.requests } else { 0.0 }
    }
}
