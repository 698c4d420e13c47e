//! The lines of paths: one pass over the parser's events, with only the wanted paths in memory.

use std::collections::BTreeMap;

use serde_saphyr::granit_parser::{Event, Parser, ScalarStyle, Span, StrInput};

use crate::path::Segment;
use crate::place::{On, Place, Position};

type Events<'t> = Parser<'t, StrInput<'t>>;

/// Fills in the positions of `places`, which are all in `text`. JSON is found too, being YAML in all but rare corners.
///
/// A path that was not written (a missing field, something out of an alias or a merge key) gets the position of the
/// nearest part of it that was. Reading ends at the last document that is asked for, or where the text stops making sense.
pub(crate) fn find_positions(text: &str, mut places: Vec<&mut Place>) {
    let mut wanted: BTreeMap<usize, Wanted> = BTreeMap::new();
    for (index, place) in places.iter().enumerate() {
        wanted.entry(place.document()).or_default().add(place.full_path().segments(), index);
    }
    let Some(&last) = wanted.keys().next_back() else { return };
    let mut search = Search { events: Parser::new_from_str(text), places: &mut places };
    let mut document = 0;
    while document <= last {
        match search.next() {
            None => break,
            Some((Event::DocumentStart(..), _)) => {
                let Some((root, span)) = search.next() else { break };
                if !is_empty(&root) {
                    search.node(&root, span, wanted.get(&document));
                    document += 1;
                }
            }
            Some(_) => {}
        }
    }
}

/// Whether a document of this root counts as none: the reader leaves it out too.
fn is_empty(root: &Event<'_>) -> bool {
    matches!(root, Event::Scalar(text, ScalarStyle::Plain, ..) if matches!(&**text, "" | "~" | "null" | "Null" | "NULL"))
}

/// The wanted paths below one value, as a tree.
#[derive(Default)]
struct Wanted {
    here: Vec<usize>,
    children: BTreeMap<Segment, Wanted>,
}

impl Wanted {
    fn add(&mut self, path: &[Segment], place: usize) {
        match path.split_first() {
            None => self.here.push(place),
            Some((first, rest)) => self.children.entry(first.clone()).or_default().add(rest, place),
        }
    }
}

struct Search<'t, 'p, 'q> {
    events: Events<'t>,
    places: &'q mut [&'p mut Place],
}

impl<'t> Search<'t, '_, '_> {
    fn next(&mut self) -> Option<(Event<'t>, Span)> {
        self.events.next()?.ok()
    }

    /// Walks through the value that begins with `event`.
    fn node(&mut self, event: &Event<'t>, span: Span, wanted: Option<&Wanted>) {
        if let Some(wanted) = wanted {
            let position = position_of(span);
            // What is deeper and not found keeps this; what is found replaces it.
            self.mark_unless_known(wanted, position);
            for &place in &wanted.here {
                if self.places[place].on == On::Value {
                    self.places[place].position = Some(position);
                }
            }
        }
        match event {
            Event::MappingStart(..) => self.mapping(wanted),
            Event::SequenceStart(..) => self.sequence(wanted),
            _ => {}
        }
    }

    fn mapping(&mut self, wanted: Option<&Wanted>) {
        while let Some((key, key_span)) = self.next() {
            if matches!(key, Event::MappingEnd) {
                return;
            }
            let name = if let Event::Scalar(name, ..) = &key { Some(name.to_string()) } else { None };
            let child = name.zip(wanted).and_then(|(name, wanted)| wanted.children.get(&Segment::Key(name)));
            if let Some(child) = child {
                self.mark(child, position_of(key_span));
            }
            self.node(&key, key_span, None);
            let Some((value, span)) = self.next() else { return };
            self.node(&value, span, child);
        }
    }

    fn sequence(&mut self, wanted: Option<&Wanted>) {
        let mut index = 0;
        while let Some((item, span)) = self.next() {
            if matches!(item, Event::SequenceEnd) {
                return;
            }
            let child = wanted.and_then(|wanted| wanted.children.get(&Segment::Index(index)));
            if let Some(child) = child {
                self.mark(child, position_of(span));
            }
            self.node(&item, span, child);
            index += 1;
        }
    }

    /// Everything wanted at or below here is at `position`, until something better is known.
    fn mark(&mut self, wanted: &Wanted, position: Position) {
        for &place in &wanted.here {
            self.places[place].position = Some(position);
        }
        for child in wanted.children.values() {
            self.mark(child, position);
        }
    }

    fn mark_unless_known(&mut self, wanted: &Wanted, position: Position) {
        for &place in &wanted.here {
            self.places[place].position.get_or_insert(position);
        }
        for child in wanted.children.values() {
            self.mark_unless_known(child, position);
        }
    }
}

fn position_of(span: Span) -> Position {
    let width = if span.start.line() == span.end.line() {
        span.end.col().saturating_sub(span.start.col())
    } else {
        1
    };
    Position { line: span.start.line(), column: span.start.col() + 1, width: width.max(1) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::path::JsonPath;
    use crate::place::{Origin, Source};

    #[track_caller]
    fn check(text: &str, document: usize, path: &str, on: On, expected: (usize, usize, usize)) {
        let path = if path.is_empty() { JsonPath::root() } else { path.parse().unwrap() };
        let mut place = Origin::new(Source::new("f", text), document, JsonPath::root()).place(&path, on);
        find_positions(text, vec![&mut place]);
        let Position { line, column, width } = place.position.expect("a position");
        assert_eq!((line, column, width), expected, "{path}");
    }

    const YAML: &str = "\
# a comment
a:
  b: [1, {c: two}]
  ü: 'x y'
---
---
list:
- x: 1
  y: &y
    z: 3
- *y
";

    #[test]
    fn yaml_positions() {
        check(YAML, 0, "a.b[1].c", On::Key, (3, 11, 1));
        check(YAML, 0, "a.b[1].c", On::Value, (3, 14, 3));
        check(YAML, 0, "a.\"ü\"", On::Value, (4, 6, 5));
        check(YAML, 0, "a", On::Key, (2, 1, 1));
        check(YAML, 1, "list[0].y.z", On::Value, (10, 8, 1));
        check(YAML, 1, "list[0].y", On::Key, (9, 3, 1));
    }

    #[test]
    fn what_is_not_written_is_at_its_nearest_ancestor() {
        check(YAML, 0, "a.b[1].nothing.at.all", On::Key, (3, 10, 1));
        check(YAML, 0, "a.nothing", On::Key, (2, 1, 1));
        check(YAML, 1, "list[1].z", On::Value, (11, 3, 2));
        check(YAML, 1, "nothing", On::Key, (7, 1, 1));
    }

    #[test]
    fn json_positions() {
        let json = "{\n\t\"a\": {\n\t\t\"b\": [true,\n\t\t\t\"x\"]\n\t}\n}\n";
        check(json, 0, "a.b[1]", On::Value, (4, 4, 3));
        check(json, 0, "a.b", On::Key, (3, 3, 3));
    }
}
