//! The examples of job arrays are well-formed, and their shards are the whole sweep.

use std::fs;
use std::path::Path;

use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{PersistentVolumeClaim, Pod};
use overspill_manifest::{Source, read_documents};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::planned;

fn example(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/sweep");
    fs::read_to_string(folder.join(name)).expect("the example can be read")
}

/// The object of this kind, in which every field is known to Kubernetes.
fn typed<T: DeserializeOwned + serde::Serialize>(kind: &str) -> T {
    let read = read_documents(&Source::new("indexed-job.yaml", example("indexed-job.yaml")));
    assert!(read.diagnostics.is_empty(), "{:?}", read.diagnostics);
    let document =
        read.documents.iter().find(|document| document.kind == kind).expect("there is such an object");
    let value = document.value().into_owned();
    let typed: T = serde_json::from_value(value.clone()).expect("it is as the API has it");
    let again = serde_json::to_value(&typed).expect("it is an object");
    assert_eq!(lost(&value, &again), None, "{kind} has a field that Kubernetes does not know");
    typed
}

/// A key that is in `value` and not in `kept`.
fn lost(value: &Value, kept: &Value) -> Option<String> {
    match value {
        Value::Object(map) => map.iter().find_map(|(key, value)| match kept.get(key) {
            None => Some(key.clone()),
            Some(kept) => lost(value, kept),
        }),
        Value::Array(items) => items.iter().enumerate().find_map(|(place, item)| lost(item, &kept[place])),
        _ => None,
    }
}

/// The shards of every task of an array, made one after the other, are the sweep.
fn check_array(words: &[&str], directory: &str, tasks: impl Iterator<Item = Vec<(&'static str, String)>>) {
    let session = planned();
    let words: Vec<&str> = words.iter().map(|&word| if word == directory { "sweep" } else { word }).collect();
    for variables in tasks {
        let variables: Vec<(&str, &str)> =
            variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let ran = session.run_in(&variables, &words.join(" "));
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{variables:?}");
    }
    let ran = session.run("sweep collect sweep");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
}

#[test]
fn the_indexed_job_makes_every_shard_once() {
    let job: Job = typed("Job");
    let spec = job.spec.expect("a Job has a spec");
    assert_eq!(spec.completion_mode.as_deref(), Some("Indexed"));
    let completions = spec.completions.expect("it says how many");
    assert!(spec.parallelism.is_some_and(|parallelism| parallelism <= completions));
    let pod = spec.template.spec.expect("a template has a spec");
    assert_eq!(
        pod.restart_policy.as_deref(),
        Some("Never"),
        "backoffLimitPerIndex and podFailurePolicy demand it"
    );
    let args = pod.containers[0].args.clone().expect("it says what to run");
    assert!(args.contains(&format!("/{completions}")), "{args:?}");
    let mount = &pod.containers[0].volume_mounts.as_ref().expect("it mounts the volume")[0];
    let directory =
        args.iter().find(|arg| arg.starts_with(&mount.mount_path)).expect("the sweep is on the volume");
    let claim = pod.volumes.as_ref().and_then(|volumes| volumes[0].persistent_volume_claim.clone());
    let claimed: PersistentVolumeClaim = typed("PersistentVolumeClaim");
    assert_eq!(claim.map(|claim| claim.claim_name), claimed.metadata.name);
    let files: Pod = typed("Pod");
    let holds = files.spec.and_then(|spec| spec.volumes?.into_iter().next()?.persistent_volume_claim);
    assert_eq!(holds.map(|claim| claim.claim_name), claimed.metadata.name);
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    check_array(
        &words,
        directory,
        (0..completions).map(|index| vec![("JOB_COMPLETION_INDEX", index.to_string())]),
    );
}

#[test]
fn the_slurm_array_makes_every_shard_once() {
    let script = example("slurm.sh");
    let array =
        script.lines().find_map(|line| line.strip_prefix("#SBATCH --array=")).expect("it is an array");
    let (first, last) = array.split_once('-').expect("it is a range");
    let [first, last] = [first, last].map(|index| index.parse::<u64>().expect("it is an index"));
    let command =
        script.lines().find_map(|line| line.strip_prefix("exec overspill ")).expect("it runs the program");
    let words: Vec<&str> = command.split_whitespace().collect();
    assert!(words.contains(&format!("/{}", last - first + 1).as_str()), "{command}");
    let task = |index: u64| {
        vec![("SLURM_ARRAY_TASK_ID", index.to_string()), ("SLURM_ARRAY_TASK_MIN", first.to_string())]
    };
    check_array(&words, "\"$directory\"", (first..=last).map(task));
}
