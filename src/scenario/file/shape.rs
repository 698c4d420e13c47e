//! Rates over time: the shapes of traffic.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::scenario::notation::{Duration, Percent, Rate, TraceTime};

/// A rate over time.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Shape {
    /// Always the same.
    Constant(Rate),
    /// One rate until an instant, another from then on.
    Step {
        /// When it changes.
        at: Duration,
        /// The rate before.
        from: Rate,
        /// The rate from then on.
        to: Rate,
    },
    /// From one rate to another along a straight line.
    Ramp {
        /// The rate until `start`.
        from: Rate,
        /// The rate from `end` on.
        to: Rate,
        /// When it begins to change.
        start: Duration,
        /// When it has changed.
        end: Duration,
    },
    /// Up along a straight line, a plateau, and down again.
    Spike {
        /// When it begins to rise.
        at: Duration,
        /// How long it rises.
        rise: Duration,
        /// How long it stays at the peak.
        hold: Duration,
        /// How long it falls.
        decay: Duration,
        /// The rate at the peak.
        peak: Rate,
        /// The rate before and after. Default: 0/s.
        base: Option<Rate>,
    },
    /// Up and down in waves: mean × (1 + amplitude × cos(2π (t − peakAt) / period)).
    Diurnal(Diurnal),
    /// Up along a straight line or at once, a plateau, and down in a long tail: what is above the base halves every
    /// half-life, and after 20 of them it is over.
    FlashCrowd(FlashCrowd),
    /// Bursts that come independently of each other, as a Poisson process; those that overlap add up. The average is
    /// base + height × arrivals × lasts. Drawn from the run's seed.
    Bursts(Bursts),
    /// States by name, each with a rate of its own: it stays in each for an exponential time and goes on to any other,
    /// each as likely. The average is the sum of rate × lasts over that of lasts. Drawn from the run's seed.
    MarkovModulated {
        /// The states; at least two.
        states: IndexMap<String, State>,
    },
    /// Another shape times a random factor: log-normal with mean 1, drawn anew for every interval from the run's seed.
    Noise {
        /// The shape.
        of: Box<Shape>,
        /// The standard deviation of the factor, from 0% to 100%.
        deviation: Percent,
        /// How long a factor holds. Default: 1m.
        every: Option<Duration>,
    },
    /// Another shape as the mean of requests that arrive independently of each other: in every interval their number
    /// is a Poisson number, drawn from the run's seed.
    Poisson {
        /// The shape.
        of: Box<Shape>,
        /// The length of an interval. Default: 1s.
        every: Option<Duration>,
    },
    /// What a CSV file says.
    Trace(Trace),
    /// The sum of others.
    Sum(Vec<Shape>),
    /// The product of others, as numbers of requests per second: a factor of 1/s changes nothing, one of 2/s doubles.
    Product(Vec<Shape>),
}

/// A rate in waves.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Diurnal {
    /// The average over a period.
    pub mean: Rate,
    /// How far the rate rises above the mean and falls below, as a share of the mean: from 0% to 100%.
    pub amplitude: Percent,
    /// From one peak to the next. Default: 24h.
    pub period: Option<Duration>,
    /// When one of the peaks is; there is one a period before and after, too. Default: half a period, so that a run
    /// begins in a trough.
    pub peak_at: Option<Duration>,
}

/// A steep rise and a long tail.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct FlashCrowd {
    /// When it begins to rise.
    pub at: Duration,
    /// How long it rises. Default: 0s.
    pub rise: Option<Duration>,
    /// How long it stays at the peak. Default: 0s.
    pub hold: Option<Duration>,
    /// In what time half of what is above the base goes.
    pub half_life: Duration,
    /// The rate at the peak.
    pub peak: Rate,
    /// The rate before and after. Default: 0/s.
    pub base: Option<Rate>,
}

/// Bursts at random.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Bursts {
    /// How often a burst begins in the mean, such as 2/h.
    pub arrivals: Rate,
    /// How long a burst lasts in the mean; exponentially distributed.
    pub lasts: Duration,
    /// What each burst adds to the rate.
    pub height: Rate,
    /// The rate between bursts. Default: 0/s.
    pub base: Option<Rate>,
}

/// One state of traffic.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct State {
    /// The rate in it.
    pub rate: Rate,
    /// How long it lasts in the mean.
    pub lasts: Duration,
}

/// Rates over time from a CSV file with a header line.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Trace {
    /// The file, relative to this one; it may be compressed with gzip.
    pub file: String,
    /// The column with the instant of each row: a timestamp (RFC 3339, or YYYY-MM-DD hh:mm:ss, which counts as UTC) or a
    /// number. Rows are in order of time.
    pub time: String,
    /// What a number in the time column counts. Default: s, or ms if the first is 100000000000 or more.
    pub time_unit: Option<TimeUnit>,
    /// The column with the number of requests from its row's instant to the next row's. Either this or `rate`.
    pub count: Option<String>,
    /// The column with the rate from its row's instant to the next row's. Either this or `count`.
    pub rate: Option<String>,
    /// What the rate is per. Default: s.
    pub per: Option<TimeUnit>,
    /// What every rate is multiplied by. Default: 1.
    pub scale: Option<f64>,
    /// Where in the trace its part begins that is used. Default: at its first row.
    pub from: Option<TraceTime>,
    /// Where that part ends. Default: with its last row.
    pub to: Option<TraceTime>,
    /// The instant of the run at which the part begins; nothing arrives before. Default: 0s.
    pub start: Option<Duration>,
    /// How long the last row holds, and a row with a count before missing ones. Rows are missing where the next is at
    /// least twice as far away. Default: the median distance of rows.
    pub every: Option<Duration>,
    /// Whether the part begins again when it has ended. Default: false, and nothing arrives afterwards.
    #[serde(default)]
    pub repeat: bool,
}

/// A unit of time in a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum TimeUnit {
    /// Milliseconds.
    Ms,
    /// Seconds.
    S,
    /// Minutes.
    M,
    /// Hours.
    H,
}

impl TimeUnit {
    /// Its length in seconds.
    pub fn seconds(self) -> f64 {
        match self {
            Self::Ms => 0.001,
            Self::S => 1.0,
            Self::M => 60.0,
            Self::H => 3600.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use overspill_manifest::{Rules, Source, decode_value, read_data};

    use super::*;

    /// What docs/traffic.md shows as a shape is one.
    #[test]
    fn examples_of_the_page_are_shapes() {
        let page = include_str!("../../../docs/traffic.md");
        let quoted = page.split('`').filter(|text| text.starts_with('{') && !text.contains('…'));
        let listed = page.lines().filter(|line| line.starts_with("{trace"));
        let examples: Vec<&str> = quoted.chain(listed).collect();
        assert!(examples.len() >= 13, "{examples:?}");
        for example in examples {
            let file = read_data(&Source::new("example.yaml", format!("rate: {example}"))).unwrap();
            let reading = decode_value::<Shape>(&file.value["rate"], Rules::default());
            assert!(reading.into_result().is_ok(), "{example}");
        }
    }
}
