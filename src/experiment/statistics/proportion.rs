//! What can be said of a share of runs: how many met a condition, and how large the true share may be.

use statrs::distribution::{Beta, ContinuousCDF};

use crate::expression::Standing;

/// Of so many runs, so many met something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proportion {
    /// How many runs met it.
    pub met: usize,
    /// How many runs there were.
    pub of: usize,
}

impl Proportion {
    /// The most runs that [`Proportion::settled_by`] looks ahead to.
    const FAR: usize = 100_000;

    /// What was met of so many.
    ///
    /// # Panics
    /// If more met it than there were.
    pub fn new(met: usize, of: usize) -> Self {
        assert!(met <= of, "no more runs can meet a condition than there are");
        Self { met, of }
    }

    /// The part that met it; `None` of no runs.
    pub fn share(self) -> Option<f64> {
        (self.of > 0).then(|| self.met as f64 / self.of as f64)
    }

    /// The one-sided lower bound of the true share at a level of confidence (Clopper and Pearson, *The Use of Confidence
    /// or Fiducial Limits Illustrated in the Case of the Binomial*, 1934): the quantile 1 − level of the beta distribution
    /// with met and of − met + 1.
    pub fn lower(self, level: f64) -> f64 {
        if self.met == 0 { 0.0 } else { beta_quantile(self.met, self.of - self.met + 1, 1.0 - level) }
    }

    /// The one-sided upper bound: the quantile `level` of the beta distribution with met + 1 and of − met.
    pub fn upper(self, level: f64) -> f64 {
        if self.met == self.of { 1.0 } else { beta_quantile(self.met + 1, self.of - self.met, level) }
    }

    /// What is shown of the demand that at least `share` of all runs meet it.
    pub fn standing(self, share: f64, level: f64) -> Standing {
        if self.lower(level) >= share {
            Standing::Meets
        } else if self.upper(level) < share {
            Standing::Fails
        } else {
            Standing::Open
        }
    }

    /// How many runs would show whether the true share is at least `share`, if as large a part of them met it as did of
    /// these; `None` if that is so close that no number of runs which anybody makes would.
    pub fn settled_by(self, share: f64, level: f64) -> Option<usize> {
        let settled = |runs: usize| {
            let met = self.met * runs / self.of.max(1);
            Self::new(met, runs).standing(share, level) != Standing::Open
        };
        let mut enough = self.of.max(1);
        while !settled(enough) {
            enough = enough.checked_mul(2).filter(|&runs| runs <= Self::FAR)?;
        }
        let mut short = enough / 2;
        // What one more failure among them undoes, further runs mend again, so that there may be a smaller number too.
        while enough - short > 1 {
            let middle = usize::midpoint(short, enough);
            if settled(middle) { enough = middle } else { short = middle }
        }
        Some(enough.max(self.of))
    }
}

/// Rounded to nine places, so that machines whose logarithms differ in the last bit agree on it.
fn beta_quantile(a: usize, b: usize, below: f64) -> f64 {
    let law = Beta::new(a as f64, b as f64).expect("both parameters are positive");
    (law.inverse_cdf(below) * 1e9).round() / 1e9
}

#[cfg(test)]
mod tests {
    use super::*;

    /// met, of, `scipy.stats.beta.ppf(0.05, met, of - met + 1)` and `scipy.stats.beta.ppf(0.95, met + 1, of - met)` of scipy
    /// 1.17.1, which leaves the ends 0 and 1 to the caller.
    const BOUNDS: [(usize, usize, f64, f64); 10] = [
        (30, 30, 0.904_966_147_145, 1.0),
        (29, 30, 0.851_403_931_341, 0.998_291_684_356),
        (24, 30, 0.642_990_885_438, 0.909_125_940_295),
        (0, 3, 0.0, 0.631_596_850_136),
        (1, 3, 0.016_952_427_508, 0.864_649_637_828),
        (2, 3, 0.135_350_362_172, 0.983_047_572_492),
        (46, 47, 0.902_999_014_086, 0.998_909_248_613),
        (0, 30, 0.0, 0.095_033_852_855),
        (580, 600, 0.951_930_090_194, 0.977_801_852_094),
        (99_990, 100_000, 0.999_830_383_712, 0.999_945_744_973),
    ];

    #[test]
    fn bounds_are_those_of_scipy() {
        for (met, of, lower, upper) in BOUNDS {
            let share = Proportion::new(met, of);
            assert!((share.lower(0.95) - lower).abs() < 2e-9, "{share:?} {}", share.lower(0.95));
            assert!((share.upper(0.95) - upper).abs() < 2e-9, "{share:?} {}", share.upper(0.95));
        }
    }

    #[test]
    fn a_share_is_met_or_missed_only_where_that_is_shown() {
        let standing = |met, of| Proportion::new(met, of).standing(0.9, 0.95);
        assert_eq!(standing(30, 30), Standing::Meets);
        assert_eq!(standing(28, 28), Standing::Open, "0.9 to the 28th is above 0.05");
        assert_eq!(standing(29, 29), Standing::Meets);
        assert_eq!([29, 24].map(|met| standing(met, 30)), [Standing::Open; 2]);
        assert_eq!(standing(23, 30), Standing::Fails);
        assert_eq!(
            (standing(2, 3), standing(1, 3), standing(0, 0)),
            (Standing::Open, Standing::Fails, Standing::Open)
        );
    }

    #[test]
    fn how_many_runs_would_settle_it_is_known() {
        let settled = |met, of| Proportion::new(met, of).settled_by(0.9, 0.95);
        assert_eq!(settled(5, 5), Some(29));
        assert_eq!(settled(30, 30), Some(30), "they have");
        for (met, of) in [(29, 30), (24, 30), (3, 4)] {
            let runs = settled(met, of).unwrap();
            assert!(runs > of, "{met} of {of}");
            assert_ne!(standing_of(met * runs / of, runs), Standing::Open, "{met} of {of}");
        }
        assert_eq!(settled(27, 30), None, "nine of ten are neither more nor less than that");
    }

    fn standing_of(met: usize, of: usize) -> Standing {
        Proportion::new(met, of).standing(0.9, 0.95)
    }
}
