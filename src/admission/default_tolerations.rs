//! How long pods stay by themselves on a node that is not ready or unreachable: what the API server adds to them.

use std::sync::Arc;

use crate::object::{Effect, PodSpec, Toleration};
use crate::rule::{Confidence, Rule};

pub(super) const RULES: &[Rule] = &[Rule {
    id: "default-toleration-seconds",
    statement: "On creation a pod that says nothing of node.kubernetes.io/not-ready and unreachable with effect \
                NoExecute tolerates each of them for 300 s.",
    source: "plugin/pkg/admission/defaulttolerationseconds/admission.go",
    confidence: Confidence::Source,
}];

/// The key of a node whose kubelet says that it is not ready.
pub const NOT_READY: &str = "node.kubernetes.io/not-ready";
/// The key of a node whose kubelet says nothing any more.
pub const UNREACHABLE: &str = "node.kubernetes.io/unreachable";

/// `--default-not-ready-toleration-seconds` and `--default-unreachable-toleration-seconds`.
const DEFAULT_SECONDS: i64 = 300;

/// Adds the tolerations that a new pod lacks. Doing it twice changes nothing.
pub fn add_default_tolerations(pod: &mut PodSpec) {
    for key in [NOT_READY, UNREACHABLE] {
        if !says(pod, key) {
            let (key, value, effect) = (key.to_owned(), String::new(), Some(Effect::NoExecute));
            let seconds = Some(DEFAULT_SECONDS);
            pod.tolerations.push(Toleration { key, exists: true, value, effect, seconds });
        }
    }
}

/// A pod that was there before, with the tolerations that it got when it was created.
pub fn with_default_tolerations(pod: &Arc<PodSpec>) -> Arc<PodSpec> {
    let mut pod = Arc::clone(pod);
    if !says(&pod, NOT_READY) || !says(&pod, UNREACHABLE) {
        add_default_tolerations(Arc::make_mut(&mut pod));
    }
    pod
}

/// Whether a pod says for how long it tolerates this taint.
fn says(pod: &PodSpec, key: &str) -> bool {
    let of_key = |one: &&Toleration| one.key == key || one.key.is_empty();
    let mut of_key = pod.tolerations.iter().filter(of_key);
    of_key.any(|one| one.effect.is_none_or(|effect| effect == Effect::NoExecute))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tolerating(key: &str, effect: Option<Effect>) -> PodSpec {
        let (key, value) = (key.to_owned(), String::new());
        let own = Toleration { key, exists: true, value, effect, seconds: None };
        PodSpec { tolerations: vec![own], ..PodSpec::empty("default") }
    }

    #[track_caller]
    fn check(mut pod: PodSpec, added: &[&str]) {
        let before = pod.tolerations.len();
        for _ in 0..2 {
            add_default_tolerations(&mut pod);
        }
        let new: Vec<_> = pod.tolerations[before..].iter().map(|one| one.key.as_str()).collect();
        assert_eq!(new, added);
        assert!(pod.tolerations[before..].iter().all(|one| one.seconds == Some(300)));
    }

    /// rule: default-toleration-seconds
    #[test]
    fn a_pod_tolerates_for_300_s_what_it_says_nothing_of() {
        check(PodSpec::empty("default"), &[NOT_READY, UNREACHABLE]);
        check(tolerating(NOT_READY, Some(Effect::NoExecute)), &[UNREACHABLE]);
        check(tolerating(UNREACHABLE, None), &[NOT_READY]);
        check(tolerating("", None), &[]);
        check(tolerating(NOT_READY, Some(Effect::NoSchedule)), &[NOT_READY, UNREACHABLE]);
    }
}
