//! ImageLocality: prefers nodes that already have the pod's images.

use crate::cluster::Cluster;
use crate::id::NodeId;
use crate::object::PodSpec;
use crate::object::image::normalized;
use crate::scheduler::framework::{About, Depends, MAX_NODE_SCORE, Normalize, Plugin, PreScore, ScorePlugin};

const ABOUT: About = About {
    name: "ImageLocality",
    formula: "s = Σ size·(nodes that have it/all nodes) over the images that the node has, clamped to [23 MiB, \
              1000 MiB·containers]; 100·(s − 23 MiB)/(1000 MiB·containers − 23 MiB)",
    default_weight: 1,
    source: "framework/plugins/imagelocality/image_locality.go:34",
};

const MIB: i64 = 1 << 20;
/// Below this an image does not count.
const MIN_THRESHOLD: i64 = 23 * MIB;
/// Above this per container it counts no more.
const MAX_CONTAINER_THRESHOLD: i64 = 1000 * MIB;

struct ImageLocality;

/// The plugin.
pub fn plugin() -> Plugin {
    Plugin::new(ABOUT).scoring(ImageLocality)
}

/// The score of a node that has images of `sum` bytes, each already scaled by how many nodes have it.
fn priority(sum: i64, containers: i64) -> i64 {
    let most = MAX_CONTAINER_THRESHOLD * containers;
    let sum = sum.clamp(MIN_THRESHOLD, most.max(MIN_THRESHOLD));
    MAX_NODE_SCORE * (sum - MIN_THRESHOLD) / (most - MIN_THRESHOLD)
}

impl ScorePlugin for ImageLocality {
    fn pre_score<'a>(&'a self, pod: &'a PodSpec, cluster: &'a Cluster, _: &'a [NodeId]) -> PreScore<'a> {
        let images: Vec<_> = pod.containers.iter().map(|container| normalized(&container.image)).collect();
        let all_nodes = cluster.node_count() as f64;
        PreScore::run(move |node| {
            let found = images.iter().filter_map(|image| cluster.images().on_node(image, node.id));
            let scaled = found.map(|(size, nodes)| (size as f64 * (nodes as f64 / all_nodes)) as i64);
            Some(priority(scaled.sum(), images.len() as i64))
        })
    }

    fn normalize(&self) -> Normalize {
        Normalize::Identity
    }

    fn depends(&self, _: &PodSpec) -> Depends {
        Depends::Others
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_outside_the_thresholds_are_clamped() {
        assert_eq!(priority(0, 1), 0);
        assert_eq!(priority(23 * MIB, 1), 0);
        assert_eq!(priority(1000 * MIB, 1), 100);
        assert_eq!(priority(9000 * MIB, 1), 100);
        assert_eq!(priority(1000 * MIB, 2), 100 * 977 / 1977);
    }
}
