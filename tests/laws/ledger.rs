//! The cluster's books: what came and went leaves nothing behind.

use overspill::cluster::Node;
use overspill::{Cluster, PodId};
use proptest::prelude::*;

use crate::case::any_case;
use crate::tried;
use crate::world::World;

/// What a node's books say, for comparison: pods have no order, and a resource at zero is as good as none.
fn books(node: &Node) -> impl PartialEq + std::fmt::Debug + use<> {
    let mut requested = node.requested.clone();
    requested.scalar.retain(|_, amount| *amount != 0);
    let mut pods = node.pods.clone();
    pods.sort_unstable();
    let mut ports = node.host_ports.clone();
    ports.sort();
    let non_zero = (node.non_zero_cpu, node.non_zero_memory);
    (requested, non_zero, pods, node.per_class.clone(), ports)
}

/// Takes a pod away, in one of the ways in which pods go.
fn take_away(cluster: &mut Cluster, pod: PodId, way: u8) {
    match way {
        0 => {
            cluster.remove_pod(pod);
        }
        1 => {
            cluster.terminate(pod);
            cluster.check().expect("the books hold while a pod is terminating");
            cluster.remove_pod(pod);
        }
        _ => cluster.unbind(pod),
    }
}

proptest! {
    #![proptest_config(tried(64))]

    /// The pods come by the scheduler's own decisions, so that no two of them share a host port: if they did, the first
    /// to go would free it for both, as upstream has it.
    #[test]
    fn pods_that_came_and_went_leave_the_books_as_they_were(
        mut case in any_case(),
        order in Just((0..12_usize).collect::<Vec<_>>()).prop_shuffle(),
        ways in prop::collection::vec(0..3_u8, 12),
    ) {
        case.placed.iter_mut().for_each(|pod| pod.rest.host_ports.clear());
        let mut world: World = case.world();
        let before: Vec<_> = world.cluster.nodes().map(books).collect();
        let known: Vec<PodId> = world.cluster.pods().map(|(id, _)| id).collect();
        world.schedule_all(&case.pending);
        let cluster = &mut world.cluster;
        cluster.check().expect("the books hold with every pod on its node");
        let new: Vec<_> = cluster.pods().filter(|(id, _)| !known.contains(id)).map(|(id, pod)| (id, pod.node)).collect();
        let bound: Vec<_> = new.into_iter().filter_map(|(id, node)| node.map(|_| id)).collect();
        for (&place, &way) in order.iter().zip(&ways).filter(|(place, _)| **place < bound.len()) {
            take_away(cluster, bound[place], way);
            cluster.check().expect("the books hold after a pod has gone");
        }
        prop_assert_eq!(cluster.nodes().map(books).collect::<Vec<_>>(), before);
    }
}
