//! eci-profile: the ConfigMap that sends pods to ECI and adds to those that go there.

use super::volume::{FileObject, FileSource};
use super::{Labels, PodSpec};
use crate::rule::{Confidence, Rule};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "eci-profile-selectors",
        statement: "A selector of an eci-profile sends a pod to ECI if it has a namespaceSelector or an \
                    objectSelector and every label of those that it has matches.",
        source: "ACK, \"Configure an eci-profile\"",
        confidence: Confidence::Documented,
    },
    Rule {
        id: "eci-profile-effects",
        statement: "Effects of all matching selectors are added in order and never replace what is there: the \
                    pod's own value comes first, then that of the first selector.",
        source: "ACK, \"Configure an eci-profile\"",
        confidence: Confidence::Documented,
    },
    Rule {
        id: "eci-profile-everywhere",
        statement: "A selector of an eci-profile that selects by nothing sends nobody, and its effect goes to \
                    every pod on ECI.",
        source: "ACK, \"Configure an eci-profile\"",
        confidence: Confidence::Documented,
    },
];

/// The eci-profile of a cluster, as far as it matters where pods go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EciProfile {
    /// The vSwitches that instances are created in, by ID and in order.
    pub vswitch_ids: Vec<String>,
    /// What sends pods to ECI, and what is added to them.
    pub selectors: Vec<ProfileSelector>,
}

/// One selector of an [`EciProfile`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProfileSelector {
    /// Its name.
    pub name: String,
    /// Labels of the pod's namespace.
    pub namespace: Option<Labels>,
    /// Labels of the pod.
    pub object: Option<Labels>,
    /// Annotations that the pod gets.
    pub annotations: Labels,
    /// Labels that the pod gets.
    pub labels: Labels,
}

impl EciProfile {
    /// Whether an object is the ConfigMap that holds the eci-profile of its cluster.
    pub fn is_kept_in(object: &FileObject) -> bool {
        let FileObject { source, namespace, name } = object;
        *source == FileSource::ConfigMap && namespace == "kube-system" && name == "eci-profile"
    }

    /// Whether it sends a pod to ECI; `namespace` are the labels of the pod's namespace.
    pub fn sends(&self, pod: &PodSpec, namespace: &Labels) -> bool {
        self.selectors.iter().any(|one| !one.selects_by_nothing() && one.matches(pod, namespace))
    }

    /// Whether it adds anything to pods.
    pub fn has_effects(&self) -> bool {
        self.selectors.iter().any(|one| !one.annotations.is_empty() || !one.labels.is_empty())
    }

    /// Adds to a pod on ECI the annotations that it gets and, if `labelled`, the labels.
    pub fn apply(&self, pod: &mut PodSpec, namespace: &Labels, labelled: bool) {
        let before = pod.clone();
        for selector in self.selectors.iter().filter(|one| one.matches(&before, namespace)) {
            add(&mut pod.annotations, &selector.annotations);
            if labelled {
                add(&mut pod.labels, &selector.labels);
            }
        }
    }
}

impl ProfileSelector {
    fn selects_by_nothing(&self) -> bool {
        self.namespace.is_none() && self.object.is_none()
    }

    fn matches(&self, pod: &PodSpec, namespace: &Labels) -> bool {
        self.namespace.as_ref().is_none_or(|wanted| namespace.contains_all(wanted))
            && self.object.as_ref().is_none_or(|wanted| pod.labels.contains_all(wanted))
    }
}

/// Adds what is not there yet.
fn add(labels: &mut Labels, more: &Labels) {
    for (key, value) in &more.0 {
        labels.0.entry(key.clone()).or_insert_with(|| value.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::fixture::{labels, pod};

    fn selector(namespace: Option<&[(&str, &str)]>, object: Option<&[(&str, &str)]>) -> ProfileSelector {
        ProfileSelector { namespace: namespace.map(labels), object: object.map(labels), ..Default::default() }
    }

    #[track_caller]
    fn check(selector: ProfileSelector, expected: bool) {
        let profile = EciProfile { selectors: vec![selector], ..EciProfile::default() };
        let pod = pod(&[("app", "web"), ("tier", "front")]);
        assert_eq!(profile.sends(&pod, &labels(&[("team", "a")])), expected);
    }

    /// rule: eci-profile-selectors
    #[test]
    fn labels_of_a_selector_are_anded_and_both_selectors_must_match() {
        let web: &[_] = &[("app", "web")];
        let team: &[_] = &[("team", "a")];
        check(selector(None, Some(web)), true);
        check(selector(None, Some(&[("app", "web"), ("tier", "front")])), true);
        check(selector(None, Some(&[("app", "web"), ("tier", "back")])), false);
        check(selector(Some(team), None), true);
        check(selector(Some(team), Some(web)), true);
        check(selector(Some(&[("team", "b")]), Some(web)), false);
        check(selector(Some(team), Some(&[("app", "db")])), false);
    }

    /// rule: eci-profile-everywhere
    #[test]
    fn a_selector_that_selects_by_nothing_sends_nobody_and_adds_to_everybody() {
        check(selector(None, None), false);
        let everywhere = ProfileSelector { annotations: labels(&[("a", "1")]), ..Default::default() };
        let profile = EciProfile { selectors: vec![everywhere], ..EciProfile::default() };
        let mut pod = pod(&[]);
        profile.apply(&mut pod, &Labels::default(), true);
        assert_eq!(pod.annotations, labels(&[("a", "1")]));
    }

    /// rule: eci-profile-effects
    #[test]
    fn the_pods_own_value_comes_first_then_the_first_selectors() {
        let web: &[_] = &[("app", "web")];
        let adds = |pairs| ProfileSelector {
            annotations: labels(pairs),
            labels: labels(&[("from", "profile")]),
            ..selector(None, Some(web))
        };
        let others = ProfileSelector {
            annotations: labels(&[("d", "other")]),
            ..selector(None, Some(&[("app", "db")]))
        };
        let selectors =
            vec![adds(&[("a", "first"), ("b", "first")]), adds(&[("b", "second"), ("c", "second")]), others];
        let profile = EciProfile { selectors, ..EciProfile::default() };
        let mut pod = PodSpec { annotations: labels(&[("a", "own")]), ..pod(web) };
        profile.apply(&mut pod, &Labels::default(), true);
        assert_eq!(pod.annotations, labels(&[("a", "own"), ("b", "first"), ("c", "second")]));
        assert_eq!(pod.labels, labels(&[("app", "web"), ("from", "profile")]));
    }
}
