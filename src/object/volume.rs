//! Volumes, as far as something must be there before a pod can mount them: ConfigMaps and Secrets.

/// What kind of object a volume takes its files from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileSource {
    /// A ConfigMap.
    ConfigMap,
    /// A Secret.
    Secret,
}

impl FileSource {
    /// The kind as manifests name it.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::ConfigMap => "ConfigMap",
            Self::Secret => "Secret",
        }
    }

    /// As the kubelet names it in events.
    pub const fn in_events(self) -> &'static str {
        match self {
            Self::ConfigMap => "configmap",
            Self::Secret => "secret",
        }
    }
}

/// A ConfigMap or a Secret. What is in it decides nothing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileObject {
    /// What it is.
    pub source: FileSource,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
}

/// A ConfigMap or a Secret that a volume takes files from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileReference {
    /// What it is.
    pub source: FileSource,
    /// Its name as written: of a SidecarSet's volume also as `NAMESPACE/NAME`.
    pub name: String,
    /// Whether a pod starts without it.
    pub optional: bool,
}

/// What a volume has of its node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LocalVolume {
    /// An emptyDir on its disk: it goes with the pod.
    EmptyDir,
    /// An emptyDir in its memory.
    InMemory,
    /// A hostPath: it stays with the node.
    HostPath,
}

impl LocalVolume {
    /// Whether it is an emptyDir of either kind.
    pub fn is_empty_dir(self) -> bool {
        matches!(self, Self::EmptyDir | Self::InMemory)
    }
}

/// A volume of a pod.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Volume {
    /// Its name within the pod.
    pub name: String,
    /// What must be there before it can be mounted; nothing for volumes of any other kind.
    pub files: Vec<FileReference>,
    /// What it has of its node, if anything.
    pub local: Option<LocalVolume>,
    /// The SidecarSet that it was injected by.
    pub injected_by: Option<String>,
}
