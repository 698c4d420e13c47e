//! Quirks of kube-scheduler v1.34.1 that overspill reproduces on purpose, each in a test that says so.
//!
//! They were read in upstream's source and seen in its recorded decisions; where one of them looks like a mistake it is
//! upstream's. Quirks of the scheduling queue are tested beside it. Those that a test beside the code proves are not
//! proved again here: [`PROVED_BESIDE_THE_CODE`] lists them.

#[path = "quirks/affinity.rs"]
mod affinity;
#[path = "quirks/filters.rs"]
mod filters;
#[path = "build/node.rs"]
#[allow(dead_code, reason = "words for nodes are shared with the tests of laws")]
mod node;
#[path = "build/pod.rs"]
#[allow(dead_code, reason = "words for pods are shared with the tests of laws")]
mod pod;
#[path = "quirks/preemption.rs"]
mod preemption;
#[path = "quirks/scores.rs"]
mod scores;
#[path = "quirks/search.rs"]
mod search;
#[path = "quirks/spreading.rs"]
mod spreading;
#[path = "build/world.rs"]
#[allow(dead_code, reason = "words for clusters are shared with the tests of laws")]
mod world;

use std::fs;
use std::path::Path;

/// What surprises, the file below src, and the test in it.
const PROVED_BESIDE_THE_CODE: [(&str, &str, &str); 17] = [
    (
        "an image has everywhere the size that the first node told",
        "cluster/images.rs",
        "the_first_node_decides_the_size_until_all_have_lost_it",
    ),
    (
        "a zone that was emptied comes back last",
        "cluster/node_tree.rs",
        "zones_take_turns_and_an_emptied_zone_comes_back_last",
    ),
    (
        "the feasible node beyond those wanted is not counted, nodes rejected on the way to it are",
        "scheduler/tests.rs",
        "the_search_ends_at_the_feasible_node_beyond_those_wanted_and_goes_on_there",
    ),
    ("never are fewer than 100 nodes enough", "scheduler/sampling.rs", "the_adaptive_rule_is_upstreams"),
    ("11 of one reason come before 2 of another", "scheduler/fit_error.rs", "parts_are_sorted_as_text"),
    (
        "an event is cut at 1024 bytes, the condition is not",
        "scheduler/fit_error.rs",
        "an_event_is_cut_where_a_condition_is_not",
    ),
    (
        "a score plugin listed again moves to the front, and without a weight weighs 1",
        "scheduler/config/tests.rs",
        "a_listed_score_plugin_moves_to_the_front_with_its_weight",
    ),
    (
        "a node that spreading ignores scores 0 and does not move the others",
        "scheduler/framework.rs",
        "an_ignored_node_scores_zero_and_does_not_count",
    ),
    (
        "with two resources balance is half their difference",
        "scheduler/plugins/balanced_allocation.rs",
        "two_resources_take_half_their_difference_more_their_deviation",
    ),
    (
        "falling parts of a capacity ratio's line are cut off toward zero, too",
        "scheduler/plugins/node_resources_fit/strategy.rs",
        "the_broken_line_is_level_outside_its_points_and_truncates_toward_zero",
    ),
    (
        "an image below 23 MiB does not count",
        "scheduler/plugins/image_locality.rs",
        "sizes_outside_the_thresholds_are_clamped",
    ),
    ("a request of 0 is no missing request", "object/requests.rs", "only_a_missing_request_gets_the_default"),
    (
        "overhead is added to pod-level requests",
        "object/requests.rs",
        "overhead_comes_on_top_of_pod_level_requests",
    ),
    (
        "a resize counts by what was and by what will be",
        "object/requests.rs",
        "a_resize_in_progress_counts_the_larger_of_what_was_and_will_be",
    ),
    ("an empty term of node affinity matches nothing", "object/selector.rs", "an_empty_term_matches_nothing"),
    (
        "NotIn holds of a missing label, and Gt of no label that is no number",
        "object/selector.rs",
        "requirements_match_as_upstream",
    ),
    (
        "an image without a tag is the one called latest",
        "object/image.rs",
        "a_name_without_a_tag_means_latest",
    ),
];

#[test]
fn quirks_said_to_be_proved_beside_the_code_are_proved_there() {
    for (quirk, file, test) in PROVED_BESIDE_THE_CODE {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(file);
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{file}: {error}"));
        let proved = text.split("#[test]").skip(1).any(|after| after.contains(&format!("fn {test}()")));
        assert!(proved, "{file} has no test {test}, which proves that {quirk}");
    }
}
