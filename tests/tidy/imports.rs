//! Which module may import which.

use crate::sources::Source;

/// Each module of the library with those that it may import, all of which stand above it: so nothing goes round in a
/// circle. `simulation` puts the others together, `scenario`, `report`, `experiment` and `cli` stand on top.
pub(crate) const MAY_IMPORT: &[(&str, &str)] = &[
    ("rule", ""),
    ("units", ""),
    ("id", ""),
    ("random", ""),
    ("slab", ""),
    ("sparse", "slab"),
    ("clock", ""),
    ("engine", "units"),
    ("object", "rule units id"),
    ("cluster", "rule units id random sparse object"),
    ("traffic", "rule units random"),
    ("admission", "rule units id random object cluster"),
    ("scheduler", "rule units id random object cluster"),
    ("controller", "rule units id random slab object cluster scheduler"),
    ("capacity", "rule units id random object"),
    ("arrivals", "rule units random traffic capacity"),
    ("cost", "rule units id object capacity"),
    ("metric", "rule units id slab object traffic cost"),
    ("expression", "units metric"),
    (
        "simulation",
        "rule units id random slab sparse engine object cluster traffic arrivals admission controller scheduler capacity \
         cost metric",
    ),
    (
        "scenario",
        "rule units id random object cluster traffic arrivals admission controller scheduler capacity cost metric \
         expression simulation",
    ),
    (
        "report",
        "rule units id object cluster controller scheduler cost metric expression simulation scenario",
    ),
    ("experiment", "rule units id random cluster scheduler metric expression simulation scenario report"),
    (
        "model",
        "rule traffic arrivals controller admission object cluster scheduler capacity cost simulation experiment",
    ),
    (
        "cli",
        "rule units id random clock object cluster traffic admission scheduler capacity cost metric expression model \
         simulation scenario report experiment",
    ),
];

/// The modules that may touch files; nothing else depends on the machine.
const TOUCH_FILES: [&str; 4] = ["scenario", "report", "experiment", "cli"];

/// What is wrong with a table of imports.
pub(crate) fn table_complaints(table: &[(&str, &str)]) -> Vec<String> {
    let mut above: Vec<&str> = Vec::new();
    let mut complaints = Vec::new();
    for (module, imports) in table {
        let below = imports.split(' ').filter(|one| !one.is_empty() && !above.contains(one));
        complaints.extend(below.map(|one| format!("{module} may not import {one}, which stands below it")));
        above.push(module);
    }
    complaints
}

/// What the library's own files import that they may not.
pub(crate) fn complaints(sources: &[Source]) -> Vec<String> {
    sources.iter().flat_map(of_file).collect()
}

fn of_file(source: &Source) -> Vec<String> {
    let path = source.path.trim_start_matches("src/").trim_end_matches(".rs");
    let module = path.split('/').next().unwrap_or(path);
    if matches!(module, "lib" | "main") {
        return Vec::new();
    }
    let Some((_, allowed)) = MAY_IMPORT.iter().find(|(known, _)| *known == module) else {
        return vec![format!("{}: module {module} has no row in the table of imports", source.path)];
    };
    let depth = path.split('/').count();
    let code = source.production().filter(|(_, line)| !line.trim_start().starts_with("//"));
    let mut complaints = Vec::new();
    for (number, line) in code {
        let mut complain = |what: String| complaints.push(format!("{}:{number}: {what}", source.path));
        for import in crate_paths(line) {
            match import {
                "" => complain("name the module after `crate::`, one import each".to_owned()),
                _ if import == module || allowed.split(' ').any(|one| one == import) => {}
                _ => complain(format!("{module} may not import {import}")),
            }
        }
        if longest_run(line, "super::") >= depth {
            complain("`super` leaves the module: write `crate::`".to_owned());
        }
        let touches = line.contains("std::fs") || line.contains("std::env");
        if touches && !TOUCH_FILES.contains(&module) {
            complain(format!("{module} may not touch files or the environment"));
        }
    }
    complaints
}

/// The first name after each `crate::` of a line.
fn crate_paths(line: &str) -> impl Iterator<Item = &str> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let starts = line.match_indices("crate::").filter(move |(at, _)| !line[..*at].ends_with(is_name));
    starts.map(move |(at, found)| {
        let rest = &line[at + found.len()..];
        &rest[..rest.find(|c| !is_name(c)).unwrap_or(rest.len())]
    })
}

/// How often `part` stands in a row, at most.
fn longest_run(line: &str, part: &str) -> usize {
    let (mut longest, mut run, mut expected) = (0, 0, usize::MAX);
    for (at, _) in line.match_indices(part) {
        run = if at == expected { run + 1 } else { 1 };
        expected = at + part.len();
        longest = longest.max(run);
    }
    longest
}

#[test]
fn imports_against_the_direction_are_seen() {
    let seen = |path: &str, text: &str| complaints(&[Source::sample(path, text)]).join("\n");
    assert_eq!(
        seen("src/metric/cost.rs", "use crate::cost::Bill;\nuse super::super::metric;"),
        "src/metric/cost.rs:2: `super` leaves the module: write `crate::`"
    );
    assert_eq!(
        seen("src/cost.rs", "//! As crate::metric.\nuse crate::metric::Fact;"),
        "src/cost.rs:2: cost may not import metric"
    );
    assert_eq!(
        seen("src/object/pod.rs", "fn f() { crate::units::f(); crate::cluster::g() }"),
        "src/object/pod.rs:1: object may not import cluster"
    );
    assert_eq!(
        seen("src/units.rs", "use crate::{id, rule};"),
        "src/units.rs:1: name the module after `crate::`, one import each"
    );
    assert_eq!(seen("src/misc.rs", ""), "src/misc.rs: module misc has no row in the table of imports");
    assert_eq!(
        seen("src/cost.rs", "use std::fs::File;"),
        "src/cost.rs:1: cost may not touch files or the environment"
    );
    assert_eq!(
        seen("src/cost.rs", "#[cfg(test)]\nmod tests {\n    use crate::metric;\n}"),
        "",
        "tests may look further"
    );
}

#[test]
fn a_circle_in_the_table_is_seen() {
    assert_eq!(table_complaints(&[("a", "b"), ("b", "a")]), ["a may not import b, which stands below it"]);
}
