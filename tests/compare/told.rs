//! What is compared with what, and what is told of it.

use serde_json::Value;

use crate::{NO_SPREAD, PRICES, SPIKE, Session, chance, figures, json, names};

fn half_width(interval: &Value) -> f64 {
    (interval["high"].as_f64().expect("it is a number") - interval["low"].as_f64().expect("it is a number"))
        / 2.0
}

/// Common random numbers: variants that are almost the same meet the same arrivals, so that their difference is known
/// far better than either of them.
#[test]
fn pairs_tell_more_than_independent_runs() {
    let session = chance();
    session.run("compare scenario.yaml --variants longer --seeds 1..30 --out paired --quiet");
    session
        .run("compare scenario.yaml --variants longer --seeds 31..60 --baseline paired --out apart --quiet");
    let [paired, apart] = ["paired", "apart"].map(|dir| json(&session, &format!("{dir}/compare.json")));
    for path in ["pending.podSeconds", "pending.waitSeconds.p95", "ready.waitSeconds.max"] {
        let [paired, apart] =
            [&paired, &apart].map(|compared| figures(compared, path)[1]["difference"].clone());
        assert_eq!((&paired["pairs"], &apart["pairs"]), (&30.into(), &Value::Null));
        let [paired, apart] = [paired, apart].map(|one| half_width(&one["interval"]));
        assert!(paired <= apart / 2.0, "{path}: paired ± {paired}, independent ± {apart}");
    }
    let created = &figures(&paired, "pods.created")[1]["difference"];
    assert_eq!((&created["sd"], &created["beyondChance"]), (&0.into(), &false.into()), "the same arrivals");
}

#[test]
fn figures_without_a_value_and_lower_bounds_are_told() {
    let session = chance();
    let ran = session.run("compare scenario.yaml --variants stuck --seeds 1..4 --out results");
    let compared = json(&session, "results/compare.json");
    let first = &figures(&compared, "overflow.firstAtSeconds")[1];
    assert_eq!((&first["n"], &first["missing"]), (&0.into(), &4.into()));
    assert_eq!((&first["difference"]["pairs"], &first["difference"]["mean"]), (&0.into(), &Value::Null));
    let wait = &figures(&compared, "pending.waitSeconds.p99")[1];
    assert_eq!(wait["censored"], 4);
    assert_eq!(wait["difference"]["beyondChance"], Value::Null, "the true difference may be any");
    let line = ran.stdout.lines().skip_while(|line| !line.starts_with("pending.waitSeconds.p99")).nth(2);
    let line = line.expect("it is shown");
    assert!(line.contains("≥ ") && line.ends_with(", of lower bounds"), "{line}");
}

/// As results/coverage has it: of quantiles in the tail, where there are few pairs and they differ.
#[test]
fn intervals_that_hold_the_true_mean_too_seldom_are_called_approximate() {
    let session = Session::new();
    for (seeds, approximate) in [("1..3", false), ("1..6", true)] {
        let ran = session
            .run(&format!("compare {SPIKE} --variants no-spread,one-ecs-node --seeds {seeds} --out results"));
        let compared = json(&session, "results/compare.json");
        let [p99, share] =
            ["ready.waitSeconds.p99", "overflow.share"].map(|path| figures(&compared, path)[2].clone());
        for of in [&p99, &p99["difference"]] {
            assert_eq!(of["interval"]["approximate"], approximate);
        }
        assert_eq!(share["difference"]["interval"]["approximate"], false);
        let said: Vec<&str> = ran.stdout.lines().filter(|line| line.contains("approximate")).collect();
        let expected = ["ready.waitSeconds.p99 (s, lower is better, intervals are approximate)"];
        assert_eq!(said, expected[..usize::from(approximate)], "{}", ran.stdout);
        let table = session.read("results/compare.csv");
        let rows = table.lines().filter(|row| row.starts_with("one-ecs-node,") && row.ends_with(",true"));
        let waits = |row: &str| row.contains("waitSeconds.");
        assert_eq!(rows.clone().count() > 0, approximate);
        assert!(rows.into_iter().all(waits), "{table}");
    }
}

#[test]
fn one_seed_tells_no_difference_from_chance() {
    let session = chance();
    let ran = session.run("compare scenario.yaml --seeds 3..3 --out results");
    let difference = &figures(&json(&session, "results/compare.json"), "pending.podSeconds")[1]["difference"];
    assert!(difference["mean"].is_number() && difference["interval"].is_null());
    assert!(difference["beyondChance"].is_null());
    assert!(!ran.stdout.contains("better\n") && !ran.stdout.contains("worse\n"), "{}", ran.stdout);
}

#[test]
fn variants_stand_in_the_order_that_is_asked_for() {
    let session = chance();
    let order = |variants: &str| {
        session
            .run(&format!("compare scenario.yaml --seeds 1..1 --variants {variants} --out results --quiet"));
        names(&json(&session, "results/compare.json"))
    };
    assert_eq!(order("longer"), ["base", "longer"]);
    assert_eq!(order("longer,base,stuck"), ["longer", "base", "stuck"]);
    let run = json(&session, "results/run.json");
    assert_eq!(
        (&run["variants"][0]["baseline"], &run["variants"][1]["baseline"]),
        (&Value::Null, &"longer".into())
    );
}

/// Then the scenario goes by its own name.
#[test]
fn a_variant_may_be_called_base() {
    let scenario = chance().read("scenario.yaml").replace("    longer:", "    base:");
    let session = chance().with("scenario.yaml", scenario);
    session.run("compare scenario.yaml --seeds 1..1 --variants base --out results --quiet");
    assert_eq!(names(&json(&session, "results/compare.json")), ["chance", "base"]);
    assert_eq!(json(&session, "results/run.json")["variants"][1]["variant"], "base");
}

#[test]
fn scenarios_and_scheduler_configurations_are_compared() {
    let session = chance();
    let scenario = session.read("scenario.yaml");
    let session = session
        .with("other/scenario.yaml", scenario.replace("prices.yaml", "../prices.yaml"))
        .with("third/scenario.yaml", scenario.replace("name: chance", "name: third"))
        .with("third/prices.yaml", PRICES)
        .with(
            "spread/scheduler.yaml",
            "apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n",
        );
    let compare = |args: &str| {
        let ran = session.run(&format!("compare {args} --seeds 1..2 --out results --quiet"));
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        names(&json(&session, "results/compare.json"))
    };
    assert_eq!(compare("scenario.yaml third/scenario.yaml"), ["chance", "third"]);
    assert_eq!(
        compare("scenario.yaml third/scenario.yaml --variants longer"),
        ["chance", "chance/longer", "third", "third/longer"]
    );
    assert_eq!(
        compare("scenario.yaml other/scenario.yaml"),
        ["scenario.yaml", "other/scenario.yaml"],
        "those of one name are told apart by their paths"
    );
    let equal = &figures(&json(&session, "results/compare.json"), "cost.total")[1]["difference"];
    assert_eq!((&equal["mean"], &equal["sd"]), (&0.into(), &0.into()), "they are the same");
    assert_eq!(compare("scenario.yaml --scheduler-config spread/scheduler.yaml"), ["base", "scheduler"]);
}

#[test]
fn a_scheduler_configuration_is_that_of_the_variant() {
    let session = Session::new();
    session.run(&format!("compare {SPIKE} --variants no-spread --scheduler-config {NO_SPREAD} --seeds 1..2 --out results --quiet"));
    let compared = json(&session, "results/compare.json");
    assert_eq!(names(&compared), ["base", "no-spread", "scheduler-no-spread"]);
    for path in ["cost.total", "overflow.pods", "ready.waitSeconds.p99"] {
        let figures = figures(&compared, path);
        assert_eq!(figures[1], figures[2], "{path}");
        assert_ne!(figures[0]["mean"], figures[1]["mean"], "{path}");
    }
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let session = chance();
    for (args, told) in [
        ("", "Usage"),
        ("-", "a scenario is read from a file"),
        ("scenario.yaml --seeds 5..1", "write 1..5"),
        ("scenario.yaml --seeds 1..1000000", "more than 100000 runs"),
        ("scenario.yaml --variants lnoger", "did you mean `longer`?"),
        ("scenario.yaml --variants longer,longer", "the variant `longer` is named twice"),
        ("scenario.yaml --variants base", "there is nothing to compare `chance` with"),
        ("scenario.yaml scenario.yaml", "`scenario.yaml` is named twice"),
        ("scenario.yaml nothing.yaml", "there is no file or folder `nothing.yaml`"),
        ("scenario.yaml --scheduler-config prices.yaml", "unknown"),
        ("scenario.yaml --baseline nowhere", "nowhere holds no results of `overspill compare`"),
    ] {
        let complaint = session.run(&format!("compare {args} --out results")).refused();
        assert!(complaint.contains(told), "{args}: {complaint}");
    }
    assert_eq!(
        session.run("compare scenario.yaml --seeds 1..1 --out results --quiet").code,
        0,
        "nothing was written"
    );
}

#[test]
fn times_of_different_lengths_are_doubtful() {
    let session = chance();
    let shorter =
        session.read("scenario.yaml").replace("horizon: 10m", "horizon: 5m").replace("chance}", "shorter}");
    let session = session.with("shorter.yaml", shorter);
    let ran = session.run("compare scenario.yaml shorter.yaml --seeds 1..1 --out results --quiet");
    assert_eq!(ran.code, 0);
    assert!(ran.stderr.contains("`chance` ends after 600 s, and `shorter` after 300 s"), "{}", ran.stderr);
}
