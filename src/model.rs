//! The model in one place: every rule that modules declare beside their code, as docs/model.md lists them.

use std::fmt::Write as _;

use crate::rule::Rule;

/// The rules of one module.
#[derive(Clone, Copy, Debug)]
pub struct Chapter {
    /// The module, as a path below `src`.
    pub module: &'static str,
    /// What its rules are about.
    pub about: &'static str,
    /// Its rules, one slice for each of its files.
    pub rules: &'static [&'static [Rule]],
}

const fn chapter(module: &'static str, about: &'static str, rules: &'static [&'static [Rule]]) -> Chapter {
    Chapter { module, about, rules }
}

/// Every rule there is, by module.
pub const RULES: &[Chapter] = &[
    chapter("traffic", "How requests arrive, and what serving them takes.", crate::traffic::RULES),
    chapter("arrivals", "When pods come that no controller makes.", crate::arrivals::RULES),
    chapter(
        "controller/pod_metrics",
        "What is known of the pods' usage.",
        &[crate::controller::pod_metrics::RULES],
    ),
    chapter("controller/hpa", "How many pods a workload should have.", crate::controller::hpa::RULES),
    chapter("controller/replica_set", "Which pods come and go.", crate::controller::replica_set::RULES),
    chapter(
        "controller/stateful_set",
        "In which order the pods of StatefulSets come and go.",
        &[crate::controller::stateful_set::RULES],
    ),
    chapter(
        "controller/slow_start",
        "How many pods are asked for at once.",
        &[crate::controller::slow_start::RULES],
    ),
    chapter(
        "controller/daemon_set",
        "Where the pods of DaemonSets run.",
        &[crate::controller::daemon_set::RULES],
    ),
    chapter("controller/cron_job", "When Jobs come by schedule.", &[crate::controller::cron_job::RULES]),
    chapter("controller/job", "What becomes of Jobs.", crate::controller::job::RULES),
    chapter(
        "controller/disruption",
        "How many pods may be evicted.",
        &[crate::controller::disruption::RULES],
    ),
    chapter(
        "controller/descheduler",
        "Which pods are evicted so that they may run elsewhere.",
        &[crate::controller::descheduler::RULES],
    ),
    chapter("controller/drain", "What a drain of a node does.", &[crate::controller::drain::RULES]),
    chapter(
        "controller/restart_backoff",
        "When containers are started again.",
        &[crate::controller::restart_backoff::RULES],
    ),
    chapter(
        "controller/volume_mounts",
        "What a pod must be able to mount before it starts.",
        &[crate::controller::volume_mounts::RULES],
    ),
    chapter(
        "controller/deployment",
        "How one revision of a workload follows another.",
        crate::controller::deployment::RULES,
    ),
    chapter(
        "controller/sidecar_set",
        "Which pods get new sidecars next.",
        &[crate::controller::sidecar_set::RULES],
    ),
    chapter(
        "controller/taint_eviction",
        "Which pods leave tainted nodes.",
        &[crate::controller::taint_eviction::RULES],
    ),
    chapter(
        "controller/node_autoscaler",
        "When nodes are added, and when they are removed.",
        &[crate::controller::node_autoscaler::RULES],
    ),
    chapter(
        "controller/node_lifecycle",
        "What becomes of nodes that say nothing any more.",
        &[crate::controller::node_lifecycle::RULES],
    ),
    chapter(
        "controller/pod_gc",
        "What becomes of pods whose node is gone.",
        &[crate::controller::pod_gc::RULES],
    ),
    chapter("admission", "What happens to a pod when it is created.", crate::admission::RULES),
    chapter("object", "How Kubernetes' objects are read.", crate::object::RULES),
    chapter("cluster", "What the scheduler sees of the cluster.", crate::cluster::RULES),
    chapter("scheduler", "How a pod finds its node.", crate::scheduler::RULES),
    chapter(
        "capacity",
        "What nodes and instances offer, and how long starting takes.",
        crate::capacity::RULES,
    ),
    chapter("cost", "What is paid for.", crate::cost::RULES),
    chapter("simulation", "How the parts work together.", crate::simulation::RULES),
    chapter("experiment", "What many runs say.", &[crate::experiment::RULES]),
];

/// All rules in that order.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    RULES.iter().flat_map(|chapter| chapter.rules).copied().flatten()
}

/// docs/model.md: every rule with its source and how far it can be trusted. The scheduler's plugins have a page of their
/// own (see [`Registry::to_markdown`](crate::scheduler::Registry::to_markdown)).
pub fn model_markdown() -> String {
    let mut text = String::from(HEAD);
    for Chapter { module, about, rules } in RULES {
        let _ = write!(text, "\n## {module}\n\n{about}\n\n");
        text.push_str("| rule | what holds | source | confidence |\n|---|---|---|---|\n");
        for Rule { id, statement, source, confidence } in rules.iter().copied().flatten() {
            let _ = writeln!(text, "| `{id}` | {statement} | {source} | {confidence} |");
        }
    }
    text
}

const HEAD: &str = "<!-- Generated from the rules in src; do not edit. -->\n
# The model

What overspill holds to be true of Kubernetes and Alibaba Cloud, by module. Each rule is declared beside the code that
follows it, and a test names it. What each plugin of the scheduler does stands in [plugins.md](plugins.md).

Files are those of kubernetes/kubernetes at tag v1.34.1 unless another repository is named. Confidence says what a rule
rests on: **source**, the code of the thing itself; **documented**, the vendor's documentation; **observed**, a
measurement by somebody; **estimate**, nobody's word, so that a study should vary it.
";

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_rule_has_a_name_of_its_own_one_sentence_and_a_source() {
        let mut seen = BTreeSet::new();
        for Rule { id, statement, source, .. } in rules() {
            assert!(id.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{id}");
            assert!(seen.insert(id), "{id} is declared twice");
            assert!(statement.ends_with('.') && !statement.contains(". "), "{id}: {statement}");
            assert!(!source.trim().is_empty(), "{id} has no source");
            assert!(!format!("{statement}{source}").contains(['|', '\n']), "{id} breaks the table");
        }
    }

    #[test]
    fn the_page_has_every_rule() {
        let page = model_markdown();
        for Rule { id, .. } in rules() {
            assert!(page.contains(&format!("| `{id}` | ")), "{id}");
        }
        for line in page.lines().filter(|line| line.starts_with("| ")) {
            assert_eq!(line.matches(" | ").count(), 3, "{line}");
        }
    }
}
