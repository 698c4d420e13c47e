//! Whether a term of inter-pod affinity selects a pod.

use crate::cluster::Cluster;
use crate::object::{Labels, PodAffinityTerm, PodSpec, Selector};

/// A term with the namespaces that it looks at (framework/types.go `AffinityTerm`).
pub(super) struct Term<'a> {
    selector: Option<&'a Selector>,
    namespaces: Vec<&'a str>,
    namespace_selector: Option<&'a Selector>,
    pub(super) topology_key: &'a str,
}

impl<'a> Term<'a> {
    /// A term of `owner`; without any namespace it looks at the owner's.
    pub(super) fn new(term: &'a PodAffinityTerm, owner: &'a PodSpec) -> Self {
        let mut namespaces: Vec<_> = term.namespaces.iter().map(String::as_str).collect();
        if namespaces.is_empty() && term.namespace_selector.is_none() {
            namespaces.push(&owner.namespace);
        }
        Self {
            selector: term.selector.as_ref(),
            namespaces,
            namespace_selector: term.namespace_selector.as_ref(),
            topology_key: &term.topology_key,
        }
    }

    /// Whether it selects `pod`, whose namespace has these labels; `None` is what upstream passes where it should
    /// have cleared the namespace selector and did not.
    pub(super) fn matches(&self, pod: &PodSpec, namespace_labels: Option<&Labels>) -> bool {
        let none = Labels::default();
        let by_label = |selector: &Selector| selector.matches(namespace_labels.unwrap_or(&none));
        (self.namespaces.contains(&pod.namespace.as_str()) || self.namespace_selector.is_some_and(by_label))
            && self.selector.is_some_and(|selector| selector.matches(&pod.labels))
    }

    /// Adds the namespaces that the namespace selector selects by name. The selector itself stays, because upstream
    /// clears it on a copy (interpodaffinity/plugin.go:124): it goes on to accept every namespace if it accepts the
    /// empty label set.
    fn with_selected_namespaces(mut self, cluster: &'a Cluster) -> Self {
        if let Some(selector) = self.namespace_selector.filter(|selector| !selector.is_empty()) {
            self.namespaces.extend(cluster.namespaces_selected_by(selector));
        }
        self
    }
}

/// The terms of `owner` as hints see them.
pub(super) fn own_terms<'a>(terms: &'a [PodAffinityTerm], owner: &'a PodSpec) -> Vec<Term<'a>> {
    terms.iter().map(|term| Term::new(term, owner)).collect()
}

/// A term of the incoming pod, with the namespaces that it selects.
pub(super) fn incoming_term<'a>(
    term: &'a PodAffinityTerm,
    pod: &'a PodSpec,
    cluster: &'a Cluster,
) -> Term<'a> {
    Term::new(term, pod).with_selected_namespaces(cluster)
}

/// The terms of the incoming pod, with the namespaces that they select.
pub(super) fn incoming_terms<'a>(
    terms: &'a [PodAffinityTerm],
    pod: &'a PodSpec,
    cluster: &'a Cluster,
) -> Vec<Term<'a>> {
    terms.iter().map(|term| incoming_term(term, pod, cluster)).collect()
}

/// Whether there are terms and all of them select `pod`.
pub(super) fn matches_all(terms: &[Term<'_>], pod: &PodSpec, namespace_labels: Option<&Labels>) -> bool {
    !terms.is_empty() && terms.iter().all(|term| term.matches(pod, namespace_labels))
}
