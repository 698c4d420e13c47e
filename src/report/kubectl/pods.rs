//! Pods.

use super::duration::age;
use super::{Column, Item, NONE, Seen, column, object, wide};
use crate::object::ContainerRole;
use crate::simulation::snapshot::{PodStage, PodView};

pub(super) const COLUMNS: &[Column] = &[
    column("NAME"),
    column("READY"),
    column("STATUS"),
    column("RESTARTS"),
    column("AGE"),
    wide("IP"),
    wide("NODE"),
    wide("NOMINATED NODE"),
    wide("READINESS GATES"),
];

pub(super) fn items<'a>(seen: &'a Seen<'_>) -> Vec<Item<'a>> {
    let at = seen.snapshot.at;
    let item = |pod: &'a PodView| Item {
        namespace: pod.spec.namespace.clone(),
        name: pod.name.clone(),
        labels: pod.spec.labels.clone(),
        cells: vec![
            pod.name.clone(),
            format!("{}/{}", ready_containers(pod), pod.spec.ready_containers()),
            status(pod),
            // Containers never fail here, so none is started again.
            "0".to_owned(),
            age(at, pod.created),
            NONE.to_owned(),
            pod.node.clone().unwrap_or_else(|| NONE.to_owned()),
            pod.nominated.clone().unwrap_or_else(|| NONE.to_owned()),
            NONE.to_owned(),
        ],
        value: Box::new(move || object::pod(pod)),
    };
    seen.snapshot.pods.iter().map(item).collect()
}

fn ready_containers(pod: &PodView) -> u32 {
    let is_ready = pod.ready.is_some() && pod.stage != PodStage::Completed;
    if is_ready { pod.spec.ready_containers() } else { 0 }
}

/// The STATUS column (pkg/printers/internalversion/printers.go `printPod`).
fn status(pod: &PodView) -> String {
    match pod.stage {
        PodStage::Completed => return "Completed".to_owned(),
        PodStage::Terminating => return "Terminating".to_owned(),
        PodStage::ProviderFailed => return "ProviderFailed".to_owned(),
        PodStage::Alive => {}
    }
    let early = pod.spec.containers.iter().filter(|one| one.role != ContainerRole::Main).count();
    match (pod.started, pod.assigned) {
        (Some(_), _) => "Running".to_owned(),
        (None, Some(_)) if early > 0 => format!("Init:0/{early}"),
        (None, Some(_)) => "ContainerCreating".to_owned(),
        (None, None) if !pod.spec.gates.is_empty() => "SchedulingGated".to_owned(),
        (None, None) => "Pending".to_owned(),
    }
}

/// `status.phase`.
pub(super) fn phase(pod: &PodView) -> &'static str {
    match (pod.stage, pod.started) {
        (PodStage::Completed, _) => "Succeeded",
        (_, Some(_)) => "Running",
        (_, None) => "Pending",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::{Container, PodSpec};
    use crate::units::SimTime;

    fn view(change: impl FnOnce(&mut PodView, &mut PodSpec)) -> PodView {
        let mut spec = PodSpec { containers: vec![Container::named("c")], ..PodSpec::empty("default") };
        let mut pod = PodView {
            name: "p".to_owned(),
            spec: spec.clone().into(),
            node: None,
            nominated: None,
            created: SimTime::ZERO,
            rejected: None,
            bound: None,
            instance: None,
            assigned: None,
            started: None,
            ready: None,
            stage: PodStage::Alive,
        };
        change(&mut pod, &mut spec);
        PodView { spec: spec.into(), ..pod }
    }

    #[track_caller]
    fn check(expected: &str, ready: u32, change: impl FnOnce(&mut PodView, &mut PodSpec)) {
        let pod = view(change);
        assert_eq!((status(&pod).as_str(), ready_containers(&pod)), (expected, ready));
    }

    const NOW: Option<SimTime> = Some(SimTime::ZERO);

    #[test]
    fn every_stage_has_its_word() {
        check("Pending", 0, |_, _| {});
        check("Pending", 0, |pod, _| pod.node = Some("n".to_owned()));
        check("SchedulingGated", 0, |_, spec| spec.gates.push("g".to_owned()));
        check("ContainerCreating", 0, |pod, _| pod.assigned = NOW);
        check("Init:0/1", 0, |pod, spec| {
            pod.assigned = NOW;
            spec.containers.insert(0, Container { role: ContainerRole::Init, ..Container::named("i") });
        });
        check("Running", 0, |pod, _| (pod.assigned, pod.started) = (NOW, NOW));
        check("Running", 1, |pod, _| (pod.assigned, pod.started, pod.ready) = (NOW, NOW, NOW));
        check("Terminating", 1, |pod, _| (pod.ready, pod.stage) = (NOW, PodStage::Terminating));
        check("Completed", 0, |pod, _| (pod.ready, pod.stage) = (NOW, PodStage::Completed));
        check("ProviderFailed", 0, |pod, _| pod.stage = PodStage::ProviderFailed);
    }

    #[test]
    fn sidecars_count_as_containers_and_init_containers_do_not() {
        check("Running", 2, |pod, spec| {
            (pod.assigned, pod.started, pod.ready) = (NOW, NOW, NOW);
            spec.containers.push(Container { role: ContainerRole::Init, ..Container::named("i") });
            spec.containers.push(Container { role: ContainerRole::Sidecar, ..Container::named("s") });
        });
    }
}
