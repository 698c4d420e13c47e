//! From rows as they are written to pods of a run.

use overspill_manifest::{Diagnostic, Source};

use super::classes::amount;
use super::rows::{Classes, push_name};
use super::*;
use crate::arrivals::TraceEnd;

const SECOND: i64 = 1_000_000_000;

fn given(yaml: &str) -> file::PodTrace {
    let source = Source::new("trace.yaml", format!("trace: {yaml}"));
    let value = overspill_manifest::read_data(&source).unwrap().value["trace"].clone();
    overspill_manifest::decode_value(&value, overspill_manifest::Rules::default()).into_result().unwrap()
}

/// Columns t (created), d (deleted) or l (lifetime), n (name), a (app), c (cpu), m (memory).
fn columns(given: &file::PodTrace) -> Columns<'_> {
    Columns {
        create: Some(0),
        end: Some(1),
        cpu: Some(4),
        memory: Some(5),
        gpu: None,
        app: Some(3),
        name: Some(2),
        filter: given.filter.values().map(|texts| (3, texts)).collect(),
    }
}

fn read(given: &file::PodTrace, rows: &str) -> Result<Rows, Vec<Diagnostic>> {
    let source = Source::new("t.csv", format!("t,d,n,a,c,m\n{rows}"));
    Rows::read(&source, &columns(given), given)
}

fn window(from: i64, to: i64) -> Window {
    Window { from: from * SECOND, to, start: SimTime::from_secs(100), scale: 1.0 }
}

/// What is left of rows: name, when it comes in seconds, and how it ends.
fn pods(rows: &Rows, window: Window, lifetimes: bool) -> Vec<(String, u64, TraceEnd)> {
    let (names, classes) = (rows.names.clone(), Classes::default());
    let (clock, earliest) = (rows.clock, rows.earliest);
    let trace = within(Rows { all: rows.all.clone(), names, classes, clock, earliest }, window, lifetimes);
    let shown = |pod| (trace.name(pod).to_owned(), pod.created.whole_secs(), trace.end(pod));
    trace.pods().iter().map(shown).collect()
}

const DELETIONS: &str = "{file: t.csv, create: t, delete: d}";
const LIFETIMES: &str = "{file: t.csv, create: t, lifetime: d}";

/// rule: pod-trace-start
#[test]
fn pods_of_before_are_there_when_the_part_begins() {
    let given = given(DELETIONS);
    let rows =
        read(&given, "50,,late,x,1,1\n,,old,x,1,1\n5,20,gone,x,1,1\n10,30,lives,x,1,1\n,25,ends,x,1,1\n")
            .unwrap();
    assert_eq!(rows.earliest, 5 * SECOND);
    let deleted = |seconds| TraceEnd::Deleted(SimTime::from_secs(seconds));
    let name = |name: &str| name.to_owned();
    assert_eq!(
        pods(&rows, window(20, i64::MAX), false),
        [
            (name("old"), 100, TraceEnd::Stays),
            (name("lives"), 100, deleted(110)),
            (name("ends"), 100, deleted(105)),
            (name("late"), 130, TraceEnd::Stays),
        ]
    );
    assert_eq!(pods(&rows, window(20, 50 * SECOND), false).len(), 3, "the end of a part is not in it");
}

/// rule: pod-trace-end
#[test]
fn lifetimes_count_from_creation_and_shrink_by_what_was_before() {
    let given = given(LIFETIMES);
    let rows = read(&given, "0,100,long,x,1,1\n,40,old,x,1,1\n0,5,over,x,1,1\n30,1m,new,x,1,1\n").unwrap();
    let after = |seconds| TraceEnd::After(Span::from_secs(seconds));
    let name = |name: &str| name.to_owned();
    assert_eq!(
        pods(&rows, window(10, i64::MAX), true),
        [(name("long"), 100, after(90)), (name("old"), 100, after(40)), (name("new"), 120, after(60))]
    );
    let fast = Window { scale: 0.5, ..window(10, i64::MAX) };
    assert_eq!(pods(&rows, fast, true)[2], (name("new"), 110, after(30)));
}

#[test]
fn rows_are_used_that_have_one_of_the_texts() {
    let given = given("{file: t.csv, where: {a: [x, z]}}");
    let rows = read(&given, "0,,p,x,1,1\n0,,q,y,1,1\n0,,r,z,1,1\n").unwrap();
    assert_eq!(rows.all.iter().map(|row| rows.name(row)).collect::<Vec<_>>(), ["p", "r"]);
}

#[test]
fn what_requests_the_same_is_kept_once() {
    let given = given(DELETIONS);
    let rows = read(&given, "0,,p,x,1,1\n0,,q,x,1,1\n0,,r,x,2,1\n0,,s,,1,1\n").unwrap();
    assert_eq!(rows.all.iter().map(|row| row.class).collect::<Vec<_>>(), [0, 0, 1, 2]);
    assert_eq!(rows.classes.apps().iter().map(|app| &**app).collect::<Vec<_>>(), ["x", "x", ""]);
}

#[test]
fn names_become_ones_that_kubernetes_takes_and_no_two_are_alike() {
    let given = given(DELETIONS);
    let rows = read(&given, "0,,Pod_1,x,1,1\n0,,pod-1,x,1,1\n0,,,x,1,1\n0,,__,x,1,1\n").unwrap();
    assert_eq!(rows.all.iter().map(|row| rows.name(row)).collect::<Vec<_>>(), ["pod-1", "pod-1-2", "", ""]);
    let mut name = String::new();
    push_name(&mut name, &"x".repeat(400));
    assert_eq!(name.len(), 253);
}

#[test]
fn amounts_are_quantities_or_numbers_of_a_unit() {
    let bytes = |text: &str, unit: &str| amount(text, unit).map(|amount| amount.to_string());
    assert_eq!(bytes("120.0", "Gi").as_deref(), Some("128849018880"));
    assert_eq!(bytes("64Mi", "Gi").as_deref(), Some("67108864"));
    assert_eq!(bytes("500", "m").as_deref(), Some("500m"));
    assert_eq!(bytes("0.5", "").as_deref(), Some("500m"));
    assert_eq!(amount("-1", ""), None);
    assert_eq!(amount("much", ""), None);
}

#[test]
fn every_bad_cell_is_told_at_its_place() {
    let given = given(DELETIONS);
    let problems = read(&given, "0,,p,x,1,1\nnever,,q,x,1,1\n9,3,r,x,1,1\n1,2,s,x,lots,1\n1,2,t,a b,1,1\n")
        .err()
        .unwrap();
    let told: Vec<String> = problems
        .iter()
        .map(|one| {
            let at = one.place.as_ref().and_then(|place| place.position).unwrap();
            format!("{}:{} {}", at.line, at.column, one.message)
        })
        .collect();
    assert_eq!(told.len(), 4, "{told:?}");
    assert_eq!(told[0], "3:1 \"never\" is not an instant");
    assert_eq!(told[1], "4:3 the pod is deleted before it is created");
    assert_eq!(told[2], "5:9 \"lots\" is not an amount of cpu");
    assert!(told[3].starts_with("6:7 \"a b\" cannot be the value of a label"), "{}", told[3]);
}
