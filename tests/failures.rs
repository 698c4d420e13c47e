//! Taints that make pods leave, and nodes that fail: runs of which every instant can be worked out by hand.

#[path = "case/folder.rs"]
mod folder;
#[path = "failures/nodes.rs"]
mod nodes;
#[path = "failures/taints.rs"]
mod taints;
#[path = "failures/zones.rs"]
mod zones;

use overspill::experiment::Measured;
use overspill::metric::PodRow;

/// The only pod of this name.
#[track_caller]
fn pod<'m>(run: &'m Measured, name: &str) -> &'m PodRow {
    let named = || run.observation.pods.iter().filter(|pod| pod.name == name);
    assert_eq!(named().count(), 1, "{name}");
    named().next().unwrap()
}

/// What is told of these reasons, as `SECONDS REASON OBJECT: MESSAGE`.
fn told(run: &Measured, reasons: &[&str]) -> Vec<String> {
    let is_asked = |reason: &str| reasons.contains(&reason);
    let events = run.observation.events.iter().filter(|event| is_asked(event.reason));
    events
        .map(|event| {
            let seconds = event.time.as_secs_f64();
            format!("{seconds} {} {}: {}", event.reason, event.object, event.message)
        })
        .collect()
}
