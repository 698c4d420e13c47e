//! What a figure in a picture is of, told by shape and colour alike.

use plotters::prelude::{Circle, PathElement, Polygon};
use plotters::style::Color;
use plotters::style::text_anchor::{HPos, VPos};

use super::panel::{BLACK, MARGIN, aligned, draw, room_for};
use super::{Canvas, Ink};

/// How a figure is marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// Nothing is to be said of it.
    Plain,
    /// It is better than what it is held against.
    Better,
    /// It is worse.
    Worse,
    /// It is what was sought.
    Answer,
    /// It meets what is asked.
    Meets,
    /// It is not known whether it does.
    Open,
    /// It does not.
    Fails,
    /// It was given up, because something else is cheaper.
    Dearer,
}

/// Half of what a mark is wide.
const REACH: i32 = 9;

impl Mark {
    pub(super) const fn ink(self) -> Ink {
        match self {
            Self::Plain | Self::Open => Ink::Text,
            Self::Better | Self::Answer | Self::Meets => Ink::Good,
            Self::Worse | Self::Fails => Ink::Bad,
            Self::Dearer => Ink::Axis,
        }
    }

    /// Draws it with its middle in a place.
    pub(super) fn draw(self, canvas: &Canvas<'_>, (x, y): (i32, i32)) {
        let ink = self.ink().colour();
        match self {
            Self::Plain | Self::Better | Self::Worse | Self::Meets => {
                draw(canvas, &Circle::new((x, y), 7, ink.filled()));
            }
            Self::Dearer => draw(canvas, &Circle::new((x, y), 4, ink.filled())),
            Self::Open => draw(canvas, &Circle::new((x, y), 8, ink.stroke_width(3))),
            Self::Answer => {
                let reach = REACH + 5;
                let corners = [(x - reach, y), (x, y - reach), (x + reach, y), (x, y + reach)];
                draw(canvas, &Polygon::new(corners, ink.filled()));
            }
            Self::Fails => {
                for rise in [-REACH, REACH] {
                    let line = [(x - REACH, y - rise), (x + REACH, y + rise)];
                    draw(canvas, &PathElement::new(line, ink.stroke_width(4)));
                }
            }
        }
    }
}

/// Draws marks and what they say, one after the other.
pub(super) fn draw_key(canvas: &Canvas<'_>, key: &[(Mark, &'static str)], middle: i32) {
    let mut left = MARGIN + 14;
    for (mark, word) in key {
        mark.draw(canvas, (left, middle));
        aligned(canvas, (left + 24, middle), (HPos::Left, VPos::Center), BLACK, word);
        left += 24 + room_for(word) + 44;
    }
}
