//! What a user does to nodes, workloads and the platform during a run, each through a whole run.

#[path = "case/folder.rs"]
#[allow(dead_code, reason = "words for scenarios in folders are shared with other tests")]
mod folder;

#[path = "kubectl/cordon.rs"]
mod cordon;
#[path = "kubectl/drain.rs"]
mod drain;
#[path = "kubectl/patch.rs"]
mod patch;
#[path = "kubectl/platform.rs"]
mod platform;
#[path = "kubectl/restart.rs"]
mod restart;
#[path = "kubectl/told.rs"]
mod told;
