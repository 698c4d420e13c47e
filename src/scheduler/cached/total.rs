//! What the nodes of a window score in all.

use super::asked::KindSource;
use super::code::{Code, DEAD, Kind, NO_DOMAIN};
use super::reached::Reached;
use super::rows::Layout;
use super::table::Table;
use super::window::REJECTED;
use crate::cluster::Cluster;
use crate::scheduler::framework::{MAX_NODE_SCORE, Normalize, PreScore};
use crate::scheduler::profile::Profile;

/// The raw scores of one plugin, code by code.
struct ByCode {
    weight: i64,
    normalize: Normalize,
    raw: Vec<Option<i64>>,
}

impl Table {
    /// Adds up the scores of all nodes in the window.
    pub(super) fn score(
        &mut self,
        profile: &Profile,
        cluster: &Cluster,
        layout: &Layout,
        reached: &mut Reached,
    ) {
        self.window.take_codes(&self.rows.code, &self.direct_refusals);
        let present = self.present();
        let by_code = self.by_code(profile, cluster, &present, reached);
        self.window.add_up(&self.rows.usage, &by_code);
        if !self.asked.direct_scores.is_empty() {
            self.add_direct(profile, cluster, layout, reached);
        }
    }

    /// The codes that occur in the window.
    fn present(&self) -> Vec<u8> {
        let mut seen = [false; 256];
        for &code in &self.window.codes {
            seen[usize::from(code)] = true;
        }
        (0..self.codes.len() as u8).filter(|&code| seen[usize::from(code)]).collect()
    }

    /// What each code scores, normalised over those that occur.
    fn by_code(
        &mut self,
        profile: &Profile,
        cluster: &Cluster,
        present: &[u8],
        reached: &mut Reached,
    ) -> [i16; 256] {
        let mut scores = [0; 256];
        scores[usize::from(DEAD)] = REJECTED;
        let before = std::mem::take(&mut self.keys);
        let mut keys = Vec::with_capacity(before.len());
        for plugin in self.raw_by_code(profile, cluster, present) {
            let raw = || plugin.raw.iter().flatten().copied();
            let (min, max) = (raw().min().unwrap_or(0), raw().max().unwrap_or(0));
            keys.push((min, max));
            for (&code, raw) in present.iter().zip(&plugin.raw) {
                let one = raw.map_or(0, |raw| plugin.normalize.one(raw, min, max));
                assert!((0..=MAX_NODE_SCORE).contains(&one), "a score of {one} lies outside 0 to 100");
                scores[usize::from(code)] += (one * plugin.weight) as i16;
            }
        }
        reached.keys_changed += u64::from(keys != before);
        self.keys = keys;
        scores
    }

    fn raw_by_code(&self, profile: &Profile, cluster: &Cluster, present: &[u8]) -> Vec<ByCode> {
        let code = |number: &u8| self.codes.get(*number);
        let by_kind = self.asked.kind_scores.iter().enumerate().map(|(index, one)| {
            let raw = |number: &u8| match (self.groups.get(code(number).group)[index], &one.source) {
                (Kind::Raw(raw), _) => raw,
                (Kind::Of(kind), KindSource::Kinds(kinds)) => (kinds.raw)(kind, cluster),
                (Kind::Of(_), KindSource::Spec(_)) => unreachable!("a score by specification has raw scores"),
            };
            (one.place, present.iter().map(raw).collect::<Vec<_>>())
        });
        let by_domain = self.asked.domain_score.map(|place| (place, self.domain_scores(present)));
        let plugin = |(place, raw): (usize, Vec<Option<i64>>)| {
            let entry = &profile.scores[place];
            ByCode { weight: entry.weight(), normalize: entry.part().normalize(), raw }
        };
        by_kind.chain(by_domain).map(plugin).collect()
    }

    /// Raw scores of the plugin that counts by domain.
    fn domain_scores(&self, present: &[u8]) -> Vec<Option<i64>> {
        let tallies = self.tallies.as_ref().expect("a score by domain has counts");
        let codes: Vec<&Code> = present.iter().map(|&number| self.codes.get(number)).collect();
        let weights: Vec<f64> = (0..tallies.counts.len())
            .map(|index| {
                let domains = if tallies.score.counts[index].by_node {
                    self.complete_nodes(present)
                } else {
                    distinct(codes.iter().filter(|code| code.complete).map(|code| code.domains[index]))
                };
                (tallies.score.weight)(domains)
            })
            .collect();
        let score = |code: &&Code| {
            let part = |(index, tally): (usize, &super::tally::Tally)| {
                let (count, domain) = (&tallies.score.counts[index], code.domains[index]);
                match domain {
                    NO_DOMAIN => 0.0,
                    pods if count.by_node => (tallies.score.part)(count, i64::from(pods), weights[index]),
                    domain => (tallies.score.part)(count, tally.pods[domain as usize], weights[index]),
                }
            };
            let sum: f64 = tallies.counts.iter().enumerate().map(part).sum();
            code.complete.then(|| sum.round() as i64)
        };
        codes.iter().map(score).collect()
    }

    /// How many nodes of the window pass and have all labels that are needed.
    fn complete_nodes(&self, present: &[u8]) -> usize {
        let lacking: Vec<u8> =
            present.iter().copied().filter(|&number| !self.codes.get(number).complete).collect();
        if lacking.is_empty() {
            return self.window.found;
        }
        self.window.found - self.window.codes.iter().filter(|code| lacking.contains(code)).count()
    }

    /// Adds what scores say that look at the cluster.
    fn add_direct(&mut self, profile: &Profile, cluster: &Cluster, layout: &Layout, reached: &mut Reached) {
        let steps: Vec<usize> =
            (0..self.window.steps).filter(|&step| self.window.codes[step] != DEAD).collect();
        let nodes = self.window.nodes;
        let start = self.window.start;
        let feasible: Vec<_> = steps.iter().map(|step| layout.order[(start + step) % nodes]).collect();
        for &place in &self.asked.direct_scores {
            let entry = &profile.scores[place];
            let PreScore::Run(score) = entry.part().pre_score(&self.asked.pod, cluster, &feasible) else {
                continue;
            };
            reached.direct_scores += 1;
            let raw: Vec<_> = feasible.iter().map(|&node| score(cluster.node(node))).collect();
            for (&step, one) in steps.iter().zip(entry.part().normalize().apply(&raw)) {
                assert!((0..=MAX_NODE_SCORE).contains(&one), "{} scored {one}", entry.name());
                self.window.totals[step] += (one * entry.weight()) as i16;
            }
        }
        self.window.find_top();
    }
}

fn distinct(values: impl Iterator<Item = u32>) -> usize {
    let mut seen: Vec<u32> = Vec::new();
    for value in values {
        if !seen.contains(&value) {
            seen.push(value);
        }
    }
    seen.len()
}
