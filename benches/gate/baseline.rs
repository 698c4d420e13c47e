//! Instruction counts by benchmark, and how two sets of them differ.

use std::collections::{BTreeMap, BTreeSet};
use std::{fmt, io};

/// Instructions by name.
pub(crate) type Baseline = BTreeMap<String, i64>;

/// How one count stands to the baseline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    name: String,
    before: Option<i64>,
    now: Option<i64>,
}

/// One finding for each name of either.
pub(crate) fn compare(before: &Baseline, now: &Baseline) -> Vec<Finding> {
    let names: BTreeSet<&String> = before.keys().chain(now.keys()).collect();
    let finding = |name: &String| Finding {
        name: name.clone(),
        before: before.get(name).copied(),
        now: now.get(name).copied(),
    };
    names.into_iter().map(finding).collect()
}

impl Finding {
    /// By how many thousandths it has grown, where both are known.
    fn per_mille(&self) -> Option<i64> {
        let (before, now) = (self.before?, self.now?);
        Some((now - before) * 1_000 / before.max(1))
    }

    /// Whether it has grown by more than is tolerated, or is in one of the two only.
    pub(crate) fn fails(&self, tolerated_per_mille: i64) -> bool {
        self.per_mille().is_none_or(|per_mille| per_mille > tolerated_per_mille)
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.name;
        match (self.before, self.now) {
            (Some(before), Some(now)) => {
                let percent = 100.0 * (now - before) as f64 / before.max(1) as f64;
                write!(f, "{name}: {now} instructions, {percent:+.2} %")
            }
            (None, Some(now)) => write!(f, "{name}: {now} instructions, not in the baseline"),
            (_, None) => write!(f, "{name}: in the baseline, not counted"),
        }
    }
}

/// How the line of CHANGELOG.md begins that tells of a new baseline.
const LINE: &str = "- Instruction counts (`benches/baseline.json`)";

/// The line of CHANGELOG.md: what has changed by one per cent and more.
pub(crate) fn line(findings: &[Finding]) -> String {
    let changed = |one: &Finding| {
        let per_mille = one.per_mille()?;
        let percent = per_mille as f64 / 10.0;
        (per_mille.abs() >= 10).then(|| format!("{} {percent:+.1} %", one.name))
    };
    let changes: Vec<String> = findings.iter().filter_map(changed).collect();
    let count = findings.iter().filter(|one| one.per_mille().is_none()).count();
    match (changes.is_empty(), count) {
        (true, 0) => format!("{LINE}: refreshed, all within 1 %."),
        (true, _) => format!("{LINE}: {count} come or go."),
        (false, 0) => format!("{LINE}: {}.", changes.join(", ")),
        (false, _) => format!("{LINE}: {}; {count} come or go.", changes.join(", ")),
    }
}

/// CHANGELOG.md with a line below `### Speed` of what is unreleased.
pub(crate) fn with_line(text: &str, line: &str) -> io::Result<String> {
    const UNRELEASED: &str = "## Unreleased\n";
    const SPEED: &str = "### Speed\n\n";
    let missing = || io::Error::other("CHANGELOG.md has no `## Unreleased` with a part `### Speed`");
    let unreleased = text.find(UNRELEASED).ok_or_else(missing)? + UNRELEASED.len();
    let end = text[unreleased..].find("\n## ").map_or(text.len(), |at| unreleased + at);
    let speed = unreleased + text[unreleased..end].find(SPEED).ok_or_else(missing)? + SPEED.len();
    Ok(format!("{}{line}\n{}", &text[..speed], &text[speed..]))
}
