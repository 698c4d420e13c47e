//! Shapes of traffic: what is left open filled in, what makes no sense told.

use indexmap::IndexMap;
use overspill_manifest::{JsonPath, code};

use super::Resolver;
use crate::scenario::file;
use crate::scenario::notation::{Duration, Percent};
use crate::traffic::{
    Bursts, Diurnal, FlashCrowd, Law, MarkovModulated, Noise, Poisson, Product, Ramp, Rate, Shape, Spike,
    State, Step,
};
use crate::units::{SimTime, Span};

/// The period of a diurnal rate.
const DAY: Span = Span::from_secs(24 * 3600);

/// How long a factor of noise holds.
const NOISE_EVERY: Span = Span::from_secs(60);

/// The interval of Poisson numbers.
const POISSON_EVERY: Span = Span::from_secs(1);

/// The most draws of one shape: each takes room, and a shape with more bends than that is hardly meant.
const MOST_DRAWS: f64 = 10_000_000.0;

impl Resolver<'_> {
    /// The shape at `path`, whose rates are all within reason.
    pub(super) fn traffic_shape(&mut self, path: &JsonPath, given: &file::Shape) -> Option<Shape> {
        let shape = self.shape(path, given)?;
        let peak = shape.peak();
        if peak <= Rate::HIGHEST {
            return Some(shape);
        }
        let message = format!("the rate may come to {peak}, and no rate is above {}", Rate::HIGHEST);
        let help = "in a product the shapes are numbers per second: a factor of 2/s doubles the others";
        self.say_with_help(&code::DO_NOT_FIT, path, message, Some(help.to_owned()));
        None
    }

    fn shape(&mut self, path: &JsonPath, given: &file::Shape) -> Option<Shape> {
        use file::Shape as Given;
        Some(match given {
            Given::Constant(rate) => Shape::Constant(rate.0),
            Given::Step { at, from, to } => Shape::Step(Step { at: time(*at), before: from.0, after: to.0 }),
            Given::Ramp { from, to, start, end } if start.0 <= end.0 => {
                let over = end.0 - start.0;
                Shape::Ramp(Ramp { at: time(*start), over, before: from.0, after: to.0 })
            }
            Given::Ramp { .. } => {
                self.say(&code::DO_NOT_FIT, &path.key("ramp").key("end"), "must not lie before `start`");
                return None;
            }
            Given::Spike { at, rise, hold, decay, peak, base } => Shape::Spike(Spike {
                at: time(*at),
                rise: rise.0,
                hold: hold.0,
                decay: decay.0,
                base: base.map_or(Rate::ZERO, |base| base.0),
                peak: peak.0,
            }),
            Given::Diurnal(diurnal) => self.diurnal(&path.key("diurnal"), diurnal)?,
            Given::FlashCrowd(crowd) => self.flash_crowd(&path.key("flashCrowd"), crowd)?,
            Given::Bursts(bursts) => self.bursts(&path.key("bursts"), bursts)?,
            Given::MarkovModulated { states } => {
                let path = path.key("markovModulated").key("states");
                self.markov_modulated(&path, states)?
            }
            Given::Noise { of, deviation, every } => {
                let path = path.key("noise");
                let of = self.shape(&path.key("of"), of);
                let deviation = self.share(&path.key("deviation"), *deviation);
                let every = self.interval(&path.key("every"), *every, NOISE_EVERY);
                Shape::Noise(Noise { of: Box::new(of?), deviation: deviation?, every: every? })
            }
            Given::Poisson { of, every } => {
                let path = path.key("poisson");
                let of = self.shape(&path.key("of"), of);
                let every = self.interval(&path.key("every"), *every, POISSON_EVERY);
                Shape::Poisson(Poisson { of: Box::new(of?), every: every? })
            }
            Given::Trace(trace) => self.trace(&path.key("trace"), trace)?,
            Given::Sum(shapes) => Shape::Sum(self.all_shapes(&path.key("sum"), shapes)?),
            Given::Product(shapes) => Shape::Product(Product(self.all_shapes(&path.key("product"), shapes)?)),
        })
    }

    /// All shapes of a list; everything that is wrong with any of them is told.
    fn all_shapes(&mut self, path: &JsonPath, shapes: &[file::Shape]) -> Option<Vec<Shape>> {
        let each = shapes.iter().enumerate();
        let each = each.map(|(index, shape)| self.shape(&path.index(index), shape));
        each.collect::<Vec<_>>().into_iter().collect()
    }

    fn diurnal(&mut self, path: &JsonPath, given: &file::Diurnal) -> Option<Shape> {
        let amplitude = self.share(&path.key("amplitude"), given.amplitude);
        let period =
            self.longer_than_nothing(&path.key("period"), given.period.map_or(DAY, |period| period.0))?;
        let peak_at = given.peak_at.map_or(SimTime(period.0 / 2), time);
        Some(Shape::Diurnal(Diurnal { mean: given.mean.0, amplitude: amplitude?, period, peak_at }))
    }

    fn flash_crowd(&mut self, path: &JsonPath, given: &file::FlashCrowd) -> Option<Shape> {
        Some(Shape::FlashCrowd(FlashCrowd {
            at: time(given.at),
            rise: given.rise.map_or(Span::ZERO, |rise| rise.0),
            hold: given.hold.map_or(Span::ZERO, |hold| hold.0),
            half_life: self.longer_than_nothing(&path.key("halfLife"), given.half_life.0)?,
            base: given.base.map_or(Rate::ZERO, |base| base.0),
            peak: given.peak.0,
        }))
    }

    fn bursts(&mut self, path: &JsonPath, given: &file::Bursts) -> Option<Shape> {
        let arrivals = given.arrivals.0;
        if arrivals == Rate::ZERO {
            self.say(
                &code::DO_NOT_FIT,
                &path.key("arrivals"),
                "must be more than 0/s: without it no burst comes",
            );
            return None;
        }
        let bursts = Bursts {
            base: given.base.map_or(Rate::ZERO, |base| base.0),
            height: given.height.0,
            every: Span::from_secs_f64(1.0 / arrivals.0),
            lasts: given.lasts.0,
        };
        self.refuse_many_draws(&path.key("arrivals"), bursts.expected(self.end()))?;
        Some(Shape::Bursts(bursts))
    }

    fn markov_modulated(&mut self, path: &JsonPath, given: &IndexMap<String, file::State>) -> Option<Shape> {
        if given.len() < 2 {
            let message = "must be at least two states: one alone is a `constant`";
            self.say(&code::DO_NOT_FIT, path, message);
            return None;
        }
        let mut states = Vec::new();
        for (name, state) in given {
            let lasts = self.longer_than_nothing(&path.key(name).key("lasts"), state.lasts.0);
            states.extend(lasts.map(|lasts| State { rate: state.rate.0, lasts }));
        }
        let chain = (states.len() == given.len()).then_some(MarkovModulated { states })?;
        self.refuse_many_draws(path, chain.expected(self.end()))?;
        Some(Shape::MarkovModulated(chain))
    }

    /// A share from nothing to all.
    fn share(&mut self, path: &JsonPath, given: Percent) -> Option<f64> {
        if given.0 <= 1.0 {
            return Some(given.0);
        }
        self.say(&code::DO_NOT_FIT, path, "must be between 0% and 100%");
        None
    }

    /// A length of time that is given or usual, and not nothing; intervals of it fill the run.
    fn interval(&mut self, path: &JsonPath, given: Option<Duration>, usual: Span) -> Option<Span> {
        let every = self.longer_than_nothing(path, given.map_or(usual, |given| given.0))?;
        self.refuse_many_draws(path, self.end().as_secs_f64() / every.as_secs_f64())?;
        Some(every)
    }

    /// Nothing, if so many draws are too many, which is told.
    fn refuse_many_draws(&mut self, path: &JsonPath, draws: f64) -> Option<()> {
        if draws <= MOST_DRAWS {
            return Some(());
        }
        let message =
            format!("this makes {draws:.0} changes within the horizon, and {MOST_DRAWS} are the most");
        self.say(&code::DO_NOT_FIT, path, message);
        None
    }

    fn end(&self) -> SimTime {
        SimTime(self.spec().horizon.0.0)
    }
}

fn time(given: Duration) -> SimTime {
    SimTime(given.0.0)
}
