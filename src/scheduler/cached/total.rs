//! What the nodes of a window score in all.

use super::asked::KindSource;
use super::code::{DEAD, Kind, MOST_CODES, MOST_DOMAINS, NO_DOMAIN};
use super::presence::members;
use super::reached::Reached;
use super::rows::Layout;
use super::table::Table;
use crate::cluster::Cluster;
use crate::scheduler::framework::{DomainCount, MAX_NODE_SCORE, PreScore};
use crate::scheduler::profile::{Profile, ScoreEntry};

/// What was scored last, so that the same need not be worked out again, and room to work in.
#[derive(Default)]
pub(super) struct Scoring {
    /// What the scores of codes depend on, as it was then.
    last: Option<Basis>,
    /// The least and the greatest raw score of each score by kind or domain then.
    keys: Vec<(i64, i64)>,
    /// The same before that.
    keys_before: Vec<(i64, i64)>,
    /// The codes that occurred.
    codes: Vec<u8>,
    /// The kinds among them, and what all scores by kind give each.
    groups: Vec<(u16, i64)>,
    /// The raw score of each code by domains.
    by_domain: Vec<Option<i64>>,
    /// What a pod weighs where there are so many domains, as it was asked last, for each count.
    weights: [(usize, f64); MOST_DOMAINS],
}

/// Everything that the scores of codes depend on.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Basis {
    present: u128,
    counted: u64,
    complete: usize,
}

impl Scoring {
    /// The raw score by domains of a code that occurred last; `None` if it did not, or nothing scores by domains.
    #[expect(
        clippy::option_option,
        reason = "a plugin leaves a node out by no raw score, and none may be known"
    )]
    pub(super) fn by_domain(&self, code: u8) -> Option<Option<i64>> {
        let place = self.codes.iter().position(|&one| one == code)?;
        self.by_domain.get(place).copied()
    }

    /// The codes mean something else from now on.
    pub(super) fn forget(&mut self) {
        self.last = None;
    }
}

impl Table {
    /// Adds up the scores of all nodes in the window, and finds the best.
    pub(super) fn score(
        &mut self,
        profile: &Profile,
        cluster: &Cluster,
        layout: &Layout,
        reached: &mut Reached,
    ) {
        self.score_codes(profile, cluster, reached);
        let rows = &self.rows;
        self.totals.add_up(&rows.usage, &rows.code, &self.window.ranges());
        let idle = |&place: &usize| profile.scores[place].part().is_idle(&self.asked.pod, cluster);
        if self.direct_refusals.is_empty() && self.asked.direct_scores.iter().all(idle) {
            self.window.rank(&self.totals);
        } else {
            self.rank_directly(profile, cluster, layout, reached);
        }
    }

    /// Works out what each code of the window scores, unless it scores what it did before.
    fn score_codes(&mut self, profile: &Profile, cluster: &Cluster, reached: &mut Reached) {
        let images = self.keep_raw(cluster);
        let basis = self.basis();
        if self.scoring.last == Some(basis) && !images {
            return;
        }
        self.scoring.last = Some(basis);
        self.scoring.codes.clear();
        self.scoring.codes.extend(members(basis.present));
        std::mem::swap(&mut self.scoring.keys, &mut self.scoring.keys_before);
        self.scoring.keys.clear();
        self.score_kinds(profile);
        self.score_domains(profile, basis.complete);
        reached.keys_changed += u64::from(self.scoring.keys != self.scoring.keys_before);
    }

    fn keep_raw(&mut self, cluster: &Cluster) -> bool {
        let sources = &self.asked.kind_scores;
        self.groups.keep_raw(cluster.images().changes(), |score, kind| match (kind, &sources[score].source) {
            (Kind::Raw(raw), _) => raw,
            (Kind::Of(kind), KindSource::Kinds(kinds)) => (kinds.raw)(kind, cluster),
            (Kind::Of(_), KindSource::Spec(_)) => unreachable!("a score by specification has raw scores"),
        })
    }

    fn basis(&self) -> Basis {
        let present = self.present();
        let counted = self.tallies.as_ref().map_or(0, |tallies| tallies.changes);
        let complete = if self.tallies.is_some() { self.complete_nodes(present) } else { 0 };
        Basis { present, counted, complete }
    }

    /// The codes that occur in the window among nodes that pass.
    fn present(&self) -> u128 {
        if self.direct_refusals.is_empty() {
            let within = |rows| self.presence.within(rows, &self.rows.code);
            return self.window.ranges().into_iter().fold(0, |all, rows| all | within(rows));
        }
        let passing = self.passing();
        passing.fold(0, |all, code| all | 1 << code)
    }

    /// The codes of the nodes that pass, one by one.
    fn passing(&self) -> impl Iterator<Item = u8> {
        let mut refused = self.direct_refusals.iter().peekable();
        let rows = self.window.rows().filter(move |row| refused.next_if(|(other, _)| other == row).is_none());
        rows.map(|row| self.rows.code[row]).filter(|&code| code != DEAD)
    }

    /// How many nodes of the window pass and have all labels that are needed.
    fn complete_nodes(&self, present: u128) -> usize {
        let lacking = members(present).filter(|&code| !self.codes.get(code).complete);
        let lacking = lacking.fold(0_u128, |all, code| all | 1 << code);
        if lacking == 0 {
            return self.window.found;
        }
        self.window.found - self.passing().filter(|code| lacking >> code & 1 == 1).count()
    }

    /// What scores by kind give each code, normalised over the kinds that occur.
    fn score_kinds(&mut self, profile: &Profile) {
        let scoring = &mut self.scoring;
        scoring.groups.clear();
        for &code in &scoring.codes {
            let group = self.codes.get(code).group;
            if scoring.groups.iter().all(|(known, _)| *known != group) {
                scoring.groups.push((group, 0));
            }
        }
        for (index, one) in self.asked.kind_scores.iter().enumerate() {
            let raw = |group: u16| self.groups.raw(group)[index];
            let key = range(scoring.groups.iter().filter_map(|(group, _)| raw(*group)));
            scoring.keys.push(key);
            for (group, sum) in &mut scoring.groups {
                *sum += weighted(&profile.scores[one.place], raw(*group), key);
            }
        }
    }

    /// What the score by domains gives each code beside that, normalised over the codes that occur.
    fn score_domains(&mut self, profile: &Profile, complete: usize) {
        let place = self.asked.domain_score;
        if place.is_some() {
            self.count_domains(complete);
        }
        let scoring = &mut self.scoring;
        let entry = place.map(|place| &profile.scores[place]);
        let key = range(scoring.by_domain.iter().copied().flatten());
        scoring.keys.extend(entry.map(|_| key));
        for (index, &code) in scoring.codes.iter().enumerate() {
            let group = self.codes.get(code).group;
            let by_kind = scoring.groups.iter().find(|(known, _)| *known == group).map_or(0, |(_, sum)| *sum);
            let by_domain = entry.map_or(0, |entry| weighted(entry, scoring.by_domain[index], key));
            self.totals.set(code, (by_kind + by_domain) as i16);
        }
    }

    /// Raw scores by domains of the codes that occur.
    fn count_domains(&mut self, complete: usize) {
        let tallies = self.tallies.as_ref().expect("a score by domain has counts");
        let (scoring, codes, score) = (&mut self.scoring, &self.codes, &tallies.score);
        for (index, count) in score.counts.iter().enumerate() {
            let domains = if count.by_node {
                complete
            } else {
                let counted = scoring.codes.iter().map(|&code| codes.get(code)).filter(|code| code.complete);
                distinct(counted.map(|code| code.domains[index]))
            };
            if scoring.weights[index].0 != domains {
                scoring.weights[index] = (domains, (score.weight)(domains));
            }
        }
        let part = |(index, count): (usize, &DomainCount), domain: u32| {
            let weight = scoring.weights[index].1;
            match domain {
                NO_DOMAIN => 0.0,
                pods if count.by_node => (score.part)(count, i64::from(pods), weight),
                domain => (score.part)(count, tallies.counts[index].pods[domain as usize], weight),
            }
        };
        let raw = |&code: &u8| {
            let code = codes.get(code);
            let sum: f64 = score.counts.iter().enumerate().map(|one| part(one, code.domains[one.0])).sum();
            code.complete.then(|| sum.round() as i64)
        };
        scoring.by_domain.clear();
        scoring.by_domain.extend(scoring.codes.iter().map(raw));
    }

    /// Finds the best where filters or scores have looked at the cluster.
    fn rank_directly(
        &mut self,
        profile: &Profile,
        cluster: &Cluster,
        layout: &Layout,
        reached: &mut Reached,
    ) {
        let (asked, codes) = (&self.asked, &self.rows.code);
        self.window.rank_with(&self.totals, codes, &self.direct_refusals, |rows, add| {
            let feasible: Vec<_> = rows.iter().map(|&row| layout.order[row]).collect();
            for &place in &asked.direct_scores {
                let entry = &profile.scores[place];
                let PreScore::Run(score) = entry.part().pre_score(&asked.pod, cluster, &feasible) else {
                    continue;
                };
                reached.direct_scores += 1;
                let raw: Vec<_> = feasible.iter().map(|&node| score(cluster.node(node))).collect();
                for (&row, one) in rows.iter().zip(entry.part().normalize().apply(&raw)) {
                    assert!((0..=MAX_NODE_SCORE).contains(&one), "{} scored {one}", entry.name());
                    add(row, (one * entry.weight()) as i16);
                }
            }
        });
    }
}

/// The least and the greatest; 0 and 0 of nothing.
fn range(values: impl Iterator<Item = i64>) -> (i64, i64) {
    let widen = |range: Option<(i64, i64)>, one: i64| {
        Some(range.map_or((one, one), |(min, max)| (min.min(one), max.max(one))))
    };
    values.fold(None, widen).unwrap_or((0, 0))
}

/// A raw score, normalised and weighted.
fn weighted(entry: &ScoreEntry, raw: Option<i64>, (min, max): (i64, i64)) -> i64 {
    let one = raw.map_or(0, |raw| entry.part().normalize().one(raw, min, max));
    assert!((0..=MAX_NODE_SCORE).contains(&one), "a score of {one} lies outside 0 to 100");
    one * entry.weight()
}

fn distinct(values: impl Iterator<Item = u32>) -> usize {
    let mut seen = [0; MOST_CODES];
    let mut count = 0;
    for value in values {
        if !seen[..count].contains(&value) {
            seen[count] = value;
            count += 1;
        }
    }
    count
}
