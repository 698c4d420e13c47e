//! The `overspill` program.

use std::process::ExitCode;

use overspill::scheduler::Registry;

fn main() -> ExitCode {
    overspill::cli::main_with(Registry::ack())
}
