//! Labels and pods for tests.

use super::{Labels, PodSpec};

/// Labels or annotations.
pub(crate) fn labels(pairs: &[(&str, &str)]) -> Labels {
    pairs.iter().copied().collect()
}

/// A pod of the namespace `ns` with these labels and nothing else.
pub(crate) fn pod(own: &[(&str, &str)]) -> PodSpec {
    PodSpec { labels: labels(own), ..PodSpec::empty("ns") }
}
