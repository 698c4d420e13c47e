//! The units of metrics.

/// What a figure is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unit {
    /// Seconds of simulated time.
    Seconds,
    /// A part of a whole, from 0 to 1.
    Share,
    /// A number of pods, or of attempts to place them.
    Count,
    /// A number of requests.
    Requests,
    /// Pods times seconds.
    PodSeconds,
    /// Money in the currency of the price list.
    Money,
    /// Money per second.
    MoneyPerSecond,
}

impl Unit {
    /// The unit in words, for tables and messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Seconds => "seconds",
            Self::Share => "share",
            Self::Count => "count",
            Self::Requests => "requests",
            Self::PodSeconds => "pod-seconds",
            Self::Money => "currency",
            Self::MoneyPerSecond => "currency/second",
        }
    }
}

/// A measured figure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Value {
    /// The number, in `unit`.
    pub number: f64,
    /// What it is counted in.
    pub unit: Unit,
}
