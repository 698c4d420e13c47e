//! Work that ends by itself, and the sidecars beside it.

use schemars::JsonSchema;
use serde::Deserialize;

use super::law::Law;

/// What a Job's pods do, or a bare pod. A Job needs one; a bare pod without one runs on.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Work {
    /// Whose work it is: `Job/NAMESPACE/NAME`, `CronJob/NAMESPACE/NAME` for all of its Jobs, or
    /// `Pod/NAMESPACE/NAME`.
    pub of: String,
    /// The container that does it and then ends. Default: the first of `containers`. Other containers run on until they
    /// are told to end: sidecars that their platform or Kubernetes knows as such are told when the work is done.
    pub container: Option<String>,
    /// How long it takes once the container runs; drawn anew for each pod and each restart.
    pub duration: Law,
    /// The share of pods, and of restarts, whose work ends in failure. Default: 0.
    pub failure_share: Option<f64>,
}

/// How long sidecars take: native ones (init containers with restartPolicy Always, the mesh's proxy aside) and those that
/// are marked for ECI or ACS.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Sidecars {
    /// From a sidecar's start until it is ready. The application waits for it, except for a native sidecar without startup
    /// probe and postStart hook. Default: 1s (estimate).
    pub ready: Option<Law>,
    /// From being told to end until it has ended; the pod's grace period cuts this short. Default: 1s (estimate).
    pub stop: Option<Law>,
}
