//! What a kubelet must be able to read before a pod's containers start: the ConfigMaps and Secrets of its volumes.

use crate::cluster::Files;
use crate::object::volume::{FileObject, FileReference};
use crate::object::{PodSpec, Volume};
use crate::rule::{Confidence, Rule};
use crate::units::Span;

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "mount-before-start",
        statement: "A pod waits in ContainerCreating until every ConfigMap and Secret can be read that a volume \
                    which its containers mount takes files from, unless the volume says optional.",
        source: "pkg/kubelet/volumemanager/volume_manager.go `WaitForAttachAndMount`, \
                 pkg/volume/configmap/configmap.go, pkg/volume/secret/secret.go",
        confidence: Confidence::Source,
    },
    Rule {
        id: "mount-retries",
        statement: "A mount that has failed is tried again after half a second, and then after twice as long \
                    each time, two minutes and two seconds at most.",
        source: "pkg/util/goroutinemap/exponentialbackoff/exponential_backoff.go",
        confidence: Confidence::Source,
    },
    Rule {
        id: "mount-presumed",
        statement: "An ordinary pod's ConfigMap or Secret that no manifest and no step of the scenario brings \
                    counts as there.",
        source: "a simplification: manifests seldom hold everything that is mounted",
        confidence: Confidence::Estimate,
    },
    Rule {
        id: "sidecarset-files",
        statement: "A volume of a SidecarSet that names NAMESPACE/NAME is mounted if that ConfigMap or Secret is \
                    there and a SidecarSetResourceBinding of its own namespace lets the SidecarSet read it; a \
                    plain name is one of the pod's namespace.",
        source: "ACK, \"Inject sidecar containers into ACS pods in virtual nodes\"",
        confidence: Confidence::Documented,
    },
    Rule {
        id: "sidecarset-files-missing",
        statement: "A pod whose sidecar may not read a file waits in ContainerCreating, with an event \
                    FailedMount that says what is missing.",
        source: "inferred: the document says what is needed, and not what is without it",
        confidence: Confidence::Estimate,
    },
    Rule {
        id: "mount-on-virtual-nodes",
        statement: "On a virtual node files are read before the instance is called for: while they are missing \
                    there is no instance and nothing is billed, and they are looked for as often as a kubelet \
                    does.",
        source: "virtual-kubelet/alibabacloud-eci, eci.go `getVolumes`; that ACK's provider does so is inferred, \
                 and so is how often",
        confidence: Confidence::Estimate,
    },
];

/// The first wait after a failed mount.
const FIRST_WAIT: Span = Span::from_millis(500);
/// The longest.
const LONGEST_WAIT: Span = Span::from_secs(122);

/// How long a pod waits whose mounts have failed for the `tries`th time.
pub fn wait_after(tries: u32) -> Span {
    let doubled = FIRST_WAIT.0.saturating_mul(1 << tries.saturating_sub(1).min(16));
    Span(doubled.min(LONGEST_WAIT.0))
}

/// What keeps a pod from starting, in the words of an event; `None` if nothing does. `may_be_missing` says of an
/// ordinary volume's object whether the scenario speaks of it at all.
pub fn first_failure(
    pod: &PodSpec,
    files: &Files,
    may_be_missing: impl Fn(&FileObject) -> bool,
) -> Option<String> {
    let is_mounted = |volume: &&Volume| pod.containers.iter().any(|one| one.mounts.contains(&volume.name));
    pod.volumes.iter().filter(is_mounted).find_map(|volume| {
        let needed = volume.files.iter().filter(|file| !file.optional);
        let why = needed.into_iter().find_map(|file| failure(pod, volume, file, files, &may_be_missing))?;
        Some(format!("MountVolume.SetUp failed for volume {:?} : {why}", volume.name))
    })
}

fn failure(
    pod: &PodSpec,
    volume: &Volume,
    file: &FileReference,
    files: &Files,
    may_be_missing: impl Fn(&FileObject) -> bool,
) -> Option<String> {
    let kind = file.source.in_events();
    let object = object_of(pod, volume, file);
    let is_foreign = object.namespace != pod.namespace;
    if let Some(set) = volume.injected_by.as_ref().filter(|_| is_foreign)
        && !files.may_read(set, &object)
    {
        return Some(format!(
            "{kind} {:?} is forbidden: no SidecarSetResourceBinding in namespace {:?} lets SidecarSet {set:?} read it",
            object.name, object.namespace
        ));
    }
    // No object has a name with a slash in it.
    let is_presumed = volume.injected_by.is_none() && !may_be_missing(&object) && !file.name.contains('/');
    if is_presumed {
        return None;
    }
    (!files.has(&object)).then(|| format!("{kind} {:?} not found", file.name))
}

/// The object that a file reference means.
pub fn object_of(pod: &PodSpec, volume: &Volume, file: &FileReference) -> FileObject {
    let split = file.name.split_once('/').filter(|_| volume.injected_by.is_some());
    let (namespace, name) = split.unwrap_or((&pod.namespace, &file.name));
    FileObject { source: file.source, namespace: namespace.to_owned(), name: name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::Container;
    use crate::object::sidecar_set::ResourceBinding;
    use crate::object::volume::FileSource;

    fn object(namespace: &str, name: &str) -> FileObject {
        FileObject { source: FileSource::ConfigMap, namespace: namespace.to_owned(), name: name.to_owned() }
    }

    /// A pod of `shop` whose container mounts the ConfigMap `name`.
    fn pod(name: &str, injected_by: Option<&str>) -> PodSpec {
        let mut container = Container::named("agent");
        container.mounts.insert("config".to_owned());
        let file = FileReference { source: FileSource::ConfigMap, name: name.to_owned(), optional: false };
        let volume = Volume {
            name: "config".to_owned(),
            files: vec![file],
            local: None,
            injected_by: injected_by.map(str::to_owned),
        };
        PodSpec { containers: vec![container], volumes: vec![volume], ..PodSpec::empty("shop") }
    }

    fn binding(namespace: &str) -> ResourceBinding {
        ResourceBinding {
            namespace: namespace.to_owned(),
            name: "b".to_owned(),
            subjects: vec!["logs".to_owned()],
            resources: vec![(FileSource::ConfigMap, "c".to_owned())],
        }
    }

    fn told(pod: &PodSpec, files: &Files) -> Option<String> {
        first_failure(pod, files, |_| true)
    }

    /// rule: sidecarset-files
    /// rule: sidecarset-binding-own-namespace
    #[test]
    fn a_file_of_another_namespace_needs_a_binding_there_and_itself() {
        let pod = pod("kube-system/c", Some("logs"));
        let mut files = Files::default();
        let forbidden = "MountVolume.SetUp failed for volume \"config\" : configmap \"c\" is forbidden: no \
                         SidecarSetResourceBinding in namespace \"kube-system\" lets SidecarSet \"logs\" read it";
        files.put(object("kube-system", "c"));
        assert_eq!(told(&pod, &files).as_deref(), Some(forbidden));
        files.put_binding(binding("other"));
        assert_eq!(told(&pod, &files).as_deref(), Some(forbidden), "a binding is for its own namespace");
        files.put_binding(binding("kube-system"));
        assert_eq!(told(&pod, &files), None);
        files.remove(&object("kube-system", "c"));
        let missing =
            "MountVolume.SetUp failed for volume \"config\" : configmap \"kube-system/c\" not found";
        assert_eq!(told(&pod, &files).as_deref(), Some(missing));
    }

    /// rule: sidecarset-files
    #[test]
    fn a_plain_name_is_one_of_the_pods_namespace() {
        let pod = pod("c", Some("logs"));
        let mut files = Files::default();
        files.put(object("kube-system", "c"));
        assert!(told(&pod, &files).is_some());
        files.put(object("shop", "c"));
        assert_eq!(told(&pod, &files), None);
    }

    /// rule: mount-before-start
    #[test]
    fn only_what_is_mounted_and_not_optional_is_waited_for() {
        let files = Files::default();
        assert!(told(&pod("c", None), &files).is_some());
        let mut optional = pod("c", None);
        optional.volumes[0].files[0].optional = true;
        assert_eq!(told(&optional, &files), None);
        let mut unused = pod("c", None);
        unused.containers[0].mounts.clear();
        assert_eq!(told(&unused, &files), None);
    }

    /// rule: mount-presumed
    #[test]
    fn what_the_scenario_does_not_speak_of_counts_as_there() {
        let files = Files::default();
        assert_eq!(first_failure(&pod("c", None), &files, |_| false), None);
        assert!(first_failure(&pod("c", Some("logs")), &files, |_| false).is_some());
        assert!(first_failure(&pod("a/c", None), &files, |_| false).is_some(), "no object has such a name");
    }

    /// rule: mount-retries
    #[test]
    fn waits_double_up_to_two_minutes() {
        let waits: Vec<_> = (1..=10).map(|tries| wait_after(tries).0 / 1_000_000).collect();
        assert_eq!(waits, [500, 1000, 2000, 4000, 8000, 16_000, 32_000, 64_000, 122_000, 122_000]);
    }
}
