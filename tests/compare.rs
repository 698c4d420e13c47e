//! `overspill compare`: what it says, what it writes, when it fails, and what it is held against.

#[path = "compare/baseline.rs"]
mod baseline;
#[path = "compare/conditions.rs"]
mod conditions;
#[path = "cli/session.rs"]
#[allow(dead_code, reason = "tests of the other commands use the rest")]
mod session;
#[path = "compare/told.rs"]
mod told;
#[path = "compare/written.rs"]
mod written;

use serde_json::Value;
use session::{CHANCE, PRICES, Session};

/// The shipped scenario, by its whole path.
const SPIKE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/gateway-spike/scenario.yaml");
/// A scheduler configuration.
const NO_SPREAD: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/gateway-spike/scheduler-no-spread.yaml");

fn chance() -> Session {
    Session::new().with("scenario.yaml", CHANCE).with("prices.yaml", PRICES)
}

fn json(session: &Session, name: &str) -> Value {
    serde_json::from_str(&session.read(name)).expect("it is JSON")
}

/// The figures at a path of `compare.json`, in order of the variants.
fn figures(compared: &Value, path: &str) -> Vec<Value> {
    let at =
        |variant: &Value| path.split('.').fold(variant["metrics"].clone(), |value, key| value[key].clone());
    compared["variants"].as_array().expect("there are variants").iter().map(at).collect()
}

/// The names of what was compared.
fn names(compared: &Value) -> Vec<String> {
    let variants = compared["variants"].as_array().expect("there are variants").iter();
    variants.map(|variant| variant["name"].as_str().expect("it has a name").to_owned()).collect()
}

/// docs/compare.md shows what the commands print.
#[test]
fn the_page_is_fresh() {
    trycmd::TestCases::new().case("docs/compare.md");
}
