//! What is said about an input: an error or a warning, where, and how to mend it.

use crate::place::{On, Origin, Place};
use crate::typed::{FieldError, FieldErrorKind};

/// Whether an input can be used in spite of a [`Diagnostic`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// It cannot.
    Error,
    /// It can, but something in it has no effect or is doubtful.
    Warning,
}

/// A kind of [`Diagnostic`]: a stable name that users may search for, and what it means.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Code {
    /// `E` or `W` and four digits; the first two tell the area.
    pub id: &'static str,
    /// What it means, in a few words.
    pub meaning: &'static str,
}

impl Code {
    /// What the first letter says.
    pub fn severity(&self) -> Severity {
        if self.id.starts_with('W') { Severity::Warning } else { Severity::Error }
    }
}

macro_rules! codes {
    ($($name:ident = $id:literal: $meaning:literal;)*) => {
        /// The codes of everything that can be wrong with the text of an input.
        pub mod code {
            use super::Code;
            $(#[doc = $meaning] pub const $name: Code = Code { id: $id, meaning: $meaning };)*
        }

        /// Every code of [`code`], in order.
        pub const CODES: &[Code] = &[$(code::$name),*];
    };
}

codes! {
    UNREADABLE = "E0001": "a file cannot be read";
    SYNTAX = "E0002": "a text is not YAML or JSON";
    NOT_AN_OBJECT = "E0003": "a document is not a map";
    EMPTY = "E0004": "a file or folder holds no document";
    NO_KIND = "E0101": "an object has no apiVersion, kind or name";
    UNKNOWN_KIND = "E0102": "an object is of a kind that is not simulated";
    WRONG_API_VERSION = "E0103": "an object of a known kind has another apiVersion";
    DEFINED_TWICE = "E0104": "two objects have the same kind, namespace and name";
    WRONG_VALUE = "E0201": "a field has a value of the wrong type, or one that is not allowed";
    UNKNOWN_FIELD = "E0202": "a field does not exist";
    MISSING_FIELD = "E0203": "a required field is missing";
    REFUSED = "E0204": "the API server would refuse what a field says";
    UNKNOWN_VARIANT = "E0301": "there is no variant of this name";
    WRONG_PATH = "E0302": "a PATH is not written as one";
    PATH_LEADS_NOWHERE = "E0303": "a PATH names something that does not exist";
    WRONG_SCHEDULER_CONFIGURATION = "E0401": "kube-scheduler would refuse its configuration";
    UNKNOWN_NAME = "E0402": "something is named that does not exist";
    DO_NOT_FIT = "E0403": "values do not go together, or lie outside what is possible";
    NOT_SIMULATED_YET = "E0404": "something is asked for that is not simulated yet";
    NOT_PRICED = "E0405": "something is asked for that the price list has no price of";
    NO_DURATION = "E0415": "nobody says how long the work of a Job takes";
    CANNOT_COMPARE = "E0501": "there is nothing to compare, or what there is cannot be compared";
    NO_BASELINE = "E0502": "a directory holds no results that others can be held against";
    CANNOT_SWEEP = "E0503": "an axis is not written as one, or what is given makes no sweep";
    CANNOT_PLAN = "E0504": "what is asked for makes no plan";
    KINDS_LEFT_OUT = "W0102": "objects that a server printed are of kinds that are not simulated";
    FIELDS_LEFT_OUT = "W0202": "objects that a server printed have fields that are not known";
    NOT_MODELLED = "W0401": "a field of a manifest has no effect here, but has one in a cluster";
    NODE_IS_MISSING = "W0402": "pods are bound to nodes that are not there";
    REPLICAS_NOT_STATED = "W0403": "a ReplicaSet does not say how many pods it keeps: none are made for it";
    WITHOUT_EFFECT = "W0404": "something has no effect here";
    COSTS_NOTHING = "W0405": "something has no price and counts as free";
    NEVER_SCALES = "W0407": "an autoscaler or one of its metrics never acts";
    REFUSED_ON_VIRTUAL_NODES = "W0410": "pods ask for what virtual nodes refuse";
    NEVER_OVERFLOWS = "W0411": "pods look for virtual nodes and cannot go there";
    ALL_ON_ECI = "W0412": "no ECS node is open to pods, so that every one of them is billed as ECI";
    NOWHERE_TO_GO = "W0413": "no node is open to pods";
    EXCLUDE_EACH_OTHER = "W0414": "settings exclude each other, or one overrides the other";
    PRICED_AS_ELSEWHERE = "W0415": "the prices are those of a region where instances cost something else";
    EVICTED_IN_VAIN = "W0417": "pods that a descheduler evicts may come back to where they were";
    NEVER_COMPLETES = "W0425": "a Job has a container that nothing ends, so that it never completes";
    NEVER_STARTS = "W0435": "pods wait for ever for what they mount";
    TRACE_IS_SILENT = "W0440": "a trace of traffic says nothing about a part of the run";
    DOUBTFUL_COMPARISON = "W0501": "what is compared differs in more than what it is compared by";
    FEW_SEEDS = "W0502": "there are too few seeds to show what is demanded";
}

/// Something to say about an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Error or warning.
    pub severity: Severity,
    /// The stable name of this kind of message.
    pub code: &'static str,
    /// What is wrong: a lower-case fragment.
    pub message: String,
    /// Where, if it is in a file.
    pub place: Option<Place>,
    /// How to mend it, if that is known.
    pub help: Option<String>,
}

impl Diagnostic {
    /// What `code` stands for, about the input as a whole.
    pub fn new(code: &Code, message: impl Into<String>) -> Self {
        Self { severity: code.severity(), code: code.id, message: message.into(), place: None, help: None }
    }

    /// The same, about `place` if it is known.
    #[must_use]
    pub fn at(self, place: impl Into<Option<Place>>) -> Self {
        Self { place: place.into(), ..self }
    }

    /// The same, with advice if there is any.
    #[must_use]
    pub fn help(self, help: impl Into<Option<String>>) -> Self {
        Self { help: help.into(), ..self }
    }

    /// What `error` says about the document that `origin` tells the place of.
    pub fn of_field(error: &FieldError, origin: &Origin) -> Self {
        let (code, on) = match &error.kind {
            FieldErrorKind::Unknown { .. } => (&code::UNKNOWN_FIELD, On::Key),
            FieldErrorKind::Missing { .. } => (&code::MISSING_FIELD, On::Key),
            FieldErrorKind::WrongType { .. }
            | FieldErrorKind::Invalid(_)
            | FieldErrorKind::NotOneOf { .. } => (&code::WRONG_VALUE, On::Value),
        };
        Self::new(code, error.kind.to_string()).at(origin.place(&error.path, on)).help(error.advice())
    }

    /// Whether the input cannot be used.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_in_order_and_differ() {
        assert!(CODES.windows(2).all(|pair| pair[0].id < pair[1].id));
        assert!(CODES.iter().all(|code| code.id.len() == 5 && code.meaning.len() > 10));
    }

    #[test]
    fn the_first_letter_is_the_severity() {
        assert_eq!(code::SYNTAX.severity(), Severity::Error);
        assert_eq!(code::KINDS_LEFT_OUT.severity(), Severity::Warning);
    }
}
