//! What drafts of scenarios have in common, whoever writes them: prices, load, expectations, and the form of their YAML.

use std::fmt::Write as _;

use overspill_manifest::to_yaml;
use serde_json::Value;

use crate::traffic::Rate;
use crate::units::Span;

/// The price list of a draft for which nobody names another: the one that is shipped, of Hangzhou in USD.
pub const PRICES: &str = include_str!("../../prices/cn-hangzhou-usd.yaml");
/// What the price list beside a draft is called.
pub const PRICES_FILE: &str = "prices.yaml";

/// How wide a line of comment is.
const WIDTH: usize = 110;
/// When a spike begins.
const SPIKE_AT: Span = Span::from_secs(30 * 60);
/// What is simulated beside the plateau of a spike.
const AROUND_SPIKE: Span = Span::from_secs(60 * 60);

/// Requests per second over time: always the same, or with a spike.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// The rate outside of the spike.
    pub rate: Rate,
    /// The rate of the spike's plateau, if there is one.
    pub peak: Option<Rate>,
    /// How long the plateau is.
    pub spike: Span,
}

impl Load {
    /// How long is simulated, so that the spike is over and pods have gone again.
    pub(super) fn horizon(&self) -> Span {
        if self.peak.is_some() { Span(AROUND_SPIKE.0.saturating_add(self.spike.0)) } else { AROUND_SPIKE }
    }

    /// The rate as a scenario writes it.
    pub(super) fn shape(&self) -> String {
        let rate = format!("{}/s", self.rate.0);
        match self.peak {
            None => format!("{{constant: {rate}}}"),
            Some(peak) => format!(
                "{{spike: {{at: {SPIKE_AT}, rise: 1m, hold: {}, decay: 10m, base: {rate}, peak: {}/s}}}}",
                self.spike, peak.0
            ),
        }
    }
}

/// A text as YAML writes it.
pub(super) fn scalar(text: &str) -> String {
    to_yaml(&Value::from(text)).trim_end().to_owned()
}

/// `value` below a key, every line behind so many spaces.
pub(super) fn block(value: &Value, indent: usize) -> String {
    to_yaml(value).lines().fold(String::new(), |mut text, line| {
        let _ = writeln!(text, "{:indent$}{line}", "");
        text
    })
}

/// Sentences as lines of comment.
pub(super) fn comment(sentences: &str, indent: usize) -> String {
    let mut text = String::new();
    for paragraph in sentences.lines() {
        let mut line = format!("{:indent$}#", "");
        for word in paragraph.split(' ') {
            if line.chars().count() + 1 + word.chars().count() > WIDTH && line.len() > indent + 1 {
                let _ = writeln!(text, "{line}");
                line = format!("{:indent$}#", "");
            }
            let _ = write!(line, " {word}");
        }
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_broken_between_words() {
        let long = format!("{} b", "a".repeat(WIDTH));
        let expected = format!("  # {}\n  # b\n  #\n  # c\n", "a".repeat(WIDTH));
        assert_eq!(comment(&format!("{long}\n\nc"), 2), expected);
    }

    #[test]
    fn a_spike_needs_time() {
        let load = Load { rate: Rate(10.5), peak: None, spike: Span::from_secs(60) };
        assert_eq!(
            (load.horizon().to_string(), load.shape()),
            ("1h".to_owned(), "{constant: 10.5/s}".to_owned())
        );
        let load = Load { peak: Some(Rate(100.0)), ..load };
        assert_eq!(load.horizon().to_string(), "1h1m");
        assert_eq!(
            load.shape(),
            "{spike: {at: 30m, rise: 1m, hold: 1m, decay: 10m, base: 10.5/s, peak: 100/s}}"
        );
    }
}
