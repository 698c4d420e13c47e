//! The README is true: its commands print what it shows, and its picture is that of the run.

#[path = "../benches/table/rendered.rs"]
#[allow(dead_code, reason = "the bench that measures writes the table")]
mod rendered;

use std::path::Path;

use overspill::experiment::measure;
use overspill::report::plot::timeline_svg;
use overspill::scenario::{ReadOptions, read, resolve};
use overspill::scheduler::Registry;

#[test]
fn commands_print_what_the_readme_shows() {
    trycmd::TestCases::new().case("README.md");
}

#[test]
fn the_picture_is_that_of_the_run() {
    const PICTURE: &str = "docs/gateway-spike.svg";
    let path = "scenarios/gateway-spike/scenario.yaml".as_ref();
    let loaded = read(path, &ReadOptions::default()).expect("the scenario can be read");
    let scenario = resolve(&loaded, &Registry::upstream()).expect("the scenario makes sense").scenario;
    let drawn = timeline_svg(&measure(&scenario, &mut |_| {}).observation, &scenario.name);
    if std::env::var_os("OVERSPILL_BLESS").is_some() {
        std::fs::write(PICTURE, &drawn).expect("the picture can be written");
    }
    let kept = std::fs::read_to_string(PICTURE).unwrap_or_default();
    assert!(
        kept == drawn,
        "{PICTURE} is not fresh: OVERSPILL_BLESS=1 cargo test --test readme draws it anew"
    );
}

#[test]
fn the_table_of_speeds_is_that_of_the_newest_raw_results() {
    let (text, fresh) = rendered::readme(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    assert_eq!(text, fresh, "cargo bench --bench table measures and writes it");
}
