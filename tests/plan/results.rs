//! What is written and told, and how the command ends.

use crate::{page, plan_json, slots, words};

const AXIS: &str = "pools.single.count=6,9,12,15";

#[test]
fn the_bytes_are_the_same_on_any_number_of_threads() {
    let session = slots();
    let args = "plan scenario.yaml --vary pools.single.count=6..12:2 --minimize cost.total \
                --subject-to pending.waitSeconds.p99<=60s --seeds 1..12 --quiet";
    let ends: Vec<i32> = ["1", "3"]
        .map(|threads| session.run_on(threads, &format!("{args} --out with-{threads}")).code)
        .into();
    assert_eq!(ends, [1, 1], "twelve seeds show too little");
    let (one, three) = (session.files("with-1"), session.files("with-3"));
    let names: Vec<String> = one.keys().map(|name| name.display().to_string()).collect();
    let expected =
        ["inputs/prices.yaml", "inputs/scenario.yaml", "plan.csv", "plan.json", "plan.md", "report.html"];
    assert_eq!(names, [expected.as_slice(), &["run.json", "seeds.csv"]].concat());
    assert!(one == three, "nothing depends on the threads");
}

#[test]
fn an_answer_that_is_certain_is_told_with_its_price_by_the_month() {
    let session = slots();
    let ran = session.run_with(&words(&["pools.single.count=10,15"], "cost.total", &["pods.created > 0"]));
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    // Ten nodes at 0.1 an hour for five minutes, and for 730 hours.
    assert!(
        ran.stdout.contains("  cost.total [USD] = 0.08333, cost.perMonth [USD] = 730\n"),
        "{}",
        ran.stdout
    );
    assert!(
        ran.stdout.contains("\n  pools.single.count=15: cost.total [USD] +0.04167 (+50 %), of 30 pairs\n"),
        "{}",
        ran.stdout
    );
    let again = session.run_with(&words(&["pools.single.count=10,15"], "cost.total", &["pods.created > 0"]));
    assert_eq!(again.stdout, ran.stdout, "results of ours are replaced");
    let refused = session.run("explain plan web").refused();
    assert!(refused.starts_with("error: plan holds a plan, which keeps no single run"), "{refused}");
}

#[test]
fn what_nothing_meets_has_no_answer() {
    let session = slots();
    let ran = session.run_with(&words(&[AXIS], "cost.total", &["mean(cost.total) <= 0.01"]));
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(ran.stdout.contains("\nno answer: no point meets the constraints\n"), "{}", ran.stdout);
    let found = plan_json(&session);
    assert_eq!((&found["answer"], &found["certain"]), (&serde_json::Value::Null, &false.into()));
}

#[test]
fn too_few_seeds_are_warned_of_and_the_answer_is_not_certain() {
    let session = slots();
    let mut args = words(&["pools.single.count=2,15"], "cost.total", &["pending.waitSeconds.p99 <= 30s"]);
    args.extend(["--seeds", "5..14"]);
    let ran = session.run_with(&args);
    assert_eq!(ran.code, 1);
    let warning = "warning[W0502]: 10 seeds cannot show that 90 % of all runs meet a constraint, even if all of these do";
    assert!(ran.stderr.starts_with(warning) && ran.stderr.contains("--seeds 5..33 can"), "{}", ran.stderr);
    assert!(ran.stdout.contains("answer: pools.single.count=15, which is not certain\n"), "{}", ran.stdout);
    assert!(
        ran.stdout.contains("? 10 of 10 runs do not show that it meets the constraints; --seeds 5..33"),
        "{}",
        ran.stdout
    );
    args.extend(["--confidence-share", "70%"]);
    assert_eq!(session.run_with(&args).code, 0, "ten show seven of ten");
}

#[test]
fn shares_are_written_as_shares() {
    let session = slots();
    for (option, value) in [
        ("--confidence-share", "1"),
        ("--confidence-share", "0"),
        ("--indifference", "-1%"),
        ("--indifference", "x"),
    ] {
        let option = format!("{option}={value}");
        let mut args = words(&[AXIS], "cost.total", &[]);
        args.push(&option);
        let refused = session.run_with(&args).refused();
        assert!(refused.starts_with("error: invalid value"), "{option}: {refused}");
    }
}

/// The page needs nothing beside it, and says what plan.json says.
#[test]
fn the_page_has_the_answer_and_the_mean_of_every_point() {
    let session = slots();
    let args = words(&[AXIS], "cost.total", &["pods.created > 0"]);
    assert_eq!(session.run_with(&args).code, 0);
    let page = session.read("plan/report.html");
    let found = plan_json(&session);
    let answer = format!("pools.single.count={}", found["answer"]["pools.single.count"]);
    let heading = page.split("<h1>").nth(1).and_then(|rest| rest.split("</h1>").next()).expect("a heading");
    assert!(heading.starts_with(&format!("{answer} has the least cost.total of all that meet")), "{heading}");
    assert!(heading.ends_with("certain with 95 % confidence"), "{heading}");
    for section in ["asked", "answer", "curve", "one-off", "points", "front", "provenance"] {
        assert!(page.contains(&format!("<section id=\"{section}\"")), "{section}");
    }
    let means = found["points"].as_array().expect("points").iter();
    let means: Vec<f64> = means.map(|point| point["figure"]["mean"].as_f64().expect("a mean")).collect();
    assert_eq!(page::means(&page, "cost.total"), means);
    assert_eq!(page.matches("<figure>").count(), 3, "cost, shares of runs, and the front");
    page::assert_self_contained(&page);
}

#[test]
fn the_page_says_why_there_is_no_answer() {
    let session = slots();
    session.run_with(&words(&[AXIS], "cost.total", &["mean(cost.total) <= 0.01"]));
    let page = session.read("plan/report.html");
    assert!(page.contains("<h1>No answer: no point meets the constraints</h1>"));
    assert!(!page.contains("id=\"one-off\""), "there is nothing to be one off of");
    assert!(page.contains("var(--bad)") && !page.contains("<polygon"), "all fail and none is the answer");
}

#[test]
fn a_variant_is_chosen_once_and_what_should_grow_is_not_minimized() {
    let session = slots();
    let mut args = words(&["variant=base"], "cost.total", &[]);
    args.extend(["--variant", "other"]);
    let refused = session.run_with(&args).refused();
    assert!(refused.contains("every point has a variant of its own already"), "{refused}");
    let refused = session.run_with(&words(&[AXIS], "jobs.completed", &[])).refused();
    assert!(refused.contains("more of jobs.completed is better"), "{refused}");
}
