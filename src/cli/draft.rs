//! Folders that `init` and `import` write: a scenario and what belongs to it, all at once or not at all.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use super::Failure;
use crate::traffic::Rate;
use crate::units::Span;

/// The most letters of a scenario's name: folders of results carry it, and file systems take no more than 255 bytes.
const MOST_OF_NAME: usize = 63;

/// The longest spike of a draft.
const LONGEST_SPIKE: Span = Span::from_secs(30 * 24 * 60 * 60);

/// A rate above zero.
pub(super) fn rate(text: &str) -> Result<Rate, String> {
    let rate: Rate = text.parse().map_err(|error: crate::traffic::ParseRateError| error.to_string())?;
    if rate > Rate::ZERO { Ok(rate) } else { Err("a rate of nothing is no load: leave it out".to_owned()) }
}

/// How long a spike stays: a run of months would show nothing more, and take as long.
pub(super) fn spike(text: &str) -> Result<Span, String> {
    let spike: Span = text.parse().map_err(|error: crate::units::ParseTimeError| error.to_string())?;
    if spike <= LONGEST_SPIKE { Ok(spike) } else { Err(format!("a spike lasts at most {LONGEST_SPIKE}")) }
}

/// How the scenario in a folder is called: as the folder is, as far as the name of an object may be (a DNS-1123
/// subdomain).
pub(super) fn name(out: &Path) -> String {
    let absolute = std::path::absolute(out).unwrap_or_else(|_| out.to_owned());
    let name = absolute.file_name().map(|name| name.to_string_lossy().into_owned());
    let name = name.unwrap_or_default().to_lowercase();
    let parts = name.split('.').map(|part| {
        let plain: String = part.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        plain.trim_matches('-').to_owned()
    });
    let parts: Vec<String> = parts.filter(|part| !part.is_empty()).collect();
    let plain: String = parts.join(".").chars().take(MOST_OF_NAME).collect();
    match plain.trim_end_matches(['-', '.']) {
        "" => "cluster".to_owned(),
        plain => plain.to_owned(),
    }
}

/// Refuses a folder that holds anything, before any work is done for it.
pub(super) fn refuse_existing(out: &Path) -> Result<(), Failure> {
    let is_free = match fs::read_dir(out) {
        Ok(mut entries) => entries.next().is_none(),
        Err(_) => out.symlink_metadata().is_err(),
    };
    if is_free { Ok(()) } else { Err(Failure::Exists(out.to_owned())) }
}

/// Writes the files of a folder, each by its relative name.
pub(super) fn write(out: &Path, files: &BTreeMap<String, String>) -> Result<(), Failure> {
    let target = std::path::absolute(out).map_err(|error| Failure::File(out.to_owned(), error))?;
    let partial = target
        .with_file_name(format!(".{}.partial", target.file_name().unwrap_or_default().to_string_lossy()));
    // What an import that was cut off has left.
    let _ = fs::remove_dir_all(&partial);
    let written = write_all(&partial, files).and_then(|()| {
        // An empty folder of this name would be in the way.
        let _ = fs::remove_dir(&target);
        fs::rename(&partial, &target).map_err(|error| (target.clone(), error))
    });
    written.map_err(|(path, error)| {
        // What is there of it helps nobody.
        let _ = fs::remove_dir_all(&partial);
        Failure::File(path, error)
    })
}

fn write_all(folder: &Path, files: &BTreeMap<String, String>) -> Result<(), (PathBuf, io::Error)> {
    for (name, text) in files {
        let path = folder.join(name);
        let parent = path.parent().unwrap_or(folder);
        fs::create_dir_all(parent)
            .and_then(|()| fs::write(&path, text))
            .map_err(|error| (path.clone(), error))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::names::wrong_subdomain;

    #[test]
    fn a_scenario_is_called_as_its_folder() {
        for (out, expected) in [
            ("a/my-cluster", "my-cluster"),
            ("./x/", "x"),
            ("a b", "a-b"),
            ("/", "cluster"),
            ("MyCluster", "mycluster"),
            ("My_Cluster2", "my-cluster2"),
            ("größe", "gr--e"),
            ("集群", "cluster"),
            (".-a_.b..", "a.b"),
            (&"x-".repeat(100), "x-".repeat(32).trim_end_matches('-')),
        ] {
            let name = name(Path::new(out));
            assert_eq!(name, expected, "{out}");
            assert_eq!(wrong_subdomain(&name), None);
        }
    }

    #[test]
    fn no_folder_is_left_half_written() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("out");
        // A file and a folder of one name cannot both be there.
        let files = BTreeMap::from(["a", "a/b"].map(|name| (name.to_owned(), "text".to_owned())));
        assert!(write(&out, &files).is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        let files = BTreeMap::from(["a", "b/c"].map(|name| (name.to_owned(), "text".to_owned())));
        write(&out, &files).unwrap();
        assert_eq!(fs::read_to_string(out.join("b/c")).unwrap(), "text");
        assert!(matches!(refuse_existing(&out), Err(Failure::Exists(_))));
    }
}
