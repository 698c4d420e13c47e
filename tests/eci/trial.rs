//! A small scenario of pods that go to virtual nodes, and what is seen of its run.

use std::fmt::Write as _;
use std::fs;

use overspill::experiment::measure;
use overspill::metric::{Fact, Observation, PodRow};
use overspill::scenario::{ReadOptions, read, resolve};
use overspill::scheduler::Registry;
use overspill::simulation::{Scenario, run};
use overspill::units::{Money, SimTime};

const PRICES: &str = include_str!("../../prices/cn-hangzhou-usd.yaml");

/// Creation takes 7.5 s: 5 s of sandbox, not billed, then half a second for a cached image, a second to start the
/// container and a second to be ready.
const ECI: &str =
    "sandbox: {constant: 5s}, containerStart: {constant: 1s}, ready: {constant: 1s}, imageCache: true";

/// A scenario of one Deployment whose pods select virtual nodes.
pub(crate) struct Trial {
    pub(crate) horizon: &'static str,
    pub(crate) replicas: u32,
    /// Labels of the pods beside their own, as YAML of one line.
    pub(crate) labels: &'static str,
    /// Annotations of the pods, as YAML of one line.
    pub(crate) annotations: &'static str,
    /// More of the pods' specification, as YAML of one line.
    pub(crate) pod: &'static str,
    /// More of the container, as YAML of one line.
    pub(crate) container: &'static str,
    /// More of `eci`, as YAML of one line.
    pub(crate) eci: &'static str,
    /// The virtual nodes by zone.
    pub(crate) virtual_nodes: &'static str,
    /// The price list.
    pub(crate) prices: &'static str,
    /// More of the scenario's spec.
    pub(crate) spec: &'static str,
    /// More manifests.
    pub(crate) manifests: &'static str,
}

impl Default for Trial {
    /// Two pods of 2-4Gi in one zone for ten minutes.
    fn default() -> Self {
        Self {
            horizon: "10m",
            replicas: 2,
            labels: "",
            annotations: "",
            pod: "",
            container: "resources: {limits: {cpu: 2, memory: 4Gi}}",
            eci: "",
            virtual_nodes: "{cn-hangzhou-j: {}}",
            prices: PRICES,
            spec: "",
            manifests: "",
        }
    }
}

/// What is seen of a run.
pub(crate) struct Seen {
    pub(crate) observation: Observation,
    /// What was written onto pods: time in seconds, pod by number, name and value.
    pub(crate) annotations: Vec<(f64, usize, String, String)>,
}

impl Trial {
    pub(crate) fn run(&self) -> Seen {
        let (scenario, warnings) = self.resolved();
        assert_eq!(warnings, [] as [String; 0]);
        Seen::of(&scenario)
    }

    /// The same, of a scenario about which there are warnings.
    pub(crate) fn run_warned(&self) -> (Seen, Vec<String>) {
        let (scenario, warnings) = self.resolved();
        (Seen::of(&scenario), warnings)
    }

    fn resolved(&self) -> (Scenario, Vec<String>) {
        let resolved = self.resolve().unwrap_or_else(|errors| panic!("{errors:?}"));
        let texts = resolved.warnings.into_iter().map(|one| format!("{}: {}", one.code, one.message));
        (resolved.scenario, texts.collect())
    }

    pub(crate) fn refused(&self) -> Vec<String> {
        self.resolve().err().expect("the scenario is wrong")
    }

    fn resolve(&self) -> Result<overspill::scenario::Resolved, Vec<String>> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("scenario.yaml");
        fs::write(&path, self.scenario()).unwrap();
        fs::write(folder.path().join("manifests.yaml"), self.deployment()).unwrap();
        fs::write(folder.path().join("prices.yaml"), self.prices).unwrap();
        let texts = |all: Vec<overspill_manifest::Diagnostic>| -> Vec<String> {
            all.into_iter().filter(overspill_manifest::Diagnostic::is_error).map(|one| one.message).collect()
        };
        let loaded = read(&path, &ReadOptions::default()).map_err(texts)?;
        resolve(&loaded, &Registry::upstream()).map_err(texts)
    }

    fn scenario(&self) -> String {
        let Self { horizon, eci, virtual_nodes, spec, .. } = self;
        let mut text =
            "apiVersion: overspill/v1alpha1\nkind: Scenario\nmetadata: {name: trial}\nspec:\n".to_owned();
        let _ = write!(
            text,
            "  horizon: {horizon}\n  manifests: [manifests.yaml]\n  priceList: prices.yaml\n  controlPlane: {{timing: instant}}\n"
        );
        let _ = write!(text, "  eci: {{{ECI}, {eci}}}\n  virtualNodes: {virtual_nodes}\n  {spec}\n");
        text
    }

    fn deployment(&self) -> String {
        let Self { replicas, labels, annotations, pod, container, manifests, .. } = self;
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web, namespace: default}}\nspec:\n\
             \x20 replicas: {replicas}\n  selector: {{matchLabels: {{app: web}}}}\n  template:\n\
             \x20   metadata: {{labels: {{app: web, {labels}}}, annotations: {{{annotations}}}}}\n\
             \x20   spec: {{nodeSelector: {{type: virtual-kubelet}}, \
             tolerations: [{{key: virtual-kubelet.io/provider, operator: Exists}}], \
             containers: [{{name: web, image: web, {container}}}], {pod}}}\n{manifests}"
        )
    }
}

impl Seen {
    fn of(scenario: &Scenario) -> Self {
        let mut annotations = Vec::new();
        run(scenario, &mut |at, fact: &Fact<'_>| {
            if let Fact::PodAnnotated { pod, key, value } = fact {
                let name = key.strip_prefix("k8s.aliyun.com/").expect("the platform's own").to_owned();
                annotations.push((at.as_secs_f64(), pod.index(), name, (*value).to_owned()));
            }
        });
        Self { observation: measure(scenario, &mut |_| {}).observation, annotations }
    }

    pub(crate) fn pods(&self) -> &[PodRow] {
        &self.observation.pods
    }

    #[track_caller]
    pub(crate) fn metric(&self, path: &str) -> f64 {
        self.observation.summary.get(path).unwrap_or_else(|| panic!("there is no {path}")).number
    }

    /// What all pods cost together; the summary prints it to a millionth.
    #[track_caller]
    pub(crate) fn paid(&self) -> f64 {
        let paid: Money = self.pods().iter().map(|pod| pod.cost).sum();
        assert!((paid.as_f64() - self.metric("cost.virtual")).abs() <= 5e-7, "{paid:?}");
        paid.as_f64()
    }

    /// When each pod got ready, in seconds.
    pub(crate) fn ready(&self) -> Vec<Option<f64>> {
        self.pods().iter().map(|pod| pod.ready.map(SimTime::as_secs_f64)).collect()
    }

    /// Times and messages of events with this reason.
    pub(crate) fn events(&self, reason: &str) -> Vec<(f64, &str)> {
        let events = self.observation.events.iter().filter(|event| event.reason == reason);
        events.map(|event| (event.time.as_secs_f64(), event.message.as_str())).collect()
    }

    /// The values of one annotation, pod by pod.
    pub(crate) fn annotated(&self, name: &str) -> Vec<&str> {
        let same = self.annotations.iter().filter(|(_, _, key, _)| key == name);
        same.map(|(_, _, _, value)| value.as_str()).collect()
    }
}
