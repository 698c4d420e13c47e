//! Where the recorded files are, and how a difference is shown.

use std::fs::File;
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use serde_json::Value;

/// A recorded value that overspill does not reproduce.
pub(crate) struct Difference {
    /// The file.
    pub(crate) file: String,
    /// Which part of it.
    pub(crate) what: String,
    /// What was recorded.
    pub(crate) want: Value,
    /// What overspill says.
    pub(crate) got: Value,
}

/// The roots of all sets: the project's, and the one that the environment names.
pub(crate) fn roots() -> Vec<PathBuf> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors");
    let other = std::env::var_os("OVERSPILL_VECTORS").map(PathBuf::from);
    [own].into_iter().chain(other).collect()
}

/// One folder of the project's set.
pub(crate) fn own(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors").join(folder)
}

/// The folder of this name in every set that has it.
pub(crate) fn folders(name: &str) -> Vec<PathBuf> {
    let folders: Vec<_> =
        roots().into_iter().map(|root| root.join(name)).filter(|folder| folder.is_dir()).collect();
    assert!(folders.contains(&own(name)), "the project's own {name} are missing");
    folders
}

/// Names of the folders below `root`.
pub(crate) fn sub_folders(root: &Path) -> Vec<String> {
    let is_folder = |path: &PathBuf| path.is_dir();
    let name = |path: PathBuf| Some(path.file_name()?.to_string_lossy().into_owned());
    entries(root).into_iter().filter(is_folder).filter_map(name).collect()
}

/// The recorded files of a folder, in order of name.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    entries(folder).into_iter().filter(|path| path.to_string_lossy().ends_with(".json.gz")).collect()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = folder.read_dir().unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("a readable folder").path()).collect();
    paths.sort();
    paths
}

/// Reads one recorded file.
pub(crate) fn read_vector(path: &Path) -> Value {
    let file = File::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_reader(GzDecoder::new(file))
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The first value inside two values that differs, with its path.
pub(crate) fn narrow(what: String, want: &Value, got: &Value) -> (String, Value, Value) {
    if let (Value::Object(wanted), Value::Object(gotten)) = (want, got) {
        for key in wanted.keys().chain(gotten.keys()) {
            let (inner_want, inner_got) = (&want[key], &got[key]);
            if inner_want != inner_got {
                return narrow(format!("{what}.{key}"), inner_want, inner_got);
            }
        }
    }
    (what, want.clone(), got.clone())
}

/// Panics if anything differs, showing both sides of the first difference.
#[track_caller]
pub(crate) fn assert_none(differences: &[Difference]) {
    if let Some(first) = differences.first() {
        let all: Vec<_> = differences.iter().map(|one| format!("{}: {}", one.file, one.what)).collect();
        panic!(
            "{} files differ; first {}: {}\nrecorded: {}\nours:     {}\nall: {all:#?}",
            differences.len(),
            first.file,
            first.what,
            first.want,
            first.got
        );
    }
}
