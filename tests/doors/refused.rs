//! What the doors refuse: nothing is written then.

use crate::DUMP;
use crate::session::Session;

#[test]
fn a_folder_that_holds_something_is_left_alone() {
    let session = Session::new().with("dump.yaml", DUMP).with("out/mine.txt", "mine");
    for command in ["init --out out", "import dump.yaml --out out", "init --out dump.yaml"] {
        let told = session.run(command).refused();
        assert!(
            told.contains("is there already and is left alone: choose another --out"),
            "{command}: {told}"
        );
    }
    assert_eq!(session.read("out/mine.txt"), "mine");
    assert_eq!(session.files("out").len(), 1);
}

#[test]
fn numbers_that_do_not_go_together_are_told() {
    let session = Session::new();
    for (args, expected) in [
        ("--no-virtual-node --method affinity", "--method affinity needs a virtual node"),
        ("--nodes 0 --no-virtual-node", "there is no node at all"),
        ("--cpu 9", "a pod of 9 and 1Gi does not fit a node of ecs.c7.2xlarge"),
        ("--replicas 5 --max-replicas 4", "--max-replicas 4 is less than --replicas 5"),
        ("--replicas 0", "0 is not in 1.."),
        ("--instance-type ecs.c7.3xlarge", "did you mean `ecs.c7.2xlarge`"),
        ("--rate 0/s", "a rate of nothing is no load"),
        ("--rate fast", "\"fast\" is not a rate: write it like 4000/s"),
        ("--spike 20", "\"20\" is not a duration"),
        ("--spike 900000h", "a spike lasts at most 720h"),
        ("--zone=", "--zone: \"\" cannot be the value of a label"),
        ("--cpu 1n", "and there may be 10000 at most"),
        ("--cpu-per-thousand-requests 1000000", "and there may be 10000 at most"),
        (
            "--instance-type ecs.c6.large --nodes 1 --no-virtual-node",
            "--replicas 4 pods have no room: --nodes 1 of ecs.c6.large",
        ),
        ("--cpu lots", "lots"),
        ("--cpu-per-thousand-requests 0", "--cpu-per-thousand-requests must be greater than 0"),
    ] {
        let told = session.run(&format!("init --out x {args}")).refused();
        assert!(told.contains(expected), "{args}: {told}");
    }
    assert_eq!(session.files(".").len(), 0);
}

#[test]
fn an_import_says_what_is_missing() {
    let session = Session::new().with("dump.yaml", DUMP);
    for (args, expected) in [
        ("dump.yaml --out x --to Deployment/shop/orders", "--rate"),
        ("dump.yaml --out x --rate 1/s --to Deployment/shop/oders", "did you mean `Deployment/shop/orders`?"),
        ("dump.yaml --out x --price-list dump.yaml", "dump.yaml"),
        ("missing.yaml --out x", "there is no file or folder `missing.yaml`"),
        ("dump.yaml", "--out"),
    ] {
        let told = session.run(&format!("import {args}")).refused();
        assert!(told.contains(expected), "{args}: {told}");
    }
    assert_eq!(session.files(".").len(), 1, "nothing was written");
}

/// A Deployment whose ReplicaSet is missing would make its pods a second time.
#[test]
fn pods_without_their_replica_sets_are_refused_at_their_line() {
    let mut kept = String::new();
    for item in DUMP.split_inclusive("\n- apiVersion").filter(|item| !item.contains("\n  kind: ReplicaSet\n"))
    {
        kept.push_str(item);
    }
    let session = Session::new().with("dump.yaml", kept);
    let told = session.run("import dump.yaml --out x").refused();
    assert!(told.contains("which owns this pod, was not printed, and 16 more pods likewise"), "{told}");
    assert!(told.contains("--> dump.yaml:") && told.contains("print replicasets too"), "{told}");
}
