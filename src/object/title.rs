//! How scenarios, events and results name an object.

use std::fmt;

/// `KIND/NAMESPACE/NAME`, or `KIND/NAME` for what lives in no namespace, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Title<'t> {
    /// The kind.
    pub kind: &'t str,
    /// The namespace, if it lives in one.
    pub namespace: Option<&'t str>,
    /// The name; empty if the text has a kind alone.
    pub name: &'t str,
}

impl<'t> Title<'t> {
    /// Takes a text apart.
    pub fn of(text: &'t str) -> Self {
        let mut parts = text.splitn(3, '/');
        let kind = parts.next().unwrap_or_default();
        match (parts.next(), parts.next()) {
            (namespace, Some(name)) => Self { kind, namespace, name },
            (name, None) => Self { kind, namespace: None, name: name.unwrap_or_default() },
        }
    }
}

impl fmt::Display for Title<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.namespace {
            Some(namespace) => write!(f, "{}/{namespace}/{}", self.kind, self.name),
            None => write!(f, "{}/{}", self.kind, self.name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_taken_apart_and_put_together() {
        for (text, kind, namespace, name) in [
            ("Deployment/istio-system/gateway", "Deployment", Some("istio-system"), "gateway"),
            ("Node/ecs-1", "Node", None, "ecs-1"),
            ("Pod//web", "Pod", Some(""), "web"),
            ("Pod/a/b/c", "Pod", Some("a"), "b/c"),
        ] {
            let title = Title::of(text);
            assert_eq!(title, Title { kind, namespace, name }, "{text}");
            assert_eq!(title.to_string(), text);
        }
        assert_eq!(Title::of("pod"), Title { kind: "pod", namespace: None, name: "" });
    }
}
