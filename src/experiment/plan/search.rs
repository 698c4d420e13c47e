//! Which points are run with how many seeds.
//!
//! Every point gets the first few seeds. Then whichever may still be the answer and looks cheapest gets more, until it has
//! all of them or is shown to miss a constraint; what is shown to be dearer than a point that meets them gets no more, and
//! neither does what all seeds would most likely leave open. In the end the neighbours of the answer get all seeds too,
//! unless that is known of them.

use super::answer::{Answer, neighbours};
use super::trial::RACING_LEVEL;
use super::{Question, Trial};
use crate::experiment::Replication;
use crate::expression::Standing;

/// With how many seeds every point is run. Three that all miss a constraint show at the level of racing that less than 90 % of
/// runs meet it.
const FIRST: u64 = 3;

/// By how much the number of seeds grows from one look at a point to the next: few looks, so that chance has few of them to
/// mislead, and runs enough to keep all cores busy.
const GROWTH: u64 = 2;

/// What was run, and what came of it.
pub struct Search {
    /// Every point in the order of the grid.
    pub trials: Vec<Trial>,
    /// The answer.
    pub answer: Answer,
}

impl Search {
    /// How many runs were made.
    pub fn runs(&self) -> usize {
        self.trials.iter().map(|trial| trial.runs().len()).sum()
    }
}

/// Seeks the answer; `run` makes runs, each of a place in the grid and a seed, and returns them in that order.
pub fn search<E>(
    question: &Question,
    mut run: impl FnMut(&[(usize, u64)]) -> Result<Vec<Replication>, E>,
) -> Result<Search, E> {
    let mut race = Race { question, trials: vec![Trial::new(); question.grid.len()] };
    loop {
        let places = race.next();
        if places.is_empty() {
            break;
        }
        let wanted: Vec<(usize, u64)> = places.iter().flat_map(|&place| race.seeds(place)).collect();
        let mut made = run(&wanted)?.into_iter();
        for place in places {
            let count = race.seeds(place).count();
            race.trials[place].add(question, made.by_ref().take(count));
        }
    }
    let answer = Answer::of(question, &race.trials);
    Ok(Search { trials: race.trials, answer })
}

struct Race<'a> {
    question: &'a Question,
    trials: Vec<Trial>,
}

impl Race<'_> {
    /// The points that are to be run with more seeds; none if nothing more is to be found out.
    fn next(&self) -> Vec<usize> {
        let new: Vec<usize> = self.places().filter(|&place| self.trials[place].runs().is_empty()).collect();
        if !new.is_empty() {
            return new;
        }
        let best = self.best();
        let (vain, contenders): (Vec<usize>, Vec<usize>) = self
            .places()
            .filter(|&place| self.contends(place, best))
            .partition(|&place| self.trials[place].is_vain(self.question));
        // The mean of a point whose figure is not known for certain says nothing: it comes last.
        let mean = |&place: &usize| self.trials[place].mean().unwrap_or(f64::INFINITY);
        if let Some(place) = contenders.into_iter().min_by(|one, other| mean(one).total_cmp(&mean(other))) {
            return vec![place];
        }
        // Where nothing better is there, what cannot be settled is the answer.
        let Some(best) = best else { return vain };
        let beside = neighbours(&self.question.grid, best).into_iter().map(|(_, place)| place);
        beside.filter(|&place| self.is_worth_all_seeds(place)).collect()
    }

    fn places(&self) -> impl Iterator<Item = usize> {
        0..self.trials.len()
    }

    fn is_complete(&self, place: usize) -> bool {
        self.trials[place].is_complete(self.question)
    }

    /// Whether it cannot be the answer: it is shown to miss a constraint, or there is no mean to be small.
    fn is_out(&self, place: usize) -> bool {
        self.trials[place].soon() == Standing::Fails || self.trials[place].lacks_value()
    }

    /// Whether more is to be learnt of a neighbour of the answer.
    fn is_worth_all_seeds(&self, place: usize) -> bool {
        !self.is_complete(place) && !self.is_out(place) && !self.trials[place].is_vain(self.question)
    }

    /// The cheapest point with all seeds that meets the constraints as surely as so many seeds can show.
    fn best(&self) -> Option<usize> {
        let meets = self.places().filter(|&place| self.is_complete(place) && self.is_sound(place));
        let known = meets.filter_map(|place| Some((place, self.trials[place].mean()?)));
        known.min_by(|(_, one), (_, other)| one.total_cmp(other)).map(|(place, _)| place)
    }

    fn is_sound(&self, place: usize) -> bool {
        let trial = &self.trials[place];
        match trial.standing() {
            Standing::Meets => true,
            Standing::Open => self.question.seeds_needed().is_some() && trial.is_met_by_all(),
            Standing::Fails => false,
        }
    }

    /// Whether a point may be the answer, as far as is known, and more can be known of it.
    fn contends(&self, place: usize, best: Option<usize>) -> bool {
        !self.is_complete(place)
            && !self.is_out(place)
            && best.is_none_or(|best| !is_beaten(&self.trials[place], &self.trials[best], self.question))
    }

    /// The seeds with which a point is run next.
    fn seeds(&self, place: usize) -> impl Iterator<Item = (usize, u64)> + use<> {
        let (seeds, made) = (self.question.seeds, self.trials[place].runs().len() as u64);
        let next = if made == 0 { FIRST } else { made * GROWTH };
        (made..next.min(seeds.count())).map(move |further| (place, seeds.first() + further))
    }
}

/// Whether a point is shown to be dearer than `best`; or, if it looks no cheaper, not to be cheaper by more than what makes
/// no difference.
fn is_beaten(trial: &Trial, best: &Trial, question: &Question) -> bool {
    let Some(above) = trial.bounds_above(best, RACING_LEVEL) else { return false };
    let slack = question.indifference * best.mean().unwrap_or(0.0).abs();
    above.low > 0.0 || (above.low + above.high >= 0.0 && above.low >= -slack)
}
