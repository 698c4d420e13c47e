//! `overspill run --seeds`: the folder of each seed, and what is said of all.

use std::path::Path;

use serde_json::Value;

use crate::session::{CHANCE, PRICES, Session};

fn chance() -> Session {
    Session::new().with("scenario.yaml", CHANCE).with("prices.yaml", PRICES)
}

#[test]
fn the_bytes_are_the_same_on_any_number_of_threads_and_those_of_single_runs() {
    let session = chance();
    let run = |threads: &str, args: &str| {
        session.run_on(threads, &format!("run scenario.yaml --quiet {args}")).code
    };
    let codes = ["1", "2", "5"].map(|threads| run(threads, &format!("--seeds 1..6 --out {threads}")));
    assert_eq!(codes, [codes[0]; 3]);
    let [one, two, five] = ["1", "2", "5"].map(|out| session.files(out));
    assert!(one == two && two == five, "the same files with the same bytes");
    for seed in ["1", "4", "6"] {
        run("1", &format!("--seed {seed} --out single"));
        assert!(session.files("single") == session.files(&format!("2/seed-{seed}")), "seed {seed}");
    }
    let tables: Vec<_> = (1..=6).map(|seed| &two[Path::new(&format!("seed-{seed}/pods.csv"))]).collect();
    assert!(tables.windows(2).all(|pair| pair[0] != pair[1]), "seeds differ");
}

/// All figures of a metric, from the table.
fn column(table: &str, path: &str) -> Vec<f64> {
    let mut rows = table.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let place = rows.next().and_then(|head| head.iter().position(|name| *name == path)).expect(path);
    rows.filter_map(|row| row[place].parse().ok()).collect()
}

fn json(session: &Session, name: &str) -> Value {
    serde_json::from_str(&session.read(name)).expect("it is JSON")
}

#[test]
fn the_summary_says_what_the_table_says() {
    let session = chance();
    let ran = session.run("run scenario.yaml --seeds 11..18 --out results");
    let (table, summary) = (session.read("results/seeds.csv"), json(&session, "results/summary.json"));
    assert_eq!(column(&table, "seed"), [11.0, 12.0, 13.0, 14.0, 15.0, 16.0, 17.0, 18.0]);
    let created = column(&table, "pods.created");
    for (seed, created) in (11..).zip(&created) {
        let single = json(&session, &format!("results/seed-{seed}/summary.json"));
        assert_eq!(single["pods"]["created"].as_f64(), Some(*created));
    }
    let figure = &summary["pods"]["created"];
    let mean = created.iter().sum::<f64>() / 8.0;
    let sd = (created.iter().map(|number| (number - mean).powi(2)).sum::<f64>() / 7.0).sqrt();
    // The quantile 0.975 of Student's distribution with 7 degrees of freedom.
    let half = 2.364_624_251_6 * sd / 8_f64.sqrt();
    for (name, expected) in [("n", 8.0), ("missing", 0.0), ("censored", 0.0), ("mean", mean), ("sd", sd)] {
        let found = figure[name].as_f64().expect(name);
        assert!((found - expected).abs() < 1e-5, "{name}: {found} is not {expected}");
    }
    for (name, expected) in [("level", 0.95), ("low", mean - half), ("high", mean + half)] {
        let found = figure["interval"][name].as_f64().expect(name);
        assert!((found - expected).abs() < 1e-5, "{name}: {found} is not {expected}");
    }
    assert!(figure["interval"]["approximate"].is_boolean());
    let largest = created.iter().copied().fold(0.0, f64::max);
    assert_eq!(figure["max"].as_f64(), Some(largest));
    assert_eq!(summary["cost"]["currency"], "USD");
    assert!(ran.stdout.starts_with("chance: 8 runs with the seeds 11..18, means"), "{}", ran.stdout);
    assert!(ran.stdout.contains(&format!("to {largest}\n")), "{}", ran.stdout);
}

#[test]
fn expectations_are_judged_for_each_seed() {
    let session = chance();
    let ran = session.run("run scenario.yaml --seeds 1..8 --out results");
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    let created = column(&session.read("results/seeds.csv"), "pods.created");
    let failed: Vec<u64> =
        (1..).zip(created).filter(|(_, created)| *created >= 30.0).map(|(seed, _)| seed).collect();
    assert!(!failed.is_empty() && failed.len() < 8, "the expectation holds with some seeds: {failed:?}");
    let judged = json(&session, "results/expectations.json");
    assert_eq!(judged[0]["failedSeeds"], serde_json::json!([]));
    assert_eq!(judged[1]["expression"], "pods.created < 30");
    assert_eq!(judged[1]["failedSeeds"], serde_json::json!(failed));
    assert_eq!((&judged[1]["runs"], &judged[1]["held"]), (&8.into(), &(8 - failed.len()).into()));
    assert!(ran.stdout.contains(&format!("(in {} of 8, not with seed", 8 - failed.len())), "{}", ran.stdout);
    assert!(ran.stdout.contains("✓ pods.created > 0   (in 8 of 8)"), "{}", ran.stdout);
}

#[test]
fn figures_without_a_value_and_lower_bounds_are_told() {
    let session = chance();
    let ran = session.run("run scenario.yaml --variant stuck --seeds 1..3 --out results");
    let summary = json(&session, "results/summary.json");
    let first = &summary["overflow"]["firstAtSeconds"];
    assert_eq!((&first["n"], &first["missing"]), (&0.into(), &3.into()));
    assert!(first["mean"].is_null() && first["interval"].is_null() && first["p50"].is_null());
    assert_eq!(summary["pending"]["waitSeconds"]["p99"]["censored"], 3);
    assert_eq!(summary["pending"]["waitSeconds"]["p50"]["n"], 3);
    assert!(session.read("results/seeds.csv").contains("pending.waitSeconds.p99"));
    let line = ran.stdout.lines().find(|line| line.contains("pending.waitSeconds.p99")).expect("it is shown");
    assert!(line.contains("≥ ") && line.ends_with("a lower bound, in 3 of 3"), "{line}");
}

/// As results/coverage has it: of quantiles in the tail, where there are few runs, and of nothing else.
#[test]
fn intervals_that_hold_the_true_mean_too_seldom_are_called_approximate() {
    let spike = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/gateway-spike/scenario.yaml");
    let session = Session::new();
    for (seeds, approximate) in [("1..3", false), ("1..6", true)] {
        let ran = session.run(&format!("run {spike} --seeds {seeds} --outputs summary --out results"));
        let summary = json(&session, "results/summary.json");
        let waits = &summary["ready"]["waitSeconds"];
        assert_eq!(waits["p99"]["interval"]["approximate"], approximate);
        assert_eq!(waits["p50"]["interval"]["approximate"], false);
        assert_eq!(summary["overflow"]["share"]["interval"]["approximate"], false);
        let said: Vec<&str> = ran.stdout.lines().filter(|line| line.contains("s (approximate), ")).collect();
        assert_eq!(said.len(), usize::from(approximate), "{}", ran.stdout);
        assert!(said.iter().all(|line| line.starts_with("  ready.waitSeconds.p99 ")), "{said:?}");
    }
}

#[test]
fn one_run_has_no_interval() {
    let session = chance();
    let ran = session.run("run scenario.yaml --seeds 7..7 --out results");
    let figure = &json(&session, "results/summary.json")["pods"]["created"];
    assert_eq!(figure["n"], 1);
    assert!(figure["interval"].is_null() && figure["sd"].is_null() && figure["mean"].is_number());
    assert!(!ran.stdout.lines().skip(1).any(|line| line.contains('±')), "{}", ran.stdout);
}

#[test]
fn the_run_of_each_seed_can_be_asked() {
    let session = chance();
    session.run("run scenario.yaml --seeds 1..2 --out results --quiet");
    let printed = session.run("explain results/seed-2 jobs-1").printed();
    assert!(printed.contains("jobs-1"), "{printed}");
    assert!(session.run("get results/seed-2 nodes").printed().contains("slots-1"));
    let told = session.run("get results nodes").refused();
    assert!(told.contains("many seeds: name the directory of one, such as results/seed-N"), "{told}");
}

#[test]
fn results_of_ours_are_replaced_and_others_are_kept() {
    let session = chance();
    session.run("run scenario.yaml --seeds 1..3 --out results --quiet");
    session.run("run scenario.yaml --seeds 2..2 --out results --quiet");
    assert_eq!(session.run("explain results/seed-1 jobs-1").code, 2, "what was there is gone");
    session.run("run scenario.yaml --out results --quiet");
    assert!(session.read("results/run.json").contains("\"kind\": \"Run\""));
    session.run("run scenario.yaml --seeds 2..2 --out results --quiet");
    for (name, told) in [
        ("results/seed-2/notes.txt", "\"notes.txt\", which would be lost"),
        ("results/seed-02/run.json", "\"seed-02\", which would be lost"),
        ("results/seed-4/thesis.tex", "holds no results of overspill"),
    ] {
        let session = chance();
        session.run("run scenario.yaml --seeds 2..2 --out results --quiet");
        let session = session.with(name, "mine");
        for seeds in ["--seeds 1..2", "--seed 1"] {
            let complaint = session.run(&format!("run scenario.yaml {seeds} --out results")).refused();
            assert!(complaint.contains(told), "{complaint}");
        }
        assert_eq!(session.read(name), "mine");
    }
}

#[test]
fn ranges_that_are_none_are_refused() {
    let session = chance();
    for (seeds, told) in [
        ("--seeds 5..1", "write 1..5"),
        ("--seeds 5", "1..30 is thirty runs"),
        ("--seeds 1..=5", "write 1..5"),
        ("--seeds -1..5", "\"-1\" is not a seed"),
        ("--seeds 1..many", "\"many\" is not a seed"),
        ("--seeds 1..1000000", "more than 100000 runs: write 1..100000 at most"),
        ("--seeds 1..5 --seed 3", "cannot be used with"),
    ] {
        let complaint = session.run(&format!("run scenario.yaml {seeds} --out results")).refused();
        assert!(complaint.contains(told), "{seeds}: {complaint}");
    }
    assert!(session.run("run scenario.yaml --out results --quiet").code <= 1, "nothing was in the way");
}
