//! The ways onto ECI, each through a whole run: labels, eci-profile, burst-resource, nodeSelector with toleration,
//! affinity and ResourcePolicy; what overrides what, what is warned of beforehand, and who goes first on scale-in.

#[path = "ways/label.rs"]
mod label;
#[path = "ways/outlook.rs"]
mod outlook;
#[path = "ways/policy.rs"]
mod policy;
#[path = "ways/profile.rs"]
mod profile;
#[path = "ways/shipped.rs"]
mod shipped;
#[path = "ways/world.rs"]
mod world;
