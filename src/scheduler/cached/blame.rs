//! Which plugin is to blame where the cached evaluator and the reference differ: one that looks further than its
//! `reach` says, so that what was kept of it does not hold any more.

use rustc_hash::FxHashMap;

use super::code::DEAD;
use super::rows::{Layout, PASSES};
use super::table::Table;
use crate::id::NodeId;
use crate::scheduler::profile::Profile;
use crate::scheduler::reference::Evaluation;

impl Table {
    /// The first plugin, in the order of the profile's filters and scores, of which something else is kept than it says
    /// now, and the node; `None` if every answer is the same.
    pub(super) fn blame(
        &self,
        profile: &Profile,
        layout: &Layout,
        evaluation: &Evaluation,
    ) -> Option<(&'static str, NodeId)> {
        self.wrong_filter(profile, layout, evaluation)
            .or_else(|| self.wrong_score(profile, layout, evaluation))
    }

    fn wrong_filter(
        &self,
        profile: &Profile,
        layout: &Layout,
        evaluation: &Evaluation,
    ) -> Option<(&'static str, NodeId)> {
        let place = |name: &str| profile.filters.iter().position(|entry| entry.name() == name);
        let passed = evaluation.feasible.iter().map(|&node| (node, None));
        let refused = evaluation.refused.iter().map(|(node, refused)| (*node, place(refused.plugin)));
        let said: FxHashMap<NodeId, Option<usize>> = passed.chain(refused).collect();
        self.verdicts().find_map(|(row, kept)| {
            let node = layout.order[row];
            let now = *said.get(&node)?;
            // The earlier of the two is the one that has changed its mind.
            let first = kept.into_iter().chain(now).min().filter(|_| kept != now)?;
            Some((profile.filters[first].name(), node))
        })
    }

    fn wrong_score(
        &self,
        profile: &Profile,
        layout: &Layout,
        evaluation: &Evaluation,
    ) -> Option<(&'static str, NodeId)> {
        evaluation.scores.iter().find_map(|scores| {
            let place = profile.scores.iter().position(|entry| entry.name() == scores.plugin)?;
            let differs = |(node, raw): (&NodeId, &Option<i64>)| {
                let kept = self.kept_raw(place, layout.row(*node));
                kept.is_some_and(|kept| kept != *raw).then_some((scores.plugin, *node))
            };
            evaluation.feasible.iter().zip(&scores.raw).find_map(differs)
        })
    }

    /// The raw score that is kept of the plugin at a place for a row that passes; `None` if none is kept.
    #[expect(
        clippy::option_option,
        reason = "a plugin leaves a node out by no raw score, and none may be kept"
    )]
    fn kept_raw(&self, place: usize, row: usize) -> Option<Option<i64>> {
        let code = self.rows.code[row];
        if code == DEAD || self.rows.refused[row] != PASSES {
            return None;
        }
        if let Some(index) = self.asked.usage_scores.iter().position(|one| one.place == place) {
            let width = self.asked.usage_scores.len();
            return self.rows.usage_parts.as_ref().map(|parts| Some(i64::from(parts[row * width + index])));
        }
        if let Some(index) = self.asked.kind_scores.iter().position(|one| one.place == place) {
            return Some(self.groups.raw(self.rows.group[row])[index]);
        }
        let of_code = self.scoring.by_domain(code);
        of_code.filter(|_| self.asked.domain_score == Some(place))
    }
}
