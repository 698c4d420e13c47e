//! OpenKruise's SidecarSet: which pods get its containers, and what those pods are then.
//!
//! A pod that is created is looked at by OpenKruise's webhook, after Istio's. One that is on a virtual node is looked at
//! again when ack-virtual-node has labelled it: filters and scores never see what it gets then.
//!
//! Sources: openkruise/kruise pkg/webhook/pod/mutating/sidecarset.go and sidecarset_hotupgrade.go; ACK, "Inject sidecar
//! containers into ACS pods in virtual nodes".

mod annotations;
mod rules;
mod upgrade;

use crate::cluster::Cluster;
use crate::object::pod::{Container, INJECTED_ENV};
use crate::object::sidecar_set::{SidecarContainer, VIRTUAL_NODE_LABEL};
use crate::object::{ContainerRole, Labels, PodSpec, SidecarSet};

pub use annotations::{
    HASH, HASH_WITHOUT_IMAGE, INJECTED_LIST, WORKING_CONTAINER, has_been_injected, hash_of, is_of_injection,
};
pub(super) use rules::RULES;
pub(super) use upgrade::RULES as UPGRADE_RULES;
pub use upgrade::{Upgraded, reset, upgraded};

/// Namespaces whose pods OpenKruise leaves alone (`SidecarIgnoredNamespaces`).
pub const IGNORED_NAMESPACES: [&str; 2] = ["kube-system", "kube-public"];

/// The label by which a pod asks for a class of ACS compute power.
pub const COMPUTE_CLASS: &str = "alibabacloud.com/compute-class";

/// The classes whose pods are injected on virtual nodes: general-purpose and compute-optimized.
pub const SERVED_CLASSES: [&str; 2] = ["general-purpose", "performance"];

/// When a pod is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// As it comes to the API server.
    Creation,
    /// When it is on a virtual node, and labelled.
    OnVirtualNode,
}

/// A pod with the containers of all SidecarSets that select it and have not been there before; `None` if there is
/// none. On a virtual node it counts for what it counted before: [`PodSpec::requests`] stays as it is.
pub fn inject(pod: &PodSpec, cluster: &Cluster, moment: Moment) -> Option<PodSpec> {
    let sets = matching(pod, cluster, moment);
    if sets.is_empty() {
        return None;
    }
    let mut injected = pod.clone();
    let mut arrivals = Arrivals::default();
    for set in &sets {
        arrivals.add(set, pod, moment);
        annotations::note(&mut injected.annotations, set);
    }
    arrivals.join(&mut injected);
    if moment == Moment::Creation {
        injected.count_requests(false);
    }
    Some(injected)
}

/// A pod as ack-virtual-node labels it.
pub fn labelled(pod: &PodSpec) -> PodSpec {
    let mut pod = pod.clone();
    pod.labels.set(VIRTUAL_NODE_LABEL, "true");
    pod
}

/// The SidecarSets whose containers a pod gets, in order of name.
fn matching<'c>(pod: &PodSpec, cluster: &'c Cluster, moment: Moment) -> Vec<&'c SidecarSet> {
    let is_served = moment == Moment::Creation || is_served_on_virtual_nodes(pod);
    if IGNORED_NAMESPACES.contains(&pod.namespace.as_str()) || !is_served {
        return Vec::new();
    }
    let unlabelled = Labels::default();
    let namespace = cluster.namespace_labels(&pod.namespace).unwrap_or(&unlabelled);
    let comes = |set: &&SidecarSet| {
        !set.injection_paused && set.selects(pod, namespace) && !has_been_injected(pod, &set.name)
    };
    cluster.owners().sidecar_sets().filter(comes).collect()
}

/// Whether a pod is of a kind that is injected on virtual nodes: an ECI pod, or one of ACS' classes of CPU.
pub fn is_served_on_virtual_nodes(pod: &PodSpec) -> bool {
    pod.labels.get(COMPUTE_CLASS).is_none_or(|class| SERVED_CLASSES.contains(&class))
}

/// What comes into a pod, from all SidecarSets together.
#[derive(Default)]
struct Arrivals {
    init: Vec<Container>,
    before: Vec<Container>,
    after: Vec<Container>,
    volumes: Vec<crate::object::Volume>,
    host_ports: Vec<crate::object::pod::HostPort>,
    unsupported_on_virtual: Vec<&'static str>,
}

impl Arrivals {
    fn add(&mut self, set: &SidecarSet, pod: &PodSpec, moment: Moment) {
        let init = set.init_containers.iter().filter(|_| moment == Moment::Creation);
        let mut mounted = Vec::new();
        for one in init {
            mounted.extend(one.container.mounts.iter());
            self.init.push(prepared(one, pod));
        }
        for one in &set.containers {
            mounted.extend(one.container.mounts.iter());
            let place = if one.after_application { &mut self.after } else { &mut self.before };
            let container = prepared(one, pod);
            match &one.hot_upgrade {
                Some(empty_image) => place.extend(twins(&container, empty_image)),
                None => place.push(container),
            }
        }
        self.volumes.extend(set.volumes.iter().filter(|volume| mounted.contains(&&volume.name)).cloned());
        self.host_ports.extend(set.host_ports.iter().cloned());
        self.unsupported_on_virtual.extend(&set.unsupported_on_virtual);
    }

    /// Puts everything where OpenKruise does: init containers by name after the pod's own, containers before and after
    /// them; a container or volume that has the name of one of the pod's takes no second place.
    fn join(self, pod: &mut PodSpec) {
        let Self { mut init, before, after, volumes, host_ports, unsupported_on_virtual } = self;
        init.sort_by(|a, b| a.name.cmp(&b.name));
        let is_main = |one: &Container| one.role == ContainerRole::Main;
        let (mut main, mut containers): (Vec<_>, Vec<_>) = pod.containers.drain(..).partition(is_main);
        containers.extend(init);
        let before = absent(&mut main, before);
        let after = absent(&mut main, after);
        containers.extend(before.into_iter().chain(main).chain(after));
        pod.containers = containers;
        for volume in volumes {
            if pod.volumes.iter().all(|own| own.name != volume.name) {
                pod.volumes.push(volume);
            }
        }
        pod.host_ports.extend(host_ports);
        pod.host_ports.sort();
        pod.host_ports.dedup();
        pod.unsupported_on_virtual.extend(unsupported_on_virtual);
        pod.unsupported_on_virtual.sort_unstable();
        pod.unsupported_on_virtual.dedup();
    }
}

/// Those of `new` that the pod has no container of the name of; the others take that container's place.
fn absent(own: &mut [Container], new: Vec<Container>) -> Vec<Container> {
    let mut left = Vec::new();
    for container in new {
        match own.iter_mut().find(|one| one.name == container.name) {
            Some(one) => *one = container,
            None => left.push(container),
        }
    }
    left
}

/// A container as it comes into a pod: marked as injected, with what it takes over from the pod's own containers.
fn prepared(sidecar: &SidecarContainer, pod: &PodSpec) -> Container {
    let mut container = sidecar.container.clone();
    container.env.set(INJECTED_ENV, "true");
    for (source, name) in &sidecar.transfer_env {
        let from = pod.containers.iter().find(|one| one.role == ContainerRole::Main && one.name == *source);
        if let Some(value) = from.and_then(|one| one.env.get(name))
            && container.env.get(name).is_none()
        {
            container.env.set(name, value);
        }
    }
    if sidecar.shares_volumes {
        let own = pod.containers.iter().filter(|one| one.role == ContainerRole::Main && !one.is_injected());
        container.mounts.extend(own.flat_map(|one| one.mounts.iter().cloned()));
    }
    container
}

/// The two containers of a sidecar that is upgraded hot: the first works, the second has the empty image.
fn twins(container: &Container, empty_image: &str) -> [Container; 2] {
    let (first, second) = annotations::twin_names(&container.name);
    let versioned = |name: String, image: String, version: &str, alternative: &str| {
        let mut twin = Container { name, image, ..container.clone() };
        twin.env.set("SIDECARSET_VERSION", version);
        twin.env.set("SIDECARSET_VERSION_ALT", alternative);
        twin
    };
    [versioned(first, container.image.clone(), "1", "0"), versioned(second, empty_image.to_owned(), "0", "1")]
}

#[cfg(test)]
mod tests;
