//! `kubectl drain`: which pods of a node go, and when that is refused.
//!
//! Source: staging/src/k8s.io/kubectl/pkg/drain/filters.go and drain.go at v1.34.1. It is a client and no controller, but
//! decides as they do: it sees pods and says what becomes of them.

use crate::rule::{Confidence, Rule};
use crate::units::Span;

/// What a drain does.
pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "drain-filters",
        statement: "kubectl drain cordons the node, and goes no further if a pod there belongs to a DaemonSet, has an \
                    emptyDir or no controller, unless it was told to ignore, delete or force that; pods of DaemonSets stay.",
        source: "staging/src/k8s.io/kubectl/pkg/drain/filters.go",
        confidence: Confidence::Source,
    },
    Rule {
        id: "drain-retries",
        statement: "kubectl drain asks for all evictions at once, again every 5 s for those that their budgets refuse, and is \
                    done when the last pod is gone; at its timeout the node stays cordoned.",
        source: "staging/src/k8s.io/kubectl/pkg/drain/drain.go `evictPods`",
        confidence: Confidence::Source,
    },
    Rule {
        id: "drain-order",
        statement: "Evictions of one instant are asked for in the order of the pods' namespaces and names.",
        source: "upstream has a goroutine for each pod, in no fixed order",
        confidence: Confidence::Estimate,
    },
];

/// How long kubectl waits before it asks again (drain.go `evictPods`).
pub const RETRY_EVERY: Span = Span::from_secs(5);

/// What a drain was told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Pods of DaemonSets stay and are no reason to refuse.
    pub ignore_daemon_sets: bool,
    /// Pods without a controller go.
    pub force: bool,
    /// Pods with emptyDir volumes go.
    pub delete_empty_dir_data: bool,
}

/// A pod on the node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pod {
    /// `NAMESPACE/NAME`.
    pub name: String,
    /// What keeps it.
    pub keeper: Keeper,
    /// Whether it has an emptyDir volume.
    pub has_empty_dir: bool,
}

/// What keeps a pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeper {
    /// Nobody makes it again.
    None,
    /// A DaemonSet, which is there.
    DaemonSet,
    /// Any other controller.
    Other,
}

/// Why a pod keeps a node from being drained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// A DaemonSet would make it again at once.
    DaemonSet,
    /// Its emptyDir would be lost.
    LocalStorage,
    /// Nobody would make it again.
    Unmanaged,
}

impl Reason {
    /// The reason in kubectl's words.
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::DaemonSet => "cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore)",
            Self::LocalStorage => {
                "cannot delete Pods with local storage (use --delete-emptydir-data to override)"
            }
            Self::Unmanaged => "cannot delete Pods that declare no controller (use --force to override)",
        }
    }
}

impl Options {
    /// Whether a pod goes (`Ok(true)`), stays, or keeps the node from being drained.
    fn judge(self, pod: &Pod) -> Result<bool, Reason> {
        match pod.keeper {
            Keeper::DaemonSet if self.ignore_daemon_sets => Ok(false),
            Keeper::DaemonSet => Err(Reason::DaemonSet),
            _ if pod.has_empty_dir && !self.delete_empty_dir_data => Err(Reason::LocalStorage),
            Keeper::None if !self.force => Err(Reason::Unmanaged),
            Keeper::None | Keeper::Other => Ok(true),
        }
    }
}

/// The places of the pods that go.
///
/// # Errors
///
/// Why none does, in kubectl's words.
pub fn choose(options: Options, pods: &[Pod]) -> Result<Vec<usize>, String> {
    let verdicts: Vec<_> = pods.iter().map(|pod| options.judge(pod)).collect();
    let told = |reason: Reason| {
        let of_it = pods.iter().zip(&verdicts).filter(|(_, verdict)| **verdict == Err(reason));
        let names: Vec<_> = of_it.map(|(pod, _)| pod.name.as_str()).collect();
        (!names.is_empty()).then(|| format!("{}: {}", reason.in_words(), names.join(", ")))
    };
    let reasons = [Reason::DaemonSet, Reason::LocalStorage, Reason::Unmanaged];
    let wrong: Vec<_> = reasons.into_iter().filter_map(told).collect();
    if !wrong.is_empty() {
        return Err(in_one(&wrong));
    }
    let goes = verdicts.iter().enumerate().filter(|(_, verdict)| **verdict == Ok(true));
    Ok(goes.map(|(place, _)| place).collect())
}

/// Several errors as one (apimachinery/pkg/util/errors `aggregate.Error`).
pub fn in_one(errors: &[String]) -> String {
    match errors {
        [only] => only.clone(),
        all => format!("[{}]", all.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pod(name: &str, keeper: Keeper) -> Pod {
        Pod { name: format!("default/{name}"), keeper, has_empty_dir: false }
    }

    /// rule: drain-filters
    #[test]
    fn pods_that_would_be_lost_are_told_and_nothing_goes() {
        let cache = Pod { has_empty_dir: true, ..pod("cache", Keeper::Other) };
        let pods =
            [pod("agent", Keeper::DaemonSet), cache, pod("bare", Keeper::None), pod("web", Keeper::Other)];
        let all = Options { ignore_daemon_sets: true, force: true, delete_empty_dir_data: true };
        assert_eq!(choose(all, &pods), Ok(vec![1, 2, 3]), "the DaemonSet's stays");
        let refused = choose(Options { force: true, ..Options::default() }, &pods).unwrap_err();
        assert_eq!(
            refused,
            "[cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore): default/agent, cannot delete Pods \
             with local storage (use --delete-emptydir-data to override): default/cache]"
        );
        let refused = choose(Options { force: false, ..all }, &pods).unwrap_err();
        assert_eq!(
            refused,
            "cannot delete Pods that declare no controller (use --force to override): default/bare"
        );
    }
}
