//! What is written of a plan: the curve as a table, everything as JSON, a page, all runs, and where it came from.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::{Doubt, Judgement, Neighbour, Part, Question, Search, Shape, Trial};
use crate::experiment::axis::shown;
use crate::experiment::comparison::apart;
use crate::experiment::results::{LEVEL, described, printed, range};
use crate::experiment::seeds_table::{Row, SEEDS_TABLE, write_rows};
use crate::experiment::{Axis, Proportion, Replication};
use crate::expression::Standing;
use crate::report::{InputFile, PLAN, REPORT, ReportError, Staging, digest, title};
use crate::units::SimTime;

/// Everything that is said of a plan.
pub struct PlanRecord<'a> {
    /// The version that made it.
    pub version: &'a str,
    /// The name of the scenario, from its metadata.
    pub scenario: &'a str,
    /// The variant, if one was chosen.
    pub variant: Option<&'a str>,
    /// The name of the scenario file among the inputs.
    pub scenario_file: &'a str,
    /// The end of each run.
    pub horizon: SimTime,
    /// The currency of all money.
    pub currency: &'a str,
    /// What was asked for.
    pub question: &'a Question,
    /// What was found.
    pub search: &'a Search,
    /// The scenario and all files that any point of it refers to.
    pub inputs: &'a [InputFile],
}

/// What came of a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It is the answer.
    Answer,
    /// It is shown to meet the constraints.
    Meets,
    /// Its runs leave open whether it does.
    Open,
    /// It is shown to miss one.
    Fails,
    /// It is dearer than the answer, so that no more runs were made of it.
    Dearer,
    /// It is no cheaper than the answer, where there is nothing else to judge by.
    NotCheaper,
    /// A run of it has no value of what is minimized.
    NoValue,
}

impl Outcome {
    pub(super) const ALL: [Self; 7] =
        [Self::Answer, Self::Meets, Self::Open, Self::Fails, Self::Dearer, Self::NotCheaper, Self::NoValue];

    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Answer => "answer",
            Self::Meets => "meets",
            Self::Open => "open",
            Self::Fails => "fails",
            Self::Dearer => "dearer",
            Self::NotCheaper => "not cheaper",
            Self::NoValue => "no value",
        }
    }
}

impl PlanRecord<'_> {
    /// Writes everything.
    pub fn write(&self, staging: &Staging) -> Result<(), ReportError> {
        staging.write_json("run.json", &self.run_json())?;
        for input in self.inputs {
            staging.write_input(input)?;
        }
        staging.write(SEEDS_TABLE, |sink| self.runs_csv(sink))?;
        staging.write("plan.csv", |sink| self.csv(sink))?;
        staging.write_json("plan.json", &self.json())?;
        staging.write("plan.md", |sink| sink.write_all(self.markdown().as_bytes()))?;
        staging.write(REPORT, |sink| self.page().write(sink))
    }

    pub(super) fn title(&self) -> String {
        title(self.scenario, self.variant)
    }

    fn run_json(&self) -> Value {
        let question = self.question;
        let constraints: Vec<&str> = question.constraints.iter().map(super::Constraint::text).collect();
        json!({
            "apiVersion": PLAN.0,
            "kind": PLAN.1,
            "version": self.version,
            "scenario": self.scenario,
            "variant": self.variant,
            "scenarioFile": format!("inputs/{}", self.scenario_file),
            "horizonSeconds": self.horizon.as_secs_f64(),
            "seeds": range(question.seeds),
            "vary": question.grid.axes().iter().map(Axis::text).collect::<Vec<_>>(),
            "minimize": question.objective.path,
            "subjectTo": constraints,
            "confidenceShare": question.share,
            "indifference": question.indifference,
            "scenarioDigest": format!("sha256:{}", digest(self.inputs)),
        })
    }

    pub(super) fn values(&self, place: usize) -> Vec<String> {
        self.question.grid.point(place).settings().iter().map(|(_, value)| shown(value)).collect()
    }

    /// Every figure of every run, behind the values of its point.
    fn runs_csv(&self, sink: &mut dyn Write) -> io::Result<()> {
        let heads: Vec<&str> = self.question.grid.axes().iter().map(Axis::path).collect();
        let of_trial = |(place, trial): (usize, &Trial)| {
            let row = |run: &Replication| {
                (self.values(place), Row::of(run.seed, run.finished.trace_hash, &run.summary))
            };
            trial.runs().iter().map(row).collect::<Vec<_>>()
        };
        let rows: Vec<_> = self.search.trials.iter().enumerate().flat_map(of_trial).collect();
        let rows: Vec<_> = rows.iter().map(|(values, row)| (values.clone(), row)).collect();
        write_rows(sink, &heads, &rows)
    }

    /// A row for each point.
    fn csv(&self, sink: &mut dyn Write) -> io::Result<()> {
        let mut table = csv::Writer::from_writer(sink);
        let heads = ["runs", "met", "share", "share_low", "share_high", "outcome"];
        let figure = ["mean", "sd", "low", "high", "pairs", "diff", "diff_low", "diff_high"];
        let axes = self.question.grid.axes().iter().map(Axis::path);
        table.write_record(axes.chain(heads).chain(figure))?;
        for (place, trial) in self.search.trials.iter().enumerate() {
            let level = self.question.level;
            let met = trial.met();
            let figure = trial.figure(self.question);
            let interval = figure.sample.interval(LEVEL);
            let above = self.search.answer.place.map(|answer| trial.above(&self.search.trials[answer]));
            let apart = above.as_ref().and_then(|above| above.interval);
            let cells = [
                trial.runs().len().to_string(),
                met.map(|met| met.met.to_string()).unwrap_or_default(),
                printed(met.and_then(Proportion::share)),
                printed(met.map(|met| met.lower(level))),
                printed(met.map(|met| met.upper(level))),
                self.outcome(place).to_owned(),
                printed(figure.sample.mean()),
                printed(figure.sample.sd()),
                printed(interval.map(|interval| interval.low)),
                printed(interval.map(|interval| interval.high)),
                above
                    .as_ref()
                    .and_then(|above| above.pairs)
                    .map(|pairs| pairs.to_string())
                    .unwrap_or_default(),
                printed(above.as_ref().and_then(|above| above.mean)),
                printed(apart.map(|interval| interval.low)),
                printed(apart.map(|interval| interval.high)),
            ];
            table.write_record(self.values(place).into_iter().chain(cells))?;
        }
        table.flush()
    }

    /// What came of a point.
    pub(super) fn came_of(&self, place: usize) -> Outcome {
        let trial = &self.search.trials[place];
        match trial.standing() {
            _ if self.search.answer.place == Some(place) => Outcome::Answer,
            Standing::Fails => Outcome::Fails,
            _ if trial.lacks_value() => Outcome::NoValue,
            _ if self.question.constraints.is_empty() && self.is_doubted(place) => Outcome::Open,
            _ if self.question.constraints.is_empty() => Outcome::NotCheaper,
            // What was neither run to the end nor keeps the answer from being certain was given up on the way.
            _ if !trial.is_complete(self.question) && !self.is_doubted(place) => Outcome::Dearer,
            Standing::Meets => Outcome::Meets,
            Standing::Open => Outcome::Open,
        }
    }

    /// The same in a word.
    fn outcome(&self, place: usize) -> &'static str {
        self.came_of(place).word()
    }

    fn json(&self) -> Value {
        let answer = &self.search.answer;
        let points = self.search.trials.iter().enumerate();
        json!({
            "scenario": self.scenario,
            "minimize": self.question.objective.path,
            "currency": self.currency,
            "seeds": range(self.question.seeds),
            "confidenceShare": self.question.share,
            "level": self.question.level,
            "indifference": self.question.indifference,
            "answer": answer.place.map(|place| self.settings(place)),
            "certain": answer.is_certain(),
            "doubts": answer.doubts.iter().map(|doubt| self.doubt_json(doubt)).collect::<Vec<_>>(),
            "neighbours": answer.neighbours.iter().map(|one| self.neighbour_json(one)).collect::<Vec<_>>(),
            "constraintsAlong": answer.shape.map(Shape::word),
            "constraintsAlongShown": answer.shape.map(|_| answer.is_shape_shown),
            "runs": self.search.runs(),
            "runsOfAll": self.question.exhaustive(),
            "points": points.map(|(place, trial)| self.point_json(place, trial)).collect::<Vec<_>>(),
        })
    }

    fn settings(&self, place: usize) -> Value {
        let settings = self.question.grid.point(place);
        Value::Object(settings.settings().iter().cloned().collect::<Map<String, Value>>())
    }

    fn doubt_json(&self, doubt: &Doubt) -> Value {
        let (place, about, seeds) = match doubt {
            Doubt::Unsettled { place, seeds } => (*place, "mayBreakConstraints", *seeds),
            Doubt::CheaperMayMeet { place, seeds } => (*place, "mayMeetConstraintsAndBeCheaper", *seeds),
            Doubt::MayBeCheaper { place } => (*place, "mayBeCheaper", None),
        };
        json!({"values": self.settings(place), "about": about, "seedsThatWouldSettleIt": seeds})
    }

    fn neighbour_json(&self, one: &Neighbour) -> Value {
        json!({
            "axis": self.question.grid.axes()[one.axis].path(),
            "values": self.settings(one.place),
            "outcome": self.outcome(one.place),
            "difference": apart(self.question.objective.path, &one.above),
        })
    }

    fn point_json(&self, place: usize, trial: &Trial) -> Value {
        let judged = trial.judgements(self.question, self.question.level);
        let constraint = |(one, judgement): (&super::Constraint, &Judgement)| {
            json!({
                "expression": one.text(),
                "standing": judgement.standing.word(),
                "met": judgement.met.map(|met| self.share(met)),
                "parts": judgement.parts.iter().map(|part| self.part(part)).collect::<Vec<_>>(),
            })
        };
        let constraints: Vec<Value> = self.question.constraints.iter().zip(&judged).map(constraint).collect();
        json!({
            "values": self.settings(place),
            "outcome": self.outcome(place),
            "runs": trial.runs().len(),
            "figure": described(self.question.objective.path, &trial.figure(self.question)),
            "constraints": constraints,
        })
    }

    fn part(&self, part: &Part) -> Value {
        json!({
            "expression": part.expression,
            "standing": part.standing.word(),
            "met": part.met.map(|met| self.share(met)),
            "withoutValue": part.without_value,
        })
    }

    fn share(&self, met: Proportion) -> Value {
        let level = self.question.level;
        json!({"runs": met.met, "of": met.of, "low": met.lower(level), "high": met.upper(level)})
    }
}
