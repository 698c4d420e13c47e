//! Reading a file piece by piece: a document or an item of a List at a time, without the tree of the whole.
//!
//! A text of another form than is known here, and one with anything wrong, is left to [`read_whole`](super::read_whole),
//! which reads it anew: so there is one way only that tells what is wrong with a text.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::{Documents, is_list_kind, item_type};
use crate::document::{Body, Document, ItemType};
use crate::header::Header;
use crate::path::JsonPath;
use crate::place::{Origin, Source};
use crate::yaml::unique::Unique;
use crate::yaml::{self, pieces};

/// The documents of a file; `None` if it is to be read whole.
pub(super) fn read(source: &Arc<Source>) -> Option<Documents> {
    let mut reader = Reader { source, read: Documents::default(), number: 0 };
    let text = yaml::without_mark(&source.text);
    if yaml::is_json(text) {
        reader.json(text)?;
    } else {
        reader.yaml(text)?;
    }
    (reader.number > 0).then_some(reader.read)
}

/// Whether a file holds a List or several documents, and so is none that [`read_data`](super::read_data) reads. This is
/// seen without reading all of it; a text of unusual form is not seen through.
pub fn is_no_data_file(source: &Source) -> bool {
    let text = yaml::without_mark(&source.text);
    if !yaml::is_json(text) {
        let Some(documents) = pieces::documents(text) else { return false };
        return documents.len() > 1 || documents.first().is_some_and(|text| pieces::list(text).is_some());
    }
    let mut maps = serde_json::Deserializer::from_str(text).into_iter::<Fields<'_>>();
    match (maps.next(), maps.next()) {
        (Some(Ok(only)), None) => only.is_list() && only.text("items").is_some(),
        (Some(Ok(_)), Some(_)) => true,
        _ => false,
    }
}

/// Reads one file.
struct Reader<'s> {
    source: &'s Arc<Source>,
    read: Documents,
    /// How many documents were read.
    number: usize,
}

/// Where an item of a List stands.
struct Slot<'l> {
    index: usize,
    item_type: Option<&'l Arc<ItemType>>,
}

impl Reader<'_> {
    fn json(&mut self, text: &str) -> Option<()> {
        let mut maps = serde_json::Deserializer::from_str(text).into_iter::<Fields<'_>>();
        let mut start = 0;
        while let Some(fields) = maps.next() {
            let fields = fields.ok()?;
            let object = text[start..maps.byte_offset()].trim_start();
            start = maps.byte_offset();
            match list_in(&fields) {
                None => self.json_object(object, None)?,
                Some((list, items)) => {
                    let item_type = item_type(&list).map(Arc::new);
                    for (index, item) in items.into_iter().enumerate() {
                        let slot = Slot { index, item_type: item_type.as_ref() };
                        self.json_object(item.get(), Some(slot))?;
                    }
                }
            }
            self.number += 1;
        }
        Some(())
    }

    fn json_object(&mut self, text: &str, slot: Option<Slot<'_>>) -> Option<()> {
        let bytes = self.bytes_of(text);
        let origin = self.origin(slot.as_ref()).in_part(bytes.clone(), false);
        if let Some(header) = Header::of_json(text).ok()?
            && !is_list_kind(&header.kind)
            && says_its_type(&header)
        {
            let body = Body::Written(bytes, None);
            self.read.add_object(Document::with_body(header, body, origin));
            return Some(());
        }
        let Unique(mut value) = serde_json::from_str(text).ok()?;
        let item_type = slot.and_then(|slot| slot.item_type.cloned());
        if let Some(item_type) = &item_type {
            item_type.complete(&mut value);
        }
        self.object(value, origin, |_| Body::Written(bytes, item_type));
        Some(())
    }

    fn yaml(&mut self, text: &str) -> Option<()> {
        for text in pieces::documents(text)? {
            match pieces::list(text) {
                None => {
                    let mut values = yaml::parse_yaml(text).ok()?;
                    let Some(value) = values.pop() else { continue };
                    if !values.is_empty() {
                        return None;
                    }
                    let origin = self.origin(None).in_part(self.bytes_of(text), false);
                    self.object(value, origin, Body::short);
                }
                Some((list, items)) => {
                    let item_type = item_type(&list).map(Arc::new);
                    for (index, text) in items.into_iter().enumerate() {
                        let slot = Slot { index, item_type: item_type.as_ref() };
                        self.yaml_item(text, &slot)?;
                    }
                }
            }
            self.number += 1;
        }
        Some(())
    }

    fn yaml_item(&mut self, text: &str, slot: &Slot<'_>) -> Option<()> {
        let mut value = pieces::item(text)?;
        if let Some(item_type) = &slot.item_type {
            item_type.complete(&mut value);
        }
        let origin = self.origin(Some(slot)).in_part(self.bytes_of(text), true);
        self.object(value, origin, Body::short);
        Some(())
    }

    /// An object that was read: if it is no List, `keep` says how it is kept.
    fn object(&mut self, value: Value, origin: Origin, keep: impl FnOnce(Value) -> Body) {
        let header = Header::of(&value);
        if value.is_object() && !is_list_kind(&header.kind) {
            self.read.add_object(Document::with_body(header, keep(value), origin));
        } else {
            self.read.add(value, origin);
        }
    }

    fn origin(&self, slot: Option<&Slot<'_>>) -> Origin {
        let base = slot.map(|slot| JsonPath::root().key("items").index(slot.index));
        Origin::new(self.source.clone(), self.number, base.unwrap_or_default())
    }

    /// Where a part of the file's text is in it.
    fn bytes_of(&self, part: &str) -> Range<usize> {
        let start = part.as_ptr().addr() - self.source.text.as_ptr().addr();
        start..start + part.len()
    }
}

/// Whether an object needs no list to say what it is.
fn says_its_type(header: &Header) -> bool {
    !header.api_version.is_empty() && !header.kind.is_empty()
}

/// The entries of a map as they are written.
#[derive(Default)]
struct Fields<'t>(Vec<(String, &'t RawValue)>);

impl Fields<'_> {
    /// What is written for a key.
    fn text(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(own, _)| own == key).map(|(_, text)| text.get())
    }

    /// Whether the kind is that of a List.
    fn is_list(&self) -> bool {
        let kind = self.text("kind").map(serde_json::from_str::<String>);
        kind.is_some_and(|kind| kind.is_ok_and(|kind| is_list_kind(&kind)))
    }
}

impl<'t> Deserialize<'t> for Fields<'t> {
    fn deserialize<D: Deserializer<'t>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Self::default())
    }
}

impl<'t> Visitor<'t> for Fields<'t> {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map")
    }

    fn visit_map<A: MapAccess<'t>>(mut self, mut entries: A) -> Result<Self, A::Error> {
        while let Some(entry) = entries.next_entry()? {
            self.0.push(entry);
        }
        Ok(self)
    }
}

/// A List without its items, and these; `None` if it is none, or one whose keys stand twice.
fn list_in<'t>(fields: &Fields<'t>) -> Option<(Map<String, Value>, Vec<&'t RawValue>)> {
    if !fields.is_list() {
        return None;
    }
    let mut list = Map::new();
    let mut items = None;
    for (key, text) in &fields.0 {
        let is_new = if key == "items" && text.get().starts_with('[') {
            items.replace(*text).is_none()
        } else {
            let Unique(value) = serde_json::from_str(text.get()).ok()?;
            list.insert(key.clone(), value).is_none()
        };
        if !is_new {
            return None;
        }
    }
    match (items, list.remove("items")) {
        (Some(items), None) => Some((list, serde_json::from_str(items.get()).ok()?)),
        (None, Some(Value::Null)) => Some((list, Vec::new())),
        _ => None,
    }
}
