//! What a Job's pods say of their Job.

use crate::object::PodSpec;

/// Labels that the API server writes onto a Job's pods (pkg/registry/batch/job/strategy.go `generateSelector`).
const NAME_LABELS: [&str; 2] = ["batch.kubernetes.io/job-name", "job-name"];
const UID_LABELS: [&str; 2] = ["batch.kubernetes.io/controller-uid", "controller-uid"];
/// Annotation and label of a pod of an Indexed Job.
pub const COMPLETION_INDEX: &str = "batch.kubernetes.io/job-completion-index";

/// Writes onto a template which Job it is of: into labels and owner.
pub fn name_pods(template: &mut PodSpec, name: &str, uid: Option<&str>) {
    let uid = uid.map_or_else(|| stand_in_uid(&template.namespace, name), ToOwned::to_owned);
    for (labels, value) in [(NAME_LABELS, name), (UID_LABELS, uid.as_str())] {
        for label in labels {
            template.labels.set(label, value);
        }
    }
    if let Some(owner) = &mut template.owner {
        name.clone_into(&mut owner.name);
    }
}

/// A UID for a Job that has none: two runs of FNV-1a over its name in the form of a UUID. Upstream draws one.
fn stand_in_uid(namespace: &str, name: &str) -> String {
    let hash = |text: String| {
        text.bytes().fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
        })
    };
    let digits =
        format!("{:016x}{:016x}", hash(format!("{namespace}/{name}")), hash(format!("{name}.{namespace}")));
    [0..8, 8..12, 12..16, 16..20, 20..32].map(|part| &digits[part]).join("-")
}
