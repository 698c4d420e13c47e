//! What each container of a pod requests and uses.

use crate::admission::istio::proxy_of;
use crate::controller::hpa::{Amounts, Container, ContainerUsage};
use crate::controller::pod_metrics::Sample;
use crate::object::{self, ContainerRole, PodSpec};
use crate::traffic::load::MemoryPerThousandRequests;
use crate::units::{Bytes, MilliCpu};

/// The containers of a pod as an autoscaler sees them.
pub(super) struct Containers<'s> {
    pub(super) main: Vec<Container<'s>>,
    pub(super) sidecars: Vec<Container<'s>>,
}

impl<'s> Containers<'s> {
    pub(super) fn of(spec: &'s PodSpec) -> Self {
        Self {
            main: with_requests(spec, ContainerRole::Main),
            sidecars: with_requests(spec, ContainerRole::Sidecar),
        }
    }
}

/// The containers of one role with their requests.
fn with_requests(spec: &PodSpec, role: ContainerRole) -> Vec<Container<'_>> {
    let amounts = |container: &object::Container| {
        let cpu = container.requests.get("cpu").map(|quantity| MilliCpu(quantity.milli_value()));
        let memory = container.requests.get("memory").map(|quantity| Bytes(quantity.value()));
        Amounts::new(cpu, memory)
    };
    let of_role = spec.containers.iter().filter(|container| container.role == role);
    of_role.map(|container| Container { name: &container.name, requests: amounts(container) }).collect()
}

/// What requests cost the application of a pod and its injected proxy, in this order.
///
/// The application is the first main container that OpenKruise has not injected; all others idle.
#[derive(Clone, Copy, Debug)]
pub(super) struct Costs {
    pub(super) cpu: [MilliCpu; 2],
    pub(super) memory: [MemoryPerThousandRequests; 2],
    /// What every container holds without requests.
    pub(super) base_memory: Bytes,
}

impl Costs {
    /// What each container of a pod uses. Cpu is shared in the ratio of what a request costs.
    pub(super) fn usage<'s>(&self, spec: &'s PodSpec, sample: Sample) -> Vec<ContainerUsage<'s>> {
        let proxy = proxy_of(spec).map(|container| container.name.as_str());
        let is_candidate = |one: &&object::Container| one.role == ContainerRole::Main && !one.is_injected();
        let application = spec
            .containers
            .iter()
            .filter(|one| proxy != Some(one.name.as_str()))
            .find(is_candidate)
            .map(|one| one.name.as_str());
        let [of_application, of_proxy] = self.shares(sample);
        let running = spec.containers.iter().filter(|one| one.role != ContainerRole::Init);
        running
            .map(|one| {
                let name = one.name.as_str();
                let (cpu, held) = match Some(name) {
                    name if name == proxy => of_proxy,
                    name if name == application => of_application,
                    _ => (MilliCpu::ZERO, Bytes::ZERO),
                };
                let memory = self.memory(one, held);
                ContainerUsage { name, usage: Amounts::new(Some(cpu), Some(memory)) }
            })
            .collect()
    }

    /// Cpu and memory that requests take in the application and in the proxy.
    fn shares(&self, sample: Sample) -> [(MilliCpu, Bytes); 2] {
        let [application, proxy] = self.cpu;
        let both = (application + proxy).0.max(1);
        let of_proxy = MilliCpu(sample.cpu.0 * proxy.0 / both);
        let [held, held_by_proxy] = self.memory.map(|memory| memory.held_at(sample.milli_rate));
        [(sample.cpu - of_proxy, held), (of_proxy, held_by_proxy)]
    }

    /// The memory of a container of whose requests take so much.
    fn memory(&self, container: &object::Container, held: Bytes) -> Bytes {
        let wanted = Bytes(self.base_memory.0.saturating_add(held.0));
        let limit = container.limits.get("memory").map(|limit| Bytes(limit.value()));
        limit.map_or(wanted, |limit| wanted.min(limit))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::admission::istio::Sidecar;
    use crate::units::{SimTime, Span};

    const MIB: i64 = 1 << 20;

    /// A pod of an application and a logger, with Envoy if `sidecar` injects it.
    fn pod(sidecar: Option<Sidecar>) -> PodSpec {
        let containers = ["app", "logger"].map(object::Container::named).to_vec();
        let pod = PodSpec { containers, ..PodSpec::empty("default") };
        sidecar.map_or_else(|| pod.clone(), |sidecar| sidecar.inject(&pod))
    }

    /// What containers use of 901 millicores and 2000 requests per second.
    fn used(pod: &PodSpec, proxy: i64) -> Vec<(String, Amounts)> {
        let memory = [40, 60].map(|mib| MemoryPerThousandRequests(Bytes::from_mib(mib)));
        let cpu = [MilliCpu(100), MilliCpu(proxy)];
        let costs = Costs { cpu, memory, base_memory: Bytes::from_mib(64) };
        let (timestamp, window) = (SimTime::ZERO, Span::from_secs(15));
        let sample = Sample { timestamp, window, cpu: MilliCpu(901), milli_rate: 2_000_000 };
        costs.usage(pod, sample).into_iter().map(|one| (one.name.to_owned(), one.usage)).collect()
    }

    #[track_caller]
    fn check(sidecar: Option<Sidecar>, proxy: i64, expected: &[(&str, i64, i64)]) {
        let used = used(&pod(sidecar), proxy);
        let used: Vec<_> = used
            .iter()
            .map(|(name, usage)| (name.as_str(), usage.cpu.unwrap(), usage.memory.unwrap() / (1000 * MIB)))
            .collect();
        assert_eq!(used, expected);
    }

    /// rule: memory-per-request
    #[test]
    fn the_proxy_and_the_application_share_the_load() {
        let hold = Sidecar { holds_application: true, ..Sidecar::default() };
        let native = Sidecar { native: true, ..Sidecar::default() };
        let (app, logger, proxy) = (("app", 301, 144), ("logger", 0, 64), ("istio-proxy", 600, 184));
        check(None, 0, &[("app", 901, 144), logger]);
        check(Some(Sidecar::default()), 200, &[app, logger, proxy]);
        check(Some(hold), 200, &[proxy, app, logger]);
        check(Some(native), 200, &[proxy, app, logger]);
    }

    /// rule: memory-per-request
    #[test]
    fn no_container_goes_above_its_limit() {
        let mut pod = pod(None);
        pod.containers[0].limits.insert("memory".to_owned(), "100Mi".parse().unwrap());
        let used = used(&pod, 0);
        let memory: Vec<_> = used.iter().map(|(_, usage)| usage.memory.unwrap() / (1000 * MIB)).collect();
        assert_eq!(memory, [100, 64]);
    }
}
