//! JSON in which no key of a map may stand twice, as in YAML. `serde_json` alone takes the last one and drops the others.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// A value, if every key in it stands once.
pub(crate) struct Unique(pub(crate) Value);

/// What is said of a key that stands twice.
pub(crate) fn twice(key: &str) -> String {
    format!("the key `{key}` stands here twice")
}

/// A key that stands twice among those of one map.
pub(crate) fn repeated<K: AsRef<str>>(keys: &[K]) -> Option<&str> {
    /// Fewer keys than this are compared with each other sooner than they are sorted.
    const FEW: usize = 24;
    if keys.len() < FEW {
        let is_repeated =
            |(index, key): (usize, &'_ K)| keys[..index].iter().any(|other| other.as_ref() == key.as_ref());
        let place = keys.iter().enumerate().position(is_repeated)?;
        return Some(keys[place].as_ref());
    }
    let mut sorted: Vec<&str> = keys.iter().map(AsRef::as_ref).collect();
    sorted.sort_unstable();
    sorted.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0])
}

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(UniqueVisitor).map(Self)
    }
}

struct UniqueVisitor;

impl<'de> Visitor<'de> for UniqueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Value, E> {
        Ok(Number::from_f64(number).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Unique(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    /// The error is told before the value is read, so that its place is that of the key.
    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            if map.contains_key(&key) {
                return Err(A::Error::custom(twice(&key)));
            }
            let Unique(value) = entries.next_value()?;
            map.insert(key, value);
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write as _;

    #[test]
    fn a_text_without_repetitions_is_read_as_its_value() {
        let text =
            r#"{"a": [null, true, "x", "\n\u00fc", -1, 18446744073709551615, 0.1], "\u0062": {"a": {}}}"#;
        let Unique(value) = serde_json::from_str(text).unwrap();
        assert_eq!(value, serde_json::from_str::<Value>(text).unwrap());
    }

    #[test]
    fn repeated_keys_are_found_among_few_and_many() {
        assert_eq!(repeated(&["a", "b", "a"]), Some("a"));
        assert_eq!(repeated(&["a", "b"]), None);
        let mut many: Vec<String> = (0..60).map(|number| format!("k{number}")).collect();
        assert_eq!(repeated(&many), None);
        many.push("k7".to_owned());
        assert_eq!(repeated(&many), Some("k7"));
    }

    #[test]
    fn a_key_that_is_escaped_is_the_same_key() {
        let mut text = String::from("{");
        for index in 0..40 {
            write!(text, "\"k{index}\": {index}, ").unwrap();
        }
        text.push_str(r#""\u006b7": 1}"#);
        let error = serde_json::from_str::<Unique>(&text).err().expect("k7 stands twice");
        assert!(error.to_string().starts_with("the key `k7` stands here twice"), "{error}");
    }
}
