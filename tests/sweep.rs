//! `overspill sweep`: the same bytes however the runs were made, none missing, none twice.

#[path = "sweep/examples.rs"]
mod examples;
#[path = "case/page.rs"]
mod page;
#[path = "sweep/parts.rs"]
mod parts;
#[path = "sweep/results.rs"]
mod results;
#[path = "cli/session.rs"]
#[allow(dead_code, reason = "tests of the other commands use the rest")]
mod session;

use session::{CHANCE, PRICES, Session};

/// Six points, two seeds each.
const AXES: &str = "--vary pools.slots.count=1..3 --vary variant=base,stuck --seeds 4..5";

fn chance() -> Session {
    Session::new().with("scenario.yaml", CHANCE).with("prices.yaml", PRICES)
}

/// The same with a plan in `sweep`.
fn planned() -> Session {
    let session = chance();
    let told = session.run(&format!("sweep plan scenario.yaml {AXES} --out sweep")).printed();
    assert!(told.starts_with("sweep: 6 points with the seeds 4..5, 12 runs\n"), "{told}");
    session
}

/// docs/sweep.md shows what the commands print.
#[test]
fn the_page_is_fresh() {
    trycmd::TestCases::new().case("docs/sweep.md");
}
