//! The order of start and exit as a table: pods in one line, and when each of their containers starts or ends.

use std::fmt::Write as _;

use super::*;
use crate::object::Labels;

/// The name and value of an environment variable.
type Variable = (&'static str, &'static str);

fn container(role: ContainerRole, env: &[(&str, &str)]) -> Container {
    let env: Labels = env.iter().copied().collect();
    Container { role, env, ..Container::named("c") }
}

/// The parts that letters stand for: `i`nit, `n`ative, `N`ative that holds back, `m`arked, `k`illed with the Job,
/// `a`pplication.
fn parts(letters: &str) -> Vec<Part> {
    let part = |letter| match letter {
        'i' => Part::Init,
        'n' => Part::NativeSidecar { holds_back: false },
        'N' => Part::NativeSidecar { holds_back: true },
        'm' => Part::MarkedSidecar,
        'k' => Part::EndsWithJob { fails_pod: true },
        'a' => Part::Application,
        other => panic!("{other}"),
    };
    letters.chars().map(part).collect()
}

/// The sidecar at place p takes p + 1 seconds, to be ready and to stop.
fn takes(place: usize) -> Span {
    Span::from_secs(place as u64 + 1)
}

/// rule: sidecar-marks
/// rule: eci-container-type
/// rule: kruise-sidecar-terminator
#[test]
fn every_mark_works_on_its_own_platform_only() {
    let application = [Part::Application; 3];
    let marked = Part::MarkedSidecar;
    let killed = |fails_pod| Part::EndsWithJob { fails_pod };
    let [_, eci, _] = application;
    let table: &[(&[Variable], [Part; 3])] = &[
        (&[], application),
        (&[("__IS_SIDECAR__", "true")], [Part::Application, eci, marked]),
        (&[("__IS_SIDECAR__", "false")], application),
        (&[("ECI_SIDECAR_CONTAINER", "true")], [Part::Application, marked, Part::Application]),
        (&[("ECI_SIDECAR_CONTAINER", "True")], application),
        (&[("ECI_CONTAINER_TYPE", "sidecar")], [Part::Application, killed(true), Part::Application]),
        (&[("ECI_CONTAINER_TYPE", "normal")], application),
        (
            &[("ECI_CONTAINER_TYPE", "sidecar"), ("ECI_CONTAINER_IGNORE_EXIT_CODE", "true")],
            [Part::Application, killed(false), Part::Application],
        ),
        (
            &[("KRUISE_TERMINATE_SIDECAR_WHEN_JOB_EXIT", "true")],
            [killed(false), Part::Application, Part::Application],
        ),
    ];
    for (env, expected) in table {
        let one = container(ContainerRole::Main, env);
        let seen = [Platform::Ecs, Platform::Eci, Platform::Acs].map(|platform| Part::of(&one, platform));
        assert_eq!(seen, *expected, "{env:?}");
    }
}

#[test]
fn init_containers_and_native_sidecars_are_the_same_everywhere() {
    for platform in [Platform::Ecs, Platform::Eci, Platform::Acs] {
        let marks = [("__IS_SIDECAR__", "true"), ("ECI_SIDECAR_CONTAINER", "true")];
        assert_eq!(Part::of(&container(ContainerRole::Init, &marks), platform), Part::Init);
        let native = container(ContainerRole::Sidecar, &marks);
        assert_eq!(Part::of(&native, platform), Part::NativeSidecar { holds_back: false });
        let probed = Container { holds_back: true, ..native };
        assert_eq!(Part::of(&probed, platform), Part::NativeSidecar { holds_back: true });
    }
}

/// Sidecars by place with their start, then when the applications start, then when all sidecars are ready; in seconds.
fn started(letters: &str) -> String {
    let starts = starts(&parts(letters), SimTime::from_secs(10), takes);
    let mut text = String::new();
    for (place, at) in starts.sidecars {
        let _ = write!(text, "{place}@{} ", at.whole_secs());
    }
    let _ = write!(text, "a@{} r@{}", starts.applications.whole_secs(), starts.sidecars_ready.whole_secs());
    text
}

/// rule: marked-sidecar-order
/// rule: native-sidecar-order
/// rule: init-containers-take-no-time
#[test]
fn starts_in_order() {
    for (letters, expected) in [
        ("a", "a@10 r@10"),
        ("iia", "a@10 r@10"),
        ("am", "1@10 a@12 r@12"),
        // Marked sidecars start together; the slowest decides.
        ("mma", "0@10 1@10 a@12 r@12"),
        // Without a startup probe nobody waits for a native sidecar; the pod is ready no earlier than it.
        ("na", "0@10 a@10 r@11"),
        ("Na", "0@10 a@11 r@11"),
        // In their turn: the second starts when the first lets it.
        ("NiNa", "0@10 2@11 a@14 r@14"),
        ("Nnma", "0@10 1@11 2@11 a@14 r@14"),
        ("ka", "a@10 r@10"),
    ] {
        assert_eq!(started(letters), expected, "{letters}");
    }
}

fn written(exits: &[Exit]) -> String {
    let one =
        |exit: &Exit| format!("{}:{}-{}", exit.container, exit.told.whole_secs(), exit.ended.whole_secs());
    exits.iter().map(one).collect::<Vec<_>>().join(" ")
}

/// rule: marked-sidecar-order
/// rule: native-sidecar-order
#[test]
fn exits_at_deletion_in_order_and_within_the_grace_period() {
    for (letters, grace, expected) in [
        ("a", 30, "0:10-15"),
        ("aa", 30, "0:10-15 1:10-15"),
        // The application first, then the sidecars.
        ("am", 30, "0:10-15 1:15-17"),
        ("mam", 30, "1:10-15 0:15-16 2:15-18"),
        // Native ones from the last to the first, all told at once.
        ("nna", 30, "2:10-15 1:10-17 0:10-18"),
        ("nma", 30, "2:10-15 1:15-17 0:10-18"),
        ("ka", 30, "0:10-15 1:10-15"),
        // The grace period is one for all of them.
        ("am", 6, "0:10-15 1:15-16"),
        ("am", 4, "0:10-14 1:14-14"),
        ("nna", 6, "2:10-15 1:10-16 0:10-16"),
        ("am", 0, "0:10-10 1:10-10"),
    ] {
        let (from, takes_five) = (SimTime::from_secs(10), Span::from_secs(5));
        let exits = exits_at_deletion(&parts(letters), from, Span::from_secs(grace), takes_five, takes);
        assert_eq!(written(&exits), expected, "{letters} in {grace} s");
    }
}

/// rule: sidecars-exit-with-the-job
#[test]
fn sidecars_exit_when_the_work_is_done() {
    for (letters, grace, expected) in [
        ("a", 30, ""),
        ("am", 30, "1:10-12"),
        ("mma", 30, "0:10-11 1:10-12"),
        ("nna", 30, "1:10-12 0:10-13"),
        ("ak", 30, "1:10-12"),
        ("am", 1, "1:10-11"),
    ] {
        let exits = exits_after_work(&parts(letters), SimTime::from_secs(10), Span::from_secs(grace), takes);
        assert_eq!(written(&exits), expected, "{letters} in {grace} s");
    }
}
