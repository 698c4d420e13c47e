//! How waits are distributed: a bar for each bin, on an axis of ratios, with the percentiles over them.

use plotters::prelude::{PathElement, Rectangle};
use plotters::style::Color;
use plotters::style::text_anchor::{HPos, VPos};

use super::axis::{label, value_marks};
use super::panel::{BLACK, GREY, GRID, MARGIN, aligned, draw, hatch, room_for, text};
use super::{Canvas, Ink, picture};
use crate::metric::{Bin, Histogram};
use crate::report::terminal::seconds;
use crate::units::Span;

/// Waits of one family.
pub(in crate::report) struct Distribution<'a> {
    pub(in crate::report) heading: &'a str,
    pub(in crate::report) ink: Ink,
    pub(in crate::report) waits: &'a Histogram,
    /// Percentiles by name, in seconds.
    pub(in crate::report) percentiles: Vec<(&'a str, f64)>,
}

const WIDTH: u32 = 860;
const HEIGHT: u32 = 440;
const LEFT: i32 = 78;
const RIGHT: i32 = WIDTH as i32 - 30;
const TOP: i32 = 116;
const BOTTOM: i32 = HEIGHT as i32 - 54;
/// The fewest bins that are drawn, so that a single bar is no wall.
const FEWEST: usize = 6;
/// Labels of the axis that are nearer than this would touch.
const LABEL_WIDTH: i32 = 104;

/// The picture of one family.
pub(in crate::report) fn waits_svg(of: &Distribution<'_>) -> String {
    let bars = Bars::of(of.waits);
    let number: u64 = of.waits.bins.iter().map(|bin| bin.met + bin.cut).sum();
    let title = format!("{}: distribution of {number} waits", of.heading);
    picture((WIDTH, HEIGHT), &title, |canvas| {
        text(canvas, (MARGIN, 14), 26, BLACK, true, of.heading);
        bars.draw_grid(canvas);
        bars.draw(canvas, of.ink);
        bars.draw_axis(canvas);
        bars.draw_percentiles(canvas, &of.percentiles);
    })
}

/// The bins that are drawn, from left to right.
struct Bars {
    bins: Vec<Bin>,
    /// The lower edge of the first, in seconds.
    from: f64,
    highest: f64,
}

impl Bars {
    /// All bins from the first that holds anything, or from before it where those are few.
    fn of(waits: &Histogram) -> Self {
        let first = waits.bins.iter().position(|bin| bin.met + bin.cut > 0).unwrap_or(0);
        let first = first.min(waits.bins.len().saturating_sub(FEWEST));
        let edge = |bin: &Bin| bin.to.as_secs_f64();
        let from = if first == 0 { 0.0 } else { edge(&waits.bins[first - 1]) };
        let mut bins = waits.bins[first..].to_vec();
        while bins.len() < FEWEST {
            let after = bins.last().map_or(0.01, edge);
            bins.push(Bin { to: Span::from_secs_f64(after * 2.0), met: 0, cut: 0 });
        }
        let highest = bins.iter().map(|bin| bin.met + bin.cut).max().unwrap_or(0);
        Self { bins, from, highest: highest.max(1) as f64 }
    }

    /// Where the lower edge of a bin is.
    fn x(&self, place: f64) -> i32 {
        LEFT + (place / self.bins.len() as f64 * f64::from(RIGHT - LEFT)).round() as i32
    }

    fn y(&self, value: f64) -> i32 {
        BOTTOM - (value / self.highest * f64::from(BOTTOM - TOP)).round() as i32
    }

    /// The edges of a bin in seconds.
    fn edges(&self, place: usize) -> (f64, f64) {
        let from = if place == 0 { self.from } else { self.bins[place - 1].to.as_secs_f64() };
        (from, self.bins[place].to.as_secs_f64())
    }

    fn draw_grid(&self, canvas: &Canvas<'_>) {
        for mark in value_marks(self.highest, 3) {
            let y = self.y(mark);
            draw(canvas, &PathElement::new([(LEFT, y), (RIGHT, y)], GRID.stroke_width(2)));
            aligned(canvas, (LEFT - 12, y), (HPos::Right, VPos::Center), GREY, &label(mark));
        }
    }

    fn draw(&self, canvas: &Canvas<'_>, ink: Ink) {
        for (place, bin) in self.bins.iter().enumerate() {
            let (left, right) = (self.x(place as f64) + 2, self.x(place as f64 + 1.0) - 2);
            let (middle, top) = (self.y(bin.met as f64), self.y((bin.met + bin.cut) as f64));
            draw(canvas, &Rectangle::new([(left, top), (right, BOTTOM)], ink.colour().filled()));
            if bin.cut > 0 {
                hatch(canvas, left..right, |_| Some((top, middle)));
            }
        }
        draw(canvas, &PathElement::new([(LEFT, BOTTOM), (RIGHT, BOTTOM)], GREY.stroke_width(2)));
    }

    fn draw_axis(&self, canvas: &Canvas<'_>) {
        let mut free_from = 0;
        for place in 0..self.bins.len() {
            let (edge, x) = (self.edges(place).0, self.x(place as f64));
            if x >= free_from {
                let words = if edge > 0.0 { seconds(edge) } else { "0".to_owned() };
                aligned(canvas, (x, BOTTOM + 12), (HPos::Center, VPos::Top), GREY, &words);
                free_from = x + LABEL_WIDTH;
            }
        }
    }

    /// A line for each percentile, with its name; names that would touch go one below the other.
    fn draw_percentiles(&self, canvas: &Canvas<'_>, percentiles: &[(&str, f64)]) {
        let mut ends: [i32; 2] = [0; 2];
        let told: Vec<(&str, String, i32)> = percentiles
            .iter()
            .map(|(name, value)| (*name, seconds(*value), self.x(self.place_of(*value))))
            .collect();
        for same in told.chunk_by(|a, b| a.1 == b.1) {
            let names: Vec<&str> = same.iter().map(|(name, ..)| *name).collect();
            let (words, x) = (format!("{} {}", names.join(", "), same[0].1), same[0].2);
            let width = room_for(&words);
            let left = if x + 6 + width <= WIDTH as i32 { x + 6 } else { x - 6 - width };
            let line = usize::from(left <= ends[0]);
            ends[line] = left + width + 10;
            let top = 52 + line as i32 * 30;
            draw(canvas, &PathElement::new([(x, top), (x, BOTTOM)], BLACK.stroke_width(2)));
            aligned(canvas, (left, top), (HPos::Left, VPos::Top), BLACK, &words);
        }
    }

    /// Where a wait lies among the bins: by its ratio to the edges of its own.
    fn place_of(&self, wait: f64) -> f64 {
        let inside = self.bins.partition_point(|bin| bin.to.as_secs_f64() <= wait).min(self.bins.len() - 1);
        let (from, to) = self.edges(inside);
        let part =
            if from > 0.0 { libm::log2((wait / from).max(1.0)) / libm::log2(to / from) } else { wait / to };
        inside as f64 + part.clamp(0.0, 1.0)
    }
}
