//! What chance decides about traffic, drawn once for a whole run.

use rand_chacha::ChaCha8Rng;

use super::{Law, Product, Shape};
use crate::random::{Purpose, Stream, generator};
use crate::rule::{Confidence, Rule};
use crate::units::SimTime;

pub(super) const RULES: &[Rule] = &[Rule {
    id: "traffic-draws",
    statement: "What chance decides about a stream of traffic follows from the seed, the stream's and the shape's \
                place and the number of the burst, stay or interval alone; until it is drawn, a shape is its mean.",
    source: "this simulator's own definition",
    confidence: Confidence::Estimate,
}];

/// Where the draws of one stream of traffic come from.
#[derive(Debug)]
pub struct Draws {
    seed: u64,
    stream: u32,
    horizon: SimTime,
    /// How many shapes have drawn so far.
    shapes: u32,
}

/// Where the draws of one shape come from.
#[derive(Clone, Copy, Debug)]
pub(super) struct ShapeDraws {
    seed: u64,
    shape: Stream,
    /// What comes later is not drawn.
    pub(super) horizon: SimTime,
}

impl Draws {
    /// The draws of stream number `stream` under `seed`, up to `horizon`.
    pub fn new(seed: u64, stream: u32, horizon: SimTime) -> Self {
        Self { seed, stream, horizon, shapes: 0 }
    }

    fn of_next_shape(&mut self) -> ShapeDraws {
        let shape = Stream::of(self.stream, self.shapes);
        self.shapes += 1;
        ShapeDraws { seed: self.seed, shape, horizon: self.horizon }
    }
}

impl ShapeDraws {
    /// A generator of the draws of one burst, stay or interval.
    pub(super) fn of(&self, purpose: Purpose, number: u32) -> ChaCha8Rng {
        generator(self.seed, purpose, self.shape.round(number))
    }
}

impl Shape {
    /// Whether chance has a part in it.
    pub fn is_random(&self) -> bool {
        match self {
            Self::Bursts(_) | Self::MarkovModulated(_) | Self::Noise(_) | Self::Poisson(_) => true,
            Self::Sum(shapes) | Self::Product(Product(shapes)) => shapes.iter().any(Self::is_random),
            _ => false,
        }
    }

    /// The shape as it is when everything that is left to chance has been drawn. It takes the time and room of as many
    /// draws as there are bursts, stays or intervals; afterwards a look-up is as quick as in a trace.
    #[must_use]
    pub fn drawn(&self, draws: &mut Draws) -> Self {
        let each = |shapes: &[Self], draws: &mut Draws| shapes.iter().map(|one| one.drawn(draws)).collect();
        match self {
            Self::Sum(shapes) => Self::Sum(each(shapes, draws)),
            Self::Product(Product(shapes)) => Self::Product(Product(each(shapes, draws))),
            Self::Bursts(bursts) => Self::Levels(bursts.drawn(&draws.of_next_shape())),
            Self::MarkovModulated(chain) => Self::Levels(chain.drawn(&draws.of_next_shape())),
            Self::Noise(noise) => {
                let factors = Self::Levels(noise.drawn(&draws.of_next_shape()));
                Self::Product(Product(vec![noise.of.drawn(draws), factors]))
            }
            Self::Poisson(poisson) => {
                let own = draws.of_next_shape();
                let of = poisson.of.drawn(draws);
                Self::Levels(poisson.drawn(&own, |from, to| of.requests_between(from, to)))
            }
            settled => settled.clone(),
        }
    }
}
