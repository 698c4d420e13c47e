//! Waiting for one of several cores.

/// What requests meet at a pod.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Queue {
    /// The cores that requests wait for; infinitely many where there is always one.
    pub cores: f64,
    /// Cores in use in the mean, above zero: requests per second times their mean cpu time.
    pub busy: f64,
    /// The mean cpu time of a request in seconds.
    pub service_s: f64,
    /// The squared coefficient of variation of cpu times.
    pub cv_squared: f64,
}

/// How long requests wait for a core.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Wait {
    /// As long as anybody waits: the queue is full.
    Full,
    /// Some of them, for an exponential time.
    Exponential {
        /// How many of them, as a share.
        share: f64,
        /// The mean in seconds of those who do.
        mean_s: f64,
    },
}

/// Where an inverse of Erlang's B is so large, practically nobody waits.
const NEGLIGIBLE: f64 = 1e15;
/// A queue whose cores are used up to so little is full.
const SATURATED: f64 = 1.0 - 1e-9;

impl Queue {
    /// How much longer a request takes than its cpu time, without a wait: more than 1 if there is less than a core.
    pub fn stretch(&self) -> f64 {
        if self.cores < 1.0 { 1.0 / self.cores } else { 1.0 }
    }

    /// The wait for a core.
    pub fn wait(&self) -> Wait {
        if self.busy >= self.cores * SATURATED {
            return Wait::Full;
        }
        // Less than one core is a slow one, which is in use for as much longer.
        let stretch = self.stretch();
        let (cores, busy) = (self.cores.max(1.0), self.busy * stretch);
        let share = erlang_c(cores, busy);
        let mean_s = f64::midpoint(1.0, self.cv_squared) * self.service_s * stretch / (cores - busy);
        Wait::Exponential { share, mean_s }
    }
}

/// Erlang's C, the share of requests that wait: for at least one core, not all of which are in use.
fn erlang_c(cores: f64, busy: f64) -> f64 {
    1.0 / (1.0 + (inverse_erlang_b(cores, busy) - 1.0) * (1.0 - busy / cores))
}

/// The inverse of Erlang's B by its recursion, which only rises.
fn inverse_erlang_b(cores: f64, busy: f64) -> f64 {
    let fraction = cores.fract();
    let mut inverse = libm::pow(1.0 + 1.0 / busy, fraction);
    let mut server = fraction;
    while server + 0.5 < cores && inverse < NEGLIGIBLE {
        server += 1.0;
        inverse = 1.0 + server / busy * inverse;
    }
    inverse
}
