//! OpenKruise's SidecarSets: scenarios in which they are injected, run from their files.

#[path = "kruise/diagnostics.rs"]
mod diagnostics;
#[path = "kruise/files.rs"]
mod files;
#[path = "kruise/injection.rs"]
mod injection;
#[path = "kruise/law.rs"]
mod law;
#[path = "kruise/written.rs"]
mod written;
