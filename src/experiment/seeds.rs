//! Which seeds a scenario is run with.

use std::fmt;
use std::str::FromStr;

/// A range of seeds, written `FIRST..LAST`; both ends belong to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seeds {
    first: u64,
    last: u64,
}

/// Why a text is not a range of seeds.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseSeedsError {
    /// There is no `..` in it.
    #[error("write the first seed, two dots and the last: 1..30 is thirty runs")]
    NotARange,
    /// One end is not a seed.
    #[error("{0:?} is not a seed: write whole numbers from 0, as in 1..30")]
    NotASeed(String),
    /// It has no end.
    #[error("both ends belong to the range already: write {first}..{last}")]
    Inclusive {
        /// What stands before `..=`.
        first: String,
        /// What stands behind it.
        last: String,
    },
    /// The ends are exchanged.
    #[error("the first seed is larger than the last: write {last}..{first}")]
    Backwards {
        /// As written.
        first: u64,
        /// As written.
        last: u64,
    },
    /// More runs than anybody means.
    #[error("that is more than {} runs: write {first}..{} at most, and run the rest separately", Seeds::MOST, .first.saturating_add(Seeds::MOST - 1))]
    TooMany {
        /// The first seed.
        first: u64,
    },
}

impl Seeds {
    /// Those of commands that tell something from chance, where nobody names any.
    pub const DEFAULT: Self = Self { first: 1, last: 30 };

    /// The most runs of one range.
    pub const MOST: u64 = 100_000;

    /// The range from `first` to `last`, both of which belong to it.
    pub fn new(first: u64, last: u64) -> Result<Self, ParseSeedsError> {
        let Some(further) = last.checked_sub(first) else {
            return Err(ParseSeedsError::Backwards { first, last });
        };
        if further >= Self::MOST {
            return Err(ParseSeedsError::TooMany { first });
        }
        Ok(Self { first, last })
    }

    /// The smallest seed.
    pub const fn first(self) -> u64 {
        self.first
    }

    /// The largest seed.
    pub const fn last(self) -> u64 {
        self.last
    }

    /// How many there are; at least one.
    pub const fn count(self) -> u64 {
        self.last - self.first + 1
    }

    /// All of them in ascending order.
    pub fn iter(self) -> impl Iterator<Item = u64> {
        self.first..=self.last
    }
}

impl FromStr for Seeds {
    type Err = ParseSeedsError;

    fn from_str(text: &str) -> Result<Self, ParseSeedsError> {
        let (first, last) = text.split_once("..").ok_or(ParseSeedsError::NotARange)?;
        if let Some(last) = last.strip_prefix('=') {
            return Err(ParseSeedsError::Inclusive { first: first.to_owned(), last: last.to_owned() });
        }
        let seed =
            |text: &str| text.trim().parse().map_err(|_| ParseSeedsError::NotASeed(text.trim().to_owned()));
        Self::new(seed(first)?, seed(last)?)
    }
}

impl fmt::Display for Seeds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.first, self.last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_belong_to_a_range() {
        let seeds: Seeds = "3..5".parse().unwrap();
        assert_eq!(seeds.iter().collect::<Vec<_>>(), [3, 4, 5]);
        assert_eq!((seeds.count(), seeds.to_string().as_str()), (3, "3..5"));
        assert_eq!("7..7".parse::<Seeds>().unwrap().count(), 1);
        assert_eq!(Seeds::new(u64::MAX, u64::MAX).unwrap().iter().count(), 1);
        assert_eq!("1..100000".parse::<Seeds>().unwrap().count(), Seeds::MOST);
    }

    #[test]
    fn what_is_no_range_is_told_with_what_to_write() {
        for (written, told) in [
            ("5", "write the first seed, two dots and the last: 1..30 is thirty runs"),
            ("1-5", "write the first seed, two dots and the last: 1..30 is thirty runs"),
            ("a..5", "\"a\" is not a seed: write whole numbers from 0, as in 1..30"),
            ("1..", "\"\" is not a seed: write whole numbers from 0, as in 1..30"),
            ("-1..5", "\"-1\" is not a seed: write whole numbers from 0, as in 1..30"),
            ("1..=5", "both ends belong to the range already: write 1..5"),
            ("5..1", "the first seed is larger than the last: write 1..5"),
            (
                "1..100001",
                "that is more than 100000 runs: write 1..100000 at most, and run the rest separately",
            ),
            (
                "0..18446744073709551615",
                "that is more than 100000 runs: write 0..99999 at most, and run the rest separately",
            ),
        ] {
            assert_eq!(written.parse::<Seeds>().unwrap_err().to_string(), told, "{written}");
        }
    }
}
