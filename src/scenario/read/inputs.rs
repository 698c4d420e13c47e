//! The files of a scenario: where they are, what is in them, and the names that they are kept under.

use std::fs;
use std::io::{self, Read as _};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use flate2::read::MultiGzDecoder;
use overspill_manifest::{DataFile, Diagnostic, Place, Source, code, nearest, read_data};

/// How a file begins that gzip has compressed (RFC 1952).
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// A file that was read.
#[derive(Clone, Debug)]
pub struct InputFile {
    /// Its name relative to the innermost folder that holds all files of the scenario, with `/` between its parts:
    /// files that are written out under these names find each other as the originals do.
    pub name: String,
    /// What is in it.
    pub source: Arc<Source>,
    /// The file itself, if it is compressed.
    compressed: Option<Arc<[u8]>>,
}

impl InputFile {
    /// The file as it is on the disk.
    pub fn bytes(&self) -> &[u8] {
        self.compressed.as_deref().unwrap_or(self.source.text.as_bytes())
    }

    /// Whether both are the same file, however each was referred to.
    pub fn is_same_file_as(&self, other: &Path) -> bool {
        absolute(Path::new(&self.source.file)) == absolute(other)
    }

    /// Whether it lies in this folder or below, however each was referred to.
    pub fn lies_below(&self, folder: &Path) -> bool {
        absolute(Path::new(&self.source.file)).starts_with(absolute(folder))
    }

    /// The files of several scenarios, each once, under names relative to the innermost folder that holds all of them.
    pub fn together<'f>(files: impl IntoIterator<Item = &'f Self>) -> Vec<Self> {
        let mut once: Vec<Read> = Vec::new();
        for file in files {
            let path = absolute(Path::new(&file.source.file));
            if !once.iter().any(|known| known.path == path) {
                once.push(Read { path, source: file.source.clone(), compressed: file.compressed.clone() });
            }
        }
        named(once)
    }
}

/// A file or folder that cannot be read.
#[derive(Debug)]
pub(super) struct Problem {
    message: String,
    help: Option<String>,
}

impl Problem {
    fn new(message: String) -> Self {
        Self { message, help: None }
    }

    /// What is said about it where its name is written.
    pub(super) fn told_at(self, place: Option<&Place>) -> Diagnostic {
        Diagnostic::new(&code::UNREADABLE, self.message).at(place.cloned()).help(self.help)
    }
}

/// The files of a scenario, as they are read.
pub(super) struct Inputs {
    scenario: PathBuf,
    files: Vec<Read>,
}

/// A file as it was read.
struct Read {
    path: PathBuf,
    source: Arc<Source>,
    compressed: Option<Arc<[u8]>>,
}

impl Inputs {
    /// The inputs of the scenario at `scenario`; nothing is read yet.
    pub(super) fn new(scenario: &Path) -> Self {
        Self { scenario: scenario.to_owned(), files: Vec::new() }
    }

    /// The scenario file itself.
    pub(super) fn scenario(&mut self) -> Result<DataFile, Box<Diagnostic>> {
        let path = self.scenario.clone();
        let source = self.load(&path).map_err(|problem| Box::new(problem.told_at(None)))?;
        read_data(&source)
    }

    /// Where the file is that the scenario calls `reference`.
    pub(super) fn resolve(&self, reference: &str) -> PathBuf {
        let folder = self.scenario.parent().unwrap_or(Path::new(""));
        without_dots(&folder.join(reference))
    }

    /// What is in the file at `path`, decompressed if it is compressed; `-` is the standard input.
    pub(super) fn load(&mut self, path: &Path) -> Result<Arc<Source>, Problem> {
        if path == Path::new("-") {
            let text = io::read_to_string(io::stdin()).map_err(|error| unreadable(path, &error))?;
            return Ok(Source::new("standard input", text));
        }
        let bytes = fs::read(path).map_err(|error| unreadable(path, &error))?;
        let compressed = bytes.starts_with(&GZIP).then(|| Arc::from(bytes.as_slice()));
        let bytes = if compressed.is_some() { decompressed(path, &bytes)? } else { bytes };
        let text = String::from_utf8(bytes).map_err(|_| not_text(path))?;
        let source = Source::new(shown(path), text);
        let absolute = without_dots(&std::path::absolute(path).map_err(|error| unreadable(path, &error))?);
        if !self.files.iter().any(|known| known.path == absolute) {
            self.files.push(Read { path: absolute, source: source.clone(), compressed });
        }
        Ok(source)
    }

    /// Everything that was read, in order.
    pub(super) fn into_files(self) -> Vec<InputFile> {
        named(self.files)
    }
}

/// Files under names relative to the innermost folder that holds all of them.
fn named(files: Vec<Read>) -> Vec<InputFile> {
    let root = common_folder(files.iter().map(|file| file.path.as_path()));
    let name = |path: &Path| shown(path.strip_prefix(&root).unwrap_or(path));
    let kept =
        |file: Read| InputFile { name: name(&file.path), source: file.source, compressed: file.compressed };
    files.into_iter().map(kept).collect()
}

/// Where `path` is; a path that says nothing, such as that of the standard input, stays as it is.
fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).map_or_else(|_| path.to_owned(), |path| without_dots(&path))
}

/// The manifest files at `path`: itself, or those of the folder, sorted by name.
pub(super) fn manifest_files(path: &Path) -> Result<Vec<PathBuf>, Problem> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let entries = fs::read_dir(path).map_err(|error| unreadable(path, &error))?;
    let mut files = Vec::new();
    for entry in entries {
        let file = entry.map_err(|error| unreadable(path, &error))?.path();
        let extension = file.extension().and_then(|extension| extension.to_str());
        if matches!(extension, Some("yaml" | "yml" | "json")) && file.is_file() {
            files.push(file);
        }
    }
    files.sort();
    if files.is_empty() {
        let shown = shown(path);
        return Err(Problem::new(format!(
            "there is no *.yaml, *.yml or *.json file in the folder `{shown}`"
        )));
    }
    Ok(files)
}

/// The innermost folder that holds all `files`.
fn common_folder<'p>(files: impl Iterator<Item = &'p Path>) -> PathBuf {
    let folders = files.filter_map(Path::parent).map(Path::to_owned);
    folders
        .reduce(|common, folder| {
            let both = common.components().zip(folder.components());
            both.take_while(|(a, b)| a == b).map(|(a, _)| a).collect()
        })
        .unwrap_or_default()
}

/// `path` with `.` and `..` worked out by name.
fn without_dots(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for component in path.components() {
        let goes_up = component == Component::ParentDir;
        match component {
            Component::CurDir => {}
            _ if goes_up && matches!(clean.components().next_back(), Some(Component::Normal(_))) => {
                clean.pop();
            }
            other => clean.push(other),
        }
    }
    clean
}

/// `path` as messages show it, with `/` on every system.
fn shown(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

fn unreadable(path: &Path, error: &io::Error) -> Problem {
    let name = shown(path);
    match error.kind() {
        io::ErrorKind::NotFound => {
            let missed = path.file_name().unwrap_or_default().to_string_lossy();
            let beside = neighbours(path);
            let near = nearest(&missed, beside.iter().map(String::as_str));
            let help =
                near.first().map(|near| format!("did you mean `{}`?", shown(&path.with_file_name(near))));
            Problem { message: format!("there is no file or folder `{name}`"), help }
        }
        io::ErrorKind::InvalidData => not_text(path),
        _ => Problem::new(format!("`{name}` cannot be read: {error}")),
    }
}

fn not_text(path: &Path) -> Problem {
    Problem::new(format!("`{}` is not UTF-8 text", shown(path)))
}

/// What was compressed into `bytes`, the file at `path`.
fn decompressed(path: &Path, bytes: &[u8]) -> Result<Vec<u8>, Problem> {
    let mut whole = Vec::new();
    if MultiGzDecoder::new(bytes).read_to_end(&mut whole).is_ok() {
        return Ok(whole);
    }
    Err(Problem {
        message: format!("`{}` begins like a gzip file and cannot be decompressed", shown(path)),
        help: Some("it may have been cut off: copy it once more".to_owned()),
    })
}

/// The names of what there is beside the file that `path` misses.
fn neighbours(path: &Path) -> Vec<String> {
    let folder = path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_are_worked_out() {
        for (path, expected) in
            [("a/./b/../c", "a/c"), ("../a", "../a"), ("a/../../b", "../b"), ("/a/../b", "/b"), ("./a", "a")]
        {
            assert_eq!(without_dots(Path::new(path)), Path::new(expected), "{path}");
        }
    }

    #[test]
    fn files_of_several_scenarios_are_kept_together() {
        let file = |path: &str| InputFile {
            name: "any".to_owned(),
            source: Source::new(path, path),
            compressed: None,
        };
        let files = [
            file("/r/s/x/scenario.yaml"),
            file("/r/s/x/../../prices/p.yaml"),
            file("/r/s/y/scenario.yaml"),
            file("/r/prices/p.yaml"),
        ];
        let names: Vec<_> = InputFile::together(&files).into_iter().map(|file| file.name).collect();
        assert_eq!(names, ["s/x/scenario.yaml", "prices/p.yaml", "s/y/scenario.yaml"]);
        assert!(files[1].is_same_file_as(Path::new("/r/./prices/p.yaml")));
        assert!(!files[0].is_same_file_as(Path::new("/r/s/y/scenario.yaml")));
        assert!(files[1].lies_below(Path::new("/r/s/../prices")));
        assert!(!files[1].lies_below(Path::new("/r/s")) && !files[1].lies_below(Path::new("/r/pri")));
    }

    #[test]
    fn names_are_relative_to_the_common_folder() {
        let common = |files: &[&str]| common_folder(files.iter().map(Path::new));
        assert_eq!(common(&["/r/s/x/scenario.yaml", "/r/s/x/m/a.yaml"]), Path::new("/r/s/x"));
        assert_eq!(common(&["/r/s/x/scenario.yaml", "/r/prices/p.yaml"]), Path::new("/r"));
        assert_eq!(common(&["/r/scenario.yaml"]), Path::new("/r"));
    }
}
