//! What is written of a sweep when all of its runs are there.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::SweepError;
use super::plan::SweepPlan;
use crate::experiment::axis::shown;
use crate::experiment::results::{FIGURE_HEADS, LEVEL, described, figure_cells, printed, range};
use crate::experiment::seeds_table::{Row, metrics_of, write_rows};
use crate::experiment::{Axis, Point, Series};
use crate::metric::{Metric, nested};
use crate::report::{REPORT, json_text, write_whole};

/// All that came out of a sweep.
pub struct Collected<'p> {
    pub(super) plan: &'p SweepPlan,
    rows: Vec<Row>,
    pub(super) points: Vec<(Point, Series)>,
    /// The metrics that any of the runs has, in the order of the registry.
    pub(super) metrics: Vec<&'static Metric>,
}

impl SweepPlan {
    /// Reads the parts of all runs, each of which must be there.
    pub fn collect(&self) -> Result<Collected<'_>, SweepError> {
        let rows = self.read_parts()?;
        let seeds = self.seeds.count() as usize;
        let points = self.grid.points().zip(rows.chunks(seeds));
        let points = points.map(|(point, rows)| (point, Series::of_rows(rows))).collect();
        Ok(Collected { plan: self, metrics: metrics_of(&rows), points, rows })
    }
}

impl Collected<'_> {
    /// Writes `sweep.csv`, `points.csv`, `sweep.json` and the page into the directory of the sweep.
    pub fn write(&self) -> Result<(), SweepError> {
        let dir = &self.plan.dir;
        let table = |write: &dyn Fn(&mut dyn Write) -> io::Result<()>| {
            let mut bytes = Vec::new();
            write(&mut bytes).expect("writing into memory cannot fail");
            bytes
        };
        write_whole(&dir.join("sweep.csv"), &table(&|sink| self.runs_csv(sink)))?;
        write_whole(&dir.join("points.csv"), &table(&|sink| self.points_csv(sink)))?;
        write_whole(&dir.join("sweep.json"), &json_text(&self.json()))?;
        write_whole(&dir.join(REPORT), self.page().html().as_bytes())?;
        Ok(())
    }

    pub(super) fn axes(&self) -> impl Iterator<Item = &str> {
        self.plan.grid.axes().iter().map(Axis::path)
    }

    /// A row per run: its number, the values of its point, and what the tables of other runs have.
    fn runs_csv(&self, sink: &mut dyn Write) -> io::Result<()> {
        let heads: Vec<&str> = ["run"].into_iter().chain(self.axes()).collect();
        let row = |(number, row)| {
            let (place, _) = self.plan.run(number);
            let values = self.points[place].0.settings().iter().map(|(_, value)| shown(value));
            ([number.to_string()].into_iter().chain(values).collect(), row)
        };
        write_rows(sink, &heads, &(0..).zip(&self.rows).map(row).collect::<Vec<_>>())
    }

    /// A row for each metric of each point.
    fn points_csv(&self, sink: &mut dyn Write) -> io::Result<()> {
        let mut table = csv::Writer::from_writer(sink);
        let quantiles = ["min", "p5", "p50", "p95", "max"];
        table.write_record(["point"].into_iter().chain(self.axes()).chain(FIGURE_HEADS).chain(quantiles))?;
        for (place, (point, series)) in self.points.iter().enumerate() {
            let values = point.settings().iter().map(|(_, value)| shown(value));
            let first: Vec<String> = [place.to_string()].into_iter().chain(values).collect();
            for metric in &self.metrics {
                let figure = series.figure(metric.path);
                let sample = &figure.sample;
                let percentiles = [5, 50, 95].map(|percent| printed(sample.percentile(percent)));
                let quantiles = [printed(sample.min())].into_iter().chain(percentiles);
                let quantiles = quantiles.chain([printed(sample.max())]);
                let cells = first.iter().cloned().chain(figure_cells(metric, &figure));
                table.write_record(cells.chain(quantiles))?;
            }
        }
        table.flush()
    }

    fn json(&self) -> Value {
        let axis = |axis: &Axis| json!({"path": axis.path(), "values": axis.values()});
        let point = |(point, series): &(Point, Series)| {
            let metrics = self
                .metrics
                .iter()
                .map(|metric| (metric.path, described(metric.path, &series.figure(metric.path))));
            let values: Map<String, Value> = point.settings().iter().cloned().collect();
            json!({"values": values, "metrics": nested(metrics)})
        };
        json!({
            "level": LEVEL,
            "scenario": self.plan.scenario,
            "seeds": range(self.plan.seeds),
            "currency": self.plan.currency,
            "axes": self.plan.grid.axes().iter().map(axis).collect::<Vec<_>>(),
            "points": self.points.iter().map(point).collect::<Vec<_>>(),
        })
    }
}
