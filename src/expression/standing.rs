//! What is shown of a condition that chance has a part in.

use std::ops::Not;

/// What is shown of a condition. Of two that are joined, `and` is the smaller and `or` the larger (Kleene, *Introduction
/// to Metamathematics*, 1952, section 64).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// That it does not hold.
    Fails,
    /// Neither.
    Open,
    /// That it holds.
    Meets,
}

impl Standing {
    /// In a word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Fails => "fails",
            Self::Open => "open",
            Self::Meets => "meets",
        }
    }
}

impl Not for Standing {
    type Output = Self;

    fn not(self) -> Self {
        match self {
            Self::Fails => Self::Meets,
            Self::Open => Self::Open,
            Self::Meets => Self::Fails,
        }
    }
}
