//! SidecarSets and their bindings, with the checks of OpenKruise's validating webhook
//! (openkruise/kruise pkg/webhook/sidecarset/validating/sidecarset_create_update_handler.go).

use k8s_openapi::api::core::v1::{Container as ApiContainer, PodSpec as ApiPodSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use overspill_manifest::{self as api, PodInjectPolicy, Share, UpdateType, UpgradeType};

use super::parts::{namespace_of, volume};
use super::pod::{container, host_ports, unsupported_on_virtual};
use super::{FieldProblem, Problems, label_selector};
use crate::object::sidecar_set::{
    Namespaces, PodCount, ResourceBinding, SidecarContainer, SidecarSet, UpdateStrategy,
};
use crate::object::volume::FileSource;
use crate::object::{ContainerRole, Selector, Volume};

/// The longest name that the webhook takes.
const LONGEST_NAME: usize = 63;

/// The containers of a SidecarSet as a pod of their own: whoever reads one fills in its defaults first.
pub fn sidecar_pod(set: &api::SidecarSet) -> ApiPodSpec {
    let of =
        |all: &[api::SidecarContainer]| all.iter().map(api::SidecarContainer::container).collect::<Vec<_>>();
    ApiPodSpec {
        init_containers: Some(of(&set.spec.init_containers)),
        containers: of(&set.spec.containers),
        volumes: Some(set.spec.volumes.clone()),
        ..ApiPodSpec::default()
    }
}

/// Reads a SidecarSet; `pod` is what [`sidecar_pod`] makes of it, defaults filled in.
pub fn sidecar_set(set: &api::SidecarSet, pod: &ApiPodSpec) -> Result<SidecarSet, Vec<FieldProblem>> {
    let mut problems = Problems::new();
    let name = set.metadata.name.clone().unwrap_or_default();
    check_name(&mut problems, &name);
    let spec = &set.spec;
    let read = problems.within("spec", |problems| {
        check_containers(problems, spec);
        let volumes: Vec<_> = spec
            .volumes
            .iter()
            .map(|one| Volume { injected_by: Some(name.clone()), ..volume(one) })
            .collect();
        let init = pod.init_containers.as_deref().unwrap_or_default();
        let injection = spec.injection_strategy.clone().unwrap_or_default();
        let (hash, hash_without_image) = hashes(pod, &spec.containers);
        SidecarSet {
            selector: selector(problems, spec.selector.as_ref()),
            namespace: spec.namespace.clone().filter(|only| !only.is_empty()),
            namespaces: namespaces(problems, spec),
            init_containers: containers(problems, ("initContainers", &spec.init_containers), init, &volumes),
            containers: containers(problems, ("containers", &spec.containers), &pod.containers, &volumes),
            volumes,
            host_ports: host_ports(pod),
            unsupported_on_virtual: unsupported_on_virtual(pod),
            injection_paused: injection.paused.unwrap_or(false),
            update: update_strategy(problems, spec.update_strategy.as_ref()),
            hash,
            hash_without_image,
            name: name.clone(),
        }
    });
    problems.into_result(read)
}

fn check_name(problems: &mut Problems, name: &str) {
    let is_right = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if !is_right || name.len() > LONGEST_NAME {
        let message = "must consist of at most 63 letters, digits and '-'";
        problems.note("metadata.name", message);
    }
}

fn check_containers(problems: &mut Problems, spec: &api::SidecarSetSpec) {
    if spec.containers.is_empty() && spec.init_containers.is_empty() {
        problems.note("containers", "must have at least one container or init container");
    }
    let mut seen = std::collections::BTreeSet::new();
    let all = [("initContainers", &spec.init_containers), ("containers", &spec.containers)];
    for (field, list) in all {
        for (index, one) in list.iter().enumerate() {
            let mut note = |inner: &str, message: &str| {
                problems.note(&format!("{field}[{index}].{inner}"), message);
            };
            if !seen.insert(&one.name) {
                note("name", &format!("{:?} is there twice", one.name));
            }
            for (place, from) in one.env_from.iter().flatten().enumerate() {
                let map = from.config_map_ref.as_ref().map(|one| ("configMapRef", &one.name));
                let secret = from.secret_ref.as_ref().map(|one| ("secretRef", &one.name));
                if let Some((inner, _)) = map.or(secret).filter(|(_, name)| name.contains('/')) {
                    let message = "must be the name alone: NAMESPACE/NAME is for volumes";
                    note(&format!("envFrom[{place}].{inner}.name"), message);
                }
            }
            let upgrade = one.upgrade_strategy.clone().unwrap_or_default();
            let is_hot = upgrade.upgrade_type == Some(UpgradeType::HotUpgrade);
            if is_hot && upgrade.hot_upgrade_empty_image.as_deref().unwrap_or_default().is_empty() {
                note("upgradeStrategy.hotUpgradeEmptyImage", "is needed for a HotUpgrade");
            }
        }
    }
}

fn selector(problems: &mut Problems, given: Option<&LabelSelector>) -> Selector {
    let read = given.map(|one| problems.within("selector", |problems| label_selector(problems, one)));
    let read = read.unwrap_or_default();
    if read.is_empty() {
        problems.note("selector", "an empty selector is not valid for a SidecarSet: it would match no pod");
    }
    read
}

fn namespaces(problems: &mut Problems, spec: &api::SidecarSetSpec) -> Option<Namespaces> {
    let given = spec.namespace_selector.as_ref()?;
    if spec.namespace.as_ref().is_some_and(|only| !only.is_empty()) {
        problems.note("namespaceSelector", "cannot stand beside `namespace`");
    }
    let names = given.namespaces.clone().unwrap_or_default();
    let labels = LabelSelector {
        match_labels: given.match_labels.clone(),
        match_expressions: given.match_expressions.clone(),
    };
    let selector = problems.within("namespaceSelector", |problems| label_selector(problems, &labels));
    match (names.is_empty(), selector.is_empty()) {
        (false, false) => problems.note("namespaceSelector.namespaces", "cannot stand beside labels"),
        (true, true) => problems.note("namespaceSelector", "must name namespaces or labels"),
        _ => {}
    }
    Some(Namespaces { names, selector })
}

fn containers(
    problems: &mut Problems,
    (field, given): (&str, &[api::SidecarContainer]),
    defaulted: &[ApiContainer],
    volumes: &[Volume],
) -> Vec<SidecarContainer> {
    let role = if field == "containers" { ContainerRole::Main } else { ContainerRole::Init };
    let both: Vec<_> = given.iter().zip(defaulted).collect();
    problems.each(field, &both, |problems, (given, defaulted)| {
        for (index, mount) in given.volume_mounts.iter().flatten().enumerate() {
            if volumes.iter().all(|volume| volume.name != mount.name) {
                let field = format!("volumeMounts[{index}].name");
                problems.note(&field, format!("{:?} is not among the SidecarSet's volumes", mount.name));
            }
        }
        let upgrade = given.upgrade_strategy.clone().unwrap_or_default();
        let is_hot = upgrade.upgrade_type == Some(UpgradeType::HotUpgrade) && role == ContainerRole::Main;
        let sharing = given.share_volume_policy.clone().unwrap_or_default();
        SidecarContainer {
            container: container(problems, defaulted, role, None),
            after_application: given.pod_inject_policy == Some(PodInjectPolicy::AfterAppContainer),
            hot_upgrade: upgrade.hot_upgrade_empty_image.filter(|_| is_hot),
            shares_volumes: sharing.type_ == Some(Share::Enabled),
            transfer_env: given.transfer_env.iter().flatten().flat_map(transferred).collect(),
        }
    })
}

/// The variables of one item of `transferEnv`. Those of a container whose name stands in a field of the pod are told as
/// not simulated, and left out.
fn transferred(one: &api::TransferEnv) -> Vec<(String, String)> {
    let Some(container) = &one.source_container_name else { return Vec::new() };
    let names = one.env_name.iter().chain(one.env_names.iter().flatten());
    names.map(|name| (container.clone(), name.clone())).collect()
}

fn update_strategy(problems: &mut Problems, given: Option<&api::SidecarSetUpdateStrategy>) -> UpdateStrategy {
    let defaults = UpdateStrategy::default();
    let Some(given) = given else { return defaults };
    problems.within("updateStrategy", |problems| UpdateStrategy {
        rolling: given.type_ != Some(UpdateType::NotUpdate),
        paused: given.paused.unwrap_or(false),
        selector: given.selector.as_ref().map(|one| selector(problems, Some(one))),
        partition: pod_count(problems, "partition", given.partition.as_ref(), defaults.partition),
        max_unavailable: pod_count(
            problems,
            "maxUnavailable",
            given.max_unavailable.as_ref(),
            defaults.max_unavailable,
        ),
    })
}

fn pod_count(
    problems: &mut Problems,
    field: &str,
    given: Option<&IntOrString>,
    default: PodCount,
) -> PodCount {
    let read = match given {
        None => return default,
        Some(IntOrString::Int(count)) => u32::try_from(*count).ok().map(PodCount::Pods),
        Some(IntOrString::String(text)) => {
            text.strip_suffix('%').and_then(|share| share.parse().ok()).map(PodCount::Percent)
        }
    };
    read.unwrap_or_else(|| {
        problems.note(field, "must be a number of pods or a percentage, and not negative");
        default
    })
}

/// What stands for the containers, with and without their images. Upstream hashes the JSON that Go writes of them, what
/// only OpenKruise knows included (pkg/control/sidecarcontrol/hash.go); this is FNV-1a over their JSON, in the same
/// alphabet.
fn hashes(pod: &ApiPodSpec, given: &[api::SidecarContainer]) -> (String, String) {
    let mut without = pod.containers.clone();
    for one in &mut without {
        one.image = None;
    }
    let own: String = given.iter().map(of_kruise).collect();
    (hash(&pod.containers, &own), hash(&without, &own))
}

/// The fields of a container that Kubernetes does not know, in words; nothing where all are as OpenKruise fills them in.
fn of_kruise(one: &api::SidecarContainer) -> String {
    let upgrade = one.upgrade_strategy.clone().unwrap_or_default();
    let shares =
        |policy: Option<&api::SharePolicy>| policy.and_then(|policy| policy.type_) == Some(Share::Enabled);
    let fields = [
        ("inject", format!("{:?}", one.pod_inject_policy.unwrap_or_default())),
        ("upgrade", format!("{:?}", upgrade.upgrade_type.unwrap_or_default())),
        ("empty", upgrade.hot_upgrade_empty_image.unwrap_or_default()),
        ("volumes", shares(one.share_volume_policy.as_ref()).to_string()),
        ("devices", shares(one.share_volume_device_policy.as_ref()).to_string()),
        ("env", format!("{:?}", one.transfer_env.clone().unwrap_or_default())),
    ];
    let defaults = ["BeforeAppContainer", "ColdUpgrade", "", "false", "false", "[]"];
    let own = fields.iter().zip(defaults).filter(|((_, value), default)| value != default);
    let own: Vec<_> = own.map(|((field, value), _)| format!("{}.{field}={value:?};", one.name)).collect();
    own.concat()
}

fn hash(containers: &[ApiContainer], own: &str) -> String {
    const ALPHABET: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
    let text = serde_json::to_string(containers).expect("containers that were read can be written");
    let fold = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    let digits = text.bytes().chain(own.bytes()).fold(0xcbf2_9ce4_8422_2325, fold).to_string();
    digits.bytes().map(|digit| ALPHABET[usize::from(digit) % ALPHABET.len()] as char).collect()
}

/// Reads a SidecarSetResourceBinding.
pub fn resource_binding(
    binding: &api::SidecarSetResourceBinding,
) -> Result<ResourceBinding, Vec<FieldProblem>> {
    let mut problems = Problems::new();
    let metadata = &binding.metadata;
    let read = problems.within("spec", |problems| ResourceBinding {
        namespace: namespace_of(metadata).to_owned(),
        name: metadata.name.clone().unwrap_or_default(),
        subjects: problems.each("subjects", &binding.spec.subjects, |problems, one| {
            if one.kind != "SidecarSet" {
                problems.note("kind", format!("{:?} must be SidecarSet", one.kind));
            }
            one.name.clone()
        }),
        resources: problems.each("resourceRefs", &binding.spec.resource_refs, |problems, one| {
            let source = match one.kind.as_str() {
                "ConfigMap" => FileSource::ConfigMap,
                "Secret" => FileSource::Secret,
                other => {
                    problems.note("kind", format!("{other:?} must be ConfigMap or Secret"));
                    FileSource::ConfigMap
                }
            };
            if one.name.contains('/') {
                let message = "a binding is for objects of its own namespace: write the name alone";
                problems.note("name", message);
            }
            (source, one.name.clone())
        }),
    });
    problems.into_result(read)
}

#[cfg(test)]
mod tests;
