//! ACS: what a pod that carries ACS labels becomes on a virtual node, instead of an ECI instance.
//!
//! [`Wish`] is what a pod's labels and annotations ask for, [`acs_spec`] the instance that its containers come to.

mod instance;
mod table;
mod wish;

use crate::rule::{Confidence, Rule};

pub use instance::{AcsError, AcsSpec, acs_spec};
pub use table::acs_sizes;
pub use wish::{
    ACS_IGNORE_RESOURCE_ENV, ACS_LABEL, COMPUTE_CLASS, COMPUTE_QOS, ComputeClass, ComputeQos, REQUIRED_SPEC,
    USED_SPEC, Wish, WishError,
};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "acs-pods",
        statement: "A pod on a virtual node becomes an ACS instance if it has the label alibabacloud.com/compute-class \
                    or alibabacloud.com/compute-qos, or alibabacloud.com/acs: \"true\"; every other one an ECI instance.",
        source: "ACK, \"Use SidecarSet on virtual nodes\": ECI comes first by default; that any one of the labels is \
                 enough is inferred",
        confidence: Confidence::Documented,
    },
    Rule {
        id: "acs-labels",
        statement: "The compute class is general-purpose (default) or performance, the compute QoS default or \
                    best-effort; gpu and gpu-hpn are refused here, as are other values.",
        source: "ACS, \"ACS pod overview\"; GPU classes are not simulated",
        confidence: Confidence::Documented,
    },
    Rule {
        id: "acs-specs",
        statement: "ACS offers 0.25 vCPU with 0.5, 1 or 2 GiB, 0.5 vCPU with 1 to 4, every half vCPU from 1 to 16 with \
                    as many GiB as vCPUs, rounded up, to eight times as many, and 24, 32, 48 and 64 vCPU with 1, 2, 4 \
                    or 8 GiB each; both classes alike, everywhere.",
        source: "ACS, \"ACS pod overview\", its table of resource specifications",
        confidence: Confidence::Documented,
    },
    Rule {
        id: "acs-billed-resources",
        statement: "An ACS instance is sized, resource by resource, by the larger of the containers' requests and \
                    their limits, each added up; a pod with neither gets 2 vCPU and 4 GiB.",
        source: "ACS, \"ACS pod overview\"; that init containers and native sidecars count as on ECI is an estimate",
        confidence: Confidence::Documented,
    },
    Rule {
        id: "acs-spec-rounding",
        statement: "The size is rounded up to the specification with the fewest vCPUs, then the least memory; the pod's \
                    own requests and limits stay as they are.",
        source: "ACS, \"ACS pod overview\": to the closest specification, whose order is an estimate that meets its \
                 example; outside ACS clusters the rounding is not written back into the pod",
        confidence: Confidence::Documented,
    },
    Rule {
        id: "acs-ignored-containers",
        statement: "A container with `__IGNORE_RESOURCE__=true` adds nothing to the size of an ACS instance.",
        source: "koordinator, sidecar resources of ACS pods; manifests of ACS' agent-runtime",
        confidence: Confidence::Observed,
    },
    Rule {
        id: "acs-required-spec",
        statement: "The annotation alibabacloud.com/pod-required-spec replaces the size and is rounded up; one that is \
                    not written as X-YGi, or is less than the containers request, is refused.",
        source: "ACS, \"ACS pod overview\", on specifying pod specifications by annotation; that it holds too between \
                 requests and limits is inferred",
        confidence: Confidence::Documented,
    },
    Rule {
        id: "acs-approval",
        statement: "An instance of more than 16 vCPU or 128 GiB is refused unless the scenario says that the account \
                    has the approval.",
        source: "ACS, \"ACS pod overview\": such pods need a ticket; that they are refused without is inferred",
        confidence: Confidence::Documented,
    },
    Rule {
        id: "acs-room",
        statement: "An ACS instance needs a free address of its zone's vSwitch; ECI's stock and vCPU quota do not \
                    concern it, and no stock or quota of ACS' own is known.",
        source: "ACS, \"ACS pod overview\": one address for each pod; what ACS has in stock is nowhere stated",
        confidence: Confidence::Estimate,
    },
    Rule {
        id: "acs-start",
        statement: "An ACS instance is called for, starts, and is given up after the longest time pending as an ECI \
                    instance without annotations is; the annotations k8s.aliyun.com/eci-* mean nothing to it.",
        source: "both come through the same virtual node; no figures of ACS' own are known",
        confidence: Confidence::Estimate,
    },
    Rule {
        id: "acs-preemption",
        statement: "A best-effort instance is taken back after a time drawn from the scenario's law, with an event 5 \
                    minutes before; default instances never are.",
        source: "ACS, \"ACS pod overview\": 5 minutes; when instances are taken back is nowhere stated, and the event \
                 is in the words of ECI's",
        confidence: Confidence::Estimate,
    },
];
