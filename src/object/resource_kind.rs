//! The kinds of objects that kubectl knows by several names.

/// A kind of object that can be looked at or acted on by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ResourceKind {
    /// Pods.
    Pod,
    /// Nodes.
    Node,
    /// Namespaces.
    Namespace,
    /// Events.
    Event,
    /// Deployments.
    Deployment,
    /// ReplicaSets.
    ReplicaSet,
    /// StatefulSets.
    StatefulSet,
    /// DaemonSets.
    DaemonSet,
    /// HorizontalPodAutoscalers.
    HorizontalPodAutoscaler,
    /// Services.
    Service,
    /// SidecarSets.
    SidecarSet,
    /// SidecarSetResourceBindings.
    SidecarSetResourceBinding,
    /// ConfigMaps.
    ConfigMap,
    /// Secrets.
    Secret,
    /// Jobs.
    Job,
    /// PodDisruptionBudgets.
    PodDisruptionBudget,
    /// CronJobs.
    CronJob,
}

impl ResourceKind {
    /// All kinds.
    pub const ALL: [Self; 17] = [
        Self::Pod,
        Self::Node,
        Self::Namespace,
        Self::Event,
        Self::Deployment,
        Self::ReplicaSet,
        Self::StatefulSet,
        Self::DaemonSet,
        Self::HorizontalPodAutoscaler,
        Self::Service,
        Self::ConfigMap,
        Self::CronJob,
        Self::Job,
        Self::Secret,
        Self::SidecarSet,
        Self::SidecarSetResourceBinding,
        Self::PodDisruptionBudget,
    ];

    /// The kind that a user means: its name in the singular or plural, short or with its group, in any case.
    pub fn from_name(name: &str) -> Option<Self> {
        let name = name.to_lowercase();
        Self::ALL.into_iter().find(|kind| {
            let own = [kind.singular().to_owned(), kind.plural().to_owned(), kind.short().to_owned()];
            own.contains(&name) || name == kind.qualified() || name == kind.qualified_plural()
        })
    }

    /// The kind as manifests name it.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Pod => "Pod",
            Self::Node => "Node",
            Self::Namespace => "Namespace",
            Self::Event => "Event",
            Self::Deployment => "Deployment",
            Self::ReplicaSet => "ReplicaSet",
            Self::StatefulSet => "StatefulSet",
            Self::DaemonSet => "DaemonSet",
            Self::HorizontalPodAutoscaler => "HorizontalPodAutoscaler",
            Self::Service => "Service",
            Self::SidecarSet => "SidecarSet",
            Self::SidecarSetResourceBinding => "SidecarSetResourceBinding",
            Self::ConfigMap => "ConfigMap",
            Self::Secret => "Secret",
            Self::Job => "Job",
            Self::PodDisruptionBudget => "PodDisruptionBudget",
            Self::CronJob => "CronJob",
        }
    }

    /// The version in which it is printed.
    pub const fn api_version(self) -> &'static str {
        match self {
            Self::Deployment | Self::ReplicaSet | Self::StatefulSet | Self::DaemonSet => "apps/v1",
            Self::HorizontalPodAutoscaler => "autoscaling/v2",
            Self::SidecarSet => "apps.kruise.io/v1alpha1",
            Self::SidecarSetResourceBinding => "sidecarset.alibabacloud.com/v1alpha1",
            Self::Job | Self::CronJob => "batch/v1",
            Self::PodDisruptionBudget => "policy/v1",
            _ => "v1",
        }
    }

    /// One of them.
    pub const fn singular(self) -> &'static str {
        match self {
            Self::Pod => "pod",
            Self::Node => "node",
            Self::Namespace => "namespace",
            Self::Event => "event",
            Self::Deployment => "deployment",
            Self::ReplicaSet => "replicaset",
            Self::StatefulSet => "statefulset",
            Self::DaemonSet => "daemonset",
            Self::HorizontalPodAutoscaler => "horizontalpodautoscaler",
            Self::Service => "service",
            Self::SidecarSet => "sidecarset",
            Self::SidecarSetResourceBinding => "sidecarsetresourcebinding",
            Self::ConfigMap => "configmap",
            Self::Secret => "secret",
            Self::Job => "job",
            Self::PodDisruptionBudget => "poddisruptionbudget",
            Self::CronJob => "cronjob",
        }
    }

    /// Several of them.
    pub const fn plural(self) -> &'static str {
        match self {
            Self::Pod => "pods",
            Self::Node => "nodes",
            Self::Namespace => "namespaces",
            Self::Event => "events",
            Self::Deployment => "deployments",
            Self::ReplicaSet => "replicasets",
            Self::StatefulSet => "statefulsets",
            Self::DaemonSet => "daemonsets",
            Self::HorizontalPodAutoscaler => "horizontalpodautoscalers",
            Self::Service => "services",
            Self::SidecarSet => "sidecarsets",
            Self::SidecarSetResourceBinding => "sidecarsetresourcebindings",
            Self::ConfigMap => "configmaps",
            Self::Secret => "secrets",
            Self::Job => "jobs",
            Self::PodDisruptionBudget => "poddisruptionbudgets",
            Self::CronJob => "cronjobs",
        }
    }

    /// The short name; the singular where there is none.
    pub const fn short(self) -> &'static str {
        match self {
            Self::Pod => "po",
            Self::Node => "no",
            Self::Namespace => "ns",
            Self::Event => "ev",
            Self::Deployment => "deploy",
            Self::ReplicaSet => "rs",
            Self::StatefulSet => "sts",
            Self::DaemonSet => "ds",
            Self::HorizontalPodAutoscaler => "hpa",
            Self::Service => "svc",
            Self::SidecarSet => "sidecarset",
            Self::SidecarSetResourceBinding => "sidecarsetresourcebinding",
            Self::ConfigMap => "cm",
            Self::Secret => "secret",
            Self::Job => "job",
            Self::PodDisruptionBudget => "pdb",
            Self::CronJob => "cj",
        }
    }

    /// Its API group; empty for the core.
    pub const fn group(self) -> &'static str {
        match self {
            Self::Deployment | Self::ReplicaSet | Self::StatefulSet | Self::DaemonSet => "apps",
            Self::HorizontalPodAutoscaler => "autoscaling",
            Self::SidecarSet => "apps.kruise.io",
            Self::SidecarSetResourceBinding => "sidecarset.alibabacloud.com",
            Self::Job | Self::CronJob => "batch",
            Self::PodDisruptionBudget => "policy",
            _ => "",
        }
    }

    /// `deployment.apps`, as `-o name` prints it.
    pub fn qualified(self) -> String {
        self.with_group(self.singular())
    }

    /// `deployments.apps`, as the API server names it in errors.
    pub fn qualified_plural(self) -> String {
        self.with_group(self.plural())
    }

    fn with_group(self, name: &str) -> String {
        if self.group().is_empty() { name.to_owned() } else { format!("{name}.{}", self.group()) }
    }

    /// Whether its objects live in namespaces.
    pub const fn is_namespaced(self) -> bool {
        !matches!(self, Self::Node | Self::Namespace | Self::SidecarSet)
    }
}

#[cfg(test)]
mod tests {
    use super::ResourceKind;

    #[test]
    fn kinds_have_the_names_that_kubectl_takes() {
        for (name, expected) in [
            ("po", Some(ResourceKind::Pod)),
            ("Pods", Some(ResourceKind::Pod)),
            ("deploy", Some(ResourceKind::Deployment)),
            ("deployment.apps", Some(ResourceKind::Deployment)),
            ("deployments.apps", Some(ResourceKind::Deployment)),
            ("hpa", Some(ResourceKind::HorizontalPodAutoscaler)),
            ("svc", Some(ResourceKind::Service)),
            ("rs", Some(ResourceKind::ReplicaSet)),
            ("ds", Some(ResourceKind::DaemonSet)),
            ("daemonsets.apps", Some(ResourceKind::DaemonSet)),
            ("ev", Some(ResourceKind::Event)),
            ("no", Some(ResourceKind::Node)),
            ("ns", Some(ResourceKind::Namespace)),
            ("pdb", Some(ResourceKind::PodDisruptionBudget)),
            ("cm", Some(ResourceKind::ConfigMap)),
            ("sidecarsets.apps.kruise.io", Some(ResourceKind::SidecarSet)),
            ("podd", None),
        ] {
            assert_eq!(ResourceKind::from_name(name), expected, "{name}");
        }
    }
}
