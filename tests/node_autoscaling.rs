//! Runs with a node autoscaler, of which every instant can be worked out by hand.

#[path = "node_autoscaling/by_hand.rs"]
mod by_hand;
#[path = "node_autoscaling/coming.rs"]
mod coming;
#[path = "case/folder.rs"]
mod folder;
#[path = "node_autoscaling/leaving.rs"]
mod leaving;

use overspill::experiment::Measured;

/// What is told of these reasons, as `SECONDS REASON OBJECT: MESSAGE`, names of pods without their last part.
fn told(run: &Measured, reasons: &[&str]) -> Vec<String> {
    let is_asked = |reason: &str| reasons.contains(&reason);
    let events = run.observation.events.iter().filter(|event| is_asked(event.reason));
    events
        .map(|event| {
            let seconds = event.time.as_secs_f64();
            let object = event.object.clone();
            let object = match object.strip_prefix("Pod/") {
                Some(_) => object.rsplit_once('-').map_or(object.as_str(), |(most, _)| most),
                None => object.as_str(),
            };
            format!("{seconds} {} {object}: {}", event.reason, event.message)
        })
        .collect()
}

/// Nodes as `NAME ADDED REMOVED COST`, times in seconds and money in millionths.
fn nodes(run: &Measured) -> Vec<String> {
    let row = |node: &overspill::metric::NodeRow| {
        let removed = node.removed.map_or("-".to_owned(), |at| at.as_secs_f64().to_string());
        format!("{} {} {removed} {}", node.name, node.added.as_secs_f64(), node.cost.to_micros())
    };
    run.observation.nodes.iter().map(row).collect()
}

/// Replicas of one core, as many as the timeline says.
const WEB: &str = r#"
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 0
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: web
          resources: {requests: {cpu: "1", memory: 1Gi}}
"#;

/// Pools below `pools:`, an autoscaler whose nodes take 10 s and 30 s to come, with what is added, and a timeline.
fn spec(horizon: &str, pools: &str, autoscaler: &str, timeline: &str) -> String {
    format!(
        "  horizon: {horizon}
  defaultImageSize: 0
  shutdown: {{constant: 2s}}
  ecs: {{containerStart: {{constant: 1s}}, ready: {{constant: 1s}}}}
  pools:
{pools}  nodeAutoscaler:
    kind: cluster-autoscaler
    provision: {{register: {{constant: 10s}}, ready: {{constant: 30s}}}}
{autoscaler}  timeline:
{timeline}"
    )
}

/// A pool of nodes of four cores that cost 0.0001 a second.
fn pool(name: &str, count: u32, autoscale: &str) -> String {
    format!(
        "    {name}: {{count: {count}, price: 0.36/h, autoscale: {autoscale}, allocatable: {{cpu: 4, memory: 16Gi, pods: \"20\"}}}}\n"
    )
}

fn scale(seconds: u32, replicas: u32) -> String {
    format!("    - {{at: {seconds}s, scale: {{resource: deployment/default/web, replicas: {replicas}}}}}\n")
}
