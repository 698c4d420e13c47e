//! An axis: a PATH of a scenario and the values that are put there one after another, as `--vary` has it.
//!
//! ```text
//! pools.gateway.count=2,4,8                 these values
//! pools.gateway.count=1..10                 every whole number, both ends included
//! traffic.ingress.serviceTime=10ms..50ms:5ms   in steps
//! pools.gateway.count=1..100:log5           five values, each the same factor above the one before
//! variant=base,no-spread                    variants of the scenario; base is the scenario as it stands
//! ```
//!
//! PATHs are those of variants, and a value is put there as a variant would put it.

mod number;
mod range;

use std::ops::Range;

use serde_json::Value;

use crate::scenario::path::{Address, ParseAddressError};

/// What stands in the place of a PATH where variants are chosen.
pub const VARIANT: &str = "variant";

/// A PATH and the values that are put there.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    text: String,
    path: String,
    values: Vec<Value>,
}

/// Why a text is not an axis.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct ParseAxisError {
    /// What was read.
    pub text: String,
    /// Which of its bytes are to blame.
    pub place: Range<usize>,
    /// What is wrong with them.
    pub problem: AxisProblem,
}

/// What is wrong with an axis.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AxisProblem {
    /// There is no `=`.
    #[error("there is no `=` between the PATH and its values")]
    NoValues,
    /// The PATH is not one.
    #[error(transparent)]
    Path(#[from] ParseAddressError),
    /// A value is empty.
    #[error("a value is missing")]
    EmptyValue,
    /// A bracket or a quotation mark has no partner.
    #[error("`{0}` is never closed")]
    Unclosed(char),
    /// A value stands there before.
    #[error("`{0}` stands twice in it")]
    Twice(String),
    /// What is no variant's name stands among variants.
    #[error("`{0}` is not the name of a variant")]
    NotAVariant(String),
    /// One end of a range, or its step, is not a number.
    #[error("`{0}` is not a number")]
    NotANumber(String),
    /// It has no end.
    #[error("both ends belong to the range already")]
    Inclusive,
    /// The ends are exchanged.
    #[error("the range begins above its end")]
    Backwards,
    /// The units of two numbers have nothing to do with each other.
    #[error("`{0}` and `{1}` are not in units of one kind")]
    Units(String, String),
    /// The step is needed.
    #[error("the range does not say in which steps")]
    NoStep,
    /// It never gets anywhere.
    #[error("a step is above zero")]
    StepTooSmall,
    /// It leads past the end at once.
    #[error("the step is longer than the range")]
    StepTooLarge,
    /// A logarithmic range has no positive ends.
    #[error("a logarithmic range lies above zero")]
    LogOfZero,
    /// How many values a logarithmic range has is not a number, or too few.
    #[error("`{0}` is not how many values a logarithmic range has")]
    NotACount(String),
    /// More values than anybody means.
    #[error("these are more than {most} values", most = Axis::MOST)]
    TooMany,
}

impl ParseAxisError {
    /// Where it begins, counted in characters from 1.
    pub fn column(&self) -> usize {
        self.text[..self.place.start].chars().count() + 1
    }
}

impl AxisProblem {
    /// How to mend it.
    pub fn help(&self) -> Option<String> {
        let help = match self {
            Self::NoValues => "write it like pools.NAME.count=1..10, or pools.NAME.count=2,4,8".to_owned(),
            Self::Path(_) | Self::Unclosed(_) => return None,
            Self::EmptyValue => "write values with a comma between each two of them".to_owned(),
            Self::Twice(_) => "write each value once".to_owned(),
            Self::NotAVariant(_) => format!("write {VARIANT}=base,NAME with names of spec.variants"),
            Self::NotANumber(_) => {
                "write numbers with a unit or without, such as 1..10, 100m..2, 1Gi..8Gi:1Gi, 30s..5m:30s or 10%..90%:10%"
                    .to_owned()
            }
            Self::Inclusive => "leave out the `=` behind the dots".to_owned(),
            Self::Backwards => "write the smaller number first".to_owned(),
            Self::Units(..) => "write all numbers in one unit".to_owned(),
            Self::NoStep => "write it behind a colon, as in 0.1..0.5:0.1, or :log5 for five values".to_owned(),
            Self::StepTooSmall | Self::StepTooLarge => "write how far each value is above the one before".to_owned(),
            Self::LogOfZero => "begin above zero, as in 1..1000:log4".to_owned(),
            Self::NotACount(_) => {
                "write how many, at least 2: 1..1000:log4 is 1, 10, 100 and 1000".to_owned()
            }
            Self::TooMany => "write a larger step, or :log5 for five values".to_owned(),
        };
        Some(help)
    }
}

/// What is wrong, and which bytes of the text are to blame.
type Blame = (Range<usize>, AxisProblem);

impl Axis {
    /// The most values of one axis.
    pub const MOST: usize = 10_000;

    /// Reads an axis as it is written on the command line.
    pub fn parse(text: &str) -> Result<Self, ParseAxisError> {
        let refused = |(place, problem)| ParseAxisError { text: text.to_owned(), place, problem };
        let (path, begin) = split(text).map_err(refused)?;
        let values = values(text, begin).map_err(refused)?;
        if path == VARIANT {
            let other = values.iter().find(|(_, value)| !value.is_string());
            if let Some((place, value)) = other {
                return Err(refused((place.clone(), AxisProblem::NotAVariant(shown(value)))));
            }
        }
        let values = values.into_iter().map(|(_, value)| value).collect();
        Ok(Self { text: text.to_owned(), path: path.to_owned(), values })
    }

    /// The axis as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether its values are variants.
    pub fn is_of_variants(&self) -> bool {
        self.path == VARIANT
    }

    /// Whether its values are numbers that ascend, in whatever unit, so that some come before others.
    pub fn ascends(&self) -> bool {
        let numbers: Option<Vec<f64>> = self.values.iter().map(Value::as_f64).collect();
        numbers.map_or_else(|| self.is_range_of_texts(), |numbers| numbers.is_sorted())
    }

    /// Whether its values are numbers with units that were counted up.
    fn is_range_of_texts(&self) -> bool {
        let values = &self.text[self.path.len()..];
        let begins_with_digit =
            |value: &Value| value.as_str().is_some_and(|text| text.starts_with(|c: char| c.is_ascii_digit()));
        values.contains("..") && !values.contains(',') && self.values.iter().all(begins_with_digit)
    }

    /// The PATH, or [`VARIANT`].
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The values in order.
    pub fn values(&self) -> &[Value] {
        &self.values
    }

    /// Whether it leads to the same place as another, however each is written.
    pub(super) fn is_of_same_place_as(&self, other: &Self) -> bool {
        self.path == other.path || address(&self.path) == address(&other.path)
    }
}

/// Where a PATH leads, in one spelling.
fn address(path: &str) -> Option<Address> {
    let mut address: Address = path.parse().ok()?;
    if let Address::Manifest { namespace, .. } = &mut address {
        namespace.get_or_insert_with(|| "default".to_owned());
    }
    Some(address)
}

/// A value as tables and messages show it: a text as it is, anything else as JSON.
pub fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The PATH, and where the values begin.
fn split(text: &str) -> Result<(&str, usize), Blame> {
    let mut quoted = false;
    let equals = text.char_indices().find(|(_, character)| {
        quoted ^= *character == '"';
        *character == '=' && !quoted
    });
    let Some((equals, _)) = equals else { return Err((0..text.len(), AxisProblem::NoValues)) };
    let path = &text[..equals];
    if path != VARIANT {
        path.parse::<Address>().map_err(|error| (0..equals, error.into()))?;
    }
    Ok((path, equals + 1))
}

/// The values from byte `begin` on, each with its place.
fn values(text: &str, begin: usize) -> Result<Vec<(Range<usize>, Value)>, Blame> {
    let items = items(text, begin)?;
    if let [only] = items.as_slice()
        && let Some(range) = range::values(text, only.clone())?
    {
        return Ok(range.into_iter().map(|value| (only.clone(), value)).collect());
    }
    if items.len() > Axis::MOST {
        return Err((begin..text.len(), AxisProblem::TooMany));
    }
    let mut values: Vec<(Range<usize>, Value)> = Vec::new();
    for place in items {
        let item = &text[place.clone()];
        if item.is_empty() {
            return Err((place, AxisProblem::EmptyValue));
        }
        let value = serde_json::from_str(item).unwrap_or_else(|_| Value::from(item));
        if values.iter().any(|(_, other)| *other == value) {
            return Err((place, AxisProblem::Twice(item.to_owned())));
        }
        values.push((place, value));
    }
    Ok(values)
}

/// What stands between the commas that are in no bracket and no quotation marks, without spaces around it.
fn items(text: &str, begin: usize) -> Result<Vec<Range<usize>>, Blame> {
    let mut ends = Vec::new();
    let mut open: Vec<(usize, char)> = Vec::new();
    let mut escaped = false;
    for (at, character) in text[begin..].char_indices().map(|(at, character)| (begin + at, character)) {
        let within = open.last().map(|(_, bracket)| *bracket);
        let was_escaped = std::mem::take(&mut escaped);
        match (within, character) {
            (Some('"'), '\\') => escaped = !was_escaped,
            (Some('"'), '"') if !was_escaped => _ = open.pop(),
            (Some('"'), _) => {}
            (_, '"' | '[' | '{') => open.push((at, character)),
            (Some('['), ']') | (Some('{'), '}') => _ = open.pop(),
            (None, ',') => ends.push(at),
            _ => {}
        }
    }
    if let Some((at, bracket)) = open.pop() {
        return Err((at..text.len(), AxisProblem::Unclosed(bracket)));
    }
    ends.push(text.len());
    let mut from = begin;
    Ok(ends.into_iter().map(|end| trimmed(text, std::mem::replace(&mut from, end + 1)..end)).collect())
}

/// A place without the spaces at its ends.
fn trimmed(text: &str, place: Range<usize>) -> Range<usize> {
    let inner = &text[place.clone()];
    let start = place.start + inner.len() - inner.trim_start().len();
    start..(start + inner.trim().len())
}

#[cfg(test)]
mod tests;
