//! Pods.

use super::duration::{age, human_duration};
use super::{Column, Item, NONE, Seen, column, object, wide};
use crate::object::ContainerRole;
use crate::simulation::snapshot::{PodStage, PodView, WorkView};
use crate::units::SimTime;

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
            restarts(at, pod),
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

/// Whether the pod has ended.
pub(super) fn has_ended(pod: &PodView) -> bool {
    matches!(pod.stage, PodStage::Completed | PodStage::Failed | PodStage::GivenUp | PodStage::Reclaimed)
}

fn ready_containers(pod: &PodView) -> u32 {
    let all = pod.spec.ready_containers();
    match (pod.ready, pod.containers.work) {
        _ if has_ended(pod) => 0,
        (_, Some(_)) => all.saturating_sub(1),
        (Some(_), None) => all,
        // The others serve on.
        (None, None) if pod.containers.restarting > 0 => all.saturating_sub(pod.containers.restarting),
        (None, None) => pod.containers.sidecars_ready.min(all),
    }
}

/// The RESTARTS column.
fn restarts(at: SimTime, pod: &PodView) -> String {
    match (pod.containers.restarts, pod.containers.last_end) {
        (restarts, Some(end)) if restarts > 0 => {
            format!("{restarts} ({} ago)", human_duration(at.since(SimTime::from_secs(end.whole_secs()))))
        }
        (restarts, _) => restarts.to_string(),
    }
}

/// The STATUS column (pkg/printers/internalversion/printers.go `printPod`).
fn status(pod: &PodView) -> String {
    match pod.stage {
        PodStage::Completed => return "Completed".to_owned(),
        PodStage::Terminating => return "Terminating".to_owned(),
        PodStage::ProviderFailed | PodStage::GivenUp => return "ProviderFailed".to_owned(),
        PodStage::Failed => return "Error".to_owned(),
        PodStage::Reclaimed => return "Failed".to_owned(),
        PodStage::Alive => {}
    }
    match pod.containers.work {
        Some(WorkView::Waits) => return "CrashLoopBackOff".to_owned(),
        // What runs on makes "Completed" to "NotReady", a failure stays to be seen.
        Some(WorkView::Done { succeeded: true, others_run: true }) => return "NotReady".to_owned(),
        Some(WorkView::Done { succeeded: true, others_run: false }) => return "Completed".to_owned(),
        Some(WorkView::Done { succeeded: false, .. }) => return "Error".to_owned(),
        None => {}
    }
    let early = pod.spec.containers.iter().filter(|one| one.role != ContainerRole::Main).count();
    match (pod.started, pod.assigned) {
        (Some(_), _) => "Running".to_owned(),
        // The sidecars that start before are init containers, of which the first holds back the rest, or they are not.
        (None, Some(_)) if pod.containers.begun && early == 0 => "ContainerCreating".to_owned(),
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
        (PodStage::Failed | PodStage::GivenUp | PodStage::Reclaimed, _) => "Failed",
        (_, Some(_)) => "Running",
        (_, None) => "Pending",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::{Container, PodSpec};
    use crate::simulation::snapshot::Containers;

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
            unready: None,
            stage: PodStage::Alive,
            containers: Containers::default(),
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
        check("Running", 0, |pod, _| (pod.assigned, pod.started, pod.containers.restarting) = (NOW, NOW, 1));
        check("Running", 1, |pod, spec| {
            (pod.assigned, pod.started, pod.containers.restarting) = (NOW, NOW, 1);
            spec.containers.push(Container::named("d"));
        });
        check("Terminating", 1, |pod, _| (pod.ready, pod.stage) = (NOW, PodStage::Terminating));
        check("Completed", 0, |pod, _| (pod.ready, pod.stage) = (NOW, PodStage::Completed));
        check("ProviderFailed", 0, |pod, _| pod.stage = PodStage::ProviderFailed);
    }

    /// pkg/printers/internalversion/printers.go `printPod`: a container that has completed beside one that runs and is
    /// ready makes NotReady, beside a native sidecar Completed.
    #[test]
    fn a_pod_whose_work_is_done_shows_what_is_left_of_it() {
        let two = |work: Option<WorkView>| {
            move |pod: &mut PodView, spec: &mut PodSpec| {
                (pod.assigned, pod.started) = (NOW, NOW);
                spec.containers.push(Container::named("logs"));
                pod.containers.work = work;
            }
        };
        let done = |succeeded, others_run| Some(WorkView::Done { succeeded, others_run });
        check("NotReady", 1, two(done(true, true)));
        check("Completed", 1, two(done(true, false)));
        check("Error", 1, two(done(false, true)));
        check("CrashLoopBackOff", 1, two(Some(WorkView::Waits)));
        check("Completed", 0, |pod, spec| {
            two(done(true, true))(pod, spec);
            pod.stage = PodStage::Completed;
        });
        check("Error", 0, |pod, _| pod.stage = PodStage::Failed);
        check("ProviderFailed", 0, |pod, _| pod.stage = PodStage::GivenUp);
        check("Running", 1, |pod, spec| {
            two(None)(pod, spec);
            pod.containers.sidecars_ready = 1;
        });
    }

    #[test]
    fn restarts_tell_when_the_last_was() {
        let pod = view(|pod, _| {
            pod.containers.restarts = 3;
            pod.containers.last_end = Some(SimTime::from_secs(100));
        });
        assert_eq!(restarts(SimTime::from_secs(175), &pod), "3 (75s ago)");
        assert_eq!(restarts(SimTime::from_secs(175), &view(|_, _| {})), "0");
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
