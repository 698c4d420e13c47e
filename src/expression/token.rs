//! The words of an expression.

use super::error::{Located, Place, Problem};
use crate::units::Span;

/// One word.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// A metric path.
    Path(String),
    /// A number without a unit.
    Number(f64),
    /// A length of time, in seconds.
    Seconds(f64),
    /// A share: a percentage divided by 100.
    Share(f64),
    /// An operator, a parenthesis or a keyword.
    Sign(&'static str),
    /// Behind the last word.
    End,
}

impl Token {
    /// The word as a message names it.
    pub(super) fn name(&self, text: &str, place: &Place) -> String {
        match self {
            Self::End => "the end".to_owned(),
            _ => format!("`{}`", &text[place.clone()]),
        }
    }
}

/// Longest first, so that `<=` is not read as `<`.
const SIGNS: [&str; 12] = ["<=", ">=", "==", "!=", "<", ">", "+", "-", "*", "/", "(", ")"];
const KEYWORDS: [&str; 3] = ["and", "or", "not"];
/// What other languages write, and what is written here.
const MISSPELLED: [(&str, &str); 5] = [("&&", "and"), ("||", "or"), ("=", "=="), ("!", "not"), ("&", "and")];

/// The words of `text` with their places, and [`Token::End`] behind them.
pub(super) fn tokens(text: &str) -> Result<Vec<(Token, Place)>, Located> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        }
        let rest = &text[at..];
        let (token, length) = match first {
            'a'..='z' | 'A'..='Z' | '_' => word(rest),
            '0'..='9' | '.' => number(rest).map_err(|(length, problem)| (at..at + length, problem))?,
            _ => sign(rest, first).map_err(|(length, problem)| (at..at + length, problem))?,
        };
        found.push((token, at..at + length));
        at += length;
    }
    found.push((Token::End, text.len()..text.len()));
    Ok(found)
}

fn word(rest: &str) -> (Token, usize) {
    let length =
        rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '.' && c != '_').unwrap_or(rest.len());
    let word = &rest[..length];
    let token = match KEYWORDS.iter().find(|keyword| **keyword == word) {
        Some(keyword) => Token::Sign(keyword),
        None => Token::Path(word.to_owned()),
    };
    (token, length)
}

fn number(rest: &str) -> Result<(Token, usize), (usize, Problem)> {
    let length = rest.find(|c: char| !c.is_alphanumeric() && c != '.').unwrap_or(rest.len());
    let word = &rest[..length];
    let refused = || (length, Problem::Number(word.to_owned()));
    if word.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        let number: f64 = word.parse().map_err(|_| refused())?;
        let percent = rest[length..].starts_with('%');
        return Ok(if percent {
            (Token::Share(number / 100.0), length + 1)
        } else {
            (Token::Number(number), length)
        });
    }
    let span: Span = word.parse().map_err(|_| refused())?;
    Ok((Token::Seconds(span.as_secs_f64()), length))
}

fn sign(rest: &str, first: char) -> Result<(Token, usize), (usize, Problem)> {
    if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
        return Ok((Token::Sign(sign), sign.len()));
    }
    Err(match MISSPELLED.iter().find(|(written, _)| rest.starts_with(written)) {
        Some((written, meant)) => {
            (written.len(), Problem::Spelling { written: (*written).to_owned(), meant })
        }
        None => (first.len_utf8(), Problem::Character(first)),
    })
}
