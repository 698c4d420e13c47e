//! In which order zones of ECI are tried: what a pod says of it, to whoever picks a zone for it.

use super::Labels;

/// In which order zones are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ZoneStrategy {
    /// As they are listed.
    Ordered,
    /// As they are drawn.
    Random,
}

impl ZoneStrategy {
    /// The annotation by which a pod says it.
    pub const ANNOTATION: &'static str = "k8s.aliyun.com/eci-schedule-strategy";
    /// What to do about another value.
    pub const MEND: &'static str = "write VSwitchOrdered or VSwitchRandom";

    /// What a pod's annotations say of it. A value that means nothing says nothing here: whoever creates the instance
    /// refuses it.
    pub fn of(annotations: &Labels) -> Option<Self> {
        annotations.get(Self::ANNOTATION).and_then(Self::from_value)
    }

    /// What the annotation's value means, if anything.
    pub fn from_value(value: &str) -> Option<Self> {
        match value {
            // Both spellings are in the documentation.
            "VSwitchOrdered" | "vSwitchOrdered" => Some(Self::Ordered),
            "VSwitchRandom" | "vSwitchRandom" => Some(Self::Random),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_are_read_and_nothing_else() {
        for (value, expected) in [
            ("VSwitchOrdered", Some(ZoneStrategy::Ordered)),
            ("vSwitchOrdered", Some(ZoneStrategy::Ordered)),
            ("VSwitchRandom", Some(ZoneStrategy::Random)),
            ("vSwitchRandom", Some(ZoneStrategy::Random)),
            ("Random", None),
            ("", None),
        ] {
            assert_eq!(ZoneStrategy::from_value(value), expected, "{value:?}");
        }
    }
}
