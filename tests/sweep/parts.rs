//! Shards, restarts, and what is missing, torn or of somebody else.

use crate::session::Session;
use crate::{AXES, chance, planned};

fn made(session: &Session, args: &str) -> String {
    let ran = session.run(args);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{}", ran.stderr);
    // How long it took is the one thing that differs.
    let words: Vec<&str> = ran.stderr.split_whitespace().collect();
    let took = words.iter().position(|word| *word == "in").expect("it tells how long it took");
    [&words[..took], &words[took + 3..]].concat().join(" ")
}

#[test]
fn shards_in_any_order_on_any_number_of_threads_give_the_same_bytes() {
    let session = planned();
    assert_eq!(made(&session, "sweep run sweep --shard 2/3"), "shard 2/3: 4 runs made");
    assert_eq!(made(&session, "sweep run sweep --shard 0/3"), "shard 0/3: 4 runs made");
    assert_eq!(made(&session, "sweep run sweep/inputs/../../sweep --shard 1/3"), "shard 1/3: 4 runs made");
    let told = made(&session, "sweep run sweep");
    assert!(
        told.ends_with("12 were there already all runs are there: overspill sweep collect sweep"),
        "{told}"
    );
    let sharded = session.run("sweep collect sweep");
    let whole = session.run_on("1", &format!("sweep run scenario.yaml {AXES} --out whole"));
    assert_eq!((sharded.code, whole.code), (0, 0), "{}{}", sharded.stderr, whole.stderr);
    assert_eq!(sharded.stdout, whole.stdout);
    let (sharded, whole) = (session.files("sweep"), session.files("whole"));
    assert_eq!(sharded.len(), 12 + 5 + 2, "parts, results and inputs: {:?}", sharded.keys());
    assert_eq!(sharded, whole);
}

#[test]
fn what_is_whole_is_not_made_again_and_what_is_torn_is() {
    let session = planned();
    made(&session, "sweep run sweep --shard 0/2");
    let before = session.read("sweep/parts/run-4.jsonl");
    // Cut off in the middle; whole, but with another figure; and whole, but of another run.
    let session = session.with("sweep/parts/run-4.jsonl", &before[..before.len() / 2]);
    let changed = session.read("sweep/parts/run-6.jsonl").replacen("\"seed\":4", "\"seed\":5", 1);
    let other = session.read("sweep/parts/run-10.jsonl");
    let session = session.with("sweep/parts/run-6.jsonl", changed).with("sweep/parts/run-8.jsonl", other);
    assert_eq!(made(&session, "sweep run sweep --shard 0/2"), "shard 0/2: 3 runs made 3 were there already");
    assert_eq!(session.read("sweep/parts/run-4.jsonl"), before);
    let told = made(&session, "sweep run sweep");
    assert!(told.starts_with("6 runs made 6 were there already"), "{told}");
    assert!(made(&session, "sweep run sweep").starts_with("0 runs made 12 were there already"));
}

#[test]
fn what_is_interrupted_goes_on_with_the_same_command() {
    let session = planned();
    made(&session, "sweep run sweep --shard 1/4");
    let told = session.run(&format!("sweep plan scenario.yaml {AXES} --out sweep")).printed();
    assert!(
        told.starts_with("sweep: 6 points with the seeds 4..5, 12 runs, 3 of them made already\n"),
        "{told}"
    );
    let ran = session.run(&format!("sweep run scenario.yaml {AXES} --out sweep"));
    assert!(ran.stderr.contains("3 were there already"), "{}", ran.stderr);
}

#[test]
fn a_sweep_is_collected_when_every_run_is_there() {
    let session = planned();
    let told = session.run("sweep collect sweep").refused();
    assert!(told.contains("12 runs of 12 of the sweep in sweep are missing or not whole: 0..11; "), "{told}");
    made(&session, "sweep run sweep");
    let cut = session.read("sweep/parts/run-7.jsonl").replace('}', "");
    session.remove("sweep/parts/run-3.jsonl");
    let session = session.with("sweep/parts/run-7.jsonl", cut);
    let told = session.run("sweep collect sweep").refused();
    let expected = "error: 2 runs of 12 of the sweep in sweep are missing or not whole: 3, 7; this makes what is missing: \
                    overspill sweep run sweep\n";
    assert_eq!(told, expected);
    assert!(session.files("sweep").keys().all(|file| !file.ends_with("sweep.csv")), "nothing is written");
    made(&session, "sweep run sweep");
    assert_eq!(session.run("sweep collect sweep").code, 0);
}

#[test]
fn what_belongs_to_no_run_is_not_collected() {
    let session = planned();
    made(&session, "sweep run sweep");
    let part = session.read("sweep/parts/run-0.jsonl");
    // What another process is about to write does not count.
    let session = session.with("sweep/parts/.run-0.jsonl.partial-7-0", &part[..9]);
    assert_eq!(session.run("sweep collect sweep").code, 0);
    for name in ["run-12.jsonl", "run-00.jsonl", "copy of run-0.jsonl"] {
        let session = planned().with(&format!("sweep/parts/{name}"), &part);
        made(&session, "sweep run sweep");
        let told = session.run("sweep collect sweep").refused();
        assert!(told.contains(&format!("{name} belongs to no run of this sweep")), "{told}");
    }
}

#[test]
fn parts_of_another_plan_are_made_again() {
    let session = planned();
    made(&session, "sweep run sweep");
    let part = session.read("sweep/parts/run-0.jsonl");
    session.run("sweep plan scenario.yaml --vary pools.slots.count=1..2 --seeds 4..5 --out other").printed();
    let session = session.with("other/parts/run-0.jsonl", part);
    assert_eq!(made(&session, "sweep run other --shard 0/1").split(" all").next(), Some("4 runs made"));
}

#[test]
fn finished_runs_are_not_lost_to_another_plan() {
    let session = planned();
    made(&session, "sweep run sweep --shard 0/2");
    let part = session.read("sweep/parts/run-0.jsonl");
    for command in ["plan", "run"] {
        let other = format!("sweep {command} scenario.yaml --vary pools.slots.count=1..2 --out sweep");
        let told = session.run(&other).refused();
        assert!(told.contains("sweep holds 6 finished runs of another plan, or of other files"), "{told}");
    }
    assert_eq!(session.read("sweep/parts/run-0.jsonl"), part);
    // A plan of which nothing was run is replaced.
    let session = planned();
    session.run("sweep plan scenario.yaml --vary pools.slots.count=1..2 --seeds 4..5 --out sweep").printed();
}

#[test]
fn results_of_one_command_do_not_replace_those_of_another() {
    let session = planned();
    session.run("run scenario.yaml --out single --quiet");
    let (sweep, single) = (session.files("sweep"), session.files("single"));
    for (args, told) in [
        ("run scenario.yaml --out sweep", "sweep holds a sweep, which a run would replace"),
        (
            "plan scenario.yaml --vary pools.slots.count=1 --minimize cost.total --out sweep",
            "holds a sweep, which a plan",
        ),
        (
            "sweep run scenario.yaml --vary pools.slots.count=1 --out single",
            "holds a run, which a sweep would replace",
        ),
        ("compare scenario.yaml --out single", "single holds a run, which a comparison would replace"),
    ] {
        let refused = session.run(args).refused();
        assert!(refused.contains(told), "{args}: {refused}");
    }
    assert!(session.files("sweep") == sweep && session.files("single") == single, "nothing was touched");
}

#[test]
fn what_is_read_is_not_replaced() {
    let session = chance();
    session.run("run scenario.yaml --seeds 1..2 --out single --quiet");
    session.run("compare scenario.yaml --seeds 1..2 --out kept --quiet");
    let kept = session.files("kept");
    let vary = "--vary pools.slots.count=1";
    for args in [
        "compare scenario.yaml --baseline kept --out kept".to_owned(),
        "compare kept/inputs/scenario.yaml --out kept".to_owned(),
        "run single/seed-1/inputs/scenario.yaml --out single".to_owned(),
        "run single/seed-1/inputs/scenario.yaml --seeds 1..2 --out single".to_owned(),
        format!("plan kept/inputs/scenario.yaml {vary} --minimize cost.total --out kept"),
        format!("sweep run kept/inputs/scenario.yaml {vary} --out kept"),
    ] {
        let refused = session.run(&args).refused();
        assert!(
            refused.contains(" is read, and ") && refused.contains("would be replaced"),
            "{args}: {refused}"
        );
    }
    assert!(session.files("kept") == kept);
}

#[test]
fn another_version_and_other_inputs_are_refused() {
    let session = planned();
    let plan = session.read("sweep/run.json");
    let own = format!("\"version\": \"{}\"", env!("CARGO_PKG_VERSION"));
    let session = session.with("sweep/run.json", plan.replace(&own, "\"version\": \"0.0.7\""));
    for command in ["run", "collect"] {
        let told = session.run(&format!("sweep {command} sweep")).refused();
        assert!(told.contains("the sweep in sweep was planned by overspill 0.0.7, this is "), "{told}");
    }
    let session = session.with("sweep/run.json", plan).with("sweep/inputs/prices.yaml", "{}");
    for command in ["run", "collect"] {
        let told = session.run(&format!("sweep {command} sweep")).refused();
        assert!(told.contains("are not those that were planned with"), "{told}");
    }
    let told = chance().run("sweep run nowhere").refused();
    assert!(
        told.contains("nowhere holds no sweep: plan one first, with overspill sweep plan SCENARIO"),
        "{told}"
    );
}

#[test]
fn the_tasks_of_an_array_know_their_shard() {
    let session = planned();
    let made = |variables: &[(&str, &str)]| {
        let ran = session.run_in(variables, "sweep run sweep --shard /4");
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        ran.stderr.split(':').next().map(str::to_owned)
    };
    assert_eq!(made(&[("JOB_COMPLETION_INDEX", "3")]).as_deref(), Some("shard 3/4"));
    let slurm = [("SLURM_ARRAY_TASK_ID", "2"), ("SLURM_ARRAY_TASK_MIN", "1")];
    assert_eq!(made(&slurm).as_deref(), Some("shard 1/4"));
    let told = session.run("sweep run sweep --shard /4").refused();
    assert!(told.contains("write --shard I/4 with I from 0 to 3"), "{told}");
}

#[test]
fn the_options_of_a_plan_are_not_given_twice() {
    let session = planned();
    for args in [
        "sweep run sweep --vary pools.slots.count=1 --shard 0/2",
        "sweep run scenario.yaml --seeds 1..2",
        "sweep run sweep --vary pools.slots.count=1",
        "sweep plan scenario.yaml",
        "sweep run sweep --shard 2/2",
        "sweep",
    ] {
        session.run(args).refused();
    }
}

#[test]
fn files_of_others_are_left_alone() {
    let session = chance().with("sweep/notes.txt", "mine");
    let told = session.run(&format!("sweep plan scenario.yaml {AXES} --out sweep")).refused();
    assert!(told.contains("sweep exists and holds no results of overspill"), "{told}");
    let session = planned().with("sweep/notes.txt", "mine");
    let told = session.run("sweep plan scenario.yaml --vary horizon=1m --out sweep").refused();
    assert!(told.contains("notes.txt"), "{told}");
}
