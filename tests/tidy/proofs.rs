//! Every rule of the model is named by a test that proves it: `rule: id` in the test's doc comment.

use std::collections::BTreeSet;

use crate::sources::Source;

/// What stands before the id.
const MARK: &str = "/// rule: ";

/// Rules of `declared` that no test names, names that no rule has, and names that stand at no test.
pub(crate) fn complaints(declared: &[&str], sources: &[Source]) -> Vec<String> {
    let mut complaints = Vec::new();
    let mut named = BTreeSet::new();
    for source in sources {
        let lines: Vec<(usize, &str)> = source.tests().collect();
        for (index, (number, line)) in lines.iter().enumerate() {
            let Some(id) = line.trim_start().strip_prefix(MARK) else { continue };
            let mut complain = |what: &str| complaints.push(format!("{}:{number}: {what}", source.path));
            if !declared.contains(&id) {
                complain(&format!("there is no rule {id}"));
            }
            let mut after = lines[index..].iter().map(|(_, line)| line.trim_start());
            if after.find(|line| !line.starts_with("//")) != Some("#[test]") {
                complain(&format!("rule {id} is named by something that is no test"));
            }
            named.insert(id.to_owned());
        }
    }
    let unnamed = declared.iter().filter(|id| !named.contains(**id));
    complaints.extend(
        unnamed.map(|id| format!("no test names rule {id}: write `{MARK}{id}` above one that proves it")),
    );
    complaints
}

#[test]
fn unproved_unknown_and_misplaced_rules_are_seen() {
    // The mark is put in here, so that this file does not name rules itself.
    let text = "#[cfg(test)]
mod tests {
    /// Source: a table.
    ///
    @one
    @two
    #[test]
    fn proves_both() {}

    @three
    fn proves_nothing() {}
}
"
    .replace('@', MARK);
    let seen = complaints(&["one", "two", "four"], &[Source::sample("src/a.rs", &text)]);
    assert_eq!(
        seen,
        [
            "src/a.rs:10: there is no rule three",
            "src/a.rs:10: rule three is named by something that is no test",
            &format!("no test names rule four: write `{MARK}four` above one that proves it"),
        ]
    );
    let outside =
        Source::sample("src/a.rs", &format!("{MARK}one\n#[test]\nfn not_in_a_module_of_tests() {{}}\n"));
    assert_eq!(complaints(&["one"], &[outside]).len(), 1);
}
