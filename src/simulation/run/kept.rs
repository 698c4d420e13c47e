//! Objects that are looked up and do nothing by themselves: SidecarSets, bindings, ConfigMaps, Secrets, budgets.

use super::Run;
use crate::object::volume::{FileObject, FileSource};
use crate::object::{EciProfile, ResourceKind};
use crate::simulation::action::{Kept, ObjectName};

impl Run<'_, '_> {
    /// An object comes, or changes.
    pub(super) fn put_kept(&mut self, kept: &Kept) {
        let (kind, name) = (kept.kind(), kept.name());
        let object = if name.namespace.is_empty() {
            format!("{}/{}", kind.kind(), name.name)
        } else {
            format!("{}/{}/{}", kind.kind(), name.namespace, name.name)
        };
        if !self.is_open(&name.namespace, &object) {
            return;
        }
        let now = self.now;
        self.objects.kept.entry((kind, name)).or_insert(now);
        match kept {
            Kept::SidecarSet(set) => {
                self.cluster.owners_mut().put_sidecar_set((**set).clone());
                // One that is new may have been there before: the pods that it was injected into name it still.
                self.sidecar_set_changed(&set.name);
            }
            Kept::Binding(binding) => self.cluster.files_mut().put_binding(binding.clone()),
            Kept::Budget(budget) => self.put_budget(budget),
            Kept::File(file, profile) => {
                self.cluster.files_mut().put(file.clone());
                if let Some(profile) = profile {
                    self.cluster.owners_mut().set_eci_profile(profile.clone());
                }
            }
        }
    }

    /// An object is deleted.
    pub(super) fn remove_kept(&mut self, kind: ResourceKind, name: &ObjectName) {
        self.objects.kept.remove(&(kind, name.clone()));
        let ObjectName { namespace, name } = name;
        let source = match kind {
            ResourceKind::SidecarSet => {
                self.cluster.owners_mut().remove_sidecar_set(name);
                return;
            }
            ResourceKind::SidecarSetResourceBinding => {
                self.cluster.files_mut().remove_binding(namespace, name);
                return;
            }
            ResourceKind::PodDisruptionBudget => {
                self.cluster.owners_mut().remove_budget(namespace, name);
                return;
            }
            ResourceKind::ConfigMap => FileSource::ConfigMap,
            _ => FileSource::Secret,
        };
        let file = FileObject { source, namespace: namespace.clone(), name: name.clone() };
        self.cluster.files_mut().remove(&file);
        if EciProfile::is_kept_in(&file) {
            self.cluster.owners_mut().remove_eci_profile();
        }
    }

    /// What a namespace holds of such objects goes with it.
    pub(super) fn remove_kept_of(&mut self, namespace: &str) {
        let is_budget = |(kind, name): &&(ResourceKind, ObjectName)| {
            *kind == ResourceKind::PodDisruptionBudget && name.namespace == namespace
        };
        let budgets: Vec<_> = self.objects.kept.keys().filter(is_budget).cloned().collect();
        for (_, budget) in budgets {
            self.cluster.owners_mut().remove_budget(&budget.namespace, &budget.name);
        }
        self.objects.kept.retain(|(_, name), _| name.namespace != namespace);
        self.cluster.files_mut().remove_namespace(namespace);
    }
}
