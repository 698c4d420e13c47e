//! Printing money so that rows add up to their total.

use std::fmt;

use crate::units::Money;

/// Millionths of the currency; prints with six places.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Micros(pub i128);

impl From<Money> for Micros {
    fn from(money: Money) -> Self {
        Self(money.to_micros())
    }
}

impl fmt::Display for Micros {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let micros = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:06}", micros / 1_000_000, micros % 1_000_000)
    }
}

/// Rounds the amounts of rows so that rows as printed add up to a total as printed: each row is the difference between
/// rounded running totals, and less than a millionth off its own amount.
#[derive(Clone, Copy, Debug, Default)]
pub struct Apportion {
    /// The sum of the amounts so far.
    sum: Money,
    /// The sum of what was printed for them.
    printed: i128,
}

impl Apportion {
    /// What all rows print that amount to `sum` together, after others that amount to `start`.
    pub fn whole(sum: Money, start: Money) -> Micros {
        Micros((start + sum).to_micros() - start.to_micros())
    }

    /// What to print for the next row. `start` is the sum of all that is printed beside these rows, such as nodes' when
    /// these are pods; should it change on the way, the next row with an amount makes up for it.
    pub fn next(&mut self, amount: Money, start: Money) -> Micros {
        if amount == Money::ZERO {
            return Micros(0);
        }
        self.sum += amount;
        let Micros(printed) = Self::whole(self.sum, start);
        Micros(printed - std::mem::replace(&mut self.printed, printed))
    }

    /// What to print for rows that are known all together, so that they add up to `total`. That may be off their sum by
    /// what was rounded elsewhere: the largest of them makes up for it.
    pub fn all(amounts: &[Money], total: Micros) -> Vec<Micros> {
        let mut rows = Self::default();
        let mut printed: Vec<_> = amounts.iter().map(|&amount| rows.next(amount, Money::ZERO)).collect();
        let largest = (0..amounts.len()).max_by_key(|&place| (amounts[place], std::cmp::Reverse(place)));
        if let Some(largest) = largest {
            printed[largest].0 += total.0 - rows.printed;
        }
        printed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::{Price, Span};
    use proptest::prelude::*;

    /// 10⁻⁶ of the currency.
    const MICRO: i128 = 3_600_000_000_000_000;

    #[test]
    fn micros_print_with_six_places() {
        for (micros, text) in [
            (0, "0.000000"),
            (1, "0.000001"),
            (1_234_567, "1.234567"),
            (-1, "-0.000001"),
            (-2_500_000, "-2.500000"),
        ] {
            assert_eq!(Micros(micros).to_string(), text);
        }
        let hour = "0.069264/h".parse::<Price>().unwrap() * Span::from_secs(3600);
        assert_eq!(Micros::from(hour).to_string(), "0.069264");
    }

    fn printed_rows(amounts: &[Money], start: Money) -> Vec<Micros> {
        let mut rows = Apportion::default();
        amounts.iter().map(|&amount| rows.next(amount, start)).collect()
    }

    #[test]
    fn thirds_of_a_millionth_add_up() {
        let third = Money(MICRO / 3);
        assert_eq!(printed_rows(&[third; 6], Money::ZERO), [0, 1, 0, 0, 1, 0].map(Micros));
        assert_eq!(printed_rows(&[third; 2], third), [1, 0].map(Micros), "goes on where other rows ended");
    }

    #[test]
    fn the_next_row_makes_up_for_another_start() {
        let third = Money(MICRO / 3);
        let mut rows = Apportion::default();
        assert_eq!(rows.next(third, Money::ZERO), Micros(0));
        assert_eq!(rows.next(third, third), Micros(1), "had both started at a third it were 1 and 0");
    }

    #[test]
    fn the_largest_of_rows_that_are_known_together_makes_up_for_what_was_rounded_elsewhere() {
        let third = Money(MICRO / 3);
        let amounts = [third, third + third, third + third, third];
        assert_eq!(Apportion::all(&amounts, Micros(2)), [0, 1, 1, 0].map(Micros));
        assert_eq!(Apportion::all(&amounts, Micros(3)), [0, 2, 1, 0].map(Micros));
        assert!(Apportion::all(&[], Micros(0)).is_empty());
    }

    proptest! {
        /// Rows add up to the total, over two tables that follow each other, and none is off by a millionth.
        #[test]
        fn printed_rows_add_up(
            nodes in prop::collection::vec(0..MICRO * 5, 0..20),
            pods in prop::collection::vec(0..MICRO, 0..50),
        ) {
            let money = |amounts: Vec<i128>| amounts.into_iter().map(Money).collect::<Vec<_>>();
            let (nodes, pods) = (money(nodes), money(pods));
            let ecs: Money = nodes.iter().copied().sum();
            let total = ecs + pods.iter().copied().sum();
            let rows = [printed_rows(&nodes, Money::ZERO), printed_rows(&pods, ecs)].concat();
            prop_assert_eq!(rows.iter().map(|row| row.0).sum::<i128>(), total.to_micros());
            for (row, amount) in rows.iter().zip(nodes.iter().chain(&pods)) {
                prop_assert!(row.0 >= 0 && (row.0 * MICRO - amount.0).abs() <= MICRO, "{row} for {amount:?}");
            }
        }
    }
}
