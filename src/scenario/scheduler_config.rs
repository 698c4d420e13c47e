//! A KubeSchedulerConfiguration file, with what kube-scheduler would refuse of it told at its line.

use overspill_manifest::{DataFile, Diagnostic, Rules, code, decode_value};

use super::problem;
use crate::scheduler::config::ConfigFile;
use crate::scheduler::{Registry, SchedulerConfig};

/// The configuration in `file`, its plugins made by `registry`.
///
/// # Errors
///
/// Everything that is wrong with it; what concerns the types of fields comes first, for as long as they are wrong
/// nothing can be said about what they mean.
pub fn scheduler_config(file: &DataFile, registry: &Registry) -> Result<SchedulerConfig, Vec<Diagnostic>> {
    let reading = decode_value::<ConfigFile>(&file.value, Rules::default());
    let config = reading.into_result().map_err(|errors| {
        errors.iter().map(|error| Diagnostic::of_field(error, &file.origin)).collect::<Vec<_>>()
    })?;
    SchedulerConfig::resolve(&config, registry).map_err(|problems| {
        let told = |one| problem::told(one, &code::WRONG_SCHEDULER_CONFIGURATION, &file.value, &file.origin);
        problems.iter().map(told).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::diagnostic::render;
    use overspill_manifest::{Source, locate, read_data};

    fn refused(text: &str) -> String {
        let file = read_data(&Source::new("scheduler.yaml", text)).unwrap();
        let mut diagnostics = scheduler_config(&file, &Registry::upstream()).err().unwrap();
        locate(&mut diagnostics);
        render(&diagnostics, false)
    }

    #[test]
    fn problems_are_told_at_their_lines() {
        insta::assert_snapshot!(refused(
            "apiVersion: kubescheduler.config.k8s.io/v1\n\
             kind: KubeSchedulerConfiguration\n\
             profiles:\n\
             - percentageOfNodesToScore: 101\n  \
               plugins:\n    score: {enabled: [{name: NodeAfinity, weight: 4}]}\n  \
               pluginConfig:\n  - name: PodTopologySpread\n    args: {defaultingType: Lisst, defaultConstraint: []}\n  \
               - name: InterPodAffinity\n    args: {hardPodAffinityWeight: 101}\n"
        ));
    }

    #[test]
    fn wrong_types_are_told_first() {
        insta::assert_snapshot!(refused(
            "profiles:\n- pluginConfigs: []\n  schedulerName: 7\npodMaxBackoffSeconds: 0\n"
        ));
    }

    #[test]
    fn a_right_file_is_read() {
        let text = "kind: KubeSchedulerConfiguration\nprofiles:\n- schedulerName: a\n- schedulerName: b\n";
        let file = read_data(&Source::new("scheduler.yaml", text)).unwrap();
        let config = scheduler_config(&file, &Registry::upstream()).ok().unwrap();
        assert_eq!(config.profiles.len(), 2);
    }
}
