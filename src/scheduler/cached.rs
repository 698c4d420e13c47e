//! The cached evaluator: the decisions of the reference, from arrays that are kept between attempts.
//!
//! For each specification of pods a table holds, in node order, what the plugins said of every node: whether it passes,
//! what it scores by itself, and a small code for everything that it has in common with other nodes. A row is worked out
//! anew when its node has changed and the search comes to it, not before. An attempt is then a search over bits, one
//! table of scores by code, and three passes over small numbers.
//!
//! What a plugin answers from the whole cluster is asked in each attempt as the reference does it. An attempt that finds
//! no node is left to the reference altogether, for it has to say why.
//!
//! This folder is an optimisation: without it every result stays the same.

mod asked;
mod bits;
mod blame;
mod code;
mod presence;
mod reached;
mod rows;
mod search;
mod table;
mod tally;
mod total;
mod totals;
mod window;

use rustc_hash::FxHashMap;

use super::profile::Profile;
use super::reference::Evaluation;
use crate::cluster::{Cluster, Era};
use crate::id::{ClassId, NodeId, PodId};

pub use reached::Reached;
use rows::Layout;
use table::Table;

/// So many tables are kept in any case.
const SURE_TABLES: usize = 512;
/// Beyond them, more tables are kept as long as all have no more rows than this together: the one that was not used for
/// longest goes.
const MOST_ROWS: usize = 4_000_000;

/// What is kept between attempts.
#[derive(Default)]
pub(super) struct Cached {
    era: Era,
    layout: Layout,
    /// By profile and class.
    tables: FxHashMap<(usize, ClassId), Table>,
    attempts: u64,
    reached: Reached,
    /// Whether what each plugin said is kept apart, so that the one that was wrong can be told.
    keeps_parts: bool,
}

/// An attempt that found nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// How many nodes were looked at.
    pub(super) examined: usize,
    /// How many nodes are best.
    pub(super) ties: usize,
}

impl Cached {
    /// Looks for nodes from `start`. `None` leaves the attempt to the reference.
    pub(super) fn evaluate(
        &mut self,
        (number, profile): (usize, &Profile),
        cluster: &Cluster,
        pod: PodId,
        start: usize,
    ) -> Option<Found> {
        self.attempts += 1;
        if cluster.has_nominations() || !table::is_fit(profile) {
            self.reached.left_to_reference += 1;
            return None;
        }
        self.keep_up(cluster);
        let class = cluster.pod(pod).class;
        self.make_room((number, class));
        let keeps_parts = self.keeps_parts;
        let table = self
            .tables
            .entry((number, class))
            .or_insert_with(|| Table::new(profile, cluster.class(class), cluster, &self.layout, keeps_parts));
        table.used = self.attempts;
        let found = table.evaluate(profile, cluster, &self.layout, pod, start, &mut self.reached);
        self.reached.left_to_reference += u64::from(found.is_none());
        found
    }

    /// The `n`-th of the best nodes of the attempt that [`Cached::evaluate`] has just made.
    pub(super) fn best(&self, number: usize, class: ClassId, n: usize) -> NodeId {
        self.layout.order[self.tables[&(number, class)].best(n)]
    }

    /// The nodes of that attempt in order, with the filter that rejected each.
    pub(super) fn verdicts<'s>(
        &'s self,
        (number, profile): (usize, &'s Profile),
        class: ClassId,
    ) -> impl Iterator<Item = (NodeId, Option<&'static str>)> + 's {
        let table = &self.tables[&(number, class)];
        let by = |filter: usize| profile.filters[filter].name();
        table.verdicts().map(move |(row, filter)| (self.layout.order[row], filter.map(by)))
    }

    /// From now on what each plugin said is kept apart.
    pub(super) fn keep_parts(&mut self) {
        self.keeps_parts = true;
    }

    /// The plugin of which something else was kept in the last attempt for pods of a class than it says now, and the
    /// node of which it says so.
    pub(super) fn blame(
        &self,
        (number, profile): (usize, &Profile),
        class: ClassId,
        evaluation: &Evaluation,
    ) -> Option<(&'static str, NodeId)> {
        self.tables[&(number, class)].blame(profile, &self.layout, evaluation)
    }

    /// What attempts have come by so far.
    pub(super) fn reached(&self) -> Reached {
        self.reached
    }

    /// Forgets everything if nodes came, went or moved, or if what selects pods has changed.
    fn keep_up(&mut self, cluster: &Cluster) {
        let era = cluster.changes().era();
        if self.era != era || self.layout.order.is_empty() {
            self.era = era;
            self.layout = Layout::of(cluster);
            self.tables.clear();
        }
    }

    fn make_room(&mut self, for_key: (usize, ClassId)) {
        let most = SURE_TABLES.max(MOST_ROWS / self.layout.order.len().max(1));
        if self.tables.len() < most || self.tables.contains_key(&for_key) {
            return;
        }
        let oldest = self.tables.iter().min_by_key(|(_, table)| table.used).map(|(&key, _)| key);
        if let Some(oldest) = oldest {
            self.tables.remove(&oldest);
        }
    }
}
