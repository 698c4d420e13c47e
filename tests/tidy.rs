//! The rules of this repository itself, as tests: generated pages, import direction, form, and a test for every rule.

#[path = "tidy/form.rs"]
mod form;
#[path = "tidy/imports.rs"]
mod imports;
#[path = "tidy/proofs.rs"]
mod proofs;
#[path = "tidy/sources.rs"]
mod sources;

use std::fs;

use overspill::scheduler::Registry;
use overspill::{metric, model};
use sources::{Source, root};

/// What every check comes to: nothing to complain about.
#[track_caller]
fn check(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

/// `OVERSPILL_BLESS=1 cargo test --test tidy` writes the pages anew.
#[test]
fn generated_pages_are_fresh() {
    let bless = std::env::var_os("OVERSPILL_BLESS").is_some_and(|value| value == "1");
    let pages = [
        ("docs/metrics.md", metric::metrics_markdown()),
        ("docs/model.md", model::model_markdown()),
        ("docs/plugins.md", Registry::ack().to_markdown()),
    ];
    let mut complaints = Vec::new();
    for (path, generated) in pages {
        let file = root().join(path);
        if bless {
            fs::create_dir_all(file.parent().expect("a page lies in a folder")).unwrap();
            fs::write(&file, &generated).unwrap();
        }
        if fs::read_to_string(&file).ok().as_ref() != Some(&generated) {
            complaints.push(format!("{path} is stale: run OVERSPILL_BLESS=1 cargo test --test tidy"));
        }
        complaints.extend(form::gap_complaints(path, &generated));
    }
    check(&complaints);
}

#[test]
fn modules_import_in_one_direction() {
    check(&imports::table_complaints(imports::MAY_IMPORT));
    check(&imports::complaints(&Source::all("src")));
}

#[test]
fn every_rule_is_named_by_a_test() {
    let declared: Vec<&str> = model::rules().map(|rule| rule.id).collect();
    check(&proofs::complaints(&declared, &Source::all("")));
}

#[test]
fn sources_have_the_form_that_readers_expect() {
    let rust = Source::all("");
    assert!(rust.len() > 100, "the sources were found");
    check(&form::rust_complaints(&rust));
    check(&form::path_complaints(&sources::texts()));
}

#[test]
fn every_scenario_says_what_it_covers() {
    check(&form::scenario_complaints());
}
