//! `overspill run --summary`: a page for a CI server.

use crate::session::{CHANCE, PRICES, Session};

fn chance() -> Session {
    Session::new().with("scenario.yaml", CHANCE).with("prices.yaml", PRICES)
}

#[test]
fn a_page_says_what_is_printed_and_is_added_to_what_is_there() {
    let session = chance().with("page.md", "Before.\n");
    let ran = session.run("run scenario.yaml --out results --summary page.md");
    assert!(ran.code <= 1, "{}", ran.stderr);
    assert!(ran.stdout.starts_with("chance: "), "the plain summary is printed too: {}", ran.stdout);
    session.run("run scenario.yaml --seed 2 --out results --summary page.md --quiet");
    let page = session.read("page.md");
    assert!(page.starts_with("Before.\n### chance: "), "{page}");
    assert_eq!(page.matches("\n### chance: ").count(), 2, "{page}");
    let pods = ran.stdout.lines().find_map(|line| line.trim_start().strip_prefix("pods ")).expect("a line");
    assert!(page.contains(&format!("\n| pods | {} |\n", pods.trim())), "{page}");
    assert!(page.contains("\n| ✓ pods.created \\> 0 | pods.created = "), "{page}");
    let cells = |line: &str| line.replace("\\|", "").matches('|').count();
    assert!(page.lines().filter(|line| line.starts_with('|')).all(|line| cells(line) == 3), "{page}");
}

#[test]
fn several_reasons_share_a_cell() {
    let scenario = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/gateway-spike/scenario.yaml");
    let session = Session::new();
    let ran = session.run(&format!("run {scenario} --variant one-ecs-node --out results --summary -"));
    let row = ran.stdout.lines().find(|line| line.starts_with("| overflow | ")).expect("pods overflow");
    assert!(row.contains("<br>28 early: ECS had room and was outscored<br>18 full: "), "{row}");
    assert!(ran.stdout.starts_with("### gateway-spike (one-ecs-node): "), "{}", ran.stdout);
}

#[test]
fn the_page_of_many_seeds_has_intervals_and_all_expectations() {
    let session = chance();
    let ran = session.run("run scenario.yaml --seeds 1..8 --out results --summary -");
    assert_eq!(ran.code, 1, "an expectation fails with some seeds");
    assert!(
        ran.stdout.starts_with("### chance: 8 runs with the seeds 1..8\n\n| metric | means ± "),
        "{}",
        ran.stdout
    );
    assert!(ran.stdout.contains("\n| `pods.created` | "), "{}", ran.stdout);
    let failing =
        ran.stdout.lines().find(|line| line.starts_with("| ✗ pods.created \\< 30 | ")).expect("it fails");
    assert!(failing.contains(" of 8, not with seed "), "{failing}");
    assert!(ran.stdout.contains("\n| ✓ pods.created \\> 0 | in 8 of 8 |\n"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("\n  pods.created"), "the page takes the place of the plain summary");
}

#[test]
fn a_page_is_no_result() {
    let session = chance();
    for args in ["", "--seeds 1..2"] {
        let complaint = session
            .run(&format!("run scenario.yaml {args} --out results --summary results/page.md"))
            .refused();
        assert!(complaint.contains("must not lie in the directory of the results"), "{complaint}");
    }
    session.run("run scenario.yaml --out earlier --quiet");
    let complaint = session.run("run scenario.yaml --out results --summary earlier/page.md").refused();
    assert!(complaint.contains("must not lie in the directory of the results"), "{complaint}");
}
