//! A directory of results that appears all at once or not at all.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Component, Path, PathBuf};

use super::json;
use super::output::{Format, Output, REPORT};
use super::record::{COMPARISON, InputFile, MARKER, PLAN, REPLICATIONS, SWEEP};

/// Why results could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The directory holds something else.
    #[error(
        "{} exists and holds no results of overspill: it is left alone; choose another --out, or remove it", .dir.display()
    )]
    NotOurs {
        /// The directory.
        dir: PathBuf,
    },
    /// The directory holds results, and something that is not ours.
    #[error("{} holds results of overspill and also {name:?}, which would be lost: move it elsewhere", .dir.display())]
    Foreign {
        /// The directory.
        dir: PathBuf,
        /// What else is in it.
        name: String,
    },
    /// The directory holds results of another kind.
    #[error("{} holds {there}, which {new} would replace: choose another --out, or remove it", .dir.display())]
    OtherKind {
        /// The directory.
        dir: PathBuf,
        /// What it holds.
        there: &'static str,
        /// What was to be written.
        new: &'static str,
    },
    /// The directory holds what is read for the results.
    #[error("{} is read, and {} would be replaced: choose another --out", .read.display(), .dir.display())]
    HoldsSource {
        /// The directory.
        dir: PathBuf,
        /// What lies in it, or is it.
        read: PathBuf,
    },
    /// An input whose name leads out of `inputs/`.
    #[error("an input file cannot be kept as {name:?}: its name must be relative, without `..`")]
    InputName {
        /// Its name.
        name: String,
    },
    /// Tables in a format that this program was built without.
    #[error(
        "this program was built without Parquet: cargo run --release --features parquet -- run SCENARIO --format parquet"
    )]
    NoParquet,
    /// The file system refused.
    #[error("cannot write {}", .path.display())]
    Io {
        /// What was to be written.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

/// A directory in the making, beside the place where it is to be; removed again unless it is published. To be made
/// before a run, so that no run is in vain.
pub struct Staging {
    target: PathBuf,
    partial: PathBuf,
}

impl Staging {
    /// Starts a directory beside `dir`, which may be replaced: it is not there, empty, or holds the results of a run and
    /// nothing else.
    pub fn beside(dir: &Path) -> Result<Self, ReportError> {
        // An existing directory is known by its real name, so that a link to it stays one.
        let target = match dir.canonicalize() {
            Ok(existing) => existing,
            Err(_) => std::path::absolute(dir).map_err(failed(dir))?,
        };
        refuse_foreign(dir)?;
        let partial = sibling(&target, "partial");
        fs::create_dir_all(&partial).map_err(failed(dir))?;
        Ok(Self { target, partial })
    }

    /// The same for results of a kind, which replace no others, nor any of the files and directories that are `read` for
    /// them.
    pub fn of_kind(kind: Kind, dir: &Path, read: &[&Path]) -> Result<Self, ReportError> {
        if let Ok(target) = dir.canonicalize() {
            let lies_within = |path: &&&Path| path.canonicalize().is_ok_and(|path| path.starts_with(&target));
            if let Some(read) = read.iter().find(lies_within) {
                return Err(ReportError::HoldsSource { dir: dir.to_owned(), read: read.to_path_buf() });
            }
        }
        match Kind::of(dir).filter(|there| there.command() != kind.command()) {
            Some(there) => {
                Err(ReportError::OtherKind { dir: dir.to_owned(), there: there.name(), new: kind.name() })
            }
            None => Self::beside(dir),
        }
    }

    /// Begins a file of results that is written while the run goes on.
    pub(super) fn create(&self, name: &str) -> Result<(PathBuf, fs::File), ReportError> {
        let path = self.partial.join(name);
        let file = fs::File::create(&path).map_err(failed(&path))?;
        Ok((path, file))
    }

    /// Where a file of results lies until the directory is in its place.
    #[cfg(test)]
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.partial.join(name)
    }

    /// Starts a directory in this one, which is published into it and with it: that of one seed among many.
    pub fn within(&self, name: &str) -> Result<Self, ReportError> {
        Self::beside(&self.partial.join(name))
    }

    /// Writes a file of results as JSON.
    pub(crate) fn write_json(&self, name: &str, value: &serde_json::Value) -> Result<(), ReportError> {
        self.write(name, |sink| json::write(sink, value))
    }

    /// Writes a file of results.
    pub(crate) fn write(
        &self,
        name: &str,
        content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), ReportError> {
        let (path, file) = self.create(name)?;
        let mut sink = BufWriter::new(file);
        content(&mut sink).and_then(|()| sink.flush()).map_err(failed(&path))
    }

    /// Keeps a file that the run has read.
    pub(crate) fn write_input(&self, input: &InputFile) -> Result<(), ReportError> {
        let name = Path::new(&input.name);
        let stays_inside = name.components().all(|part| matches!(part, Component::Normal(_)));
        if !stays_inside || name.file_name().is_none() {
            return Err(ReportError::InputName { name: input.name.clone() });
        }
        let path = self.partial.join("inputs").join(name);
        let parent = path.parent().expect("it lies below inputs");
        fs::create_dir_all(parent).and_then(|()| fs::write(&path, &input.bytes)).map_err(failed(&path))
    }

    /// Puts the directory in its place.
    pub(crate) fn publish(self) -> Result<(), ReportError> {
        let old = sibling(&self.target, "replaced");
        let replaces = self.target.exists();
        if replaces {
            fs::rename(&self.target, &old).map_err(failed(&self.target))?;
        }
        if let Err(error) = fs::rename(&self.partial, &self.target) {
            if replaces {
                // What was there goes back; if even that fails, the first error tells more.
                let _ = fs::rename(&old, &self.target);
            }
            return Err(failed(&self.target)(error));
        }
        if replaces { fs::remove_dir_all(&old).map_err(failed(&old)) } else { Ok(()) }
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // After publishing there is nothing left to remove, and after a failure nothing better to do.
        let _ = fs::remove_dir_all(&self.partial);
    }
}

/// Writes a file that appears all at once, whole and on the disk, or not at all: beside its place, then renamed. Of
/// several processes that write it, on any machine, one after the other puts its own there.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), ReportError> {
    let (partial, mut file) = create_beside(path).map_err(failed(path))?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    if let Err(error) = written.and_then(|()| fs::rename(&partial, path)) {
        // It is in nobody's way, and the first error tells more.
        let _ = fs::remove_file(&partial);
        return Err(failed(path)(error));
    }
    // The new name is on the disk when the folder is; where folders cannot be opened there is nothing to do.
    let _ = path.parent().map(|folder| fs::File::open(folder).and_then(|folder| folder.sync_all()));
    Ok(())
}

/// A new file beside `path` that no other process has, be it one of the same number on another machine.
fn create_beside(path: &Path) -> io::Result<(PathBuf, fs::File)> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    for number in 0_u32.. {
        let partial = path.with_file_name(format!(".{name}.partial-{}-{number}", std::process::id()));
        match fs::File::create_new(&partial) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            result => return result.map(|file| (partial, file)),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// Writes a file of results into a directory that is there, over the one of that name: all of it or nothing.
pub(super) fn replace(
    dir: &Path,
    name: &str,
    content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<PathBuf, ReportError> {
    let path = dir.join(name);
    let mut bytes = Vec::new();
    content(&mut bytes).map_err(failed(&path))?;
    write_whole(&path, &bytes)?;
    Ok(path)
}

/// Refuses a directory that is not there to be replaced.
fn refuse_foreign(dir: &Path) -> Result<(), ReportError> {
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(_) if dir.symlink_metadata().is_err() => return Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
            return Err(ReportError::NotOurs { dir: dir.to_owned() });
        }
        Err(error) => return Err(failed(dir)(error)),
    };
    let mut names = Vec::new();
    for entry in entries {
        names.push(entry.map_err(failed(dir))?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    if names.is_empty() {
        return Ok(());
    }
    let Some(kind) = Kind::of(dir) else {
        return Err(ReportError::NotOurs { dir: dir.to_owned() });
    };
    let (seeds, others): (Vec<_>, Vec<_>) =
        names.into_iter().partition(|name| kind == Kind::Replications && is_seed_folder(name));
    if let Some(name) = others.into_iter().find(|name| !kind.writes(name)) {
        return Err(ReportError::Foreign { dir: dir.to_owned(), name });
    }
    seeds.iter().try_for_each(|name| refuse_foreign(&dir.join(name)))
}

/// Whether a directory holds results of ours.
pub(crate) fn holds_results(dir: &Path) -> bool {
    Kind::of(dir).is_some()
}

/// What a directory of results holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One run.
    Run,
    /// What is said of the runs of many seeds, and a directory of each.
    Replications,
    /// What is said of several scenarios beside each other.
    Comparison,
    /// A sweep: its plan, the parts of its runs, and what was collected of them.
    Sweep,
    /// The cheapest settings of a scenario.
    Plan,
}

impl Kind {
    /// What a directory says of itself; `None` if it holds no results of ours.
    pub(super) fn of(dir: &Path) -> Option<Self> {
        let text = fs::read(dir.join("run.json")).ok()?;
        let run: serde_json::Value = serde_json::from_slice(&text).ok()?;
        match (run["apiVersion"].as_str()?, run["kind"].as_str()?) {
            MARKER => Some(Self::Run),
            REPLICATIONS => Some(Self::Replications),
            COMPARISON => Some(Self::Comparison),
            SWEEP => Some(Self::Sweep),
            PLAN => Some(Self::Plan),
            _ => None,
        }
    }

    /// The command that writes it, whose results replace each other.
    const fn command(self) -> &'static str {
        match self {
            Self::Run | Self::Replications => "run",
            Self::Comparison => "compare",
            Self::Sweep => "sweep",
            Self::Plan => "plan",
        }
    }

    /// With an article.
    const fn name(self) -> &'static str {
        match self {
            Self::Run => "a run",
            Self::Replications => "the runs of many seeds",
            Self::Comparison => "a comparison",
            Self::Sweep => "a sweep",
            Self::Plan => "a plan",
        }
    }

    /// Whether it has a file or folder of this name, beside those of seeds.
    fn writes(self, name: &str) -> bool {
        match self {
            Self::Run => is_written_by_us(name),
            Self::Replications => {
                ["run.json", "summary.json", "expectations.json", "seeds.csv"].contains(&name)
            }
            Self::Comparison => {
                let files = ["seeds.csv", "compare.csv", "compare.json", "compare.md", "junit.xml", REPORT];
                ["run.json", "inputs"].contains(&name) || files.contains(&name)
            }
            Self::Plan => ["run.json", "inputs", "seeds.csv", "plan.csv", "plan.json", "plan.md", REPORT]
                .contains(&name),
            Self::Sweep => ["run.json", "inputs", "parts", "sweep.csv", "points.csv", "sweep.json", REPORT]
                .contains(&name),
        }
    }
}

/// The folder of one seed among many.
pub fn seed_folder(seed: u64) -> String {
    format!("seed-{seed}")
}

fn is_seed_folder(name: &str) -> bool {
    let seed = name.strip_prefix("seed-").and_then(|seed| seed.parse().ok());
    seed.is_some_and(|seed| seed_folder(seed) == name)
}

/// Whether a run writes a file or folder of this name.
fn is_written_by_us(name: &str) -> bool {
    let is_output = |output: &Output| Format::ALL.iter().any(|&format| output.file_name(format) == name);
    ["run.json", "inputs"].contains(&name) || Output::ALL.iter().any(is_output)
}

/// A name beside `dir` that no other process uses.
fn sibling(dir: &Path, suffix: &str) -> PathBuf {
    let mut name = dir.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{suffix}-{}", std::process::id()));
    dir.with_file_name(name)
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> ReportError {
    let path = path.to_owned();
    move |source| ReportError::Io { path, source }
}
