//! Upgrades of what runs: Deployments that get another template, sidecars that get another image.

#[path = "case/folder.rs"]
#[allow(dead_code, reason = "words for scenarios in folders are shared with other tests")]
mod folder;

#[path = "rollouts/bounds.rs"]
mod bounds;
#[path = "rollouts/course.rs"]
mod course;
#[path = "rollouts/deployments.rs"]
mod deployments;
#[path = "rollouts/sidecars.rs"]
mod sidecars;
#[path = "rollouts/told.rs"]
mod told;
