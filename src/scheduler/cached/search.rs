//! The search: which nodes an attempt looks at.

use std::cell::RefCell;
use std::sync::Arc;

use super::bits::nth_bit;
use super::reached::Reached;
use super::rows::{Layout, PASSES};
use super::table::Table;
use crate::cluster::{Cluster, Node};
use crate::id::PodId;
use crate::object::PodSpec;
use crate::scheduler::framework::{Handle, NodeFilter, PreFilter};
use crate::scheduler::profile::Profile;
use crate::scheduler::sampling::feasible_nodes_to_find;

/// The filters of one attempt that look at the cluster.
type Direct<'a> = Vec<(u8, NodeFilter<'a>)>;

impl Table {
    /// Searches from `start` until one more node passes than is looked for.
    pub(super) fn look(
        &mut self,
        profile: &Profile,
        cluster: &Cluster,
        layout: &Layout,
        pod: PodId,
        start: usize,
        reached: &mut Reached,
    ) -> Option<()> {
        let nodes = layout.order.len();
        let wanted = feasible_nodes_to_find(nodes, profile.percentage_of_nodes_to_score);
        self.direct_refusals.clear();
        (self.window.start, self.window.nodes) = (start, nodes);
        let spec = Arc::clone(&self.asked.pod);
        let direct = self.prepare(profile, cluster, layout, pod, &spec)?;
        reached.direct_filters += u64::from(!direct.is_empty());
        let (steps, found) = if direct.is_empty() {
            self.search(cluster, layout, wanted)
        } else {
            self.search_asking(cluster, layout, wanted, &direct)
        };
        (self.window.steps, self.window.found) = (steps, found);
        Some(())
    }

    /// Runs the PreFilters that look at the cluster. `None` if one rejects the pod or restricts it to some nodes.
    fn prepare<'a>(
        &mut self,
        profile: &'a Profile,
        cluster: &'a Cluster,
        layout: &Layout,
        pod: PodId,
        spec: &'a Arc<PodSpec>,
    ) -> Option<Direct<'a>> {
        let mut direct: Direct<'a> = Vec::new();
        let part = |place: u8| profile.filters[usize::from(place)].part();
        if self.asked.direct_filters.iter().all(|&place| part(place).is_idle(spec, cluster)) {
            return Some(direct);
        }
        let places = self.asked.direct_filters.clone();
        let this = RefCell::new(self);
        for place in places {
            let passes = |node: &Node| {
                let before = |(_, filter): &(u8, NodeFilter<'_>)| filter(node).is_ok();
                this.borrow_mut().refusal(layout.row(node.id), cluster, layout) > place
                    && direct.iter().all(before)
            };
            let entry = &profile.filters[usize::from(place)];
            match entry.part().pre_filter(spec, cluster, &Handle { pod, passes: &passes }) {
                PreFilter::Reject(_) | PreFilter::Run { only: Some(_), .. } => return None,
                PreFilter::Run { filter, only: None } if entry.filters() => direct.push((place, filter)),
                PreFilter::Skip | PreFilter::Run { .. } => {}
            }
        }
        Some(direct)
    }

    /// The search, a word of bits at a time: how many nodes it looked at, and how many passed.
    fn search(&mut self, cluster: &Cluster, layout: &Layout, wanted: usize) -> (usize, usize) {
        let (start, nodes) = (self.window.start, self.window.nodes);
        let mut found = 0;
        for (from, end, before) in [(start, nodes, 0), (0, start, nodes - start)] {
            let mut at = from;
            while at < end {
                self.refresh_word(at, end, cluster, layout);
                let (first, word) = self.rows.feasible.word(at, end);
                let count = word.count_ones() as usize;
                if found + count > wanted {
                    let beyond = first + nth_bit(word, (wanted - found) as u32);
                    return (before + beyond - from, wanted);
                }
                found += count;
                at = first + u64::BITS as usize;
            }
        }
        (nodes, found)
    }

    /// The search, asking filters that look at the cluster about every node.
    fn search_asking(
        &mut self,
        cluster: &Cluster,
        layout: &Layout,
        wanted: usize,
        direct: &Direct<'_>,
    ) -> (usize, usize) {
        let (start, nodes) = (self.window.start, self.window.nodes);
        let mut found = 0;
        for step in 0..nodes {
            let row = (start + step) % nodes;
            let refused = self.refusal(row, cluster, layout);
            let node = cluster.node(layout.order[row]);
            let asked = direct.iter().take_while(|(place, _)| *place < refused);
            let by = asked.into_iter().find(|(_, filter)| filter(node).is_err()).map(|(place, _)| *place);
            if let Some(place) = by {
                self.direct_refusals.push((row, place));
            } else if refused == PASSES {
                if found == wanted {
                    return (step, found);
                }
                found += 1;
            }
        }
        (nodes, found)
    }
}
