//! What is printed of a sweep: a line per point with the headline figures that vary.

use std::fmt::Write as _;

use super::written::Collected;
use crate::experiment::axis::shown;
use crate::experiment::results::LEVEL;
use crate::experiment::scale::{Scale, with_unit};
use crate::experiment::{Figure, Interval, Point, Series};
use crate::metric::Metric;
use crate::report::columns::set_in;
use crate::report::counted;

/// The figures that are shown, as far as they differ between any two runs.
const HEADLINES: [&str; 6] = [
    "cost.total",
    "overflow.share",
    "pending.waitSeconds.p99",
    "ready.waitSeconds.p99",
    "traffic.unservedShare",
    "pods.pendingAtEnd",
];

/// The most points that are shown.
const POINTS_SHOWN: usize = 40;

impl Collected<'_> {
    /// All points, as far as there is room.
    pub fn text(&self) -> String {
        let (plan, points) = (self.plan, &self.points);
        let mut text = format!(
            "{}: {} with the seeds {}, {}; means ± half-widths of {:.0} % intervals\n\n",
            plan.scenario,
            counted(points.len(), "point"),
            plan.seeds,
            counted(self.plan.runs() as usize, "run"),
            LEVEL * 100.0,
        );
        text.push_str(&set_in(&self.columns(&self.headlines(), POINTS_SHOWN)));
        if points.len() > POINTS_SHOWN {
            let _ =
                writeln!(text, "  and {}, in points.csv", counted(points.len() - POINTS_SHOWN, "more point"));
        }
        text
    }

    /// The headline figures that differ between any two runs.
    pub(super) fn headlines(&self) -> Vec<&'static Metric> {
        self.metrics.iter().copied().filter(|metric| self.is_shown(metric)).collect()
    }

    /// The values and these figures of so many points at most, column by column, each below its head.
    pub(super) fn columns(&self, metrics: &[&Metric], most: usize) -> Vec<Vec<String>> {
        let points = &self.points[..self.points.len().min(most)];
        let figures = metrics.iter().map(|metric| self.column(metric, points));
        self.values(points).into_iter().chain(figures).collect()
    }

    fn is_shown(&self, metric: &Metric) -> bool {
        let figures = || self.points.iter().map(|(_, series)| series.figure(metric.path).sample);
        let min = figures().filter_map(|sample| sample.min()).min_by(f64::total_cmp);
        let max = figures().filter_map(|sample| sample.max()).max_by(f64::total_cmp);
        HEADLINES.contains(&metric.path) && min != max
    }

    /// A figure's path, and the unit that it is printed in where the largest is that large.
    pub(super) fn with_unit(&self, metric: &Metric, largest: f64) -> String {
        with_unit(metric, largest, &self.plan.currency)
    }

    /// The values of each axis below its PATH.
    fn values(&self, points: &[(Point, Series)]) -> Vec<Vec<String>> {
        let column = |(place, path): (usize, &str)| {
            let values = points.iter().map(|(point, _)| shown(&point.settings()[place].1));
            [path.to_owned()].into_iter().chain(values).collect()
        };
        self.axes().enumerate().map(column).collect()
    }

    /// A figure of each point below its path and unit, all in one unit.
    fn column(&self, metric: &Metric, points: &[(Point, Series)]) -> Vec<String> {
        let figures: Vec<Figure> = points.iter().map(|(_, series)| series.figure(metric.path)).collect();
        let largest = figures.iter().filter_map(|figure| figure.sample.mean()).fold(0.0, f64::max);
        let is_rough = figures.iter().any(|figure| figure.is_approximate(metric.path));
        let head = self.with_unit(metric, largest) + if is_rough { " (approximate)" } else { "" };
        let cell = |figure: &Figure| {
            let Some(mean) = figure.sample.mean() else { return "-".to_owned() };
            let half = figure.sample.interval(LEVEL).map(Interval::half_width);
            let scale = Scale::beside(metric.unit, largest, mean, half);
            let bound = if figure.censored > 0 { "≥ " } else { "" };
            match half.filter(|&half| half > 0.0) {
                Some(half) => format!("{bound}{} ± {}", scale.print(mean), scale.print(half)),
                None => format!("{bound}{}", scale.print_short(mean)),
            }
        };
        [head].into_iter().chain(figures.iter().map(cell)).collect()
    }
}
