//! Laws of time.

use overspill_manifest::{JsonPath, code};

use super::Resolver;
use crate::capacity::Law;
use crate::scenario::file;

impl Resolver<'_> {
    /// The law at `path`, or `default` where none is given; `None` if it makes no sense.
    pub(super) fn law(&mut self, path: &JsonPath, given: Option<&file::Law>, default: Law) -> Option<Law> {
        let law = given.map_or(default, law);
        match law.check() {
            Ok(()) => Some(law),
            Err(error) => {
                self.say(&code::DO_NOT_FIT, path, error.to_string());
                None
            }
        }
    }
}

fn law(law: &file::Law) -> Law {
    match *law {
        file::Law::Constant(span) => Law::Constant(span.0),
        file::Law::Exponential { mean } => Law::Exponential { mean: mean.0 },
        file::Law::Lognormal { median, sigma } => Law::LogNormal { median: median.0, sigma },
        file::Law::Uniform { min, max } => Law::Uniform { min: min.0, max: max.0 },
    }
}
