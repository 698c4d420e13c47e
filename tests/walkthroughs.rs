//! Walkthroughs: the commands of every scenarios/*/walkthrough.md print what stands below them.
//!
//! The first command of a page runs the scenario beside it; `[DIR]` stands for the directory of its results.
//! OVERSPILL_BLESS=1 writes what is printed into the pages.

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;

/// The fence that begins a block of commands.
const FENCE: &str = "```console";

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The folders of `parent` that hold a walkthrough.
fn pages(parent: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join(parent)).expect("the folder can be read");
    let mut folders: Vec<_> = entries.map(|entry| entry.expect("it can be listed").path()).collect();
    folders.retain(|folder| folder.join("walkthrough.md").exists());
    folders.sort();
    folders
}

#[test]
fn walkthroughs_of_scenarios_print_what_they_say() {
    for folder in pages("scenarios") {
        check(&folder);
    }
}

#[test]
fn the_walkthrough_of_every_verb_prints_what_it_says() {
    let found = pages("tests");
    assert_eq!(found.len(), 1);
    check(&found[0]);
}

#[track_caller]
fn check(folder: &Path) {
    let results = tempfile::tempdir().expect("a temporary folder");
    let dir = results.path().join("run");
    let page = folder.join("walkthrough.md");
    let written = fs::read_to_string(&page).expect("the page can be read");
    let scenario =
        folder.strip_prefix(root()).expect("the page is part of the project").join("scenario.yaml");
    let first = format!("$ overspill run {} --quiet --out [DIR]", scenario.display());
    let begins = written.lines().skip_while(|line| *line != FENCE).nth(1);
    assert_eq!(begins, Some(&*first), "{} begins with the run", page.display());
    let printed = followed(&written, &|command| run(command, &dir));
    if std::env::var_os("OVERSPILL_BLESS").is_some() {
        fs::write(&page, &printed).expect("the page can be written");
    } else {
        assert!(
            printed == written,
            "{} says something else than is printed now:\n{printed}\n\
             If that is right, write it down with `OVERSPILL_BLESS=1 cargo test --test walkthroughs`",
            page.display()
        );
    }
}

/// The page with the outputs of its commands as they are now.
fn followed(page: &str, run: &dyn Fn(&str) -> String) -> String {
    let mut text = String::new();
    let mut inside = false;
    for line in page.lines() {
        match (inside, line.strip_prefix("$ ")) {
            (true, Some(command)) => text.extend([line, "\n", &run(command)]),
            (true, None) if line != "```" => {}
            _ => text.extend([line, "\n"]),
        }
        inside = line == FENCE || inside && line != "```";
    }
    text
}

/// What a command prints, results and remarks.
fn run(command: &str, dir: &Path) -> String {
    let mut words = words(command).into_iter();
    assert_eq!(words.next().as_deref(), Some("overspill"), "not a command of this program: {command}");
    let args: Vec<_> = words.map(|word| if word == "[DIR]" { text(dir) } else { word }).collect();
    overspill(&args)
}

fn overspill(args: &[String]) -> String {
    let output = Command::new(assert_cmd::cargo::cargo_bin!("overspill"))
        .args(args)
        .current_dir(root())
        .output()
        .expect("the program starts");
    String::from_utf8([output.stdout, output.stderr].concat()).expect("the program prints UTF-8")
}

/// The words of a command; quotes keep several together.
fn words(command: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for letter in command.chars() {
        match letter {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            other => words.last_mut().expect("there is a word").push(other),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

#[test]
fn what_stands_below_a_command_is_replaced() {
    let page = "# A\n$ no command\n```console\n$ a 'b c'\nold\n$ d\n```\n```yaml\n$ e\n```\n";
    let run = |command: &str| format!("{:?}\n", words(command));
    let expected =
        "# A\n$ no command\n```console\n$ a 'b c'\n[\"a\", \"b c\"]\n$ d\n[\"d\"]\n```\n```yaml\n$ e\n```\n";
    assert_eq!(followed(page, &run), expected);
}
