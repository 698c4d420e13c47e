//! Laws of time.

use overspill_manifest::{JsonPath, code};

use super::Resolver;
use crate::capacity::{Empirical, Law};
use crate::scenario::file;
use crate::scenario::file::TimeUnit;
use crate::scenario::trace_file::{self, Cells};
use crate::units::Span;

impl Resolver<'_> {
    /// The law at `path`, or `default` where none is given; `None` if it makes no sense.
    pub(super) fn law(&mut self, path: &JsonPath, given: Option<&file::Law>, default: Law) -> Option<Law> {
        let law = match given {
            None => default,
            Some(file::Law::Empirical(given)) => self.empirical(&path.key("empirical"), given)?,
            Some(file::Law::Constant(span)) => Law::Constant(span.0),
            Some(file::Law::Exponential { mean }) => Law::Exponential { mean: mean.0 },
            Some(file::Law::Lognormal { median, sigma }) => {
                Law::LogNormal { median: median.0, sigma: *sigma }
            }
            Some(file::Law::Uniform { min, max }) => Law::Uniform { min: min.0, max: max.0 },
            Some(file::Law::Weibull { scale, shape }) => Law::Weibull { scale: scale.0, shape: *shape },
            Some(file::Law::Gamma { mean, shape }) => Law::Gamma { mean: mean.0, shape: *shape },
            Some(file::Law::Pareto { min, max, alpha }) => {
                Law::Pareto { min: min.0, max: max.0, alpha: *alpha }
            }
        };
        match law.check() {
            Ok(()) => Some(law),
            Err(error) => {
                self.say(&code::DO_NOT_FIT, path, error.to_string());
                None
            }
        }
    }

    /// Measured values, from a list or from a file.
    fn empirical(&mut self, path: &JsonPath, given: &file::Empirical) -> Option<Law> {
        let scale = given.scale.unwrap_or(1.0);
        if !(0.0..f64::INFINITY).contains(&scale) {
            self.say(&code::DO_NOT_FIT, &path.key("scale"), "must be a number from 0");
            return None;
        }
        let weighted = match &given.file {
            Some(_) if !given.values.is_empty() => {
                let message = "measured values are either listed or in a file: leave out `values` or `file`";
                self.say(&code::DO_NOT_FIT, &path.key("file"), message);
                return None;
            }
            Some(file) => self.measured(path, given, file)?,
            None => self.listed(path, given)?,
        };
        let law = Empirical::new(weighted.into_iter().map(|(span, weight)| (span.times(scale), weight)));
        law.map_err(|error| self.say(&code::DO_NOT_FIT, path, error.to_string())).ok().map(Law::Empirical)
    }

    fn listed(&mut self, path: &JsonPath, given: &file::Empirical) -> Option<Vec<(Span, f64)>> {
        let of_files = [
            ("column", given.column.is_some()),
            ("unit", given.unit.is_some()),
            ("weight", given.weight.is_some()),
        ];
        if let Some((key, _)) = of_files.iter().find(|(_, is_given)| *is_given) {
            self.say(&code::DO_NOT_FIT, &path.key(key), "belongs to `file`");
            return None;
        }
        let weights = self.weights(&path.key("weights"), given.values.len(), &given.weights)?;
        Some(given.values.iter().map(|value| value.0).zip(weights).collect())
    }

    /// The values of a column, each with its weight.
    fn measured(&mut self, path: &JsonPath, given: &file::Empirical, file: &str) -> Option<Vec<(Span, f64)>> {
        // A file that cannot be read was told already.
        let source = self.loaded.traces.get(file)?;
        let Some(column) = &given.column else {
            let help = "name the column that holds the values with `column`";
            let message = "nothing says which column holds the values";
            self.say_with_help(&code::MISSING_FIELD, path, message, Some(help.to_owned()));
            return None;
        };
        let known = trace_file::columns(source);
        let value = self.column(&path.key("column"), column, &known);
        let weight = given.weight.as_ref().map(|name| self.column(&path.key("weight"), name, &known));
        let (value, weight) = (
            value?,
            match weight {
                Some(found) => Some(found?),
                None => None,
            },
        );
        let unit = given.unit.unwrap_or(TimeUnit::S);
        let mut weighted = Vec::new();
        let problems = Cells::of(source).each(|row| {
            let span = row.read(
                value,
                |text| span(text, unit),
                "a length of time",
                "write a number or a duration such as 2.5s",
            )?;
            let weight = match weight {
                Some(column) => row.read(column, weight_of, "a weight", "write a plain number from 0")?,
                None => 1.0,
            };
            weighted.push((span, weight));
            Ok(())
        });
        if problems.is_empty() {
            return Some(weighted);
        }
        self.diagnostics.extend(problems);
        None
    }
}

fn span(text: &str, unit: TimeUnit) -> Option<Span> {
    let number = text.parse::<f64>().ok().filter(|number| (0.0..1e12).contains(number));
    number.map(|number| Span::from_secs_f64(number * unit.seconds())).or_else(|| text.parse().ok())
}

fn weight_of(text: &str) -> Option<f64> {
    text.parse().ok().filter(|weight| (0.0..f64::INFINITY).contains(weight))
}
