//! The way from a cluster to an answer that the README shows.

use crate::DUMP;
use crate::session::Session;

const README: &str = include_str!("../../README.md");

/// The commands of the block below a heading.
fn commands(heading: &str) -> Vec<&'static str> {
    let (_, section) = README.split_once(heading).expect("the README has the section");
    let (_, block) = section.split_once("```sh\n").expect("the section shows commands");
    block.split_once("```").expect("the block ends").0.lines().collect()
}

/// The words of a command; what stands in single quotes is one.
fn words(command: &str) -> Vec<&str> {
    let parts = command.split('\'').enumerate();
    let words = parts.flat_map(|(place, part)| match place % 2 {
        0 => part.split_whitespace().collect(),
        _ => vec![part],
    });
    words.collect()
}

#[test]
fn three_commands_lead_from_a_dump_to_an_answer() {
    let commands = commands("\n## From your cluster to an answer\n");
    let [kubectl, rest @ ..] = commands.as_slice() else { panic!("{commands:?}") };
    assert_eq!(rest.len(), 2, "{commands:?}");
    // The shipped dump is what this prints.
    assert!(
        kubectl.starts_with("kubectl get nodes,") && kubectl.ends_with(" -A -o yaml > dump.yaml"),
        "{kubectl}"
    );
    let session = Session::new().with("dump.yaml", DUMP);
    for command in rest {
        let ran = session.run_with(&words(command.strip_prefix("overspill ").expect("it is ours")));
        assert_eq!(ran.code, 0, "{command}: {}{}", ran.stdout, ran.stderr);
    }
}
