//! Amounts of every resource, as the scheduler counts them.

use std::collections::BTreeMap;

use crate::units::{Bytes, MilliCpu};

/// Amounts of resources in the scheduler's units (framework/types.go `Resource`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Resources {
    /// Cpu.
    pub cpu: MilliCpu,
    /// Memory.
    pub memory: Bytes,
    /// Ephemeral storage.
    pub ephemeral: Bytes,
    /// Everything else by name: extended resources, huge pages; in whole units.
    pub scalar: BTreeMap<String, i64>,
}

impl Resources {
    /// Adds `other` to this.
    pub fn add(&mut self, other: &Self) {
        self.cpu += other.cpu;
        self.memory += other.memory;
        self.ephemeral += other.ephemeral;
        for (name, amount) in &other.scalar {
            *self.scalar.entry(name.clone()).or_default() += amount;
        }
    }

    /// Takes `other` from this; a scalar resource that was once named stays, at zero.
    pub fn subtract(&mut self, other: &Self) {
        self.cpu -= other.cpu;
        self.memory -= other.memory;
        self.ephemeral -= other.ephemeral;
        for (name, amount) in &other.scalar {
            *self.scalar.entry(name.clone()).or_default() -= amount;
        }
    }

    /// The amount of a scalar resource; zero if it is not named.
    pub fn scalar(&self, name: &str) -> i64 {
        self.scalar.get(name).copied().unwrap_or(0)
    }
}

/// Whether a resource is one of those that only exist where a device plugin or an administrator put them
/// (pkg/apis/core/v1/helper/helpers.go `IsExtendedResourceName`).
pub fn is_extended(name: &str) -> bool {
    let native = !name.contains('/') || name.contains("kubernetes.io/");
    !native && !name.starts_with("requests.")
}

/// Whether the scheduler counts a resource as a scalar when it scores
/// (pkg/scheduler/util/utils.go `IsScalarResourceName`).
pub fn is_scalar(name: &str) -> bool {
    is_extended(name)
        || name.starts_with("hugepages-")
        || name.contains("kubernetes.io/")
        || name.starts_with("attachable-volumes-")
}
