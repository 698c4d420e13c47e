//! `overspill schema`: the JSON Schema of scenario files.

use super::{Exit, Failure, terminal};
use crate::scenario;

pub(super) fn execute() -> Result<Exit, Failure> {
    terminal::print(&format!("{:#}\n", scenario::schema()))?;
    Ok(Exit::Success)
}
