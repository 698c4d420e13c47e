//! Help pages, the schema, completions, and exit codes of the command line itself.

use std::io::Write;
use std::process::{Command, Stdio};

use crate::session::Session;

macro_rules! pages {
    ($($name:ident: $args:literal;)*) => {
        $(#[test]
        fn $name() {
            insta::assert_snapshot!(stringify!($name), Session::new().run($args).printed());
        })*
    };
}

pages! {
    help: "--help";
    help_schedule: "schedule --help";
    help_validate: "validate --help";
    help_get: "get --help";
    help_compare: "compare --help";
    help_init: "init --help";
    help_import: "import --help";
    help_plan: "plan --help";
    help_sweep: "sweep --help";
    help_sweep_plan: "sweep plan --help";
    help_sweep_run: "sweep run --help";
    help_sweep_collect: "sweep collect --help";
    help_bench: "bench --help";
    help_report: "report --help";
    help_schema: "schema --help";
    help_completions: "completions --help";
}

#[test]
fn what_does_not_exist_is_refused() {
    for args in [
        "",
        "frobnicate",
        "schedule",
        "schedule -f x.yaml --frobnicate",
        "schedule -f x.yaml -o yaml",
        "schedule -f x.yaml --percentage-of-nodes-to-score 101",
        "schedule -f x.yaml --tie-break first",
        "schedule -f x.yaml --seed -1",
        "validate",
        "completions tcsh",
    ] {
        let complaint = Session::new().run(args).refused();
        assert!(complaint.contains("--help") || complaint.contains("Usage"), "{args}: {complaint}");
    }
}

#[test]
fn completions_know_the_commands() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = Session::new().run(&format!("completions {shell}")).printed();
        for option in ["scheduler-config", "instance-type", "price-list"] {
            assert!(script.contains(option), "{shell}: {option}");
        }
    }
}

/// The committed schema is what editors are pointed at; OVERSPILL_BLESS=1 writes it anew.
#[test]
fn the_committed_schema_is_fresh() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/scenario.schema.json");
    let printed = Session::new().run("schema").printed();
    if std::env::var_os("OVERSPILL_BLESS").is_some() {
        std::fs::write(path, &printed).expect("the schema can be written");
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        committed == printed,
        "docs/scenario.schema.json is stale: run `OVERSPILL_BLESS=1 cargo test --test cli`"
    );
}

/// As in `overspill … | head`: whoever read the output has seen enough.
#[test]
fn a_reader_that_leaves_is_no_error() {
    let mut child = Command::new(assert_cmd::cargo::cargo_bin!("overspill"))
        .args(["schedule", "-f", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    // It prints only after its input has ended, and nobody listens by then.
    drop(child.stdout.take());
    let mut input = child.stdin.take().expect("the input is a pipe");
    let node = "apiVersion: v1\nkind: Node\nmetadata: {name: n}\n";
    input.write_all(node.as_bytes()).expect("the program reads its input");
    drop(input);
    let output = child.wait_with_output().expect("the program ends");
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
}
