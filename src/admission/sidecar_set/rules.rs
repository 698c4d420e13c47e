//! What the injection of SidecarSets rests on.

use crate::rule::{Confidence, Rule};

const WEBHOOK: &str = "openkruise/kruise, pkg/webhook/pod/mutating/sidecarset.go";
const VALIDATION: &str =
    "openkruise/kruise, pkg/webhook/sidecarset/validating/sidecarset_create_update_handler.go";
const DOCUMENT: &str = "ACK, \"Inject sidecar containers into ACS pods in virtual nodes\"";

const fn rule(
    id: &'static str,
    statement: &'static str,
    source: &'static str,
    confidence: Confidence,
) -> Rule {
    Rule { id, statement, source, confidence }
}

pub(in crate::admission) const RULES: &[Rule] = &[
    rule(
        "sidecarset-selects",
        "A SidecarSet is for pods that its selector selects, in its namespace and the namespaces that its \
         namespaceSelector names or selects, and never in kube-system or kube-public.",
        "openkruise/kruise, pkg/control/sidecarcontrol/util.go `PodMatchedSidecarSet`, `IsActivePod`",
        Confidence::Source,
    ),
    rule(
        "sidecarset-empty-selector",
        "An empty selector matches no pod, and the API server refuses a SidecarSet that has one.",
        VALIDATION,
        Confidence::Source,
    ),
    rule(
        "sidecarset-checks",
        "A SidecarSet has a container or an init container, names each once, mounts volumes of its own, and \
         does not name both a namespace and a namespaceSelector.",
        VALIDATION,
        Confidence::Source,
    ),
    rule(
        "sidecarset-only-new-pods",
        "A SidecarSet is injected into pods that are created while it is there and its injection is not \
         paused; pods that exist stay as they are.",
        WEBHOOK,
        Confidence::Source,
    ),
    rule(
        "sidecarset-place",
        "Init containers come after the pod's own in order of name, containers before the pod's own or after \
         them as podInjectPolicy says, those of several SidecarSets in order of its name, and one that has \
         the name of the pod's own container takes its place.",
        WEBHOOK,
        Confidence::Source,
    ),
    rule(
        "sidecarset-volumes",
        "Of a SidecarSet's volumes those come that its containers mount, and a volume of the pod goes before \
         one of its name.",
        WEBHOOK,
        Confidence::Source,
    ),
    rule(
        "sidecarset-marks",
        "Injected containers have IS_INJECTED=true, and their pod tells by annotations which SidecarSets it \
         has and in which state.",
        WEBHOOK,
        Confidence::Source,
    ),
    rule(
        "sidecarset-environment",
        "An injected container takes over the variables that transferEnv names, unless it has them itself, \
         and with shareVolumePolicy it mounts what the pod's own containers mount.",
        "openkruise/kruise, pkg/control/sidecarcontrol/util.go `GetSidecarTransferEnvs`, \
         `GetInjectedVolumeMountsAndEnvs`",
        Confidence::Source,
    ),
    rule(
        "sidecarset-hot-upgrade-twins",
        "A container that is upgraded hot comes as two, NAME-1 with its image and NAME-2 with the empty \
         image, and counts twice in requests, limits and READY.",
        "openkruise/kruise, pkg/webhook/pod/mutating/sidecarset_hotupgrade.go",
        Confidence::Source,
    ),
    rule(
        "sidecarset-after-istio",
        "Istio's injector sees a new pod before OpenKruise does.",
        "kubernetes/kubernetes, pkg/controlplane: webhook configurations are called in order of name, and \
         istio-sidecar-injector stands before kruise-mutating-webhook-configuration",
        Confidence::Source,
    ),
    rule(
        "virtual-node-label",
        "ack-virtual-node labels a pod with serverless.alibabacloud.com/virtual-node=true when it takes it \
         up, whatever has sent the pod to the virtual node; pods on ECS nodes never have the label.",
        DOCUMENT,
        Confidence::Documented,
    ),
    rule(
        "sidecarset-on-virtual-nodes",
        "A labelled pod on a virtual node gets the containers of the SidecarSets that select it now, before \
         its instance is sized: they are in its specification, its bill and READY, and no filter or score \
         has seen them.",
        DOCUMENT,
        Confidence::Documented,
    ),
    rule(
        "sidecarset-room-on-virtual-nodes",
        "What is injected on a virtual node is not counted against the node's allocatable resources.",
        "inferred: a virtual node is as large as its quota",
        Confidence::Estimate,
    ),
    rule(
        "sidecarset-no-init-on-virtual-nodes",
        "Init containers come at creation only: a pod that is injected on a virtual node gets none.",
        WEBHOOK,
        Confidence::Source,
    ),
    rule(
        "sidecarset-once",
        "A pod that was injected at creation is not injected again by the same SidecarSet on a virtual node.",
        "openkruise/kruise, pkg/control/sidecarcontrol/sidecarset_control.go `NeedToInjectInUpdatedPod`",
        Confidence::Source,
    ),
    rule(
        "sidecarset-gate",
        "Without the feature gate SidecarSetServerlessPod of the API server no container comes to a pod that \
         exists, and the pod runs as it was created.",
        "ACK, \"Inject sidecar containers into ACS pods in virtual nodes\": the gate is a prerequisite; what is \
         without it is inferred",
        Confidence::Estimate,
    ),
    rule(
        "sidecarset-compute-classes",
        "On virtual nodes pods of ECI and of the ACS compute classes general-purpose and performance are \
         injected, and those of other classes are not.",
        DOCUMENT,
        Confidence::Documented,
    ),
    rule(
        "sidecarset-idle",
        "An injected container uses no cpu: requests are served within the limits of the pod's own \
         containers.",
        "a simplification: what an agent uses depends on what it does",
        Confidence::Estimate,
    ),
    rule(
        "sidecarset-binding-own-namespace",
        "A SidecarSetResourceBinding lets SidecarSets read ConfigMaps and Secrets of its own namespace, and \
         of no other.",
        DOCUMENT,
        Confidence::Documented,
    ),
];
