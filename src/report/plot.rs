//! `timeline.svg`: traffic, pods, waiting pods and cost over one time axis, to be read at a glance at full width and
//! at a third of it.
//!
//! Colours are those of Okabe and Ito (*Color Universal Design*, 2008), which are told apart with any colour vision.
//! Pods that overflowed early are hatched as well, so that they stand out in print.

mod axis;
mod panel;
mod stack;

use plotters::coord::Shift;
use plotters::prelude::{DrawingArea, IntoDrawingArea, RGBColor, SVGBackend, WHITE};

use self::panel::{BLACK, Frame, Layer, MARGIN, Panel, text};
use self::stack::Stack;
use super::finding::{finding, only_reason};
use super::terminal;
use crate::metric::{Observation, Summary, TimelineRow};

type Canvas<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// Width of the picture in pixels. Its smallest letters stay legible at a third of it.
const WIDTH: u32 = 1200;
const TITLE_HEIGHT: u32 = 150;
const AXIS_HEIGHT: u32 = 40;

const SKY: RGBColor = RGBColor(86, 180, 233);
const BLUE: RGBColor = RGBColor(0, 114, 178);
const ORANGE: RGBColor = RGBColor(240, 180, 60);
const VERMILLION: RGBColor = RGBColor(213, 72, 0);
const PURPLE: RGBColor = RGBColor(150, 70, 130);
const PINK: RGBColor = RGBColor(226, 170, 204);

/// The picture of a run; `title` names the scenario.
pub fn timeline_svg(run: &Observation, title: &str) -> String {
    let panels = [traffic(run), pods(run), waiting(run), cost(run)];
    let height = TITLE_HEIGHT + panels.iter().map(|panel| panel.height).sum::<u32>() + AXIS_HEIGHT;
    let frame = Frame::of(WIDTH, run.horizon);
    let mut svg = String::new();
    {
        let canvas = SVGBackend::with_string(&mut svg, (WIDTH, height)).into_drawing_area();
        canvas.fill(&WHITE).expect("drawing into a text cannot fail");
        draw_title(&canvas, title, &run.summary);
        let mut top = TITLE_HEIGHT;
        for panel in &panels {
            panel.draw(&canvas, &frame, top);
            top += panel.height;
        }
        frame.draw_time_axis(&canvas, top);
        canvas.present().expect("drawing into a text cannot fail");
    }
    scalable(&svg, &format!("{title}: {}", finding(&run.summary)))
}

/// Lets a page shrink the picture, and gives it a title that is read aloud.
fn scalable(svg: &str, title: &str) -> String {
    let escaped = title.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let (root, rest) = svg.split_once(">\n").expect("the root element comes first");
    format!("{root} style=\"max-width:100%;height:auto\" role=\"img\">\n<title>{escaped}</title>\n{rest}")
}

fn draw_title(canvas: &Canvas<'_>, title: &str, summary: &Summary) {
    text(canvas, (MARGIN, 14), 30, RGBColor(90, 90, 90), false, title);
    let finding = finding(summary);
    // Long findings are set smaller, so that none runs off the picture.
    let size = (2 * 1150 / finding.chars().count().max(1) as u32).clamp(26, 44);
    text(canvas, (MARGIN, 52), size, BLACK, true, &finding);
    text(canvas, (MARGIN, 104), 27, RGBColor(60, 60, 60), false, &terminal::in_short(summary));
}

fn traffic(run: &Observation) -> Panel {
    let share = run.summary.number("traffic.unservedShare");
    Panel {
        heading: "Requests per second".to_owned(),
        height: 230,
        scale: 1.0,
        layers: vec![
            Layer::plain("served", SKY),
            Layer::plain(&format!("unserved, {}", terminal::percent(share)), VERMILLION).hatched(),
        ],
        stack: Stack::of_rates(&run.timeline, &|row| vec![row.rps - row.unserved_rps, row.unserved_rps]),
        line: None,
    }
}

fn pods(run: &Observation) -> Panel {
    let others = match only_reason(&run.summary) {
        Some("overflow.full") => "ECI: ECS full",
        Some("overflow.excluded") => "ECI: no ECS eligible",
        Some("overflow.directed") => "ECI: directed",
        _ => "ECI",
    };
    let wanted: &dyn Fn(&TimelineRow) -> Vec<f64> = &|row| vec![row.replicas_desired as f64];
    Panel {
        heading: "Pods".to_owned(),
        height: 440,
        scale: 1.0,
        layers: vec![
            Layer::plain("ECS", BLUE),
            Layer::plain("ECI early: ECS had room", VERMILLION).hatched(),
            Layer::plain(others, ORANGE),
        ],
        stack: Stack::of_counts(&run.timeline, &|row| {
            let early = row.pods_virtual_early;
            vec![row.pods_ecs as f64, early as f64, (row.pods_virtual - early) as f64]
        }),
        line: Some(("desired".to_owned(), Stack::of_counts(&run.timeline, wanted))),
    }
}

fn waiting(run: &Observation) -> Panel {
    let peak = |words, path| format!("{words}, at most {}", run.summary.number(path));
    Panel {
        heading: "Waiting pods".to_owned(),
        height: 230,
        scale: 1.0,
        layers: vec![
            Layer::plain(&peak("pending: no node", "pending.peak"), PURPLE),
            Layer::plain(&peak("starting: not ready", "starting.peak"), PINK),
        ],
        stack: Stack::of_counts(&run.timeline, &|row| vec![row.pending as f64, row.starting as f64]),
        line: None,
    }
}

fn cost(run: &Observation) -> Panel {
    let (currency, summary) = (run.summary.currency(), &run.summary);
    let total = |path| format!("{} {currency}", terminal::amount(summary.number(path)));
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
            Layer::plain(&format!("ECS {}", total("cost.ecs")), BLUE),
            Layer::plain(&format!("ECI {}", total("cost.virtual")), ORANGE),
        ],
        stack: Stack::of_rates(&run.timeline, &|row| vec![row.cost_ecs_per_s, row.cost_virtual_per_s]),
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
    fn a_run_in_which_nothing_happens_can_be_drawn() {
        let settings = crate::metric::Settings {
            sample_every: crate::units::Span::from_secs(1),
            currency: "USD".to_owned(),
        };
        let run = crate::metric::Observer::new(settings).finish(crate::units::SimTime::ZERO);
        assert!(timeline_svg(&run, "empty").contains("no pod found a node"));
    }
}
