//! Recorded timelines of the scheduling queue of kube-scheduler v1.34.1 (`q1`), replayed step by step.

#[path = "queue/actions.rs"]
mod actions;
#[path = "queue/world.rs"]
mod world;

use std::fmt;
use std::path::Path;

use overspill::scheduler::queue::Timer;
use overspill::units::{SimTime, Span};
use serde_json::{Value, json};

use crate::vectors::{Difference, files, narrow, read_vector};

use world::World;

/// What was compared.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// Timelines.
    pub(crate) timelines: usize,
    /// Steps of all timelines.
    pub(crate) steps: usize,
    /// Scheduling cycles of all steps.
    pub(crate) cycles: usize,
    /// Files of kinds that are not known.
    pub(crate) unknown: Vec<String>,
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { timelines, steps, cycles, unknown } = self;
        write!(f, "{timelines} timelines, {steps} steps, {cycles} cycles compared, none left out")?;
        if unknown.is_empty() { Ok(()) } else { write!(f, ", kinds left out: {}", unknown.join(", ")) }
    }
}

/// Compares every timeline of a folder; the first difference of each is returned with both sides.
pub(crate) fn check(dir: &Path) -> (Tally, Vec<Difference>) {
    let mut tally = Tally::default();
    let mut differences = Vec::new();
    for path in files(dir) {
        let data = read_vector(&path);
        if data["kind"] != "q1" {
            tally.unknown.push(path.display().to_string());
            continue;
        }
        let wanted = with_plain_numbers(&data["expected"]);
        let got = with_plain_numbers(&Replay::new(&data["timeline"]).run());
        let steps = wanted["steps"].as_array().expect("a timeline expects steps");
        tally.timelines += 1;
        tally.steps += steps.len();
        tally.cycles +=
            steps.iter().filter_map(|step| step["cycles"].as_array()).map(Vec::len).sum::<usize>();
        differences.extend(first_difference(&path, &wanted, &got));
    }
    (tally, differences)
}

/// The first step that differs, or what is bound at the end.
fn first_difference(path: &Path, wanted: &Value, got: &Value) -> Option<Difference> {
    let difference = |what: String, want: &Value, got: &Value| {
        let (what, want, got) = narrow(what, want, got);
        Some(Difference { file: path.display().to_string(), what, want, got })
    };
    let (want_steps, got_steps) = (wanted["steps"].as_array()?, got["steps"].as_array()?);
    for number in 0..want_steps.len().max(got_steps.len()) {
        let (want, got) = (&wanted["steps"][number], &got["steps"][number]);
        if want != got {
            return difference(format!("step {number} at {}", want["t"]), want, got);
        }
    }
    (wanted["bound"] != got["bound"])
        .then(|| difference("bound".to_owned(), &wanted["bound"], &got["bound"]))?
}

/// Every number as a float, so that 20 equals 20.0.
fn with_plain_numbers(value: &Value) -> Value {
    match value {
        Value::Number(number) => number.as_f64().map_or(Value::Null, Value::from),
        Value::Array(list) => list.iter().map(with_plain_numbers).collect(),
        Value::Object(map) => {
            map.iter().map(|(key, value)| (key.clone(), with_plain_numbers(value))).collect()
        }
        other => other.clone(),
    }
}

/// The instant at `value` seconds; recorded times are multiples of a millisecond.
fn instant(value: &Value) -> SimTime {
    SimTime::ZERO + Span::from_millis((value.as_f64().expect("a time in seconds") * 1000.0).round() as u64)
}

fn seconds(at: SimTime) -> Value {
    ((at.0 / 1_000_000) as f64 / 1000.0).into()
}

/// A timeline under way.
struct Replay<'a> {
    timeline: &'a Value,
    world: World,
    /// How long a cycle keeps the next one from starting.
    cycle: Span,
    /// When the next cycle may start.
    free: SimTime,
    steps: Vec<Value>,
}

impl<'a> Replay<'a> {
    fn new(timeline: &'a Value) -> Self {
        let cycle = Span::from_secs_f64(timeline["options"]["cycleSeconds"].as_f64().unwrap_or(0.0));
        Self { timeline, world: World::new(timeline), cycle, free: SimTime::ZERO, steps: Vec::new() }
    }

    /// Goes through all instants: at each the timers, the actions, and a cycle that had to wait for its start.
    fn run(mut self) -> Value {
        let actions = self.timeline["actions"].as_array().expect("a timeline has actions");
        let end = instant(&self.timeline["end"]);
        let mut upcoming = actions.iter().enumerate().peekable();
        let mut now = SimTime::ZERO;
        while now <= end {
            self.tick(now, Timer::BackoffCompleted, "flushBackoff", Span::from_secs(1));
            self.tick(now, Timer::UnschedulableLeftover, "flushLeftover", Span::from_secs(30));
            while let Some((number, action)) = upcoming.next_if(|(_, action)| instant(&action["t"]) == now) {
                self.act(now, number, action);
            }
            self.step(now, json!({"ev": "ready"}), false);
            let action = upcoming.peek().map(|(_, action)| instant(&action["t"]));
            let free = Some(self.free).filter(|&free| free > now);
            let tick = SimTime::from_secs(now.whole_secs() + 1);
            now = action.into_iter().chain(free).fold(tick, SimTime::min);
        }
        assert!(upcoming.next().is_none(), "an action stands after the end");
        json!({"steps": self.steps, "bound": self.world.bound()})
    }

    /// A timer ticks. The queue must have asked for exactly those ticks that move something.
    fn tick(&mut self, now: SimTime, timer: Timer, name: &str, period: Span) {
        if !now.0.is_multiple_of(period.0) {
            return;
        }
        let next = self.world.queue.next_timer(now).filter(|&(at, _)| at <= now);
        let before = self.world.state();
        self.world.queue.flush(timer, now);
        let moved = before != self.world.state();
        assert_eq!(
            moved,
            next.is_some_and(|(_, next)| next == timer),
            "{timer:?} at {now}: asked for {next:?}"
        );
        self.step(now, json!({"ev": name}), moved);
    }

    fn act(&mut self, now: SimTime, number: usize, action: &Value) {
        let mut step = json!({"ev": "action", "i": number});
        if !self.world.act(action, now) {
            step["noop"] = true.into();
        }
        self.step(now, step, true);
    }

    /// Runs cycles until the queue would block, and logs the step unless nothing was seen of it.
    fn step(&mut self, now: SimTime, mut step: Value, shown: bool) {
        step["t"] = seconds(now);
        if shown || step["ev"] != "ready" {
            step["after"] = self.world.state();
        }
        let mut cycles = Vec::new();
        while now >= self.free && self.world.queue.is_ready() {
            cycles.push(self.world.cycle(now));
            self.free = if self.cycle == Span::ZERO { self.free } else { now + self.cycle };
        }
        let ran = !cycles.is_empty();
        if ran {
            step["cycles"] = cycles.into();
            step["end"] = self.world.state();
        }
        if ran || shown {
            self.steps.push(step);
        }
    }
}
