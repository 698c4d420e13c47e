//! Rows that are final, on their way to the sink.

use super::Observer;
use crate::cost::Apportion;
use crate::id::PodId;
use crate::metric::lives::Ended;
use crate::metric::names::Names;
use crate::metric::rows::{NodeRecord, PodRow};
use crate::metric::sink::RowSink;
use crate::object::NodeClass;
use crate::units::{Money, SimTime};

impl<S: RowSink> Observer<S> {
    /// The row of a pod is final: its pod has ended, or the run has. It is handed on, with those that waited for it, if
    /// those of all pods before it were.
    pub(super) fn hand_over(&mut self, pod: PodId) {
        let living = self.pods.get(pod);
        let (line, cost, is_spot) = (living.line, living.account.cost_at(self.now), living.is_spot);
        self.spent_on_pods += cost;
        if is_spot {
            self.run.spot.virtual_nodes += cost;
        }
        if line.node.is_some_and(|node| self.nodes[node.index()].row.class == NodeClass::Virtual) {
            let is_acs = self.names.text(line.spec).starts_with("acs ");
            *(if is_acs { &mut self.on_virtual.acs } else { &mut self.on_virtual.others }) = true;
        }
        self.pods.end(pod, cost);
        while let Some(ended) = self.pods.take_ended() {
            // No pod has cost anything before time has gone on.
            let printed = self.apportion.next(ended.cost, self.outlay.unwrap_or_default());
            let row = row_of(&ended, self.pods.name(), &self.names, &self.nodes);
            self.sink.pod(&row, printed);
        }
    }

    /// Hands on the rows of all nodes. What they cost, and what of it was idle.
    ///
    /// They print what is left of the printed total.
    pub(super) fn hand_on_nodes(&mut self, horizon: SimTime) -> (Money, Money) {
        let rows: Vec<_> =
            std::mem::take(&mut self.nodes).into_iter().map(|node| node.into_row(horizon)).collect();
        let spot = &mut self.run.spot;
        spot.ecs =
            rows.iter().zip(0..).filter(|(_, place)| spot.has_node(*place)).map(|(row, _)| row.cost).sum();
        let printed = self.run.bill.printed(horizon, self.outlay.unwrap_or_default());
        let costs: Vec<_> = rows.iter().map(|row| row.cost).collect();
        let printed = Apportion::all(&costs, printed.nodes);
        let mut idle_costs = Apportion::default();
        let mut idle_cost = Money::ZERO;
        for (row, printed) in rows.into_iter().zip(printed) {
            idle_cost += row.idle_cost;
            let idle = idle_costs.next(row.idle_cost, Money::ZERO);
            self.sink.node(row, printed, idle);
        }
        (costs.into_iter().sum(), idle_cost)
    }
}

/// The row of a pod that has ended.
fn row_of<'r>(ended: &Ended, name: &'r str, names: &'r Names, nodes: &'r [NodeRecord]) -> PodRow<&'r str> {
    let line = &ended.line;
    let on = line.node.map(|node| &nodes[node.index()].row);
    PodRow {
        name,
        namespace: names.text(line.namespace),
        workload: names.text(line.workload),
        node: on.map_or("", |node| &node.name),
        node_class: on.map(|node| node.class),
        created: line.created,
        scheduled: line.scheduled.get(),
        ready: line.ready.get(),
        finished: line.finished.get(),
        containers: line.containers,
        attempts: line.attempts,
        counted: line.counted,
        overflow: line.overflow,
        billed_spec: names.text(line.spec),
        cost: ended.cost,
    }
}
