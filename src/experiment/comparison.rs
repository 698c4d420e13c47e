//! Several scenarios with the same seeds beside each other, and beside a baseline: by how much each figure differs, and
//! whether by more than chance.

mod baseline;
mod conditions;
mod junit;
mod page;
pub(super) mod table;
mod written;

pub use baseline::{BaselineError, Origin, SavedBaseline};
pub use conditions::{Condition, Outcome};
pub(super) use written::apart;
pub use written::{ComparedCase, ComparisonRecord};

use super::coverage::is_approximate;
use super::results::LEVEL;
use super::{Figure, Interval, Paired, Sample, Series};
use crate::metric::{Better, Metric, groups};

/// The figures of something by the name that it is compared under.
#[derive(Clone, Debug, PartialEq)]
pub struct Party {
    /// What it is called.
    pub name: String,
    /// Its figures.
    pub series: Series,
}

/// Scenarios that are compared, and what each is held against.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// What is compared, in order.
    parties: Vec<Party>,
    baselines: Vec<Party>,
    /// The place of the baseline of each party; `None` of the one that is the baseline itself.
    held_against: Vec<Option<usize>>,
}

/// By how much a figure is above that of the baseline.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// Of how many pairs it is the mean; `None` where the seeds are others than those of the baseline, so that the two
    /// means are compared as if they were of independent samples.
    pub pairs: Option<usize>,
    /// How many values the interval rests on: the pairs, or those of either sample, ours first.
    pub values: [usize; 2],
    /// The mean of the differences, or the difference of the means; `None` if one of both has no value.
    pub mean: Option<f64>,
    /// The standard deviation of the differences of pairs.
    pub sd: Option<f64>,
    /// Where the true difference lies; `None` of fewer than two runs.
    pub interval: Option<Interval>,
    /// The mean as a part of the baseline's; `None` if that is zero.
    pub relative: Option<f64>,
    /// Whether any of the values is a lower bound: then the true difference may be any.
    pub has_bounds: bool,
    /// Whether each run has exactly the figure of the baseline's run with the same seed.
    pub is_none: bool,
}

/// What a difference comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// There is one beyond chance, and it is good news.
    Better,
    /// There is one beyond chance, and it is bad news.
    Worse,
    /// There is one beyond chance, in a figure that judges nothing.
    Differs,
    /// What there is may be chance.
    WithinChance,
    /// Nothing can be said: too few runs, no values, or lower bounds.
    Untold,
}

impl Comparison {
    /// Compares the first of `parties` with the others.
    pub fn with_first(parties: Vec<Party>) -> Self {
        let held_against = (0..parties.len()).map(|place| (place > 0).then_some(0)).collect();
        Self { baselines: parties.first().cloned().into_iter().collect(), parties, held_against }
    }

    /// Compares each of `parties` with what was kept under its name, or else with the first that was kept.
    pub fn with_saved(parties: Vec<Party>, saved: &SavedBaseline) -> Self {
        let held_against = parties.iter().map(|party| Some(saved.place_of(&party.name))).collect();
        Self { parties, baselines: saved.parties.clone(), held_against }
    }

    /// What is compared, in order.
    pub fn parties(&self) -> &[Party] {
        &self.parties
    }

    /// What the party in this place is held against; `None` if it is the baseline itself.
    pub fn baseline_of(&self, place: usize) -> Option<&Party> {
        self.held_against[place].map(|baseline| &self.baselines[baseline])
    }

    /// All metrics that any of the parties has, in the order of the registry.
    pub fn metrics(&self) -> impl Iterator<Item = &'static Metric> {
        let is_there = |metric: &&Metric| self.parties.iter().any(|party| party.series.has(metric.path));
        groups().iter().flat_map(|group| group.metrics).filter(is_there)
    }

    /// The figure at `path` of the party in this place.
    pub fn figure(&self, place: usize, path: &str) -> Figure {
        self.parties[place].series.figure(path)
    }

    /// By how much the figure at `path` of the party in this place is above that of its baseline; `None` if it is the
    /// baseline itself.
    pub fn difference(&self, place: usize, path: &str) -> Option<Difference> {
        Some(Difference::of(&self.parties[place].series, &self.baseline_of(place)?.series, path))
    }
}

impl Difference {
    fn of(ours: &Series, theirs: &Series, path: &str) -> Self {
        let (one, other) = (ours.figure(path), theirs.figure(path));
        let has_bounds = one.censored + other.censored > 0;
        if ours.seeds() == theirs.seeds() {
            return Self { has_bounds, ..Self::of_pairs(ours.values(path).zip(theirs.values(path))) };
        }
        let mean = one.sample.mean().zip(other.sample.mean()).map(|(one, other)| one - other);
        Self {
            pairs: None,
            values: [one.sample.n(), other.sample.n()],
            mean,
            sd: None,
            interval: one.sample.interval_above(&other.sample, LEVEL),
            relative: relative(mean, &other.sample),
            has_bounds,
            is_none: false,
        }
    }

    /// By how much one figure is above another one in each pair of runs, of which no figure is a lower bound.
    pub(super) fn of_pairs(mut pairs: impl Iterator<Item = (Option<f64>, Option<f64>)> + Clone) -> Self {
        let sample = Paired::of(pairs.clone()).differences;
        // Of what the mean is a part: the baseline with the seeds of the pairs.
        let both = pairs.clone().filter_map(|(one, other)| one.and(other));
        Self {
            pairs: Some(sample.n()),
            values: [sample.n(); 2],
            mean: sample.mean(),
            sd: sample.sd(),
            interval: sample.interval(LEVEL),
            relative: relative(sample.mean(), &Sample::of(both)),
            has_bounds: false,
            is_none: pairs.all(|(one, other)| one == other),
        }
    }

    /// Whether the interval, of the metric at `path`, is only approximate: it is if that of either side is.
    pub fn is_approximate(&self, path: &str) -> bool {
        self.values.iter().any(|&values| is_approximate(path, values))
    }

    /// Whether the interval excludes zero; `None` where there is none, or where it says nothing because of lower bounds.
    pub fn is_beyond_chance(&self) -> Option<bool> {
        self.interval.filter(|_| !self.has_bounds).map(Interval::excludes_zero)
    }

    /// What it comes to, where this direction is good news.
    pub fn mark(&self, better: Better) -> Mark {
        let rises = self.mean.is_some_and(|mean| mean > 0.0);
        match (self.is_beyond_chance(), better) {
            (None, _) => Mark::Untold,
            (Some(false), _) => Mark::WithinChance,
            (Some(true), Better::Neither) => Mark::Differs,
            (Some(true), Better::Lower) if rises => Mark::Worse,
            (Some(true), Better::Higher) if !rises => Mark::Worse,
            (Some(true), Better::Lower | Better::Higher) => Mark::Better,
        }
    }
}

impl Mark {
    /// In a word; nothing where there is nothing to mark.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Better => "better",
            Self::Worse => "worse",
            Self::Differs => "differs",
            Self::WithinChance | Self::Untold => "",
        }
    }
}

fn relative(mean: Option<f64>, baseline: &Sample) -> Option<f64> {
    let of = baseline.mean().filter(|&of| of != 0.0)?;
    Some(mean? / of.abs())
}

#[cfg(test)]
mod tests;
