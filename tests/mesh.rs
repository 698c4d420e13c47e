//! The service mesh: scenarios with injected sidecars and with ASM gateways, run from their files.

#[path = "mesh/course.rs"]
mod course;
#[path = "mesh/diagnostics.rs"]
mod diagnostics;
#[path = "mesh/gateway.rs"]
mod gateway;
#[path = "mesh/injection.rs"]
mod injection;
#[path = "mesh/written.rs"]
mod written;
