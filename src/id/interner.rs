//! Texts that come up again and again, by small numbers.

use std::sync::Arc;

use indexmap::IndexSet;
use rustc_hash::FxBuildHasher;

/// Numbers texts from 0 in order of their first appearance; a text keeps its number. One that is known already costs a
/// look-up and no allocation.
#[derive(Clone, Debug, Default)]
pub(crate) struct Interner {
    texts: IndexSet<Arc<str>, FxBuildHasher>,
}

impl Interner {
    /// The number of a text.
    pub(crate) fn intern(&mut self, text: &str) -> u32 {
        let place = self.texts.get_index_of(text);
        place.unwrap_or_else(|| self.texts.insert_full(text.into()).0) as u32
    }

    /// The number of a text, if it has come up.
    pub(crate) fn number(&self, text: &str) -> Option<u32> {
        self.texts.get_index_of(text).map(|place| place as u32)
    }

    /// The text of a number.
    pub(crate) fn text(&self, number: u32) -> &Arc<str> {
        &self.texts[number as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_keeps_its_number() {
        let mut texts = Interner::default();
        let numbers = ["a", "", "b", "a"].map(|text| texts.intern(text));
        assert_eq!(numbers, [0, 1, 2, 0]);
        assert_eq!(numbers.map(|number| texts.text(number).to_string()), ["a", "", "b", "a"]);
        assert_eq!((texts.number("b"), texts.number("c")), (Some(2), None));
    }
}
