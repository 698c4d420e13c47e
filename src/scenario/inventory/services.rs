//! Services: what the API server would refuse of them.
//!
//! Source: pkg/apis/core/validation/validation.go `ValidateService`, as far as it concerns what `get` prints.

use k8s_openapi::api::core::v1 as api;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use crate::object::kubernetes::{FieldProblem, Problems};

const TYPES: [&str; 4] = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
const PROTOCOLS: [&str; 3] = ["SCTP", "TCP", "UDP"];
/// Longest name of a container's port.
const LONGEST_PORT_NAME: usize = 15;

/// Everything that is wrong with a Service.
pub(super) fn check(service: &api::Service) -> Result<(), Vec<FieldProblem>> {
    let mut problems = Problems::new();
    let Some(spec) = &service.spec else { return Ok(()) };
    let kind = spec.type_.as_deref().unwrap_or("ClusterIP");
    if !TYPES.contains(&kind) {
        let message = format!("{kind:?} is no type of Services: write {}", TYPES.join(", "));
        problems.note("spec.type", message);
    }
    if kind == "ExternalName" && spec.external_name.as_deref().unwrap_or_default().is_empty() {
        problems.note("spec.externalName", "is required of a Service of the type ExternalName");
    }
    let ports = spec.ports.as_deref().unwrap_or_default();
    for (index, port) in ports.iter().enumerate() {
        check_port(&mut problems, port, &format!("spec.ports[{index}]"));
    }
    problems.into_result(())
}

fn check_port(problems: &mut Problems, port: &api::ServicePort, path: &str) {
    let mut check_number = |field: &str, number: i32| {
        if !(1..=65_535).contains(&number) {
            problems.note(&format!("{path}.{field}"), format!("{number} is no port: those are 1 to 65535"));
        }
    };
    check_number("port", port.port);
    match &port.target_port {
        // The API server takes 0 for none.
        Some(IntOrString::Int(number)) if *number != 0 => check_number("targetPort", *number),
        _ => {}
    }
    if let Some(number) = port.node_port.filter(|&number| number != 0) {
        check_number("nodePort", number);
    }
    if let Some(IntOrString::String(name)) = &port.target_port
        && !is_port_name(name)
    {
        let message =
            format!("{name:?} is no name of a port: up to 15 of a-z, 0-9 and -, with a letter among them");
        problems.note(&format!("{path}.targetPort"), message);
    }
    if let Some(protocol) = port.protocol.as_deref().filter(|one| !PROTOCOLS.contains(one)) {
        let message = format!("{protocol:?} is no protocol of Services: write {}", PROTOCOLS.join(", "));
        problems.note(&format!("{path}.protocol"), message);
    }
}

/// Whether a text may name a port (apimachinery's `IsValidPortName`).
fn is_port_name(name: &str) -> bool {
    let is_allowed = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
    name.len() <= LONGEST_PORT_NAME
        && name.chars().all(is_allowed)
        && name.chars().any(|letter| letter.is_ascii_lowercase())
        && !name.contains("--")
        && !name.starts_with('-')
        && !name.ends_with('-')
}
