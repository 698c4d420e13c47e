//! `--fail-if`: when it holds, what is written then, and the exit code.

use roxmltree::Document;
use serde_json::json;

use crate::{Session, chance, figures, json};

fn gate(session: &Session, variants: &str, conditions: &[&str]) -> i32 {
    let mut args = vec!["compare", "scenario.yaml", "--seeds", "1..4", "--out", "results", "--quiet"];
    args.extend(["--variants", variants]);
    args.extend(conditions.iter().flat_map(|condition| ["--fail-if", condition]));
    let ran = session.run_with(&args);
    assert!(ran.code < 2, "{}", ran.stderr);
    ran.code
}

#[test]
fn a_condition_that_holds_for_the_mean_of_any_variant_fails() {
    let session = chance();
    gate(&session, "longer,stuck", &[]);
    let means: Vec<f64> = figures(&json(&session, "results/compare.json"), "pending.podSeconds")
        .iter()
        .map(|figure| figure["mean"].as_f64().expect("it has a mean"))
        .collect();
    let largest = means.iter().copied().fold(0.0, f64::max);
    assert!(largest > 2.0 * means[0], "{means:?}");
    for (condition, code) in [
        (format!("pending.podSeconds > {}", largest - 1.0), 1),
        (format!("pending.podSeconds > {}", largest + 1.0), 0),
        ("pending.podSeconds > 2 * baseline.pending.podSeconds".to_owned(), 1),
        ("pending.podSeconds > 1000 * baseline.pending.podSeconds".to_owned(), 0),
        ("pending.podSeconds > 200% * baseline.pending.podSeconds and pods.created < 0".to_owned(), 0),
        // The baseline does not count as a variant that is compared with itself.
        ("pending.podSeconds == baseline.pending.podSeconds".to_owned(), 0),
        ("pods.created == baseline.pods.created".to_owned(), 1),
        ("pending.waitSeconds.p99 > 1s".to_owned(), 1),
    ] {
        assert_eq!(gate(&session, "longer,stuck", &[&condition]), code, "{condition}");
    }
}

#[test]
fn results_are_written_all_the_same() {
    let session = chance();
    let conditions = [
        "pending.podSeconds > 2 * baseline.pending.podSeconds",
        "overflow.firstAtSeconds < 5m",
        "cost.total > baseline.cost.total",
    ];
    assert_eq!(gate(&session, "longer,stuck", &conditions), 1);
    let judged = &json(&session, "results/compare.json")["failIf"];
    assert_eq!(judged[0]["expression"], conditions[0]);
    assert_eq!((&judged[0]["holds"], &judged[1]["holds"]), (&json!(true), &json!(false)));
    let outcomes = judged[0]["variants"].as_array().expect("there are variants");
    let holds: Vec<_> = outcomes.iter().map(|one| (one["name"].as_str(), one["holds"].as_bool())).collect();
    assert_eq!(holds, [(Some("longer"), Some(false)), (Some("stuck"), Some(true))]);
    assert!(outcomes[1]["measured"]["baseline.pending.podSeconds"].is_number());
    let page = session.read("results/compare.md");
    assert!(
        page.contains(
            "* ✗ pending.podSeconds \\> 2 \\* baseline.pending.podSeconds holds for 1 of 2 variants: stuck ("
        ),
        "{page}"
    );
    assert!(page.contains("cannot be judged, for want of a value, for base, longer, stuck"), "{page}");
}

#[test]
fn junit_has_a_case_for_each_run_and_each_condition() {
    let session = chance();
    let conditions = ["pending.podSeconds > 2 * baseline.pending.podSeconds", "overflow.firstAtSeconds < 5m"];
    gate(&session, "longer,stuck", &conditions);
    let text = session.read("results/junit.xml");
    let file = Document::parse(&text).expect("it is well-formed XML");
    let root = file.root_element();
    let counts = ["tests", "failures", "errors", "skipped"].map(|name| root.attribute(name));
    assert_eq!(counts, [Some("8"), Some("1"), Some("0"), Some("3")]);
    let suites: Vec<_> = root.children().filter(roxmltree::Node::is_element).collect();
    let names: Vec<_> = suites.iter().map(|suite| suite.attribute("name")).collect();
    assert_eq!(names, [Some("runs"), Some("fail-if")]);
    let cases = |suite: usize| suites[suite].children().filter(|node| node.has_tag_name("testcase"));
    let runs: Vec<_> = cases(0).map(|case| case.attribute("name")).collect();
    assert_eq!(runs, [Some("base"), Some("longer"), Some("stuck")]);
    assert_eq!(cases(1).count(), 5, "the first does not concern the baseline");
    let failed: Vec<_> = cases(1)
        .filter(|case| case.children().any(|node| node.has_tag_name("failure")))
        .map(|case| (case.attribute("classname"), case.attribute("name")))
        .collect();
    let class = format!("fail-if: {}", conditions[0]);
    assert_eq!(failed, [(Some(class.as_str()), Some("stuck"))]);
}

#[test]
fn conditions_that_cannot_be_read_are_all_told() {
    let told = chance()
        .run_with(&[
            "compare",
            "scenario.yaml",
            "--out",
            "results",
            "--fail-if",
            "cost.totl > 2",
            "--fail-if",
            "cost.total > baseline.cost.total + 2%",
        ])
        .refused();
    assert!(told.contains("did you mean `cost.total`?"), "{told}");
    assert!(told.contains("--fail-if:1:14"), "{told}");
    assert!(told.contains("`cost.total * 102%` is 2 % more"), "{told}");
}
