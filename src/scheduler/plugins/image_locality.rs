//! ImageLocality: prefers nodes that already have the pod's images.

use std::sync::Arc;

use crate::cluster::{Cluster, Images, Node, Owners};
use crate::id::NodeId;
use crate::object::PodSpec;
use crate::object::image::normalized;
use crate::scheduler::framework::{
    About, MAX_NODE_SCORE, NodeKinds, Normalize, Plugin, PreScore, ScorePlugin, ScoreReach,
};

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

fn images_of(pod: &PodSpec) -> impl Iterator<Item = String> {
    pod.containers.iter().map(|container| normalized(&container.image))
}

/// The score of a node that has these images of a pod's `containers`.
fn score<'i>(there: impl Iterator<Item = &'i String>, containers: usize, cluster: &Cluster) -> i64 {
    let all_nodes = cluster.node_count() as f64;
    let known = there.filter_map(|image| cluster.images().known(image));
    let scaled = known.map(|(size, nodes)| (size as f64 * (nodes as f64 / all_nodes)) as i64);
    priority(scaled.sum(), containers as i64)
}

/// More images than this in one pod are not told apart by bits.
const MOST_IMAGES: usize = u32::BITS as usize;

impl ScorePlugin for ImageLocality {
    fn reach(&self, pod: &Arc<PodSpec>, _: &Owners) -> ScoreReach {
        let images: Arc<[String]> = images_of(pod).collect();
        if images.len() > MOST_IMAGES {
            return ScoreReach::Cluster;
        }
        let (wanted, known) = (Arc::clone(&images), Arc::clone(&images));
        let about = move |name: &str| known.iter().any(|image| image == name);
        let kind = move |node: &Node, images: &Images| {
            let has = |image: &String| u32::from(images.on_node(image, node.id).is_some());
            wanted.iter().enumerate().fold(0, |kind, (bit, image)| kind | has(image) << bit)
        };
        let raw = move |kind: u32, cluster: &Cluster| {
            let there = images.iter().enumerate().filter(|(bit, _)| kind >> bit & 1 == 1);
            Some(score(there.map(|(_, image)| image), images.len(), cluster))
        };
        ScoreReach::Kinds(NodeKinds { about: Box::new(about), kind: Box::new(kind), raw: Box::new(raw) })
    }

    fn pre_score<'a>(&'a self, pod: &'a Arc<PodSpec>, cluster: &'a Cluster, _: &'a [NodeId]) -> PreScore<'a> {
        let images: Vec<_> = images_of(pod).collect();
        PreScore::run(move |node| {
            let there = images.iter().filter(|image| cluster.images().on_node(image, node.id).is_some());
            Some(score(there, images.len(), cluster))
        })
    }

    fn normalize(&self) -> Normalize {
        Normalize::Identity
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
