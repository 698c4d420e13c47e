//! A grid: every combination of the values of several axes.

use std::fmt;

use serde_json::Value;

use super::axis::{Axis, VARIANT, shown};
use super::seeds::Seeds;
use crate::scenario::ReadOptions;

/// Axes that are combined with each other; the last one varies fastest.
#[derive(Clone, Debug, PartialEq)]
pub struct Grid {
    axes: Vec<Axis>,
}

/// One combination: a value for each of the axes.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    settings: Vec<(String, Value)>,
}

/// Why axes are no grid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GridError {
    /// Two axes put values at the same place.
    #[error("`{0}` is varied twice")]
    SamePath(String),
    /// More combinations than anybody means.
    #[error("the values of the axes can be combined in more than {} ways", Grid::MOST)]
    TooMany,
}

impl Grid {
    /// The most points.
    pub const MOST: u64 = Seeds::MOST;

    /// The grid of `axes`; of none it has one point, the scenario as it stands.
    pub fn new(axes: Vec<Axis>) -> Result<Self, GridError> {
        for (place, axis) in axes.iter().enumerate() {
            if axes[..place].iter().any(|before| before.is_of_same_place_as(axis)) {
                return Err(GridError::SamePath(axis.path().to_owned()));
            }
        }
        let points =
            axes.iter().try_fold(1_u64, |points, axis| points.checked_mul(axis.values().len() as u64));
        match points {
            Some(points) if points <= Self::MOST => Ok(Self { axes }),
            _ => Err(GridError::TooMany),
        }
    }

    /// The axes, in the order in which they were given.
    pub fn axes(&self) -> &[Axis] {
        &self.axes
    }

    /// How many points there are.
    pub fn len(&self) -> usize {
        self.axes.iter().map(|axis| axis.values().len()).product()
    }

    /// Whether there are none, which is so if an axis has no values.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The point with the value in each of these `places` of its axis.
    pub fn at(&self, places: &[usize]) -> Point {
        assert_eq!(places.len(), self.axes.len(), "a point has a value for each axis");
        let setting =
            |(axis, &place): (&Axis, &usize)| (axis.path().to_owned(), axis.values()[place].clone());
        Point { settings: self.axes.iter().zip(places).map(setting).collect() }
    }

    /// The point in this place among all of them.
    pub fn point(&self, place: usize) -> Point {
        self.at(&self.places(place))
    }

    /// In which place of each axis the values of the point in this `place` are.
    pub fn places(&self, place: usize) -> Vec<usize> {
        let mut rest = place;
        let mut places: Vec<usize> = Vec::new();
        for axis in self.axes.iter().rev() {
            places.push(rest % axis.values().len());
            rest /= axis.values().len();
        }
        places.reverse();
        places
    }

    /// All points, in order.
    pub fn points(&self) -> impl Iterator<Item = Point> {
        (0..self.len()).map(|place| self.point(place))
    }
}

impl Point {
    /// The value at each PATH, in the order of the axes.
    pub fn settings(&self) -> &[(String, Value)] {
        &self.settings
    }

    /// How a scenario is read with the values of this point in it: the variant first, then each value at its PATH, as a
    /// variant would put it there.
    pub fn options(&self, base: &ReadOptions) -> ReadOptions {
        let mut options = base.clone();
        for (path, value) in &self.settings {
            if path == VARIANT {
                options.variant = value.as_str().map(str::to_owned);
            } else {
                options.overrides.push((path.clone(), value.clone()));
            }
        }
        options
    }
}

impl fmt::Display for Point {
    /// `pools.gateway.count=5, variant=base`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let settings: Vec<String> =
            self.settings.iter().map(|(path, value)| format!("{path}={}", shown(value))).collect();
        f.write_str(&settings.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(axes: &[&str]) -> Result<Grid, GridError> {
        Grid::new(axes.iter().map(|axis| Axis::parse(axis).unwrap()).collect())
    }

    #[test]
    fn the_last_axis_varies_fastest() {
        let grid = grid(&["pools.a.count=1,2", "variant=base,b"]).unwrap();
        let points: Vec<String> = grid.points().map(|point| point.to_string()).collect();
        assert_eq!(
            points,
            [
                "pools.a.count=1, variant=base",
                "pools.a.count=1, variant=b",
                "pools.a.count=2, variant=base",
                "pools.a.count=2, variant=b",
            ]
        );
        assert_eq!(grid.at(&[1, 0]), grid.point(2));
    }

    #[test]
    fn a_point_is_read_as_a_variant_and_what_is_put_after_it() {
        let base =
            ReadOptions { overrides: vec![("seed".to_owned(), Value::from(7))], ..ReadOptions::default() };
        let options = grid(&["variant=b", "pools.a.count=3"]).unwrap().point(0).options(&base);
        assert_eq!(options.variant.as_deref(), Some("b"));
        let overrides = [("seed".to_owned(), Value::from(7)), ("pools.a.count".to_owned(), Value::from(3))];
        assert_eq!(options.overrides, overrides);
    }

    #[test]
    fn no_place_is_varied_twice_however_it_is_written() {
        let same = Err(GridError::SamePath("manifests/Node//n:/spec/x".to_owned()));
        assert_eq!(grid(&["manifests/Node/n:/spec/x=1", "manifests/Node//n:/spec/x=2"]), same);
        let same = Err(GridError::SamePath("manifests/Service/s:/spec/x".to_owned()));
        assert_eq!(grid(&["manifests/Service/default/s:/spec/x=1", "manifests/Service/s:/spec/x=2"]), same);
        assert_eq!(grid(&["a=1..1000", "b=1..101"]), Err(GridError::TooMany));
        assert_eq!(grid(&[]).unwrap().points().count(), 1);
    }
}
