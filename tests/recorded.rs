//! Decisions recorded from Kubernetes' own code, reproduced: those of the project, and those of the folder that the
//! environment variable OVERSPILL_VECTORS names, in the same layout (decisions/, queue/, controllers/).
//!
//! Run it as `cargo test --release --test recorded -- --nocapture` to see what was compared.

#[path = "recorded/controllers.rs"]
mod controllers;
#[path = "recorded/decisions.rs"]
mod decisions;
#[path = "recorded/queue.rs"]
mod queue;
#[path = "recorded/vectors.rs"]
mod vectors;

use vectors::{folders, own};

#[test]
fn decisions_of_the_scheduler() {
    for folder in folders("decisions") {
        let (tally, differences) = decisions::check(&folder);
        println!("{}: {tally}", folder.display());
        vectors::assert_none(&differences);
        assert!(tally.case_count() >= 128, "only {} cases ran", tally.case_count());
        if own("decisions") == folder {
            assert_eq!((tally.case_count(), tally.attempts, tally.left_out), (324, 9774, 1));
        }
    }
}

#[test]
fn timelines_of_the_scheduling_queue() {
    for folder in folders("queue") {
        let (tally, differences) = queue::check(&folder);
        println!("{}: {tally}", folder.display());
        vectors::assert_none(&differences);
        assert!(tally.timelines > 0 && tally.cycles > 0 && tally.unknown.is_empty());
        if own("queue") == folder {
            assert_eq!((tally.timelines, tally.cycles), (75, 2065));
        }
    }
}

#[test]
fn hpa_metric_decisions() {
    for folder in folders("controllers") {
        let tally = controllers::check_hpa_metrics(&folder);
        println!("{}: h1: {tally}", folder.display());
        assert!(tally.compared > 0 && tally.left_out == 0);
        assert!(folder != own("controllers") || tally.compared == 600);
    }
}

#[test]
fn hpa_timelines() {
    for folder in folders("controllers") {
        let tally = controllers::check_hpa_timelines(&folder);
        println!("{}: h2: {tally}", folder.display());
        assert!(tally.compared > 0 && tally.left_out == 0);
        assert!(folder != own("controllers") || tally.compared == 1631);
    }
}

#[test]
fn replica_set_victims() {
    for folder in folders("controllers") {
        let tally = controllers::check_replica_sets(&folder);
        println!("{}: r1: {tally}", folder.display());
        assert!(tally.compared > 0);
        assert!(folder != own("controllers") || (tally.compared, tally.left_out) == (391, 9));
    }
}

/// A folder that no test reads would look covered and not be.
#[test]
fn every_recorded_folder_is_read() {
    for root in vectors::roots() {
        for folder in vectors::sub_folders(&root) {
            let covered = ["controllers", "decisions", "queue"].contains(&folder.as_str());
            println!(
                "{}/{folder}: {}",
                root.display(),
                if covered { "covered" } else { "left out: not covered yet" }
            );
        }
    }
}
