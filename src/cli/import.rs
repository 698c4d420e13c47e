//! `overspill import`: what kubectl printed of a cluster becomes a scenario that runs.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use overspill_manifest::{Source, code, read_data};

use super::{Exit, Failure, draft, terminal};
use crate::cost::PriceList;
use crate::report::columns::{Side, aligned};
use crate::report::counted;
use crate::scenario::drafting::{Load, PRICES, PRICES_FILE};
use crate::scenario::import::{Findings, PoolRow, Wishes, import};
use crate::scenario::unmodelled::{Concerns, unmodelled};
use crate::scenario::{price_list, read_data_file, read_manifests};
use crate::traffic::Rate;
use crate::units::Span;

/// What the help page ends with.
const EXAMPLE: &str = "\
From a cluster to a plan:
  kubectl get nodes,namespaces,priorityclasses,pods,deployments,replicasets -A -o yaml > a.yaml
  kubectl get statefulsets,daemonsets,jobs,cronjobs,services,hpa,pdb -A -o yaml > b.yaml
  overspill import a.yaml b.yaml --out my-cluster
  overspill plan my-cluster/scenario.yaml --vary pools.NAME.count=1..6 --minimize cost.total";

/// Turn what kubectl printed of a cluster into a scenario that runs
///
/// Writes a folder: scenario.yaml with comments, manifests/ with the objects as they are, bound pods on their nodes, and
/// prices.yaml. Equal nodes become pools. What a server adds is left out, and so are contents of Secrets and ConfigMaps
/// and what containers are told; what was left out and what is not known is listed.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub(super) struct Import {
    /// What kubectl printed, as YAML or JSON: files, folders, or - for the standard input
    #[arg(value_name = "FILE|DIR|-", required = true)]
    dumps: Vec<PathBuf>,
    /// The folder to write; it must not be there yet, or be empty
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// A price list [default: the shipped one, China (Hangzhou) in USD]
    #[arg(long, value_name = "FILE")]
    price_list: Option<PathBuf>,
    /// The rate of requests that the cluster serves today, such as 4000/s [default: 1000/s stands for today's load]
    #[arg(long, value_name = "RATE", value_parser = draft::rate)]
    rate: Option<Rate>,
    /// The workload that serves them, as KIND/NAMESPACE/NAME [default: the only one with an autoscaler]
    #[arg(long, value_name = "WORKLOAD", requires = "rate")]
    to: Option<String>,
    /// The rate in a spike that begins after 30 minutes
    #[arg(long, value_name = "RATE", requires = "rate", value_parser = draft::rate)]
    peak: Option<Rate>,
    /// How long the spike stays at its peak
    #[arg(long, value_name = "TIME", default_value = "20m", value_parser = draft::spike)]
    spike: Span,
    /// Refuse unknown fields and kinds instead of leaving them out
    #[arg(long)]
    strict: bool,
}

impl Import {
    pub(super) fn execute(&self) -> Result<Exit, Failure> {
        draft::refuse_existing(&self.out)?;
        let manifests = read_manifests(&self.dumps, self.strict)?;
        let (prices, prices_text) = self.prices()?;
        let load = self.rate.map(|rate| Load { rate, peak: self.peak, spike: self.spike });
        let wishes =
            Wishes { name: draft::name(&self.out), prices: &prices, prices_text, load, to: self.to.clone() };
        let imported = import(&manifests, &wishes)?;
        // What was left out is listed among the results.
        let is_listed = |id: &str| [code::KINDS_LEFT_OUT.id, code::FIELDS_LEFT_OUT.id].contains(&id);
        let mut warnings = manifests.warnings;
        warnings.retain(|one| !is_listed(one.code));
        warnings.extend(imported.warnings);
        let concerns = [Concerns::Placement, Concerns::Course, Concerns::Mesh];
        warnings.extend(unmodelled(&manifests.documents, &concerns));
        draft::write(&self.out, &imported.files)?;
        terminal::tell(warnings);
        terminal::print(&told(&self.out, &imported.findings, &prices))?;
        Ok(Exit::Success)
    }

    /// The price list and its text.
    fn prices(&self) -> Result<(PriceList, String), Failure> {
        let Some(path) = &self.price_list else {
            let source = Source::new(PRICES_FILE, PRICES);
            let file = read_data(&source).map_err(|wrong| vec![*wrong])?;
            return Ok((price_list(&file)?, PRICES.to_owned()));
        };
        let file = read_data_file(path)?;
        let text = std::fs::read_to_string(path).map_err(|error| Failure::File(path.clone(), error))?;
        Ok((price_list(&file)?, text))
    }
}

/// What was found, for the user.
fn told(out: &Path, findings: &Findings, prices: &PriceList) -> String {
    let mut text = format!("{}\n\n", out.join("scenario.yaml").display());
    if !findings.pools.is_empty() {
        text.push_str(&pools(&findings.pools, &prices.currency));
        text.push('\n');
    }
    for (name, zone) in &findings.virtual_nodes {
        let zone = zone.as_deref().map(|zone| format!(" in {zone}")).unwrap_or_default();
        let _ = writeln!(text, "virtual node {name}{zone}");
    }
    let bound = counted(findings.bound, "pod");
    let _ = writeln!(text, "{bound} bound, {} waiting for a node", findings.waiting);
    for (title, sentences) in [("Left out:", &findings.left_out), ("Not known:", &findings.unknown)] {
        if !sentences.is_empty() {
            let _ = writeln!(text, "\n{title}");
        }
        for sentence in sentences {
            let _ = writeln!(text, "  {sentence}");
        }
    }
    text
}

fn pools(rows: &[PoolRow], currency: &str) -> String {
    const SIDES: [Side; 6] = [Side::Left, Side::Right, Side::Left, Side::Left, Side::Left, Side::Left];
    let header = ["POOL", "NODES", "INSTANCE TYPE", "ZONES", "BILLING", "PRICE OF A NODE"].map(str::to_owned);
    let row = |pool: &PoolRow| {
        let price = pool.price.map_or_else(|| "unknown".to_owned(), |price| format!("{price} {currency}"));
        let kind = pool.instance_type.clone().unwrap_or_else(|| "unknown".to_owned());
        let (nodes, zones) = (pool.nodes.to_string(), pool.zones.join(","));
        [pool.name.clone(), nodes, kind, zones, pool.billing_name().to_owned(), price]
    };
    let rows: Vec<_> = std::iter::once(header).chain(rows.iter().map(row)).collect();
    aligned(&rows, SIDES)
}
