//! Means with their intervals, one below the other on a common axis from zero.

use plotters::prelude::PathElement;
use plotters::style::Color;
use plotters::style::text_anchor::{HPos, VPos};

use super::axis::{label, value_marks};
use super::mark::draw_key;
use super::panel::{BLACK, GREY, GRID, MARGIN, aligned, draw, room_for, text};
use super::{Canvas, Mark, picture};

/// One quantity of several parties.
pub(crate) struct Ranges {
    /// What is shown, with its unit.
    pub(crate) heading: String,
    pub(crate) parties: Vec<Range>,
    /// What others are held against, where that is told: a line through all of them.
    pub(crate) baseline: Option<f64>,
    /// The marks that are explained, and how.
    pub(crate) key: Vec<(Mark, &'static str)>,
}

/// The quantity of one party.
pub(crate) struct Range {
    pub(crate) name: String,
    pub(crate) mean: Option<f64>,
    /// The ends of its interval.
    pub(crate) ends: Option<[f64; 2]>,
    /// What it is to the reader.
    pub(crate) mark: Mark,
}

const WIDTH: u32 = 860;
const ROW: i32 = 46;
/// Height of a row where there are many.
const LOW_ROW: i32 = 34;
/// How many are many.
const MANY: usize = 16;
const TOP: i32 = 64;
const KEY: i32 = 44;
/// Intervals of fewer pixels hide behind the mark of their mean.
pub(super) const NARROWEST: i32 = 6;
/// Longer names are cut.
const WIDEST_NAME: i32 = 330;

impl Ranges {
    /// The value at the end of the axis.
    pub(super) fn top(&self) -> f64 {
        let ends = self.parties.iter().filter_map(|party| party.ends.map(|ends| ends[1]).or(party.mean));
        let top = ends.chain(self.baseline).fold(0.0, f64::max);
        if top > 0.0 { top * 1.02 } else { 1.0 }
    }
}

/// The picture.
pub(crate) fn ranges_svg(of: &Ranges) -> String {
    let row = if of.parties.len() > MANY { LOW_ROW } else { ROW };
    let above = TOP + if of.key.is_empty() { 0 } else { KEY };
    let bottom = above + row * of.parties.len() as i32;
    let size = (WIDTH, (bottom + 54) as u32);
    let names: Vec<String> = of.parties.iter().map(|party| fitted(&party.name, WIDEST_NAME)).collect();
    let left = MARGIN + 24 + names.iter().map(|name| room_for(name)).max().unwrap_or(0);
    let right = WIDTH as i32 - 40;
    let top = of.top();
    let x = |value: f64| left + (value.max(0.0) / top * f64::from(right - left)).round() as i32;
    picture(size, &format!("{}: means and their intervals", of.heading), |canvas| {
        text(canvas, (MARGIN, 14), 26, BLACK, true, &of.heading);
        draw_key(canvas, &of.key, TOP + 10);
        for mark in value_marks(top, 4) {
            draw(canvas, &PathElement::new([(x(mark), above), (x(mark), bottom)], GRID.stroke_width(2)));
            aligned(canvas, (x(mark), bottom + 10), (HPos::Center, VPos::Top), GREY, &label(mark));
        }
        if let Some(baseline) = of.baseline {
            let at = x(baseline);
            draw(canvas, &PathElement::new([(at, above), (at, bottom)], GREY.stroke_width(2)));
        }
        for ((place, party), name) in (0..).zip(&of.parties).zip(&names) {
            let middle = above + row * place + row / 2;
            aligned(canvas, (MARGIN, middle), (HPos::Left, VPos::Center), BLACK, name);
            draw_range(canvas, party, (left, middle), &x);
        }
    })
}

/// Draws a mean and its interval at a height; where there is none, that is said at the `left`.
fn draw_range(canvas: &Canvas<'_>, party: &Range, (left, middle): (i32, i32), x: &dyn Fn(f64) -> i32) {
    let Some(mean) = party.mean else {
        aligned(canvas, (left, middle), (HPos::Left, VPos::Center), GREY, "no value");
        return;
    };
    let ink = party.mark.ink();
    if let Some([low, high]) = party.ends.filter(|&[low, high]| x(high) - x(low) >= NARROWEST) {
        let line = [(x(low), middle), (x(high), middle)];
        draw(canvas, &PathElement::new(line, ink.colour().stroke_width(5)));
        for end in line {
            let cap = [(end.0, middle - 10), (end.0, middle + 10)];
            draw(canvas, &PathElement::new(cap, ink.colour().stroke_width(3)));
        }
    }
    party.mark.draw(canvas, (x(mean), middle));
}

/// A name that is at most so wide.
pub(super) fn fitted(name: &str, widest: i32) -> String {
    if room_for(name) <= widest {
        return name.to_owned();
    }
    let mut kept: String = name.to_owned();
    while room_for(&kept) > widest - 20 && kept.pop().is_some() {}
    kept + "…"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::plot::Ink;

    #[test]
    fn every_party_has_its_mean_its_interval_and_its_mark() {
        let range = |name: &str, mean, mark| Range {
            name: name.to_owned(),
            mean,
            ends: mean.map(|mean: f64| [mean - 1.0, mean + 1.0]),
            mark,
        };
        let parties = vec![
            range("base", Some(10.0), Mark::Plain),
            range("better", Some(5.0), Mark::Better),
            range("worse", Some(20.0), Mark::Worse),
            range("without", None, Mark::Plain),
        ];
        let svg =
            ranges_svg(&Ranges { heading: "pods".to_owned(), parties, baseline: Some(10.0), key: vec![] });
        assert_eq!(svg.matches("<circle").count(), 3);
        assert!(svg.contains("no value"));
        for ink in [Ink::Good, Ink::Bad] {
            let colour = format!("\"{}\"", ink.on_page()[0]);
            assert_eq!(svg.matches(&colour).count(), 4, "a line, two ends and a dot");
        }
        assert_eq!(fitted("a name that is far too long for its place", 100).chars().last(), Some('…'));
    }
}
