//! What the plugins of a profile say of the pods of one specification, asked once.

use std::sync::Arc;

use super::code::Kind;
use super::rows::{Layout, PASSES};
use super::tally::Tallies;
use crate::cluster::{Cluster, Images, Node};
use crate::object::PodSpec;
use crate::scheduler::framework::{
    FilterReach, MAX_NODE_SCORE, NodeFilter, NodeKinds, NodeScore, Normalize, ScoreReach,
};
use crate::scheduler::profile::Profile;

/// A score that depends on a node's usage.
pub(super) struct UsageScore {
    pub(super) place: usize,
    weight: i64,
    score: NodeScore<'static>,
}

/// A score that depends on a node's kind.
pub(super) struct KindScore {
    pub(super) place: usize,
    pub(super) source: KindSource,
}

/// Where its raw scores come from.
pub(super) enum KindSource {
    Spec(NodeScore<'static>),
    Kinds(NodeKinds),
}

/// What the plugins of a profile say of the pods of one specification.
pub(super) struct Asked {
    /// The pod as plugins see it.
    pub(super) pod: Arc<PodSpec>,
    /// Filters by their place in the profile.
    spec_filters: Vec<(u8, NodeFilter<'static>)>,
    usage_filters: Vec<(u8, NodeFilter<'static>)>,
    /// Those that look at the cluster.
    pub(super) direct_filters: Vec<u8>,
    /// Scores of the node's usage that need no normalisation.
    pub(super) usage_scores: Vec<UsageScore>,
    pub(super) kind_scores: Vec<KindScore>,
    /// The place of the score that counts by domain.
    pub(super) domain_score: Option<usize>,
    /// The places of those that look at the cluster.
    pub(super) direct_scores: Vec<usize>,
}

impl Asked {
    /// Asks every plugin, and counts what the one counts that scores by domain.
    pub(super) fn of(
        profile: &Profile,
        pod: &Arc<PodSpec>,
        cluster: &Cluster,
        layout: &Layout,
    ) -> (Self, Option<Tallies>) {
        let mut asked = Self {
            pod: profile.seen(pod, cluster.owners()),
            spec_filters: Vec::new(),
            usage_filters: Vec::new(),
            direct_filters: Vec::new(),
            usage_scores: Vec::new(),
            kind_scores: Vec::new(),
            domain_score: None,
            direct_scores: Vec::new(),
        };
        asked.ask_filters(profile, cluster);
        let tallies = asked.ask_scores(profile, cluster, layout);
        (asked, tallies)
    }

    /// The first filter that rejects a node by what it says of itself, by its place in the profile.
    pub(super) fn refused_by_spec(&self, node: &Node) -> u8 {
        first_refusal(&self.spec_filters, node)
    }

    /// The first that rejects it by the pods on it.
    pub(super) fn refused_by_usage(&self, node: &Node) -> u8 {
        first_refusal(&self.usage_filters, node)
    }

    /// What a node's usage scores, weighted.
    pub(super) fn usage_score(&self, node: &Node) -> i16 {
        let weighed = self.usage_scores.iter().map(|one| one.weight * identity((one.score)(node)));
        weighed.sum::<i64>() as i16
    }

    /// What each score of a node's usage has for it, without weights.
    pub(super) fn usage_parts(&self, node: &Node) -> impl Iterator<Item = i16> {
        self.usage_scores.iter().map(move |one| identity((one.score)(node)) as i16)
    }

    /// Whether what scores by kind have for a node may depend on an image of this name.
    pub(super) fn is_about_image(&self, name: &str) -> bool {
        self.kind_scores.iter().any(|one| match &one.source {
            KindSource::Spec(_) => false,
            KindSource::Kinds(kinds) => (kinds.about)(name),
        })
    }

    /// What each score by kind has for a node.
    pub(super) fn kinds(&self, node: &Node, images: &Images) -> Vec<Kind> {
        let kind = |one: &KindScore| match &one.source {
            KindSource::Spec(score) => Kind::Raw(score(node)),
            KindSource::Kinds(kinds) => Kind::Of((kinds.kind)(node, images)),
        };
        self.kind_scores.iter().map(kind).collect()
    }

    fn ask_filters(&mut self, profile: &Profile, cluster: &Cluster) {
        for (place, entry) in (0_u8..).zip(&profile.filters) {
            match entry.part().reach(&self.pod, cluster.owners()) {
                FilterReach::Cluster => self.direct_filters.push(place),
                FilterReach::Spec(filter) if entry.filters() => self.spec_filters.push((place, filter)),
                FilterReach::Usage(filter) if entry.filters() => self.usage_filters.push((place, filter)),
                FilterReach::Nothing | FilterReach::Spec(_) | FilterReach::Usage(_) => {}
            }
        }
    }

    fn ask_scores(&mut self, profile: &Profile, cluster: &Cluster, layout: &Layout) -> Option<Tallies> {
        let mut tallies = None;
        for (place, entry) in profile.scores.iter().enumerate() {
            let is_identity = entry.part().normalize() == Normalize::Identity;
            match entry.part().reach(&self.pod, cluster.owners()) {
                ScoreReach::Nothing => {}
                ScoreReach::Usage(score) if is_identity => {
                    self.usage_scores.push(UsageScore { place, weight: entry.weight(), score });
                }
                ScoreReach::Spec(score) => {
                    self.kind_scores.push(KindScore { place, source: KindSource::Spec(score) });
                }
                ScoreReach::Kinds(kinds) => {
                    self.kind_scores.push(KindScore { place, source: KindSource::Kinds(kinds) });
                }
                ScoreReach::Domains(score) if tallies.is_none() => {
                    tallies = Tallies::new(score, cluster, layout);
                    match tallies {
                        Some(_) => self.domain_score = Some(place),
                        None => self.direct_scores.push(place),
                    }
                }
                ScoreReach::Usage(_) | ScoreReach::Domains(_) | ScoreReach::Cluster => {
                    self.direct_scores.push(place);
                }
            }
        }
        tallies
    }
}

/// The first filter, by its place in the profile, that rejects a node.
fn first_refusal(filters: &[(u8, NodeFilter<'static>)], node: &Node) -> u8 {
    filters.iter().find(|(_, filter)| filter(node).is_err()).map_or(PASSES, |(place, _)| *place)
}

/// A raw score that needs no normalisation.
fn identity(raw: Option<i64>) -> i64 {
    let raw = raw.unwrap_or(0);
    assert!((0..=MAX_NODE_SCORE).contains(&raw), "a score of {raw} lies outside 0 to 100");
    raw
}
