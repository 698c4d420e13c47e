//! `overspill schema`: the JSON Schema of scenario files.

use super::{Exit, Failure, terminal};
use crate::scenario;

/// Print the JSON Schema of scenario files, for editors
#[derive(Debug, clap::Args)]
pub(super) struct Schema {}

impl Schema {
    pub(super) fn execute(&self) -> Result<Exit, Failure> {
        terminal::print(&format!("{:#}\n", scenario::schema()))?;
        Ok(Exit::Success)
    }
}
