//! What is injected: the proxy, and the init container that sends the pod's traffic through it.
//!
//! Source: istio/istio manifests/charts/istio-control/istio-discovery/files/injection-template.yaml and
//! pkg/kube/inject/webhook.go `reorderPod`.

use crate::object::pod::Container;
use crate::object::{ContainerRole, PodSpec, ResourceList};
use crate::rule::{Confidence, Rule};
use crate::units::{ParseQuantityError, Quantity};

pub(in crate::admission) const RULES: &[Rule] = &[
    Rule {
        id: "istio-proxy-resources",
        statement: "The proxy requests 100m of cpu and 128 MiB and is limited to 2 cores and 1 GiB, and \
                    istio-init has the same.",
        source: "istio/istio, manifests/charts/istio-control/istio-discovery/values.yaml",
        confidence: Confidence::Source,
    },
    Rule {
        id: "istio-proxy-annotations",
        statement: "If a pod has any of the annotations sidecar.istio.io/proxyCPU, proxyMemory, \
                    proxyCPULimit and proxyMemoryLimit, its proxy has what they say and nothing else, and \
                    a limit without a request becomes the request.",
        source: "istio/istio, files/injection-template.yaml; pkg/apis/core/v1/defaults.go `SetDefaults_Pod`",
        confidence: Confidence::Source,
    },
    Rule {
        id: "istio-proxy-place",
        statement: "The proxy is the last container, or the first if it holds the application, or as a \
                    native sidecar an init container that only istio-init or istio-validation precedes.",
        source: "istio/istio, pkg/kube/inject/webhook.go `reorderPod`",
        confidence: Confidence::Source,
    },
];

/// The name of the injected container.
pub const PROXY: &str = "istio-proxy";
/// The annotation that tells what was injected; a pod that has it is not injected again.
pub const STATUS_ANNOTATION: &str = "sidecar.istio.io/status";
/// The image of the proxy where nobody names one.
pub const DEFAULT_IMAGE: &str = "proxyv2";

/// The annotation that names a pod's proxy image.
const IMAGE_ANNOTATION: &str = "sidecar.istio.io/proxyImage";
/// The annotation that chooses how the proxy runs.
const NATIVE_ANNOTATION: &str = "sidecar.istio.io/nativeSidecar";
/// The annotations of a pod that size its proxy: requests, then limits.
const SIZES: [(&str, &str, bool); 4] = [
    ("sidecar.istio.io/proxyCPU", "cpu", false),
    ("sidecar.istio.io/proxyMemory", "memory", false),
    ("sidecar.istio.io/proxyCPULimit", "cpu", true),
    ("sidecar.istio.io/proxyMemoryLimit", "memory", true),
];

/// Every annotation of a pod that says something about its proxy.
pub const ANNOTATIONS: [&str; 7] =
    [SIZES[0].0, SIZES[1].0, SIZES[2].0, SIZES[3].0, IMAGE_ANNOTATION, NATIVE_ANNOTATION, STATUS_ANNOTATION];

/// What every injected pod gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sidecar {
    /// The image of the proxy and of the init container.
    pub image: String,
    /// What the proxy requests.
    pub requests: ResourceList,
    /// What it may use.
    pub limits: ResourceList,
    /// Whether it is a native sidecar: an init container with restartPolicy Always.
    pub native: bool,
    /// Whether the application starts only after the proxy is ready (`holdApplicationUntilProxyStarts`).
    pub holds_application: bool,
    /// Whether a CNI plugin redirects traffic, so that the init container only looks whether it does.
    pub cni: bool,
}

impl Default for Sidecar {
    fn default() -> Self {
        let list = |cpu: i128, mebibytes: i64| {
            let memory = Quantity::from_units(mebibytes << 20);
            [("cpu", Quantity::from_milli(cpu)), ("memory", memory)]
                .map(|(name, quantity)| (name.to_owned(), quantity))
                .into()
        };
        Self {
            image: DEFAULT_IMAGE.to_owned(),
            requests: list(100, 128),
            limits: list(2000, 1024),
            native: false,
            holds_application: false,
            cni: false,
        }
    }
}

/// Why a pod's annotations make no proxy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProxyProblem {
    /// An annotation is not a quantity.
    #[error("{annotation}: {error}")]
    NotAQuantity {
        /// The annotation.
        annotation: &'static str,
        /// Why not.
        error: ParseQuantityError,
    },
    /// A request is negative or larger than its limit.
    #[error("the proxy's {resource} request of {request} must be from 0 to its limit of {limit}")]
    RequestAboveLimit {
        /// `cpu` or `memory`.
        resource: String,
        /// The request.
        request: Quantity,
        /// The limit.
        limit: Quantity,
    },
}

impl ProxyProblem {
    /// The annotation of `pod` that is to blame.
    pub fn annotation(&self, pod: &PodSpec) -> Option<&'static str> {
        match self {
            Self::NotAQuantity { annotation, .. } => Some(annotation),
            Self::RequestAboveLimit { resource, .. } => {
                let is_there = |key: &str| pod.annotations.get(key).is_some();
                let sizes = SIZES.iter().filter(|(_, name, _)| name == resource);
                sizes.map(|(key, ..)| *key).find(|key| is_there(key))
            }
        }
    }
}

impl Sidecar {
    /// `pod` with the sidecar in it. Annotations that [`Sidecar::sized`] refuses are left out of account: with them the
    /// API server would not have created the pod.
    pub fn inject(&self, pod: &PodSpec) -> PodSpec {
        let mut pod = pod.clone();
        let sized = self.sized(&pod).unwrap_or_else(|_| self.clone());
        let mut proxy = sized.proxy(&pod);
        let name = if self.cni { "istio-validation" } else { "istio-init" }.to_owned();
        let init = Container { name, role: ContainerRole::Init, ..proxy.clone() };
        // What the pod itself says of its proxy goes before the template.
        if let Some(place) = pod.containers.iter().position(|container| container.name == PROXY) {
            let own = pod.containers.remove(place);
            proxy.requests.extend(own.requests);
            proxy.limits.extend(own.limits);
            proxy.env = own.env;
            if !matches!(own.image.as_str(), "" | "auto") {
                proxy.image = own.image;
            }
        }
        self.arrange(&mut pod.containers, init, proxy);
        pod.annotations.set(STATUS_ANNOTATION, "injected");
        pod.count_requests(false);
        pod
    }

    /// Puts both containers where upstream does.
    fn arrange(&self, containers: &mut Vec<Container>, init: Container, proxy: Container) {
        let first_main = |containers: &[Container]| {
            containers.iter().position(|one| one.role == ContainerRole::Main).unwrap_or(containers.len())
        };
        if proxy.role == ContainerRole::Sidecar {
            containers.splice(0..0, [init, proxy]);
            return;
        }
        let place = if self.cni { 0 } else { first_main(containers) };
        containers.insert(place, init);
        let place = if self.holds_application { first_main(containers) } else { containers.len() };
        containers.insert(place, proxy);
    }

    /// The proxy of a pod, with the resources of `self`.
    fn proxy(self, pod: &PodSpec) -> Container {
        let native = match pod.annotations.get(NATIVE_ANNOTATION) {
            Some("true") => true,
            Some("false") => false,
            _ => self.native,
        };
        Container {
            role: if native { ContainerRole::Sidecar } else { ContainerRole::Main },
            image: pod.annotations.get(IMAGE_ANNOTATION).map_or(self.image, str::to_owned),
            requests: self.requests,
            limits: self.limits,
            ..Container::named(PROXY)
        }
    }

    /// The sidecar as a pod's annotations size it.
    ///
    /// # Errors
    ///
    /// The first annotation that makes no sense.
    pub fn sized(&self, pod: &PodSpec) -> Result<Self, ProxyProblem> {
        let mut sized = self.clone();
        if SIZES.iter().any(|(annotation, ..)| pod.annotations.get(annotation).is_some()) {
            sized.requests.clear();
            sized.limits.clear();
        }
        for (annotation, resource, is_limit) in SIZES {
            let Some(text) = pod.annotations.get(annotation) else { continue };
            let quantity = text.parse().map_err(|error| ProxyProblem::NotAQuantity { annotation, error })?;
            let list = if is_limit { &mut sized.limits } else { &mut sized.requests };
            list.insert(resource.to_owned(), quantity);
        }
        for (resource, limit) in &sized.limits {
            sized.requests.entry(resource.clone()).or_insert(*limit);
        }
        sized.check().map(|()| sized)
    }

    /// Whether the API server takes a container with these resources.
    ///
    /// # Errors
    ///
    /// Why it does not.
    pub fn check(&self) -> Result<(), ProxyProblem> {
        for (resource, &request) in &self.requests {
            let limit = self.limits.get(resource).copied().unwrap_or(request);
            if request.is_negative() || request > limit {
                return Err(ProxyProblem::RequestAboveLimit { resource: resource.clone(), request, limit });
            }
        }
        Ok(())
    }
}

/// The injected proxy of a pod.
pub fn proxy_of(pod: &PodSpec) -> Option<&Container> {
    pod.annotations.get(STATUS_ANNOTATION)?;
    pod.containers.iter().find(|container| container.name == PROXY)
}

/// Whether the containers of a pod wait for its injected proxy: it is a native sidecar, or the first of them but for
/// what OpenKruise has put before it.
pub fn waits_for_proxy(pod: &PodSpec) -> bool {
    let is_first = |one: &&Container| one.role == ContainerRole::Main && !one.is_injected();
    let first = pod.containers.iter().find(is_first);
    proxy_of(pod).is_some_and(|proxy| proxy.role == ContainerRole::Sidecar || Some(proxy) == first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::{Bytes, MilliCpu};

    fn list(pairs: &[(&str, &str)]) -> ResourceList {
        pairs.iter().map(|(name, text)| ((*name).to_owned(), text.parse().unwrap())).collect()
    }

    fn nginx(annotations: &[(&str, &str)]) -> PodSpec {
        let app = Container {
            requests: list(&[("cpu", "250m"), ("memory", "256Mi")]),
            ..Container::named("nginx")
        };
        let mut pod = PodSpec {
            annotations: annotations.iter().copied().collect(),
            containers: vec![app],
            ..PodSpec::empty("default")
        };
        pod.count_requests(false);
        pod
    }

    /// Names of the containers in order, init containers in brackets, native sidecars with a star.
    fn order(pod: &PodSpec) -> String {
        let name = |one: &Container| match one.role {
            ContainerRole::Init => format!("({})", one.name),
            ContainerRole::Sidecar => format!("{}*", one.name),
            ContainerRole::Main => one.name.clone(),
        };
        pod.containers.iter().map(name).collect::<Vec<_>>().join(" ")
    }

    /// rule: istio-proxy-resources
    #[test]
    fn the_scheduler_sees_100m_and_128_mebibytes_more() {
        let before = nginx(&[]);
        let after = Sidecar::default().inject(&before);
        assert_eq!(after.requests.filter.cpu - before.requests.filter.cpu, MilliCpu(100));
        assert_eq!(after.requests.filter.memory.0 - before.requests.filter.memory.0, Bytes::from_mib(128).0);
        let proxy = proxy_of(&after).unwrap();
        assert_eq!(proxy.limits, list(&[("cpu", "2"), ("memory", "1Gi")]));
        assert_eq!(after.containers[0].limits, proxy.limits, "istio-init");
        assert_eq!((before.ready_containers(), after.ready_containers()), (1, 2));
    }

    /// rule: istio-proxy-resources
    #[test]
    fn native_and_classic_sidecars_request_the_same() {
        let classic = Sidecar::default().inject(&nginx(&[]));
        let native = Sidecar { native: true, ..Sidecar::default() }.inject(&nginx(&[]));
        assert_eq!(classic.requests, native.requests);
        assert_eq!(native.ready_containers(), 2);
    }

    #[test]
    fn beside_a_native_sidecar_a_large_init_container_counts_more() {
        let mut pod = nginx(&[]);
        let requests = list(&[("cpu", "1")]);
        pod.containers
            .insert(0, Container { role: ContainerRole::Init, requests, ..Container::named("load") });
        let classic = Sidecar::default().inject(&pod);
        let native = Sidecar { native: true, ..Sidecar::default() }.inject(&pod);
        assert_eq!(
            (classic.requests.filter.cpu, native.requests.filter.cpu),
            (MilliCpu(1000), MilliCpu(1100))
        );
    }

    /// rule: istio-proxy-annotations
    #[test]
    fn if_any_annotation_is_set_only_those_are_used() {
        let proxy = |annotations: &[(&str, &str)]| {
            let pod = Sidecar::default().inject(&nginx(annotations));
            let proxy = proxy_of(&pod).unwrap();
            (proxy.requests.clone(), proxy.limits.clone())
        };
        assert_eq!(proxy(&[("sidecar.istio.io/proxyCPU", "10m")]), (list(&[("cpu", "10m")]), list(&[])));
        assert_eq!(
            proxy(&[("sidecar.istio.io/proxyMemoryLimit", "64Mi"), ("sidecar.istio.io/proxyCPU", "10m")]),
            (list(&[("cpu", "10m"), ("memory", "64Mi")]), list(&[("memory", "64Mi")]))
        );
        assert_eq!(
            proxy(&[("sidecar.istio.io/proxyCPULimit", "1"), ("sidecar.istio.io/proxyMemory", "32Mi")]),
            (list(&[("cpu", "1"), ("memory", "32Mi")]), list(&[("cpu", "1")]))
        );
    }

    /// rule: istio-proxy-annotations
    #[test]
    fn annotations_that_make_no_proxy_are_refused() {
        let problem = |annotations: &[(&str, &str)]| {
            Sidecar::default().sized(&nginx(annotations)).unwrap_err().to_string()
        };
        let text = problem(&[("sidecar.istio.io/proxyCPU", "ten")]);
        assert!(text.starts_with("sidecar.istio.io/proxyCPU: "), "{text}");
        let pair = [("sidecar.istio.io/proxyCPU", "2"), ("sidecar.istio.io/proxyCPULimit", "1")];
        assert_eq!(problem(&pair), "the proxy's cpu request of 2 must be from 0 to its limit of 1");
        assert!(Sidecar::default().sized(&nginx(&[("sidecar.istio.io/proxyCPU", "-1")])).is_err());
    }

    /// rule: istio-proxy-place
    #[test]
    fn the_proxy_stands_where_upstream_puts_it() {
        let mut pod = nginx(&[]);
        pod.containers.insert(0, Container { role: ContainerRole::Init, ..Container::named("load") });
        let placed = |sidecar: Sidecar| order(&sidecar.inject(&pod));
        let classic = Sidecar::default();
        assert_eq!(placed(classic.clone()), "(load) (istio-init) nginx istio-proxy");
        let holding = Sidecar { holds_application: true, ..classic.clone() };
        assert_eq!(placed(holding), "(load) (istio-init) istio-proxy nginx");
        let cni = Sidecar { cni: true, ..classic.clone() };
        assert_eq!(placed(cni), "(istio-validation) (load) nginx istio-proxy");
        let native = Sidecar { native: true, ..classic };
        assert_eq!(placed(native), "(istio-init) istio-proxy* (load) nginx");
    }

    /// rule: istio-proxy-place
    #[test]
    fn a_pod_chooses_how_its_proxy_runs() {
        let says = |value| order(&Sidecar::default().inject(&nginx(&[(NATIVE_ANNOTATION, value)])));
        assert_eq!(says("true"), "(istio-init) istio-proxy* nginx");
        assert_eq!(says("false"), "(istio-init) nginx istio-proxy");
    }

    #[test]
    fn the_application_waits_for_a_proxy_that_stands_before_it() {
        let waits = |sidecar: Sidecar| waits_for_proxy(&sidecar.inject(&nginx(&[])));
        let classic = Sidecar::default();
        assert!(!waits(classic.clone()));
        assert!(waits(Sidecar { native: true, ..classic.clone() }));
        assert!(waits(Sidecar { holds_application: true, ..classic }));
        assert!(!waits_for_proxy(&nginx(&[])));
    }

    #[test]
    fn what_a_pod_says_of_its_own_proxy_container_stays() {
        let mut pod = nginx(&[(IMAGE_ANNOTATION, "mine")]);
        let requests = list(&[("cpu", "1")]);
        pod.containers.push(Container { requests, image: "auto".to_owned(), ..Container::named(PROXY) });
        let pod = Sidecar::default().inject(&pod);
        assert_eq!(order(&pod), "(istio-init) nginx istio-proxy");
        let proxy = proxy_of(&pod).unwrap();
        assert_eq!(proxy.requests, list(&[("cpu", "1"), ("memory", "128Mi")]));
        assert_eq!(proxy.image, "mine");
    }
}
