//! The form of files: documentation, length, names, unfinished work, paths of somebody's machine, scenario headers.

use std::fs;
use std::path::Path;

use crate::sources::{Source, root};

/// The most lines of a Rust file.
const MOST_LINES: usize = 600;

/// Names that say nothing about what a module is for.
const SAY_NOTHING: [&str; 7] = ["util", "utils", "common", "helper", "helpers", "types", "interface"];

/// What is wrong with the form of Rust files.
pub(crate) fn rust_complaints(sources: &[Source]) -> Vec<String> {
    // Put together, so that this file does not hold what it looks for.
    let unfinished = [["to", "do"].concat(), ["fix", "me"].concat()];
    let mut complaints = Vec::new();
    for source in sources {
        let mut complain = |what: &str| complaints.push(format!("{}: {what}", source.path));
        let parts: Vec<&str> = source.path.trim_end_matches(".rs").split('/').collect();
        if !source.is_test && !source.text.starts_with("//! ") {
            complain("begins without a `//!` line that says what it is for");
        }
        if source.text.lines().count() > MOST_LINES {
            complain(&format!("has more than {MOST_LINES} lines: split it"));
        }
        if parts.last() == Some(&"mod") {
            complain("is called mod.rs: put `foo.rs` beside `foo/`");
        }
        if let Some(name) = parts.iter().find(|part| SAY_NOTHING.contains(part)) {
            complain(&format!("`{name}` says nothing about what it is for"));
        }
        let mut words = source.text.split(|c: char| !c.is_ascii_alphanumeric());
        if let Some(word) = words.find(|word| unfinished.iter().any(|one| word.eq_ignore_ascii_case(one))) {
            complain(&format!("holds unfinished work: {word}"));
        }
    }
    complaints
}

/// Places where a file names a folder of somebody's machine.
pub(crate) fn path_complaints(sources: &[Source]) -> Vec<String> {
    let folders = ["work", "tmp", "home", "root", "Users"].map(|folder| format!("/{folder}/"));
    let mut complaints = Vec::new();
    for source in sources {
        for (index, line) in source.text.lines().enumerate() {
            if let Some(folder) = folders.iter().find(|folder| line.contains(folder.as_str())) {
                complaints.push(format!(
                    "{}:{}: names {folder}, a folder of one machine",
                    source.path,
                    index + 1
                ));
            }
        }
    }
    complaints
}

/// Lines of a generated page with a gap inside a sentence, as a string has it whose line break lost its `\`.
pub(crate) fn gap_complaints(path: &str, page: &str) -> Vec<String> {
    let gaps = page.lines().enumerate().filter(|(_, line)| line.trim().contains("   "));
    gaps.map(|(index, _)| format!("{path}:{}: has a gap inside a sentence", index + 1)).collect()
}

/// Scenarios that do not begin with what they cover and what happens in them.
pub(crate) fn scenario_complaints() -> Vec<String> {
    let folder = root().join("scenarios");
    if !folder.exists() {
        return Vec::new();
    }
    let mut texts = Vec::new();
    collect_scenarios(&folder, &mut texts);
    if texts.is_empty() {
        return vec!["scenarios/ holds no scenario.yaml".to_owned()];
    }
    let headless = texts.iter().filter(|(_, text)| !has_header(text));
    headless.map(|(path, _)| format!("{path} does not begin with `# Covers:` and `# Scenario:`")).collect()
}

fn collect_scenarios(folder: &Path, texts: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect_scenarios(&path, texts);
        } else if path.file_name().is_some_and(|name| name == "scenario.yaml") {
            texts.push((path.display().to_string(), fs::read_to_string(&path).unwrap()));
        }
    }
}

/// Whether the first comment says `# Covers:` and then `# Scenario:`.
fn has_header(text: &str) -> bool {
    let mut comment = text.lines().take_while(|line| line.starts_with('#'));
    comment.next().is_some_and(|line| line.starts_with("# Covers: "))
        && comment.any(|line| line.starts_with("# Scenario: "))
}

#[test]
fn bad_form_is_seen() {
    let seen = |path: &str, text: &str| rust_complaints(&[Source::sample(path, text)]).join("\n");
    assert_eq!(seen("src/a.rs", "//! Something.\n"), "");
    assert!(seen("src/a.rs", "fn f() {}\n").contains("begins without"));
    assert!(seen("src/a.rs", &format!("//! Long.\n{}", "\n".repeat(MOST_LINES))).contains("split it"));
    assert!(seen("src/a/mod.rs", "//! A.\n").contains("is called mod.rs"));
    assert!(seen("src/helpers/a.rs", "//! A.\n").contains("says nothing"));
    let word = ["To", "Do"].concat();
    assert!(seen("src/a.rs", &format!("//! A.\n// {word}: more.\n")).contains("unfinished"));
    assert_eq!(
        seen("src/a/tests.rs", "use super::*;\n").lines().count(),
        1,
        "only what is declared as a test may lack it"
    );
}

#[test]
fn machine_paths_are_seen() {
    let folder = ["", "home", "somebody"].join("/");
    let seen = |text: &str| path_complaints(&[Source::sample("README.md", text)]);
    let complaints = seen(&format!("one\ntwo {folder}\n"));
    assert_eq!(complaints.len(), 1);
    assert!(complaints[0].starts_with("README.md:2: names "), "{complaints:?}");
    assert!(seen("scenarios/home and homework\n").is_empty());
}

#[test]
fn gaps_are_seen() {
    assert_eq!(gap_complaints("p.md", "A rule.\n    indented code\n").len(), 0);
    assert_eq!(
        gap_complaints("p.md", "A rule.\nIt holds;    mostly.\n"),
        ["p.md:2: has a gap inside a sentence"]
    );
}

#[test]
fn headers_of_scenarios_are_read() {
    assert!(has_header("# Covers:   this.\n# Scenario: that\n#           happens.\nkind: Scenario\n"));
    assert!(!has_header("# Scenario: that.\n# Covers: this.\n"));
    assert!(!has_header("# Covers: this.\nkind: Scenario\n# Scenario: that.\n"));
    assert!(!has_header("kind: Scenario\n"));
}
