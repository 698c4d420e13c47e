//! The pods that workloads are still to make.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use super::{Inventory, Job, PodEntry, Workload};
use crate::admission::pod_name::pod_name;
use crate::controller::stateful_set::{self, Spec, pod_of};
use crate::object::PodSpec;
use crate::random::Stream;

impl Inventory {
    /// Adds the pods that Deployments, ReplicaSets, StatefulSets and Jobs lack, unbound, after all others. Pods that stand in the
    /// manifests and are owned by the workload are its own already; those that were told to end do not count.
    ///
    /// A ReplicaSet makes pods only if it says how many: without that it is there to tell what its pods have in
    /// common.
    pub fn add_missing_replicas(&mut self, seed: u64) {
        let active = self.active_pods();
        let mut names: BTreeSet<(String, String)> =
            self.pods.iter().map(|pod| (pod.spec.namespace.clone(), pod.name.clone())).collect();
        let mut made = Vec::new();
        for (index, workload) in self.workloads.iter().enumerate() {
            if let Some(set) = &workload.stateful {
                made.extend(workload.missing_ordinals(set, &mut names));
                continue;
            }
            for ordinal in 0..workload.missing(&active) {
                let draws = Stream::of(index as u32 + 1, ordinal);
                let mut is_taken = |name: &str| !names.insert((workload.namespace.clone(), name.to_owned()));
                let name = pod_name(&workload.replica_set, seed, draws, &mut is_taken);
                made.push(PodEntry::pending(name, workload.template.clone()));
            }
        }
        for (index, job) in (self.workloads.len() as u32 + 1..).zip(&self.jobs) {
            for ordinal in 0..missing_of(job, &active) {
                let draws = Stream::of(index, ordinal);
                let mut is_taken = |name: &str| !names.insert((job.namespace.clone(), name.to_owned()));
                let name = pod_name(&job.name, seed, draws, &mut is_taken);
                made.push(PodEntry::pending(name, job.template.clone()));
            }
        }
        self.pods.append(&mut made);
    }

    /// How many pods everything has that owns pods.
    fn active_pods(&self) -> Active<'_> {
        let mut active = Active::default();
        for pod in self.pods.iter().filter(|pod| !pod.terminating) {
            if let Some(owner) = &pod.spec.owner {
                let key = (owner.kind.as_str(), pod.spec.namespace.as_str(), owner.name.as_str());
                *active.entry(key).or_default() += 1;
            }
        }
        active
    }
}

/// Numbers of pods by the kind, namespace and name of their owner.
type Active<'a> = FxHashMap<(&'a str, &'a str, &'a str), u32>;

/// How many pods a Job makes at once beside those that it has.
fn missing_of(job: &Job, active: &Active<'_>) -> u32 {
    let left = job.spec.completions.map_or(u32::MAX, |all| all.saturating_sub(job.had.0));
    let wanted = if job.spec.suspend { 0 } else { job.spec.parallelism.min(left) };
    let have = active.get(&("Job", job.namespace.as_str(), job.name.as_str())).copied();
    wanted.saturating_sub(have.unwrap_or_default())
}

impl Workload {
    /// How many pods are to be made.
    fn missing(&self, active: &Active<'_>) -> u32 {
        let makes_pods = !self.template.containers.is_empty()
            && (self.replicas_stated || self.kind == "Deployment")
            && !self.waits();
        let sets = [&self.replica_set].into_iter().chain(&self.other_sets);
        let have: u32 =
            sets.filter_map(|set| active.get(&("ReplicaSet", self.namespace.as_str(), set.as_str()))).sum();
        if makes_pods { self.replicas.saturating_sub(have) } else { 0 }
    }
}

impl Workload {
    /// The pods that a StatefulSet lacks: those of its ordinals of whose names there is none.
    fn missing_ordinals(&self, set: &Spec, names: &mut BTreeSet<(String, String)>) -> Vec<PodEntry> {
        let wanted = if self.template.containers.is_empty() { 0 } else { set.replicas };
        let mut made = Vec::new();
        for ordinal in set.start..set.start.saturating_add(wanted) {
            let name = stateful_set::pod_name(&self.name, ordinal);
            if names.insert((self.namespace.clone(), name.clone())) {
                made.push(PodEntry::pending(name, pod_of(&self.template, &self.name, ordinal)));
            }
        }
        made
    }
}

impl PodEntry {
    /// A new pod of a workload.
    pub(super) fn pending(name: String, spec: PodSpec) -> Self {
        Self { name, spec: spec.into(), node: None, nominated: None, terminating: false, start_seconds: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use overspill_manifest::{Decoder, Source, read_documents};

    fn inventory(text: &str) -> Inventory {
        let read = read_documents(&Source::new("f.yaml", text));
        let mut decoder = Decoder::new(true);
        let objects = read.documents.iter().filter_map(|one| decoder.decode(one));
        let objects: Vec<_> = objects.map(super::super::Stocked::Object).collect();
        assert_eq!((read.diagnostics, decoder.finish()), (vec![], vec![]));
        Inventory::of(&objects).expect("the manifests are right")
    }

    /// How many pods are made for `workload` beside `pods`.
    #[track_caller]
    fn check(workload: &str, pods: &[String], expected: usize) {
        let mut inventory = inventory(&format!("{workload}{}", pods.concat()));
        let before = inventory.pods.len();
        inventory.add_missing_replicas(1);
        assert_eq!(inventory.pods.len() - before, expected);
    }

    fn pod(name: &str, set: &str, more: &str) -> String {
        let owner =
            format!("{{apiVersion: apps/v1, kind: ReplicaSet, name: {set}, uid: u, controller: true}}");
        format!(
            "---\napiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, ownerReferences: [{owner}]{more}}}\n\
             spec: {{containers: [{{name: c}}]}}\n"
        )
    }

    fn set(name: &str, replicas: &str, more: &str) -> String {
        format!(
            "---\napiVersion: apps/v1\nkind: ReplicaSet\nmetadata: {{name: {name}{more}}}\n\
             spec: {{{replicas} selector: {{matchLabels: {{a: b}}}}, template: {{metadata: {{labels: {{a: b}}}}, \
             spec: {{containers: [{{name: c}}]}}}}}}\n"
        )
    }

    fn revision(number: u32) -> String {
        format!(
            ", annotations: {{deployment.kubernetes.io/revision: \"{number}\"}}, ownerReferences: \
             [{{apiVersion: apps/v1, kind: Deployment, name: d, uid: u, controller: true}}]"
        )
    }

    #[test]
    fn a_set_lacks_what_it_does_not_own() {
        check(&set("s", "replicas: 3,", ""), &[], 3);
        check(&set("s", "replicas: 3,", ""), &[pod("a", "s", ""), pod("b", "other", "")], 2);
        check(&set("s", "replicas: 1,", ""), &[pod("a", "s", ""), pod("b", "s", "")], 0);
        check(&set("s", "replicas: 0,", ""), &[], 0);
    }

    #[test]
    fn a_pod_that_was_told_to_end_does_not_count() {
        let ending = pod("a", "s", ", deletionTimestamp: \"2026-01-05T12:30:00Z\"");
        check(&set("s", "replicas: 1,", ""), &[ending], 1);
    }

    #[test]
    fn a_set_that_states_no_number_makes_none() {
        check(&set("s", "", ""), &[], 0);
    }

    #[test]
    fn during_a_rollout_the_pods_of_all_revisions_count() {
        let deployment = set("d", "replicas: 4,", "").replace("ReplicaSet", "Deployment");
        let sets = set("old", "replicas: 2,", &revision(1)) + &set("new", "replicas: 1,", &revision(2));
        let pods = [pod("a", "old", ""), pod("b", "old", ""), pod("c", "new", "")];
        check(&(deployment + &sets), &pods, 1);
    }

    #[test]
    fn a_job_makes_as_many_pods_as_it_has_active_at_once() {
        let job = |spec: &str| {
            format!(
                "---\napiVersion: batch/v1\nkind: Job\nmetadata: {{name: j}}\nspec: {{{spec} template: {{spec: \
                 {{restartPolicy: Never, containers: [{{name: c}}]}}}}}}\n"
            )
        };
        let own = pod("a", "j", "").replace("apps/v1, kind: ReplicaSet", "batch/v1, kind: Job");
        check(&job(""), &[], 1);
        check(&job("parallelism: 3,"), &[own], 2);
        check(&job("parallelism: 3, completions: 2,"), &[pod("a", "j", "")], 2);
        check(&job("parallelism: 3, suspend: true,"), &[], 0);
    }

    #[test]
    fn names_are_the_sets_and_differ() {
        let mut inventory = inventory(&set("s", "replicas: 200,", ""));
        inventory.add_missing_replicas(1);
        let names: BTreeSet<_> = inventory.pods.iter().map(|pod| pod.name.clone()).collect();
        assert!(names.len() == 200 && names.iter().all(|name| name.starts_with("s-")));
    }
}
