//! KubeSchedulerConfiguration (kubescheduler.config.k8s.io/v1): profiles, plugins, weights, arguments.
//!
//! Source: apis/config/v1, apis/config/validation, framework/runtime/framework.go:539 `expandMultiPointPlugins`, at tag
//! v1.34.1.

pub mod args;
mod merge;

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use serde::Deserialize;
use serde_json::Value;

use super::profile::Profile;
use super::registry::Registry;
use crate::object::kubernetes::{FieldProblem, Problems};
use crate::object::pod::DEFAULT_SCHEDULER;
use crate::units::Span;

pub(super) use merge::RULES;

/// `apiVersion` of the only version that is read.
pub const API_VERSION: &str = "kubescheduler.config.k8s.io/v1";

/// A configuration as its file has it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct ConfigFile {
    api_version: Option<String>,
    kind: Option<String>,
    profiles: Vec<ProfileFile>,
    percentage_of_nodes_to_score: Option<i64>,
    pod_initial_backoff_seconds: Option<i64>,
    pod_max_backoff_seconds: Option<i64>,
    extenders: Vec<Value>,
    /// What only concerns the process: read and not used.
    parallelism: Option<i64>,
    leader_election: Option<Value>,
    client_connection: Option<ClientConnectionFile>,
    enable_profiling: Option<bool>,
    enable_contention_profiling: Option<bool>,
    delay_cache_until_active: Option<bool>,
}

/// One profile as the file has it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
struct ProfileFile {
    scheduler_name: Option<String>,
    percentage_of_nodes_to_score: Option<i64>,
    plugins: PluginsFile,
    plugin_config: Vec<PluginConfigFile>,
}

/// Plugins by extension point.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
struct PluginsFile {
    multi_point: PluginSet,
    pre_enqueue: PluginSet,
    queue_sort: PluginSet,
    pre_filter: PluginSet,
    filter: PluginSet,
    post_filter: PluginSet,
    pre_score: PluginSet,
    score: PluginSet,
    reserve: PluginSet,
    permit: PluginSet,
    pre_bind: PluginSet,
    bind: PluginSet,
    post_bind: PluginSet,
}

/// What is switched on and off at one extension point.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct PluginSet {
    enabled: Vec<PluginRef>,
    disabled: Vec<PluginRef>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PluginRef {
    name: String,
    #[serde(default)]
    weight: i64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PluginConfigFile {
    name: String,
    args: Option<Value>,
}

/// How the scheduler speaks to the API server, as the file has it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
struct ClientConnectionFile {
    kubeconfig: Option<String>,
    accept_content_types: Option<String>,
    content_type: Option<String>,
    qps: Option<f64>,
    burst: Option<i64>,
}

/// How fast the scheduler may speak to the API server, where its configuration says so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClientConnection {
    /// Thousandths of a request per second; 0 for no limit.
    pub milli_qps: Option<u32>,
    /// Requests at once.
    pub burst: Option<NonZeroU32>,
}

/// A configuration that is ready to schedule.
pub struct SchedulerConfig {
    /// Its profiles, at least one.
    pub profiles: Vec<Profile>,
    /// The first backoff of a pod that failed.
    pub initial_backoff: Span,
    /// The longest backoff.
    pub max_backoff: Span,
    /// How fast it may speak to the API server.
    pub client_connection: ClientConnection,
}

impl SchedulerConfig {
    /// Upstream's defaults: one profile with every default plugin.
    pub fn default_with(registry: &Registry) -> Self {
        Self::resolve(&ConfigFile::default(), registry).unwrap_or_else(|problems| {
            panic!("the default configuration must be valid: {problems:?}");
        })
    }

    /// Checks a configuration as upstream does and makes its plugins. Every problem is told at once.
    pub fn resolve(file: &ConfigFile, registry: &Registry) -> Result<Self, Vec<FieldProblem>> {
        let mut problems = Problems::new();
        check_header(&mut problems, file);
        let global = percentage(&mut problems, file.percentage_of_nodes_to_score).unwrap_or(0);
        let (initial_backoff, max_backoff) = backoff(&mut problems, file);
        let client_connection = client_connection(&mut problems, file.client_connection.as_ref());
        let default_profile = [ProfileFile::default()];
        let listed = if file.profiles.is_empty() { &default_profile[..] } else { &file.profiles };
        check_names(&mut problems, listed);
        let profiles = problems.each("profiles", listed, |problems, profile| {
            let own = percentage(problems, profile.percentage_of_nodes_to_score);
            make_profile(problems, profile, own.unwrap_or(global), registry)
        });
        problems.into_result(Self { profiles, initial_backoff, max_backoff, client_connection })
    }
}

fn check_header(problems: &mut Problems, file: &ConfigFile) {
    if let Some(version) = file.api_version.as_deref().filter(|version| *version != API_VERSION) {
        problems.note("apiVersion", format!("{version:?} must be {API_VERSION}"));
    }
    if let Some(kind) = file.kind.as_deref().filter(|kind| *kind != "KubeSchedulerConfiguration") {
        problems.note("kind", format!("{kind:?} must be KubeSchedulerConfiguration"));
    }
    if !file.extenders.is_empty() {
        problems
            .note("extenders", "extenders are other programs, which a simulation cannot ask: remove them");
    }
}

fn percentage(problems: &mut Problems, given: Option<i64>) -> Option<u8> {
    let given = given?;
    if (0..=100).contains(&given) {
        return Some(given as u8);
    }
    problems.note("percentageOfNodesToScore", format!("{given} must be in the range 0-100"));
    None
}

/// Nothing and 0 are upstream's default, a rate below 0 is no limit (k8s.io/client-go/rest/config.go); a burst below 0 is
/// refused (k8s.io/component-base/config/validation).
fn client_connection(problems: &mut Problems, file: Option<&ClientConnectionFile>) -> ClientConnection {
    let Some(file) = file else { return ClientConnection::default() };
    let burst = file.burst.unwrap_or(0);
    if !(0..=i64::from(i32::MAX)).contains(&burst) {
        problems.note("clientConnection.burst", format!("{burst} must be non-negative"));
    }
    let qps = file.qps.filter(|qps| qps.abs() > 0.0);
    ClientConnection {
        milli_qps: qps.map(|qps| if qps < 0.0 { 0 } else { (libm::round(qps * 1000.0) as u32).max(1) }),
        burst: NonZeroU32::new(u32::try_from(burst).unwrap_or(0)),
    }
}

fn backoff(problems: &mut Problems, file: &ConfigFile) -> (Span, Span) {
    let (initial, max) =
        (file.pod_initial_backoff_seconds.unwrap_or(1), file.pod_max_backoff_seconds.unwrap_or(10));
    if initial <= 0 {
        problems.note("podInitialBackoffSeconds", format!("{initial} must be greater than 0"));
    }
    if max < initial {
        problems.note(
            "podMaxBackoffSeconds",
            format!("{max} must be at least podInitialBackoffSeconds, {initial}"),
        );
    }
    (Span::from_secs(initial.max(1) as u64), Span::from_secs(max.max(1) as u64))
}

fn name_of(profile: &ProfileFile) -> &str {
    profile.scheduler_name.as_deref().unwrap_or(DEFAULT_SCHEDULER)
}

fn check_names(problems: &mut Problems, profiles: &[ProfileFile]) {
    for (index, profile) in profiles.iter().enumerate() {
        let field = format!("profiles[{index}].schedulerName");
        if name_of(profile).is_empty() {
            problems.note(&field, "must not be empty");
        }
        if profiles[..index].iter().any(|other| name_of(other) == name_of(profile)) {
            problems.note(&field, format!("{:?} names two profiles", name_of(profile)));
        }
    }
}

fn make_profile(problems: &mut Problems, file: &ProfileFile, percentage: u8, registry: &Registry) -> Profile {
    let mut args = BTreeMap::new();
    for (index, one) in file.plugin_config.iter().enumerate() {
        if args.insert(one.name.as_str(), (index, one.args.as_ref())).is_some() {
            problems
                .note(&format!("pluginConfig[{index}].name"), format!("{} is configured twice", one.name));
        }
    }
    merge::profile(problems, name_of(file), &file.plugins, percentage, registry, &args)
}

#[cfg(test)]
mod tests;
