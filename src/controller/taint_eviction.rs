//! The taint-eviction controller: which pods leave a node with NoExecute taints, and when.
//!
//! Source: pkg/controller/tainteviction/taint_eviction.go at v1.34.1.

use std::collections::BTreeMap;

use crate::id::PodId;
use crate::object::{Effect, Taint, Toleration};
use crate::rule::{Confidence, Rule};
use crate::units::{SimTime, Span};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "taint-eviction",
        statement: "A pod that does not tolerate all NoExecute taints of its node is deleted at once; one that does is \
                    deleted after the shortest tolerationSeconds of those tolerations that are the first to match a \
                    taint, and never if none of them has any.",
        source: "pkg/controller/tainteviction/taint_eviction.go `processPodOnNode`, `getMinTolerationTime`; \
                 staging/src/k8s.io/component-helpers/scheduling/corev1/helpers.go `GetMatchingTolerations`",
        confidence: Confidence::Source,
    },
    Rule {
        id: "taint-eviction-kept",
        statement: "A deletion that is due stays due when the node's NoExecute taints change, unless all of them go, \
                    one is tolerated no more, or all are tolerated for ever.",
        source: "pkg/controller/tainteviction/taint_eviction.go `processPodOnNode`, `handleNodeUpdate`",
        confidence: Confidence::Source,
    },
];

/// What is to be done with a pod.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Whether a deletion that was due is not any more: an event says so.
    pub cancelled: bool,
    /// When it is to be deleted, if that is news.
    pub deletion: Option<SimTime>,
}

/// A deletion that is due.
#[derive(Clone, Copy, Debug)]
struct Due {
    decided: SimTime,
    at: SimTime,
}

/// The deletions that are due.
#[derive(Clone, Debug, Default)]
pub struct TaintEviction {
    due: BTreeMap<PodId, Due>,
}

impl TaintEviction {
    /// Looks at a pod whose node has these taints: it has just come there, or they have changed.
    pub fn look(
        &mut self,
        pod: PodId,
        taints: &[Taint],
        tolerations: &[Toleration],
        now: SimTime,
    ) -> Verdict {
        let evicting: Vec<_> = taints.iter().filter(|taint| taint.effect == Effect::NoExecute).collect();
        let at = match Stay::of(&evicting, tolerations) {
            Stay::ForEver => return Verdict { cancelled: self.cancel(pod), deletion: None },
            Stay::NotAtAll => now,
            // Upstream compares the two moments of decision, so that what was decided before stands.
            Stay::For(_) if self.due.get(&pod).is_some_and(|due| due.decided < now) => {
                return Verdict::default();
            }
            Stay::For(span) => now + span,
        };
        let cancelled = self.cancel(pod);
        self.due.insert(pod, Due { decided: now, at });
        Verdict { cancelled, deletion: Some(at) }
    }

    /// Whether a pod is to be deleted now; it is due no more.
    pub fn takes(&mut self, pod: PodId, now: SimTime) -> bool {
        let is_due = self.due.get(&pod).is_some_and(|due| due.at == now);
        if is_due {
            self.due.remove(&pod);
        }
        is_due
    }

    /// A pod is gone, or its deletion is called off; whether one was due.
    pub fn cancel(&mut self, pod: PodId) -> bool {
        self.due.remove(&pod).is_some()
    }
}

/// For how long a pod tolerates all NoExecute taints of its node.
enum Stay {
    NotAtAll,
    For(Span),
    ForEver,
}

impl Stay {
    fn of(taints: &[&Taint], tolerations: &[Toleration]) -> Self {
        let first = |taint: &&Taint| tolerations.iter().find(|one| one.tolerates(taint));
        let Some(used) = taints.iter().map(first).collect::<Option<Vec<_>>>() else { return Self::NotAtAll };
        match used.into_iter().filter_map(|one| one.seconds).min() {
            Some(seconds) => Self::For(Span::from_secs(u64::try_from(seconds).unwrap_or(0))),
            None => Self::ForEver,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POD: PodId = PodId(7);

    fn at(seconds: u64) -> SimTime {
        SimTime::from_secs(seconds)
    }

    fn taints(keys: &[&str]) -> Vec<Taint> {
        let taint =
            |key: &&str| Taint { key: (*key).to_owned(), value: String::new(), effect: Effect::NoExecute };
        keys.iter().map(taint).collect()
    }

    fn tolerations(all: &[(&str, Option<i64>)]) -> Vec<Toleration> {
        let toleration = |&(key, seconds): &(&str, Option<i64>)| Toleration {
            key: key.to_owned(),
            exists: true,
            value: String::new(),
            effect: Some(Effect::NoExecute),
            seconds,
        };
        all.iter().map(toleration).collect()
    }

    /// Given a pod with `own` tolerations, when its node gets taints of `keys` at 10 s, then it is deleted at `deletion`.
    #[track_caller]
    fn check(keys: &[&str], own: &[(&str, Option<i64>)], deletion: Option<u64>) {
        let verdict = TaintEviction::default().look(POD, &taints(keys), &tolerations(own), at(10));
        assert_eq!(verdict, Verdict { cancelled: false, deletion: deletion.map(at) }, "{keys:?} {own:?}");
    }

    /// rule: taint-eviction
    #[test]
    fn a_pod_stays_for_the_shortest_of_its_tolerations() {
        check(&["a"], &[], Some(10));
        check(&["a"], &[("a", None)], None);
        check(&["a"], &[("a", Some(30))], Some(40));
        check(&["a", "b"], &[("a", Some(30))], Some(10));
        check(&["a", "b"], &[("a", Some(30)), ("b", Some(20))], Some(30));
        check(&["a", "b"], &[("a", Some(30)), ("b", None)], Some(40));
        check(&["a"], &[("a", Some(0))], Some(10));
        check(&["a"], &[("a", Some(-5))], Some(10));
        check(&["a"], &[("", Some(5)), ("a", None)], Some(15));
        check(&["a"], &[("a", None), ("a", Some(5))], None);
        check(&[], &[], None);
    }

    #[test]
    fn taints_of_other_effects_evict_nobody() {
        let mut soft = taints(&["a", "b"]);
        soft[0].effect = Effect::NoSchedule;
        soft[1].effect = Effect::PreferNoSchedule;
        assert_eq!(TaintEviction::default().look(POD, &soft, &[], at(10)), Verdict::default());
    }

    /// Given a deletion that is due at 40 s.
    fn due_at_40() -> TaintEviction {
        let mut controller = TaintEviction::default();
        let verdict = controller.look(POD, &taints(&["a"]), &tolerations(&[("a", Some(30))]), at(10));
        assert_eq!(verdict.deletion, Some(at(40)));
        controller
    }

    /// rule: taint-eviction-kept
    #[test]
    fn a_deletion_is_called_off_when_the_taints_go() {
        let mut controller = due_at_40();
        let verdict = controller.look(POD, &[], &[], at(20));
        assert_eq!(verdict, Verdict { cancelled: true, deletion: None });
        assert!(!controller.takes(POD, at(40)), "nothing is due any more");
        assert_eq!(controller.look(POD, &[], &[], at(21)), Verdict::default());
    }

    /// rule: taint-eviction-kept
    #[test]
    fn a_deletion_stays_due_when_another_taint_comes_that_is_tolerated() {
        let mut controller = due_at_40();
        let own = tolerations(&[("a", Some(30)), ("b", Some(1))]);
        assert_eq!(controller.look(POD, &taints(&["a", "b"]), &own, at(20)), Verdict::default());
        assert!(!controller.takes(POD, at(21)));
        assert!(controller.takes(POD, at(40)) && !controller.takes(POD, at(40)));
    }

    /// rule: taint-eviction-kept
    #[test]
    fn a_deletion_comes_at_once_when_a_taint_comes_that_is_not_tolerated() {
        let mut controller = due_at_40();
        let own = tolerations(&[("a", Some(30))]);
        let verdict = controller.look(POD, &taints(&["a", "b"]), &own, at(20));
        assert_eq!(verdict, Verdict { cancelled: true, deletion: Some(at(20)) });
        assert!(controller.takes(POD, at(20)));
    }

    /// rule: taint-eviction-kept
    #[test]
    fn a_deletion_is_called_off_when_all_is_tolerated_for_ever() {
        let mut controller = due_at_40();
        let verdict = controller.look(POD, &taints(&["b"]), &tolerations(&[("b", None)]), at(20));
        assert_eq!(verdict, Verdict { cancelled: true, deletion: None });
    }
}
