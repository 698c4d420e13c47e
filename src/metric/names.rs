//! Texts that many rows share, each kept once.

use std::fmt::{self, Write as _};

use crate::id::Interner;

/// Texts by small numbers. A text that is known already costs a look-up and no allocation.
#[derive(Debug, Default)]
pub(super) struct Names {
    texts: Interner,
    words: String,
}

impl Names {
    /// The number of a text.
    pub(super) fn number(&mut self, text: &str) -> u32 {
        self.texts.intern(text)
    }

    /// The number of a text that is still to be put together.
    pub(super) fn number_of(&mut self, words: fmt::Arguments<'_>) -> u32 {
        let mut text = std::mem::take(&mut self.words);
        text.clear();
        text.write_fmt(words).expect("writing into a text cannot fail");
        let number = self.number(&text);
        self.words = text;
        number
    }

    /// The text of a number.
    pub(super) fn text(&self, number: u32) -> &str {
        self.texts.text(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_one_number_however_it_is_told() {
        let mut names = Names::default();
        let numbers = ["a/b", "", "a/b"].map(|text| names.number(text));
        assert_eq!(numbers[0], numbers[2]);
        assert_ne!(numbers[0], numbers[1]);
        assert_eq!(names.number_of(format_args!("{}/{}", "a", "b")), numbers[0]);
        assert_eq!(numbers.map(|number| names.text(number)), ["a/b", "", "a/b"]);
    }
}
