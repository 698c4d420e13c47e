//! Files that are asked for beside the results: how fast a run was, and summaries for a CI server.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::{Failure, terminal};
use crate::report::holds_results;

/// A file that is opened before a run, so that no run is in vain.
#[derive(Debug)]
pub(super) struct Beside {
    path: PathBuf,
    file: File,
}

impl Beside {
    /// A file that begins anew. It must not lie among results, which are the same on every machine: neither in `dir`,
    /// where there are to be some, nor where there are some already.
    pub(super) fn new(path: &Path, dir: Option<&Path>) -> Result<Self, Failure> {
        Self::open(path, dir, OpenOptions::new().write(true).create(true).truncate(true))
    }

    /// A file that is added to; it must not lie there either.
    pub(super) fn appending(path: &Path, dir: &Path) -> Result<Self, Failure> {
        Self::open(path, Some(dir), OpenOptions::new().append(true).create(true))
    }

    fn open(path: &Path, dir: Option<&Path>, options: &OpenOptions) -> Result<Self, Failure> {
        let failed = |error| Failure::File(path.to_owned(), error);
        let place = |path: &Path| std::path::absolute(path).map_err(failed);
        let (whole, dir) = (place(path)?, dir.map(place).transpose()?);
        let will_be_ours = dir.is_some_and(|dir| whole.starts_with(dir));
        if will_be_ours || whole.ancestors().skip(1).any(holds_results) {
            let reason = "it must not lie in the directory of the results";
            return Err(failed(io::Error::new(io::ErrorKind::InvalidInput, reason)));
        }
        Ok(Self { path: path.to_owned(), file: options.open(path).map_err(failed)? })
    }

    /// Writes all of it.
    pub(super) fn write(mut self, text: &str) -> Result<(), Failure> {
        self.file.write_all(text.as_bytes()).map_err(|error| Failure::File(self.path, error))
    }
}

/// Where a summary in Markdown goes.
#[derive(Debug)]
pub(super) enum Page {
    /// Nobody asked for one.
    None,
    /// The standard output, in place of the plain one.
    Output,
    /// The end of a file.
    File(Beside),
}

impl Page {
    /// What was asked for: nothing, `-` or a file, which must not lie in `dir`.
    pub(super) fn open(asked: Option<&Path>, dir: &Path) -> Result<Self, Failure> {
        match asked {
            None => Ok(Self::None),
            Some(path) if path == Path::new("-") => Ok(Self::Output),
            Some(path) => Beside::appending(path, dir).map(Self::File),
        }
    }

    /// Writes the page if there is to be one, and prints the plain summary unless `quiet` or the page was printed.
    pub(super) fn tell(
        self,
        page: impl FnOnce() -> String,
        plain: impl FnOnce() -> String,
        quiet: bool,
    ) -> Result<(), Failure> {
        match self {
            Self::Output => return Ok(terminal::print(&page())?),
            Self::File(file) => file.write(&page())?,
            Self::None => {}
        }
        if quiet { Ok(()) } else { Ok(terminal::print(&plain())?) }
    }
}
