//! What can be seen of a rollout: how many pods of which ReplicaSet there are after each instant, and how many serve.

use std::collections::BTreeMap;

use overspill::id::PodId;
use overspill::metric::Fact;
use overspill::simulation::{Scenario, run};
use overspill::units::SimTime;

/// One pod, as it stands.
#[derive(Clone, Debug)]
pub(crate) struct Pod {
    pub(crate) name: String,
    pub(crate) ready: bool,
    pub(crate) terminating: bool,
}

/// The pods that are there after one instant.
#[derive(Clone, Debug)]
pub(crate) struct Moment {
    pub(crate) at: SimTime,
    pub(crate) pods: Vec<Pod>,
}

impl Moment {
    /// Pods that are not terminating.
    pub(crate) fn active(&self) -> usize {
        self.pods.iter().filter(|pod| !pod.terminating).count()
    }

    /// Those of them that are ready.
    pub(crate) fn ready(&self) -> usize {
        self.pods.iter().filter(|pod| !pod.terminating && pod.ready).count()
    }

    /// How many pods, ending ones included, have a name that begins so.
    pub(crate) fn of(&self, prefix: &str) -> usize {
        self.pods.iter().filter(|pod| pod.name.starts_with(prefix)).count()
    }
}

/// All that was seen of one run.
#[derive(Debug, Default)]
pub(crate) struct Course {
    pub(crate) moments: Vec<Moment>,
    /// Reasons and messages of the events of Deployments.
    pub(crate) said: Vec<(SimTime, String)>,
}

impl Course {
    pub(crate) fn of(scenario: &Scenario) -> Self {
        let mut course = Self::default();
        let mut pods: BTreeMap<PodId, Pod> = BTreeMap::new();
        run(scenario, &mut |now, fact| {
            match fact {
                Fact::PodCreated { pod, name, .. } => {
                    let new = Pod { name: (*name).to_owned(), ready: false, terminating: false };
                    pods.insert(*pod, new);
                }
                Fact::PodReady { pod } => pods.get_mut(pod).unwrap().ready = true,
                Fact::PodUnready { pod } => pods.get_mut(pod).unwrap().ready = false,
                Fact::PodTerminating { pod } => pods.get_mut(pod).unwrap().terminating = true,
                Fact::PodEnded { pod, .. } => {
                    pods.remove(pod);
                }
                Fact::Event { object, message, .. } if object.kind == "Deployment" => {
                    course.said.push((now, message.to_string()));
                    return;
                }
                _ => return,
            }
            if course.moments.last().is_some_and(|last| last.at == now) {
                course.moments.pop();
            }
            course.moments.push(Moment { at: now, pods: pods.values().cloned().collect() });
        });
        course
    }

    /// What there is from `at` on.
    #[track_caller]
    pub(crate) fn at(&self, seconds: u64) -> &Moment {
        let at = SimTime::from_secs(seconds);
        self.moments.iter().rev().find(|moment| moment.at <= at).expect("something happened before")
    }

    /// What was said of Deployments at an instant.
    pub(crate) fn said_at(&self, seconds: u64) -> Vec<&str> {
        let at = SimTime::from_secs(seconds);
        self.said.iter().filter(|(time, _)| *time == at).map(|(_, message)| message.as_str()).collect()
    }
}
