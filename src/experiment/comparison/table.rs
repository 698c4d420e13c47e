//! A comparison for people: the headline figures, one after the other, as aligned text and as Markdown.

use std::fmt::Write as _;

use super::conditions::{Condition, Outcome};
use super::written::ComparisonRecord;
use super::{Difference, Mark};
use crate::experiment::results::LEVEL;
use crate::experiment::scale::Scale;
use crate::experiment::terminal::HEADLINES;
use crate::metric::{Better, Metric, Unit};
use crate::report::counted;
use crate::report::markdown::escaped;
use crate::report::terminal::figure;

/// How many times the smallest figure of a block the size may be by which its unit is chosen: nothing above zero is printed as
/// less than a hundredth of a minute or of an hour.
const SPAN_OF_A_UNIT: f64 = 200.0;

/// One metric of everything that is compared.
pub(super) struct Block {
    pub(super) path: &'static str,
    /// In what it is printed, and which direction is good news.
    pub(super) about: String,
    pub(super) rows: Vec<Row>,
}

/// One metric of one party, in words.
pub(super) struct Row {
    pub(super) name: String,
    pub(super) mean: String,
    /// The mean of what it is held against, where that is no row.
    pub(super) baseline: String,
    pub(super) difference: String,
    pub(super) mark: Mark,
}

impl Row {
    /// What stands above the columns.
    fn heads() -> Self {
        let [name, mean, baseline, difference] =
            ["variant", "mean", "baseline", "difference"].map(str::to_owned);
        Self { name, mean, baseline, difference, mark: Mark::Untold }
    }

    /// In columns of these widths; one of no width is left out.
    fn aligned(&self, widths: [usize; 3]) -> String {
        let mut line = String::new();
        for (cell, width) in [&self.name, &self.mean, &self.baseline].into_iter().zip(widths) {
            if width > 0 {
                let _ = write!(line, "  {cell:<width$}");
            }
        }
        let _ = write!(line, "  {}  {}", self.difference, self.mark.word());
        line.trim_end().to_owned()
    }
}

impl ComparisonRecord<'_> {
    /// What is printed: the headline figures and what became of the conditions.
    pub fn text(&self) -> String {
        let (blocks, equal) = self.blocks();
        let mut text = format!("{}\n", self.heading().join("\n"));
        let heads = Row::heads();
        let rows = || std::iter::once(&heads).chain(blocks.iter().flat_map(|block| &block.rows));
        let width = |cell: fn(&Row) -> &str| rows().map(|row| cell(row).chars().count()).max().unwrap_or(0);
        let baseline = if self.saved.is_some() { width(|row| &row.baseline) } else { 0 };
        let widths = [width(|row| &row.name), width(|row| &row.mean), baseline];
        if !blocks.is_empty() {
            let _ = writeln!(text, "\n{}", heads.aligned(widths));
        }
        for block in &blocks {
            let _ = writeln!(text, "\n{}{}", block.path, block.about);
            for row in &block.rows {
                let _ = writeln!(text, "{}", row.aligned(widths));
            }
        }
        if !equal.is_empty() {
            let _ = writeln!(text, "\nequal with every seed: {}", equal.join(", "));
        }
        if let Some(caveat) = self.caveat() {
            let _ = writeln!(text, "\n{caveat}");
        }
        if !self.conditions.is_empty() {
            text.push('\n');
        }
        for condition in self.conditions {
            let _ = writeln!(text, "{}", self.told(condition, &str::to_owned));
        }
        text
    }

    /// The same for a pull request, conditions first.
    pub(super) fn markdown(&self) -> String {
        let (blocks, equal) = self.blocks();
        let [what, means, words] = self.heading();
        let mut text = format!("### {}\n\n", escaped(&what));
        for condition in self.conditions {
            let _ = writeln!(text, "* {}", self.told(condition, &escaped));
        }
        if !self.conditions.is_empty() {
            text.push('\n');
        }
        let _ = writeln!(text, "{} {words}", escaped(&means));
        if !blocks.is_empty() {
            self.markdown_table(&blocks, &mut text);
        }
        if !equal.is_empty() {
            let paths: Vec<String> = equal.iter().map(|path| format!("`{path}`")).collect();
            let _ = writeln!(text, "\nEqual with every seed: {}.", paths.join(", "));
        }
        if let Some(caveat) = self.caveat() {
            let _ = writeln!(text, "\n{caveat}");
        }
        text
    }

    fn markdown_table(&self, blocks: &[Block], text: &mut String) {
        let with_baseline = self.saved.is_some();
        let (column, rule) = if with_baseline { (" baseline |", "---:|") } else { ("", "") };
        let _ = writeln!(text, "\n| metric | variant | mean |{column} difference | |");
        let _ = writeln!(text, "|---|---|---:|{rule}---:|---|");
        for block in blocks {
            for (number, row) in block.rows.iter().enumerate() {
                let metric =
                    if number == 0 { format!("`{}`{}", block.path, block.about) } else { String::new() };
                let _ = write!(text, "| {metric} | {} | {} |", escaped(&row.name), row.mean);
                if with_baseline {
                    let _ = write!(text, " {} |", row.baseline);
                }
                let mark = row.mark.word();
                let mark = if mark.is_empty() { String::new() } else { format!("**{mark}**") };
                let _ = writeln!(text, " {} | {mark} |", row.difference);
            }
        }
    }

    /// What is compared, and how to read it, line by line.
    pub(super) fn heading(&self) -> [String; 3] {
        let (runs, seeds) = (counted(self.seeds.count() as usize, "run"), self.seeds);
        let what = counted(self.comparison.parties().len(), "variant");
        let half = format!("half-widths of {:.0} % intervals", LEVEL * 100.0);
        let baseline = match &self.saved {
            Some(saved) => format!("the baseline in {}", saved.dir.display()),
            None => self.comparison.parties().first().map(|party| party.name.clone()).unwrap_or_default(),
        };
        let how = match &self.saved {
            Some(saved) if saved.seeds != seeds => {
                format!("not paired, for its seeds are {}: the intervals are Welch's", saved.seeds)
            }
            _ => "paired by seed".to_owned(),
        };
        [
            format!("{}: {what}, {runs} each with the seeds {seeds}", self.title()),
            format!("Means ± {half}; differences to {baseline}, {how}."),
            "A word behind a difference says that its interval excludes zero.".to_owned(),
        ]
    }

    pub(super) fn title(&self) -> String {
        let mut names: Vec<&str> = Vec::new();
        for case in self.cases {
            if !names.contains(&case.scenario.as_str()) {
                names.push(&case.scenario);
            }
        }
        names.join(", ")
    }

    /// How many marks mean nothing; `None` where nothing differs.
    pub(super) fn caveat(&self) -> Option<String> {
        let judged = |place: usize| {
            let differences = self
                .comparison
                .metrics()
                .filter_map(move |metric| self.comparison.difference(place, metric.path));
            differences.filter(|one| !one.is_none && one.is_beyond_chance().is_some()).count()
        };
        let judged: usize = (0..self.comparison.parties().len()).map(judged).sum();
        let subject = match judged {
            0 => return None,
            1 => "1 difference is".to_owned(),
            _ => format!("{judged} differences are"),
        };
        let one_in = 1.0 / (1.0 - LEVEL);
        Some(format!(
            "{subject} judged in compare.csv, each by itself: of those that are only chance about one in {one_in:.0} is \
             marked all the same."
        ))
    }

    /// The headline figures that are not zero everywhere, and the names of those that do not differ at all.
    pub(super) fn blocks(&self) -> (Vec<Block>, Vec<&'static str>) {
        let (mut blocks, mut equal) = (Vec::new(), Vec::new());
        for metric in self.comparison.metrics().filter(|metric| HEADLINES.contains(&metric.path)) {
            let places = || 0..self.comparison.parties().len();
            let size = self.size(metric);
            if size <= 0.0 {
                continue;
            }
            let differences: Vec<Option<Difference>> =
                places().map(|place| self.comparison.difference(place, metric.path)).collect();
            if differences.iter().flatten().all(|difference| difference.is_none) {
                equal.push(metric.path);
                continue;
            }
            let rows = places().zip(&differences);
            blocks.push(Block {
                path: metric.path,
                about: self.about(metric, size, &differences),
                rows: rows.map(|(place, one)| self.row(place, metric, size, one.as_ref())).collect(),
            });
        }
        (blocks, equal)
    }

    /// The size of the figures by which their unit is chosen: the largest of any run, unless others would be next to nothing
    /// in its unit.
    pub(super) fn size(&self, metric: &Metric) -> f64 {
        let places = 0..self.comparison.parties().len();
        let series = |place| {
            let baseline = self.comparison.baseline_of(place).map(|party| &party.series);
            [Some(&self.comparison.parties()[place].series), baseline].into_iter().flatten()
        };
        let samples = places.flat_map(series).map(|one| one.figure(metric.path).sample);
        let (largest, smallest) = samples.fold((0.0, f64::INFINITY), |(largest, smallest), sample| {
            let least = sample.min().filter(|&min| min > 0.0).unwrap_or(smallest);
            (f64::max(largest, sample.max().unwrap_or(0.0)), f64::min(smallest, least))
        });
        largest.min(smallest * SPAN_OF_A_UNIT)
    }

    /// In what it is printed, which direction is good news, and whether the intervals say less than they seem to.
    pub(super) fn about(&self, metric: &Metric, size: f64, differences: &[Option<Difference>]) -> String {
        let unit = Scale::beside(metric.unit, size, size, None).unit(metric.unit, self.currency());
        let better = match metric.better {
            Better::Lower => "lower is better",
            Better::Higher => "higher is better",
            Better::Neither => "",
        };
        let has_width = |one: &&Difference| one.interval.is_some_and(|one| one.half_width() > 0.0);
        let told = differences.iter().flatten().filter(has_width);
        let is_rough = told.into_iter().any(|one| one.is_approximate(metric.path));
        let intervals = if is_rough { "intervals are approximate" } else { "" };
        let parts = [unit.as_str(), better, intervals].into_iter().filter(|part| !part.is_empty());
        let parts: Vec<&str> = parts.collect();
        if parts.is_empty() { String::new() } else { format!(" ({})", parts.join(", ")) }
    }

    pub(super) fn row(
        &self,
        place: usize,
        metric: &Metric,
        size: f64,
        difference: Option<&Difference>,
    ) -> Row {
        let party = &self.comparison.parties()[place];
        let mean = |series: &super::Series| mean_of(&series.figure(metric.path), metric.unit, size);
        let baseline = self.comparison.baseline_of(place).filter(|_| self.saved.is_some());
        Row {
            name: party.name.clone(),
            mean: mean(&party.series),
            baseline: baseline.map(|baseline| mean(&baseline.series)).unwrap_or_default(),
            difference: difference.map(|one| in_words(one, metric.unit, size)).unwrap_or_default(),
            mark: difference.map_or(Mark::Untold, |one| one.mark(metric.better)),
        }
    }

    /// What became of a condition; `written` makes names and expressions ready for where they are to stand.
    fn told(&self, condition: &Condition, written: &dyn Fn(&str) -> String) -> String {
        let name = |outcome: &Outcome| written(&self.comparison.parties()[outcome.place].name);
        let expression = written(&condition.expression);
        let of = counted(condition.outcomes.len(), "variant");
        let held: Vec<String> =
            condition.held().map(|outcome| format!("{} ({})", name(outcome), measured(outcome))).collect();
        let undecided: Vec<String> =
            condition.outcomes.iter().filter(|outcome| outcome.is_undecided()).map(name).collect();
        let mut text = if held.is_empty() {
            format!("✓ {expression} holds for none of {of}")
        } else {
            format!("✗ {expression} holds for {} of {of}: {}", held.len(), held.join("; "))
        };
        if !undecided.is_empty() {
            let _ = write!(text, "; cannot be judged, for want of a value, for {}", undecided.join(", "));
        }
        let bounds = condition.outcomes.iter().filter(|one| !one.verdict.holds && !one.bounds.is_empty());
        let bounds: Vec<String> = bounds.map(name).collect();
        if !bounds.is_empty() {
            let _ = write!(text, "; judged by lower bounds for {}", bounds.join(", "));
        }
        text
    }
}

/// The means that a condition was judged by.
pub(super) fn measured(outcome: &Outcome) -> String {
    let mean = |(path, number): &(String, Option<f64>)| {
        let sign = if outcome.bounds.contains(path) { "≥" } else { "=" };
        format!("{path} {sign} {}", figure(path, *number))
    };
    let undefined = outcome.verdict.undefined.iter().map(|one| format!("{one} divides by zero"));
    outcome.verdict.measured.iter().map(mean).chain(undefined).collect::<Vec<_>>().join(", ")
}

/// `21.4 ± 0.6`, with a remark where not every run has a value, or some are lower bounds.
pub(in crate::experiment) fn mean_of(figure: &super::Figure, unit: Unit, size: f64) -> String {
    let Some(mean) = figure.sample.mean() else { return "no value".to_owned() };
    let half = figure.sample.interval(LEVEL).map(super::Interval::half_width).filter(|&half| half > 0.0);
    let scale = Scale::beside(unit, size, mean, half);
    let bound = if figure.censored > 0 { "≥ " } else { "" };
    let mut text = match half {
        Some(half) => format!("{bound}{} ± {}", scale.print(mean), scale.print(half)),
        None => format!("{bound}{}", scale.print_short(mean)),
    };
    if figure.missing > 0 {
        let _ = write!(text, " in {} of {}", figure.sample.n(), figure.sample.n() + figure.missing);
    }
    text
}

/// `-3.4 ± 0.5 (-16 %)`, or why there is none.
pub(in crate::experiment) fn in_words(difference: &Difference, unit: Unit, size: f64) -> String {
    let Some(mean) = difference.mean else { return "no values to compare".to_owned() };
    if difference.is_none {
        return "none".to_owned();
    }
    let half = difference.interval.map(super::Interval::half_width).filter(|&half| half > 0.0);
    let scale = Scale::beside(unit, size, mean, half);
    let digits = if half.is_some() { scale.print(mean.abs()) } else { scale.print_short(mean.abs()) };
    let mut text = signed(mean, &digits);
    if let Some(half) = half {
        let _ = write!(text, " ± {}", scale.print(half));
    }
    if let Some(relative) = difference.relative.filter(|_| unit != Unit::Share && mean.abs() > 0.0) {
        let _ = write!(text, " ({})", in_relation(relative));
    }
    if difference.has_bounds {
        text.push_str(", of lower bounds");
    }
    text
}

/// `-16 %`, and `×15` for what is at least ten times the baseline.
fn in_relation(relative: f64) -> String {
    if relative >= 9.0 {
        return format!("×{:.0}", relative + 1.0);
    }
    let percent = relative * 100.0;
    let places = usize::from(percent.abs() < 10.0);
    signed(percent, &format!("{:.places$} %", percent.abs()))
}

/// The digits of a number with its sign; those of one that is nothing with so many places have none.
fn signed(number: f64, digits: &str) -> String {
    let is_nothing = !digits.contains(|digit| ('1'..='9').contains(&digit));
    let sign = if is_nothing {
        ""
    } else if number < 0.0 {
        "-"
    } else {
        "+"
    };
    format!("{sign}{digits}")
}

#[cfg(test)]
mod tests {
    use super::in_relation;

    #[test]
    fn differences_are_told_as_parts_and_what_is_much_larger_as_a_multiple() {
        let told = [-1.0, -0.057, -0.16, 0.004, -0.0004, 1.22, 8.99, 9.0, 37463.46].map(in_relation);
        let expected = ["-100 %", "-5.7 %", "-16 %", "+0.4 %", "0.0 %", "+122 %", "+899 %", "×10", "×37464"];
        assert_eq!(told, expected);
    }
}
