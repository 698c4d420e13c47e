//! One panel: a heading that is also the key, a grid, stacked layers and perhaps a line over them.

use std::ops::Range;

use plotters::element::{Drawable, PointCollection};
use plotters::prelude::{
    FontStyle, IntoFont, PathElement, Polygon, RGBColor, Rectangle, SVGBackend, Text, WHITE,
};
use plotters::style::Color;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::Canvas;
use super::axis::{label, time_marks, value_marks};
use super::ink::Ink;
use super::stack::Stack;
use crate::units::Span;

pub(super) const BLACK: RGBColor = Ink::Text.colour();
pub(super) const GREY: RGBColor = Ink::Axis.colour();
pub(super) const GRID: RGBColor = Ink::Grid.colour();

const FONT: &str = "Helvetica, Arial, Liberation Sans, sans-serif";
/// Size of all letters but the title's, in pixels.
const LETTERS: u32 = 26;
/// Height of a panel's heading, and the room that is left below its plot.
const HEADING: u32 = 58;
const GAP: u32 = 20;
/// Distance of headings from the edge.
pub(super) const MARGIN: i32 = 24;
/// Distance of the lines of a hatching, along the time axis.
const HATCH: i32 = 16;
/// Pieces of them that rise less than this are not drawn: they would leave little of the colour of a thin layer.
const SHORTEST_HATCH: i32 = 6;

/// A point of the picture in pixels.
type Point = (i32, i32);

/// Where all panels lie, and the time axis that they share.
pub(super) struct Frame {
    left: i32,
    right: i32,
    end: f64,
}

/// One quantity of a stack.
#[derive(Clone)]
pub(in crate::report) struct Layer {
    pub(in crate::report) name: String,
    pub(in crate::report) ink: Ink,
    pub(in crate::report) hatched: bool,
}

impl Layer {
    pub(super) fn plain(name: &str, ink: Ink) -> Self {
        Self { name: name.to_owned(), ink, hatched: false }
    }

    /// The same with white lines over it, so that it is told apart without colours.
    pub(super) fn hatched(self) -> Self {
        Self { hatched: true, ..self }
    }
}

/// A panel of the picture.
#[derive(Clone)]
pub(in crate::report) struct Panel {
    pub(in crate::report) heading: String,
    pub(in crate::report) height: u32,
    /// What values are multiplied by for the labels of the axis.
    pub(in crate::report) scale: f64,
    /// Layers from the bottom up; those that are never seen are left out of the key.
    pub(super) layers: Vec<Layer>,
    pub(in crate::report) stack: Stack,
    /// The shortest peak in pixels, where shorter ones are widened to be seen.
    pub(super) peaks: Option<i32>,
    /// A line and its name.
    pub(in crate::report) line: Option<(String, Stack)>,
}

impl Frame {
    /// The frame of a picture of this width for a run of this length.
    pub(super) fn of(width: u32, horizon: Span) -> Self {
        Self { left: 92, right: width as i32 - 64, end: horizon.as_secs_f64().max(1.0) }
    }

    fn x(&self, time: f64) -> i32 {
        self.left + (time / self.end * f64::from(self.right - self.left)).round() as i32
    }

    /// How long a number of pixels lasts.
    pub(super) fn seconds(&self, pixels: i32) -> f64 {
        f64::from(pixels) * self.end / f64::from(self.right - self.left)
    }

    /// Labels below the last panel.
    pub(super) fn draw_time_axis(&self, canvas: &Canvas<'_>, top: u32) {
        for (time, label) in time_marks(self.end) {
            let at = (self.x(time), top as i32 - GAP as i32 + 10);
            aligned(canvas, at, (HPos::Center, VPos::Top), GREY, &label);
        }
    }
}

/// The plot of one panel in pixels.
struct Plot<'a> {
    frame: &'a Frame,
    top: i32,
    bottom: i32,
    highest: f64,
}

impl Plot<'_> {
    fn y(&self, value: f64) -> i32 {
        self.bottom - (value / self.highest * f64::from(self.bottom - self.top)).round() as i32
    }
}

impl Panel {
    /// Draws the panel from `top` down.
    pub(super) fn draw(&self, canvas: &Canvas<'_>, frame: &Frame, top: u32) {
        self.draw_key(canvas, top as i32);
        self.draw_plot(canvas, frame, (top + HEADING) as i32);
    }

    /// Height of the panel without its heading, and with the gap below.
    pub(super) fn plot_height(&self) -> u32 {
        self.height - HEADING
    }

    /// Draws all but the heading and the key, from `top` down.
    pub(super) fn draw_plot(&self, canvas: &Canvas<'_>, frame: &Frame, top: i32) {
        let highest = self.line.iter().map(|(_, line)| line.top()).fold(self.stack.top(), f64::max);
        let highest = if highest > 0.0 { highest } else { 1.0 / self.scale };
        let marks = value_marks(highest * self.scale, if self.height > 300 { 5 } else { 3 });
        let bottom = top + (self.plot_height() - GAP) as i32;
        let plot = Plot { frame, top, bottom, highest };
        for mark in &marks {
            let y = plot.y(mark / self.scale);
            draw(canvas, &PathElement::new([(frame.left, y), (frame.right, y)], GRID.stroke_width(2)));
            aligned(canvas, (frame.left - 12, y), (HPos::Right, VPos::Center), GREY, &label(*mark));
        }
        for (number, layer) in self.seen() {
            draw(canvas, &Polygon::new(outline(&plot, &self.stack, number), layer.ink.colour()));
            if layer.hatched {
                hatch_layer(canvas, &plot, &self.stack, number);
            }
        }
        if let Some((_, line)) = &self.line {
            draw(canvas, &PathElement::new(upper_edge(&plot, line, 0), BLACK.stroke_width(3)));
        }
        let ground = [(frame.left, plot.bottom), (frame.right, plot.bottom)];
        draw(canvas, &PathElement::new(ground, GREY.stroke_width(2)));
    }

    /// The same with its short peaks widened, for a picture that nobody can look into.
    pub(super) fn with_wide_peaks(mut self, frame: &Frame) -> Self {
        if let Some(pixels) = self.peaks.take() {
            self.stack = self.stack.with_wide_peaks(frame.seconds(pixels));
        }
        self
    }

    /// The layers that are ever seen, with their numbers.
    pub(in crate::report) fn seen(&self) -> impl Iterator<Item = (usize, &Layer)> {
        self.layers.iter().enumerate().filter(|(number, _)| self.stack.is_seen(*number))
    }

    /// The heading, and after it each layer that is seen with its colour.
    fn draw_key(&self, canvas: &Canvas<'_>, top: i32) {
        const SWATCH: i32 = 26;
        let middle = top + 20;
        text(canvas, (MARGIN, top + 7), LETTERS, BLACK, true, &self.heading);
        let mut left = MARGIN + bold_width_of(&self.heading) + 34;
        for (_, layer) in self.seen() {
            let corners = [(left, middle - 13), (left + SWATCH, middle + 13)];
            draw(canvas, &Rectangle::new(corners, layer.ink.colour().filled()));
            if layer.hatched {
                hatch(canvas, left..left + SWATCH, |_| Some((middle - 13, middle + 13)));
            }
            left = name(canvas, left + SWATCH + 10, middle, &layer.name);
        }
        if let Some((line, _)) = &self.line {
            let ends = [(left, middle), (left + SWATCH, middle)];
            draw(canvas, &PathElement::new(ends, BLACK.stroke_width(4)));
            name(canvas, left + SWATCH + 10, middle, line);
        }
    }
}

/// Writes a name of the key; returns where the next entry starts.
fn name(canvas: &Canvas<'_>, left: i32, middle: i32, name: &str) -> i32 {
    aligned(canvas, (left, middle), (HPos::Left, VPos::Center), BLACK, name);
    left + width_of(name) + 30
}

/// The upper edge of a layer, from left to right.
fn upper_edge(plot: &Plot<'_>, stack: &Stack, layer: usize) -> Vec<Point> {
    let edge = |step: &super::stack::Step| {
        let y = plot.y(step.edges[layer]);
        [(plot.frame.x(step.from), y), (plot.frame.x(step.to), y)]
    };
    let mut points: Vec<Point> = stack.steps().iter().flat_map(edge).collect();
    points.dedup();
    points
}

/// Around a layer: its upper edge, and back along the lower one.
fn outline(plot: &Plot<'_>, stack: &Stack, layer: usize) -> Vec<Point> {
    let mut points = upper_edge(plot, stack, layer);
    if layer == 0 {
        points.extend([(plot.frame.right, plot.bottom), (plot.frame.left, plot.bottom)]);
    } else {
        points.extend(upper_edge(plot, stack, layer - 1).into_iter().rev());
    }
    points
}

/// Hatches a layer.
fn hatch_layer(canvas: &Canvas<'_>, plot: &Plot<'_>, stack: &Stack, layer: usize) {
    let frame = plot.frame;
    hatch(canvas, frame.left..frame.right, |x| {
        let step = stack.at(frame.seconds(x - frame.left))?;
        Some((plot.y(step.edges[layer]), plot.y(step.floor(layer))))
    });
}

/// White lines that rise to the right, as far as they are within a shape: `column` gives its upper and its lower edge
/// at each x. Upright lines would look like data.
pub(super) fn hatch(canvas: &Canvas<'_>, across: Range<i32>, column: impl Fn(i32) -> Option<(i32, i32)>) {
    let columns: Vec<(i32, Option<(i32, i32)>)> = across.map(|x| (x, column(x))).collect();
    let edges = || columns.iter().filter_map(|(x, edges)| edges.map(|(top, bottom)| (x + top, x + bottom)));
    let (Some(first), Some(last)) = (edges().map(|edge| edge.0).min(), edges().map(|edge| edge.1).max())
    else {
        return;
    };
    // On one of these lines x + y is the same everywhere.
    for sum in (first..=last).filter(|sum| sum % HATCH == 0) {
        let within = |&(x, edges): &(i32, Option<(i32, i32)>)| {
            edges.is_some_and(|(top, bottom)| (top..=bottom).contains(&(sum - x)))
        };
        for piece in columns.chunk_by(|a, b| within(a) == within(b)).filter(|piece| within(&piece[0])) {
            let (from, to) = (piece[0].0, piece[piece.len() - 1].0);
            if to - from >= SHORTEST_HATCH {
                let ends = [(from, sum - from), (to, sum - to)];
                draw(canvas, &PathElement::new(ends, WHITE.stroke_width(3)));
            }
        }
    }
}

/// Writes a line of text whose upper left corner is at `at`, with letters of `size` pixels.
pub(super) fn text(canvas: &Canvas<'_>, at: Point, size: u32, colour: RGBColor, bold: bool, line: &str) {
    let weight = if bold { FontStyle::Bold } else { FontStyle::Normal };
    let style = (FONT, pixels(size)).into_font().style(weight).color(&colour);
    draw(canvas, &Text::new(line.to_owned(), at, style));
}

pub(super) fn aligned(canvas: &Canvas<'_>, at: Point, anchor: (HPos, VPos), colour: RGBColor, line: &str) {
    let style = (FONT, pixels(LETTERS)).into_font().color(&colour).pos(Pos::new(anchor.0, anchor.1));
    draw(canvas, &Text::new(line.to_owned(), at, style));
}

/// Plotters' size for letters of that many pixels: its SVG backend divides by 1.24.
fn pixels(size: u32) -> f64 {
    f64::from(size) * 1.24
}

/// About how wide a line is: there is no font to ask, and the reader's may be another.
fn width_of(line: &str) -> i32 {
    let parts = |letter| match letter {
        'i' | 'j' | 'l' | 't' | 'f' | 'r' | 'I' | '.' | ',' | ':' | ' ' => 0.3,
        'm' | 'w' | 'M' | 'W' | '%' => 0.86,
        'A'..='Z' => 0.69,
        _ => 0.55,
    };
    (line.chars().map(parts).sum::<f64>() * f64::from(LETTERS)) as i32
}

/// How much room to leave for a line: the reader's letters may be wider than those of most fonts.
pub(super) fn room_for(line: &str) -> i32 {
    width_of(line) * 9 / 8
}

/// How wide a line of bold letters is.
pub(super) fn bold_width_of(line: &str) -> i32 {
    width_of(line) * 11 / 10
}

pub(super) fn draw<'a, E>(canvas: &Canvas<'a>, element: &E)
where
    for<'b> &'b E: PointCollection<'b, Point>,
    E: Drawable<SVGBackend<'a>>,
{
    canvas.draw(element).expect("drawing into a text cannot fail");
}
