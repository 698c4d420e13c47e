//! Small typed indices in place of names, so that the kind of a thing is part of its number's type.

mod interner;

use std::fmt;

pub(crate) use interner::Interner;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u32);

        impl $name {
            /// The index as a place in a vector.
            pub const fn index(self) -> usize {
                self.0 as usize
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.0)
            }
        }
    };
}

id! {
    /// A node of the cluster, in order of addition; never used again after the node is gone.
    NodeId
}

id! {
    /// A pod, in order of creation; never used again after the pod is gone.
    PodId
}

id! {
    /// A class of pods that the scheduler cannot tell apart.
    ClassId
}

id! {
    /// A DaemonSet, in the order in which the scenario names them.
    DaemonSetId
}

id! {
    /// A workload that creates pods: a Deployment's ReplicaSet, a pod source, or the bare pods.
    WorkloadId
}
