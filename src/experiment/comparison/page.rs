//! A comparison as a page: conditions, differences with their intervals, and cost against waiting.

use super::table::{Block as Measure, measured};
use super::written::ComparisonRecord;
use super::{Difference, Mark};
use crate::experiment::page::{COST, Trade, Traded, WAITING, facts};
use crate::experiment::results::LEVEL;
use crate::experiment::scale::Scale;
use crate::metric::{Metric, find};
use crate::report::digest;
use crate::report::page::{Block, Cell, Check, Column, Fold, Page, Row, Section, Table};
use crate::report::plot::{Ink, Mark as Marked, Range, Ranges, ranges_svg};

impl ComparisonRecord<'_> {
    /// The page.
    pub(super) fn page(&self) -> Page {
        let (measures, equal) = self.blocks();
        let [what, means, words] = self.heading();
        let mut sections = vec![Section::new("asked", "What was compared", self.asked(&means, &words))];
        if !self.conditions.is_empty() {
            sections.push(Section::new("conditions", "Conditions", vec![self.checks()]));
        }
        let mut differences = vec![];
        if !measures.is_empty() {
            let pictures =
                measures.iter().map(|measure| Ink::follow_page(&ranges_svg(&self.ranges(measure.path))));
            differences.push(Block::Pictures(pictures.collect()));
            differences.push(Block::Table(self.differences(&measures)));
        }
        if !equal.is_empty() {
            differences.push(Block::Text(format!("Equal with every seed: {}.", equal.join(", "))));
        }
        differences.extend(self.caveat().map(Block::Text));
        sections.push(Section::new("differences", "Differences", differences));
        let trade = self.trade();
        sections.extend(trade.front());
        sections.push(Section::new("figures", "All figures", vec![self.all_figures()]));
        sections.push(Section::new("provenance", "Where this comes from", vec![self.origin()]));
        let (_, finding) = what.split_once(": ").unwrap_or(("", &what));
        Page {
            kind: "Comparison",
            title: self.title(),
            finding: trade.finding().unwrap_or_else(|| finding.to_owned()),
            circumstances: vec![finding.to_owned(), format!("overspill {}", self.version)],
            sections,
        }
    }

    fn asked(&self, means: &str, words: &str) -> Vec<Block> {
        let rows = self.cases.iter().enumerate().map(|(place, case)| {
            let against = self.comparison.baseline_of(place).map_or("–", |party| &party.name);
            vec![
                Cell::new(&case.name),
                Cell::new(&case.scenario),
                Cell::new(case.variant.as_deref().unwrap_or("–")),
                Cell::new(case.scheduler_configuration.as_deref().unwrap_or("its own")),
                Cell::new(against),
            ]
        });
        let columns = ["name", "scenario", "variant", "scheduler configuration", "held against"];
        let table = Table {
            caption: "What was run, each with the same seeds".to_owned(),
            columns: columns.map(Column::text).into(),
            rows: rows.collect(),
            foot: None,
        };
        vec![Block::Table(table), Block::Text(format!("{means} {words}"))]
    }

    fn checks(&self) -> Block {
        let check = |condition: &super::Condition| {
            let held: Vec<String> = condition
                .held()
                .map(|outcome| {
                    format!("{}: {}", self.comparison.parties()[outcome.place].name, measured(outcome))
                })
                .collect();
            Check {
                holds: Some(held.is_empty()),
                word: if held.is_empty() { "passes" } else { "fails" },
                expression: condition.expression.clone(),
                measured: if held.is_empty() {
                    "holds for nothing that was compared".to_owned()
                } else {
                    held.join("; ")
                },
            }
        };
        Block::Checks(self.conditions.iter().map(check).collect())
    }

    /// One metric of all parties, in the unit that it is printed in.
    fn ranges(&self, path: &str) -> Ranges {
        let metric = find(path).expect("it is among the metrics");
        let size = self.size(metric);
        let in_unit = |value: f64| Scale::beside(metric.unit, size, size, None).convert(value);
        let range = |place: usize| {
            let figure = self.comparison.figure(place, path);
            let difference = self.comparison.difference(place, path);
            Range {
                name: self.comparison.parties()[place].name.clone(),
                mean: figure.sample.mean().map(in_unit),
                ends: figure.sample.interval(LEVEL).map(|ends| [ends.low, ends.high].map(in_unit)),
                mark: difference.map_or(Marked::Plain, |one| marked(&one, metric)),
            }
        };
        let first = self.comparison.baseline_of(self.cases.len() - 1);
        let places = 0..self.cases.len();
        let differences: Vec<_> =
            places.clone().map(|place| self.comparison.difference(place, path)).collect();
        Ranges {
            heading: format!("{path}{}", self.about(metric, size, &differences)),
            parties: places.map(range).collect(),
            baseline: first.and_then(|party| party.series.figure(path).sample.mean()).map(in_unit),
            key: Vec::new(),
        }
    }

    fn differences(&self, measures: &[Measure]) -> Table {
        let with_baseline = self.saved.is_some();
        let mut columns = vec![Column::text("figure"), Column::text("variant"), Column::figures("mean")];
        if with_baseline {
            columns.push(Column::figures("baseline"));
        }
        columns.push(Column::figures("difference"));
        let rows = measures.iter().flat_map(|measure| {
            measure.rows.iter().enumerate().map(move |(place, row)| -> Row {
                let mut cells = vec![
                    Cell::new(measure.path).with_note(measure.about.trim_start()).quiet(place > 0),
                    Cell::new(&row.name),
                    Cell::new(&row.mean),
                ];
                if with_baseline {
                    cells.push(Cell::new(&row.baseline));
                }
                cells.push(Cell::new(&row.difference).with_mark(row.mark.word()));
                cells
            })
        });
        Table {
            caption: "Headline figures: means with half-widths of their intervals".to_owned(),
            columns,
            rows: rows.collect(),
            foot: None,
        }
    }

    /// What each costs against how long its pods take to be ready.
    fn trade(&self) -> Trade<'_> {
        let mean = |place: usize, path: &str| self.comparison.figure(place, path).sample.mean();
        let party = |(place, case): (usize, &super::ComparedCase)| Traded {
            name: case.name.clone(),
            label: case.name.clone(),
            cost: mean(place, COST),
            wait: mean(place, WAITING),
        };
        Trade {
            what: "variant",
            currency: self.currency(),
            parties: self.cases.iter().enumerate().map(party).collect(),
        }
    }

    /// All means and differences, metric by metric.
    fn all_figures(&self) -> Block {
        let row = |place: usize, metric: &'static Metric| {
            let difference = self.comparison.difference(place, metric.path);
            let size = self.size(metric);
            let row = self.row(place, metric, size, difference.as_ref());
            vec![
                Cell::new(metric.path).quiet(place > 0),
                Cell::new(row.name),
                Cell::new(row.mean),
                Cell::new(row.difference).with_mark(row.mark.word()),
            ]
        };
        let places = 0..self.cases.len();
        let rows =
            self.comparison.metrics().flat_map(|metric| places.clone().map(move |place| row(place, metric)));
        let table = Table {
            caption: "Every figure; compare.csv has them with standard deviations and the ends of intervals"
                .to_owned(),
            columns: vec![
                Column::text("figure"),
                Column::text("variant"),
                Column::figures("mean"),
                Column::figures("difference"),
            ],
            rows: rows.collect(),
            foot: None,
        };
        Block::Fold(Fold {
            summary: "Every figure of every variant".to_owned(),
            blocks: vec![Block::Table(table)],
        })
    }

    fn origin(&self) -> Block {
        let saved = self.saved.map_or("none".to_owned(), |saved| saved.dir.display().to_string());
        let inputs = crate::report::counted(self.inputs.len(), "file");
        let told = [
            ("version", format!("overspill {}", self.version)),
            ("seeds", self.seeds.to_string()),
            ("earlier baseline", saved),
            ("inputs", format!("{inputs}, sha256:{}", digest(self.inputs))),
        ];
        facts("Every run can be repeated from inputs/; seeds.csv has its trace hash", told)
    }
}

/// Whether a difference is good news or bad news.
fn marked(difference: &Difference, metric: &Metric) -> Marked {
    match difference.mark(metric.better) {
        Mark::Better => Marked::Better,
        Mark::Worse => Marked::Worse,
        Mark::Differs | Mark::WithinChance | Mark::Untold => Marked::Plain,
    }
}
