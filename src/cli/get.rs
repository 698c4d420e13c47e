//! `overspill get`: what kubectl would print of a run's cluster.

use std::borrow::Cow;
use std::path::PathBuf;

use clap::ValueEnum;
use overspill_manifest::{Document, IstioGateway, Object};

use super::replay::Repetition;
use super::{Exit, Failure, terminal};
use crate::admission::istio::gateway::{Made, make};
use crate::metric::{EventRow, Fact};
use crate::object::ResourceKind;
use crate::report::kubectl::{self, Query, QueryError, Seen, Written};
use crate::scenario::Loaded;
use crate::scheduler::Registry;
use crate::units::{SimTime, Span};

/// Print what kubectl would print of a run's cluster at one instant
///
/// The run is repeated from the inputs that its directory keeps, and must go the same way.
#[derive(Debug, clap::Args)]
pub(super) struct Get {
    /// The directory of the results of `overspill run`
    dir: PathBuf,
    /// What to look at: pods, nodes, namespaces, events, deployments, replicasets, daemonsets, jobs, hpa, services,
    /// configmaps, secrets, poddisruptionbudgets, sidecarsets or sidecarsetresourcebindings, in the singular, plural or
    /// short
    ///
    /// Several with commas between, or `all` as kubectl means it; KIND/NAME names one object, and others may follow.
    kind: String,
    /// Their names [default: all]
    names: Vec<String>,
    /// The namespace
    #[arg(short, long, default_value = "default")]
    namespace: String,
    /// All namespaces
    #[arg(short = 'A', long, conflicts_with = "namespace")]
    all_namespaces: bool,
    /// The form of the output [default: a table]
    #[arg(short, long, value_enum)]
    output: Option<Output>,
    /// The instant, such as 35m [default: the end of the run]
    #[arg(long, value_name = "TIME")]
    at: Option<Span>,
    /// Print labels in a last column
    #[arg(long)]
    show_labels: bool,
    /// Only objects with these labels: a=b, a!=b, a in (b,c), a notin (b), a, !a, with commas between
    #[arg(short = 'l', long, value_name = "LABELS")]
    selector: Option<String>,
}

/// The form of the output.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Output {
    /// A table with more columns.
    Wide,
    /// YAML.
    Yaml,
    /// JSON.
    Json,
    /// KIND/NAME by line.
    Name,
}

impl Get {
    pub(super) fn execute(&self, registry: &Registry) -> Result<Exit, Failure> {
        let queries = self.queries()?;
        let run = Repetition::prepare(&self.dir, registry)?;
        let horizon = run.scenario.horizon;
        let at = self.at.map_or(horizon, |at| SimTime(at.0));
        if at > horizon {
            return Err(QueryError::AfterTheEnd { at, horizon }.into());
        }
        let mut events = Vec::new();
        let snapshot = run.look(at, &mut |time, fact| {
            if let Fact::Event { kind, reason, object, message } = fact
                && time <= at
            {
                let (object, message) = (object.to_string(), message.to_string());
                events.push(EventRow { time, kind, reason, object, message });
            }
        })?;
        let seen = Seen { snapshot: &snapshot, events: &events, written: written(&run.loaded, &run.patched) };
        let answer = kubectl::get(&queries, &seen)?;
        terminal::print(&answer.text)?;
        terminal::remark(&answer.remarks);
        Ok(if answer.found_all { Exit::Success } else { Exit::BadInput })
    }

    /// One question for each kind that is asked for.
    fn queries(&self) -> Result<Vec<Query>, QueryError> {
        let mut asked: Vec<(ResourceKind, Vec<String>)> = Vec::new();
        if self.kind.contains('/') {
            for one in std::iter::once(&self.kind).chain(&self.names) {
                let Some((kind, name)) = one.split_once('/') else {
                    return Err(QueryError::NoKind(one.clone()));
                };
                let kind = kind_of(kind)?;
                match asked.iter_mut().find(|(known, _)| *known == kind) {
                    Some((_, names)) => names.push(name.to_owned()),
                    None => asked.push((kind, vec![name.to_owned()])),
                }
            }
        } else {
            for name in self.kind.split(',') {
                let kinds = if name == "all" { ALL.to_vec() } else { vec![kind_of(name)?] };
                asked.extend(kinds.into_iter().map(|kind| (kind, self.names.clone())));
            }
        }
        asked.into_iter().map(|(kind, names)| self.query(kind, names)).collect()
    }

    fn query(&self, kind: ResourceKind, names: Vec<String>) -> Result<Query, QueryError> {
        Ok(Query {
            kind,
            names,
            namespace: (!self.all_namespaces).then(|| self.namespace.clone()),
            selector: self.selector.as_deref().map(kubectl::parse_selector).transpose()?,
            format: match self.output {
                None => kubectl::Format::Table,
                Some(Output::Wide) => kubectl::Format::Wide,
                Some(Output::Yaml) => kubectl::Format::Yaml,
                Some(Output::Json) => kubectl::Format::Json,
                Some(Output::Name) => kubectl::Format::Name,
            },
            show_labels: self.show_labels,
        })
    }
}

/// What `all` stands for (kubectl's category of that name), as far as it is simulated.
const ALL: [ResourceKind; 9] = [
    ResourceKind::Pod,
    ResourceKind::Service,
    ResourceKind::DaemonSet,
    ResourceKind::Deployment,
    ResourceKind::ReplicaSet,
    ResourceKind::StatefulSet,
    ResourceKind::HorizontalPodAutoscaler,
    ResourceKind::CronJob,
    ResourceKind::Job,
];

fn kind_of(name: &str) -> Result<ResourceKind, QueryError> {
    ResourceKind::from_name(name).ok_or_else(|| QueryError::UnknownKind(name.to_owned()))
}

/// The objects of the manifests and of the timeline, what gateways among them become, and what patches make of them.
fn written<'w>(loaded: &'w Loaded, patched: &'w [(SimTime, Document)]) -> Written<'w> {
    let steps = loaded.file.spec.timeline.iter().zip(&loaded.timeline);
    let later =
        steps.map(|(step, brought)| (SimTime(step.at.0.0), &brought.objects[..], &brought.documents[..]));
    let first = (SimTime::ZERO, &loaded.objects[..], &loaded.documents[..]);
    let all = std::iter::once(first).chain(later).flat_map(|(at, objects, documents)| {
        let made = objects.iter().flat_map(|one| match one.object() {
            Some(Object::IstioGateway(gateway)) => made_of(gateway, &documents[one.document]),
            _ => Vec::new(),
        });
        let own = documents.iter().map(Cow::Borrowed);
        made.map(Cow::Owned).chain(own).map(move |document| (at, document)).collect::<Vec<_>>()
    });
    let patched = patched.iter().map(|(at, document)| (*at, Cow::Borrowed(document)));
    Written(all.chain(patched).collect())
}

/// What ASM makes of a gateway; `written` is the gateway as it was written.
fn made_of(gateway: &IstioGateway, written: &Document) -> Vec<Document> {
    let Made { deployment, service, autoscaler } = make(gateway);
    let values = [
        Some(serde_json::to_value(deployment)),
        Some(serde_json::to_value(service)),
        autoscaler.map(serde_json::to_value),
    ];
    let values = values.into_iter().flatten().map(|made| made.expect("a typed object becomes JSON"));
    values.map(|value| written.with_value(value)).collect()
}
