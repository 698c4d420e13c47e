//! The expanders of a node autoscaler, and the priorities of its groups.

use overspill_manifest::{JsonPath, code};

use super::super::Resolver;
use crate::controller::node_autoscaler::Expander;
use crate::controller::node_autoscaler::expander::{LEAST_PRIORITY, Priorities};
use crate::scenario::file::{self, NodeAutoscaler};
use crate::simulation::scenario::NodeGroupSetup;

impl Resolver<'_> {
    /// The chain of expanders, checked as cluster-autoscaler checks its flag (expander/factory/expander_factory.go).
    pub(super) fn expanders(
        &mut self,
        given: &NodeAutoscaler,
        path: &JsonPath,
        groups: &[NodeGroupSetup],
        defaults: &[Expander],
    ) -> Option<Vec<Expander>> {
        let chain = given.expander.as_deref();
        let has_priority = chain.is_some_and(|chain| chain.contains(&file::Expander::Priority));
        if has_priority && given.priorities.is_empty() {
            let message = "the expander `priority` needs `priorities`: patterns of group names by priority";
            self.say(&code::DO_NOT_FIT, &path.key("expander"), message);
            return None;
        }
        if !has_priority && !given.priorities.is_empty() {
            let message = "it has no effect: `priority` is not among the expanders";
            self.say(&code::WITHOUT_EFFECT, &path.key("priorities"), message);
        }
        let Some(chain) = chain else { return Some(defaults.to_vec()) };
        let is_chain = self.check_chain(chain, &path.key("expander"));
        let priorities = self.priorities(given, &path.key("priorities"), groups)?;
        let expander = |one: &file::Expander| match one {
            file::Expander::Random => Expander::Random,
            file::Expander::LeastWaste => Expander::LeastWaste,
            file::Expander::MostPods => Expander::MostPods,
            file::Expander::Price => Expander::Price,
            file::Expander::Priority => Expander::Priority(priorities.clone()),
        };
        is_chain.then(|| chain.iter().map(expander).collect())
    }

    /// Whether a chain has an expander, none twice, and none behind `random`, which leaves nothing to decide.
    fn check_chain(&mut self, chain: &[file::Expander], path: &JsonPath) -> bool {
        let told = self.diagnostics.len();
        if chain.is_empty() {
            self.say(&code::DO_NOT_FIT, path, "must name at least one expander");
        }
        for (place, expander) in chain.iter().enumerate() {
            let earlier = &chain[..place];
            if earlier.contains(expander) {
                self.say(&code::DO_NOT_FIT, &path.index(place), "each expander can be named once");
            } else if earlier.contains(&file::Expander::Random) {
                let message = "it would never be asked: `random` leaves one group";
                self.say(&code::DO_NOT_FIT, &path.index(place), message);
            }
        }
        self.diagnostics.len() == told
    }

    fn priorities(
        &mut self,
        given: &NodeAutoscaler,
        path: &JsonPath,
        groups: &[NodeGroupSetup],
    ) -> Option<Priorities> {
        let mut patterns = Vec::new();
        let mut are_right = true;
        for (priority, texts) in &given.priorities {
            let path = path.key(priority);
            let number = self.priority(priority, &path);
            are_right &= number.is_some();
            for (place, text) in texts.iter().enumerate() {
                are_right &= self.check_pattern(text, &path.index(place), groups);
                patterns.extend(number.map(|number| (number, text.as_str())));
            }
        }
        if are_right { Priorities::new(patterns).ok() } else { None }
    }

    fn priority(&mut self, text: &str, path: &JsonPath) -> Option<i32> {
        let number = text.parse::<i32>().ok();
        match number {
            None => {
                let message = format!("{text:?} is not a priority: write a whole number");
                self.say(&code::DO_NOT_FIT, path, message);
            }
            Some(number) if number < LEAST_PRIORITY => {
                let message = format!("it has no effect: priorities below {LEAST_PRIORITY} never win");
                self.say(&code::WITHOUT_EFFECT, path, message);
            }
            Some(_) => {}
        }
        number
    }

    /// Whether a pattern is a regular expression; one that no group matches is warned of.
    fn check_pattern(&mut self, text: &str, path: &JsonPath, groups: &[NodeGroupSetup]) -> bool {
        let pattern = match Priorities::new([(0, text)]) {
            Ok(pattern) => pattern,
            Err((_, error)) => {
                let error = error.to_string();
                let why = error.lines().last().unwrap_or_default().trim_start_matches("error: ");
                let message = format!("{text:?} is not a regular expression: {why}");
                self.say(&code::DO_NOT_FIT, path, message);
                return false;
            }
        };
        let names = groups.iter().map(|one| one.group.name.as_str());
        if !groups.is_empty() && !names.clone().any(|name| pattern.of(name).is_some()) {
            let message = format!("it has no effect: no group matches {text:?}");
            let names: Vec<_> = names.collect();
            let help = format!("the groups are {}", names.join(", "));
            self.say_with_help(&code::WITHOUT_EFFECT, path, message, Some(help));
        }
        true
    }
}
