use super::*;
use proptest::prelude::*;

/// A run in which p99 is 25 s, the share 4 %, the total 12.5, and nothing overflowed.
fn lookup(path: &str) -> Option<f64> {
    Some(match path {
        "pending.waitSeconds.p99" => 25.0,
        "pending.podSeconds" => 600.0,
        "pods.created" => 20.0,
        "overflow.share" => 0.04,
        "overflow.early" => 3.0,
        "cost.total" => 12.5,
        "cost.perSecondMean" => 0.5,
        "baseline.cost.total" => 10.0,
        _ => return None,
    })
}

#[track_caller]
fn check(text: &str, holds: bool) {
    match Expression::parse(text, Scope::Comparison) {
        Ok(expression) => assert_eq!(expression.judge(&lookup).holds, holds, "{text}"),
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn conditions_are_judged() {
    check("pending.waitSeconds.p99 <= 30s", true);
    check("pending.waitSeconds.p99 <= 0.5m", true);
    check("pending.waitSeconds.p99 < 25", false);
    check("overflow.share < 5%", true);
    check("overflow.share == 4%", true);
    check("overflow.share != 0.04", false);
    check("overflow.early > 0 and overflow.early<=3", true);
    check("overflow.early > 5 or cost.total >= 12.5", true);
    check("not overflow.early > 5", true);
    check("not (overflow.early > 2 or cost.total > 100)", false);
    check("cost.total > 1.2 * baseline.cost.total", true);
    check("cost.total / baseline.cost.total - 1 > 25%", false);
}

#[test]
fn operators_bind_as_in_school_and_from_the_left() {
    check("1 + 2 * 3 == 7", true);
    check("(1 + 2) * 3 == 9", true);
    check("8 / 4 / 2 == 1", true);
    check("5 - 3 - 1 == 1", true);
    check("-2 * -3 == 6", true);
    check("1 > 2 and 1 > 2 or 2 > 1", true);
    check("2 > 1 or 2 > 1 and 1 > 2", true);
    check("0.1 + 0.2 == 0.3", true);
}

#[test]
fn units_are_carried_through_products() {
    check("pending.podSeconds / pods.created <= 30s", true);
    check("cost.perSecondMean * 1h > cost.total", true);
    check("overflow.early / pods.created > 10%", true);
}

#[test]
fn what_has_no_value_holds_in_no_comparison() {
    check("overflow.firstAtSeconds < 1h", false);
    check("overflow.firstAtSeconds >= 1h", false);
    check("not overflow.firstAtSeconds < 1h", true);
    check("cost.total / (overflow.early - 3) > 0", false);
    let expression =
        Expression::parse("overflow.firstAtSeconds > 5m or overflow.early == 3", Scope::Run).unwrap();
    let verdict = expression.judge(&lookup);
    assert!(verdict.holds);
    let measured = [("overflow.firstAtSeconds".to_owned(), None), ("overflow.early".to_owned(), Some(3.0))];
    assert_eq!(verdict.measured, measured);
}

#[test]
fn a_quotient_that_is_undefined_is_named() {
    let judge = |text: &str| Expression::parse(text, Scope::Comparison).unwrap().judge(&lookup);
    let verdict = judge("1 + cost.total / (overflow.early - 3) > 0 and 1 / overflow.share > 1");
    assert!(!verdict.holds);
    assert_eq!(verdict.undefined, ["cost.total / (overflow.early - 3)"]);
    assert_eq!(judge("cost.total / overflow.firstAtSeconds > 0").undefined, [""; 0], "no value is not zero");
    assert_eq!(judge("cost.total / overflow.share > 0").undefined, [""; 0]);
}

#[test]
fn a_percentage_is_no_addend() {
    let error = Expression::parse("cost.total > baseline.cost.total + 2%", Scope::Comparison).unwrap_err();
    let told = error.to_string();
    assert!(told.starts_with("currency and a share cannot be added\n"), "{told}");
    assert!(
        told.ends_with("help: a part of a figure is a product: `cost.total * 102%` is 2 % more"),
        "{told}"
    );
}

#[test]
fn conditions_on_the_baseline_are_known() {
    let looks = |text: &str| Expression::parse(text, Scope::Comparison).unwrap().looks_at_baseline();
    assert!(looks("pods.created > 0 and cost.total > baseline.cost.total * 102%"));
    assert!(!looks("pods.created > 0 or cost.total > 12.5"));
}

#[test]
fn a_condition_surely_holds_only_where_lower_bounds_do_not_matter() {
    let surely = |text: &str| {
        let expression = Expression::parse(text, Scope::Replications).unwrap();
        expression.surely_holds(&lookup, &|path| path == "pending.waitSeconds.p99")
    };
    assert!(!surely("pending.waitSeconds.p99 <= 30s"), "the true one may be longer");
    assert!(!surely("not pending.waitSeconds.p99 > 30s"), "in other words");
    assert!(!surely("not (pending.waitSeconds.p99 > 30s or overflow.early < 1)"));
    assert!(surely("pending.waitSeconds.p99 <= 30s or overflow.early == 3"));
    assert!(surely("not (pending.waitSeconds.p99 > 30s and overflow.early == 2)"));
    assert!(surely("not overflow.firstAtSeconds < 1h"), "what has no value is no lower bound");
}

#[test]
fn conditions_are_taken_apart_at_and() {
    let parts = |text: &str| -> Vec<String> {
        let parts = Expression::parse(text, Scope::Replications).unwrap().conjuncts();
        parts.iter().map(|part| part.text().to_owned()).collect()
    };
    assert_eq!(
        parts(" (overflow.early > 0 and cost.total < 5) and not (overflow.early > 2 and cost.total > 1) "),
        ["overflow.early > 0", "cost.total < 5", "not (overflow.early > 2 and cost.total > 1)"]
    );
    assert_eq!(parts("overflow.early > 0 or cost.total < 5"), ["overflow.early > 0 or cost.total < 5"]);
}

/// Three runs that cost 1, 2 and 6, with 4, 4 and 10 pods; one has no first overflow.
fn of_runs(run: usize, path: &str) -> Option<f64> {
    match path {
        "cost.total" => Some([1.0, 2.0, 6.0][run]),
        "pods.created" => Some([4.0, 4.0, 10.0][run]),
        "overflow.firstAtSeconds" => [Some(1.0), None, Some(2.0)][run],
        _ => None,
    }
}

#[test]
fn means_are_judged_with_what_chance_leaves_open() {
    let standing = |text: &str| {
        let bounds = |estimate: f64, without: &[f64]| {
            assert_eq!(without.len(), 3, "one estimate without each run");
            (estimate - 1.0, estimate + 1.0)
        };
        let runs = MeansOfRuns { runs: 3, lookup: &of_runs, bounds: &bounds };
        Expression::parse(text, Scope::Replications).unwrap().standing(&runs)
    };
    assert_eq!(standing("mean(cost.total) <= 4"), Standing::Meets);
    assert_eq!(standing("mean(cost.total) < 4"), Standing::Open, "4 itself is possible");
    assert_eq!(standing("mean(cost.total) > 4.5"), Standing::Fails);
    assert_eq!(standing("not mean(cost.total) > 4.5"), Standing::Meets);
    assert_eq!(standing("mean(cost.total) == 3"), Standing::Open);
    assert_eq!(standing("mean(cost.total) != 9"), Standing::Meets);
    assert_eq!(standing("mean(cost.total) > 4.5 or mean(pods.created) >= 5"), Standing::Meets);
    assert_eq!(standing("mean(cost.total / pods.created) < 2 and mean(cost.total) > 3.5"), Standing::Open);
    assert_eq!(standing("mean(overflow.firstAtSeconds) < 1h"), Standing::Fails, "one run has none");
    assert_eq!(standing("not mean(overflow.firstAtSeconds) > 1h"), Standing::Fails);
}

#[test]
fn what_a_mean_would_be_without_each_run_is_known() {
    let bounds = |estimate: f64, without: &[f64]| {
        assert_eq!(estimate, 3.0 / 6.0 - 1.0);
        assert_eq!(without, [4.0 / 7.0 - 1.0, 3.5 / 7.0 - 1.0, 1.5 / 4.0 - 1.0]);
        (estimate, estimate)
    };
    let runs = MeansOfRuns { runs: 3, lookup: &of_runs, bounds: &bounds };
    let ratio = Expression::parse("mean(cost.total) / mean(pods.created) <= 1", Scope::Replications).unwrap();
    assert_eq!(ratio.standing(&runs), Standing::Meets);
}

#[test]
fn means_stand_where_many_runs_are_judged() {
    let refused = |text: &str, scope| {
        let error = Expression::parse(text, scope).expect_err(text);
        (error.column(), error.problem)
    };
    assert_eq!(refused("mean(cost.total) < 5", Scope::Run), (1, Problem::NoMeans));
    assert_eq!(refused("1 < mean(cost.total)", Scope::Comparison), (5, Problem::NoMeans));
    let many = Scope::Replications;
    assert_eq!(refused("mean(1 + mean(cost.total)) < 5", many), (5, Problem::MeanOfMean));
    assert_eq!(
        refused("pods.created > 0 and mean(cost.total) < 2 * cost.ecs", many),
        (22, Problem::MixedMeans)
    );
    assert_eq!(refused("mean(cost.total > 1) < 5", many).1, Problem::ConditionAsNumber);
    assert!(matches!(refused("mean < 5", many).1, Problem::UnknownMetric { .. }));
    assert!(Expression::parse("pods.created > 0 and mean(cost.total) < 2", many).is_ok());
}

#[track_caller]
fn refused(text: &str, message: &str) {
    let error = Expression::parse(text, Scope::Run).expect_err(text);
    assert_eq!(error.to_string(), message);
}

#[test]
fn an_unknown_metric_is_answered_with_the_nearest() {
    refused(
        "overflow.early > 0 and pending.waitSecond.p9 <= 30s",
        "unknown metric `pending.waitSecond.p9`
  overflow.early > 0 and pending.waitSecond.p9 <= 30s
                         ^^^^^^^^^^^^^^^^^^^^^
help: did you mean `pending.waitSeconds.p95`, `pending.waitSeconds.p99`, `pending.waitSeconds.p50`?",
    );
    refused(
        "latency < 5s",
        "unknown metric `latency`
  latency < 5s
  ^^^^^^^
help: docs/metrics.md lists all metrics",
    );
}

#[test]
fn the_baseline_exists_in_comparisons_only() {
    let error = Expression::parse("baseline.cost.totl > 5", Scope::Comparison).unwrap_err();
    assert_eq!(error.problem.help().unwrap(), "did you mean `baseline.cost.total`?");
    let error = Expression::parse("baseline.cost.total > 5", Scope::Run).unwrap_err();
    assert!(matches!(error.problem, Problem::UnknownMetric { .. }));
}

#[test]
fn units_that_do_not_fit_are_refused() {
    refused(
        "pending.waitSeconds.p99 <= 5%",
        "seconds and a share cannot be compared
  pending.waitSeconds.p99 <= 5%
  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
help: a bare number fits every unit; 30s is a time, 5% a share",
    );
    for (text, message) in [
        ("overflow.early > 5%", "count and a share cannot be compared"),
        ("cost.total + cost.perSecondMean > 1", "currency and currency/second cannot be added"),
        ("cost.total - traffic.requests > 1", "currency and requests cannot be subtracted"),
        ("1 / cost.perSecondMean > 5%", "seconds/currency and a share cannot be compared"),
        ("1 / pods.created > 5s", "1/count and seconds cannot be compared"),
    ] {
        let error = Expression::parse(text, Scope::Run).expect_err(text);
        assert_eq!(error.problem.to_string(), message);
    }
}

#[test]
fn errors_point_at_their_place() {
    for (text, column, message) in [
        ("cost.total", 1, "this is a number and no condition"),
        ("cost.total > ", 14, "expected a metric or a number, found the end"),
        ("", 1, "expected a metric or a number, found the end"),
        ("cost.total > (5 + 2", 20, "expected `)`, found the end"),
        ("cost.total > 5 6", 16, "expected an operator or the end, found `6`"),
        (
            "cost.total > 5parsecs",
            14,
            "\"5parsecs\" is not a number: write it like 5, 0.25, 30s, 1h30m or 5%",
        ),
        ("cost.total > 1.2.3", 14, "\"1.2.3\" is not a number: write it like 5, 0.25, 30s, 1h30m or 5%"),
        ("cost.total = 5", 12, "\"=\" is written \"==\" here"),
        ("cost.total > 5 && overflow.early > 1", 16, "\"&&\" is written \"and\" here"),
        ("cost.total ≤ 5", 12, "unexpected character '≤'"),
        ("1 < cost.total < 5", 16, "a comparison cannot be compared again: join two comparisons with `and`"),
        ("cost.total and overflow.early > 1", 1, "`and` joins conditions, and this is a number"),
        ("(cost.total > 1) + 2 > 1", 1, "this is a condition, and a number is needed"),
        ("cost.total / 0 > 1", 14, "this is always zero, and nothing can be divided by it"),
        ("1 < cost.total / -(3 - 3s)", 18, "this is always zero, and nothing can be divided by it"),
        ("not cost.total", 5, "`not` joins conditions, and this is a number"),
    ] {
        let error = Expression::parse(text, Scope::Run).expect_err(text);
        assert_eq!((error.column(), error.problem.to_string().as_str()), (column, message), "{text}");
    }
}

#[test]
fn deep_nesting_is_refused() {
    for (text, holds) in
        [("(", ")"), ("-", ""), ("not ", "")].map(|(open, close)| (open.repeat(100_000), close))
    {
        let error = Expression::parse(&format!("{text}1 > 0{holds}"), Scope::Run).unwrap_err();
        assert_eq!(error.problem, Problem::TooDeep);
    }
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "[a-z.0-9%<>=!&|()+*/ -≤]{0,40}") {
        if let Err(error) = Expression::parse(&text, Scope::Run) {
            prop_assert!(error.to_string().contains(&text));
        }
    }
}
