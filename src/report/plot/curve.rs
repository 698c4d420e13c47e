//! Means with their intervals side by side along a setting, in the order of its values.

use plotters::prelude::PathElement;
use plotters::style::Color;
use plotters::style::text_anchor::{HPos, VPos};

use super::axis::{label, value_marks};
use super::mark::draw_key;
use super::panel::{BLACK, GREY, GRID, MARGIN, aligned, draw, room_for, text};
use super::ranges::{NARROWEST, Range, Ranges, fitted};
use super::{Canvas, picture};

const WIDTH: u32 = 860;
const HEIGHT: u32 = 560;
const LEFT: i32 = 110;
const RIGHT: i32 = WIDTH as i32 - 40;
const TOP: i32 = 110;
const BOTTOM: i32 = HEIGHT as i32 - 96;

/// The picture; `along` is the setting.
pub(crate) fn curve_svg(of: &Ranges, along: &str) -> String {
    let top = of.top();
    let y = |value: f64| BOTTOM - (value.max(0.0) / top * f64::from(BOTTOM - TOP)).round() as i32;
    let apart = (RIGHT - LEFT) / of.parties.len().max(1) as i32;
    let x = |place: usize| {
        let share = (place as f64 + 0.5) / of.parties.len() as f64;
        LEFT + (share * f64::from(RIGHT - LEFT)).round() as i32
    };
    let title = format!("{} along {along}: means and their intervals", of.heading);
    picture((WIDTH, HEIGHT), &title, |canvas| {
        text(canvas, (MARGIN, 14), 26, BLACK, true, &of.heading);
        draw_key(canvas, &of.key, 74);
        for mark in value_marks(top, 5) {
            draw(canvas, &PathElement::new([(LEFT, y(mark)), (RIGHT, y(mark))], GRID.stroke_width(2)));
            aligned(canvas, (LEFT - 12, y(mark)), (HPos::Right, VPos::Center), GREY, &label(mark));
        }
        aligned(canvas, (RIGHT, BOTTOM + 48), (HPos::Right, VPos::Top), BLACK, along);
        let known = of.parties.iter().enumerate();
        let known = known.filter_map(|(place, party)| Some((x(place), y(party.mean?))));
        draw(canvas, &PathElement::new(known.collect::<Vec<_>>(), GREY.stroke_width(2)));
        for (place, party) in of.parties.iter().enumerate() {
            draw_party(canvas, party, x(place), &y);
        }
        for (place, name) in labels(&of.parties, apart) {
            aligned(canvas, (x(place), BOTTOM + 10), (HPos::Center, VPos::Top), GREY, &name);
        }
    })
}

/// Draws a mean and its interval in a column.
fn draw_party(canvas: &Canvas<'_>, party: &Range, x: i32, y: &dyn Fn(f64) -> i32) {
    let Some(mean) = party.mean else { return };
    let ink = party.mark.ink().colour();
    if let Some([low, high]) = party.ends.filter(|&[low, high]| y(low) - y(high) >= NARROWEST) {
        draw(canvas, &PathElement::new([(x, y(low)), (x, y(high))], ink.stroke_width(4)));
        for end in [low, high] {
            let cap = [(x - 8, y(end)), (x + 8, y(end))];
            draw(canvas, &PathElement::new(cap, ink.stroke_width(3)));
        }
    }
    party.mark.draw(canvas, (x, y(mean)));
}

/// The names that stand below the columns, which are so far `apart`: as many as do not touch each other.
fn labels(parties: &[Range], apart: i32) -> Vec<(usize, String)> {
    const WIDEST: i32 = 240;
    let names: Vec<String> = parties.iter().map(|party| fitted(&party.name, WIDEST)).collect();
    let widest = names.iter().map(|name| room_for(name)).max().unwrap_or(0) + 16;
    let step = (widest + apart.max(1) - 1) / apart.max(1);
    names.into_iter().enumerate().step_by(step.max(1) as usize).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::plot::Mark;

    fn party(name: &str, mean: Option<f64>, mark: Mark) -> Range {
        Range { name: name.to_owned(), mean, ends: mean.map(|mean| [mean - 1.0, mean + 1.0]), mark }
    }

    #[test]
    fn every_mark_has_a_shape_of_its_own() {
        let marks = [Mark::Answer, Mark::Meets, Mark::Open, Mark::Fails, Mark::Dearer];
        let drawn = marks.map(|mark| {
            let of = Ranges {
                heading: "cost".to_owned(),
                parties: vec![party("5", Some(4.0), mark)],
                baseline: None,
                key: vec![],
            };
            curve_svg(&of, "count")
        });
        for (place, one) in drawn.iter().enumerate() {
            assert!(!drawn[..place].contains(one), "{:?} looks like another", marks[place]);
        }
        let circles = drawn.each_ref().map(|svg| svg.matches("<circle").count());
        assert_eq!(circles, [0, 1, 1, 0, 1]);
        assert_eq!(drawn[0].matches("<polygon").count(), 1);
    }

    #[test]
    fn names_do_not_touch_and_what_has_no_value_is_not_drawn() {
        let parties: Vec<Range> =
            (0..200).map(|place| party(&place.to_string(), Some(1.0), Mark::Meets)).collect();
        let kept = labels(&parties, 5);
        assert!(kept.windows(2).all(|pair| (pair[1].0 - pair[0].0) as i32 * 5 >= room_for("199")));
        assert!(kept.len() > 10, "{}", kept.len());
        let of = Ranges {
            heading: "cost".to_owned(),
            parties: vec![party("1", None, Mark::Meets), party("2", Some(3.0), Mark::Meets)],
            baseline: None,
            key: vec![(Mark::Meets, "meets")],
        };
        assert_eq!(curve_svg(&of, "count").matches("<circle").count(), 2, "one of the key, one of the curve");
    }
}
