//! `overspill schedule`: places the pending pods of some manifests on their nodes, now, and says why.

mod table;

use std::path::PathBuf;

use clap::ValueEnum;

use super::{Exit, Failure, terminal};
use crate::cluster::Cluster;
use crate::scenario::unmodelled::{Concerns, unmodelled};
use crate::scenario::{missing_nodes, read_data_file, read_manifests, scheduler_config, take_stock};
use crate::scheduler::{PreemptionMode, Registry, Scheduler, SchedulerConfig, TieBreak};
use crate::simulation::one_shot::{Report, Victims, place};

/// What the help page ends with.
const EXAMPLE: &str = "\
What a new deployment would do to a cluster:
  kubectl get nodes,pods,services,replicasets,namespaces -A -o yaml \\
    | overspill schedule -f - -f new.yaml";

/// Place the pending pods of some manifests on their nodes, now, and say why
///
/// Pods with spec.nodeName are bound. The others are placed one after the other in the order of the files, and after
/// them the pods that Deployments and ReplicaSets lack.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub(super) struct Schedule {
    /// Manifests: a file, a folder, or - for the standard input; may be given several times
    #[arg(short, long = "filename", value_name = "FILE|DIR|-", required = true)]
    filenames: Vec<PathBuf>,
    /// A KubeSchedulerConfiguration [default: upstream's default profile]
    #[arg(long, value_name = "FILE")]
    scheduler_config: Option<PathBuf>,
    /// Percentage of nodes that are enough, in place of the configuration's; 0 is adaptive
    #[arg(long, value_name = "P", allow_negative_numbers = true, value_parser = clap::value_parser!(u8).range(0..=100))]
    percentage_of_nodes_to_score: Option<u8>,
    /// How nodes with the same best score are told apart: by a draw, or by the smallest name
    #[arg(long, value_name = "HOW", default_value = "random")]
    tie_break: TieBreakArg,
    /// What all draws depend on
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Evict the pods that preemption finds, only report them, or do not look for any
    #[arg(long, value_name = "HOW", default_value = "apply")]
    preemption: PreemptionArg,
    /// One row for each pod, a table of all its scores as well, or everything as JSON
    #[arg(short, long, value_name = "FORMAT", default_value = "table")]
    output: Format,
    /// Refuse unknown fields and kinds even in what a server printed
    #[arg(long)]
    strict: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum TieBreakArg {
    Random,
    Name,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum PreemptionArg {
    Apply,
    Report,
    Off,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Table,
    Wide,
    Json,
}

impl Schedule {
    pub(super) fn execute(&self, registry: &Registry) -> Result<Exit, Failure> {
        let mut scheduler = self.scheduler(registry)?;
        let (mut cluster, pending) = self.cluster()?;
        let victims = match self.preemption {
            PreemptionArg::Apply => Victims::Evict,
            PreemptionArg::Report | PreemptionArg::Off => Victims::Report,
        };
        let report = place(&mut cluster, &mut scheduler, &pending, victims);
        terminal::print(&self.written(&report, &cluster))?;
        Ok(Exit::Success)
    }

    fn scheduler(&self, registry: &Registry) -> Result<Scheduler, Failure> {
        let mut config = match &self.scheduler_config {
            None => SchedulerConfig::default_with(registry),
            Some(path) => scheduler_config(&read_data_file(path)?, registry)?,
        };
        if let Some(percentage) = self.percentage_of_nodes_to_score {
            for profile in &mut config.profiles {
                profile.percentage_of_nodes_to_score = percentage;
            }
        }
        let preemption = match self.preemption {
            PreemptionArg::Apply | PreemptionArg::Report => PreemptionMode::On,
            PreemptionArg::Off => PreemptionMode::Off,
        };
        Ok(Scheduler::new(config.profiles, self.tie_break(), preemption))
    }

    fn tie_break(&self) -> TieBreak {
        match self.tie_break {
            TieBreakArg::Random => TieBreak::Random { seed: self.seed },
            TieBreakArg::Name => TieBreak::Name,
        }
    }

    /// The cluster and its pending pods; what is doubtful about them is told.
    fn cluster(&self) -> Result<(Cluster, Vec<crate::id::PodId>), Failure> {
        let manifests = read_manifests(&self.filenames, self.strict)?;
        let (mut inventory, doubtful) = take_stock(&manifests.documents, &manifests.objects)?;
        let mut warnings = manifests.warnings;
        warnings.extend(doubtful);
        let nodes = inventory.nodes.iter().map(|node| node.name.as_str());
        warnings.extend(missing_nodes(&manifests.documents, &inventory, nodes));
        warnings.extend(unmodelled(&manifests.documents, &[Concerns::Placement, Concerns::Mesh]));
        terminal::tell(warnings);
        inventory.add_missing_daemons(self.seed);
        inventory.add_missing_replicas(self.seed);
        Ok(inventory.cluster())
    }

    fn written(&self, report: &Report, cluster: &Cluster) -> String {
        match self.output {
            Format::Table => table::table(report, cluster, self.tie_break()),
            Format::Wide => table::wide(report, cluster, self.tie_break()),
            Format::Json => {
                let json = serde_json::to_string_pretty(report).expect("a report has only text as keys");
                json + "\n"
            }
        }
    }
}
