//! ConfigMaps and Secrets, and who may read those of other namespaces.

use std::collections::{BTreeMap, BTreeSet};

use crate::object::sidecar_set::ResourceBinding;
use crate::object::volume::{FileObject, FileSource};

/// What volumes take files from.
#[derive(Clone, Debug, Default)]
pub struct Files {
    objects: BTreeSet<FileObject>,
    /// By namespace and name.
    bindings: BTreeMap<(String, String), ResourceBinding>,
}

impl Files {
    /// A ConfigMap or Secret is there from now on.
    pub fn put(&mut self, object: FileObject) {
        self.objects.insert(object);
    }

    /// A ConfigMap or Secret is gone; what is mounted stays mounted.
    pub fn remove(&mut self, object: &FileObject) {
        self.objects.remove(object);
    }

    /// Whether a ConfigMap or Secret is there.
    pub fn has(&self, object: &FileObject) -> bool {
        self.objects.contains(object)
    }

    /// Adds a binding, or replaces the one of its name.
    pub fn put_binding(&mut self, binding: ResourceBinding) {
        self.bindings.insert((binding.namespace.clone(), binding.name.clone()), binding);
    }

    /// Takes a binding away.
    pub fn remove_binding(&mut self, namespace: &str, name: &str) {
        self.bindings.remove(&(namespace.to_owned(), name.to_owned()));
    }

    /// Whether a binding of the object's own namespace lets a SidecarSet read it.
    pub fn may_read(&self, sidecar_set: &str, object: &FileObject) -> bool {
        let FileObject { source, namespace, name }: &FileObject = object;
        let source: FileSource = *source;
        let of_namespace = self.bindings.values().filter(|binding| binding.namespace == *namespace);
        of_namespace.into_iter().any(|binding| binding.allows(sidecar_set, source, name))
    }

    /// Forgets everything of a namespace.
    pub fn remove_namespace(&mut self, namespace: &str) {
        self.objects.retain(|object| object.namespace != namespace);
        self.bindings.retain(|(own, _), _| own != namespace);
    }
}
