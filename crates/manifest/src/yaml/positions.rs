//! The lines of paths: one pass over the parser's events, with only the wanted paths in memory.

use std::collections::BTreeMap;

use serde_saphyr::granit_parser::{Event, Parser, ScalarStyle, Span, StrInput};

use super::without_mark;
use crate::path::Segment;
use crate::place::{On, Part, Place, Position};

type Events<'t> = Parser<'t, StrInput<'t>>;

/// Fills in the positions of `places`, which are all in `text`. JSON is found too, being YAML in all but rare corners.
///
/// A path that was not written (a missing field, something out of an alias or a merge key) gets the position of the
/// nearest part of it that was. What is known to be in some part of the text is looked for there; for the rest, reading
/// ends at the last document that is asked for, or where the text stops making sense.
pub(crate) fn find_positions(text: &str, places: Vec<&mut Place>) {
    let (in_parts, mut others): (Vec<_>, Vec<_>) =
        places.into_iter().partition(|place| place.part().is_some());
    let mut parts: BTreeMap<usize, Vec<&mut Place>> = BTreeMap::new();
    for place in in_parts {
        let start = place.part().map_or(0, |part| part.bytes.start);
        parts.entry(start).or_default().push(place);
    }
    let mut mark = Mark::at_start(text);
    for (start, mut places) in parts {
        mark.go_on(text, start);
        find_in_part(text, &mut places, mark);
    }
    find_in_documents(text, &mut others);
}

/// Finds places that are in documents of `text`.
fn find_in_documents(text: &str, places: &mut [&mut Place]) {
    let mut wanted: BTreeMap<usize, Wanted> = BTreeMap::new();
    for (index, place) in places.iter().enumerate() {
        wanted.entry(place.document()).or_default().add(place.full_path().segments(), index);
    }
    let Some(&last) = wanted.keys().next_back() else { return };
    let mut search = Search { events: Parser::new_from_str(text), places, from: Mark::default() };
    let mut document = 0;
    while document <= last {
        let Some((root, span)) = search.root() else { break };
        if !is_empty(&root) {
            search.node(&root, span, wanted.get(&document));
            document += 1;
        }
    }
}

/// Finds places that are all in one part of `text`, which begins at `from`.
fn find_in_part(text: &str, places: &mut [&mut Place], from: Mark) {
    let Some(Part { bytes, is_list, depth }) = places.first().and_then(|place| place.part()).cloned() else {
        return;
    };
    let mut wanted = Wanted::default();
    for (index, place) in places.iter().enumerate() {
        let mut path = place.full_path().segments()[depth..].to_vec();
        if is_list {
            path.insert(0, Segment::Index(0));
        }
        wanted.add(&path, index);
    }
    let mut search = Search { events: Parser::new_from_str(&text[bytes]), places, from };
    if let Some((root, span)) = search.root() {
        search.node(&root, span, Some(&wanted));
    }
}

/// Where in a text something begins, as its lines have it.
#[derive(Clone, Copy, Default)]
struct Mark {
    byte: usize,
    /// How many lines stand before the one that it is in.
    lines: usize,
    /// How many characters stand before it in its line.
    chars: usize,
}

impl Mark {
    /// Before the first character of `text`; a byte-order mark is none.
    fn at_start(text: &str) -> Self {
        Self { byte: text.len() - without_mark(text).len(), ..Self::default() }
    }

    /// Goes on to a later byte of `text`.
    fn go_on(&mut self, text: &str, byte: usize) {
        let passed = &text.as_bytes()[self.byte..byte];
        let next = |index: usize| text.as_bytes().get(self.byte + index + 1);
        // A line ends with "\n", "\r\n" or "\r".
        let ends_line = |(index, end): (usize, &u8)| match end {
            b'\n' => true,
            b'\r' => next(index) != Some(&b'\n'),
            _ => false,
        };
        let lines = passed.iter().enumerate().filter(|&at| ends_line(at)).count();
        let last = passed.iter().rposition(|end| matches!(end, b'\n' | b'\r')).map(|end| self.byte + end + 1);
        let before = if last.is_some() { 0 } else { self.chars };
        let chars = text[last.unwrap_or(self.byte)..byte].chars().count();
        *self = Self { byte, lines: self.lines + lines, chars: before + chars };
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
    /// Where in the text the events begin.
    from: Mark,
}

impl<'t> Search<'t, '_, '_> {
    fn next(&mut self) -> Option<(Event<'t>, Span)> {
        self.events.next()?.ok()
    }

    /// The root of the next document.
    fn root(&mut self) -> Option<(Event<'t>, Span)> {
        while !matches!(self.next()?.0, Event::DocumentStart(..)) {}
        self.next()
    }

    fn position(&self, span: Span) -> Position {
        let width = if span.start.line() == span.end.line() {
            span.end.col().saturating_sub(span.start.col())
        } else {
            1
        };
        let before = if span.start.line() == 1 { self.from.chars } else { 0 };
        Position {
            line: self.from.lines + span.start.line(),
            column: before + span.start.col() + 1,
            width: width.max(1),
        }
    }

    /// Walks through the value that begins with `event`.
    fn node(&mut self, event: &Event<'t>, span: Span, wanted: Option<&Wanted>) {
        if let Some(wanted) = wanted {
            let position = self.position(span);
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
                self.mark(child, self.position(key_span));
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
                self.mark(child, self.position(span));
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
