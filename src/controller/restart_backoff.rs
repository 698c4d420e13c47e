//! How long the kubelet waits before it starts a container again that has ended.

use crate::rule::{Confidence, Rule};
use crate::units::{SimTime, Span};

pub(crate) const RULES: &[Rule] = &[Rule {
    id: "restart-backoff",
    statement: "A container that has ended is started again at once the first time, after 10 s the second, and \
                after twice as long each further time, 5 min at most; one that ends more than 10 min after its \
                last start begins anew.",
    source: "pkg/kubelet/kuberuntime/kuberuntime_manager.go `doBackOff`, client-go/util/flowcontrol/backoff.go, \
             pkg/kubelet/kubelet.go `MaxCrashLoopBackOff`",
    confidence: Confidence::Source,
}];

const FIRST: Span = Span::from_secs(10);
const LONGEST: Span = Span::from_secs(300);

/// What the kubelet remembers of a container's restarts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RestartBackoff {
    /// The wait after the next end, and when the container was last started again.
    last: Option<(Span, SimTime)>,
}

impl RestartBackoff {
    /// When a container is started again that has ended at `ended`.
    pub fn next(&mut self, ended: SimTime) -> SimTime {
        let fresh = |&(_, started): &(Span, SimTime)| ended.since(started).0 <= 2 * LONGEST.0;
        let (wait, following) = match self.last.filter(fresh) {
            None => (Span::ZERO, FIRST),
            Some((wait, _)) => (wait, Span((wait.0 * 2).min(LONGEST.0))),
        };
        let at = ended + wait;
        self.last = Some((following, at));
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Given containers that end `after` seconds each time; how long each restart waits.
    fn waits(after: &[u64]) -> Vec<u64> {
        let (mut backoff, mut now) = (RestartBackoff::default(), SimTime::ZERO);
        let mut waits = Vec::new();
        for &seconds in after {
            let ended = now + Span::from_secs(seconds);
            now = backoff.next(ended);
            waits.push(now.since(ended).0 / 1_000_000_000);
        }
        waits
    }

    /// rule: restart-backoff
    #[test]
    fn waits_double_up_to_five_minutes() {
        assert_eq!(waits(&[1; 9]), [0, 10, 20, 40, 80, 160, 300, 300, 300]);
    }

    /// rule: restart-backoff
    #[test]
    fn a_container_that_ran_for_long_begins_anew() {
        assert_eq!(waits(&[1, 1, 600, 601, 1]), [0, 10, 20, 0, 10]);
    }
}
