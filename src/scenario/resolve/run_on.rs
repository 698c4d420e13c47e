//! Containers that keep a Job's pods running when their work is done, told before a run.

use overspill_manifest::{Diagnostic, JsonPath, code};

use crate::capacity::acs::Wish;
use crate::capacity::container_order::{Part, Platform};
use crate::object::{Container, ContainerRole, PodSpec};
use crate::scenario::coming::{Coming, State};
use crate::scenario::outlook::eligibility::{may_come_to_ecs, may_come_to_virtual};
use crate::simulation::admitted::Admission;
use crate::simulation::scenario::JobSetup;

/// Warns of Jobs whose pods go on, wherever they can run, because of a container that nothing ends there.
pub(super) fn of_jobs(
    comings: &[Coming<'_>],
    jobs: &[JobSetup],
    admission: Admission<'_>,
) -> Vec<Diagnostic> {
    let mut told: Vec<Diagnostic> = Vec::new();
    for coming in comings {
        let Some(job) = jobs.iter().find(|job| job.title == coming.title) else { continue };
        let worker = &job.work.container;
        let found = coming.states.iter().find_map(|state| runs_on(coming, worker, state, admission));
        told.extend(found.map(|one| warning(coming, &one)).filter(|one| !told.contains(one)));
    }
    told
}

/// The container that runs on in every place to which the pods may come when they find the cluster so.
fn runs_on(coming: &Coming<'_>, worker: &str, state: &State, admission: Admission<'_>) -> Option<Container> {
    let mut found = None;
    for (pod, platform) in places(coming, state, admission) {
        let goes_on = |one: &&Container| {
            one.role == ContainerRole::Main
                && one.name != worker
                && Part::of(one, platform) == Part::Application
        };
        found = Some(pod.containers.iter().find(goes_on)?.clone());
    }
    found
}

/// The pods as they are in each place to which they may come; as they are written in all, if there is none.
fn places(coming: &Coming<'_>, state: &State, admission: Admission<'_>) -> Vec<(PodSpec, Platform)> {
    let (pod, _) = admission.admitted(coming.spec, &state.cluster);
    let mut places = Vec::new();
    if may_come_to_virtual(coming.spec, state) {
        let taken_up = admission.taken_up(&pod, &state.cluster).map_or_else(|| pod.clone(), |(pod, _)| pod);
        let is_acs = Wish::read(&taken_up.labels, &taken_up.annotations).is_some();
        places.push((taken_up, if is_acs { Platform::Acs } else { Platform::Eci }));
    }
    if may_come_to_ecs(coming.spec, state) {
        places.push((pod.clone(), Platform::Ecs));
    }
    if places.is_empty() {
        places = [Platform::Ecs, Platform::Eci, Platform::Acs].map(|one| (pod.clone(), one)).into();
    }
    places
}

fn warning(coming: &Coming<'_>, one: &Container) -> Diagnostic {
    let main = coming.spec.containers.iter().filter(|own| own.role == ContainerRole::Main);
    let written = main.enumerate().find(|(_, own)| own.name == one.name);
    let (what, place) = match written {
        Some((index, _)) => {
            let path = JsonPath::root().key("spec").key("containers").index(index).key("name");
            (one.name.clone(), coming.place(&path))
        }
        None => (format!("{}, which is injected,", one.name), coming.place_of_name()),
    };
    let message = format!("{} never completes: {what} runs on when the work is done", coming.title);
    let help = "make it an init container with `restartPolicy: Always`, or set ECI_SIDECAR_CONTAINER=true on ECI, \
                __IS_SIDECAR__=true on ACS";
    Diagnostic::new(&code::NEVER_COMPLETES, message).at(place).help(help.to_owned())
}
