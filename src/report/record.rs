//! What is written of a run: what was seen, and where it came from.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::gathered::Gathered;
use crate::expression::Verdict;
use crate::metric::Overview;
use crate::scenario;

/// Everything that the results of one run are made of.
pub struct RunRecord<'a> {
    /// What was seen.
    pub overview: &'a Overview,
    /// What its page tells beside that.
    pub gathered: &'a Gathered,
    /// Where it came from.
    pub provenance: &'a Provenance,
    /// The conditions of the scenario, judged.
    pub expectations: &'a [Expectation],
    /// The scenario and every file that it refers to.
    pub inputs: &'a [InputFile],
}

/// Where a run came from: enough to repeat it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provenance {
    /// The version that ran it.
    pub version: String,
    /// The name of the scenario, from its metadata.
    pub scenario: String,
    /// The variant, if one was chosen.
    pub variant: Option<String>,
    /// The seed.
    pub seed: u64,
    /// The rolling hash over the events of the run.
    pub trace_hash: u64,
    /// Which of the inputs is the scenario file, by its name there.
    pub scenario_file: String,
}

/// A condition of the scenario and what became of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Expectation {
    /// The condition as it was written.
    pub expression: String,
    /// Whether it holds, and what was measured.
    pub verdict: Verdict,
}

/// A file that a run read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputFile {
    /// Its name below `inputs/`, relative, with `/` between its parts.
    pub name: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

impl From<&scenario::InputFile> for InputFile {
    fn from(file: &scenario::InputFile) -> Self {
        Self { name: file.name.clone(), bytes: file.bytes().to_vec() }
    }
}

/// What tells `run.json` from other files of that name.
pub(super) const MARKER: (&str, &str) = ("overspill/v1alpha1", "Run");

/// The same of `run.json` in a directory with the runs of many seeds.
pub(crate) const REPLICATIONS: (&str, &str) = ("overspill/v1alpha1", "Replications");

/// The same of `run.json` in a directory with a comparison.
pub(crate) const COMPARISON: (&str, &str) = ("overspill/v1alpha1", "Comparison");

/// The same of `run.json` in a directory with a plan.
pub(crate) const PLAN: (&str, &str) = ("overspill/v1alpha1", "Plan");

/// The same of `run.json` in a directory with a sweep.
pub(crate) const SWEEP: (&str, &str) = ("overspill/v1alpha1", "Sweep");

/// A scenario, and its variant if there is one.
pub(crate) fn title(scenario: &str, variant: Option<&str>) -> String {
    match variant {
        Some(variant) => format!("{scenario} ({variant})"),
        None => scenario.to_owned(),
    }
}

impl Provenance {
    /// The scenario, and the variant if there is one.
    pub fn title(&self) -> String {
        title(&self.scenario, self.variant.as_deref())
    }
}

impl RunRecord<'_> {
    /// `run.json`.
    pub(super) fn run_json(&self) -> Value {
        let provenance = self.provenance;
        json!({
            "apiVersion": MARKER.0,
            "kind": MARKER.1,
            "version": provenance.version,
            "scenario": provenance.scenario,
            "variant": provenance.variant,
            "seed": provenance.seed,
            "horizonSeconds": self.overview.horizon.as_secs_f64(),
            "scenarioFile": format!("inputs/{}", provenance.scenario_file),
            "scenarioDigest": format!("sha256:{}", digest(self.inputs)),
            "traceHash": format!("{:016x}", provenance.trace_hash),
        })
    }

    /// `expectations.json`. Quotients with a divisor that was measured as zero are listed, where there are any, as
    /// `undefined`.
    pub(super) fn expectations_json(&self) -> Value {
        let one = |expectation: &Expectation| {
            let measured: Map<String, Value> = expectation
                .verdict
                .measured
                .iter()
                .map(|(path, number)| (path.clone(), json!(number)))
                .collect();
            let mut told = json!({
                "expression": expectation.expression,
                "measured": measured,
                "holds": expectation.verdict.holds,
            });
            if !expectation.verdict.undefined.is_empty() {
                told["undefined"] = json!(expectation.verdict.undefined);
            }
            told
        };
        Value::Array(self.expectations.iter().map(one).collect())
    }
}

/// The SHA-256 over all inputs in order of their names, in hexadecimal: of each, the length of the name and the name,
/// the length of the content and the content, lengths as eight bytes, the least first. Lengths keep the end of one
/// apart from the beginning of the next.
pub fn digest(inputs: &[InputFile]) -> String {
    let mut sorted: Vec<&InputFile> = inputs.iter().collect();
    sorted.sort_by(|a, b| a.name.cmp(&b.name));
    let mut hasher = Sha256::new();
    for part in sorted.iter().flat_map(|input| [input.name.as_bytes(), &input.bytes]) {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hexadecimal(hasher)
}

/// The SHA-256 of `bytes`, in hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hexadecimal(Sha256::new().chain_update(bytes))
}

fn hexadecimal(hasher: Sha256) -> String {
    hasher.finalize().iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
