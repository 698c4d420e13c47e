//! Codes: one small number for everything that a node's score has in common with other nodes'.
//!
//! Two nodes of one code differ at most in what their own usage scores. So what plugins score by kind and by domain,
//! and its normalisation, is worked out once for each code of a window and not for each node.

use rustc_hash::FxHashMap;

/// How many codes there can be: so many that a table of scores by code stays in the nearest cache.
pub(super) const MOST_CODES: usize = 128;

/// The code of nodes that are rejected.
pub(super) const DEAD: u8 = MOST_CODES as u8;

/// Domains that a score may count by, at most.
pub(super) const MOST_DOMAINS: usize = 4;

/// A node without the label of a domain.
pub(super) const NO_DOMAIN: u32 = u32::MAX;

/// What the nodes of one code have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Code {
    /// Their kind.
    pub(super) group: u16,
    /// Whether they have all labels that the domains need.
    pub(super) complete: bool,
    /// For each count: the domain they stand in, or the pods that count on each of them.
    pub(super) domains: [u32; MOST_DOMAINS],
}

/// All codes that were given out.
#[derive(Default)]
pub(super) struct Codes {
    codes: Vec<Code>,
    numbers: FxHashMap<Code, u8>,
}

impl Codes {
    /// The number of a code; `None` if there are too many.
    pub(super) fn number(&mut self, code: Code) -> Option<u8> {
        // Mostly there are a handful.
        if let Some(place) = self.codes.iter().take(8).position(|known| *known == code) {
            return Some(place as u8);
        }
        if let Some(&number) = self.numbers.get(&code) {
            return Some(number);
        }
        if self.codes.len() == MOST_CODES {
            return None;
        }
        let number = self.codes.len() as u8;
        self.codes.push(code);
        self.numbers.insert(code, number);
        Some(number)
    }

    pub(super) fn get(&self, number: u8) -> &Code {
        &self.codes[usize::from(number)]
    }
}

/// Kinds of nodes: what every score by kind says of them.
#[derive(Default)]
pub(super) struct Groups {
    keys: Vec<Box<[Kind]>>,
    numbers: FxHashMap<Box<[Kind]>, u16>,
    /// The raw score of each kind by each score, as long as images are as they were when so many changes had been.
    raw: Vec<Box<[Option<i64>]>>,
    raw_as_of: u64,
}

/// What one score by kind has for a node: its raw score, or a kind whose raw score the cluster knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    /// The raw score.
    Raw(Option<i64>),
    /// The kind.
    Of(u32),
}

impl Groups {
    /// The number of a group; `None` if there are too many.
    pub(super) fn number(&mut self, key: &[Kind]) -> Option<u16> {
        if let Some(&number) = self.numbers.get(key) {
            return Some(number);
        }
        let number = u16::try_from(self.keys.len()).ok()?;
        self.keys.push(key.into());
        self.numbers.insert(key.into(), number);
        Some(number)
    }

    /// Works out the raw scores of all groups, where that was not done since images changed `changes` times; `of` tells
    /// the raw score of what the score of this place has. Whether they were worked out.
    pub(super) fn keep_raw(&mut self, changes: u64, of: impl Fn(usize, Kind) -> Option<i64>) -> bool {
        if self.raw_as_of == changes && self.raw.len() == self.keys.len() {
            return false;
        }
        let raw = |key: &[Kind]| key.iter().enumerate().map(|(score, &kind)| of(score, kind)).collect();
        self.raw = self.keys.iter().map(|key| raw(key)).collect();
        self.raw_as_of = changes;
        true
    }

    /// The raw scores of a group, by score.
    pub(super) fn raw(&self, number: u16) -> &[Option<i64>] {
        &self.raw[usize::from(number)]
    }
}
