//! Two quantities against each other, both the better the smaller they are, and the front of those that nothing beats in
//! both (Pareto, *Manuale di economia politica*, 1906).

use std::cmp::Ordering;

use plotters::prelude::{Circle, PathElement};
use plotters::style::Color;
use plotters::style::text_anchor::{HPos, VPos};

use super::axis::{label, value_marks};
use super::panel::{BLACK, GREY, GRID, MARGIN, aligned, draw, room_for, text};
use super::ranges::fitted;
use super::{Canvas, Ink, picture};

/// Things by two quantities.
pub(crate) struct Front {
    /// What lies along the axes, with units.
    pub(crate) across: String,
    pub(crate) up: String,
    pub(crate) points: Vec<Point>,
}

/// One of them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Point {
    pub(crate) name: String,
    pub(crate) across: f64,
    pub(crate) up: f64,
}

const WIDTH: u32 = 860;
const HEIGHT: u32 = 560;
const LEFT: i32 = 96;
const RIGHT: i32 = WIDTH as i32 - 40;
const TOP: i32 = 70;
const BOTTOM: i32 = HEIGHT as i32 - 96;

/// For each of the points, whether no other is at least as good in both quantities and better in one.
pub(crate) fn undominated(points: &[Point]) -> Vec<bool> {
    let order = |one: &usize, other: &usize| {
        let (one, other) = (&points[*one], &points[*other]);
        one.across.total_cmp(&other.across).then(one.up.total_cmp(&other.up))
    };
    let mut sorted: Vec<usize> = (0..points.len()).collect();
    sorted.sort_by(order);
    let mut on_front = vec![false; points.len()];
    let mut last: Option<usize> = None;
    for place in sorted {
        // Whatever comes before is no larger across, so that it is beaten only by what is lower and further to the left.
        let is_on = last
            .is_none_or(|last| points[place].up < points[last].up || order(&place, &last) == Ordering::Equal);
        if is_on {
            on_front[place] = true;
            last = Some(place);
        }
    }
    on_front
}

/// The picture.
pub(crate) fn front_svg(of: &Front) -> String {
    let on_front = undominated(&of.points);
    let greatest = |value: fn(&Point) -> f64| {
        let top = of.points.iter().map(value).fold(0.0, f64::max);
        if top > 0.0 { top * 1.08 } else { 1.0 }
    };
    let (wide, high) = (greatest(|point| point.across), greatest(|point| point.up));
    let x = |value: f64| LEFT + (value / wide * f64::from(RIGHT - LEFT)).round() as i32;
    let y = |value: f64| BOTTOM - (value / high * f64::from(BOTTOM - TOP)).round() as i32;
    picture((WIDTH, HEIGHT), &format!("{} against {}", of.up, of.across), |canvas| {
        text(canvas, (MARGIN, 14), 26, BLACK, true, &of.up);
        for mark in value_marks(high, 5) {
            draw(canvas, &PathElement::new([(LEFT, y(mark)), (RIGHT, y(mark))], GRID.stroke_width(2)));
            aligned(canvas, (LEFT - 12, y(mark)), (HPos::Right, VPos::Center), GREY, &label(mark));
        }
        for mark in value_marks(wide, 5) {
            draw(canvas, &PathElement::new([(x(mark), TOP), (x(mark), BOTTOM)], GRID.stroke_width(2)));
            aligned(canvas, (x(mark), BOTTOM + 10), (HPos::Center, VPos::Top), GREY, &label(mark));
        }
        aligned(canvas, (RIGHT, BOTTOM + 48), (HPos::Right, VPos::Top), BLACK, &of.across);
        let places: Vec<(i32, i32)> = of.points.iter().map(|point| (x(point.across), y(point.up))).collect();
        let mut corners: Vec<(i32, i32)> =
            places.iter().zip(&on_front).filter(|(_, on)| **on).map(|(place, _)| *place).collect();
        corners.sort_unstable();
        let steps: Vec<(i32, i32)> = corners
            .windows(2)
            .flat_map(|pair| [pair[0], (pair[1].0, pair[0].1)])
            .chain(corners.last().copied())
            .collect();
        draw(canvas, &PathElement::new(steps.as_slice(), Ink::Good.colour().stroke_width(3)));
        draw_points(canvas, of, &places, &on_front, &steps);
    })
}

/// Points and their names: those on the front filled. A name goes where it touches no point, not the line of the front
/// and none of the names before it, with a line to its point where that is not beside it.
fn draw_points(
    canvas: &Canvas<'_>,
    of: &Front,
    places: &[(i32, i32)],
    on_front: &[bool],
    steps: &[(i32, i32)],
) {
    let dots = places.iter().map(|&(x, y)| [x - 9, y - 9, x + 9, y + 9]);
    // The line of the front falls to the right.
    let line = steps.windows(2).map(|ends| [ends[0].0, ends[0].1, ends[1].0, ends[1].1]);
    let mut taken: Vec<[i32; 4]> = dots.chain(line).collect();
    for ((point, &(x, y)), &is_on) in of.points.iter().zip(places).zip(on_front) {
        let name = fitted(&point.name, 300);
        let place = place_of(&name, (x, y), &taken);
        if let Some((left, top, is_far)) = place {
            if is_far {
                let line = [(x, y), (left + room_for(&name) / 2, if top < y { top + 28 } else { top })];
                draw(canvas, &PathElement::new(line, GREY.stroke_width(1)));
            }
            taken.push([left, top, left + room_for(&name), top + 28]);
            aligned(canvas, (left, top), (HPos::Left, VPos::Top), BLACK, &name);
        }
        if is_on {
            draw(canvas, &Circle::new((x, y), 9, Ink::Good.colour().filled()));
        } else {
            draw(canvas, &Circle::new((x, y), 8, Ink::Axis.colour().stroke_width(3)));
        }
    }
}

/// The upper left corner of a name near its point, the nearest that touches nothing; and whether that is far. There is
/// none where the picture is too full.
fn place_of(name: &str, (x, y): (i32, i32), taken: &[[i32; 4]]) -> Option<(i32, i32, bool)> {
    let width = room_for(name);
    let beside =
        [(x + 16, y - 15), (x - 16 - width, y - 15), (x - width / 2, y - 42), (x - width / 2, y + 14)];
    let around = (2..12).flat_map(|ring| {
        let (high, low) = (y - 15 - 34 * ring, y - 15 + 34 * ring);
        [x - width / 2, x + 20, x - 20 - width].into_iter().flat_map(move |left| [(left, low), (left, high)])
    });
    let is_free = |&(left, top, _): &(i32, i32, bool)| {
        let inside = left >= 0 && left + width <= WIDTH as i32 && top >= TOP - 16 && top + 28 <= BOTTOM;
        let clear = |other: &[i32; 4]| {
            left + width < other[0] || left > other[2] || top + 28 < other[1] || top > other[3]
        };
        inside && taken.iter().all(clear)
    };
    let near = beside.into_iter().map(|(left, top)| (left, top, false));
    near.chain(around.map(|(left, top)| (left, top, true))).find(is_free)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_front_is_what_nothing_beats_in_both() {
        let point = |across, up| Point { name: String::new(), across, up };
        let points = [point(1.0, 9.0), point(2.0, 3.0), point(3.0, 3.0), point(9.0, 1.0), point(2.0, 3.0)];
        assert_eq!(undominated(&points), [true, true, false, true, true], "equals do not beat each other");
    }

    #[test]
    fn the_front_of_many_is_that_of_comparing_each_with_each() {
        // Both quantities have many equals, and what costs less waits longer.
        let point = |place: u32| {
            let across = place * 31 % 97 % 23;
            Point {
                name: String::new(),
                across: f64::from(across),
                up: f64::from(24 - across + place * 57 % 97 % 4),
            }
        };
        let points: Vec<Point> = (0..97).map(point).collect();
        let beats = |one: &Point, other: &Point| {
            let (across, up) = (one.across - other.across, one.up - other.up);
            across <= 0.0 && up <= 0.0 && across.min(up) < 0.0
        };
        let expected: Vec<bool> =
            points.iter().map(|point| !points.iter().any(|other| beats(other, point))).collect();
        assert!(expected.iter().filter(|is_on| **is_on).count() > 9, "there is something to find");
        assert_eq!(undominated(&points), expected);
    }

    #[test]
    fn no_name_lies_on_the_line_of_the_front() {
        let point = (400, 300);
        let dot = [391, 291, 409, 309];
        let (left, ..) = place_of("name", point, &[dot]).expect("there is room");
        assert!(left > 400, "it stands at the right where nothing is");
        let (left, _, is_far) = place_of("name", point, &[dot, [400, 300, 600, 300]]).expect("there is room");
        assert!(left < 400 && !is_far, "and at the left where the line is");
    }
}
