//! From the Kubernetes API's types to ours; whatever the API server would refuse is refused here, field by field.

mod disruption_budget;
mod eci_profile;
mod node;
mod parts;
mod pod;
mod resource_policy;
mod selectors;
mod sidecar_set;

pub use disruption_budget::disruption_budget;
pub use eci_profile::{ECI_PROFILE, ECI_PROFILE_KEYS, eci_profile, is_eci_profile};
pub use node::node_spec;
pub use parts::{check_metadata, int_or_percent, namespace_of, resource_list, taint_from_text};
pub use pod::{controller_of, is_finished, pod_spec, template_spec};
pub use resource_policy::resource_policy;
pub(crate) use selectors::node_affinity;
pub use selectors::{label_selector, node_selector, node_selector_term, spread_constraint};
pub use sidecar_set::{resource_binding, sidecar_pod, sidecar_set};

/// What the API server would say of one field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {message}")]
pub struct FieldProblem {
    /// The field, as `spec.containers[0].resources.requests.cpu`.
    pub path: String,
    /// What is wrong and how to mend it.
    pub message: String,
}

/// Gathers problems together with the path at which they are met, so that all of them are told at once.
#[derive(Debug, Default)]
pub struct Problems {
    found: Vec<FieldProblem>,
    path: Vec<String>,
}

impl Problems {
    /// No problems, at the root of an object.
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes a problem with `field` below the present path.
    pub fn note(&mut self, field: &str, message: impl Into<String>) {
        let mut path = self.path.concat();
        if !field.is_empty() {
            path.push_str(if path.is_empty() || field.starts_with('[') { "" } else { "." });
            path.push_str(field);
        }
        self.found.push(FieldProblem { path, message: message.into() });
    }

    /// Runs `inner` with `field` as the present path.
    pub fn within<T>(&mut self, field: &str, inner: impl FnOnce(&mut Self) -> T) -> T {
        let dot = if self.path.is_empty() || field.starts_with('[') { "" } else { "." };
        self.path.push(format!("{dot}{field}"));
        let result = inner(self);
        self.path.pop();
        result
    }

    /// Converts each item of a list field, with its index in the path.
    pub fn each<T, U>(
        &mut self,
        field: &str,
        items: &[T],
        mut convert: impl FnMut(&mut Self, &T) -> U,
    ) -> Vec<U> {
        items
            .iter()
            .enumerate()
            .map(|(index, item)| {
                self.within(&format!("{field}[{index}]"), |problems| convert(problems, item))
            })
            .collect()
    }

    /// The value if nothing was wrong.
    pub fn into_result<T>(self, value: T) -> Result<T, Vec<FieldProblem>> {
        if self.found.is_empty() { Ok(value) } else { Err(self.found) }
    }
}
