//! The command line: one file per subcommand.
//!
//! Results go to the standard output, diagnostics to the standard error. How a command ended is told by its exit
//! code, see [`Exit`].

mod argument;
mod bench;
mod beside;
mod compare;
mod completions;
mod draft;
mod explain;
mod get;
mod import;
mod init;
mod performance;
mod plan;
mod replay;
mod report;
mod run;
mod schedule;
mod schema;
mod sweep;
mod terminal;
mod validate;

use std::ffi::OsString;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use overspill_manifest::Diagnostic;

use crate::experiment::{ShardError, SweepError};
use crate::report::kubectl::QueryError;
use crate::report::{ReportError, SavedRunError};
use crate::scenario::starter::StarterError;
use crate::scheduler::Registry;
use crate::units::SimTime;

/// How a command ended, as its exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// All went well.
    Success = 0,
    /// The results are there, and something that was demanded of them does not hold.
    CheckFailed = 1,
    /// The input or the command line is wrong; nothing was written.
    BadInput = 2,
    /// An invariant of the program is broken.
    Broken = 70,
}

/// Why a command could not do its work.
#[derive(Debug, thiserror::Error)]
enum Failure {
    /// The input is wrong.
    #[error("the input cannot be used")]
    Input(Vec<Diagnostic>),
    /// A file could not be written.
    #[error("cannot write {}", .0.display())]
    File(PathBuf, #[source] io::Error),
    /// A folder that was to be written holds something.
    #[error("{} is there already and is left alone: choose another --out", .0.display())]
    Exists(PathBuf),
    /// Numbers that do not go together.
    #[error(transparent)]
    Starter(#[from] StarterError),
    /// The directory of results could not be written.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// A scenario from the standard input, which the files that it refers to could not be found beside.
    #[error(
        "a scenario is read from a file, so that the files it refers to can be found beside it: name that file"
    )]
    NoStandardInput,
    /// A run cannot be repeated.
    #[error(transparent)]
    Replay(#[from] SavedRunError),
    /// A question about a run cannot be answered.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// A pod that is not there, or not the only one.
    #[error("there is no one pod {pod:?}: {hint}")]
    NoSuchPod {
        /// What was asked for.
        pod: String,
        /// What may be meant.
        hint: String,
    },
    /// A moment before the pod or node was there.
    #[error("{what} did not exist at {at}: it was created at {created}")]
    NotYet {
        /// The pod or node.
        what: String,
        /// When it was asked about.
        at: SimTime,
        /// When it came.
        created: SimTime,
    },
    /// A sweep cannot go on.
    #[error(transparent)]
    Sweep(#[from] SweepError),
    /// Nobody knows which shard of a sweep is meant.
    #[error(transparent)]
    Shard(#[from] ShardError),
    /// A run among many has panicked.
    #[error("the run with seed {0} has panicked, and no results are written")]
    Broken(u64),
    /// A run among those of several scenarios has panicked.
    #[error("the run of {case} with seed {seed} has panicked, and no results are written")]
    BrokenCase {
        /// What was run.
        case: String,
        /// Its seed.
        seed: u64,
    },
    /// The results could not be printed.
    #[error("cannot print the results")]
    Output(#[from] io::Error),
}

impl From<Vec<Diagnostic>> for Failure {
    fn from(diagnostics: Vec<Diagnostic>) -> Self {
        Self::Input(diagnostics)
    }
}

/// Which pods spill from paid-for ECS nodes to ECI virtual nodes, which wait, and what each second costs.
#[derive(Debug, Parser)]
#[command(name = "overspill", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Run(run::Run),
    Schedule(schedule::Schedule),
    Explain(explain::Explain),
    Get(get::Get),
    Compare(compare::Compare),
    Init(init::Init),
    Import(import::Import),
    Plan(plan::Plan),
    Sweep(sweep::Sweep),
    Bench(bench::Bench),
    Report(report::Report),
    Validate(validate::Validate),
    /// Print the JSON Schema of scenario files, for editors
    Schema,
    Completions(completions::Completions),
}

impl Command {
    fn execute(&self, registry: &Registry) -> Result<Exit, Failure> {
        match self {
            Self::Run(command) => command.execute(registry),
            Self::Explain(command) => command.execute(registry),
            Self::Get(command) => command.execute(registry),
            Self::Compare(command) => command.execute(registry),
            Self::Init(command) => command.execute(),
            Self::Import(command) => command.execute(),
            Self::Plan(command) => command.execute(registry),
            Self::Sweep(command) => command.execute(registry),
            Self::Bench(command) => command.execute(registry),
            Self::Report(command) => command.execute(registry),
            Self::Schedule(command) => command.execute(registry),
            Self::Validate(command) => command.execute(registry),
            Self::Schema => schema::execute(),
            Self::Completions(command) => command.execute(),
        }
    }
}

/// The whole program, with the plugins of `registry`: what a binary with plugins of its own calls.
#[expect(clippy::needless_pass_by_value, reason = "a program makes its registry for this call")]
pub fn main_with(registry: Registry) -> ExitCode {
    let exit = guarded(|| dispatch(&registry, std::env::args_os()));
    ExitCode::from(exit as u8)
}

/// Runs the command that `args` ask for, the program's name being the first of them.
fn dispatch(registry: &Registry, args: impl IntoIterator<Item = OsString>) -> Exit {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => {
            // It is a page of help or a complaint; where it cannot be printed there is no one to tell.
            let _ = error.print();
            return if error.use_stderr() { Exit::BadInput } else { Exit::Success };
        }
    };
    cli.command.execute(registry).unwrap_or_else(|failure| conclude(&failure))
}

/// Tells why a command failed.
fn conclude(failure: &Failure) -> Exit {
    match failure {
        Failure::Input(diagnostics) => {
            terminal::tell(diagnostics.clone());
            Exit::BadInput
        }
        Failure::Broken(_) | Failure::BrokenCase { .. } => {
            terminal::tell_error(failure);
            broken()
        }
        // Whoever read the output has seen enough, as in `overspill … | head`.
        Failure::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => Exit::Success,
        _ => {
            terminal::tell_error(failure);
            Exit::BadInput
        }
    }
}

/// Runs `work`; if it panics, an invariant is broken, and the user is told what to do with it.
fn guarded(work: impl FnOnce() -> Exit) -> Exit {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| broken())
}

/// Tells that an invariant is broken.
fn broken() -> Exit {
    eprintln!("error: overspill has broken one of its own invariants, and its results cannot be trusted");
    eprintln!("  please report this together with the input and the message above");
    Exit::Broken
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_panic_is_a_broken_invariant() {
        assert_eq!(guarded(|| panic!("this panic is part of a test")), Exit::Broken);
        assert_eq!(guarded(|| Exit::CheckFailed), Exit::CheckFailed);
    }

    #[test]
    fn a_reader_that_leaves_is_no_error() {
        let failure = |kind| Failure::Output(io::Error::from(kind));
        assert_eq!(conclude(&failure(io::ErrorKind::BrokenPipe)), Exit::Success);
        assert_eq!(conclude(&failure(io::ErrorKind::StorageFull)), Exit::BadInput);
    }
}
