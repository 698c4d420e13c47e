//! What kubectl would print of a cluster at one instant of a run.
//!
//! Columns and words are those of kubectl v1.34 (pkg/printers/internalversion/printers.go, cli-runtime/pkg/printers).
//! What is not simulated is printed as `<none>` or `<unknown>`, as kubectl does where it does not know.

mod affinity;
mod budgets;
mod cron_jobs;
mod daemon_sets;
mod duration;
mod events;
mod jobs;
mod kept;
mod nodes;
mod object;
mod pods;
mod selector;
mod services;
mod stateful_sets;
mod uid;
mod workloads;

pub use duration::human_duration;
pub use selector::ParseSelectorError;

use std::borrow::Cow;
use std::fmt::Write as _;

use overspill_manifest::{Document, to_yaml};
use serde_json::{Value, json};

use crate::metric::EventRow;
use crate::object::{Labels, ResourceKind, Selector};
use crate::simulation::Snapshot;
use crate::units::SimTime;

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Query {
    /// Which kind of objects.
    pub kind: ResourceKind,
    /// Their names; all of them if empty.
    pub names: Vec<String>,
    /// Their namespace; `None` for all.
    pub namespace: Option<String>,
    /// Their labels.
    pub selector: Option<Selector>,
    /// How they are printed.
    pub format: Format,
    /// Whether their labels are printed in a last column.
    pub show_labels: bool,
}

/// How objects are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// A table.
    #[default]
    Table,
    /// A table with more columns.
    Wide,
    /// YAML.
    Yaml,
    /// JSON.
    Json,
    /// `KIND/NAME` by line.
    Name,
}

/// Why a question cannot be answered, in kubectl's words where it has some.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// No such kind.
    #[error("the server doesn't have a resource type {0:?}")]
    UnknownKind(String),
    /// A name among others that say their kind.
    #[error(
        "there is no need to specify a resource type as a separate argument when passing arguments in \
             resource/name form: {0:?} has none"
    )]
    NoKind(String),
    /// Names are unique in a namespace only.
    #[error("a resource cannot be retrieved by name across all namespaces")]
    NameAcrossNamespaces,
    /// Names and labels exclude each other.
    #[error("name cannot be provided when a selector is specified")]
    NameAndSelector,
    /// The selector cannot be read.
    #[error(transparent)]
    Selector(#[from] ParseSelectorError),
    /// The run is over by then.
    #[error("there is nothing to be seen at {at}: the run ends at {horizon}")]
    AfterTheEnd {
        /// The instant that was asked for.
        at: SimTime,
        /// The end of the run.
        horizon: SimTime,
    },
}

/// Reads a label selector as `-l` takes it.
pub fn parse_selector(text: &str) -> Result<Selector, ParseSelectorError> {
    selector::parse(text)
}

/// The objects of the inputs as they were written, and those that were made of them, each with the instant from which it
/// counts. Of two of one instant the later in the list counts.
#[derive(Clone, Debug, Default)]
pub struct Written<'a>(pub Vec<(SimTime, Cow<'a, Document>)>);

impl Written<'_> {
    /// What was written last, by `at`, of one object.
    fn find(&self, kind: &str, namespace: &str, name: &str, at: SimTime) -> Option<Cow<'_, Value>> {
        let is_meant = |document: &Document| {
            let own = document.namespace_or_default();
            document.is(kind, if namespace.is_empty() { own } else { namespace }, name)
        };
        let by_then = self.0.iter().filter(|(from, document)| *from <= at && is_meant(document));
        by_then.max_by_key(|(from, _)| *from).map(|(_, document)| document.value())
    }
}

/// A cluster at one instant, and what is known of it beside its state.
#[derive(Debug)]
pub struct Seen<'a> {
    /// The state.
    pub snapshot: &'a Snapshot,
    /// The Kubernetes events until then.
    pub events: &'a [EventRow],
    /// The objects as they were written.
    pub written: Written<'a>,
}

/// What is printed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// On the standard output.
    pub text: String,
    /// On the standard error.
    pub remarks: String,
    /// Whether every name was found.
    pub found_all: bool,
}

/// A column of a table.
struct Column {
    title: &'static str,
    /// Whether it is there only with `-o wide`.
    wide: bool,
}

const fn column(title: &'static str) -> Column {
    Column { title, wide: false }
}

const fn wide(title: &'static str) -> Column {
    Column { title, wide: true }
}

/// One object.
struct Item<'a> {
    namespace: String,
    name: String,
    labels: Labels,
    /// One cell for each column.
    cells: Vec<String>,
    value: Box<dyn Fn() -> Value + 'a>,
}

const NONE: &str = "<none>";
const UNKNOWN: &str = "<unknown>";

/// Prints what kubectl would.
///
/// # Errors
///
/// Why the question cannot be answered; a name that is not there is told in the answer.
pub fn get(queries: &[Query], seen: &Seen<'_>) -> Result<Answer, QueryError> {
    let mut answer = Answer { found_all: true, ..Answer::default() };
    let mut found = Vec::new();
    for query in queries {
        found.push((query, find(query, seen, queries.len() > 1, &mut answer)?));
    }
    let Some(first) = queries.first() else { return Ok(answer) };
    let is_empty = found.iter().all(|(_, (_, items))| items.is_empty());
    answer.text = match first.format {
        Format::Table | Format::Wide => {
            if is_empty && answer.found_all {
                answer.remarks = nothing(first);
            }
            let tables = found.iter().filter(|(_, (_, items))| !items.is_empty());
            let tables = tables.map(|(query, (columns, items))| table(query, columns, items));
            tables.collect::<Vec<_>>().join("\n")
        }
        Format::Name => {
            let lines = found.iter().flat_map(|(query, (_, items))| {
                items.iter().map(|item| format!("{}/{}\n", query.kind.qualified(), item.name))
            });
            lines.collect()
        }
        Format::Yaml | Format::Json => {
            let is_one = queries.iter().map(|query| query.names.len()).sum::<usize>() == 1;
            let items: Vec<_> = found.iter().flat_map(|(_, (_, items))| items).collect();
            let document = document(is_one, &items);
            let is_json = first.format == Format::Json;
            if is_json { format!("{:#}\n", sorted(document)) } else { to_yaml(&document) }
        }
    };
    if answer.text.trim().is_empty() || !answer.found_all && is_empty {
        answer.text.clear();
    }
    Ok(answer)
}

/// What a question asks for, in order; with kinds in their names where there are several.
fn find<'a>(
    query: &Query,
    seen: &'a Seen<'_>,
    with_kind: bool,
    answer: &mut Answer,
) -> Result<(&'static [Column], Vec<Item<'a>>), QueryError> {
    let across = query.namespace.is_none() && query.kind.is_namespaced();
    if across && !query.names.is_empty() {
        return Err(QueryError::NameAcrossNamespaces);
    }
    if query.selector.is_some() && !query.names.is_empty() {
        return Err(QueryError::NameAndSelector);
    }
    let (columns, mut items) = items(query.kind, seen);
    items.retain(|item| query.covers(item));
    items.sort_by(|a, b| (&a.namespace, &a.name).cmp(&(&b.namespace, &b.name)));
    if !query.names.is_empty() {
        items = named(query, items, answer);
    }
    let is_name = |column: &Column| column.title == "NAME";
    if let Some(place) = columns.iter().position(is_name).filter(|_| with_kind) {
        for item in &mut items {
            item.cells[place] = format!("{}/{}", query.kind.qualified(), item.name);
        }
    }
    Ok((columns, items))
}

fn items<'a>(kind: ResourceKind, seen: &'a Seen<'_>) -> (&'static [Column], Vec<Item<'a>>) {
    match kind {
        ResourceKind::Pod => (pods::COLUMNS, pods::items(seen)),
        ResourceKind::Node => (nodes::COLUMNS, nodes::items(seen)),
        ResourceKind::Namespace => (nodes::NAMESPACE_COLUMNS, nodes::namespaces(seen)),
        ResourceKind::Event => (events::COLUMNS, events::items(seen)),
        ResourceKind::Deployment => (workloads::DEPLOYMENT_COLUMNS, workloads::deployments(seen)),
        ResourceKind::ReplicaSet => (workloads::REPLICA_SET_COLUMNS, workloads::replica_sets(seen)),
        ResourceKind::DaemonSet => (daemon_sets::COLUMNS, daemon_sets::items(seen)),
        ResourceKind::StatefulSet => (stateful_sets::COLUMNS, stateful_sets::items(seen)),
        ResourceKind::HorizontalPodAutoscaler => {
            (workloads::AUTOSCALER_COLUMNS, workloads::autoscalers(seen))
        }
        ResourceKind::Service => (services::COLUMNS, services::items(seen)),
        ResourceKind::SidecarSet => (kept::SIDECAR_SET_COLUMNS, kept::items(seen, kind)),
        ResourceKind::SidecarSetResourceBinding => (kept::BINDING_COLUMNS, kept::items(seen, kind)),
        ResourceKind::ConfigMap => (kept::CONFIG_MAP_COLUMNS, kept::items(seen, kind)),
        ResourceKind::Secret => (kept::SECRET_COLUMNS, kept::items(seen, kind)),
        ResourceKind::PodDisruptionBudget => (budgets::COLUMNS, budgets::items(seen)),
        ResourceKind::CronJob => (cron_jobs::COLUMNS, cron_jobs::items(seen)),
        ResourceKind::Job => (jobs::COLUMNS, jobs::items(seen)),
    }
}

impl Query {
    fn covers(&self, item: &Item<'_>) -> bool {
        let namespace = self.namespace.as_ref().filter(|_| self.kind.is_namespaced());
        namespace.is_none_or(|namespace| item.namespace == *namespace)
            && self.selector.as_ref().is_none_or(|selector| selector.matches(&item.labels))
    }
}

/// The items of these names, in the order of the names; those that are not there are told.
fn named<'a>(query: &Query, items: Vec<Item<'a>>, answer: &mut Answer) -> Vec<Item<'a>> {
    let mut left = items;
    let mut found = Vec::new();
    for name in &query.names {
        if let Some(place) = left.iter().position(|item| item.name == *name) {
            found.push(left.remove(place));
            continue;
        }
        let kind = query.kind.qualified_plural();
        let _ = writeln!(answer.remarks, "Error from server (NotFound): {kind} {name:?} not found");
        answer.found_all = false;
    }
    found
}

fn nothing(query: &Query) -> String {
    match query.namespace.as_ref().filter(|_| query.kind.is_namespaced()) {
        Some(namespace) => format!("No resources found in {namespace} namespace.\n"),
        None => "No resources found\n".to_owned(),
    }
}

/// The items as one object: the only one if one was asked for by name, a List otherwise.
fn document(is_one: bool, items: &[&Item<'_>]) -> Value {
    match items {
        [only] if is_one => uid::identified((only.value)()),
        _ => json!({
            "apiVersion": "v1",
            "items": items.iter().map(|item| uid::identified((item.value)())).collect::<Vec<_>>(),
            "kind": "List",
            "metadata": { "resourceVersion": "" },
        }),
    }
}

/// The same value with the keys of every map in alphabetical order.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<_> = map.into_iter().map(|(key, value)| (key, sorted(value))).collect();
            entries.sort_by(|a, b| a.0.cmp(&b.0));
            Value::Object(entries.into_iter().collect())
        }
        Value::Array(items) => items.into_iter().map(sorted).collect(),
        other => other,
    }
}

/// A table: every column but the last is as wide as its widest cell and three spaces, six at least (cli-runtime's
/// tabwriter).
fn table(query: &Query, columns: &[Column], items: &[Item<'_>]) -> String {
    const PADDING: usize = 3;
    const LEAST_WIDTH: usize = 6;
    let across = query.namespace.is_none() && query.kind.is_namespaced();
    let is_shown = |column: &Column| !column.wide || query.format == Format::Wide;
    let mut rows: Vec<Vec<String>> = Vec::new();
    let row = |namespace: &str, cells: Vec<String>, labels: String| {
        let front = across.then(|| namespace.to_owned());
        let back = query.show_labels.then_some(labels);
        front.into_iter().chain(cells).chain(back).collect::<Vec<_>>()
    };
    let titles = columns.iter().filter(|one| is_shown(one)).map(|one| one.title.to_owned());
    rows.push(row("NAMESPACE", titles.collect(), "LABELS".to_owned()));
    for item in items {
        let cells = columns.iter().zip(&item.cells).filter(|(column, _)| is_shown(column));
        let cells = cells.map(|(_, cell)| cell.clone()).collect();
        let labels = if item.labels.is_empty() { NONE.to_owned() } else { item.labels.to_string() };
        rows.push(row(&item.namespace, cells, labels));
    }
    let width = |place: usize| {
        let widest = rows.iter().map(|row| row[place].chars().count()).max().unwrap_or(0);
        (widest + PADDING).max(LEAST_WIDTH)
    };
    let widths: Vec<usize> = (0..rows[0].len()).map(width).collect();
    let line = |row: &Vec<String>| {
        let (last, others) = row.split_last().expect("every table has a column");
        let padded = others.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        padded.collect::<String>() + last + "\n"
    };
    rows.iter().map(line).collect()
}
