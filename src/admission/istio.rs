//! Automatic injection of Istio's sidecar: whether a new pod gets one.
//!
//! The decision has two halves, as upstream: the API server sends a pod to the injector if a webhook's selectors of
//! namespace and pod match, and the injector then looks at the pod itself. What is injected is in [`sidecar`]; ASM's gateways, which need no
//! injection, are in [`gateway`].
//!
//! Source: istio/istio pkg/kube/inject/inject.go `injectRequired` and
//! manifests/charts/istio-control/istio-discovery/templates/mutatingwebhook.yaml.

pub mod gateway;
pub mod sidecar;

use crate::object::{Labels, PodSpec, Selector};
use crate::rule::{Confidence, Rule};
pub use sidecar::{ProxyProblem, Sidecar, proxy_of};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "istio-only-new-pods",
        statement: "Injection happens when a pod is created, by the labels that its namespace has then; pods \
                    that exist stay as they are.",
        source: "istio/istio, templates/mutatingwebhook.yaml: operations CREATE",
        confidence: Confidence::Source,
    },
    Rule {
        id: "istio-never-there",
        statement: "A pod on the node's network gets no sidecar, and none in kube-system, kube-public, \
                    kube-node-lease and local-path-storage does.",
        source: "istio/istio, pkg/kube/inject/inject.go `injectRequired`, `IgnoredNamespaces`",
        confidence: Confidence::Source,
    },
    Rule {
        id: "istio-namespace-label",
        statement: "A namespace asks for sidecars by istio-injection=enabled, or, without that label, by \
                    istio.io/rev and the revision of the mesh; istio-injection=disabled refuses them for \
                    every pod.",
        source: "istio/istio, templates/mutatingwebhook.yaml",
        confidence: Confidence::Source,
    },
    Rule {
        id: "istio-pod-label",
        statement: "In a namespace with neither label a pod asks for a sidecar by the label \
                    sidecar.istio.io/inject=true or by istio.io/rev; the value false refuses it anywhere, \
                    and the label goes before the annotation of that name, which cannot ask for one alone.",
        source: "istio/istio, templates/mutatingwebhook.yaml, pkg/kube/inject/inject.go `injectRequired`",
        confidence: Confidence::Source,
    },
    Rule {
        id: "istio-selectors",
        statement: "A pod that says neither true nor false gets none if neverInjectSelector selects it, else \
                    one if alwaysInjectSelector does, else one unless autoInject is off.",
        source: "istio/istio, pkg/kube/inject/inject.go `injectRequired`",
        confidence: Confidence::Source,
    },
    Rule {
        id: "istio-by-default",
        statement: "A namespace with neither label gets no sidecars, unless enableNamespacesByDefault is set.",
        source: "istio/istio, templates/mutatingwebhook.yaml, `auto.sidecar-injector.istio.io`",
        confidence: Confidence::Source,
    },
];

/// The label of a namespace that turns injection on or off.
pub const INJECTION_LABEL: &str = "istio-injection";
/// The label of a namespace or a pod that names a revision of the control plane.
pub const REVISION_LABEL: &str = "istio.io/rev";
/// The label, or the older annotation, of a pod that asks for a sidecar or refuses it.
pub const INJECT: &str = "sidecar.istio.io/inject";
/// The revision of a control plane that was installed without naming one.
pub const DEFAULT_REVISION: &str = "default";

/// Namespaces where nothing is ever injected (`IgnoredNamespaces`).
const IGNORED_NAMESPACES: [&str; 4] = ["kube-system", "kube-public", "kube-node-lease", "local-path-storage"];

/// Which pods get a sidecar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The revision of the control plane.
    pub revision: String,
    /// Whether a pod that reaches the injector and does not say what it wants gets a sidecar.
    pub auto_inject: bool,
    /// Whether namespaces without a label count as enabled.
    pub namespaces_by_default: bool,
    /// Pods that get none unless they ask for one.
    pub never: Vec<Selector>,
    /// Pods that get one unless they refuse it.
    pub always: Vec<Selector>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            revision: DEFAULT_REVISION.to_owned(),
            auto_inject: true,
            namespaces_by_default: false,
            never: Vec::new(),
            always: Vec::new(),
        }
    }
}

impl Policy {
    /// Whether a pod that is created in a namespace with these labels gets a sidecar.
    pub fn injects(&self, pod: &PodSpec, namespace: &Labels) -> bool {
        let may_have_one = !pod.host_network && !IGNORED_NAMESPACES.contains(&pod.namespace.as_str());
        may_have_one && self.is_sent(&pod.labels, namespace) && self.is_wanted(pod)
    }

    /// Whether a webhook sends the pod to the injector.
    fn is_sent(&self, pod: &Labels, namespace: &Labels) -> bool {
        if pod.get(INJECT) == Some("false") {
            return false;
        }
        match (namespace.get(INJECTION_LABEL), namespace.get(REVISION_LABEL)) {
            (Some("enabled"), _) => self.is_default(),
            (Some(_), _) => false,
            (None, Some(revision)) => revision == self.revision,
            (None, None) => self.is_sent_by_itself(pod),
        }
    }

    /// The same where the namespace says nothing.
    fn is_sent_by_itself(&self, pod: &Labels) -> bool {
        match (pod.get(REVISION_LABEL), pod.get(INJECT)) {
            (Some(revision), _) => revision == self.revision,
            (None, Some("true")) => self.is_default(),
            (None, None) => self.is_default() && self.namespaces_by_default,
            (None, Some(_)) => false,
        }
    }

    /// A revision with a name of its own serves only who names it.
    fn is_default(&self) -> bool {
        self.revision == DEFAULT_REVISION
    }

    /// What the injector says of a pod that was sent to it.
    fn is_wanted(&self, pod: &PodSpec) -> bool {
        let selects = |selectors: &[Selector]| {
            selectors.iter().any(|selector| !selector.is_empty() && selector.matches(&pod.labels))
        };
        match pod.labels.get(INJECT).or_else(|| pod.annotations.get(INJECT)) {
            Some("true") => true,
            Some("false") => false,
            _ if selects(&self.never) => false,
            _ => selects(&self.always) || self.auto_inject,
        }
    }
}

#[cfg(test)]
mod tests;
