//! How far a figure can be trusted.

use std::fmt;

/// What a figure rests on.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Deserialize, serde::Serialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// The vendor's or upstream's documentation states it.
    Documented,
    /// A third party measured it, or it was read off a running system.
    Observed,
    /// Nobody states it: inferred, scaled or guessed.
    Estimate,
}

impl fmt::Display for Confidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Documented => "documented",
            Self::Observed => "observed",
            Self::Estimate => "estimate",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Confidence;

    #[test]
    fn it_prints_as_it_is_written_in_files() {
        for confidence in [Confidence::Documented, Confidence::Observed, Confidence::Estimate] {
            assert_eq!(serde_json::to_value(confidence).unwrap(), confidence.to_string());
        }
    }
}
