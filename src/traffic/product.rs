//! Shapes that multiply each other.

use super::{Law, Rate, Shape};
use crate::rule::{Confidence, Rule};
use crate::units::{SimTime, Span};

pub(super) const RULES: &[Rule] = &[Rule {
    id: "traffic-product",
    statement: "Shapes are multiplied as numbers of requests per second, so that a factor of 1/s changes nothing; \
                where several of them change at once, the area is that of Gauss and Legendre's rule of eight nodes \
                between two breakpoints, exact for straight lines and to rounding for waves and tails.",
    source: "this simulator's own definition; nodes and weights: Abramowitz and Stegun, table 25.4",
    confidence: Confidence::Estimate,
}];

/// Nodes on either side of the middle, for a half-length of 1, and their weights.
const NODES: [(f64, f64); 4] = [
    (0.183_434_642_495_649_8, 0.362_683_783_378_362),
    (0.525_532_409_916_329, 0.313_706_645_877_887_3),
    (0.796_666_477_413_626_7, 0.222_381_034_453_374_48),
    (0.960_289_856_497_536_3, 0.101_228_536_290_376_26),
];

/// The product of several shapes.
#[derive(Clone, Debug, PartialEq)]
pub struct Product(pub Vec<Shape>);

impl Product {
    /// The requests of a span in which no factor jumps or bends.
    fn piece(&self, from: SimTime, to: SimTime) -> f64 {
        let is_level = |shape: &&Shape| shape.is_level_at(from);
        let level: f64 = self.0.iter().filter(is_level).map(|shape| shape.rate_at(from).0).product();
        let mut moving = self.0.iter().filter(|shape| !is_level(shape));
        match (moving.next(), moving.next()) {
            (None, _) => level * to.since(from).as_secs_f64(),
            (Some(one), None) => level * one.requests_between(from, to),
            _ => self.quadrature(from, to),
        }
    }

    fn quadrature(&self, from: SimTime, to: SimTime) -> f64 {
        let half = to.since(from).as_secs_f64() / 2.0;
        // A node that is rounded to the end would see what comes after it.
        let rate = |node: f64| {
            let time = from + Span::from_secs_f64(half * (1.0 + node));
            self.rate_at(time.min(SimTime(to.0 - 1))).0
        };
        let pairs = NODES.iter().map(|&(node, weight)| weight * (rate(-node) + rate(node)));
        half * pairs.sum::<f64>()
    }
}

impl Law for Product {
    fn rate_at(&self, time: SimTime) -> Rate {
        Rate(self.0.iter().map(|shape| shape.rate_at(time).0).product())
    }

    fn requests_between(&self, from: SimTime, to: SimTime) -> f64 {
        let (mut begin, mut requests) = (from, 0.0);
        while begin < to {
            let end = self.next_breakpoint(begin).map_or(to, |bend| bend.min(to));
            requests += self.piece(begin, end);
            begin = end;
        }
        requests
    }

    fn next_breakpoint(&self, after: SimTime) -> Option<SimTime> {
        self.0.iter().filter_map(|shape| shape.next_breakpoint(after)).min()
    }

    fn is_level_at(&self, time: SimTime) -> bool {
        self.0.iter().all(|shape| shape.is_level_at(time))
    }

    fn peak(&self) -> Rate {
        Rate(self.0.iter().map(|shape| shape.peak().0).product())
    }

    /// Factors are never negative, so that each of them at its highest bounds the product.
    fn highest_between(&self, from: SimTime, to: SimTime) -> Rate {
        Rate(self.0.iter().map(|shape| shape.highest_between(from, to).0).product())
    }
}
