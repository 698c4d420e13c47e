//! The doors: `overspill init` writes a scenario from a few numbers, `overspill import` one from what kubectl printed.

#[path = "doors/import.rs"]
mod import;
#[path = "doors/init.rs"]
mod init;
#[path = "doors/readme.rs"]
mod readme;
#[path = "doors/refused.rs"]
mod refused;
#[path = "doors/round_trip.rs"]
mod round_trip;
#[path = "cli/session.rs"]
#[allow(dead_code, reason = "tests of the other commands use the rest")]
mod session;

/// What kubectl printed of a small ACK cluster.
const DUMP: &str = include_str!("../examples/my-cluster/dump.yaml");
