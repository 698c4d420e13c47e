//! Pods that come and go as a trace says.

use super::Run;
use super::event::Event;
use super::pod_state::Creator;
use crate::arrivals::TraceEnd;
use crate::id::PodId;
use crate::object::Title;
use crate::random::Stream;
use crate::simulation::Scenario;

/// Draws of traces are kept apart from those of workloads, which count from zero, of sources and of Jobs.
const FIRST_GROUP: u32 = 5 << 29;

/// What a pod of a trace belongs to, as results name it: `PodTrace/TRACE/APP`, or the ReplicaSet that owns it.
pub(super) fn title(scenario: &Scenario, trace: u32, pod: u32) -> Title<'_> {
    let setup = &scenario.pod_traces[trace as usize];
    let class = setup.trace.pods()[pod as usize].class as usize;
    let spec = &setup.classes[class];
    match (&spec.owner, &*setup.apps[class]) {
        (Some(owner), _) => Title { kind: "ReplicaSet", namespace: Some(&spec.namespace), name: &owner.name },
        (None, "") => Title { kind: "PodTrace", namespace: None, name: &setup.name },
        (None, app) => Title { kind: "PodTrace", namespace: Some(&setup.name), name: app },
    }
}

impl Run<'_, '_> {
    /// Puts the next pods of a trace into the calendar: one event, however many are to come.
    pub(super) fn expect_traced(&mut self, trace: u32) {
        let pods = self.scenario.pod_traces[trace as usize].trace.pods();
        if let Some(next) = pods.get(self.traced[trace as usize] as usize) {
            self.at(next.created, Event::TraceArrival(trace));
        }
    }

    /// The pods of a trace that are created now come.
    pub(super) fn trace_arrival(&mut self, trace: u32) {
        let setup = &self.scenario.pod_traces[trace as usize];
        let mut number = self.traced[trace as usize];
        while let Some(row) = setup.trace.pods().get(number as usize).filter(|row| row.created == self.now) {
            let creator = Creator::Trace(trace, number);
            let draws = Stream::of(FIRST_GROUP + trace, number);
            let template = &setup.classes[row.class as usize];
            let pod = match setup.trace.name(row) {
                "" => {
                    let name = format!("{}-{}", setup.name, number + 1);
                    self.receive_replica(&name, template, creator, draws)
                }
                name => self.receive_replica(name, template, creator, draws),
            };
            if let TraceEnd::Deleted(at) = setup.trace.end(row) {
                self.at(at, Event::TraceDeletion(pod));
            }
            number += 1;
        }
        self.traced[trace as usize] = number;
        self.expect_traced(trace);
    }

    /// A pod of a trace is ready: one with a lifetime begins it.
    pub(super) fn traced_is_ready(&mut self, trace: u32, number: u32, pod: PodId) {
        let trace = &self.scenario.pod_traces[trace as usize].trace;
        if let TraceEnd::After(lifetime) = trace.end(&trace.pods()[number as usize]) {
            self.at(self.now + lifetime, Event::PodDone(pod));
        }
    }
}
