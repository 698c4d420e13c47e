//! `overspill init`: a scenario to begin with, from a few numbers.

use std::path::PathBuf;

use clap::ValueEnum;

use super::{Exit, Failure, draft, terminal};
use crate::capacity::{INSTANCE_TYPES, InstanceType, instance_type};
use crate::scenario::drafting::Load;
use crate::scenario::starter::{Method, Starter};
use crate::traffic::Rate;
use crate::units::{MilliCpu, Quantity, Span};

/// Write a scenario to begin with, from a few numbers
///
/// Writes a folder: scenario.yaml and manifests/ with a comment at every field, and prices.yaml. It runs at once.
#[derive(Debug, clap::Args)]
pub(super) struct Init {
    /// The folder to write; it must not be there yet, or be empty
    #[arg(long, value_name = "DIR", default_value = "my-cluster")]
    out: PathBuf,
    /// How many ECS nodes there are
    #[arg(long, value_name = "N", default_value_t = 3)]
    nodes: u32,
    /// Their instance type
    #[arg(long, value_name = "TYPE", default_value = "ecs.c7.2xlarge", value_parser = known_type)]
    instance_type: &'static InstanceType,
    /// Their zone
    #[arg(long, value_name = "ZONE", default_value = "cn-hangzhou-h")]
    zone: String,
    /// The zone of the virtual node
    #[arg(long, value_name = "ZONE", default_value = "cn-hangzhou-j")]
    virtual_zone: String,
    /// There is no virtual node: pods run on ECS or wait
    #[arg(long, conflicts_with = "virtual_zone")]
    no_virtual_node: bool,
    /// How many pods there are at least
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..))]
    replicas: u32,
    /// How many pods there are at most [default: half as many more as the highest rate takes]
    #[arg(long, value_name = "N")]
    max_replicas: Option<u32>,
    /// The cpu that each pod requests
    #[arg(long, value_name = "AMOUNT", default_value = "500m")]
    cpu: Quantity,
    /// The memory that each pod requests
    #[arg(long, value_name = "AMOUNT", default_value = "1Gi")]
    memory: Quantity,
    /// The rate of requests
    #[arg(long, value_name = "RATE", default_value = "4000/s", value_parser = draft::rate)]
    rate: Rate,
    /// The rate in a spike that begins after 30 minutes
    #[arg(long, value_name = "RATE", default_value = "60000/s", value_parser = draft::rate)]
    peak: Rate,
    /// How long the spike stays at its peak
    #[arg(long, value_name = "TIME", default_value = "20m", value_parser = draft::spike)]
    spike: Span,
    /// The cpu that a thousand requests per second take
    #[arg(long, value_name = "AMOUNT", default_value = "350m")]
    cpu_per_thousand_requests: Quantity,
    /// How pods come to the virtual node [default: affinity, or none without a virtual node]
    #[arg(long, value_enum)]
    method: Option<MethodArg>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum MethodArg {
    /// They prefer ECS nodes with weight 80 and virtual nodes with weight 20
    Affinity,
    /// All of them go there, by the label alibabacloud.com/eci
    EciLabel,
    /// Once the ECS nodes are full, by a ResourcePolicy
    ResourcePolicy,
    /// Not at all
    None,
}

impl From<MethodArg> for Method {
    fn from(arg: MethodArg) -> Self {
        match arg {
            MethodArg::Affinity => Self::Affinity,
            MethodArg::EciLabel => Self::EciLabel,
            MethodArg::ResourcePolicy => Self::ResourcePolicy,
            MethodArg::None => Self::None,
        }
    }
}

/// An instance type whose size is known.
fn known_type(text: &str) -> Result<&'static InstanceType, String> {
    instance_type(text).map_err(|unknown| {
        let names: Vec<_> = INSTANCE_TYPES.iter().map(|known| known.name).collect();
        unknown.help.unwrap_or_else(|| format!("known instance types: {}", names.join(", ")))
    })
}

impl Init {
    pub(super) fn execute(&self) -> Result<Exit, Failure> {
        draft::refuse_existing(&self.out)?;
        draft::write(&self.out, &self.starter().files()?)?;
        let scenario = self.out.join("scenario.yaml");
        let shown = scenario.display();
        terminal::print(&format!("{shown}\n\nNext: overspill run {shown}\n"))?;
        Ok(Exit::Success)
    }

    fn starter(&self) -> Starter {
        let virtual_zone = (!self.no_virtual_node).then(|| self.virtual_zone.clone());
        let usual = if self.no_virtual_node { Method::None } else { Method::Affinity };
        Starter {
            name: draft::name(&self.out),
            nodes: self.nodes,
            instance_type: self.instance_type,
            zone: self.zone.clone(),
            virtual_zone,
            replicas: self.replicas,
            max_replicas: self.max_replicas,
            cpu: self.cpu,
            memory: self.memory,
            load: Load { rate: self.rate, peak: Some(self.peak), spike: self.spike },
            cpu_per_thousand_requests: MilliCpu(self.cpu_per_thousand_requests.milli_value()),
            method: self.method.map_or(usual, Method::from),
        }
    }
}
