//! What the simulator is built on: modelled rules, declared as data beside the code that follows them.
//!
//! docs/model.md is made of them (see [`crate::model`]), and each is named by a test that proves it.

use std::fmt;

/// One fact about Kubernetes or Alibaba Cloud that the code follows.
///
/// The test that proves it names it in its doc comment: `rule: ` and the id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its name, in lower case with hyphens; no other rule has it.
    pub id: &'static str,
    /// What holds, in one sentence.
    pub statement: &'static str,
    /// Where it was read: the file of upstream at tag v1.34.1, the title of a document, or how it was estimated.
    pub source: &'static str,
    /// How far it can be trusted.
    pub confidence: Confidence,
}

/// What a rule or a figure rests on.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Deserialize, serde::Serialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// The vendor's or upstream's documentation states it.
    Documented,
    /// The source code of the thing itself does it, at the version named.
    Source,
    /// A third party measured it, or it was read off a running system.
    Observed,
    /// Nobody states it: inferred, scaled or guessed.
    Estimate,
}

impl fmt::Display for Confidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Documented => "documented",
            Self::Source => "source",
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
        let all = [Confidence::Documented, Confidence::Source, Confidence::Observed, Confidence::Estimate];
        for confidence in all {
            assert_eq!(serde_json::to_value(confidence).unwrap(), confidence.to_string());
        }
    }
}
