//! The files of a comparison.

use std::collections::BTreeMap;
use std::path::Path;

use crate::{NO_SPREAD, SPIKE, Session, chance, figures, json, names};

/// The cells of a table by the names of its columns.
fn rows(table: &str) -> Vec<BTreeMap<String, String>> {
    let mut lines = table.lines().map(|line| line.split(',').map(str::to_owned).collect::<Vec<_>>());
    let head = lines.next().expect("there is a head");
    lines.map(|cells| head.iter().cloned().zip(cells).collect()).collect()
}

fn number(row: &BTreeMap<String, String>, column: &str) -> Option<f64> {
    row[column].parse().ok()
}

#[test]
fn everything_is_written_and_says_the_same() {
    let session = Session::new();
    let ran = session.run(&format!("compare {SPIKE} --seeds 1..3 --out results"));
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let compared = json(&session, "results/compare.json");
    assert_eq!(
        names(&compared),
        ["base", "no-spread", "five-ecs-nodes", "one-ecs-node", "weight-100-to-1", "eci-first"]
    );
    let table = rows(&session.read("results/compare.csv"));
    let costs: Vec<_> = table.iter().filter(|row| row["metric"] == "cost.total").collect();
    let told = figures(&compared, "cost.total");
    assert_eq!((costs.len(), told.len()), (6, 6));
    for (row, told) in costs.iter().zip(&told) {
        assert_eq!(number(row, "mean"), told["mean"].as_f64());
        assert_eq!(number(row, "high"), told["interval"]["high"].as_f64());
        assert_eq!(number(row, "diff"), told["difference"]["mean"].as_f64());
        assert_eq!(number(row, "diff_low"), told["difference"]["interval"]["low"].as_f64());
    }
    assert_eq!((costs[0]["baseline"].as_str(), costs[0]["beyond_chance"].as_str()), ("", ""));
    assert_eq!((costs[1]["baseline"].as_str(), costs[1]["pairs"].as_str()), ("base", "3"));
    assert_eq!(costs[1]["beyond_chance"], "true", "without virtual nodes each run is cheaper");
    let page = session.read("results/compare.md");
    assert!(page.starts_with("### gateway-spike: 6 variants, 3 runs each with the seeds 1..3\n"), "{page}");
    assert!(page.contains("| `cost.total` (USD, lower is better) | base | "), "{page}");
    let marked = page.lines().find(|line| line.contains("no-spread") && line.contains("%)")).expect("a row");
    assert!(marked.ends_with(" | **differs** |"), "{marked}");
    let columns = |line: &&str| line.matches('|').count();
    let counts: Vec<_> =
        page.lines().filter(|line| line.starts_with('|')).map(|line| columns(&line)).collect();
    assert!(counts.iter().all(|&count| count == 6), "every row has five cells: {counts:?}");
    let printed = ran.stdout.lines().find(|line| line.starts_with("cost.total")).expect("it is printed");
    assert_eq!(printed, "cost.total (USD, lower is better)");
}

#[test]
fn each_run_is_that_of_run() {
    let session = Session::new();
    session.run(&format!("compare {SPIKE} --variants one-ecs-node --seeds 4..5 --out results --quiet"));
    session.run(&format!("run {SPIKE} --variant one-ecs-node --seed 5 --out single --quiet"));
    let (summary, run) = (json(&session, "single/summary.json"), json(&session, "single/run.json"));
    let table = rows(&session.read("results/seeds.csv"));
    let places: Vec<_> = table.iter().map(|row| (row["variant"].as_str(), row["seed"].as_str())).collect();
    assert_eq!(places, [("base", "4"), ("base", "5"), ("one-ecs-node", "4"), ("one-ecs-node", "5")]);
    assert_eq!(number(&table[3], "cost.total"), summary["cost"]["total"].as_f64());
    assert_eq!(run["traceHash"], table[3]["trace_hash"]);
}

#[test]
fn the_bytes_are_the_same_on_any_number_of_threads() {
    let session = chance();
    for threads in ["1", "2", "5"] {
        let ran = session.run_on(threads, &format!("compare scenario.yaml --seeds 1..6 --out {threads}"));
        assert_eq!(ran.code, 0, "{}", ran.stderr);
    }
    let [one, two, five] = ["1", "2", "5"].map(|out| session.files(out));
    assert!(one == two && two == five, "the same files with the same bytes");
    let written: Vec<_> = one.keys().filter_map(|path| path.to_str()).collect();
    assert_eq!(
        written,
        [
            "compare.csv",
            "compare.json",
            "compare.md",
            "inputs/prices.yaml",
            "inputs/scenario.yaml",
            "junit.xml",
            "report.html",
            "run.json",
            "seeds.csv",
        ]
    );
}

#[test]
fn it_can_be_repeated_from_its_inputs() {
    let session = Session::new();
    session.run(&format!("compare {SPIKE} --scheduler-config {NO_SPREAD} --seeds 1..2 --out first --quiet"));
    let first = session.files("first");
    let run = json(&session, "first/run.json");
    let file = |name: &str| format!("first/{}", run["variants"][1][name].as_str().expect(name));
    let again = format!(
        "compare {} --scheduler-config {} --seeds 1..2 --out again --quiet",
        file("scenarioFile"),
        file("schedulerConfiguration")
    );
    assert_eq!(session.run(&again).code, 0);
    assert!(session.files("again") == first, "the same files with the same bytes");
    assert!(first.contains_key(Path::new("inputs/prices/cn-hangzhou-usd.yaml")), "{:?}", first.keys());
}

#[test]
fn results_of_ours_are_replaced_and_others_are_kept() {
    let session = chance();
    let compare = "compare scenario.yaml --seeds 1..2 --out results --quiet";
    session.run("run scenario.yaml --out results --quiet");
    assert!(session.run(compare).refused().contains("results holds a run, which a comparison would replace"));
    let compare = "compare scenario.yaml --seeds 1..2 --out compared --quiet";
    assert_eq!(session.run(compare).code, 0);
    assert_eq!(session.run(compare).code, 0, "a comparison is replaced");
    let session = session.with("compared/notes.txt", "mine");
    let told = session.run(compare).refused();
    assert!(told.contains("\"notes.txt\", which would be lost"), "{told}");
    let told = session.run("get compared nodes").refused();
    assert!(told.contains("holds a comparison, which keeps no single run"), "{told}");
    let session = session.with("thesis/thesis.tex", "mine");
    let told = session.run("compare scenario.yaml --out thesis").refused();
    assert!(told.contains("holds no results of overspill"), "{told}");
}
