use std::collections::BTreeSet;

use serde_json::Value;

use crate::expression::{Expression, Scope};
use crate::metric::{Overview, groups};
use crate::report::record::{Expectation, InputFile, Provenance, RunRecord};
use crate::report::sample::gateway_spike_into;
use crate::report::{Gathered, decimal};

const HOSTILE: &str = "spike </script><script>alert(1)</script> & \"co\"";

fn page_of(title: &str) -> (Overview, String) {
    let (run, gathered) = gateway_spike_into(Gathered::new(true));
    let provenance = Provenance {
        version: "0.1.0".to_owned(),
        scenario: title.to_owned(),
        variant: None,
        seed: 7,
        trace_hash: 0xdead_beef,
        scenario_file: "scenario.yaml".to_owned(),
    };
    let judged = |text: &str| {
        let expression = Expression::parse(text, Scope::Run).unwrap();
        let verdict = expression.judge(&|path| run.summary.get(path).map(|value| value.number));
        Expectation { expression: text.to_owned(), verdict }
    };
    let expectations = ["overflow.early > 0", "pods.created < 3"].map(judged);
    let text = format!("# Covers: {title}\nkind: Scenario\n");
    let inputs = [InputFile { name: "scenario.yaml".to_owned(), bytes: text.into_bytes() }];
    let record = RunRecord {
        overview: &run,
        gathered: &gathered,
        provenance: &provenance,
        expectations: &expectations,
        inputs: &inputs,
    };
    let html = super::run::page(&record).html();
    (run, html)
}

/// The elements of a page in order, `(name, attributes)`; an end has no attributes and a name with a slash. What is
/// inside scripts and styles is left out.
fn elements(html: &str) -> Vec<(String, &str)> {
    let mut found = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        let (tag, after) = rest[at + 1..].split_once('>').expect("a tag ends");
        let (name, attributes) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
        found.push((name.trim_end_matches('/').to_owned(), attributes));
        rest = after;
        if matches!(name, "script" | "style") {
            rest = &rest[rest.find(&format!("</{name}>")).expect("it ends")..];
        }
    }
    found
}

fn attribute<'h>(attributes: &'h str, name: &str) -> Option<&'h str> {
    let (_, rest) = attributes.split_once(&format!("{name}=\""))?;
    rest.split_once('"').map(|(value, _)| value)
}

#[test]
fn every_element_that_begins_ends_in_its_place() {
    let (_, html) = page_of("gateway-spike");
    let mut open: Vec<String> = Vec::new();
    for (name, attributes) in elements(&html) {
        match name.strip_prefix('/') {
            Some(end) => assert_eq!(open.pop().as_deref(), Some(end)),
            None if matches!(name.as_str(), "!DOCTYPE" | "meta") || attributes.ends_with('/') => {}
            None => open.push(name),
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

#[test]
fn a_page_asks_for_nothing() {
    let (_, html) = page_of("gateway-spike");
    assert!(
        html.contains(
            "content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'\""
        )
    );
    for (name, attributes) in elements(&html) {
        assert!(!matches!(name.as_str(), "link" | "img" | "iframe" | "object" | "base" | "form"), "{name}");
        for loads in ["src", "srcset", "action", "xlink:href"] {
            assert_eq!(attribute(attributes, loads), None, "{name} {attributes}");
        }
        assert!(attribute(attributes, "href").is_none_or(|href| href.starts_with('#')), "{attributes}");
    }
    let style = html.split_once("<style>").unwrap().1.split_once("</style>").unwrap().0;
    assert!(!style.contains("url(") && !style.contains("@import"));
}

#[test]
fn names_are_escaped_wherever_they_stand() {
    let (_, plain) = page_of("spike");
    let (_, html) = page_of(HOSTILE);
    let scripts = |html: &str| elements(html).iter().filter(|(name, _)| name == "script").count();
    assert_eq!(scripts(&html), scripts(&plain));
    assert!(html.contains("<title>spike &lt;"));
    assert!(!html.contains("alert(1)</script>"));
}

#[test]
fn charts_hold_their_data_as_json() {
    let (run, html) = page_of("gateway-spike");
    let (_, rest) = html.split_once("<script type=\"application/json\">").unwrap();
    let data: Value = serde_json::from_str(rest.split_once("</script>").unwrap().0).unwrap();
    assert_eq!(data["end"], 7200);
    assert_eq!(data["times"].as_array().unwrap().len(), run.timeline.len() - 1);
    let pods = &data["panels"][1]["layers"];
    let at = |place: usize, layer: usize| pods[layer]["values"][place].as_u64().unwrap();
    for (place, row) in run.timeline.iter().enumerate().take(run.timeline.len() - 1) {
        assert_eq!((at(place, 0), at(place, 1)), (row.pods_ecs, row.pods_virtual_early), "{place}");
    }
    let tricky = super::charts::embedded(&Value::from("</script>&"));
    assert_eq!(tricky, r#""\u003c/script\u003e\u0026""#);
}

#[test]
fn the_page_shows_every_figure_as_summary_json_has_it() {
    let (run, html) = page_of("gateway-spike");
    let mut shown = BTreeSet::new();
    for (_, attributes) in elements(&html) {
        let Some(path) = attribute(attributes, "data-metric") else { continue };
        let expected = run.summary.get(path).map(|value| decimal(value.number));
        assert_eq!(attribute(attributes, "data-value"), expected.as_deref(), "{path}");
        shown.insert(path);
    }
    let all = groups().iter().flat_map(|group| group.metrics).map(|metric| metric.path);
    assert_eq!(shown, all.filter(|path| run.summary.has(path)).collect());
}

/// Every pod is at one place and of one workload.
#[test]
fn where_pods_landed_adds_up_to_the_figures() {
    let (run, gathered) = gateway_spike_into(Gathered::new(true));
    let whole = |path| run.summary.number(path) as u64;
    let workloads = gathered.landed.workloads(9);
    let of_workloads = workloads.told.iter().map(|(_, counts)| *counts);
    let of_places = gathered.landed.places().iter().map(|place| place.pods);
    assert!(workloads.others.is_none() && of_places.len() == 2, "the pool and the virtual node");
    for counts in [of_workloads.collect::<Vec<_>>(), of_places.collect()] {
        let sum = |of: fn(&crate::report::gathered::Counts) -> u64| counts.iter().map(of).sum::<u64>();
        assert_eq!(sum(|one| one.ecs + one.on_virtual()), whole("pods.scheduled"));
        assert_eq!(sum(|one| one.early), whole("overflow.early"));
        assert_eq!(sum(|one| one.full), whole("overflow.full"));
        assert_eq!(
            counts.iter().map(|one| one.cost.0).sum::<i128>(),
            (run.summary.number("cost.virtual") * 1e6).round() as i128
        );
    }
    let nodes = gathered.landed.places().iter().map(|place| place.cost.0).sum::<i128>();
    assert_eq!(nodes, (run.summary.number("cost.ecs") * 1e6).round() as i128);
}

#[test]
fn a_page_can_be_read_aloud_and_walked_by_keyboard() {
    let (_, html) = page_of("gateway-spike");
    assert!(html.contains("<html lang=\"en\">") && html.contains("name=\"viewport\""));
    let elements = elements(&html);
    let count = |wanted: &str| elements.iter().filter(|(name, _)| name == wanted).count();
    assert_eq!((count("h1"), count("main"), count("header")), (1, 1, 1));
    assert_eq!(count("table"), count("caption"));
    assert!(elements.iter().filter(|(name, _)| name == "th").all(|(_, of)| attribute(of, "scope").is_some()));
    let ids: Vec<&str> = elements.iter().filter_map(|(_, of)| attribute(of, "id")).collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "ids are unique: {ids:?}");
    let targets = elements.iter().filter_map(|(_, of)| attribute(of, "href")?.strip_prefix('#'));
    for target in targets.chain(elements.iter().filter_map(|(_, of)| attribute(of, "aria-labelledby"))) {
        assert!(ids.contains(&target), "{target}");
    }
    let pictures = elements.iter().filter(|(name, _)| name == "svg");
    assert!(pictures.clone().all(|(_, of)| attribute(of, "role") == Some("img")) && pictures.count() >= 5);
}

#[test]
fn a_page_is_the_same_bytes_each_time_and_of_modest_size() {
    let (_, html) = page_of("gateway-spike");
    assert_eq!(html, page_of("gateway-spike").1);
    assert!(html.len() < 400_000, "{} bytes", html.len());
}

#[test]
fn expectations_that_fail_come_first() {
    let (_, html) = page_of("gateway-spike");
    let fails = html.find("<strong>fails</strong> <code>pods.created &lt; 3</code>").unwrap();
    assert!(fails < html.find("<strong>holds</strong> <code>overflow.early &gt; 0</code>").unwrap());
}

#[test]
fn a_run_in_which_nothing_happens_has_a_page() {
    let settings = crate::metric::Settings {
        is_representative: false,
        horizon: crate::units::SimTime::ZERO,
        sample_every: crate::units::Span::from_secs(1),
        currency: "USD".to_owned(),
    };
    let (run, _) = crate::metric::Observer::new(settings).finish();
    let provenance = Provenance {
        version: String::new(),
        scenario: "empty".to_owned(),
        variant: None,
        seed: 0,
        trace_hash: 0,
        scenario_file: "scenario.yaml".to_owned(),
    };
    let gathered = Gathered::new(true);
    let record = RunRecord {
        overview: &run,
        gathered: &gathered,
        provenance: &provenance,
        expectations: &[],
        inputs: &[],
    };
    let html = super::run::page(&record).html();
    assert!(html.contains("<h1>No pods</h1>") && !html.contains("NaN"));
}
