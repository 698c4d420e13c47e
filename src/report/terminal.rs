//! What `run` prints: the run in a few lines.

mod disturbances;

use std::fmt::Write as _;

use super::finding::{finding, virtual_name};
use super::number::{counted, decimal};
use super::record::Expectation;
use crate::expression::Verdict;
use crate::metric::{Overview, Summary, Unit, find};
use crate::units::Span;

/// The run in 25 lines or so: what overflowed and why, what waited, what it cost, and what became of the
/// expectations.
pub fn summary(title: &str, run: &Overview, expectations: &[Expectation]) -> String {
    let mut text = format!("{title}: {}\n\n", finding(run));
    for (name, words) in lines(run) {
        let words = words.replace('\n', &format!("\n  {:<10}", ""));
        let _ = writeln!(text, "  {name:<10}{words}");
    }
    if !expectations.is_empty() {
        text.push('\n');
        text.push_str(&expected(expectations));
    }
    text
}

/// What there is to say of a run, by name, with line breaks where there are several things.
pub(super) fn lines(run: &Overview) -> Vec<(&'static str, String)> {
    let (figures, horizon) = (&run.summary, run.horizon);
    let is_there = |path: &str| figures.get(path).is_some();
    let pods = [
        ("pods", Some(pods(figures))),
        ("jobs", is_there("jobs.created").then(|| jobs(figures))),
        ("overflow", Some(overflow(figures))),
        ("pending", Some(pending(figures))),
        ("ready", Some(ready(figures))),
        ("held up", held_up(figures)),
        ("traffic", (figures.number("traffic.requests") > 0.0).then(|| traffic(figures))),
        ("latency", is_there("traffic.latencySeconds.mean").then(|| latency(figures))),
        ("failures", failures(figures)),
    ];
    let money = [
        ("cost", Some(format!("{} in {}", cost(figures, virtual_name(run)), horizon.rounded()))),
        ("", Some(rates(figures))),
        ("", per_month(figures)),
    ];
    let disturbances = disturbances::lines(figures).map(|(name, words)| (name, Some(words)));
    let lines = pods.into_iter().chain(disturbances).chain(money);
    lines.filter_map(|(name, words)| Some((name, words?))).collect()
}

/// The run in one line below a title: waits, cost, traffic.
pub(super) fn in_short(summary: &Summary) -> String {
    let mut parts: Vec<String> = readiness(summary).into_iter().collect();
    let money = format!("{} {}", amount(summary.number("cost.total")), summary.currency());
    parts.push(format!("{money}, {} of it idle ECS", percent_of(summary, "cost.idleEcs", "cost.total")));
    parts.join(" · ")
}

/// How long pods took to be ready. Where the quantile fell on a pod that never was, it is a lower bound and no promise.
fn readiness(summary: &Summary) -> Option<String> {
    const P99: &str = "ready.waitSeconds.p99";
    let wait = seconds(summary.get(P99)?.number);
    let created = summary.number("pods.created");
    let never = summary.number("ready.waitSeconds.censored");
    Some(match (summary.is_censored(P99), created - never) {
        (false, _) => format!("99 % of pods ready within {wait}"),
        (true, ready) if ready < 1.0 => format!("0 of {} became ready", counted(created as usize, "pod")),
        (true, _) => format!("p99 until ready ≥ {wait}"),
    })
}

fn per_month(figures: &Summary) -> Option<String> {
    let month = figures.get("cost.perMonth")?;
    Some(format!("{} {} a month", amount(month.number), figures.currency()))
}

fn pods(figures: &Summary) -> String {
    let mut text =
        format!("{} created, {} scheduled", whole(figures, "pods.created"), whole(figures, "pods.scheduled"));
    for (path, words) in [
        ("pods.completed", "completed"),
        ("pods.preempted", "preempted"),
        ("pods.reclaimed", "taken back"),
        ("pods.pendingAtEnd", "pending at the end"),
    ] {
        if figures.number(path) > 0.0 {
            let _ = write!(text, ", {} {words}", whole(figures, path));
        }
    }
    text
}

fn jobs(figures: &Summary) -> String {
    let mut text = format!("{} created", whole(figures, "jobs.created"));
    for (path, words) in [
        ("jobs.completed", "complete"),
        ("jobs.failed", "failed"),
        ("jobs.unfinishedAtEnd", "not finished at the end"),
    ] {
        if figures.number(path) > 0.0 {
            let _ = write!(text, ", {} {words}", whole(figures, path));
        }
    }
    text
}

fn overflow(figures: &Summary) -> String {
    let Some(first) = figures.get("overflow.firstAtSeconds") else { return "none".to_owned() };
    let mut text = format!(
        "{}, {}",
        counted(figures.number("overflow.pods") as usize, "pod"),
        percent(figures.number("overflow.share"))
    );
    let reasons = [
        ("overflow.early", "early: ECS had room and was outscored"),
        ("overflow.full", "full: no ECS node had room"),
        ("overflow.directed", "directed: the pods ask for it"),
        ("overflow.excluded", "excluded: no ECS node was eligible"),
    ];
    let _ = write!(text, ", the first at {}", Span::from_secs_f64(first.number).rounded());
    for (path, words) in reasons.into_iter().filter(|(path, _)| figures.number(path) > 0.0) {
        let _ = write!(text, "\n{:>5} {words}", whole(figures, path));
    }
    text
}

fn pending(figures: &Summary) -> String {
    format!("{}; at most {} at once", waits(figures, "pending"), whole(figures, "pending.peak"))
}

fn ready(figures: &Summary) -> String {
    format!("{}; at most {} starting at once", waits(figures, "ready"), whole(figures, "starting.peak"))
}

/// What kept ECI instances from being created, and of how many pods.
fn held_up(figures: &Summary) -> Option<String> {
    let reasons = [
        ("starting.heldUp.quota", "by the vCPU quota"),
        ("starting.heldUp.stock", "by stock"),
        ("starting.heldUp.address", "by addresses of the vSwitch"),
        ("starting.heldUp.creationRate", "by the rate limit of creation"),
    ];
    let there = reasons.into_iter().filter(|(path, _)| figures.number(path) > 0.0);
    let words: Vec<_> = there
        .map(|(path, words)| format!("{} {words}", counted(figures.number(path) as usize, "pod")))
        .collect();
    (!words.is_empty()).then(|| words.join(", "))
}

/// Quantiles of a wait; those that fell on a pod which still waits are lower bounds.
fn waits(figures: &Summary, group: &str) -> String {
    let quantile = |name: &str| {
        let path = format!("{group}.waitSeconds.{name}");
        let value = figures.get(&path)?;
        let bound = if figures.is_censored(&path) { "≥ " } else { "" };
        Some(format!("{name} {bound}{}", seconds(value.number)))
    };
    let quantiles: Vec<String> = ["p50", "p95", "p99", "max"].into_iter().filter_map(quantile).collect();
    if quantiles.is_empty() { "no waits".to_owned() } else { format!("wait {}", quantiles.join(", ")) }
}

fn traffic(figures: &Summary) -> String {
    let (requests, unserved) = (figures.number("traffic.requests"), figures.number("traffic.unserved"));
    let share = percent(figures.number("traffic.unservedShare"));
    format!("{} requests, {} unserved ({share})", grouped(requests), grouped(unserved))
}

/// How often nodes failed, and what that did; `None` of a run without failures.
fn failures(figures: &Summary) -> Option<String> {
    figures.get("failures.nodes")?;
    let nodes = figures.number("failures.nodes") as usize;
    let mut text = format!("{} down", counted(nodes, "node"));
    for (path, words) in
        [("failures.evictedPods", "evicted"), ("failures.lostPods", "lost with what they ran on")]
    {
        if figures.number(path) > 0.0 {
            let _ = write!(text, ", {} {words}", counted(figures.number(path) as usize, "pod"));
        }
    }
    if figures.number("failures.unserved") > 0.0 {
        let _ = write!(text, ", {} requests to dead pods", grouped(figures.number("failures.unserved")));
    }
    Some(text)
}

/// How long requests took that were served.
fn latency(figures: &Summary) -> String {
    let figure = |name: &str| {
        let value = figures.get(&format!("traffic.latencySeconds.{name}"))?.number;
        Some(format!("{name} {}", if value < 1.0 { millis(value) } else { seconds(value) }))
    };
    let figures: Vec<String> = ["mean", "p50", "p95", "p99", "max"].into_iter().filter_map(figure).collect();
    figures.join(", ")
}

/// Less than a second in milliseconds.
fn millis(seconds: f64) -> String {
    let places = if seconds < 0.01 { 2 } else { 1 };
    format!("{} ms", short(seconds * 1000.0, places))
}

fn cost(figures: &Summary, there: &str) -> String {
    let part = |path| amount(figures.number(path));
    let idle = percent_of(figures, "cost.idleEcs", "cost.ecs");
    let fee = figures.number("cost.cluster");
    let cluster = if fee > 0.0 { format!(", cluster {}", amount(fee)) } else { String::new() };
    format!(
        "{} {}: ECS {} ({idle} idle), {there} {}{cluster}",
        part("cost.total"),
        figures.currency(),
        part("cost.ecs"),
        part("cost.virtual"),
    )
}

fn rates(figures: &Summary) -> String {
    let rate = |path| decimal_of(figures.number(path));
    let (mean, peak) = (rate("cost.perSecondMean"), rate("cost.perSecondPeak"));
    format!("{mean} {} per second on average, {peak} at most", figures.currency())
}

/// How many expectations hold, and the first of them with what was measured; those that fail come first.
fn expected(expectations: &[Expectation]) -> String {
    const SHOWN: usize = 10;
    let mut text = format!("  {}\n", held(expectations));
    for one in failing_first(expectations).take(SHOWN) {
        let _ =
            writeln!(text, "  {} {}   ({})", mark(one.verdict.holds), one.expression, measured(&one.verdict));
    }
    if expectations.len() > SHOWN {
        let _ = writeln!(text, "    and {} more, in expectations.json", expectations.len() - SHOWN);
    }
    text
}

/// How many expectations hold.
pub(super) fn held(expectations: &[Expectation]) -> String {
    let (held, total) = (expectations.iter().filter(|one| one.verdict.holds).count(), expectations.len());
    let verb = if held == 1 || total == 1 { "holds" } else { "hold" };
    format!("{held} of {} {verb}", counted(total, "expectation"))
}

/// Those that fail, and then those that hold.
pub(super) fn failing_first(expectations: &[Expectation]) -> impl Iterator<Item = &Expectation> {
    let (holding, failing): (Vec<_>, Vec<_>) = expectations.iter().partition(|one| one.verdict.holds);
    failing.into_iter().chain(holding)
}

/// What stands before an expectation that holds, or does not.
pub(crate) const fn mark(holds: bool) -> char {
    if holds { '✓' } else { '✗' }
}

/// What a condition was judged by.
pub(super) fn measured(verdict: &Verdict) -> String {
    let measured =
        verdict.measured.iter().map(|(path, number)| format!("{path} = {}", figure(path, *number)));
    let undefined = verdict.undefined.iter().map(|quotient| format!("{quotient} divides by zero"));
    measured.chain(undefined).collect::<Vec<_>>().join(", ")
}

/// A figure with its unit.
pub(crate) fn figure(path: &str, number: Option<f64>) -> String {
    let Some(number) = number else { return "no value".to_owned() };
    match find(path.trim_start_matches("baseline.")).map(|metric| metric.unit) {
        Some(Unit::Seconds) => seconds(number),
        Some(Unit::Share) => percent(number),
        _ => decimal(number),
    }
}

fn whole(figures: &Summary, path: &str) -> String {
    grouped(figures.number(path))
}

/// A whole number with a space between thousands, as ISO 80000-1 has it.
pub(super) fn grouped(number: f64) -> String {
    let digits = format!("{:.0}", number.abs());
    let mut text = String::from(if number <= -0.5 { "-" } else { "" });
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

/// A time as people say it: `0.4 s`, `95 s`, `12.5 min`, `3.2 h`.
pub(super) fn seconds(number: f64) -> String {
    match number {
        s if s < 10.0 => format!("{} s", short(s, 2)),
        s if s < 120.0 => format!("{} s", short(s, 1)),
        s if s < 7200.0 => format!("{} min", short(s / 60.0, 1)),
        s => format!("{} h", short(s / 3600.0, 1)),
    }
}

/// A share in percent, with one place below ten.
pub(super) fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if percent > 0.0 && percent < 0.05 {
        return "less than 0.1 %".to_owned();
    }
    format!("{} %", short(percent, usize::from(percent < 10.0)))
}

pub(super) fn percent_of(figures: &Summary, part: &str, whole: &str) -> String {
    let whole = figures.number(whole);
    percent(if whole > 0.0 { figures.number(part) / whole } else { 0.0 })
}

/// Money with two places, or as many as show something of small amounts.
pub(super) fn amount(number: f64) -> String {
    if number.abs() >= 0.1 || number.abs() < 1e-9 { format!("{number:.2}") } else { decimal_of(number) }
}

/// Three significant digits.
fn decimal_of(number: f64) -> String {
    let places = (1..12).find(|&places| number.abs() * 10_f64.powi(places) >= 100.0).unwrap_or(12);
    short(number, places as usize)
}

/// At most this many places, without zeros at the end.
fn short(number: f64, places: usize) -> String {
    let digits = format!("{number:.places$}");
    if places == 0 { digits } else { digits.trim_end_matches('0').trim_end_matches('.').to_owned() }
}
