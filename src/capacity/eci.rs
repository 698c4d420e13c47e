//! ECI as a platform: what a pod asks of it, and whether there is room for it.
//!
//! [`Wishes`] are a pod's annotations, [`tries()`] the instances that it may become, in order. [`Platform`] is a state
//! machine: it is told of calls and of instances that end, and answers with what becomes of them and when to look again.

mod platform;
mod room;
mod tries;
mod wishes;

use crate::rule::{Confidence, Rule};

pub use platform::{Answer, CallRate, Placement, Platform, Request, Setup, ZoneId, ZoneSetup};
pub use room::{Block, DEFAULT_QUOTA, Refusal, Stock};
pub use tries::{Category, Try, tries};
pub use wishes::{
    ANNOTATIONS, COMPUTE_CATEGORY, EXTRA_STORAGE, FAIL_STRATEGY, FailStrategy, INSTANCE_CATEGORY,
    INSTANCE_ID, INSTANCE_SPEC, INSTANCE_ZONE, MAX_PENDING, SPOT_DURATION, SPOT_FALLBACK, SPOT_PRICE_LIMIT,
    SPOT_STRATEGY, SpotWish, VSWITCH, WishError, Wishes, idle_spot_wishes,
};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "eci-candidates",
        statement: "The instances that a pod may become are tried in order, each in every zone that is open to \
                    the pod before the next.",
        source: "ECI, \"Specify multiple specifications to create a pod\" and \"Configure multiple zones to create \
                 an Elastic Container Instance-based pod\"; that zones come inside specifications is inferred",
        confidence: Confidence::Documented,
    },
    Rule {
        id: "eci-zones",
        statement: "An instance is created in the zone of its pod's virtual node, unless the pod names vSwitches or \
                    a strategy: then the zones of the vSwitches, or of all virtual nodes with the pod's own first, in \
                    order (VSwitchOrdered) or in drawn order (VSwitchRandom, the default with vSwitches).",
        source: "ECI, \"Configure multiple zones to create an Elastic Container Instance-based pod\"; it describes \
                 VSwitchRandom as a choice by inventory, drawn evenly here",
        confidence: Confidence::Documented,
    },
    Rule {
        id: "eci-room",
        statement: "An instance needs one of its specification's stock in its zone, a free address of the zone's \
                    vSwitch, and vCPUs of the quota, and gives them back when it ends.",
        source: "ECI, \"Limits\" and \"Configure multiple zones to create an Elastic Container Instance-based pod\"",
        confidence: Confidence::Documented,
    },
    Rule {
        id: "eci-quota",
        statement: "Unless the scenario says otherwise the quota of a region is that of the profile `default`, 500 vCPU \
                    for all pay-as-you-go and spot instances; `raised` has no bound.",
        source: "the quota depends on the account's history; 500 is a guess",
        confidence: Confidence::Estimate,
    },
    Rule {
        id: "eci-retry",
        statement: "A request without room stays with the platform without another call, and is looked at again \
                    every 10 s.",
        source: "ECI, \"Configure the fault handling policy\": fail-back retries by itself; the interval is a guess",
        confidence: Confidence::Estimate,
    },
    Rule {
        id: "eci-fail-fast",
        statement: "With eci-fail-strategy fail-fast a pod without room fails at once with reason \
                    ContainerInstanceScheduleFailed; fail-back and fail-over wait.",
        source: "ECI, \"Configure the fault handling policy\"; that the pod's phase is Failed, so that its \
                 ReplicaSet replaces it, is an estimate: the page's sample has phase Pending",
        confidence: Confidence::Estimate,
    },
    Rule {
        id: "eci-max-pending",
        statement: "A pod whose containers do not run eci-max-pending-minute (10 to 1440, default 240) after its \
                    request is terminated.",
        source: "ECI, \"Specify the maximum pending duration of an Elastic Container Instance-based pod\"; that page \
                 counts from the image pull on, which the scenario can choose, and does not say that the pod is \
                 replaced",
        confidence: Confidence::Estimate,
    },
    Rule {
        id: "zone-outage",
        statement: "When a zone fails, its ECS nodes do, its virtual node falls silent, its ECI and ACS instances are lost at \
                    once with their pods Failed and paid for no longer, and none is created there until it is back, as if \
                    out of stock.",
        source: "no documentation tells; it is what the loss of a data centre means",
        confidence: Confidence::Estimate,
    },
    Rule {
        id: "eci-spot",
        statement: "A spot instance needs stock of its own and a market price within the pod's limit; without, the \
                    pod waits, or with eci-spot-fallback becomes a pay-as-you-go instance.",
        source: "ECI, \"Create a preemptible elastic container instance\"; what spot instances share with others is \
                 inferred",
        confidence: Confidence::Documented,
    },
    Rule {
        id: "eci-spot-reclaim",
        statement: "After the hour of protection a spot instance is taken back after a time drawn from the \
                    scenario's law, with notice 3 minutes before.",
        source: "ECI, \"Create a preemptible elastic container instance\" (2021; later pages say 5 minutes); when \
                 instances are taken back is nowhere stated",
        confidence: Confidence::Estimate,
    },
    Rule {
        id: "eci-stock-change",
        statement: "A change of a zone's stock sets how many more instances there can be; those that are there stay, and give \
                    theirs back when they end; pods that wait look again at their next retry.",
        source: "ECI tells nobody its stock: it is seen by what can be created",
        confidence: Confidence::Estimate,
    },
    Rule {
        id: "eci-quota-change",
        statement: "A quota that is cut takes no instance away, and holds back what comes until enough have ended.",
        source: "ECI, \"Limits\": a quota is looked at when an instance is created",
        confidence: Confidence::Estimate,
    },
    Rule {
        id: "eci-outbid",
        statement: "A spot instance whose market price rises above its pod's limit is told that it will be taken back, once its \
                    protection is over.",
        source: "ECI, \"Create a preemptible elastic container instance\"; that it is not spared if the price has fallen by \
                 then is an estimate",
        confidence: Confidence::Estimate,
    },
    Rule {
        id: "eci-economy",
        statement: "The economy category has instances up to 8 vCPU, the general category from 1 vCPU; where both \
                    are named each specification is tried in their order, and neither goes with spot.",
        source: "ECI, \"Specify a compute category to create a pod\"",
        confidence: Confidence::Documented,
    },
    Rule {
        id: "eci-annotations",
        statement: "The platform writes the instance's name, billed specification, zone and, if it was asked for, \
                    compute category onto the pod.",
        source: "ECI, \"ECI Pod Annotation\"; the zone is seen on pods only",
        confidence: Confidence::Documented,
    },
    Rule {
        id: "eci-refusals",
        statement: "A pod with hostNetwork, hostPID, hostPath volumes, privileged containers, or annotations that \
                    the platform refuses stays without an instance and with an event ProviderCreateFailed; one of \
                    a DaemonSet is skipped in silence.",
        source: "ACK, virtual nodes' limits; virtual-kubelet, node/pod.go; alibabacloud-eci, eci.go",
        confidence: Confidence::Source,
    },
    Rule {
        id: "eci-instance-limits",
        statement: "An instance has at most 20 containers beside init containers, 20 volumes, and 30 GiB of disk beside \
                    what eci-extra-ephemeral-storage adds, and no devices such as GPUs; a pod that asks for more stays \
                    without an instance and with an event ProviderCreateFailed.",
        source: "ECI, \"Limits\"; that limits of ephemeral storage, or else requests, are added up, and that GPUs are \
                 refused instead of sold as GPU types, is a simplification",
        confidence: Confidence::Documented,
    },
    Rule {
        id: "eci-image-cache",
        statement: "Images of a pod that asks for an image cache come from it.",
        source: "ECI, \"ECI Pod Annotation\"; that the cache is there at the first pod is an estimate",
        confidence: Confidence::Estimate,
    },
];
