//! What is kept for the pods of one specification under one profile.

use std::sync::Arc;

use super::Found;
use super::asked::Asked;
use super::code::{Code, Codes, DEAD, Groups, MOST_DOMAINS};
use super::presence::Presence;
use super::reached::Reached;
use super::rows::{Layout, PASSES, Rows, UNKNOWN};
use super::tally::Tallies;
use super::total::Scoring;
use super::totals::Totals;
use super::window::Window;
use crate::cluster::{Change, Cluster, Node};
use crate::id::PodId;
use crate::object::PodSpec;
use crate::scheduler::framework::MAX_NODE_SCORE;
use crate::scheduler::profile::Profile;

/// After so few attempts with new codes there are too many to be worth it.
const RENUMBERED_TOO_SOON: u64 = 64;

/// Whether the arrays can hold what a profile says.
pub(super) fn is_fit(profile: &Profile) -> bool {
    let most: i64 = profile.scores.iter().map(|entry| entry.weight().saturating_mul(MAX_NODE_SCORE)).sum();
    !profile.scores.is_empty()
        && profile.has_filters()
        && profile.filters.len() < usize::from(PASSES)
        && (0..=i64::from(i16::MAX / 2)).contains(&most)
        && profile.scores.iter().all(|entry| entry.weight() >= 0)
}

/// Everything that is kept.
pub(super) struct Table {
    /// The number of the attempt that used it last.
    pub(super) used: u64,
    /// How many changes of the cluster are in it.
    read: u64,
    pub(super) asked: Asked,
    pub(super) rows: Rows,
    pub(super) groups: Groups,
    pub(super) codes: Codes,
    pub(super) tallies: Option<Tallies>,
    /// Whether any score may depend on an image, by its number.
    about_images: Vec<Option<bool>>,
    /// Attempts since codes were numbered anew.
    attempts_with_codes: u64,
    codes_ran_out: bool,
    pub(super) presence: Presence,
    pub(super) totals: Totals,
    pub(super) scoring: Scoring,
    pub(super) window: Window,
    /// Rows of the window that a filter rejected which looked at the cluster.
    pub(super) direct_refusals: Vec<(usize, u8)>,
}

impl Table {
    pub(super) fn new(
        profile: &Profile,
        pod: &Arc<PodSpec>,
        cluster: &Cluster,
        layout: &Layout,
        keeps_parts: bool,
    ) -> Self {
        let (asked, tallies) = Asked::of(profile, pod, cluster, layout);
        let mut rows = Rows::unknown(layout.order.len());
        if keeps_parts {
            rows.usage_parts = Some(vec![0; layout.order.len() * asked.usage_scores.len()]);
        }
        Self {
            used: 0,
            read: cluster.changes().written(),
            asked,
            rows,
            groups: Groups::default(),
            codes: Codes::default(),
            tallies,
            about_images: Vec::new(),
            attempts_with_codes: 0,
            codes_ran_out: false,
            presence: Presence::of_none(layout.order.len()),
            totals: Totals::of(layout.order.len()),
            scoring: Scoring::default(),
            window: Window::default(),
            direct_refusals: Vec::new(),
        }
    }

    /// The row of the `n`-th of the best nodes of the last attempt.
    pub(super) fn best(&self, n: usize) -> usize {
        self.window.best(n, &self.totals)
    }

    /// The rows of the window, with the filter that rejected each.
    pub(super) fn verdicts(&self) -> impl Iterator<Item = (usize, Option<usize>)> + '_ {
        let mut direct = self.direct_refusals.iter().peekable();
        self.window.rows().map(move |row| {
            let refused = match direct.next_if(|(other, _)| *other == row) {
                Some(&(_, filter)) => filter,
                None => self.rows.refused[row],
            };
            (row, (refused != PASSES).then_some(usize::from(refused)))
        })
    }

    /// One attempt. `None` if it finds nothing, or cannot look as the reference would.
    pub(super) fn evaluate(
        &mut self,
        profile: &Profile,
        cluster: &Cluster,
        layout: &Layout,
        pod: PodId,
        start: usize,
        reached: &mut Reached,
    ) -> Option<Found> {
        self.catch_up(cluster, layout, reached);
        self.attempts_with_codes += 1;
        self.look(profile, cluster, layout, pod, start, reached)?;
        while self.codes_ran_out {
            if !self.renumber(reached) {
                return None;
            }
            self.look(profile, cluster, layout, pod, start, reached)?;
        }
        if self.window.found == 0 {
            return None;
        }
        self.score(profile, cluster, layout, reached);
        let ties = self.window.ties;
        reached.wrapped += u64::from(self.window.start + self.window.steps > self.window.nodes);
        reached.stopped += u64::from(self.window.steps < self.window.nodes);
        reached.tied += u64::from(ties > 1);
        Some(Found { examined: self.window.steps, ties })
    }

    /// Takes note of what has changed.
    fn catch_up(&mut self, cluster: &Cluster, layout: &Layout, reached: &mut Reached) {
        let changes = cluster.changes();
        let mut recount = false;
        if let Some(missed) = changes.since(self.read) {
            for change in missed {
                recount |= !self.note(change, cluster, layout);
            }
        } else {
            reached.fell_behind += 1;
            self.rows.all_stale();
            self.rows.spec_stale = self.rows.stale.clone();
            recount = true;
        }
        self.read = changes.written();
        if let Some(tallies) = self.tallies.take_if(|_| recount) {
            self.tallies = Tallies::new(tallies.score, cluster, layout);
            // Domains may have got other numbers.
            self.forget_codes();
        }
    }

    /// Codes are given out anew.
    fn forget_codes(&mut self) {
        self.rows.all_stale();
        self.codes = Codes::default();
        self.scoring.forget();
    }

    /// Whether the counts hold after a change.
    fn note(&mut self, change: Change, cluster: &Cluster, layout: &Layout) -> bool {
        match change {
            Change::Pods { node, class, live } => {
                let row = layout.row(node);
                let tallies = self.tallies.as_mut().filter(|_| live != 0);
                if tallies.is_some_and(|tallies| tallies.count(row, class, i64::from(live), cluster)) {
                    self.rows.code_changed(row);
                } else {
                    self.rows.usage_changed(row);
                }
                true
            }
            Change::Images(node) => {
                self.rows.spec_changed(layout.row(node));
                true
            }
            Change::Image { node, image } => {
                if self.is_about(image, cluster) {
                    self.rows.spec_changed(layout.row(node));
                }
                true
            }
            Change::Spec(node) => {
                let row = layout.row(node);
                self.rows.spec_changed(row);
                let spec = &cluster.node(node).spec;
                self.tallies.as_ref().is_none_or(|tallies| tallies.still_holds(row, spec))
            }
        }
    }

    /// Whether any score may depend on an image, looked up once.
    fn is_about(&mut self, image: u32, cluster: &Cluster) -> bool {
        let known = &mut self.about_images;
        if known.len() <= image as usize {
            known.resize(image as usize + 1, None);
        }
        let asked = &self.asked;
        *known[image as usize].get_or_insert_with(|| asked.is_about_image(cluster.images().name(image)))
    }

    /// Gives out new codes. If that was done of late there are too many, and domains are counted as the reference does it;
    /// whether that may help.
    fn renumber(&mut self, reached: &mut Reached) -> bool {
        if self.attempts_with_codes < RENUMBERED_TOO_SOON {
            if self.tallies.take().is_none() {
                return false;
            }
            reached.codes_ran_out += 1;
            self.asked.direct_scores.extend(self.asked.domain_score.take());
        }
        self.forget_codes();
        self.codes_ran_out = false;
        self.attempts_with_codes = 0;
        true
    }

    /// Brings the stale rows of a word up to date.
    pub(super) fn refresh_word(&mut self, at: usize, end: usize, cluster: &Cluster, layout: &Layout) {
        let (first, mut stale) = self.rows.stale.word(at, end);
        while stale != 0 {
            self.refresh(first + stale.trailing_zeros() as usize, cluster, layout);
            stale &= stale - 1;
        }
    }

    /// The first filter that rejects a row's node, of those that look no further.
    pub(super) fn refusal(&mut self, row: usize, cluster: &Cluster, layout: &Layout) -> u8 {
        if self.rows.stale.contains(row) {
            self.refresh(row, cluster, layout);
        }
        self.rows.refused[row]
    }

    /// Works a row out anew.
    fn refresh(&mut self, row: usize, cluster: &Cluster, layout: &Layout) {
        let node = cluster.node(layout.order[row]);
        if self.rows.spec_stale.contains(row) {
            self.refresh_spec(row, node, cluster);
        }
        self.rows.stale.remove(row);
        let refused = self.rows.refused_by_spec[row].min(self.asked.refused_by_usage(node));
        let passes = refused == PASSES;
        self.rows.refused[row] = refused;
        self.rows.feasible.set(row, passes);
        self.rows.usage[row] = if passes { self.asked.usage_score(node) } else { 0 };
        if let Some(parts) = self.rows.usage_parts.as_mut().filter(|_| passes) {
            let first = row * self.asked.usage_scores.len();
            self.asked.usage_parts(node).zip(&mut parts[first..]).for_each(|(one, kept)| *kept = one);
        }
        let code = if passes { self.code_of(row) } else { DEAD };
        if self.rows.code[row] != code {
            self.rows.code[row] = code;
            self.presence.changed(row, &self.rows.code);
        }
        self.totals.refreshed(row);
    }

    /// The code of a row that passes. Where codes have run out the row stays stale, and counts as rejected meanwhile.
    fn code_of(&mut self, row: usize) -> u8 {
        let known = self.rows.own_code[row];
        if known != UNKNOWN {
            return known;
        }
        let group = self.rows.group[row];
        let code = match &self.tallies {
            None => Code { group, complete: true, domains: [0; MOST_DOMAINS] },
            Some(tallies) => Code { group, complete: tallies.complete[row], domains: tallies.domains(row) },
        };
        let Some(number) = self.codes.number(code) else {
            self.codes_ran_out = true;
            self.rows.stale.insert(row);
            return DEAD;
        };
        self.rows.own_code[row] = number;
        number
    }

    fn refresh_spec(&mut self, row: usize, node: &Node, cluster: &Cluster) {
        self.rows.refused_by_spec[row] = self.asked.refused_by_spec(node);
        let group = self.groups.number(&self.asked.kinds(node, cluster.images()));
        self.rows.group[row] = group.expect("nodes are of fewer kinds than 65 536");
        self.rows.spec_stale.remove(row);
    }
}
