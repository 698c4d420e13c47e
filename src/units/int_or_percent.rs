//! Numbers that are written as a count or as a share of something.

/// A count, or a percentage of a total (`intstr.IntOrString`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IntOrPercent {
    /// So many.
    Int(u32),
    /// So many of a hundred.
    Percent(u32),
}

impl IntOrPercent {
    /// How many of `total` that is; a share that is no whole number counts as the next larger one.
    pub fn rounded_up(self, total: u32) -> u32 {
        match self {
            Self::Int(count) => count,
            Self::Percent(percent) => narrow((u64::from(total) * u64::from(percent)).div_ceil(100)),
        }
    }

    /// The same, rounded down.
    pub fn rounded_down(self, total: u32) -> u32 {
        match self {
            Self::Int(count) => count,
            Self::Percent(percent) => narrow(u64::from(total) * u64::from(percent) / 100),
        }
    }

    /// Whether it is nothing, of whatever.
    pub const fn is_zero(self) -> bool {
        matches!(self, Self::Int(0) | Self::Percent(0))
    }
}

fn narrow(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::IntOrPercent::{self, Int, Percent};

    #[track_caller]
    fn check(amount: IntOrPercent, total: u32, down: u32, up: u32) {
        assert_eq!((amount.rounded_down(total), amount.rounded_up(total)), (down, up));
    }

    #[test]
    fn shares_are_rounded_and_counts_are_not() {
        check(Percent(25), 10, 2, 3);
        check(Percent(25), 8, 2, 2);
        check(Percent(1), 1, 0, 1);
        check(Percent(150), 3, 4, 5);
        check(Percent(0), 7, 0, 0);
        check(Int(4), 2, 4, 4);
        check(Percent(u32::MAX), u32::MAX, u32::MAX, u32::MAX);
    }
}
