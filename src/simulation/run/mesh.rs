//! The service mesh in a run: new pods get their sidecar, wait for it, and pay for what passes through it.

use super::Run;
use crate::admission::istio::{proxy_of, sidecar::waits_for_proxy};
use crate::id::PodId;
use crate::object::PodSpec;
use crate::random::{Purpose, generator};
use crate::simulation::Scenario;
use crate::simulation::scenario::MeshSetup;
use crate::traffic::load::MemoryPerThousandRequests;
use crate::units::{MilliCpu, SimTime};

impl Run<'_, '_> {
    /// When a pod's containers run and when it is ready, given both times without its proxy. An application that waits
    /// for the proxy starts that much later; any other gets ready beside it.
    pub(super) fn beside_proxy(&self, pod: PodId, started: SimTime, ready: SimTime) -> (SimTime, SimTime) {
        let spec = self.cluster.spec_of(pod);
        let Some(mesh) = self.scenario.mesh.as_ref().filter(|_| proxy_of(spec).is_some()) else {
            return (started, ready);
        };
        let mut draws = generator(self.seed, Purpose::ProxyReady, self.cluster.pod(pod).draws);
        let proxy = mesh.proxy_ready.draw(&mut draws);
        if waits_for_proxy(spec) {
            (started + proxy, ready + proxy)
        } else {
            (started, ready.max(started + proxy))
        }
    }
}

/// What a thousand requests per second cost in a pod's proxy; nothing without one.
pub(super) fn proxy_cost(pod: &PodSpec, scenario: &Scenario) -> MilliCpu {
    mesh_of(pod, scenario).map_or(MilliCpu::ZERO, |mesh| mesh.cost.0)
}

/// What requests hold in the memory of a pod's proxy; nothing without one.
pub(super) fn proxy_memory(pod: &PodSpec, scenario: &Scenario) -> MemoryPerThousandRequests {
    mesh_of(pod, scenario).map_or_else(MemoryPerThousandRequests::default, |mesh| mesh.memory)
}

fn mesh_of<'s>(pod: &PodSpec, scenario: &'s Scenario) -> Option<&'s MeshSetup> {
    scenario.mesh.as_ref().filter(|_| proxy_of(pod).is_some())
}
