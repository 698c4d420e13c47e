//! How one revision follows another, and between which bounds.

use crate::rule::{Confidence, Rule};
use crate::units::IntOrPercent;

pub(super) const RULES: &[Rule] = &[Rule {
    id: "rolling-update-fenceposts",
    statement: "maxSurge rounds up and maxUnavailable down, both 25 percent by default; where both come to nothing, \
                one pod may be unavailable; no more pods can be unavailable than there are.",
    source: "pkg/controller/deployment/util/deployment_util.go `ResolveFenceposts`, `MaxUnavailable`; \
             pkg/apis/apps/v1/defaults.go",
    confidence: Confidence::Source,
}];

/// How one revision follows another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strategy {
    /// All old pods go before the first new one comes.
    Recreate,
    /// Step by step.
    RollingUpdate {
        /// How many pods there may be beyond the wanted number.
        max_surge: IntOrPercent,
        /// How many of the wanted pods may be unavailable.
        max_unavailable: IntOrPercent,
    },
}

impl Default for Strategy {
    fn default() -> Self {
        let quarter = IntOrPercent::Percent(25);
        Self::RollingUpdate { max_surge: quarter, max_unavailable: quarter }
    }
}

/// The bounds of a rolling update, in pods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fenceposts {
    /// So many more pods than wanted.
    pub surge: u32,
    /// So many fewer available pods than wanted.
    pub unavailable: u32,
}

impl Strategy {
    /// The bounds for a Deployment of `replicas` pods; none by Recreate.
    pub fn fenceposts(self, replicas: u32) -> Fenceposts {
        let Self::RollingUpdate { max_surge, max_unavailable } = self else {
            return Fenceposts { surge: 0, unavailable: 0 };
        };
        let surge = max_surge.rounded_up(replicas);
        let unavailable = max_unavailable.rounded_down(replicas);
        // Without either a rollout could take no first step.
        let unavailable = if surge == 0 && unavailable == 0 { 1 } else { unavailable };
        Fenceposts { surge, unavailable: unavailable.min(replicas) }
    }
}

#[cfg(test)]
mod tests {
    use super::IntOrPercent::{Int, Percent};
    use super::*;

    #[track_caller]
    fn check(max_surge: IntOrPercent, max_unavailable: IntOrPercent, replicas: u32, bounds: (u32, u32)) {
        let strategy = Strategy::RollingUpdate { max_surge, max_unavailable };
        let Fenceposts { surge, unavailable } = strategy.fenceposts(replicas);
        assert_eq!((surge, unavailable), bounds);
    }

    /// pkg/controller/deployment/util/deployment_util_test.go `TestResolveFenceposts`, `TestMaxUnavailable`
    /// rule: rolling-update-fenceposts
    #[test]
    fn surge_rounds_up_and_unavailability_down() {
        check(Percent(0), Percent(0), 0, (0, 0));
        check(Percent(39), Percent(39), 10, (4, 3));
        check(Int(0), Percent(39), 10, (0, 3));
        check(Percent(25), Percent(25), 1, (1, 0));
        check(Percent(25), Percent(25), 3, (1, 0));
        check(Percent(25), Percent(25), 4, (1, 1));
        check(Int(0), Percent(10), 5, (0, 1));
        check(Int(1), Int(10), 5, (1, 5));
        check(Int(2), Int(0), 0, (2, 0));
        assert_eq!(Strategy::Recreate.fenceposts(9), Fenceposts { surge: 0, unavailable: 0 });
        assert_eq!(Strategy::default().fenceposts(6), Fenceposts { surge: 2, unavailable: 1 });
    }
}
