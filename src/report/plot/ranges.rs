//! Means with their intervals, one below the other on a common axis from zero.

use plotters::prelude::{Circle, PathElement};
use plotters::style::Color;
use plotters::style::text_anchor::{HPos, VPos};

use super::axis::{label, value_marks};
use super::panel::{BLACK, GREY, GRID, MARGIN, aligned, draw, room_for, text};
use super::{Canvas, Ink, picture};

/// One quantity of several parties.
pub(crate) struct Ranges {
    /// What is shown, with its unit.
    pub(crate) heading: String,
    pub(crate) parties: Vec<Range>,
    /// What others are held against, where that is told: a line through all of them.
    pub(crate) baseline: Option<f64>,
}

/// The quantity of one party.
pub(crate) struct Range {
    pub(crate) name: String,
    pub(crate) mean: Option<f64>,
    /// The ends of its interval.
    pub(crate) ends: Option<[f64; 2]>,
    /// Whether it is known to be better or worse than the baseline.
    pub(crate) good: Option<bool>,
}

const WIDTH: u32 = 860;
const ROW: i32 = 46;
const TOP: i32 = 64;
/// Longer names are cut.
const WIDEST_NAME: i32 = 330;

/// The picture.
pub(crate) fn ranges_svg(of: &Ranges) -> String {
    let bottom = TOP + ROW * of.parties.len() as i32;
    let size = (WIDTH, (bottom + 54) as u32);
    let names: Vec<String> = of.parties.iter().map(|party| fitted(&party.name, WIDEST_NAME)).collect();
    let left = MARGIN + 24 + names.iter().map(|name| room_for(name)).max().unwrap_or(0);
    let right = WIDTH as i32 - 40;
    let ends = of.parties.iter().filter_map(|party| party.ends.map(|ends| ends[1]).or(party.mean));
    let top = ends.chain(of.baseline).fold(0.0, f64::max);
    let top = if top > 0.0 { top * 1.02 } else { 1.0 };
    let x = |value: f64| left + (value.max(0.0) / top * f64::from(right - left)).round() as i32;
    picture(size, &format!("{}: means and their intervals", of.heading), |canvas| {
        text(canvas, (MARGIN, 14), 26, BLACK, true, &of.heading);
        for mark in value_marks(top, 4) {
            draw(canvas, &PathElement::new([(x(mark), TOP), (x(mark), bottom)], GRID.stroke_width(2)));
            aligned(canvas, (x(mark), bottom + 10), (HPos::Center, VPos::Top), GREY, &label(mark));
        }
        if let Some(baseline) = of.baseline {
            let at = x(baseline);
            draw(canvas, &PathElement::new([(at, TOP), (at, bottom)], GREY.stroke_width(2)));
        }
        for ((place, party), name) in (0..).zip(&of.parties).zip(&names) {
            let middle = TOP + ROW * place + ROW / 2;
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
    let ink = match party.good {
        Some(true) => Ink::Good,
        Some(false) => Ink::Bad,
        None => Ink::Text,
    };
    if let Some([low, high]) = party.ends {
        let line = [(x(low), middle), (x(high), middle)];
        draw(canvas, &PathElement::new(line, ink.colour().stroke_width(5)));
        for end in line {
            let cap = [(end.0, middle - 10), (end.0, middle + 10)];
            draw(canvas, &PathElement::new(cap, ink.colour().stroke_width(3)));
        }
    }
    draw(canvas, &Circle::new((x(mean), middle), 7, ink.colour().filled()));
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

    #[test]
    fn every_party_has_its_mean_its_interval_and_its_mark() {
        let range = |name: &str, mean, good| Range {
            name: name.to_owned(),
            mean,
            ends: mean.map(|mean: f64| [mean - 1.0, mean + 1.0]),
            good,
        };
        let parties = vec![
            range("base", Some(10.0), None),
            range("better", Some(5.0), Some(true)),
            range("worse", Some(20.0), Some(false)),
            range("without", None, None),
        ];
        let svg = ranges_svg(&Ranges { heading: "pods".to_owned(), parties, baseline: Some(10.0) });
        assert_eq!(svg.matches("<circle").count(), 3);
        assert!(svg.contains("no value"));
        for ink in [Ink::Good, Ink::Bad] {
            let colour = format!("\"{}\"", ink.on_page()[0]);
            assert_eq!(svg.matches(&colour).count(), 4, "a line, two ends and a dot");
        }
        assert_eq!(fitted("a name that is far too long for its place", 100).chars().last(), Some('…'));
    }
}
