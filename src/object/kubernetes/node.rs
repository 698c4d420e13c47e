//! Nodes.

use k8s_openapi::api::core::v1 as api;

use super::{FieldProblem, Problems, parts, resource_list};
use crate::object::image::NodeImage;
use crate::object::requests::to_resources;
use crate::object::{Labels, NodeClass, NodeSpec};

/// Reads a Node. One that bears the label `type=virtual-kubelet` is virtual.
pub fn node_spec(node: &api::Node) -> Result<NodeSpec, Vec<FieldProblem>> {
    let mut problems = Problems::new();
    let metadata = &node.metadata;
    let labels: Labels = metadata.labels.clone().unwrap_or_default().into_iter().collect();
    let spec = node.spec.clone().unwrap_or_default();
    let status = node.status.clone().unwrap_or_default();
    // The API server takes the capacity where allocatable is missing (pkg/apis/core/v1/defaults.go).
    let offered = status.allocatable.as_ref().or(status.capacity.as_ref());
    let allocatable = problems.within("status", |problems| resource_list(problems, "allocatable", offered));
    let taints = problems.within("spec", |problems| {
        problems.each("taints", spec.taints.as_deref().unwrap_or_default(), parts::taint)
    });
    let is_virtual = labels.get("type") == Some("virtual-kubelet");
    let node = NodeSpec {
        name: metadata.name.clone().unwrap_or_default(),
        class: if is_virtual { NodeClass::Virtual } else { NodeClass::Ecs },
        labels,
        annotations: metadata.annotations.clone().unwrap_or_default().into_iter().collect(),
        taints: taints.into_iter().flatten().collect(),
        unschedulable: spec.unschedulable.unwrap_or(false),
        allocatable_pods: allocatable.get("pods").copied().unwrap_or_default().value(),
        allocatable: to_resources(&allocatable),
        images: status.images.unwrap_or_default().into_iter().map(image).collect(),
        vswitch: None,
        conditions: status
            .conditions
            .unwrap_or_default()
            .into_iter()
            .map(|one| (one.type_, one.status))
            .collect(),
    };
    problems.into_result(node)
}

fn image(image: api::ContainerImage) -> NodeImage {
    NodeImage { names: image.names.unwrap_or_default(), size_bytes: image.size_bytes.unwrap_or(0) }
}
