//! A rate that goes from state to state at random.

use super::drawn::ShapeDraws;
use super::{Levels, Line, Lines, Rate};
use crate::random::{Purpose, below, standard_exponential, unit};
use crate::rule::{Confidence, Rule};
use crate::units::{SimTime, Span};

pub(super) const RULES: &[Rule] = &[Rule {
    id: "markov-modulated-rate",
    statement: "A Markov-modulated rate stays in each state for an exponential time and goes on to any other state, \
                each as likely; it begins in a state with the share of time that it spends there, so that its average \
                is Σ rate × lasts / Σ lasts from the start of the run on.",
    source: "the Markov-modulated Poisson process, its requests taken as a steady flow",
    confidence: Confidence::Estimate,
}];

/// One state.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct State {
    /// The rate in it.
    pub rate: Rate,
    /// How long it lasts in the mean; longer than nothing.
    pub lasts: Span,
}

/// A chain of states, two or more.
#[derive(Clone, Debug, PartialEq)]
pub struct MarkovModulated {
    /// The states.
    pub states: Vec<State>,
}

impl MarkovModulated {
    /// The average rate.
    pub fn mean(&self) -> Rate {
        let requests = self.states.iter().map(|state| state.rate.0 * state.lasts.as_secs_f64());
        Rate(requests.sum::<f64>() / self.cycle())
    }

    /// The seconds that all states last in the mean, one after the other.
    fn cycle(&self) -> f64 {
        self.states.iter().map(|state| state.lasts.as_secs_f64()).sum()
    }

    /// How many stays are drawn in the mean for a run.
    pub fn expected(&self, horizon: SimTime) -> f64 {
        horizon.as_secs_f64() * self.states.len() as f64 / self.cycle()
    }

    pub(super) fn drawn(&self, draws: &ShapeDraws) -> Levels {
        let mut levels = Vec::new();
        let mut begins = SimTime::ZERO;
        let mut state = self.first(draws);
        // The draw with number 0 is that of the first state.
        for number in 1.. {
            if begins >= draws.horizon {
                break;
            }
            levels.push((begins, self.states[state].rate));
            let mut draw = draws.of(Purpose::TrafficState, number);
            begins += self.states[state].lasts.times(standard_exponential(&mut draw));
            state = (state + 1 + below(&mut draw, self.states.len() - 1)) % self.states.len();
        }
        Levels::new(levels)
    }

    /// A state, each with the share of time that is spent in it.
    fn first(&self, draws: &ShapeDraws) -> usize {
        let mut left = unit(&mut draws.of(Purpose::TrafficState, 0)) * self.cycle();
        let found = self.states.iter().position(|state| {
            left -= state.lasts.as_secs_f64();
            left <= 0.0
        });
        found.unwrap_or(self.states.len() - 1)
    }
}

/// Until its states are drawn it is its average.
impl Lines for MarkovModulated {
    fn lines(&self) -> impl AsRef<[Line]> {
        [Line::level(SimTime::ZERO, self.mean())]
    }
}
