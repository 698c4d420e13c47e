//! `timeline.svg`: traffic, pods, waiting pods and cost over one time axis, to be read at a glance at full width and
//! at a third of it.
//!
//! Pods that overflowed early are hatched as well, so that they stand out in print. The same panels stand in report.html,
//! one by one.

mod axis;
mod bars;
mod curve;
mod front;
mod ink;
mod mark;
mod panel;
mod ranges;
mod stack;

use plotters::coord::Shift;
use plotters::prelude::{DrawingArea, IntoDrawingArea, RGBColor, SVGBackend, WHITE};

pub(super) use self::bars::{Distribution, waits_svg};
pub(crate) use self::curve::curve_svg;
pub(crate) use self::front::{Front, Point, front_svg, undominated};
pub(crate) use self::ink::Ink;
pub(crate) use self::mark::Mark;
pub(super) use self::panel::Panel;
use self::panel::{BLACK, Frame, Layer, MARGIN, bold_width_of, text};
pub(crate) use self::ranges::{Range, Ranges, ranges_svg};
use self::stack::Stack;
use super::finding::{finding, only_reason, virtual_name};
use super::terminal;
use crate::metric::{Crest, Overview, Summary, TimelineRow};
use crate::units::Span;

type Canvas<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// Width of the picture in pixels. Its smallest letters stay legible at a third of it.
const WIDTH: u32 = 1200;
const AXIS_HEIGHT: u32 = 40;
/// Shortest peak of waiting pods, in pixels: three are left of it at a third of the width.
const PEAK_WIDTH: i32 = 9;

/// The picture of a run; `title` names the scenario.
pub fn timeline_svg(run: &Overview, title: &str) -> String {
    let frame = Frame::of(WIDTH, run.horizon);
    let panels = panels(run).map(|panel| panel.with_wide_peaks(&frame));
    let headline = Headline::of(&finding(run));
    let height = headline.bottom() + panels.iter().map(|panel| panel.height).sum::<u32>() + AXIS_HEIGHT;
    let title_and_finding = format!("{title}: {}", finding(run));
    picture((WIDTH, height), &title_and_finding, |canvas| {
        headline.draw(canvas, title, &run.summary);
        let mut top = headline.bottom();
        for panel in &panels {
            panel.draw(canvas, &frame, top);
            top += panel.height;
        }
        frame.draw_time_axis(canvas, top);
    })
}

/// What the picture of a run shows over time, from the top down.
pub(super) fn panels(run: &Overview) -> [Panel; 4] {
    [traffic(run), pods(run), waiting(run), cost(run)]
}

/// The plot of a panel alone, with its time axis; heading and key are left to whoever shows it.
pub(super) fn panel_svg(panel: &Panel, horizon: Span) -> String {
    const ABOVE: u32 = 18;
    let frame = Frame::of(WIDTH, horizon);
    let panel = panel.clone().with_wide_peaks(&frame);
    let bottom = ABOVE + panel.plot_height();
    picture((WIDTH, bottom + AXIS_HEIGHT), &format!("{} over time", panel.heading), |canvas| {
        panel.draw_plot(canvas, &frame, ABOVE as i32);
        frame.draw_time_axis(canvas, bottom);
    })
}

/// A picture of this size on paper; `title` is read aloud.
fn picture(size: (u32, u32), title: &str, draw: impl FnOnce(&Canvas<'_>)) -> String {
    let mut svg = String::new();
    {
        let canvas = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        canvas.fill(&WHITE).expect("drawing into a text cannot fail");
        draw(&canvas);
        canvas.present().expect("drawing into a text cannot fail");
    }
    scalable(&svg, title)
}

/// Lets a page shrink the picture, and gives it a title that is read aloud.
fn scalable(svg: &str, title: &str) -> String {
    let escaped = title.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let (root, rest) = svg.split_once(">\n").expect("the root element comes first");
    format!("{root} style=\"max-width:100%;height:auto\" role=\"img\">\n<title>{escaped}</title>\n{rest}")
}

/// What was found, in letters as large as the width allows; over two lines, broken at a comma, if they would
/// become small.
struct Headline {
    lines: Vec<String>,
    size: u32,
}

impl Headline {
    /// Width of a line in pixels.
    const WIDTH: u32 = WIDTH - 2 * MARGIN as u32;
    /// Where the first line is.
    const TOP: u32 = 52;

    fn of(finding: &str) -> Self {
        let size = |line: &str| 26 * Self::WIDTH / (bold_width_of(line) as u32).max(1);
        if size(finding) >= 36 {
            return Self { lines: vec![finding.to_owned()], size: size(finding).min(44) };
        }
        let widest = |place: &usize| bold_width_of(&finding[..*place]).max(bold_width_of(&finding[*place..]));
        let mark = if finding.contains(", ") { ", " } else { " " };
        let breaks = finding.match_indices(mark).map(|(place, mark)| place + mark.len());
        let place = breaks.min_by_key(widest).unwrap_or(finding.len());
        let lines = [&finding[..place], &finding[place..]].map(|line| line.trim_end().to_owned()).to_vec();
        let size = lines.iter().map(|line| size(line)).min().unwrap_or(26).clamp(20, 36);
        Self { lines, size }
    }

    /// Where the line below it is.
    fn end(&self) -> u32 {
        Self::TOP + self.lines.len() as u32 * self.size * 6 / 5
    }

    /// Where the panels begin.
    fn bottom(&self) -> u32 {
        self.end() + 46
    }

    fn draw(&self, canvas: &Canvas<'_>, title: &str, summary: &Summary) {
        text(canvas, (MARGIN, 14), 30, RGBColor(90, 90, 90), false, title);
        for (number, line) in (0..).zip(&self.lines) {
            let top = Self::TOP + number * self.size * 6 / 5;
            text(canvas, (MARGIN, top as i32), self.size, BLACK, true, line);
        }
        let below = (MARGIN, self.end() as i32);
        text(canvas, below, 27, RGBColor(60, 60, 60), false, &terminal::in_short(summary));
    }
}

fn traffic(run: &Overview) -> Panel {
    let share = run.summary.number("traffic.unservedShare");
    Panel {
        heading: "Requests per second".to_owned(),
        height: 230,
        scale: 1.0,
        layers: vec![
            Layer::plain("served", Ink::Served),
            Layer::plain(&format!("unserved, {}", terminal::percent(share)), Ink::Unserved).hatched(),
        ],
        stack: Stack::of_steps(&run.timeline, &|row| vec![row.rps - row.unserved_rps, row.unserved_rps]),
        peaks: None,
        line: None,
    }
}

fn pods(run: &Overview) -> Panel {
    let there = virtual_name(run);
    let others = match only_reason(&run.summary) {
        Some("overflow.full") => format!("{there}: ECS full"),
        Some("overflow.excluded") => format!("{there}: no ECS eligible"),
        Some("overflow.directed") => format!("{there}: directed"),
        _ => there.to_owned(),
    };
    let wanted: &dyn Fn(&TimelineRow) -> Vec<f64> = &|row| vec![row.replicas_desired as f64];
    Panel {
        heading: "Pods".to_owned(),
        height: 440,
        scale: 1.0,
        layers: vec![
            Layer::plain("ECS", Ink::Ecs),
            Layer::plain(&format!("{there} early: ECS had room"), Ink::Early).hatched(),
            Layer::plain(&others, Ink::Virtual),
        ],
        stack: Stack::of_instants(&run.timeline, &|row| {
            let early = row.pods_virtual_early;
            vec![row.pods_ecs as f64, early as f64, (row.pods_virtual - early) as f64]
        }),
        peaks: None,
        line: Some(("desired".to_owned(), Stack::of_instants(&run.timeline, wanted))),
    }
}

fn waiting(run: &Overview) -> Panel {
    let peak = |words, path| format!("{words}, at most {}", run.summary.number(path));
    Panel {
        heading: "Waiting pods".to_owned(),
        height: 230,
        scale: 1.0,
        layers: vec![
            Layer::plain(&peak("pending: no node", "pending.peak"), Ink::Pending),
            Layer::plain(&peak("starting: not ready", "starting.peak"), Ink::Starting),
        ],
        // Most waits are shorter than a step of the timeline: the instants of its rows miss them.
        stack: Stack::of_steps(&run.timeline, &|row| {
            let Crest { pending, waiting } = row.crest;
            vec![pending as f64, (waiting - pending) as f64]
        }),
        peaks: Some(PEAK_WIDTH),
        line: None,
    }
}

fn cost(run: &Overview) -> Panel {
    let (currency, summary) = (run.summary.currency(), &run.summary);
    let total = |amount| format!("{} {currency}", terminal::amount(amount));
    let [ecs, idle, on_virtual] =
        ["cost.ecs", "cost.idleEcs", "cost.virtual"].map(|path| summary.number(path));
    // A second costs little: thousandths or millionths of the currency give axis labels that can be read.
    let (scale, unit) = match summary.number("cost.perSecondPeak") {
        peak if peak >= 1.0 => (1.0, String::new()),
        peak if peak >= 0.0005 => (1e3, "thousandths of ".to_owned()),
        _ => (1e6, "millionths of ".to_owned()),
    };
    Panel {
        heading: format!("Cost per second, {unit}{currency}"),
        height: 270,
        scale,
        layers: vec![
            Layer::plain(&format!("ECS in use {}", total(ecs - idle)), Ink::Ecs),
            Layer::plain(&format!("ECS idle {}", total(idle)), Ink::IdleEcs),
            Layer::plain(&format!("{} {}", virtual_name(run), total(on_virtual)), Ink::Virtual),
        ],
        stack: Stack::of_steps(&run.timeline, &|row| {
            let idle = row.cost_idle_ecs_per_s;
            vec![row.cost_ecs_per_s - idle, idle, row.cost_virtual_per_s]
        }),
        peaks: None,
        line: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::gateway_spike;

    #[test]
    fn a_picture_is_the_same_bytes_each_time_and_of_modest_size() {
        let run = gateway_spike();
        let svg = timeline_svg(&run, "gateway-spike");
        assert_eq!(svg, timeline_svg(&run, "gateway-spike"));
        assert!(svg.len() < 200_000, "{} bytes", svg.len());
    }

    #[test]
    fn a_picture_scales_and_says_what_was_found() {
        let svg = timeline_svg(&gateway_spike(), "spike <1 & 2>");
        assert!(svg.starts_with("<svg ") && svg.trim_end().ends_with("</svg>"));
        assert!(svg.contains("viewBox=\"0 0 1200 ") && svg.contains("max-width:100%"));
        assert!(svg.contains("<title>spike &lt;1 &amp; 2&gt;: "));
        for words in
            ["early", "Requests per second", "Pods", "Waiting pods", "Cost per second", "30 min", "desired"]
        {
            assert!(svg.contains(words), "{words}");
        }
        assert!(!svg.contains("NaN"));
    }

    #[test]
    fn long_findings_are_broken_at_a_comma_and_never_run_off() {
        let short = Headline::of("19 of 83 pods overflow to ECI: all early");
        assert_eq!((short.lines.len(), short.size), (1, 44));
        let long = Headline::of(
            "no overflow: 39 of 49 pods on ECS, up to 10 waited up to 32.2 min, 10 never ready, 28 % of requests \
             unserved",
        );
        assert_eq!(long.lines[0], "no overflow: 39 of 49 pods on ECS, up to 10 waited up to 32.2 min,");
        for line in &long.lines {
            assert!(bold_width_of(line) as u32 * long.size / 26 <= Headline::WIDTH, "{line}");
        }
    }

    /// Upright lines over an area look like data.
    #[test]
    fn hatching_is_diagonal() {
        let svg = timeline_svg(&gateway_spike(), "gateway-spike");
        let white = svg.lines().filter(|line| line.starts_with("<polyline") && line.contains("\"#FFFFFF\""));
        let ends: Vec<Vec<i32>> = white
            .filter_map(|line| line.split_once("points=\"")?.1.split_once('"'))
            .map(|(points, _)| points.split([' ', ',']).filter_map(|number| number.parse().ok()).collect())
            .collect();
        assert!(ends.len() > 20, "{} lines", ends.len());
        for line in ends {
            let &[x1, y1, x2, y2] = line.as_slice() else { panic!("{line:?} has two ends") };
            assert!(x2 - x1 >= 6 && x2 - x1 == y1 - y2, "{line:?}");
        }
    }

    /// All 35 pods that start at once are ready within two steps of the timeline.
    #[test]
    fn the_waiting_panel_shows_the_peak_that_its_key_tells() {
        let run = gateway_spike();
        let frame = Frame::of(WIDTH, run.horizon);
        assert!(waiting(&run).with_wide_peaks(&frame).stack.top() >= run.summary.number("starting.peak"));
    }

    #[test]
    fn a_run_in_which_nothing_happens_can_be_drawn() {
        let settings = crate::metric::Settings {
            horizon: crate::units::SimTime::ZERO,
            sample_every: crate::units::Span::from_secs(1),
            is_representative: false,
            currency: "USD".to_owned(),
        };
        let (run, _) = crate::metric::Observer::new(settings).finish();
        assert!(timeline_svg(&run, "empty").contains("empty: no pods"));
    }
}
