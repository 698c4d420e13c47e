//! Traces of pods: which rows are used, when in the run they come, and what their pods are like.

mod classes;
mod rows;

use overspill_manifest::{JsonPath, code};

use super::Resolver;
use crate::arrivals::{PodTrace, PodTraceBuilder};
use crate::scenario::file::{self, Startup};
use crate::scenario::notation::TraceTime;
use crate::scenario::read::Locator;
use crate::scenario::trace_file;
use crate::simulation::scenario::PodTraceSetup;
use crate::units::{SimTime, Span};
use rows::{Columns, Row, Rows};

/// Which part of a trace is used, and where in the run it lies.
#[derive(Clone, Copy, Debug)]
struct Window {
    from: i64,
    to: i64,
    start: SimTime,
    scale: f64,
}

impl Resolver<'_> {
    pub(super) fn pod_traces(&mut self, horizon: SimTime) -> Vec<PodTraceSetup> {
        let loaded = self.loaded;
        let mut traces = Vec::new();
        for (name, given) in &loaded.file.spec.pod_traces {
            let path = Locator::spec().key("podTraces").key(name);
            let trace = self.pod_trace(name, given, &path);
            self.doubt_pod_trace(trace.as_ref(), &path, horizon);
            traces.extend(trace);
        }
        traces
    }

    fn pod_trace(&mut self, name: &str, given: &file::PodTrace, path: &JsonPath) -> Option<PodTraceSetup> {
        // A file that cannot be read was told already.
        let source = self.loaded.traces.get(&given.file)?;
        let columns = self.pod_columns(given, path, &trace_file::columns(source));
        let scale = self.time_scale(path, given.time_scale);
        let rows = match Rows::read(source, &columns?, given) {
            Ok(rows) => rows,
            Err(problems) => {
                self.diagnostics.extend(problems);
                return None;
            }
        };
        let from = self.trace_instant(&path.key("from"), given.from.as_ref(), &rows, rows.earliest);
        let to = self.trace_instant(&path.key("to"), given.to.as_ref(), &rows, i64::MAX);
        let start = SimTime(given.start.map_or(0, |start| start.0.0));
        let window = Window { from: from?, to: to?, start, scale: scale? };
        let classes = self.pod_classes(name, given, path, &rows.classes)?;
        Some(PodTraceSetup {
            name: name.to_owned(),
            apps: rows.classes.apps(),
            trace: within(rows, window, given.lifetime.is_some()),
            app_label: given.app_label.clone().unwrap_or_else(|| "app".to_owned()),
            classes: classes.into(),
            starts_up: given.startup.unwrap_or_default() == Startup::Normal,
        })
    }

    /// Where the columns stand that are named; everything that is wrong with them is told.
    fn pod_columns<'g>(
        &mut self,
        given: &'g file::PodTrace,
        path: &JsonPath,
        known: &[String],
    ) -> Option<Columns<'g>> {
        if given.delete.is_some() && given.lifetime.is_some() {
            let message = "a trace says either when pods are deleted or how long they run: leave out `delete` or \
                           `lifetime`";
            self.say(&code::DO_NOT_FIT, &path.key("lifetime"), message);
        }
        let mut is_whole = !(given.delete.is_some() && given.lifetime.is_some());
        let mut column = |key: &str, name: &Option<String>| {
            let place = name.as_ref().map(|name| self.column(&path.key(key), name, known));
            is_whole &= place != Some(None);
            place.flatten()
        };
        let mut columns = Columns {
            create: column("create", &given.create),
            end: column("delete", &given.delete).or(column("lifetime", &given.lifetime)),
            cpu: column("cpu", &given.cpu),
            memory: column("memory", &given.memory),
            gpu: column("gpu", &given.gpu),
            app: column("app", &given.app),
            name: column("name", &given.name),
            filter: Vec::new(),
        };
        for (name, texts) in &given.filter {
            match self.column(&path.key("where").key(name), name, known) {
                Some(place) => columns.filter.push((place, texts)),
                None => is_whole = false,
            }
        }
        is_whole.then_some(columns)
    }

    fn time_scale(&mut self, path: &JsonPath, given: Option<f64>) -> Option<f64> {
        let scale = given.unwrap_or(1.0);
        if scale > 0.0 && scale <= 1e6 {
            return Some(scale);
        }
        self.say(&code::DO_NOT_FIT, &path.key("timeScale"), "must be a number above 0, and 1000000 at most");
        None
    }

    /// The instant that is given at `path`, or `default`.
    fn trace_instant(
        &mut self,
        path: &JsonPath,
        given: Option<&TraceTime>,
        rows: &Rows,
        default: i64,
    ) -> Option<i64> {
        let Some(TraceTime(text)) = given else { return Some(default) };
        let after = |span: Span| i64::try_from(span.0).ok().and_then(|span| rows.earliest.checked_add(span));
        let read = rows.clock.and_then(|clock| clock.read(text)).and_then(|at| i64::try_from(at).ok());
        let read = read.or_else(|| text.parse().ok().and_then(after));
        if read.is_none() {
            let message = format!("{text:?} is not an instant of the trace");
            let help = "write it like those of the column of instants, or as a duration after the earliest of them, such \
                        as 12h";
            self.say_with_help(&code::DO_NOT_FIT, path, message, Some(help.to_owned()));
        }
        read
    }

    /// Warns of a trace of which no pod comes within the run.
    fn doubt_pod_trace(&mut self, trace: Option<&PodTraceSetup>, path: &JsonPath, horizon: SimTime) {
        if trace.is_some_and(|setup| setup.trace.count_until(horizon) == 0) {
            let message = "no pod of this trace comes before the horizon";
            let help = "move the part that is used with `from`, or look at what `where` leaves";
            self.say_with_help(&code::TRACE_IS_SILENT, path, message, Some(help.to_owned()));
        }
    }
}

/// The pods that come within a window, with instants of the run.
fn within(rows: Rows, window: Window, lifetimes: bool) -> PodTrace {
    let mut builder = PodTraceBuilder::new(rows.names, lifetimes);
    for row in &rows.all {
        let Some((created, end)) = window.place(row, lifetimes) else { continue };
        builder.add(created, end, row.class, row.name);
    }
    PodTrace::new(builder)
}

impl Window {
    /// When a pod is created and when it ends, or after how long; `None` if it is not within the window.
    fn place(&self, row: &Row, lifetimes: bool) -> Option<(SimTime, Option<u64>)> {
        let was_before = row.created().is_none_or(|at| at < self.from);
        let created = if was_before { self.from } else { row.created()? };
        let ends = row.end().map(|end| match row.created().filter(|_| lifetimes) {
            Some(at) => at.saturating_add(end),
            None if lifetimes => created.saturating_add(end),
            None => end,
        });
        if created >= self.to || (was_before && ends.is_some_and(|end| end <= self.from)) {
            return None;
        }
        let end = ends.map(|end| {
            if lifetimes { self.scaled(end.saturating_sub(created)).0 } else { self.instant(end).0 }
        });
        Some((self.instant(created), end))
    }

    fn instant(&self, at: i64) -> SimTime {
        self.start + self.scaled(at.saturating_sub(self.from))
    }

    fn scaled(&self, span: i64) -> Span {
        let span = Span(u64::try_from(span).unwrap_or(0));
        // Whole seconds stay whole seconds where nothing is scaled.
        if self.scale.to_bits() == 1.0_f64.to_bits() { span } else { span.times(self.scale) }
    }
}

#[cfg(test)]
mod tests;
