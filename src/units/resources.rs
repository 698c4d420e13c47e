//! Cpu and memory amounts.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Sub, SubAssign};

macro_rules! amount {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub i64);

        impl $name {
            /// Nothing.
            pub const ZERO: Self = Self(0);
        }

        impl Add for $name {
            type Output = Self;
            fn add(self, other: Self) -> Self {
                Self(self.0.saturating_add(other.0))
            }
        }

        impl Sub for $name {
            type Output = Self;
            fn sub(self, other: Self) -> Self {
                Self(self.0.saturating_sub(other.0))
            }
        }

        impl AddAssign for $name {
            fn add_assign(&mut self, other: Self) {
                *self = *self + other;
            }
        }

        impl SubAssign for $name {
            fn sub_assign(&mut self, other: Self) {
                *self = *self - other;
            }
        }

        impl Sum for $name {
            fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
                amounts.fold(Self::ZERO, Add::add)
            }
        }
    };
}

amount! {
    /// Processor time per second in thousandths of a core.
    MilliCpu
}

amount! {
    /// Memory or storage in bytes.
    Bytes
}

impl MilliCpu {
    /// `cores` whole cores.
    pub const fn from_cores(cores: i64) -> Self {
        Self(cores * 1000)
    }
}

impl Bytes {
    /// `mib` mebibytes.
    pub const fn from_mib(mib: i64) -> Self {
        Self(mib << 20)
    }

    /// `gib` gibibytes.
    pub const fn from_gib(gib: i64) -> Self {
        Self(gib << 30)
    }
}

/// Prints as Kubernetes does: `2`, `500m`.
impl fmt::Display for MilliCpu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 % 1000 == 0 { write!(f, "{}", self.0 / 1000) } else { write!(f, "{}m", self.0) }
    }
}

/// Prints with the largest binary suffix that divides: `1Gi`, `512Mi`, `1025`.
impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (suffix, shift) in [("Ti", 40), ("Gi", 30), ("Mi", 20), ("Ki", 10)] {
            if self.0 != 0 && self.0 % (1 << shift) == 0 {
                return write!(f, "{}{suffix}", self.0 >> shift);
            }
        }
        write!(f, "{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_print_as_kubectl_prints_them() {
        assert_eq!(MilliCpu::from_cores(2).to_string(), "2");
        assert_eq!(MilliCpu(250).to_string(), "250m");
        assert_eq!(Bytes::from_gib(2).to_string(), "2Gi");
        assert_eq!(Bytes(1025).to_string(), "1025");
    }
}
