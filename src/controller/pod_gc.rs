//! The garbage collector of pods, as far as it takes those whose node is gone.
//!
//! Source: pkg/controller/podgc/gc_controller.go at v1.34.1.

use crate::rule::{Confidence, Rule};
use crate::units::{SimTime, Span};

pub(crate) const RULES: &[Rule] = &[Rule {
    id: "node-lost",
    statement: "A node whose machine is lost is paid for no longer, is deleted with its pods by the garbage collector, \
                    which looks every 20 s, 40 s after it has first looked since the node is known not to answer, and is not \
                    replaced.",
    source: "k8s.io/cloud-provider, controllers/nodelifecycle; pkg/controller/podgc/gc_controller.go `gcOrphaned`; that \
                 Node and pods go together is an estimate",
    confidence: Confidence::Estimate,
}];

/// How often it looks (`gcCheckPeriod`).
const PERIOD: Span = Span::from_secs(20);
/// How long it waits for a node to come back (`quarantineTime`).
const QUARANTINE: Span = Span::from_secs(40);

/// When it deletes the pods of a node that is gone since `gone`.
pub fn collected_at(gone: SimTime) -> SimTime {
    gone.round_up_to(PERIOD) + QUARANTINE
}

#[cfg(test)]
mod tests {
    use super::*;

    /// rule: node-lost
    #[test]
    fn pods_are_collected_forty_seconds_after_the_first_look() {
        for (gone, collected) in [(0, 40), (1, 60), (20, 60), (150, 200)] {
            assert_eq!(collected_at(SimTime::from_secs(gone)), SimTime::from_secs(collected), "{gone}");
        }
    }
}
