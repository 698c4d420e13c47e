//! The answer, why it may not be certain, and what its neighbours cost.

use super::constraint::Demand;
use super::{Question, Trial};
use crate::experiment::{Difference, Grid};
use crate::expression::Standing;

/// What was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The place of the best point; `None` if no point may meet the constraints.
    pub place: Option<usize>,
    /// Why it is not certain; nothing if it is.
    pub doubts: Vec<Doubt>,
    /// The points that are one step away from it.
    pub neighbours: Vec<Neighbour>,
    /// How the constraints depend on the setting, if there is only one, its values have an order, and the runs say as much.
    pub shape: Option<Shape>,
    /// Whether that is shown of every value; if not, it is only how it looks as far as was run.
    pub is_shape_shown: bool,
}

/// A reason why the answer is not certain.
#[derive(Clone, Debug, PartialEq)]
pub enum Doubt {
    /// No point is shown to meet the constraints; this one may.
    Unsettled {
        /// Which.
        place: usize,
        /// How many seeds would settle it, if anybody can tell.
        seeds: Option<usize>,
    },
    /// A point that may be cheaper may meet the constraints.
    CheaperMayMeet {
        /// Which.
        place: usize,
        /// How many seeds would settle it, if anybody can tell.
        seeds: Option<usize>,
    },
    /// A point that meets the constraints may be cheaper, by more than makes no difference.
    MayBeCheaper {
        /// Which.
        place: usize,
    },
}

/// A point that is one step away from the answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Neighbour {
    /// Along which of the axes.
    pub axis: usize,
    /// Its place.
    pub place: usize,
    /// By how much the figure is above the answer's.
    pub above: Difference,
}

/// How the constraints depend on one setting, in the order of its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// All values meet them.
    Met,
    /// No value meets them.
    Missed,
    /// From some value on they are met.
    Rising,
    /// Up to some value they are met.
    Falling,
    /// They are met, missed and met again, or the other way round.
    NotMonotone,
}

impl Answer {
    pub(super) fn of(question: &Question, trials: &[Trial]) -> Self {
        let place = best(question, trials);
        let doubts = place.map_or_else(Vec::new, |place| doubts(question, trials, place));
        let neighbours = place.map_or_else(Vec::new, |place| {
            let beside = neighbours(&question.grid, place).into_iter();
            beside
                .map(|(axis, one)| Neighbour { axis, place: one, above: trials[one].above(&trials[place]) })
                .collect()
        });
        let is_shape_shown = trials.iter().all(|trial| trial.standing() != Standing::Open);
        Self { place, doubts, neighbours, shape: Shape::of(question, trials), is_shape_shown }
    }

    /// Whether there is an answer, and nothing is to be doubted of it.
    pub fn is_certain(&self) -> bool {
        self.place.is_some() && self.doubts.is_empty()
    }
}

/// The cheapest point that is shown to meet the constraints; if there is none, the cheapest of those that may and come
/// closest. The earlier one of two that cost the same.
fn best(question: &Question, trials: &[Trial]) -> Option<usize> {
    let complete = (0..trials.len()).filter(|&place| trials[place].is_complete(question));
    let known = complete.filter_map(|place| {
        let trial = &trials[place];
        Some((place, trial.standing(), trial.met().map(|met| met.met), trial.mean()?))
    });
    let possible = known.filter(|(_, standing, ..)| *standing != Standing::Fails);
    let better = |one: &(usize, Standing, Option<usize>, f64),
                  other: &(usize, Standing, Option<usize>, f64)| {
        // How many runs met a constraint matters only where that does not settle it.
        let met = if one.1 == Standing::Open { other.2.cmp(&one.2) } else { std::cmp::Ordering::Equal };
        other.1.cmp(&one.1).then(met).then(one.3.total_cmp(&other.3))
    };
    possible.min_by(better).map(|(place, ..)| place)
}

fn doubts(question: &Question, trials: &[Trial], answer: usize) -> Vec<Doubt> {
    let seeds = |place: usize| {
        let demand = Demand { share: question.share, level: question.level };
        let judged = trials[place].judgements(question, question.level).into_iter();
        let open = judged.filter(|one| one.standing == Standing::Open);
        open.map(|one| one.settled_by(demand)).collect::<Option<Vec<usize>>>()?.into_iter().max()
    };
    let standing = |place: usize| trials[place].standing();
    let mut doubts = Vec::new();
    if standing(answer) == Standing::Open {
        doubts.push(Doubt::Unsettled { place: answer, seeds: seeds(answer) });
    }
    let slack = question.indifference * trials[answer].mean().unwrap_or(0.0).abs();
    let may_be_answer = |place: usize| standing(place) != Standing::Fails && !trials[place].lacks_value();
    let rivals = (0..trials.len()).filter(|&place| place != answer && may_be_answer(place));
    for place in rivals {
        let may_be_cheaper = trials[place]
            .bounds_above(&trials[answer], question.level)
            .is_none_or(|above| above.low < -slack);
        match standing(place) {
            _ if !may_be_cheaper => {}
            Standing::Open => doubts.push(Doubt::CheaperMayMeet { place, seeds: seeds(place) }),
            _ => doubts.push(Doubt::MayBeCheaper { place }),
        }
    }
    doubts
}

/// The points one step away from another along each of the axes: which axis, and their place.
pub(super) fn neighbours(grid: &Grid, place: usize) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut stride = grid.len();
    for (axis, position) in grid.places(place).into_iter().enumerate() {
        let length = grid.axes()[axis].values().len();
        stride /= length;
        found.extend(position.checked_sub(1).map(|_| (axis, place - stride)));
        found.extend((position + 1 < length).then_some((axis, place + stride)));
    }
    found
}

impl Doubt {
    /// Which point it is of.
    pub const fn place(&self) -> usize {
        match self {
            Self::Unsettled { place, .. }
            | Self::CheaperMayMeet { place, .. }
            | Self::MayBeCheaper { place } => *place,
        }
    }
}

impl Shape {
    /// In a word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Missed => "missed",
            Self::Rising => "rising",
            Self::Falling => "falling",
            Self::NotMonotone => "notMonotone",
        }
    }

    fn of(question: &Question, trials: &[Trial]) -> Option<Self> {
        let [axis] = question.grid.axes() else { return None };
        if question.constraints.is_empty() || !axis.ascends() {
            return None;
        }
        // A point that some runs meet and others do not tells of neither, unless it was run often enough.
        let seems_met = |trial: &Trial| match trial.standing() {
            Standing::Meets => Some(true),
            Standing::Fails => Some(false),
            Standing::Open => trial.is_met_by_all().then_some(true),
        };
        let mut met: Vec<bool> = trials.iter().filter_map(seems_met).collect();
        let are_all_known = met.len() == trials.len();
        met.dedup();
        match met.as_slice() {
            [true] if are_all_known => Some(Self::Met),
            [false] if are_all_known => Some(Self::Missed),
            [] | [_] => None,
            [false, true] => Some(Self::Rising),
            [true, false] => Some(Self::Falling),
            _ => Some(Self::NotMonotone),
        }
    }
}
