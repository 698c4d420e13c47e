//! Why pods overflowed early: which plugin outvoted which.

use crate::cluster::Cluster;
use crate::report::explanation::ExplainedAttempt;
use crate::report::verdict::{Comparison, Lead};
use crate::scheduler::Attempt;
use crate::scheduler::queue::Popped;
use crate::units::SimTime;

/// How many early overflows of a run the reference is asked about: it takes its time on large clusters.
pub(in crate::report) const EARLY_SHOWN: u32 = 32;

/// A pod that went to a virtual node though an ECS node had passed every filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::report) struct Spill {
    pub(in crate::report) at: SimTime,
    /// `NAMESPACE/NAME`.
    pub(in crate::report) pod: String,
    pub(in crate::report) node: String,
    /// The best of the ECS nodes.
    pub(in crate::report) rival: String,
    /// What each plugin gave the one and the other, after weights.
    pub(in crate::report) scores: Vec<(&'static str, i64, i64)>,
    /// The plugin that spoke most for the virtual node and the one that spoke most for the ECS node, with their leads.
    pub(in crate::report) most: Option<(String, i64)>,
    pub(in crate::report) least: Option<(String, i64)>,
}

impl Spill {
    fn of(at: SimTime, attempt: &ExplainedAttempt) -> Option<Self> {
        let record = &attempt.record;
        let (node, rival) = (record.chosen.as_deref()?, attempt.best_ecs.as_deref()?);
        Comparison::of(record)?;
        let lead = Lead::of(record, node, rival);
        let named = |(plugin, lead): (&str, i64)| (plugin.to_owned(), lead);
        let scores = record.scores.iter();
        let scores = scores.map(|(plugin, of)| (*plugin, of[node][2], of[rival][2]));
        Some(Self {
            at,
            pod: record.pod.clone(),
            node: node.to_owned(),
            rival: rival.to_owned(),
            scores: scores.collect(),
            most: lead.most().map(named),
            least: lead.least().map(named),
        })
    }

    /// By how many points the virtual node leads; none where the draw decided.
    pub(in crate::report) fn lead(&self) -> i64 {
        self.scores.iter().map(|(_, own, other)| own - other).sum()
    }

    /// Who outvoted whom.
    pub(in crate::report) fn cause(&self) -> String {
        match (&self.most, &self.least) {
            _ if self.lead() == 0 => "a draw among equals".to_owned(),
            (Some((most, _)), Some((least, _))) => format!("{most} outvoted {least}"),
            (Some((most, _)), None) => format!("{most} decided"),
            _ => "no plugin".to_owned(),
        }
    }
}

/// The first early overflows of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spills(Vec<Spill>);

impl Spills {
    /// Takes note of an attempt by which a pod overflows early, with everything that was said.
    pub fn watch(&mut self, at: SimTime, cluster: &Cluster, popped: &Popped, attempt: &Attempt) {
        self.0.extend(Spill::of(at, &ExplainedAttempt::of(cluster, popped, attempt)));
    }

    /// In order of time.
    pub(in crate::report) fn iter(&self) -> impl Iterator<Item = &Spill> {
        self.0.iter()
    }

    /// By who outvoted whom, the most frequent first: how many, and the least and the greatest lead.
    pub(in crate::report) fn causes(&self) -> Vec<(String, u64, [i64; 2])> {
        let mut causes: Vec<(String, u64, [i64; 2])> = Vec::new();
        for spill in &self.0 {
            let (cause, lead) = (spill.cause(), spill.lead());
            match causes.iter_mut().find(|(known, ..)| *known == cause) {
                Some((_, pods, [least, most])) => {
                    *pods += 1;
                    (*least, *most) = (lead.min(*least), lead.max(*most));
                }
                None => causes.push((cause, 1, [lead, lead])),
            }
        }
        causes.sort_by_key(|(_, pods, _)| std::cmp::Reverse(*pods));
        causes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spill(scores: &[(&'static str, i64, i64)]) -> Spill {
        let lead = |&(plugin, own, other): &(&'static str, i64, i64)| (plugin.to_owned(), own - other);
        let most = scores.iter().map(lead).filter(|(_, lead)| *lead > 0).max_by_key(|(_, lead)| *lead);
        let least = scores.iter().map(lead).filter(|(_, lead)| *lead < 0).min_by_key(|(_, lead)| *lead);
        let [pod, node, rival] = ["default/web", "virtual-0", "ecs-0"].map(str::to_owned);
        Spill { at: SimTime::ZERO, pod, node, rival, scores: scores.to_vec(), most, least }
    }

    #[test]
    fn causes_are_counted_with_the_range_of_leads() {
        let spills = Spills(vec![
            spill(&[
                ("TaintToleration", 300, 300),
                ("NodeAffinity", 50, 200),
                ("PodTopologySpread", 200, 66),
            ]),
            spill(&[("NodeResourcesFit", 90, 80)]),
            spill(&[("NodeAffinity", 50, 200), ("PodTopologySpread", 200, 40)]),
            spill(&[("NodeAffinity", 0, 200), ("PodTopologySpread", 200, 0)]),
        ]);
        assert_eq!(
            spills.causes(),
            [
                ("PodTopologySpread outvoted NodeAffinity".to_owned(), 2, [-16, 10]),
                ("NodeResourcesFit decided".to_owned(), 1, [10, 10]),
                ("a draw among equals".to_owned(), 1, [0, 0]),
            ]
        );
    }
}
