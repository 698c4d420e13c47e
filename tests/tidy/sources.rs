//! The files of the repository, and which lines of them are tests.

use std::fs;
use std::path::{Path, PathBuf};

/// Folders that hold nothing of the repository's own.
const FOREIGN: [&str; 3] = ["target", "out", ".git"];

/// What people write by hand.
const TEXTS: [&str; 6] = ["rs", "toml", "md", "yaml", "yml", "json"];

/// The folder of the workspace.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// One text file.
pub(crate) struct Source {
    /// Its path below the root, with `/` between folders.
    pub(crate) path: String,
    /// What it says.
    pub(crate) text: String,
    /// Whether it is compiled for tests alone.
    pub(crate) is_test: bool,
}

impl Source {
    /// All Rust files below `folder`, a path below the root.
    pub(crate) fn all(folder: &str) -> Vec<Self> {
        let mut sources = read(&root().join(folder), &["rs"]);
        let tests: Vec<String> = sources.iter().flat_map(Self::test_modules).collect();
        for source in &mut sources {
            let module = source.path.trim_end_matches(".rs");
            let below = |test: &String| module == test || module.starts_with(&format!("{test}/"));
            source.is_test |= tests.iter().any(below);
        }
        sources
    }

    /// A file that exists in a test only.
    pub(crate) fn sample(path: &str, text: &str) -> Self {
        let is_test = path.split('/').any(|part| part == "tests");
        Self { path: path.to_owned(), text: text.to_owned(), is_test }
    }

    /// The lines before the module of tests at the end, numbered from 1.
    pub(crate) fn production(&self) -> impl Iterator<Item = (usize, &str)> {
        let end = if self.is_test { 0 } else { self.tests_from() };
        self.text.lines().enumerate().take(end).map(|(index, line)| (index + 1, line))
    }

    /// The lines of tests, numbered from 1.
    pub(crate) fn tests(&self) -> impl Iterator<Item = (usize, &str)> {
        let start = if self.is_test { 0 } else { self.tests_from() };
        self.text.lines().enumerate().skip(start).map(|(index, line)| (index + 1, line))
    }

    /// How many lines there are before `#[cfg(test)] mod tests {`.
    fn tests_from(&self) -> usize {
        let lines: Vec<&str> = self.text.lines().collect();
        let opens = |pair: &[&str]| is_gate(pair[0]) && pair[1].starts_with("mod ") && pair[1].ends_with('{');
        lines.windows(2).position(opens).unwrap_or(lines.len())
    }

    /// The files, without extension, that this one declares by `#[cfg(test)] mod name;`.
    fn test_modules(&self) -> Vec<String> {
        let lines: Vec<&str> = self.text.lines().collect();
        let folder = self.path.trim_end_matches(".rs");
        let declared = lines.windows(2).filter(|pair| is_gate(pair[0]));
        let names = declared.filter_map(|pair| pair[1].strip_prefix("mod ")?.strip_suffix(';'));
        names.map(|name| format!("{folder}/{name}")).collect()
    }
}

fn is_gate(line: &str) -> bool {
    line == "#[cfg(test)]"
}

/// All files that people write by hand.
pub(crate) fn texts() -> Vec<Source> {
    read(root(), &TEXTS)
}

/// The files below `folder` with one of these extensions, in order of path.
fn read(folder: &Path, extensions: &[&str]) -> Vec<Source> {
    let mut found = Vec::new();
    collect(folder, extensions, &mut found);
    found.sort();
    let source = |file: PathBuf| {
        let relative = file.strip_prefix(root()).expect("only files below the root are read");
        let path: Vec<_> = relative.iter().map(|part| part.to_str().expect("names are text")).collect();
        Source::sample(&path.join("/"), &fs::read_to_string(&file).unwrap())
    };
    found.into_iter().map(source).collect()
}

fn collect(folder: &Path, extensions: &[&str], found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.is_dir() && !FOREIGN.contains(&name) {
            collect(&path, extensions, found);
        } else if path.extension().is_some_and(|end| extensions.iter().any(|one| end == *one)) {
            found.push(path);
        }
    }
}

#[test]
fn tests_begin_at_their_module_and_not_at_a_gated_declaration() {
    let text = "//! Doc.\n#[cfg(test)]\nmod fixture;\nfn real() {}\n#[cfg(test)]\nmod tests {\n}\n";
    let source = Source::sample("src/a.rs", text);
    assert_eq!(source.production().map(|(line, _)| line).max(), Some(4));
    assert_eq!(source.tests().next(), Some((5, "#[cfg(test)]")));
    assert_eq!(source.test_modules(), ["src/a/fixture"]);
}
