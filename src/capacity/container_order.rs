//! The order in which the containers of one pod start and exit: init containers, sidecars of every kind, applications.
//!
//! What marks a container as a sidecar differs by platform, and a mark of one platform says nothing to another. Pure:
//! given what each container is, how long its sidecars take and when the first may start, everything else follows.

use crate::object::{Container, ContainerRole};
use crate::rule::{Confidence, Rule};
use crate::units::{SimTime, Span};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "sidecar-marks",
        statement: "A container is a marked sidecar by __IS_SIDECAR__=true on ACS and by \
                    ECI_SIDECAR_CONTAINER=true on ECI, each on its own platform only and neither on an ECS \
                    node.",
        source: "ACS, \"Configure Sidecar container startup and shutdown sequence\"; ACK, \"Use SidecarSet on \
                 virtual nodes\"",
        confidence: Confidence::Documented,
    },
    Rule {
        id: "marked-sidecar-order",
        statement: "Marked sidecars start together before the application containers, which wait until they \
                    are ready, and at deletion they are told to end when the application containers have \
                    ended, all of it within the grace period.",
        source: "ACS, \"Configure Sidecar container startup and shutdown sequence\", for the order; nobody's \
                 word that the application waits for their readiness",
        confidence: Confidence::Estimate,
    },
    Rule {
        id: "native-sidecar-order",
        statement: "Init containers come one after the other; a native sidecar holds back what comes after it \
                    until its startup probe and postStart hook are through, and at deletion native sidecars \
                    end in the reverse order after all other containers, told at once and within the grace \
                    period.",
        source: "pkg/kubelet/kuberuntime/kuberuntime_container.go `computeInitContainerActions`, \
                 kuberuntime_termination_order.go, `killContainer`",
        confidence: Confidence::Source,
    },
    Rule {
        id: "init-containers-take-no-time",
        statement: "What an init container does before it ends takes no time.",
        source: "nobody's word: what init containers do is not simulated",
        confidence: Confidence::Estimate,
    },
    Rule {
        id: "sidecars-exit-with-the-job",
        statement: "Where containers are not started again, native and marked sidecars are told to end as soon \
                    as every application container has ended, and the pod is Succeeded or Failed, and costs \
                    no more, when they have; any other container keeps the pod Running.",
        source: "ACS, \"Configure Sidecar container startup and shutdown sequence\"; ECI, \"Forcibly terminate \
                 the sidecar container and ignore the container exit code\"; pkg/kubelet/kubelet_pods.go \
                 `getPhase`",
        confidence: Confidence::Documented,
    },
    Rule {
        id: "eci-container-type",
        statement: "On ECI a container with ECI_CONTAINER_TYPE=sidecar starts with the application, is killed \
                    when that has ended, and fails the pod by its exit code unless \
                    ECI_CONTAINER_IGNORE_EXIT_CODE=true.",
        source: "ECI, \"Forcibly terminate the sidecar container and ignore the container exit code\"",
        confidence: Confidence::Documented,
    },
    Rule {
        id: "kruise-sidecar-terminator",
        statement: "On ECS nodes a container with KRUISE_TERMINATE_SIDECAR_WHEN_JOB_EXIT=true starts with the \
                    application and is told to end when that has ended; it is held to end well, so that \
                    KRUISE_TERMINATE_SIDECAR_IGNORE_EXIT_CODE changes nothing.",
        source: "openkruise/kruise, pkg/controller/sidecarterminator; nobody's word on the exit code",
        confidence: Confidence::Estimate,
    },
];

/// What marks a sidecar on ACS.
pub const ACS_SIDECAR_ENV: &str = "__IS_SIDECAR__";
/// What marks a sidecar on ECI.
pub const ECI_SIDECAR_ENV: &str = "ECI_SIDECAR_CONTAINER";
/// What says on ECI that a container is to be killed when the application has ended.
pub const ECI_TYPE_ENV: &str = "ECI_CONTAINER_TYPE";
/// What says on ECI that a container's exit code is of no consequence.
pub const ECI_IGNORE_EXIT_CODE_ENV: &str = "ECI_CONTAINER_IGNORE_EXIT_CODE";
/// What would change the order of containers on ECI, and does not here.
pub const UNMODELLED_ENV: [&str; 2] = ["ECI_CONTAINER_LAUNCH_PRIORITY", "ECI_CONTAINER_EXIT_PRIORITY"];
/// What has OpenKruise end a sidecar with its Job.
pub const KRUISE_ENV: &str = "KRUISE_TERMINATE_SIDECAR_WHEN_JOB_EXIT";

/// Where a pod runs, as far as the marks of sidecars go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Platform {
    /// A kubelet on an ECS node.
    Ecs,
    /// An ECI instance.
    Eci,
    /// An ACS instance.
    Acs,
}

/// What a container is in the order of its pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// Runs to its end before what comes after it.
    Init,
    /// An init container with restartPolicy Always.
    NativeSidecar {
        /// Whether what comes after it waits until it is ready.
        holds_back: bool,
    },
    /// A sidecar by the mark of its platform: starts before the applications and exits after them.
    MarkedSidecar,
    /// Starts with the applications, and is told to end when they have ended.
    EndsWithJob {
        /// Whether its exit code fails the pod then.
        fails_pod: bool,
    },
    /// Everything else: the pod runs as long as one of them does.
    Application,
}

impl Part {
    /// What `container` is on `platform`.
    pub fn of(container: &Container, platform: Platform) -> Self {
        let says = |name: &str, value: &str| container.env.get(name) == Some(value);
        match (container.role, platform) {
            (ContainerRole::Init, _) => Self::Init,
            (ContainerRole::Sidecar, _) => Self::NativeSidecar { holds_back: container.holds_back },
            (ContainerRole::Main, Platform::Acs) if says(ACS_SIDECAR_ENV, "true") => Self::MarkedSidecar,
            (ContainerRole::Main, Platform::Eci) if says(ECI_SIDECAR_ENV, "true") => Self::MarkedSidecar,
            (ContainerRole::Main, Platform::Eci) if says(ECI_TYPE_ENV, "sidecar") => {
                Self::EndsWithJob { fails_pod: !says(ECI_IGNORE_EXIT_CODE_ENV, "true") }
            }
            (ContainerRole::Main, Platform::Ecs) if says(KRUISE_ENV, "true") => {
                Self::EndsWithJob { fails_pod: false }
            }
            (ContainerRole::Main, _) => Self::Application,
        }
    }

    /// Whether it starts before the applications and exits after them.
    pub const fn is_sidecar(self) -> bool {
        matches!(self, Self::NativeSidecar { .. } | Self::MarkedSidecar)
    }

    /// Whether it is told to end when the applications have ended by themselves.
    pub const fn exits_with_job(self) -> bool {
        matches!(self, Self::NativeSidecar { .. } | Self::MarkedSidecar | Self::EndsWithJob { .. })
    }
}

/// When the containers of a pod start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Starts {
    /// Each sidecar, as a place among the containers, and when it starts; in order of time.
    pub sidecars: Vec<(usize, SimTime)>,
    /// When all the others start, init containers aside.
    pub applications: SimTime,
    /// When the last of the sidecars is ready; `applications` without sidecars.
    pub sidecars_ready: SimTime,
}

/// When the containers of a pod start whose first one may start at `begin`; `ready` is how long the sidecar at a place
/// takes from its start until it is ready.
pub fn starts(parts: &[Part], begin: SimTime, mut ready: impl FnMut(usize) -> Span) -> Starts {
    let mut starts = Starts { sidecars: Vec::new(), applications: begin, sidecars_ready: begin };
    for (place, part) in parts.iter().enumerate() {
        if let Part::NativeSidecar { holds_back } = *part {
            let is_ready = starts.sidecar(place, ready(place));
            if holds_back {
                starts.applications = is_ready;
            }
        }
    }
    let marked = (0..parts.len()).filter(|&place| parts[place] == Part::MarkedSidecar);
    let all_ready = marked.map(|place| starts.sidecar(place, ready(place))).max();
    starts.applications = all_ready.unwrap_or(starts.applications).max(starts.applications);
    starts.sidecars_ready = starts.sidecars_ready.max(starts.applications);
    starts
}

impl Starts {
    /// A sidecar starts at the present end of the order; when it is ready.
    fn sidecar(&mut self, place: usize, takes: Span) -> SimTime {
        let is_ready = self.applications + takes;
        self.sidecars.push((place, self.applications));
        self.sidecars_ready = self.sidecars_ready.max(is_ready);
        is_ready
    }
}

/// How one container exits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exit {
    /// Its place among the containers.
    pub container: usize,
    /// When the event tells that it is being stopped.
    pub told: SimTime,
    /// When it has ended.
    pub ended: SimTime,
}

/// How the containers of a pod exit that is deleted at `from`: the applications take `applications`, the sidecar at a
/// place `stop`, and nobody longer than `grace` from the beginning.
pub fn exits_at_deletion(
    parts: &[Part],
    from: SimTime,
    grace: Span,
    applications: Span,
    stop: impl FnMut(usize) -> Span,
) -> Vec<Exit> {
    let ended = from + applications.min(grace);
    let first = (0..parts.len())
        .filter(|&place| matches!(parts[place], Part::Application | Part::EndsWithJob { .. }))
        .map(|container| Exit { container, told: from, ended });
    let mut exits: Vec<_> = first.collect();
    let deadline = from + grace;
    let begin = if exits.is_empty() { from } else { ended };
    sidecars_exit(parts, (from, begin), deadline, stop, &mut exits);
    exits
}

/// How the sidecars of a pod exit whose applications have all ended by themselves at `from`, within `grace`.
pub fn exits_after_work(
    parts: &[Part],
    from: SimTime,
    grace: Span,
    mut stop: impl FnMut(usize) -> Span,
) -> Vec<Exit> {
    let killed = (0..parts.len()).filter(|&place| matches!(parts[place], Part::EndsWithJob { .. }));
    let killed =
        killed.map(|container| Exit { container, told: from, ended: from + stop(container).min(grace) });
    let mut exits: Vec<_> = killed.collect();
    sidecars_exit(parts, (from, from), from + grace, stop, &mut exits);
    exits
}

/// Marked sidecars together from `begin` on, then native ones from the last to the first. The kubelet tells of all its
/// containers at `from`, before they wait for their turn.
fn sidecars_exit(
    parts: &[Part],
    (from, begin): (SimTime, SimTime),
    deadline: SimTime,
    mut stop: impl FnMut(usize) -> Span,
    exits: &mut Vec<Exit>,
) {
    let mut last = exits.iter().map(|exit| exit.ended).max().unwrap_or(begin).max(begin);
    let marked = (0..parts.len()).filter(|&place| parts[place] == Part::MarkedSidecar);
    let together: Vec<_> = marked
        .map(|container| Exit { container, told: begin, ended: (begin + stop(container)).min(deadline) })
        .collect();
    last = together.iter().map(|exit| exit.ended).max().unwrap_or(last).max(last);
    exits.extend(together);
    let native = |place: &usize| matches!(parts[*place], Part::NativeSidecar { .. });
    for container in (0..parts.len()).filter(native).rev() {
        last = (last + stop(container)).min(deadline).max(last);
        exits.push(Exit { container, told: from, ended: last });
    }
}

#[cfg(test)]
mod tests;
