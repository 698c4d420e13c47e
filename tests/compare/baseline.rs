//! `--baseline DIR`: results that were kept.

use crate::{Session, chance, figures, json, names};

fn compare(session: &Session, args: &str) -> String {
    let ran = session.run(&format!("compare scenario.yaml {args} --quiet"));
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    ran.stderr
}

#[test]
fn an_earlier_comparison_is_met_by_name_and_seed() {
    let session = chance();
    compare(&session, "--seeds 5..9 --out earlier");
    let told = compare(&session, "--baseline earlier --out now");
    assert_eq!(told, "", "nothing is doubtful");
    let compared = json(&session, "now/compare.json");
    assert_eq!(names(&compared), ["base", "stuck", "longer"]);
    assert_eq!(
        (&compared["seeds"]["first"], &compared["seeds"]["last"]),
        (&5.into(), &9.into()),
        "by default the same"
    );
    for path in ["cost.total", "pending.podSeconds", "pods.peak"] {
        for figure in figures(&compared, path) {
            let difference = &figure["difference"];
            assert_eq!((&difference["mean"], &difference["sd"]), (&0.into(), &0.into()), "{path}");
            assert_eq!(
                (&difference["pairs"], &difference["beyondChance"]),
                (&5.into(), &false.into()),
                "{path}"
            );
        }
    }
    let variants = json(&session, "now/run.json")["variants"].clone();
    assert_eq!((&variants[0]["baseline"], &variants[2]["baseline"]), (&"base".into(), &"longer".into()));
}

#[test]
fn what_has_changed_since_is_found() {
    let session = chance();
    compare(&session, "--seeds 1..6 --out earlier");
    let dearer = session.read("scenario.yaml").replace("price: 0.26/h", "price: 0.27/h");
    let session = session.with("scenario.yaml", dearer);
    let gate = |allowed: &str| {
        let condition = format!("cost.total > baseline.cost.total * {allowed}");
        let args = ["compare", "scenario.yaml", "--baseline", "earlier", "--out", "now", "--quiet"];
        session.run_with(&[&args[..], &["--fail-if", &condition]].concat()).code
    };
    assert_eq!((gate("1.02"), gate("105%")), (1, 0), "3.8 % dearer");
    let cost = &figures(&json(&session, "now/compare.json"), "cost.total")[0]["difference"];
    assert_eq!(cost["beyondChance"], true);
    assert!((cost["relative"].as_f64().expect("it is a number") - 1.0 / 26.0).abs() < 1e-4, "{cost}");
}

#[test]
fn the_runs_of_many_seeds_are_a_baseline_of_all() {
    let session = chance();
    session.run("run scenario.yaml --variant longer --seeds 1..4 --out earlier --quiet");
    assert_eq!(compare(&session, "--baseline earlier --out now"), "");
    let run = json(&session, "now/run.json");
    assert!((0..3).all(|place| run["variants"][place]["baseline"] == "longer"), "{run}");
    let waits = figures(&json(&session, "now/compare.json"), "pending.podSeconds");
    assert_eq!(waits[2]["difference"]["mean"], 0, "it is the same");
    assert_ne!(waits[1]["difference"]["mean"], 0);
}

#[test]
fn other_seeds_are_compared_unpaired_and_told() {
    let session = chance();
    compare(&session, "--seeds 1..4 --out earlier");
    let ran = session.run("compare scenario.yaml --baseline earlier --seeds 1..3 --out now");
    assert!(ran.stderr.contains("--seeds 1..4 pairs them"), "{}", ran.stderr);
    assert!(ran.stdout.contains("not paired, for its seeds are 1..4"), "{}", ran.stdout);
    let difference = &figures(&json(&session, "now/compare.json"), "pending.podSeconds")[0]["difference"];
    assert!(difference["pairs"].is_null() && difference["interval"]["low"].is_number(), "{difference}");
}

#[test]
fn what_differs_beside_the_figures_is_told() {
    let session = chance();
    compare(&session, "--variants longer --seeds 1..2 --out earlier");
    let run = session.read("earlier/run.json");
    let session = session.with("earlier/run.json", run.replace("\"version\": \"", "\"version\": \"0.0."));
    let told = compare(&session, "--baseline earlier --out now");
    assert!(told.contains("was made by overspill 0.0."), "{told}");
    assert!(told.contains("the baseline in earlier has no `stuck`: it is held against `base`"), "{told}");
    let session = session.with("earlier/run.json", run.replace("\"chance\"", "\"luck\""));
    let told = compare(&session, "--baseline earlier --out now");
    assert!(told.contains("is of the scenario luck, and `base` of chance"), "{told}");
    let session = session.with("earlier/run.json", run.replace("\"USD\"", "\"CNY\""));
    let told = session.run("compare scenario.yaml --baseline earlier --out now").refused();
    assert!(told.contains("counts money in CNY, and `base` in USD: it cannot be compared"), "{told}");
}

#[test]
fn what_is_no_baseline_is_refused() {
    let session = chance().with("photos/run.json", "{}");
    session.run("run scenario.yaml --out single --quiet");
    compare(&session, "--seeds 1..2 --out torn");
    let session = session.with("torn/seeds.csv", "variant,seed\nbase,1\n");
    for (dir, told) in [
        ("nowhere", "nowhere holds no results of `overspill compare` or `overspill run --seeds`"),
        ("photos", "photos holds no results of `overspill compare`"),
        ("single", "make runs with several seeds: overspill run SCENARIO --seeds 1..30 --out DIR"),
        ("torn", "seeds.csv cannot be read as overspill writes it"),
    ] {
        let complaint = session.run(&format!("compare scenario.yaml --baseline {dir} --out now")).refused();
        assert!(complaint.contains(told), "{dir}: {complaint}");
    }
}
