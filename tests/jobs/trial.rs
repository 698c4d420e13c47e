//! A small scenario with one Job or one Deployment, and what is seen of its run.

use overspill::experiment::Measured;
use overspill::units::SimTime;

use crate::folder::Case;

/// Where the pods run.
#[derive(Clone, Copy)]
pub(crate) enum On {
    /// On an ECS node: containers start one second after the pod was bound and are ready a second later.
    Ecs,
    /// On ECI: billed from 5 s, containers from 7 s (two images) or 6.5 s (one), ready a second later.
    Eci,
}

/// A container called `app` and, if there is more, what stands beside it.
pub(crate) struct Trial {
    pub(crate) on: On,
    pub(crate) horizon: &'static str,
    /// The kind of the object.
    pub(crate) kind: &'static str,
    /// More of the object's spec, as YAML of one line.
    pub(crate) job: &'static str,
    /// `restartPolicy`.
    pub(crate) restart: &'static str,
    /// Containers beside `app`, as YAML of one line.
    pub(crate) beside: &'static str,
    /// Init containers, as YAML of one line.
    pub(crate) init: &'static str,
    /// More of the pods' specification, as YAML of one line.
    pub(crate) pod: &'static str,
    /// What follows the duration of the work, as YAML of one line; nothing for no work.
    pub(crate) work: &'static str,
    /// More of the scenario's spec.
    pub(crate) spec: &'static str,
}

impl Default for Trial {
    /// A Job of one pod that works for a hundred seconds on ECI.
    fn default() -> Self {
        Self {
            on: On::Eci,
            horizon: "1h",
            kind: "Job",
            job: "",
            restart: "Never",
            beside: "",
            init: "",
            pod: "",
            work: "duration: {constant: 100s}",
            spec: "",
        }
    }
}

/// A sidecar called `logs` with an environment variable.
macro_rules! logs {
    ($name:literal, $value:literal) => {
        concat!(", {name: logs, image: logs, env: [{name: ", $name, ", value: \"", $value, "\"}]}")
    };
}
pub(crate) use logs;

/// A sidecar called `logs` that nothing marks.
pub(crate) const UNMARKED: &str = ", {name: logs, image: logs}";
/// The same as a native sidecar.
pub(crate) const NATIVE: &str = "{name: logs, image: logs, restartPolicy: Always}";

impl Trial {
    pub(crate) fn run(&self) -> Measured {
        let manifest: &'static str = Box::leak(self.object().into_boxed_str());
        Case { spec: self.spec(), manifest }.measure()
    }

    fn spec(&self) -> String {
        let Self { on, horizon, work, spec, .. } = self;
        let nodes = match on {
            On::Ecs => "  pools: {n: {instanceType: ecs.c7.2xlarge, count: 1, zones: [cn-hangzhou-j]}}\n",
            On::Eci => "  virtualNodes: {cn-hangzhou-j: {}}\n",
        };
        let work = match (*work, self.kind) {
            ("", _) => String::new(),
            (_, "Job") => format!("  work: {{w: {{of: Job/default/x, container: app, {work}}}}}\n"),
            _ => format!("  work: {{w: {{of: Pod/default/x, container: app, {work}}}}}\n"),
        };
        format!(
            "  horizon: {horizon}\n{nodes}  defaultImageSize: 0\n  eci: {{sandbox: {{constant: 5s}}, containerStart: \
             {{constant: 1s}}, ready: {{constant: 1s}}, imageCache: true}}\n  ecs: {{containerStart: {{constant: 1s}}, \
             ready: {{constant: 1s}}}}\n  shutdown: {{constant: 4s}}\n  sidecars: {{ready: {{constant: 2s}}, stop: \
             {{constant: 3s}}}}\n{work}{spec}"
        )
    }

    fn object(&self) -> String {
        let Self { kind, job, restart, beside, init, pod, .. } = self;
        let of_eci = match self.on {
            On::Ecs => "",
            On::Eci => {
                "nodeSelector: {type: virtual-kubelet}, tolerations: [{key: virtual-kubelet.io/provider, operator: \
                 Exists}], "
            }
        };
        let spec = format!(
            "{of_eci}restartPolicy: {restart}, initContainers: [{init}], {pod} containers: [{{name: app, image: \
             app}}{beside}]"
        );
        match *kind {
            "Job" => format!(
                "apiVersion: batch/v1\nkind: Job\nmetadata: {{name: x, namespace: default}}\nspec: {{{job} template: \
                 {{spec: {{{spec}}}}}}}\n"
            ),
            "Deployment" => format!(
                "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: x, namespace: default}}\nspec: {{{job} \
                 selector: {{matchLabels: {{a: b}}}}, template: {{metadata: {{labels: {{a: b}}}}, spec: \
                 {{{spec}}}}}}}\n"
            ),
            _ => format!(
                "apiVersion: v1\nkind: Pod\nmetadata: {{name: x, namespace: default}}\nspec: {{{spec}}}\n"
            ),
        }
    }
}

/// Events with one of these reasons, each as `SECONDS REASON LAST-WORD`.
pub(crate) fn events(run: &Measured, reasons: &[&str]) -> Vec<String> {
    let own = run.observation.events.iter().filter(|event| reasons.contains(&event.reason));
    let line = |event: &overspill::metric::EventRow| {
        let last = event.message.rsplit(' ').next().unwrap_or_default();
        format!("{} {} {last}", event.time.as_secs_f64(), event.reason)
    };
    own.map(line).collect()
}

/// When each pod ended, in seconds.
pub(crate) fn ends(run: &Measured) -> Vec<Option<f64>> {
    run.observation.pods.iter().map(|pod| pod.finished.map(SimTime::as_secs_f64)).collect()
}
