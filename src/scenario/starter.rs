//! A scenario to begin with, from a few numbers: one autoscaled Deployment on ECS nodes and, if wanted, a virtual node.

mod room;
mod text;

use std::collections::BTreeMap;

use super::drafting::{Load, PRICES, PRICES_FILE};
use crate::capacity::{InstanceType, Reservation, virtual_node};
use crate::object::names::{wrong_label_value, wrong_node_name};
use crate::units::{Bytes, MilliCpu, Quantity};

/// What part of its requests a pod uses when its autoscaler is content, in per cent.
const TARGET_PERCENT: i64 = 70;

/// The most pods that the load may take: ten times what the virtual node has addresses for.
const MOST_PODS: u32 = 10_000;
/// The most nodes of a cluster (Kubernetes, "Considerations for large clusters").
const MOST_NODES: u32 = 5_000;

/// How pods come to the virtual node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// They prefer ECS nodes with weight 80 and virtual nodes with weight 20, and tolerate both.
    Affinity,
    /// All of them, by the label alibabacloud.com/eci.
    EciLabel,
    /// Once the ECS nodes are full, by a ResourcePolicy.
    ResourcePolicy,
    /// Not at all.
    None,
}

/// The numbers that a scenario is made of.
#[derive(Clone, Debug)]
pub struct Starter {
    /// How the scenario is called.
    pub name: String,
    /// How many ECS nodes there are.
    pub nodes: u32,
    /// Their instance type.
    pub instance_type: &'static InstanceType,
    /// Their zone.
    pub zone: String,
    /// The zone of the virtual node, if there is one.
    pub virtual_zone: Option<String>,
    /// How many pods there are at least.
    pub replicas: u32,
    /// How many there are at most; as many as the highest rate takes and half as many more if it is not said.
    pub max_replicas: Option<u32>,
    /// The cpu that each requests.
    pub cpu: Quantity,
    /// The memory that each requests.
    pub memory: Quantity,
    /// The requests that they serve.
    pub load: Load,
    /// The cpu that a thousand requests per second take.
    pub cpu_per_thousand_requests: MilliCpu,
    /// How pods come to the virtual node.
    pub method: Method,
}

/// Numbers that do not go together.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum StarterError {
    /// Pods are sent to a virtual node that is not there.
    #[error("--method {0} needs a virtual node: leave --no-virtual-node out, or take --method none")]
    NoVirtualNode(&'static str),
    /// There is nothing that pods could run on.
    #[error("there is no node at all: give --nodes, or a virtual node and a method that sends pods there")]
    NoNode,
    /// A pod is larger than a node.
    #[error("a pod of {wanted} does not fit a node of {kind}, where {offered} are for pods")]
    TooLarge {
        /// What a pod requests.
        wanted: String,
        /// The instance type.
        kind: &'static str,
        /// What a node offers.
        offered: String,
    },
    /// The smallest pods do not fit the nodes all at once.
    #[error("--replicas {replicas} pods have no room: --nodes {nodes} of {kind} have room for {room}")]
    NoRoom {
        /// How many pods there are at least.
        replicas: u32,
        /// How many nodes there are.
        nodes: u32,
        /// Their instance type.
        kind: &'static str,
        /// How many pods fit them.
        room: u64,
    },
    /// The autoscaler could ask for more pods than this small a cluster could ever have.
    #[error(
        "the load may take {pods} pods of {cpu}, and there may be {MOST_PODS} at most: raise --cpu, or \
         lower --max-replicas, the rates or --cpu-per-thousand-requests"
    )]
    TooManyPods {
        /// How many it could ask for.
        pods: u32,
        /// What each requests.
        cpu: String,
    },
    /// More nodes than any cluster has.
    #[error("--nodes {0} is more than the {MOST_NODES} nodes that a cluster has at most")]
    TooManyNodes(u32),
    /// A zone that no node can be in.
    #[error("{flag}: {wrong}")]
    Zone {
        /// Which zone.
        flag: &'static str,
        /// What is wrong with it.
        wrong: String,
    },
    /// A number that must be more than nothing.
    #[error("{0} must be greater than 0")]
    Nothing(&'static str),
    /// Fewer pods at most than at least.
    #[error("--max-replicas {most} is less than --replicas {least}")]
    Bounds {
        /// At least.
        least: u32,
        /// At most.
        most: u32,
    },
}

impl Method {
    /// As it is written on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Affinity => "affinity",
            Self::EciLabel => "eci-label",
            Self::ResourcePolicy => "resource-policy",
            Self::None => "none",
        }
    }
}

impl Starter {
    /// The files of the scenario by relative name.
    ///
    /// # Errors
    ///
    /// The first thing that does not go together.
    pub fn files(&self) -> Result<BTreeMap<String, String>, StarterError> {
        self.check()?;
        let mut files = BTreeMap::from([
            ("scenario.yaml".to_owned(), self.scenario()),
            ("manifests/web.yaml".to_owned(), self.web()),
            (PRICES_FILE.to_owned(), PRICES.to_owned()),
        ]);
        if self.method == Method::ResourcePolicy {
            files.insert("manifests/policy.yaml".to_owned(), text::POLICY.to_owned());
        }
        Ok(files)
    }

    fn check(&self) -> Result<(), StarterError> {
        self.check_zones()?;
        if self.nodes > MOST_NODES {
            return Err(StarterError::TooManyNodes(self.nodes));
        }
        if self.method != Method::None && self.virtual_zone.is_none() {
            return Err(StarterError::NoVirtualNode(self.method.name()));
        }
        if self.nodes == 0 && self.method == Method::None {
            return Err(StarterError::NoNode);
        }
        let amounts = [("--cpu", self.cpu.milli_value()), ("--memory", self.memory.value())];
        let amounts =
            amounts.into_iter().chain([("--cpu-per-thousand-requests", self.cpu_per_thousand_requests.0)]);
        if let Some((flag, _)) = amounts.into_iter().find(|(_, amount)| *amount <= 0) {
            return Err(StarterError::Nothing(flag));
        }
        let most = self.most_replicas();
        if most < self.replicas {
            return Err(StarterError::Bounds { least: self.replicas, most });
        }
        if most > MOST_PODS {
            return Err(StarterError::TooManyPods { pods: most, cpu: self.cpu.to_string() });
        }
        self.check_size()?;
        self.check_room()
    }

    /// Refuses zones that no label can name.
    fn check_zones(&self) -> Result<(), StarterError> {
        let node = self.virtual_zone.as_deref().map(virtual_node::name);
        let wrong = [
            ("--zone", wrong_label_value(&self.zone)),
            ("--virtual-zone", self.virtual_zone.as_deref().and_then(wrong_label_value)),
            ("--virtual-zone", node.and_then(|name| wrong_node_name(&name))),
        ];
        let mut wrong = wrong.into_iter().filter_map(|(flag, wrong)| Some((flag, wrong?)));
        wrong.next().map_or(Ok(()), |(flag, wrong)| Err(StarterError::Zone { flag, wrong }))
    }

    /// Refuses fewer nodes than the first pods take, where they have nowhere else to go.
    fn check_room(&self) -> Result<(), StarterError> {
        let room = self.room_on_nodes();
        if self.method != Method::None || u64::from(self.replicas) <= room {
            return Ok(());
        }
        let (replicas, nodes, kind) = (self.replicas, self.nodes, self.instance_type.name);
        Err(StarterError::NoRoom { replicas, nodes, kind, room })
    }

    /// Refuses pods that fit no node, where all of them are to run on ECS.
    fn check_size(&self) -> Result<(), StarterError> {
        let kind = self.instance_type;
        let size = Reservation::default().node_size(kind, kind.terway_max_pods());
        let fits = self.cpu.milli_value() <= size.cpu_allocatable.0
            && self.memory.value() <= size.memory_allocatable.0;
        if fits || self.method == Method::EciLabel {
            return Ok(());
        }
        Err(StarterError::TooLarge {
            wanted: format!("{} and {}", self.cpu, Bytes(self.memory.value())),
            kind: kind.name,
            offered: format!("{} and {}", size.cpu_allocatable, size.memory_allocatable),
        })
    }

    /// How many pods the autoscaler may ask for.
    fn most_replicas(&self) -> u32 {
        if let Some(given) = self.max_replicas {
            return given;
        }
        // Half as many more, so that the bound is not what decides.
        let most = libm::ceil(self.pods_at(self.highest_rate()) * 1.5) as u32;
        most.max(self.replicas)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capacity::instance_type;
    use crate::traffic::Rate;
    use crate::units::Span;

    fn starter() -> Starter {
        Starter {
            name: "s".to_owned(),
            nodes: 3,
            instance_type: instance_type("ecs.c7.2xlarge").unwrap(),
            zone: "cn-hangzhou-h".to_owned(),
            virtual_zone: Some("cn-hangzhou-j".to_owned()),
            replicas: 4,
            max_replicas: None,
            cpu: "500m".parse().unwrap(),
            memory: "1Gi".parse().unwrap(),
            load: Load { rate: Rate(4000.0), peak: Some(Rate(40000.0)), spike: Span::from_secs(1200) },
            cpu_per_thousand_requests: MilliCpu(350),
            method: Method::Affinity,
        }
    }

    #[test]
    fn there_may_be_half_as_many_pods_more_than_the_peak_takes() {
        // 40 x 350m = 14 cores, 350m of each of 40 pods.
        assert_eq!(starter().most_replicas(), 60);
        assert_eq!(Starter { replicas: 80, ..starter() }.most_replicas(), 80);
        assert_eq!(Starter { max_replicas: Some(9), ..starter() }.most_replicas(), 9);
    }

    #[test]
    fn what_does_not_go_together_is_refused() {
        let no_zone = Starter { virtual_zone: None, ..starter() };
        let told = |starter: Starter| starter.files().unwrap_err().to_string();
        assert!(told(no_zone.clone()).starts_with("--method affinity needs a virtual node"));
        assert!(
            told(Starter { method: Method::None, nodes: 0, ..no_zone.clone() })
                .starts_with("there is no node")
        );
        assert!(Starter { method: Method::None, ..no_zone }.files().is_ok());
        assert_eq!(
            told(Starter { cpu: "8".parse().unwrap(), ..starter() }),
            "a pod of 8 and 1Gi does not fit a node of ecs.c7.2xlarge, where 7910m and 14913249Ki are for pods"
        );
        assert_eq!(
            told(Starter { memory: "0".parse().unwrap(), ..starter() }),
            "--memory must be greater than 0"
        );
        assert!(
            told(Starter { zone: String::new(), ..starter() })
                .starts_with("--zone: \"\" cannot be the value")
        );
        assert!(
            told(Starter { virtual_zone: Some("A".to_owned()), ..starter() })
                .starts_with("--virtual-zone: \"virtual-kubelet-A\" is not a name")
        );
        let small = Starter {
            nodes: 1,
            instance_type: instance_type("ecs.c6.large").unwrap(),
            method: Method::None,
            virtual_zone: None,
            ..starter()
        };
        assert_eq!(told(small), "--replicas 4 pods have no room: --nodes 1 of ecs.c6.large have room for 3");
        let thirsty = Starter { cpu_per_thousand_requests: MilliCpu(1_000_000_000), ..starter() };
        assert!(told(thirsty).contains("and there may be 10000 at most"));
        assert_eq!(
            told(Starter { nodes: 5001, ..starter() }),
            "--nodes 5001 is more than the 5000 nodes that a cluster has at most"
        );
        let bounds = Starter { max_replicas: Some(3), ..starter() };
        assert_eq!(told(bounds), "--max-replicas 3 is less than --replicas 4");
    }
}
