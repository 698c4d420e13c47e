use super::*;
use crate::object::sidecar_set::{Namespaces, UpdateStrategy};
use crate::object::volume::{FileReference, FileSource};
use crate::object::{ResourceList, Selector, Volume};
use crate::units::MilliCpu;

fn labels(pairs: &[(&str, &str)]) -> Labels {
    pairs.iter().copied().collect()
}

fn list(pairs: &[(&str, &str)]) -> ResourceList {
    pairs.iter().map(|(name, text)| ((*name).to_owned(), text.parse().unwrap())).collect()
}

fn sidecar(name: &str) -> SidecarContainer {
    SidecarContainer {
        container: Container {
            image: "agent:1".to_owned(),
            requests: list(&[("cpu", "200m")]),
            limits: list(&[("cpu", "500m")]),
            ..Container::named(name)
        },
        after_application: false,
        hot_upgrade: None,
        shares_volumes: false,
        transfer_env: Vec::new(),
    }
}

fn set(name: &str, selector: &[(&str, &str)], containers: Vec<SidecarContainer>) -> SidecarSet {
    SidecarSet {
        name: name.to_owned(),
        selector: Selector::equals(&labels(selector)),
        namespace: None,
        namespaces: None,
        init_containers: Vec::new(),
        containers,
        volumes: Vec::new(),
        host_ports: Vec::new(),
        unsupported_on_virtual: Vec::new(),
        injection_paused: false,
        update: UpdateStrategy::default(),
        hash: format!("{name}-hash"),
        hash_without_image: format!("{name}-other"),
    }
}

fn cluster(sets: Vec<SidecarSet>) -> Cluster {
    let mut cluster = Cluster::new();
    cluster.set_namespace("shop", labels(&[("team", "a")]));
    for set in sets {
        cluster.owners_mut().put_sidecar_set(set);
    }
    cluster
}

fn pod(own: &[(&str, &str)]) -> PodSpec {
    let app = Container { requests: list(&[("cpu", "100m")]), ..Container::named("app") };
    let mut pod = PodSpec { labels: labels(own), containers: vec![app], ..PodSpec::empty("shop") };
    pod.count_requests(false);
    pod
}

/// Names of the containers in order, init containers in brackets.
fn order(pod: &PodSpec) -> String {
    let name = |one: &Container| match one.role {
        ContainerRole::Main => one.name.clone(),
        _ => format!("({})", one.name),
    };
    pod.containers.iter().map(name).collect::<Vec<_>>().join(" ")
}

fn created(own: &[(&str, &str)], sets: Vec<SidecarSet>) -> PodSpec {
    let pod = pod(own);
    inject(&pod, &cluster(sets), Moment::Creation).unwrap_or(pod)
}

const WEB: &[(&str, &str)] = &[("app", "web")];

/// rule: sidecarset-selects
#[test]
fn selector_namespace_and_namespace_selector_all_hold() {
    let is_injected = |change: &dyn Fn(&mut SidecarSet)| {
        let mut one = set("s", WEB, vec![sidecar("agent")]);
        change(&mut one);
        order(&created(WEB, vec![one])) != "app"
    };
    assert!(is_injected(&|_| {}));
    assert!(!is_injected(&|one| one.selector = Selector::equals(&labels(&[("app", "db")]))));
    assert!(is_injected(&|one| one.namespace = Some("shop".to_owned())));
    assert!(!is_injected(&|one| one.namespace = Some("other".to_owned())));
    let by_name = |name: &str| Namespaces { names: vec![name.to_owned()], selector: Selector::default() };
    assert!(is_injected(&|one| one.namespaces = Some(by_name("shop"))));
    assert!(!is_injected(&|one| one.namespaces = Some(by_name("other"))));
    let by_label =
        |team: &str| Namespaces { names: Vec::new(), selector: Selector::equals(&labels(&[("team", team)])) };
    assert!(is_injected(&|one| one.namespaces = Some(by_label("a"))));
    assert!(!is_injected(&|one| one.namespaces = Some(by_label("b"))));
}

/// rule: sidecarset-selects
#[test]
fn pods_of_the_cluster_itself_are_left_alone() {
    for namespace in IGNORED_NAMESPACES {
        let pod = PodSpec { namespace: namespace.to_owned(), ..pod(WEB) };
        let cluster = cluster(vec![set("s", WEB, vec![sidecar("agent")])]);
        assert_eq!(inject(&pod, &cluster, Moment::Creation), None);
        assert_eq!(inject(&labelled(&pod), &cluster, Moment::OnVirtualNode), None);
    }
}

/// rule: sidecarset-empty-selector
#[test]
fn an_empty_selector_matches_nothing() {
    assert_eq!(order(&created(WEB, vec![set("s", &[], vec![sidecar("agent")])])), "app");
}

/// rule: sidecarset-only-new-pods
#[test]
fn a_paused_set_injects_nothing() {
    let paused = SidecarSet { injection_paused: true, ..set("s", WEB, vec![sidecar("agent")]) };
    assert_eq!(order(&created(WEB, vec![paused])), "app");
}

/// rule: sidecarset-place
#[test]
fn containers_stand_where_openkruise_puts_them() {
    let after = |name| SidecarContainer { after_application: true, ..sidecar(name) };
    let init = |name| SidecarContainer {
        container: Container { role: ContainerRole::Init, ..Container::named(name) },
        ..sidecar(name)
    };
    let second = SidecarSet {
        init_containers: vec![init("z-init"), init("a-init")],
        ..set("b", WEB, vec![after("b-after"), sidecar("b-before")])
    };
    let first = SidecarSet {
        init_containers: vec![init("m-init")],
        ..set("a", WEB, vec![sidecar("a-before"), after("a-after"), sidecar("a-before-too")])
    };
    let mut own = pod(WEB);
    own.containers.insert(0, Container { role: ContainerRole::Init, ..Container::named("load") });
    let injected = inject(&own, &cluster(vec![second, first]), Moment::Creation).unwrap();
    assert_eq!(
        order(&injected),
        "(load) (a-init) (m-init) (z-init) a-before a-before-too b-before app a-after b-after"
    );
}

/// rule: sidecarset-place
#[test]
fn a_container_of_the_same_name_takes_the_place_of_the_pods_own() {
    let injected = created(WEB, vec![set("s", WEB, vec![sidecar("app"), sidecar("agent")])]);
    assert_eq!(order(&injected), "agent app");
    assert_eq!(injected.containers[1].image, "agent:1");
}

fn volume(name: &str, of: &str) -> Volume {
    let file = FileReference { source: FileSource::ConfigMap, name: of.to_owned(), optional: false };
    Volume { name: name.to_owned(), files: vec![file], local: None, injected_by: None }
}

/// rule: sidecarset-volumes
#[test]
fn mounted_volumes_come_unless_the_pod_has_one_of_the_name() {
    let mut mounting = sidecar("agent");
    mounting.container.mounts = ["config", "logs"].map(str::to_owned).into();
    let one = SidecarSet {
        volumes: vec![
            volume("config", "of-the-set"),
            volume("logs", "of-the-set"),
            volume("idle", "of-the-set"),
        ],
        ..set("s", WEB, vec![mounting])
    };
    let own = PodSpec { volumes: vec![volume("logs", "of-the-pod")], ..pod(WEB) };
    let injected = inject(&own, &cluster(vec![one]), Moment::Creation).unwrap();
    let all: Vec<_> =
        injected.volumes.iter().map(|one| (one.name.as_str(), one.files[0].name.as_str())).collect();
    assert_eq!(all, [("logs", "of-the-pod"), ("config", "of-the-set")]);
}

/// rule: sidecarset-marks
#[test]
fn containers_and_pods_tell_what_was_injected() {
    let sets = vec![set("b", WEB, vec![sidecar("two")]), set("a", WEB, vec![sidecar("one")])];
    let injected = created(WEB, sets);
    assert!(injected.containers.iter().all(|one| one.is_injected() == (one.name != "app")));
    assert_eq!(injected.annotations.get(INJECTED_LIST), Some("a,b"));
    assert_eq!(
        injected.annotations.get(HASH),
        Some(
            "{\"a\":{\"hash\":\"a-hash\",\"sidecarSetName\":\"a\",\"sidecarList\":[\"one\"]},\
             \"b\":{\"hash\":\"b-hash\",\"sidecarSetName\":\"b\",\"sidecarList\":[\"two\"]}}"
        )
    );
    assert_eq!(hash_of(&injected, HASH_WITHOUT_IMAGE, "b").as_deref(), Some("b-other"));
    assert!(has_been_injected(&injected, "a") && !has_been_injected(&injected, "c"));
}

/// rule: sidecarset-environment
#[test]
fn variables_and_mounts_are_taken_over() {
    let mut own = pod(WEB);
    own.containers[0].env = labels(&[("REGION", "hz"), ("MODE", "fast")]);
    own.containers[0].mounts = ["logs".to_owned()].into();
    let mut taking = sidecar("agent");
    taking.transfer_env =
        ["REGION", "MODE", "MISSING"].map(|name| ("app".to_owned(), name.to_owned())).into();
    taking.container.env = labels(&[("MODE", "slow")]);
    taking.shares_volumes = true;
    let injected = inject(&own, &cluster(vec![set("s", WEB, vec![taking])]), Moment::Creation).unwrap();
    let agent = &injected.containers[0];
    assert_eq!(agent.env, labels(&[("IS_INJECTED", "true"), ("MODE", "slow"), ("REGION", "hz")]));
    assert_eq!(agent.mounts, ["logs".to_owned()].into());
}

/// rule: sidecarset-hot-upgrade-twins
#[test]
fn a_hot_upgrade_container_comes_as_two() {
    let hot = SidecarContainer { hot_upgrade: Some("empty:1".to_owned()), ..sidecar("mesh") };
    let injected = created(WEB, vec![set("s", WEB, vec![hot])]);
    assert_eq!(order(&injected), "mesh-1 mesh-2 app");
    assert_eq!(injected.ready_containers(), 3);
    let images: Vec<_> = injected.containers.iter().map(|one| one.image.as_str()).collect();
    assert_eq!(images, ["agent:1", "empty:1", ""]);
    assert_eq!(injected.requests.filter.cpu, MilliCpu(100 + 2 * 200));
    let version = |place: usize| injected.containers[place].env.get("SIDECARSET_VERSION");
    assert_eq!((version(0), version(1)), (Some("1"), Some("0")));
    let note = |key: &str| injected.annotations.get(key);
    assert_eq!(note("version.sidecarset.kruise.io/mesh-1"), Some("1"));
    assert_eq!(note("versionalt.sidecarset.kruise.io/mesh-2"), Some("1"));
    assert_eq!(note(WORKING_CONTAINER), Some("{\"mesh\":\"mesh-1\"}"));
}

const VIRTUAL: &[(&str, &str)] = &[("app", "web"), (VIRTUAL_NODE_LABEL, "true")];

fn on_virtual_node(own: &[(&str, &str)], sets: Vec<SidecarSet>) -> PodSpec {
    let pod = labelled(&pod(own));
    inject(&pod, &cluster(sets), Moment::OnVirtualNode).unwrap_or(pod)
}

/// rule: sidecarset-on-virtual-nodes
/// rule: sidecarset-room-on-virtual-nodes
#[test]
fn the_label_brings_containers_that_do_not_count_on_the_node() {
    let sets = || vec![set("s", VIRTUAL, vec![sidecar("agent")])];
    assert_eq!(order(&created(WEB, sets())), "app", "at creation the label is not there");
    let injected = on_virtual_node(WEB, sets());
    assert_eq!(order(&injected), "agent app");
    assert_eq!(injected.requests, pod(WEB).requests);
}

/// rule: sidecarset-no-init-on-virtual-nodes
#[test]
fn init_containers_do_not_come_to_pods_that_exist() {
    let init = SidecarContainer {
        container: Container { role: ContainerRole::Init, ..Container::named("init") },
        ..sidecar("init")
    };
    let one = SidecarSet { init_containers: vec![init], ..set("s", VIRTUAL, vec![sidecar("agent")]) };
    assert_eq!(order(&on_virtual_node(WEB, vec![one])), "agent app");
}

/// rule: sidecarset-once
#[test]
fn what_came_at_creation_does_not_come_again() {
    let cluster = cluster(vec![
        set("always", WEB, vec![sidecar("one")]),
        set("virtual", VIRTUAL, vec![sidecar("two")]),
    ]);
    let created = inject(&pod(WEB), &cluster, Moment::Creation).unwrap();
    assert_eq!(order(&created), "one app");
    let again = inject(&labelled(&created), &cluster, Moment::OnVirtualNode).unwrap();
    assert_eq!(order(&again), "two one app");
    assert_eq!(again.annotations.get(INJECTED_LIST), Some("always,virtual"));
    assert_eq!(inject(&again, &cluster, Moment::OnVirtualNode), None);
}

/// rule: sidecarset-compute-classes
#[test]
fn only_cpu_classes_are_injected_on_virtual_nodes() {
    for (class, expected) in [
        (None, "agent app"),
        (Some("general-purpose"), "agent app"),
        (Some("performance"), "agent app"),
        (Some("gpu"), "app"),
        (Some("gpu-hpn"), "app"),
    ] {
        let mut own = WEB.to_vec();
        own.extend(class.map(|class| (COMPUTE_CLASS, class)));
        let sets = vec![set("s", VIRTUAL, vec![sidecar("agent")])];
        assert_eq!(order(&on_virtual_node(&own, sets)), expected, "{class:?}");
    }
    let gpu = &[("app", "web"), (COMPUTE_CLASS, "gpu")];
    let at_creation = created(gpu, vec![set("s", WEB, vec![sidecar("agent")])]);
    assert_eq!(order(&at_creation), "agent app", "plain OpenKruise knows no classes");
}
