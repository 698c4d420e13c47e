//! A sweep as a page: its axes, the headline figures point by point, cost against waiting, and a table of all points.

use super::written::Collected;
use crate::experiment::axis::shown;
use crate::experiment::page::{COST, MOST_DRAWN, Trade, Traded, WAITING, facts};
use crate::experiment::results::LEVEL;
use crate::experiment::scale::Scale;
use crate::experiment::{Axis, Interval, Point, Sample, Series};
use crate::metric::Metric;
use crate::report::counted;
use crate::report::page::{Block, Cell, Column, Page, Section, Table};
use crate::report::plot::{Ink, Mark, Range, Ranges, curve_svg, ranges_svg};

/// The most points of the table; points.csv has the others.
const MOST_ROWS: usize = 300;

impl Collected<'_> {
    /// The page.
    pub(super) fn page(&self) -> Page {
        let plan = self.plan;
        let what = format!("{} with the seeds {}", counted(self.points.len(), "point"), plan.seeds);
        let trade = self.trade();
        let mut sections = vec![
            Section::new("axes", "What was varied", self.varied()),
            Section::new("figures", "Headline figures", self.pictures()),
        ];
        sections.extend(trade.front());
        sections.push(Section::new("points", "Every point", vec![self.every_point()]));
        sections.push(Section::new("provenance", "Where this comes from", vec![self.origin()]));
        Page {
            kind: "Sweep",
            title: plan.scenario.clone(),
            finding: trade.finding().unwrap_or_else(|| what.clone()),
            circumstances: vec![
                what,
                counted(plan.runs() as usize, "run"),
                format!("overspill {}", env!("CARGO_PKG_VERSION")),
            ],
            sections,
        }
    }

    fn varied(&self) -> Vec<Block> {
        let row = |axis: &Axis| {
            let written = axis.text().split_once('=').map_or("", |(_, values)| values);
            vec![Cell::new(axis.path()), Cell::new(axis.values().len().to_string()), Cell::new(written)]
        };
        let axes = self.plan.grid.axes();
        let mut blocks = vec![Block::Table(Table {
            caption: "Every combination was run, each with the same seeds".to_owned(),
            columns: vec![Column::text("setting"), Column::figures("values"), Column::text("which")],
            rows: axes.iter().map(row).collect(),
            foot: None,
        })];
        if axes.len() > 1 {
            let paths = self.axes().collect::<Vec<_>>().join(", ");
            blocks.push(Block::Text(format!("Points are named by their values of {paths}.")));
        }
        blocks
    }

    /// The headline figures that vary: of few points each, of many by the values of one axis after the other.
    fn pictures(&self) -> Vec<Block> {
        let metrics = self.headlines();
        if metrics.is_empty() {
            return vec![Block::Text("No headline figure differs between any two runs.".to_owned())];
        }
        let axes = self.plan.grid.axes();
        if self.points.len() <= MOST_DRAWN {
            let picture = |metric: &&'static Metric| {
                let ranges = self.each_point(metric);
                Ink::follow_page(&match axes {
                    [axis] => curve_svg(&ranges, axis.path()),
                    _ => ranges_svg(&ranges),
                })
            };
            let note = format!("Means with their {:.0} % intervals.", LEVEL * 100.0);
            return vec![Block::Text(note), Block::Pictures(metrics.iter().map(picture).collect())];
        }
        let note = "These are many points: drawn is the mean over all that share a value, and how far their means reach.";
        let along = |place: usize| {
            let picture = |metric: &&'static Metric| {
                Ink::follow_page(&curve_svg(&self.by_value(metric, place), axes[place].path()))
            };
            Block::Pictures(metrics.iter().map(picture).collect())
        };
        [Block::Text(note.to_owned())].into_iter().chain((0..axes.len()).map(along)).collect()
    }

    /// A metric of every point.
    fn each_point(&self, metric: &'static Metric) -> Ranges {
        let one = |(point, series): &(Point, Series)| {
            let sample = series.figure(metric.path).sample;
            let ends = sample.interval(LEVEL).map(|Interval { low, high }| [low, high]);
            (label(point), sample.mean(), ends)
        };
        self.ranges(metric, self.points.iter().map(one).collect())
    }

    /// A metric by the values of an axis, neighbours together where there are many: the mean of the points' means, and
    /// from the least to the greatest of these.
    fn by_value(&self, metric: &'static Metric, axis: usize) -> Ranges {
        let values = self.plan.grid.axes()[axis].values();
        let mut means: Vec<Vec<f64>> = vec![Vec::new(); values.len()];
        for (place, (_, series)) in self.points.iter().enumerate() {
            means[self.plan.grid.places(place)[axis]].extend(series.figure(metric.path).sample.mean());
        }
        let together = values.len().div_ceil(MOST_DRAWN);
        let group = |(values, means): (&[serde_json::Value], &[Vec<f64>])| {
            let sample = Sample::of(means.iter().flatten().copied());
            let name = match values {
                [first, .., last] => format!("{} to {}", shown(first), shown(last)),
                _ => values.iter().map(shown).collect(),
            };
            (name, sample.mean(), sample.min().zip(sample.max()).map(|(least, greatest)| [least, greatest]))
        };
        let groups = values.chunks(together).zip(means.chunks(together));
        self.ranges(metric, groups.map(group).collect())
    }

    /// The same in the unit that it is printed in.
    fn ranges(&self, metric: &Metric, figures: Vec<(String, Option<f64>, Option<[f64; 2]>)>) -> Ranges {
        let largest = figures.iter().filter_map(|(_, mean, _)| *mean).fold(0.0, f64::max);
        let scale = Scale::beside(metric.unit, largest, largest, None);
        let range = |(name, mean, ends): (String, Option<f64>, Option<[f64; 2]>)| Range {
            name,
            mean: mean.map(|mean| scale.convert(mean)),
            ends: ends.map(|ends| ends.map(|end| scale.convert(end))),
            mark: Mark::Plain,
        };
        Ranges {
            heading: self.with_unit(metric, largest),
            parties: figures.into_iter().map(range).collect(),
            baseline: None,
            key: Vec::new(),
        }
    }

    fn every_point(&self) -> Block {
        let points = &self.points[..self.points.len().min(MOST_ROWS)];
        let metrics = self.headlines();
        let columns = self.columns(&metrics, points.len());
        let axes = self.plan.grid.axes().len();
        let row = |(line, (_, series)): (usize, &(Point, Series))| {
            let cell = |(place, cells): (usize, &Vec<String>)| {
                let text = &cells[line + 1];
                match place.checked_sub(axes).map(|place| metrics[place]) {
                    Some(metric) => Cell::mean(metric.path, series.figure(metric.path).sample.mean(), text),
                    None => Cell::new(text),
                }
            };
            columns.iter().enumerate().map(cell).collect()
        };
        let head = |(place, cells): (usize, &Vec<String>)| {
            if place < axes { Column::text(cells[0].clone()) } else { Column::figures(cells[0].clone()) }
        };
        let others = match self.points.len() - points.len() {
            0 => String::new(),
            others => format!(", and of {}", counted(others, "more point")),
        };
        Block::Table(Table {
            caption: format!("Means ± half-widths of intervals; points.csv has every figure{others}"),
            columns: columns.iter().enumerate().map(head).collect(),
            rows: points.iter().enumerate().map(row).collect(),
            foot: None,
        })
    }

    fn trade(&self) -> Trade<'_> {
        let party = |(point, series): &(Point, Series)| Traded {
            name: point.to_string(),
            label: label(point),
            cost: series.figure(COST).sample.mean(),
            wait: series.figure(WAITING).sample.mean(),
        };
        Trade {
            what: "point",
            currency: &self.plan.currency,
            parties: self.points.iter().map(party).collect(),
        }
    }

    fn origin(&self) -> Block {
        let plan = self.plan;
        let told = [
            ("version", format!("overspill {}", env!("CARGO_PKG_VERSION"))),
            ("scenario", plan.scenario_file.clone()),
            ("seeds", plan.seeds.to_string()),
            ("plan", format!("run.json, sha256:{}", plan.digest)),
        ];
        facts("Every run can be repeated from inputs/; sweep.csv has its trace hash", told)
    }
}

/// The values of a point, in the order of the axes.
fn label(point: &Point) -> String {
    point.settings().iter().map(|(_, value)| shown(value)).collect::<Vec<_>>().join(", ")
}
