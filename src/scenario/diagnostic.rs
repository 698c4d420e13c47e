//! Diagnostics as a reader sees them: what is wrong, the line it is in, how to mend it.

use std::fmt::Write as _;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use overspill_manifest::{Diagnostic, JsonPath, Place, Position, Segment, Severity};

/// The most diagnostics that are shown: more are the same mistake over and over.
const MOST_SHOWN: usize = 100;

/// `diagnostics` as text, one after the other, with a blank line after each; after the first hundred, how many more.
///
/// Their positions must have been looked for (`overspill_manifest::locate`); without one, the file and path are told.
/// `colour` adds the escape codes that a terminal shows as colours.
pub fn render(diagnostics: &[Diagnostic], colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let mut text = String::new();
    for diagnostic in diagnostics.iter().take(MOST_SHOWN) {
        text.push_str(&renderer.render(&[group(diagnostic)]));
        text.push_str("\n\n");
    }
    if let Some(more @ 1..) = diagnostics.len().checked_sub(MOST_SHOWN) {
        let _ = writeln!(text, "... and {more} more\n");
    }
    text
}

fn group(diagnostic: &Diagnostic) -> Group<'_> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(&diagnostic.message).id(diagnostic.code);
    let mut group = match &diagnostic.place {
        None => Group::with_title(title),
        Some(place) => place_of(Group::with_title(title), place),
    };
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(help));
    }
    group
}

fn place_of<'a>(group: Group<'a>, place: &'a Place) -> Group<'a> {
    let line = place.position.and_then(|position| Some((position, line_of(&place.source.text, position)?)));
    match line {
        None if place.path.is_root() => group.element(Origin::path(place.file())),
        None => group
            .element(Origin::path(place.file()))
            .element(Level::NOTE.message(format!("at {}", place.path))),
        Some((position, line)) => {
            let span = span_in(line, position);
            let label = label_of(&place.path, &line[span.clone()]);
            let annotation = AnnotationKind::Primary.span(span).label(label);
            let snippet = Snippet::source(line).line_start(position.line).path(place.file());
            group.element(snippet.annotation(annotation))
        }
    }
}

/// The path, without its last name where `shown` is just that.
fn label_of(path: &JsonPath, shown: &str) -> Option<String> {
    let shown = shown.trim_matches(['"', '\'']);
    let is_shown = matches!(path.segments().last(), Some(Segment::Key(key)) if key == shown);
    let label = match path.parent() {
        Some(parent) if is_shown && parent.is_root() => String::new(),
        Some(parent) if is_shown => format!("in {parent}"),
        _ => path.to_string(),
    };
    Some(label).filter(|label| !label.is_empty())
}

fn line_of(text: &str, position: Position) -> Option<&str> {
    // A message about the end of the text is about the line after the last.
    text.lines().nth(position.line.checked_sub(1)?).or(Some("").filter(|_| !text.is_empty()))
}

/// The bytes of `line` that `position` means.
fn span_in(line: &str, position: Position) -> std::ops::Range<usize> {
    let offset = |column: usize| line.char_indices().nth(column).map_or(line.len(), |(offset, _)| offset);
    let start = position.column.saturating_sub(1);
    offset(start)..offset(start + position.width)
}

#[cfg(test)]
mod tests {
    use super::*;
    use overspill_manifest::{On, Origin, Source, code, locate};

    #[test]
    fn a_diagnostic_shows_its_line_and_help() {
        let source = Source::new("a.yaml", "spec:\n  pöds: 7\n");
        let origin = Origin::new(source, 0, JsonPath::root());
        let place = origin.place(&"spec.\"pöds\"".parse().unwrap(), On::Key);
        let mut diagnostics = [
            Diagnostic::new(&code::UNKNOWN_FIELD, "unknown field `pöds`")
                .at(place)
                .help("did you mean `pods`?".to_owned()),
            Diagnostic::new(&code::KINDS_LEFT_OUT, "something is left out"),
        ];
        locate(&mut diagnostics);
        insta::assert_snapshot!(render(&diagnostics, false), @r"
        error[E0202]: unknown field `pöds`
         --> a.yaml:2:3
          |
        2 |   pöds: 7
          |   ^^^^ in spec
          |
          = help: did you mean `pods`?

        warning[W0102]: something is left out
        ");
        assert!(render(&diagnostics, true).contains("\u{1b}["));
    }

    #[test]
    fn no_more_than_a_hundred_are_shown() {
        let many = vec![Diagnostic::new(&code::UNKNOWN_FIELD, "x"); 250];
        let text = render(&many, false);
        assert_eq!(text.matches("E0202").count(), 100);
        assert!(text.ends_with("... and 150 more\n\n"), "{text}");
        assert!(!render(&many[..100], false).contains("more"));
    }

    #[test]
    fn without_a_position_the_file_and_path_are_told() {
        let origin = Origin::new(Source::new("a.yaml", ""), 0, JsonPath::root());
        let place = origin.place(&"spec.horizon".parse().unwrap(), On::Value);
        let diagnostic = Diagnostic::new(&code::MISSING_FIELD, "missing field `horizon`").at(place);
        insta::assert_snapshot!(render(&[diagnostic], false), @r"
        error[E0203]: missing field `horizon`
        --> a.yaml
         = note: at spec.horizon
        ");
    }
}
