//! Broken scenarios, manifests, price lists and scheduler configurations: each is refused with a message that says
//! where, what and how to mend it, and nothing is written.
//!
//! A folder of `tests/fixtures/bad` holds what is broken; everything else is as in `sound`. Beside it lies the message.
//! A file called `args` holds further arguments of `overspill run`, or of the command that a file called `command` names. `tests/fixtures/doubtful` holds what runs, but is
//! hardly meant: it is warned of.

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use tempfile::TempDir;

/// What `overspill run` leaves behind.
struct Ran {
    code: Option<i32>,
    stdout: String,
    stderr: String,
    /// The files that are there now and were not before.
    written: Vec<PathBuf>,
}

fn fixtures(kind: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(kind)
}

/// The folders of a kind, sorted.
fn folders(kind: &str) -> Vec<PathBuf> {
    let mut folders: Vec<_> =
        fs::read_dir(fixtures(kind)).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.retain(|folder| !folder.ends_with("sound"));
    folders.sort();
    folders
}

/// Compares what was told with the message that lies in the folder.
fn check_message(folder: &Path, told: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(folder);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!("message", told));
}

/// Runs the scenario of a folder.
fn run(folder: &Path) -> Ran {
    let args = fs::read_to_string(folder.join("args")).unwrap_or_default();
    let command = fs::read_to_string(folder.join("command")).unwrap_or_else(|_| "run".to_owned());
    overspill(folder, &format!("{command} scenario.yaml {args}"))
}

/// Runs the program where the files of a folder are.
fn overspill(folder: &Path, args: &str) -> Ran {
    let place = TempDir::new().unwrap();
    copy(&fixtures("bad").join("sound"), place.path());
    copy(folder, place.path());
    let before = files_below(place.path());
    let output = Command::new(assert_cmd::cargo::cargo_bin!("overspill"))
        .args(args.split_whitespace())
        .current_dir(place.path())
        .env_remove("RUST_BACKTRACE")
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let after = files_below(place.path()).into_iter();
    Ran {
        code: output.status.code(),
        stdout: text(output.stdout),
        stderr: text(output.stderr),
        written: after.filter(|path| !before.contains(path)).collect(),
    }
}

fn copy(from: &Path, to: &Path) {
    for path in files_below(from) {
        let target = to.join(path.strip_prefix(from).unwrap());
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(path, target).unwrap();
    }
}

/// All files and folders below `folder` but for messages.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            files.extend(files_below(&path));
        } else if path.extension().is_none_or(|extension| extension != "snap") {
            files.push(path);
        }
    }
    files
}

/// Only what is different from it is wrong with the others.
#[test]
fn the_sound_scenario_runs() {
    let ran = run(&fixtures("bad").join("sound"));
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(!ran.stdout.is_empty() && !ran.written.is_empty());
}

#[test]
fn what_is_broken_is_refused_and_nothing_is_written() {
    let folders = folders("bad");
    assert!(folders.len() >= 20, "{} folders", folders.len());
    for folder in &folders {
        let ran = run(folder);
        let shown = folder.display();
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{shown}: {}", ran.stderr);
        assert!(ran.written.is_empty(), "{shown}: {:?}", ran.written);
        check_message(folder, &ran.stderr);
    }
}

#[test]
fn what_is_doubtful_is_told_and_runs() {
    for folder in &folders("doubtful") {
        let told = overspill(folder, "validate scenario.yaml");
        let shown = folder.display();
        assert_eq!(told.code, Some(0), "{shown}: {}", told.stderr);
        assert!(told.stderr.contains("warning["), "{shown} tells nothing");
        check_message(folder, &told.stderr);
        let ran = overspill(folder, "run scenario.yaml");
        assert!(ran.code.is_some_and(|code| code < 2), "{shown}: {}", ran.stderr);
    }
}
