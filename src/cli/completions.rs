//! `overspill completions`: scripts that complete the command line in a shell.

use clap::CommandFactory;
use clap_complete::Shell;

use super::{Cli, Exit, Failure, terminal};

/// Print a script that completes overspill's commands in a shell
///
/// For bash: source <(overspill completions bash)
#[derive(Debug, clap::Args)]
pub(super) struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    pub(super) fn execute(&self) -> Result<Exit, Failure> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "overspill", &mut script);
        terminal::print(&String::from_utf8_lossy(&script))?;
        Ok(Exit::Success)
    }
}
