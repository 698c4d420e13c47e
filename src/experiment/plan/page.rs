//! A plan as a page: the answer and how sure it is, the curve, what being one off costs, and cost against waiting.

use super::written::{Outcome, PlanRecord};
use super::{Neighbour, Question, Trial};
use crate::experiment::axis::shown;
use crate::experiment::comparison::table::mean_of;
use crate::experiment::page::{COST, MOST_DRAWN, Trade, Traded, WAITING, facts};
use crate::experiment::results::LEVEL;
use crate::experiment::scale::Scale;
use crate::experiment::{Axis, Interval, Proportion};
use crate::expression::Standing;
use crate::report::page::{Block, Cell, Check, Column, Page, Section, Table};
use crate::report::plot::{Ink, Mark, Range, Ranges, curve_svg, ranges_svg};
use crate::report::{counted, digest};

/// The most points of the table; plan.csv has the others.
const MOST_ROWS: usize = 300;

impl PlanRecord<'_> {
    /// The page.
    pub(super) fn page(&self) -> Page {
        let mut sections = vec![
            Section::new("asked", "What was asked", self.asked()),
            Section::new("answer", "The answer", self.answer()),
            Section::new("curve", self.along(), self.curve()),
        ];
        if !self.search.answer.neighbours.is_empty() {
            sections.push(Section::new("one-off", "One off", vec![self.one_off()]));
        }
        sections.push(Section::new("points", "Every point", vec![self.every_point()]));
        sections.extend(self.trade().front());
        sections.push(Section::new("provenance", "Where this comes from", vec![self.origin()]));
        let points = counted(self.question.grid.len(), "point");
        Page {
            kind: "Plan",
            title: self.title(),
            finding: self.finding(),
            circumstances: vec![
                format!("{points} with the seeds {}", self.question.seeds),
                self.effort(),
                format!("overspill {}", self.version),
            ],
            sections,
        }
    }

    /// The answer in a sentence, and whether it is certain.
    fn finding(&self) -> String {
        let path = self.question.objective.path;
        let Some(place) = self.search.answer.place else { return first_upper(&self.no_answer()) };
        let name = self.name(place);
        let which =
            if self.question.constraints.is_empty() { "" } else { " of all that meet the constraints" };
        let least = format!("the least {path}{which}, {}", self.mean_with_unit(place));
        if self.search.answer.is_certain() {
            format!(
                "{name} has {least}: certain with {} confidence",
                super::table::percent(self.question.level)
            )
        } else {
            format!("{name} may have {least}, which is not certain")
        }
    }

    /// `1.244660 ± 0.000023 USD`.
    fn mean_with_unit(&self, place: usize) -> String {
        let (unit, figure) = (self.question.objective.unit, self.search.trials[place].figure(self.question));
        let size = figure.sample.mean().unwrap_or(0.0);
        let name = Scale::of(unit, size, None).unit(unit, self.currency);
        format!("{} {name}", mean_of(&figure, unit, size)).trim_end().to_owned()
    }

    fn asked(&self) -> Vec<Block> {
        let Question { grid, objective, constraints, seeds, share, level, indifference } = self.question;
        let axes = grid.axes().iter().map(|axis| ("vary", axis.text().to_owned()));
        let subject_to = constraints.iter().map(|one| ("subject to", one.text().to_owned()));
        let percent = super::table::percent;
        let how = [
            ("seeds", seeds.to_string()),
            ("share of all runs that must meet them", percent(*share)),
            ("confidence, to one side", percent(*level)),
            ("difference that is worth nothing", percent(*indifference)),
        ];
        let sought = [("minimize", format!("{}, the mean over the seeds", objective.path))];
        vec![facts("What was to be found", axes.chain(sought).chain(subject_to).chain(how))]
    }

    fn answer(&self) -> Vec<Block> {
        let answer = &self.search.answer;
        let mut blocks = Vec::new();
        match answer.place {
            None => blocks.push(Block::Text(first_upper(&self.no_answer()) + ".")),
            Some(place) => {
                blocks.push(Block::Text(format!("{}: {}.", self.name(place), self.figures(place))));
                if !self.question.constraints.is_empty() {
                    blocks.push(Block::Checks(self.checks(place)));
                }
            }
        }
        let doubts = answer.doubts.iter().map(|doubt| first_upper(&self.doubt(doubt)) + ".");
        blocks.extend(doubts.map(Block::Text));
        blocks.push(Block::Text(format!("It took {}.", self.effort())));
        blocks
    }

    /// What the runs of a point show of each constraint.
    fn checks(&self, place: usize) -> Vec<Check> {
        let judged = self.search.trials[place].judgements(self.question, self.question.level);
        let check = |(one, judgement): (&super::Constraint, &super::Judgement)| Check {
            holds: match judgement.standing {
                Standing::Meets => Some(true),
                Standing::Open => None,
                Standing::Fails => Some(false),
            },
            word: judgement.standing.word(),
            expression: one.text().to_owned(),
            measured: judgement.met.map_or_else(|| "of the means".to_owned(), |met| self.of_runs(met)),
        };
        self.question.constraints.iter().zip(&judged).map(check).collect()
    }

    fn along(&self) -> &'static str {
        if self.question.grid.axes().len() == 1 { "Along the setting" } else { "Point beside point" }
    }

    /// The figure of every point, and how many of its runs meet the constraints.
    fn curve(&self) -> Vec<Block> {
        let places = self.points_shown(MOST_DRAWN);
        let axes = self.question.grid.axes();
        let drawn = |ranges: &Ranges| match axes {
            [axis] => curve_svg(ranges, axis.path()),
            _ => ranges_svg(ranges),
        };
        let of_runs = self.question.constraints.iter().any(super::Constraint::is_of_runs);
        let shares = of_runs.then(|| self.shares(&places));
        let pictures = [Some(self.curve_of_means(&places)), shares].into_iter().flatten();
        let pictures: Vec<String> = pictures.map(|ranges| Ink::follow_page(&drawn(&ranges))).collect();
        let mut blocks = Vec::new();
        if axes.len() > 1 {
            let paths = axes.iter().map(Axis::path).collect::<Vec<_>>().join(", ");
            blocks.push(Block::Text(format!("Points are named by their values of {paths}.")));
        }
        blocks.push(Block::Pictures(pictures));
        let left_out = self.search.trials.len() - places.len();
        if left_out > 0 {
            let left_out = counted(left_out, "point");
            let text = format!("Left out: {left_out}, of which no more runs were made than of these.");
            blocks.push(Block::Text(text));
        }
        let shape = self.search.answer.shape.map(|shape| first_upper(&self.shape(shape)) + ".");
        blocks.extend(shape.map(Block::Text));
        blocks
    }

    /// What `value` says of points, and the ends of its interval, each with the mark of what came of the point.
    fn ranges(
        &self,
        heading: String,
        places: &[usize],
        value: &dyn Fn(usize) -> (Option<f64>, Option<[f64; 2]>),
    ) -> Ranges {
        let party = |&place: &usize| {
            let (mean, ends) = value(place);
            Range { name: self.values(place).join(", "), mean, ends, mark: mark(self.came_of(place)) }
        };
        let seen = |outcome: &Outcome| places.iter().any(|&place| self.came_of(place) == *outcome);
        let key = Outcome::ALL.into_iter().filter(seen).map(|outcome| (mark(outcome), outcome.word()));
        Ranges { heading, parties: places.iter().map(party).collect(), baseline: None, key: key.collect() }
    }

    fn curve_of_means(&self, places: &[usize]) -> Ranges {
        let objective = self.question.objective;
        let figure = |place: usize| self.search.trials[place].figure(self.question).sample;
        let largest = places.iter().filter_map(|&place| figure(place).mean()).fold(0.0, f64::max);
        let scale = Scale::beside(objective.unit, largest, largest, None);
        self.ranges(self.with_unit(objective, largest), places, &|place| {
            let sample = figure(place);
            let ends = sample.interval(LEVEL).map(|Interval { low, high }| [low, high]);
            (
                sample.mean().map(|mean| scale.convert(mean)),
                ends.map(|ends| ends.map(|end| scale.convert(end))),
            )
        })
    }

    fn shares(&self, places: &[usize]) -> Ranges {
        let heading = "runs that meet the constraint that the fewest meet [%]".to_owned();
        self.ranges(heading, places, &|place| {
            let Some(met) = self.search.trials[place].met() else { return (None, None) };
            let ends = [met.lower(self.question.level), met.upper(self.question.level)];
            (met.share().map(|share| 100.0 * share), Some(ends.map(|end| 100.0 * end)))
        })
    }

    /// What being one step away costs or breaks.
    fn one_off(&self) -> Block {
        let row = |one: &Neighbour| {
            let axis = &self.question.grid.axes()[one.axis];
            let value = shown(&self.question.grid.point(one.place).settings()[one.axis].1);
            let breaks = self.breaks(one);
            let breaks = if breaks.is_empty() { "–".to_owned() } else { breaks };
            vec![
                Cell::new(format!("{}={value}", axis.path())),
                Cell::new(self.above(one)),
                Cell::new(one.above.pairs.unwrap_or(0).to_string()),
                Cell::new(breaks),
            ]
        };
        Block::Table(Table {
            caption: "With everything else as in the answer".to_owned(),
            columns: vec![
                Column::text("instead"),
                Column::figures("difference"),
                Column::figures("pairs of runs"),
                Column::text("constraints"),
            ],
            rows: self.search.answer.neighbours.iter().map(row).collect(),
            foot: None,
        })
    }

    fn every_point(&self) -> Block {
        let places = self.points_shown(MOST_ROWS);
        let columns = self.columns(&places);
        let (axes, objective) = (self.question.grid.axes().len(), self.question.objective);
        let figure = columns.len() - 2;
        let row = |(line, &place): (usize, &usize)| {
            let cell = |(column, cells): (usize, &Vec<String>)| {
                let text = &cells[line + 1];
                if column == figure {
                    let mean = self.search.trials[place].figure(self.question).sample.mean();
                    Cell::mean(objective.path, mean, text)
                } else {
                    Cell::new(text)
                }
            };
            columns.iter().enumerate().map(cell).collect()
        };
        let head = |(place, cells): (usize, &Vec<String>)| match cells[0].as_str() {
            "" => Column::text("outcome"),
            head if place < axes => Column::text(head.to_owned()),
            head => Column::figures(head.to_owned()),
        };
        let left_out = self.left_out(&places).map(|left_out| format!("; {left_out}")).unwrap_or_default();
        let [_, how] = self.heading();
        Block::Table(Table {
            caption: format!("{}{left_out}", how.trim_end_matches('.')),
            columns: columns.iter().enumerate().map(head).collect(),
            rows: places.iter().enumerate().map(row).collect(),
            foot: None,
        })
    }

    /// What each costs against how long its pods take to be ready, by the runs that were made of it.
    fn trade(&self) -> Trade<'_> {
        let party = |(place, trial): (usize, &Trial)| Traded {
            name: self.name(place),
            label: self.values(place).join(", "),
            cost: trial.figure_of(COST).sample.mean(),
            wait: trial.figure_of(WAITING).sample.mean(),
        };
        Trade {
            what: "point",
            currency: self.currency,
            parties: self.search.trials.iter().enumerate().map(party).collect(),
        }
    }

    fn origin(&self) -> Block {
        let inputs = counted(self.inputs.len(), "file");
        let told = [
            ("version", format!("overspill {}", self.version)),
            ("scenario", format!("inputs/{}", self.scenario_file)),
            ("variant", self.variant.unwrap_or("none").to_owned()),
            ("seeds", self.question.seeds.to_string()),
            ("inputs", format!("{inputs}, sha256:{}", digest(self.inputs))),
        ];
        facts("Every run can be repeated from inputs/; seeds.csv has its trace hash", told)
    }

    /// `30 of 30 runs, 90.5 % to 100 % of all`.
    pub(super) fn of_runs(&self, met: Proportion) -> String {
        format!("{} of {}, {} of all", met.met, counted(met.of, "run"), self.bounds(met))
    }
}

const fn mark(outcome: Outcome) -> Mark {
    match outcome {
        Outcome::Answer => Mark::Answer,
        Outcome::Meets => Mark::Meets,
        Outcome::Open => Mark::Open,
        Outcome::Fails => Mark::Fails,
        Outcome::Dearer | Outcome::NotCheaper | Outcome::NoValue => Mark::Dearer,
    }
}

/// The same as the beginning of a sentence.
fn first_upper(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
