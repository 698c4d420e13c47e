//! `report.html`: which commands write it, and that it can be made anew.

use std::path::Path;

use crate::session::{CHANCE, PRICES, Session};

/// The shipped scenario, by its whole path.
const SPIKE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/gateway-spike/scenario.yaml");

/// docs/report.md shows what the commands print.
#[test]
fn the_documentation_is_fresh() {
    trycmd::TestCases::new().case("docs/report.md");
}

#[test]
fn a_page_is_made_anew_byte_for_byte() {
    let session = Session::new();
    let run = format!("run {SPIKE} --variant one-ecs-node --seed 3 --quiet");
    assert_eq!(session.run(&format!("{run} --out all")).code, 0);
    session.run(&format!("{run} --out some --outputs summary,expectations"));
    let (all, before) = (session.files("all"), session.files("some"));
    let page = Path::new("report.html");
    assert!(!before.contains_key(page), "it was not asked for");
    assert_eq!(before[Path::new("run.json")], all[Path::new("run.json")], "a page alters no run");
    assert_eq!(session.run("report some").printed(), "some/report.html\n");
    let mut after = session.files("some");
    assert!(after.remove(page).as_ref() == all.get(page), "the same bytes");
    assert!(after == before, "and nothing else");
    session.run("report all").printed();
    assert!(session.files("all") == all, "over the one that was there");
}

/// What the reference is asked beside the cached evaluator is what it says where it decides itself.
#[test]
fn early_overflows_are_explained_alike_whoever_evaluates() {
    let session = Session::new();
    for evaluator in ["cached", "reference"] {
        session
            .run(&format!("run {SPIKE} --evaluator {evaluator} --quiet --outputs report --out {evaluator}"));
    }
    let page = session.read("cached/report.html");
    assert!(page == session.read("reference/report.html"), "the same bytes");
    assert!(page.contains("PodTopologySpread outvoted NodeAffinity"));
}

#[test]
fn each_of_many_seeds_has_the_page_of_its_run() {
    let session = Session::new().with("scenario.yaml", CHANCE).with("prices.yaml", PRICES);
    session.run("run scenario.yaml --seeds 1..2 --out many --quiet");
    session.run("run scenario.yaml --seed 2 --out one --quiet");
    assert!(session.read("many/seed-2/report.html") == session.read("one/report.html"));
}

#[test]
fn there_is_no_page_of_what_is_no_single_run() {
    let session = Session::new().with("scenario.yaml", CHANCE).with("prices.yaml", PRICES);
    session.run("run scenario.yaml --seeds 1..2 --out many --quiet");
    assert!(session.run("report many").refused().contains("holds the runs of many seeds"));
    session.run("compare scenario.yaml --seeds 1..2 --out compared --quiet");
    assert!(session.run("report compared").refused().contains("holds a comparison"));
    assert!(session.run("report nothing").refused().contains("holds no results of `overspill run`"));
}
