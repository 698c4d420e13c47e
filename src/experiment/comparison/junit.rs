//! A comparison for CI: JUnit's XML, with a test case for the runs of each variant, and one for each condition and
//! variant that it is judged for.

use std::fmt::Write as _;

use super::conditions::Outcome;
use super::table::measured;
use super::written::ComparisonRecord;
use crate::report::counted;

/// A test case.
struct Case {
    class: String,
    name: String,
    content: Content,
    /// What stands there.
    told: String,
}

/// The element within a test case.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Content {
    Failure,
    Skipped,
    Output,
}

impl ComparisonRecord<'_> {
    /// `junit.xml`.
    pub(super) fn junit(&self) -> String {
        let runs: Vec<Case> = self.comparison.parties().iter().map(|party| self.ran(&party.name)).collect();
        let conditions: Vec<Case> = self
            .conditions
            .iter()
            .flat_map(|condition| {
                condition.outcomes.iter().map(|one| self.judged(&condition.expression, one))
            })
            .collect();
        let suites: String = [suite("runs", &runs), suite("fail-if", &conditions)].concat();
        let total = runs.len() + conditions.len();
        let (failures, skipped) =
            (count(&conditions, Content::Failure), count(&conditions, Content::Skipped));
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"overspill compare\" tests=\"{total}\" \
             failures=\"{failures}\" errors=\"0\" skipped=\"{skipped}\">\n{suites}</testsuites>\n"
        )
    }

    fn ran(&self, name: &str) -> Case {
        let runs = counted(self.seeds.count() as usize, "run");
        let output = format!("{runs} with the seeds {}", self.seeds);
        Case { class: "runs".to_owned(), name: name.to_owned(), content: Content::Output, told: output }
    }

    fn judged(&self, expression: &str, outcome: &Outcome) -> Case {
        let told = measured(outcome);
        let (content, told) = if outcome.verdict.holds {
            (Content::Failure, format!("{expression} holds: {told}"))
        } else if outcome.is_undecided() {
            (Content::Skipped, format!("{expression} cannot be judged: {told}"))
        } else {
            (Content::Output, told)
        };
        let name = self.comparison.parties()[outcome.place].name.clone();
        Case { class: format!("fail-if: {expression}"), name, content, told }
    }
}

fn count(cases: &[Case], wanted: Content) -> usize {
    cases.iter().filter(|case| case.content == wanted).count()
}

fn suite(name: &str, cases: &[Case]) -> String {
    if cases.is_empty() {
        return String::new();
    }
    let (failures, skipped) = (count(cases, Content::Failure), count(cases, Content::Skipped));
    let mut text = format!(
        "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{failures}\" errors=\"0\" skipped=\"{skipped}\">\n",
        escaped(name),
        cases.len()
    );
    for case in cases {
        let (class, name) = (escaped(&case.class), escaped(&case.name));
        let _ = write!(text, "    <testcase classname=\"{class}\" name=\"{name}\">");
        let told = escaped(&case.told);
        let _ = match case.content {
            Content::Failure => write!(text, "<failure message=\"{told}\"/>"),
            Content::Skipped => write!(text, "<skipped message=\"{told}\"/>"),
            Content::Output => write!(text, "<system-out>{told}</system-out>"),
        };
        text.push_str("</testcase>\n");
    }
    text.push_str("  </testsuite>\n");
    text
}

/// For an attribute or the text of an element; what XML 1.0 has no way to write becomes a replacement character.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\r' | '\t' => {
                let _ = write!(escaped, "&#{};", u32::from(c));
            }
            '\0'..='\x1f' | '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            _ => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_cannot_hold_is_escaped() {
        assert_eq!(escaped("a < b & \"c\" > d\n"), "a &lt; b &amp; &quot;c&quot; &gt; d&#10;");
        assert_eq!(escaped("\u{7}µ"), "\u{fffd}µ");
    }
}
