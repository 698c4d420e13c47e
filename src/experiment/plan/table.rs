//! A plan for people: the curve, the answer, what being one off costs, and what is not certain; as text and as Markdown.

use std::cmp::Reverse;
use std::fmt::Write as _;

use super::written::{Outcome, PlanRecord};
use super::{Doubt, Judgement, Neighbour, Part, Shape, Trial};
use crate::experiment::axis::shown;
use crate::experiment::comparison::table::{in_words, mean_of};
use crate::experiment::results::LEVEL;
use crate::experiment::scale::with_unit;
use crate::experiment::{Figure, Proportion, Seeds};
use crate::expression::Standing;
use crate::metric::{Metric, PER_MONTH, find};
use crate::report::columns::set_in;
use crate::report::counted;
use crate::report::markdown::escaped;

/// The most points that are shown.
const POINTS_SHOWN: usize = 40;

impl PlanRecord<'_> {
    /// What is printed.
    pub fn text(&self) -> String {
        let places = self.points_shown(POINTS_SHOWN);
        let columns = self.columns(&places);
        let mut text = format!("{}\n\n{}", self.heading().join("\n"), set_in(&columns));
        let left_out = self.left_out(&places).map(|left_out| format!("  {left_out}\n")).unwrap_or_default();
        let _ = writeln!(text, "{left_out}\n{}", self.conclusion(&str::to_owned).join("\n"));
        text
    }

    /// The same as Markdown, the answer first.
    pub(super) fn markdown(&self) -> String {
        let [what, how] = self.heading();
        let mut text = format!("### {}\n\n", escaped(&what));
        for line in self.conclusion(&escaped) {
            let item =
                line.strip_prefix("  ").map_or_else(|| format!("* {line}"), |inner| format!("  * {inner}"));
            let _ = writeln!(text, "{item}");
        }
        let _ = writeln!(text, "\n{}\n", escaped(&how));
        let places = self.points_shown(POINTS_SHOWN);
        let columns = self.columns(&places);
        for line in 0..columns[0].len() {
            let cells: Vec<String> = columns.iter().map(|column| escaped(&column[line])).collect();
            let _ = writeln!(text, "| {} |", cells.join(" | "));
            if line == 0 {
                let _ = writeln!(text, "|{}", "---|".repeat(columns.len()));
            }
        }
        if let Some(left_out) = self.left_out(&places) {
            let _ = writeln!(text, "\n{left_out}.");
        }
        text
    }

    /// What is sought, and how to read what was found.
    pub(super) fn heading(&self) -> [String; 2] {
        let question = self.question;
        let points = counted(question.grid.len(), "point");
        let what = format!(
            "{}: the least {} of {points} with the seeds {}",
            self.title(),
            question.objective.path,
            question.seeds
        );
        let how = format!("{}; means ± half-widths of {} intervals.", self.demand(), percent(LEVEL));
        [what, how]
    }

    /// When constraints count as met.
    fn demand(&self) -> String {
        let question = self.question;
        let (share, level) = (percent(question.share), percent(question.level));
        if question.constraints.is_empty() {
            "There are no constraints".to_owned()
        } else if question.constraints.iter().any(super::Constraint::is_of_runs) {
            format!("Constraints are to be met by {share} of all runs, shown with {level} confidence")
        } else {
            format!("Constraints are to be met by means over all runs, shown with {level} confidence")
        }
    }

    /// At most so many points, in order: the answer, and of many those that were run most often.
    pub(super) fn points_shown(&self, most: usize) -> Vec<usize> {
        let trials = &self.search.trials;
        let mut places: Vec<usize> = (0..trials.len()).collect();
        places.sort_by_key(|&place| {
            (self.search.answer.place != Some(place), Reverse(trials[place].runs().len()))
        });
        places.truncate(most);
        places.sort_unstable();
        places
    }

    /// What is told of the points that are not shown.
    pub(super) fn left_out(&self, places: &[usize]) -> Option<String> {
        let others = self.search.trials.len() - places.len();
        (others > 0).then(|| format!("{} in plan.csv", counted(others, "more point")))
    }

    /// The table of some points, column by column: the settings, runs, constraints, the figure, and what came of it.
    pub(super) fn columns(&self, places: &[usize]) -> Vec<Vec<String>> {
        let (question, trials) = (self.question, &self.search.trials);
        let column = |head: String, cell: &dyn Fn(usize) -> String| -> Vec<String> {
            [head].into_iter().chain(places.iter().map(|&place| cell(place))).collect()
        };
        let axes = question.grid.axes().iter().enumerate();
        let mut columns: Vec<Vec<String>> = axes
            .map(|(axis, about)| {
                let value = |place: usize| shown(&question.grid.point(place).settings()[axis].1);
                column(about.path().to_owned(), &value)
            })
            .collect();
        columns.push(column("runs".to_owned(), &|place| trials[place].runs().len().to_string()));
        if question.constraints.iter().any(super::Constraint::is_of_runs) {
            let met = |place: usize, told: &dyn Fn(Proportion) -> String| {
                trials[place].met().map(told).unwrap_or_default()
            };
            columns.push(column("meet".to_owned(), &|place| met(place, &|met| met.met.to_string())));
            columns.push(column("of all runs".to_owned(), &|place| met(place, &|met| self.bounds(met))));
        }
        let figures: Vec<_> = trials.iter().map(|trial| trial.figure(question)).collect();
        let largest = places.iter().filter_map(|&place| figures[place].sample.mean()).fold(0.0, f64::max);
        let objective = question.objective;
        let head = self.with_unit(objective, largest);
        columns.push(column(head, &|place| mean(&figures[place], objective, largest)));
        columns.push(column(String::new(), &|place| self.word(place).to_owned()));
        columns
    }

    /// A figure's path, and the unit that it is printed in where the largest is that large.
    pub(super) fn with_unit(&self, metric: &Metric, largest: f64) -> String {
        with_unit(metric, largest, self.currency)
    }

    /// Between which shares the true one lies, each end by itself with the confidence that was asked for.
    pub(super) fn bounds(&self, met: Proportion) -> String {
        let (low, high) = (met.lower(self.question.level), met.upper(self.question.level));
        format!("{} to {}", percent(low), percent(high))
    }

    /// What came of a point.
    fn word(&self, place: usize) -> &'static str {
        match self.came_of(place) {
            Outcome::Answer if self.search.answer.is_certain() => "the answer",
            Outcome::Answer => "the answer?",
            outcome => outcome.word(),
        }
    }

    /// Whether it keeps the answer from being certain.
    pub(super) fn is_doubted(&self, place: usize) -> bool {
        self.search.answer.doubts.iter().any(|doubt| doubt.place() == place)
    }

    /// What was found; lines that belong to the one before begin with two spaces.
    fn conclusion(&self, written: &dyn Fn(&str) -> String) -> Vec<String> {
        let answer = &self.search.answer;
        let mut lines = Vec::new();
        match answer.place {
            None => lines.push(self.no_answer()),
            Some(place) => {
                let certain = if answer.is_certain() { "" } else { ", which is not certain" };
                lines.push(format!("answer: {}{certain}", written(&self.name(place))));
                lines.push(format!("  {}", written(&self.figures(place))));
                let judged = self.search.trials[place].judgements(self.question, self.question.level);
                let told = |(one, text): (&Judgement, &str)| {
                    format!("  {}", written(&self.judged(place, one, text)))
                };
                let texts = self.question.constraints.iter().map(super::Constraint::text);
                lines.extend(judged.iter().zip(texts).map(told));
            }
        }
        lines.extend(answer.doubts.iter().map(|doubt| format!("  ? {}", written(&self.doubt(doubt)))));
        if !answer.neighbours.is_empty() {
            lines.push("one off:".to_owned());
        }
        lines.extend(answer.neighbours.iter().map(|one| format!("  {}", written(&self.beside(one)))));
        lines.extend(answer.shape.map(|shape| self.shape(shape)));
        lines.push(self.effort());
        lines
    }

    /// How many runs were made, of how many.
    pub(super) fn effort(&self) -> String {
        let (made, all) = (self.search.runs(), self.question.exhaustive());
        let share = 100.0 * made as f64 / all as f64;
        let made = counted(made, "run");
        format!("{made} of the {all} that every point with every seed would take ({share:.0} %)")
    }

    /// Why there is none.
    pub(super) fn no_answer(&self) -> String {
        if self.search.trials.iter().all(|trial| trial.standing() == Standing::Fails) {
            return "no answer: no point meets the constraints".to_owned();
        }
        let path = self.question.objective.path;
        format!(
            "no answer: no point that may meet the constraints has a certain value of {path} in every run"
        )
    }

    /// The settings of a point.
    pub(super) fn name(&self, place: usize) -> String {
        self.question.grid.point(place).to_string()
    }

    /// What an answer costs, by the month too where that is known.
    pub(super) fn figures(&self, place: usize) -> String {
        let trial = &self.search.trials[place];
        let objective = self.question.objective;
        let mean = |path: &str| self.mean_named(trial, path);
        let month = (objective.path != PER_MONTH).then(|| mean(PER_MONTH)).flatten();
        mean(objective.path).into_iter().chain(month).collect::<Vec<_>>().join(", ")
    }

    /// `cost.total [USD] = 21.4 ± 0.6`; `None` if no run has a value.
    fn mean_named(&self, trial: &Trial, path: &str) -> Option<String> {
        let metric = find(path)?;
        let figure = trial.figure_of(path);
        let largest = figure.sample.mean()?;
        Some(format!("{} = {}", self.with_unit(metric, largest), mean(&figure, metric, largest)))
    }

    /// The means that a part of a constraint looks at.
    fn means(&self, trial: &Trial, part: &Part) -> String {
        let named =
            |path: &String| self.mean_named(trial, path).unwrap_or_else(|| format!("no value of {path}"));
        part.metrics.iter().map(named).collect::<Vec<_>>().join(", ")
    }

    /// What leaves it open whether a point meets the constraints: so many runs, and means; behind them comes `verbs`,
    /// for one run, for several, and for means.
    fn evidence(&self, place: usize, verbs: [&str; 3]) -> String {
        let trial = &self.search.trials[place];
        let (share, level) = (self.question.share, self.question.level);
        let judged = trial.judgements(self.question, level);
        let is_open = |met: Proportion| met.standing(share, level) == Standing::Open;
        let is_of_runs = judged.iter().any(|one| one.met.is_some_and(is_open));
        let met = trial.met().filter(|_| is_of_runs).map(|met| {
            let verb = if met.of == 1 { verbs[0] } else { verbs[1] };
            format!("{} of {}{verb}", met.met, counted(met.of, "run"))
        });
        let means = judged.iter().flat_map(Judgement::open_means);
        let means =
            means.map(|part| format!("{} against {}{}", self.means(trial, part), part.expression, verbs[2]));
        met.into_iter().chain(means).collect::<Vec<_>>().join(", ")
    }

    /// `✓ CONSTRAINT (30 of 30 runs, 90.5 % to 100 % of all)`.
    fn judged(&self, place: usize, one: &Judgement, text: &str) -> String {
        let mark = match one.standing {
            Standing::Meets => '✓',
            Standing::Open => '?',
            Standing::Fails => '✗',
        };
        let of_runs = one
            .met
            .map(|met| format!("{} of {}, {} of all", met.met, counted(met.of, "run"), self.bounds(met)));
        let of_means = one.parts.iter().filter(|part| part.met.is_none());
        let of_means = of_means.map(|part| self.means(&self.search.trials[place], part));
        format!("{mark} {text} ({})", of_runs.into_iter().chain(of_means).collect::<Vec<_>>().join("; "))
    }

    pub(super) fn doubt(&self, doubt: &Doubt) -> String {
        let settle = |seeds: &Option<usize>| match seeds {
            Some(seeds) => {
                let first = self.question.seeds.first();
                let seeds = Seeds::new(first, first.saturating_add(*seeds as u64 - 1));
                let seeds = seeds.map(|seeds| format!("--seeds {seeds}")).unwrap_or_default();
                format!("; {seeds} would settle it if as large a part of them met it")
            }
            None => "; nobody can say how many seeds would settle it".to_owned(),
        };
        match doubt {
            Doubt::Unsettled { place, seeds } => {
                let not = [" does", " do", " does"]
                    .map(|verb| format!("{verb} not show that it meets the constraints"));
                let evidence = self.evidence(*place, not.each_ref().map(String::as_str));
                format!("{evidence}{}", settle(seeds))
            }
            Doubt::CheaperMayMeet { place, seeds } => {
                let evidence = self.evidence(*place, [" does", " do", ""]);
                format!("{} may be cheaper and meet them too: {evidence}{}", self.name(*place), settle(seeds))
            }
            Doubt::MayBeCheaper { place } if self.search.trials[*place].mean().is_none() => {
                let path = self.question.objective.path;
                format!(
                    "{} may be cheaper: {path} was cut short in a run, and is a lower bound",
                    self.name(*place)
                )
            }
            Doubt::MayBeCheaper { place } => {
                let margin = percent(self.question.indifference);
                let name = self.name(*place);
                format!(
                    "{name} may be cheaper by more than {margin}: more seeds would tell, or a larger --indifference"
                )
            }
        }
    }

    /// What a neighbour breaks, and what it costs more.
    fn beside(&self, one: &Neighbour) -> String {
        let breaks = self.breaks(one);
        let breaks = if breaks.is_empty() { breaks } else { format!("{breaks}, ") };
        let runs = counted(one.above.pairs.unwrap_or(0), "pair");
        format!("{}: {breaks}{}, of {runs}", self.name(one.place), self.above(one))
    }

    /// What a neighbour breaks; empty where that is nothing.
    pub(super) fn breaks(&self, one: &Neighbour) -> String {
        let trial = &self.search.trials[one.place];
        match self.came_of(one.place) {
            Outcome::Fails => self.broken(trial),
            Outcome::Open => {
                let evidence = self.evidence(one.place, [" meets it", " meet it", ""]);
                format!("may break a constraint ({evidence})")
            }
            _ => String::new(),
        }
    }

    /// What a neighbour costs more.
    pub(super) fn above(&self, one: &Neighbour) -> String {
        let objective = self.question.objective;
        let largest = one.above.mean.map_or(0.0, f64::abs);
        let by = in_words(&one.above, objective.unit, largest);
        let by = if by == "none" { "as much".to_owned() } else { by };
        format!("{} {by}", self.with_unit(objective, largest))
    }

    /// Which constraints a point breaks.
    fn broken(&self, trial: &Trial) -> String {
        let judged = trial.judgements(self.question, self.question.level);
        let broken = judged.iter().filter(|one| one.standing == Standing::Fails);
        let parts = broken.flat_map(|one| {
            // Where no part fails by itself, they do so together.
            let alone = one.parts.iter().filter(|part| part.standing == Standing::Fails).collect::<Vec<_>>();
            if alone.is_empty() { one.parts.iter().collect() } else { alone }
        });
        let told = parts.map(|part| match part.met {
            Some(met) => {
                let unknown = match part.without_value {
                    0 => String::new(),
                    runs => format!(", without a certain value in {runs}"),
                };
                let verb = if met.of == 1 { "meets" } else { "meet" };
                let of = counted(met.of, "run");
                format!("{} ({} of {of} {verb} it{unknown})", part.expression, met.met)
            }
            None => format!("{} ({})", part.expression, self.means(trial, part)),
        });
        format!("breaks {}", told.collect::<Vec<_>>().join(" and "))
    }

    pub(super) fn shape(&self, shape: Shape) -> String {
        let path = self.question.grid.axes()[0].path();
        let what = match shape {
            Shape::Met => "are met by every value",
            Shape::Missed => "are met by no value",
            Shape::Rising => "are met from some value on, and by every later one",
            Shape::Falling => "are met up to some value, and by no later one",
            Shape::NotMonotone => "are met, missed and met again, or the other way round",
        };
        let shown = if self.search.answer.is_shape_shown { "" } else { ", as far as was run" };
        format!("along {path} the constraints {what}{shown}")
    }
}

/// A mean with its half-width, and whether that says less than it seems to.
fn mean(figure: &Figure, metric: &Metric, size: f64) -> String {
    let mean = mean_of(figure, metric.unit, size);
    let rough = if figure.is_approximate(metric.path) { " (approximate)" } else { "" };
    format!("{mean}{rough}")
}

/// A share, with as many places as tell it from the whole.
pub(super) fn percent(share: f64) -> String {
    let places = usize::from(share > 0.0 && share < 1.0 && (share * 100.0).fract().abs() > 1e-9);
    format!("{:.places$} %", share * 100.0)
}
