//! Cpu that is used, which is finer than cpu that is requested.

use std::iter::Sum;
use std::ops::Add;

use super::MilliCpu;

/// Processor time per second in millionths of a core: fine enough that sharing loses nothing that a metric shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MicroCpu(pub u64);

impl MicroCpu {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// As a number of cores, for printing and for the arithmetic of requests.
    pub fn cores(self) -> f64 {
        self.0 as f64 / 1e6
    }
}

impl From<MilliCpu> for MicroCpu {
    /// Amounts below zero count as nothing.
    fn from(cpu: MilliCpu) -> Self {
        Self(u64::try_from(cpu.0).unwrap_or(0).saturating_mul(1000))
    }
}

impl Add for MicroCpu {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sum for MicroCpu {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_core_is_a_million_of_them() {
        assert_eq!(MicroCpu::from(MilliCpu::from_cores(2)), MicroCpu(2_000_000));
        assert_eq!(MicroCpu::from(MilliCpu(-1)), MicroCpu::ZERO);
        assert_eq!(MicroCpu(1_500_000).cores().to_string(), "1.5");
    }
}
