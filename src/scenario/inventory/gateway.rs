//! ASM gateways: what ASM makes of each is taken stock of like everything else.

use overspill_manifest::{IstioGateway, Object};

use super::Inventory;
use crate::admission::istio::gateway::{Made, make, path_in_gateway};
use crate::admission::priority::PriorityClasses;
use crate::object::kubernetes::FieldProblem;

/// An ASM gateway, and what stands for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gateway {
    /// `IstioGateway/NAMESPACE/NAME`.
    pub title: String,
    /// Its workload, `Deployment/NAMESPACE/istio-NAME`.
    pub workload: String,
}

impl Inventory {
    /// The workload that `title` means: an `IstioGateway` stands for its Deployment.
    pub fn scaled_as<'t>(&'t self, title: &'t str) -> &'t str {
        self.gateways.iter().find(|gateway| gateway.title == title).map_or(title, |gateway| &gateway.workload)
    }
}

/// Adds a gateway. Of what stands in the manifests itself, as a server prints it, nothing is made a second time.
pub(super) fn add(
    inventory: &mut Inventory,
    gateway: &IstioGateway,
    priorities: &PriorityClasses,
) -> Result<(), Vec<FieldProblem>> {
    let Made { deployment, service, autoscaler } = make(gateway);
    let namespace = deployment.metadata.namespace.as_deref().unwrap_or_default();
    let workload =
        format!("Deployment/{namespace}/{}", deployment.metadata.name.as_deref().unwrap_or_default());
    let title = format!("IstioGateway/{namespace}/{}", gateway.metadata.name.as_deref().unwrap_or_default());
    let is_new = inventory.workloads.iter().all(|one| one.title() != workload);
    let is_sized = inventory.autoscalers.iter().any(|one| one.target == workload);
    let made = [
        is_new.then(|| Object::Deployment(Box::new(deployment))),
        autoscaler.filter(|_| !is_sized).map(|one| Object::HorizontalPodAutoscaler(Box::new(one))),
        Some(Object::Service(Box::new(service))),
    ];
    let mut problems = Vec::new();
    for object in made.iter().flatten() {
        let found = inventory.add(object, priorities).err().into_iter().flatten();
        problems
            .extend(found.map(|problem| FieldProblem { path: path_in_gateway(&problem.path), ..problem }));
    }
    inventory.gateways.push(Gateway { title, workload });
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

#[cfg(test)]
mod tests;
