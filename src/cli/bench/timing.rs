//! Running scenarios again and again to see how long they take.

use std::time::{Duration, Instant};

use super::benchmark::{Benchmark, Machine, Timed, Times, Work};
use crate::cli::performance::peak_memory;
use crate::clock::{Calibration, cpu_time, since};
use crate::experiment::measure_into;
use crate::simulation::Scenario;

/// How long one measurement lasts at least: many runs of a small scenario, so that a disturbance is a small part of it.
const LEAST: Duration = Duration::from_millis(100);
/// Steps of the calibration loop: about a tenth of a second too.
const CALIBRATION_STEPS: usize = 5_000_000;

/// A scenario that is measured.
pub(super) struct Subject {
    /// The name that it is known by.
    pub(super) name: String,
    pub(super) scenario: Scenario,
}

/// Measures every subject so many times, in turns, so that a time in which the machine was slow is nobody's alone.
/// `progress` is told after each turn.
pub(super) fn measure(subjects: &[Subject], repeat: u32, progress: &mut dyn FnMut()) -> Benchmark {
    let mut timed: Vec<Timed> = subjects.iter().map(begun).collect();
    let mut calibration = Times::default();
    for _ in 0..repeat {
        // Made anew, so that its memory is not there beside that of a run.
        calibration.push(Calibration::new().time(CALIBRATION_STEPS));
        for (subject, timed) in subjects.iter().zip(&mut timed) {
            let (cpu, wall) = time(subject, &timed.work);
            timed.cpu_seconds.push(cpu);
            timed.wall_seconds.push(wall);
        }
        progress();
    }
    Benchmark::new(Machine::here(), calibration, timed, peak_memory())
}

/// The first run, which is not timed: it says what all of them do, and warms up caches.
fn begun(subject: &Subject) -> Timed {
    Timed {
        name: subject.name.clone(),
        work: run(subject),
        cpu_seconds: Times::default(),
        wall_seconds: Times::default(),
    }
}

/// The processor time and the wall time of one run, in the mean over as many as it takes.
///
/// # Panics
/// If a run does anything else than the first.
#[expect(clippy::disallowed_methods, reason = "runs are timed from outside")]
fn time(subject: &Subject, work: &Work) -> (Duration, Duration) {
    let (begin, cpu_begin) = (Instant::now(), cpu_time());
    let mut runs = 0;
    while runs == 0 || since(cpu_begin) < LEAST {
        assert!(run(subject) == *work, "{}: a repeated run does the same", subject.name);
        runs += 1;
    }
    (since(cpu_begin) / runs, begin.elapsed() / runs)
}

fn run(subject: &Subject) -> Work {
    let seed = subject.scenario.default_seed;
    let (measured, ()) = measure_into(&subject.scenario, seed, (), &mut |_| {});
    let number = |path: &str| measured.observation.summary.number(path) as u64;
    Work {
        seed,
        events: measured.finished.events,
        pods: number("pods.created"),
        attempts: number("scheduler.attempts"),
        decisions: number("scheduler.decisions"),
        trace_hash: format!("{:016x}", measured.finished.trace_hash),
    }
}
