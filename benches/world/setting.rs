//! What a cluster in steady state is made of, and how it is called on a command line.

use std::fmt;

use overspill::scheduler::Evaluator;

/// What the pods say of nodes and of each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pods {
    /// Requests alone: nothing spreads them.
    Plain,
    /// Each class is a ReplicaSet behind a Service, so that the default spreading acts.
    Spread,
    /// The same, and they prefer ECS nodes 80 to 20 and tolerate the virtual ones: every 50th node is one.
    Gateway,
}

/// One cluster, its pods and who decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Setting {
    /// How many nodes there are.
    pub(crate) nodes: usize,
    /// How many classes of pods, each with requests of its own.
    pub(crate) classes: usize,
    /// What they say.
    pub(crate) pods: Pods,
    /// Whether all nodes are scored; otherwise as many as upstream's adaptive rule says.
    pub(crate) all_scored: bool,
    /// Who decides.
    pub(crate) evaluator: Evaluator,
}

impl Setting {
    /// A setting under the cached evaluator and adaptive sampling.
    pub(crate) const fn of(nodes: usize, classes: usize, pods: Pods) -> Self {
        Self { nodes, classes, pods, all_scored: false, evaluator: Evaluator::Cached }
    }

    /// With every node scored.
    pub(crate) const fn all_scored(self) -> Self {
        Self { all_scored: true, ..self }
    }

    /// Decided by the reference.
    pub(crate) const fn by_reference(self) -> Self {
        Self { evaluator: Evaluator::Reference, ..self }
    }

    /// All settings that are measured.
    pub(crate) fn all() -> Vec<Self> {
        let mut all = Vec::new();
        for nodes in [100, 1_000, 5_000, 50_000] {
            for pods in [Pods::Plain, Pods::Spread] {
                for classes in [8, 64] {
                    let setting = Self::of(nodes, classes, pods);
                    all.extend([setting, setting.all_scored()]);
                }
            }
            all.push(Self::of(nodes, 8, Pods::Gateway));
        }
        for nodes in [1_000, 5_000] {
            for pods in [Pods::Plain, Pods::Spread] {
                let setting = Self::of(nodes, 8, pods).by_reference();
                all.extend([setting, setting.all_scored()]);
            }
        }
        all
    }

    /// The setting of this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::all().into_iter().find(|setting| setting.to_string() == name)
    }
}

/// `NODES-CLASSES-PODS-SCORED-EVALUATOR`, such as `5000-8-spread-adaptive-cached`.
impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pods = match self.pods {
            Pods::Plain => "plain",
            Pods::Spread => "spread",
            Pods::Gateway => "gateway",
        };
        let scored = if self.all_scored { "all" } else { "adaptive" };
        let evaluator = match self.evaluator {
            Evaluator::Cached => "cached",
            Evaluator::Reference => "reference",
            Evaluator::Both => "both",
        };
        write!(f, "{}-{}-{pods}-{scored}-{evaluator}", self.nodes, self.classes)
    }
}
