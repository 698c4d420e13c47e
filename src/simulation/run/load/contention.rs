//! Which nodes may be contended, and how those share their cores.

use crate::capacity::cpu_share::Demand;
use crate::controller::pod_metrics::MetricsServer;
use crate::id::NodeId;
use crate::units::{MicroCpu, Span};

use super::latency::Cpu;
use super::node::NodeLoad;
use super::seat::SeatId;
use super::serving::{Around, Serving};

impl Serving {
    /// Puts a pod on its node.
    pub(super) fn stand(&mut self, id: SeatId, node: NodeId, around: &mut Around<'_>) {
        if self.nodes.len() <= node.index() {
            self.nodes.resize(node.index() + 1, NodeLoad::default());
        }
        let seat = self.seats[id.0];
        self.count_room(node, false);
        let there = &mut self.nodes[node.index()];
        let place = there.seats.partition_point(|&(group, _)| group <= seat.group);
        there.seats.insert(place, (seat.group, id));
        if there.seats.len() == 1 {
            there.cores = (around.cores)(node);
        }
        there.move_bound(self.groups[seat.group()].bound_of(seat.kind()).0 as i64);
        if there.is_hot() {
            self.take_from_kind(id, around.meters);
        }
        self.count_room(node, true);
        self.review_if_due(node, around);
    }

    /// Takes a pod off its node, where it was taken to want `bound`.
    pub(super) fn stand_up(&mut self, id: SeatId, node: NodeId, bound: MicroCpu) {
        self.count_room(node, false);
        let there = &mut self.nodes[node.index()];
        let place = there.seats.iter().position(|&(_, other)| other == id);
        there.seats.remove(place.expect("a pod is among those of its node"));
        there.move_bound(-(bound.0 as i64));
        self.count_room(node, true);
        let seat = self.seats[id.0];
        let in_group = seat.in_group;
        let on_nodes = &mut self.groups[seat.group()].on_nodes;
        on_nodes.swap_remove(in_group as usize);
        if let Some(&moved) = on_nodes.get(in_group as usize) {
            self.seats[moved.0].in_group = in_group;
        }
    }

    /// Moves the bound of a group if that is due, and with it the bounds of the nodes of its pods.
    pub(super) fn move_bound(&mut self, group: usize, may_fall: bool, around: &mut Around<'_>) {
        let one = &mut self.groups[group];
        let Some(moves) = one.move_bound(around.now, around.horizon, around.traffic, may_fall) else {
            return;
        };
        let mut to_review = Vec::new();
        for place in 0..self.groups[group].on_nodes.len() {
            let seat = self.seats[self.groups[group].on_nodes[place].0];
            let node = seat.node.expect("a pod on a node has one");
            self.count_room(node, false);
            self.nodes[node.index()].move_bound(moves[seat.kind()]);
            self.count_room(node, true);
            let there = &self.nodes[node.index()];
            if there.may_be_contended() != there.is_hot() {
                to_review.push(node);
            }
        }
        for node in to_review {
            self.review(node, around);
        }
    }

    /// Looks at a node again if it may be contended and is not looked at by itself, or the other way round. Its cores are
    /// known: whoever takes some of them tells it.
    pub(super) fn review_if_due(&mut self, node: NodeId, around: &mut Around<'_>) {
        let there = &self.nodes[node.index()];
        if there.may_be_contended() != there.is_hot() {
            self.review(node, around);
        }
    }

    /// Looks whether a node may be contended.
    pub(super) fn review(&mut self, node: NodeId, around: &mut Around<'_>) {
        self.count_room(node, false);
        let there = &mut self.nodes[node.index()];
        there.cores = (around.cores)(node);
        self.count_room(node, true);
        let there = &self.nodes[node.index()];
        match (there.is_hot(), there.may_be_contended()) {
            (false, true) => self.heat(node, around),
            (true, false) => self.cool(node, around),
            _ => {}
        }
    }

    /// From now on a node is looked at by itself, and each of its pods has an account of its own.
    fn heat(&mut self, node: NodeId, around: &mut Around<'_>) {
        self.count_room(node, false);
        self.nodes[node.index()].settled = Some(around.now);
        self.hot.push(node);
        for place in 0..self.nodes[node.index()].seats.len() {
            let (group, seat) = self.nodes[node.index()].seats[place];
            self.settle_group(group as usize, around);
            self.take_from_kind(seat, around.meters);
        }
    }

    /// From now on the pods of a node use what all of their kind use.
    fn cool(&mut self, node: NodeId, around: &mut Around<'_>) {
        self.settle_node(node, around);
        self.nodes[node.index()].settled = None;
        self.count_room(node, true);
        let place = self.hot.iter().position(|&other| other == node);
        self.hot.swap_remove(place.expect("a hot node is among the hot ones"));
        for place in 0..self.nodes[node.index()].seats.len() {
            let (_, seat) = self.nodes[node.index()].seats[place];
            self.return_to_kind(seat, around.meters);
        }
    }

    fn take_from_kind(&mut self, id: SeatId, meters: &mut MetricsServer) {
        self.uncount(id);
        let seat = &mut self.seats[id.0];
        let group = &mut self.groups[seat.group()];
        group.kinds[seat.kind()].free -= 1;
        let own = meters.open();
        seat.own = Some(own);
        seat.then = group.part;
        meters.follow(seat.meter, own);
    }

    pub(super) fn return_to_kind(&mut self, id: SeatId, meters: &mut MetricsServer) {
        let seat = &mut self.seats[id.0];
        let kind = &mut self.groups[seat.group()].kinds[seat.kind()];
        kind.free += 1;
        meters.follow(seat.meter, kind.account);
        meters.close(seat.own.take().expect("a pod on a hot node has an account of its own"));
    }

    pub(super) fn uncount(&mut self, id: SeatId) {
        let seat = &mut self.seats[id.0];
        if std::mem::take(&mut seat.is_counted) {
            let kind = &mut self.groups[seat.group()].kinds[seat.kind()];
            kind.steady -= 1;
            self.unsteady.push((kind.workload, seat.pod));
        }
    }

    /// Shares the cores of a hot node among its pods for the time since it was settled.
    pub(super) fn settle_node(&mut self, node: NodeId, around: &mut Around<'_>) {
        let there = &mut self.nodes[node.index()];
        let since = there.settled.replace(around.now).expect("only hot nodes are settled by themselves");
        let step = around.now.since(since);
        if step == Span::ZERO {
            return;
        }
        there.cores = (around.cores)(node);
        self.demands.clear();
        for (_, id) in &there.seats {
            let seat = &self.seats[id.0];
            let group = &mut self.groups[seat.group()];
            group.settle(around.now, around.traffic, around.meters);
            let usable = group.kinds[seat.kind()].usable;
            let want = group.share_since(since, seat.then, step).wanted(&usable);
            self.demands.push(Demand { want, weight: usable.weight, limit: usable.limit });
        }
        let grants = self.sharing.share(there.cores, &self.demands);
        let idle = MicroCpu(there.cores.0 - grants.iter().copied().sum::<MicroCpu>().0);
        for (((_, id), &granted), demand) in there.seats.iter().zip(grants).zip(&self.demands) {
            let seat = &mut self.seats[id.0];
            let group = &mut self.groups[seat.group()];
            let share = group.share_since(since, seat.then, step);
            let usable = group.kinds[seat.kind()].usable;
            let lacking = share.lacking(&usable, granted, step);
            group.untold.unserved += lacking;
            let cpu = Cpu { wanted: demand.want, granted, idle: Some(idle) };
            group.tell_latency(&share, &usable, cpu, share.part - lacking);
            let own = seat.own.expect("a pod on a hot node has its own account");
            around.meters.used(own, granted, step);
            around.meters.serves(own, share.milli_rate());
            seat.then = group.part;
        }
    }
}
