//! The cached evaluator against the reference: the same node, the same ties, as many nodes looked at, step by step, while
//! nodes and pods come, go and change.

#[path = "build/node.rs"]
#[allow(dead_code, reason = "words for nodes are shared with other tests")]
mod node;
#[path = "build/pod.rs"]
#[allow(dead_code, reason = "words for pods are shared with other tests")]
mod pod;
#[path = "evaluators/steps.rs"]
mod steps;
#[path = "build/world.rs"]
#[allow(dead_code, reason = "words for clusters are shared with other tests")]
mod world;

use overspill::scheduler::Reached;
use steps::{Course, Size};

/// What all courses came by, added up.
#[derive(Default)]
struct All {
    reached: Vec<Reached>,
    nominated: usize,
    removed_at_start: usize,
    late_classes: usize,
    attempts: usize,
}

impl All {
    fn run(&mut self, seeds: std::ops::Range<u64>, size: Size, steps: usize) {
        for seed in seeds {
            let mut course = Course::new(seed, size);
            (0..steps).for_each(|_| course.step());
            self.reached.push(course.reached());
            self.nominated += course.nominated;
            self.removed_at_start += course.removed_at_start;
            self.late_classes += course.late_classes;
            self.attempts += course.attempts;
        }
    }

    fn sum(&self, of: impl Fn(&Reached) -> u64) -> u64 {
        self.reached.iter().map(of).sum()
    }
}

#[test]
fn decisions_are_the_same_in_small_clusters_under_all_profiles() {
    let mut all = All::default();
    all.run(0..60, Size::Small, 120);
    assert!(all.attempts > 2_000, "{}", all.attempts);
    assert!(all.sum(|reached| reached.tied) > 100);
    assert!(all.sum(|reached| reached.keys_changed) > 100);
    assert!(all.sum(|reached| reached.direct_filters) > 50);
    assert!(all.sum(|reached| reached.direct_scores) > 50);
    assert!(all.nominated > 5, "{}", all.nominated);
    assert!(all.removed_at_start > 5, "{}", all.removed_at_start);
    assert!(all.late_classes > 100, "{}", all.late_classes);
}

#[test]
fn decisions_are_the_same_where_not_all_nodes_are_looked_at() {
    let mut all = All::default();
    all.run(100..112, Size::Sampled, 250);
    assert!(all.sum(|reached| reached.wrapped) > 50);
    assert!(all.sum(|reached| reached.stopped) > 500);
    assert!(all.sum(|reached| reached.tied) > 100);
}

#[test]
fn decisions_are_the_same_where_codes_run_out() {
    let mut all = All::default();
    all.run(200..203, Size::ManyDomains, 150);
    assert!(all.sum(|reached| reached.codes_ran_out) > 0);
}
