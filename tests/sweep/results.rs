//! What a sweep says: the figures of the runs that the same values and seeds give elsewhere.

use serde_json::Value;

use crate::session::Session;
use crate::{AXES, chance, page};

fn json(session: &Session, name: &str) -> Value {
    serde_json::from_str(&session.read(name)).expect("it is JSON")
}

/// The cells of a table by line and head.
fn table(session: &Session, name: &str) -> (Vec<String>, Vec<Vec<String>>) {
    let text = session.read(name);
    let mut lines = text.lines().map(|line| line.split(',').map(str::to_owned).collect());
    (lines.next().expect("there is a head"), lines.collect())
}

/// A value at a PATH is what a variant with it is, and `variant=` chooses one: the trace hashes say so.
#[test]
fn a_point_is_the_variant_that_has_its_values() {
    let scenario = format!(
        "{}    two: {{pools.slots.count: 2, sources.jobs.lifetime: {{constant: 1h}}}}\n",
        crate::CHANCE
    );
    let session = chance().with("scenario.yaml", scenario);
    session.run(&format!("sweep run scenario.yaml {AXES} --out sweep --quiet")).printed();
    let (heads, rows) = table(&session, "sweep/sweep.csv");
    assert_eq!(heads[..5], ["run", "pools.slots.count", "variant", "seed", "trace_hash"]);
    assert_eq!(rows[7][..4], ["7", "2", "stuck", "5"]);
    let hash_of = |variant: &str| {
        session.run(&format!("run scenario.yaml --variant {variant} --seed 5 --out run"));
        json(&session, "run/run.json")["traceHash"].as_str().map(str::to_owned)
    };
    assert_eq!(hash_of("two"), Some(rows[7][4].clone()));
    assert_eq!(hash_of("stuck"), Some(rows[3][4].clone()));
    assert_eq!(hash_of("base"), Some(rows[1][4].clone()));
    assert_ne!(rows[7][4], rows[3][4]);
}

/// What is said of a point is what `run --seeds` says of the scenario with its values.
#[test]
fn points_are_described_as_many_seeds_are() {
    let session = chance();
    session
        .run("sweep run scenario.yaml --vary variant=base,longer --seeds 1..6 --out sweep --quiet")
        .printed();
    session.run("run scenario.yaml --variant longer --seeds 1..6 --out run --quiet");
    let swept = json(&session, "sweep/sweep.json");
    let told = json(&session, "run/summary.json");
    assert_eq!(swept["points"][1]["values"], serde_json::json!({"variant": "longer"}));
    for (group, name) in [("pods", "created"), ("cost", "total"), ("pending", "podSeconds")] {
        let (swept, told) = (&swept["points"][1]["metrics"][group][name], &told[group][name]);
        for figure in ["n", "mean", "sd", "min", "p50", "max"] {
            let [one, other] = [swept, told].map(|told| told[figure].as_f64().expect("it is a number"));
            assert!((one - other).abs() <= 2e-6 * other.abs(), "{group}.{name}.{figure}: {one} and {other}");
        }
    }
    let (heads, rows) = table(&session, "sweep/points.csv");
    let column = |head: &str| heads.iter().position(|one| one == head).expect("there is such a column");
    let total = rows.iter().find(|row| row[0] == "1" && row[column("metric")] == "cost.total");
    let total = total.expect("there is such a row");
    assert_eq!(total[1], "longer");
    let mean: f64 = total[column("mean")].parse().expect("it is a number");
    assert!((mean - told["cost"]["total"]["mean"].as_f64().expect("it is a number")).abs() < 1e-6);
}

#[test]
fn every_file_that_a_point_needs_goes_with_the_sweep() {
    let other = crate::PRICES.replace("USD", "EUR");
    let session = chance().with("elsewhere/more.yaml", other.clone());
    let told = session
        .run("sweep run scenario.yaml --vary priceList=prices.yaml,elsewhere/more.yaml --seeds 1..1 --out sweep")
        .refused();
    assert!(told.contains("counts money in USD") && told.contains("in EUR"), "{told}");
    let session = session.with("elsewhere/more.yaml", other.replace("EUR", "USD"));
    session
        .run("sweep plan scenario.yaml --vary priceList=prices.yaml,elsewhere/more.yaml --seeds 1..1 --out sweep")
        .printed();
    session.remove("scenario.yaml");
    session.remove("elsewhere/more.yaml");
    let ran = session.run("sweep run sweep");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(session.run("sweep collect sweep").code, 0);
}

#[test]
fn what_other_machines_do_not_have_is_refused() {
    let prices = concat!(env!("CARGO_MANIFEST_DIR"), "/prices/cn-hangzhou-usd.yaml");
    let session = chance();
    let told = session
        .run(&format!("sweep plan scenario.yaml --vary priceList=prices.yaml,{prices} --out sweep"))
        .refused();
    let expected = "cn-hangzhou-usd.yaml` is a place on this machine alone\n --> override:1:1";
    assert!(told.contains(expected), "{told}");
    let session = session.with(
        "scenario.yaml",
        crate::CHANCE.replace("priceList: prices.yaml", &format!("priceList: {prices}")),
    );
    let told = session.run("sweep run scenario.yaml --vary horizon=5m,10m --out sweep").refused();
    assert_eq!(
        told.matches("cn-hangzhou-usd.yaml` is a place on this machine alone\n --> scenario.yaml:9:14")
            .count(),
        1,
        "{told}"
    );
    assert!(session.files(".").keys().all(|file| !file.starts_with("sweep")), "nothing is written");
}

#[test]
fn doubts_about_points_are_told_once() {
    let session = chance();
    let ran = session.run("sweep run scenario.yaml --vary horizon=5m,10m,15m --seeds 1..2 --out sweep");
    assert_eq!(ran.code, 0);
    let doubt = "warning[W0501]: `horizon=5m` ends after 300 s, and `horizon=10m` after 600 s";
    assert!(ran.stderr.contains(doubt), "{}", ran.stderr);
    assert_eq!(ran.stderr.matches("warning[").count(), 1, "{}", ran.stderr);
}

#[test]
fn a_run_is_not_explained_from_a_sweep() {
    let session = chance();
    session.run("sweep run scenario.yaml --vary horizon=5m --seeds 1..1 --out sweep --quiet").printed();
    let told = session.run("get sweep pods").refused();
    assert!(told.contains("sweep holds a sweep, which keeps no single run"), "{told}");
}

/// The page needs nothing beside it, and says what sweep.json says.
#[test]
fn the_page_has_the_means_of_every_point() {
    let session = chance();
    session.run(&format!("sweep run scenario.yaml {AXES} --out sweep --quiet")).printed();
    let (page, swept) = (session.read("sweep/report.html"), json(&session, "sweep/sweep.json"));
    for section in ["axes", "figures", "front", "points", "provenance"] {
        assert!(page.contains(&format!("<section id=\"{section}\"")), "{section}");
    }
    let means = swept["points"].as_array().expect("points").iter();
    let means: Vec<f64> =
        means.map(|point| point["metrics"]["cost"]["total"]["mean"].as_f64().expect("a mean")).collect();
    assert_eq!(page::means(&page, "cost.total"), means);
    assert!(page.contains("Points are named by their values of pools.slots.count, variant."));
    assert!(page.contains("\n1, stuck\n</text>"), "a picture names its points");
    page::assert_self_contained(&page);
}

/// Of many points the pictures show each axis by itself, and values that lie side by side together.
#[test]
fn the_page_of_many_points_draws_sixty_at_most() {
    let session = chance();
    let axes = "--vary pools.slots.count=1..310 --seeds 1..1";
    session.run(&format!("sweep run scenario.yaml {axes} --out sweep --quiet")).printed();
    let page = session.read("sweep/report.html");
    assert!(page.contains("the mean over all that share a value"));
    assert!(page.contains("\n1 to 6\n</text>"), "six of 310 values together are 52 columns");
    assert_eq!(page::means(&page, "cost.total").len(), 300, "the table has no more rows");
    assert!(page.contains("points.csv has every figure, and of 10 more points"));
    page::assert_self_contained(&page);
}
