//! What means nothing to the scheduler changes nothing: names of nodes, labels and annotations that nobody selects by,
//! tolerations of taints that no node has.

use std::collections::BTreeMap;

use overspill::object::{Effect, Labels, Toleration};
use overspill::simulation::one_shot::Report;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::case::{Case, any_case, named, node_name};
use crate::tried;

/// What was said of one pod, with nodes by their numbers.
#[derive(Debug, PartialEq)]
struct Decision {
    chosen: Option<usize>,
    totals: BTreeMap<usize, i64>,
    failure: Option<String>,
}

/// What was said of every pod that came.
fn decisions(case: &Case, report: &Report) -> Vec<Decision> {
    let number = |name: &String| {
        case.nodes.iter().position(|node| node.name() == name).expect("the report names nodes of the case")
    };
    let of = |record: &overspill::simulation::one_shot::AttemptRecord| Decision {
        chosen: record.chosen.as_ref().map(number),
        totals: record.total.iter().map(|(name, &total)| (number(name), total)).collect(),
        failure: record.fit_error.as_ref().map(|error| error.full.clone()),
    };
    report.results.iter().map(of).collect()
}

/// How many pods nodes have in the end, fewest first.
fn pods_per_node(report: &Report) -> Vec<usize> {
    let mut counts: Vec<_> = report.usage.values().map(|usage| usage.pods.len()).collect();
    counts.sort_unstable();
    counts
}

/// Six names in any order.
fn any_names() -> impl Strategy<Value = Vec<String>> {
    Just((0..6).map(node_name).collect::<Vec<_>>()).prop_shuffle()
}

/// Labels that no selector of a case looks at.
fn any_marks() -> impl Strategy<Value = Vec<(String, String)>> {
    let mark = (0..4_u8, "[a-z]{0,3}").prop_map(|(number, value)| (format!("mark.example/{number}"), value));
    prop::collection::vec(mark, 0..4)
}

fn mark(labels: &mut Labels, marks: &[(String, String)]) {
    for (key, value) in marks {
        labels.set(key.clone(), value.clone());
    }
}

/// A toleration of a taint that no node of a case has: of another key, or of the right key and another value.
fn any_idle_toleration() -> impl Strategy<Value = Toleration> {
    let wide =
        (any::<bool>(), "[a-z]{0,3}").prop_map(|(exists, value)| ("nobody.example/taint", exists, value));
    let near = Just(("dedicated", false, "no".to_owned()));
    let effects =
        select(vec![None, Some(Effect::NoSchedule), Some(Effect::PreferNoSchedule), Some(Effect::NoExecute)]);
    (prop_oneof![wide, near], effects).prop_map(|((key, exists, value), effect)| Toleration {
        key: key.to_owned(),
        exists,
        value,
        effect,
        seconds: None,
    })
}

proptest! {
    #![proptest_config(tried(64))]

    /// Ties are drawn by place in the node order, so that the very same nodes are chosen; by name the law would not
    /// hold.
    #[test]
    fn renaming_the_nodes_changes_no_decision_and_no_count(case in any_case(), names in any_names()) {
        let mut renamed = case.clone();
        for (node, name) in renamed.nodes.iter_mut().zip(&names) {
            *node = named(node.clone(), name);
        }
        for pod in &mut renamed.placed {
            let was = case.nodes.iter().position(|node| Some(node.name()) == pod.node.as_deref());
            pod.node = was.map(|number| names[number].clone());
        }
        let (before, after) = (case.run(), renamed.run());
        prop_assert_eq!(decisions(&case, &before), decisions(&renamed, &after));
        prop_assert_eq!(pods_per_node(&before), pods_per_node(&after));
    }

    /// Each object gets marks of its own, so that pods which were of one class are told apart.
    #[test]
    fn labels_and_annotations_that_nobody_selects_by_change_nothing(
        case in any_case(),
        marks in prop::collection::vec(any_marks(), 32),
    ) {
        let mut marked = case.clone();
        let mut marks = marks.iter().cycle();
        let mut next = || marks.next().expect("the marks go round");
        for node in &mut marked.nodes {
            mark(&mut node.0.labels, next());
            mark(&mut node.0.annotations, next());
        }
        for pod in marked.pods_mut() {
            mark(&mut pod.rest.labels, next());
            mark(&mut pod.rest.annotations, next());
        }
        prop_assert_eq!(marked.run().results, case.run().results);
    }

    #[test]
    fn a_toleration_that_matches_no_taint_changes_nothing(
        case in any_case(),
        tolerations in prop::collection::vec((any_idle_toleration(), any::<Index>()), 20),
    ) {
        let mut tolerant = case.clone();
        for (pod, (toleration, place)) in tolerant.pods_mut().zip(&tolerations) {
            let list = &mut pod.rest.tolerations;
            list.insert(place.index(list.len() + 1), toleration.clone());
        }
        prop_assert_eq!(tolerant.run().results, case.run().results);
    }
}
