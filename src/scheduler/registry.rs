//! All plugins that a configuration may name. Upstream's and a researcher's are registered the same way.

use std::fmt::Write as _;
use std::sync::Arc;

use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value;

use super::config::args;
use super::framework::{About, Plugin};
use super::plugins::{
    built_in, dynamic_resources, elastic_resource, image_locality, node_name, node_ports, node_unschedulable,
    not_simulated, resource_policy, scheduling_gates, taint_toleration,
};
use crate::object::kubernetes::FieldProblem;

/// What comes of making a plugin: the plugin, or everything that is wrong with its arguments.
pub type Made = Result<Plugin, Vec<FieldProblem>>;

/// Makes a plugin from its arguments in KubeSchedulerConfiguration; `None` where none are given.
type Factory = Arc<dyn Fn(Option<&Value>) -> Made + Send + Sync>;

/// Plugins by name, in the order of the default profile.
#[derive(Clone)]
pub struct Registry {
    entries: Vec<Entry>,
}

#[derive(Clone)]
struct Entry {
    about: About,
    make: Factory,
}

impl Registry {
    /// The plugins of kube-scheduler v1.34.1, in the order of its default profile: the default MultiPoint list
    /// (apis/config/v1/default_plugins.go:30, :66).
    pub fn upstream() -> Self {
        Self { entries: Vec::new() }
            .with_plain(scheduling_gates::plugin)
            .with_plain(built_in::priority_sort)
            .with_plain(node_unschedulable::plugin)
            .with_plain(node_name::plugin)
            .with_plain(taint_toleration::plugin)
            .with(args::node_affinity)
            .with_plain(node_ports::plugin)
            .with(args::node_resources_fit)
            .with_plain(not_simulated::volume_restrictions)
            .with_plain(not_simulated::node_volume_limits)
            .with_plain(not_simulated::volume_binding)
            .with_plain(not_simulated::volume_zone)
            .with(args::pod_topology_spread)
            .with(args::inter_pod_affinity)
            .with_plain(dynamic_resources::plugin)
            .with(args::default_preemption)
            .with(args::balanced_allocation)
            .with_plain(image_locality::plugin)
            .with_plain(built_in::default_binder)
    }

    /// The plugins of ACK's scheduler as far as they are documented: upstream's, and those that order ECS before ECI.
    /// Where no object or annotation asks for the latter, the decisions are upstream's.
    pub fn ack() -> Self {
        Self::upstream().with_plain(resource_policy::plugin).with_plain(elastic_resource::plugin)
    }

    /// With one more plugin, made from its arguments.
    ///
    /// It stands last in the default profile, where it is on with the weight that its [`About`] names; so it must be
    /// fit to run with default arguments. A profile sets other ones in `pluginConfig` (of a kind, if one is given, that
    /// is the plugin's name and `Args`), another weight in `plugins.score.enabled`, and switches it off by `disabled`.
    ///
    /// # Panics
    ///
    /// If the name is taken, or `make` refuses default arguments.
    #[must_use]
    pub fn with<A: DeserializeOwned + Default + 'static>(
        mut self,
        make: impl Fn(A) -> Made + Send + Sync + 'static,
    ) -> Self {
        let about = match make(A::default()) {
            Ok(plugin) => plugin.about,
            Err(problems) => panic!("a plugin must be fit to run without arguments: {problems:?}"),
        };
        assert!(self.names().all(|name| name != about.name), "two plugins are called {}", about.name);
        let kind = format!("{}Args", about.name);
        let make = Arc::new(move |args: Option<&Value>| make(args::read(args, &kind)?));
        self.entries.push(Entry { about, make });
        self
    }

    /// The same for a plugin that has no arguments; if any are given they are not looked at, as upstream has it.
    ///
    /// # Panics
    ///
    /// If the name is taken.
    #[must_use]
    pub fn with_plain(self, make: fn() -> Plugin) -> Self {
        self.with(move |_: IgnoredAny| Ok(make()))
    }

    /// What all plugins say of themselves, in the order of the default profile.
    pub fn abouts(&self) -> impl Iterator<Item = &About> {
        self.entries.iter().map(|entry| &entry.about)
    }

    /// Names of all plugins, in the order of the default profile.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.abouts().map(|about| about.name)
    }

    /// The weight of a plugin in the default profile.
    pub fn default_weight(&self, name: &str) -> i64 {
        self.abouts().find(|about| about.name == name).map_or(0, |about| about.default_weight)
    }

    /// Makes the plugin of this name; `None` if there is none.
    pub fn make(&self, name: &str, args: Option<&Value>) -> Option<Made> {
        let entry = self.entries.iter().find(|entry| entry.about.name == name)?;
        Some((entry.make)(args))
    }

    /// A page about all plugins: docs/plugins.md, if they are ACK's.
    pub fn to_markdown(&self) -> String {
        let mut text = String::from(HEAD);
        for Entry { about: About { name, formula, default_weight, source }, make } in &self.entries {
            let points = make(None).map(|plugin| plugin.points()).unwrap_or_default();
            let points: Vec<_> = points.iter().map(ToString::to_string).collect();
            let weight = if *default_weight == 0 { String::new() } else { default_weight.to_string() };
            let _ = writeln!(text, "| {name} | {} | {weight} | {formula} | {source} |", points.join(", "));
        }
        text
    }
}

impl Default for Registry {
    fn default() -> Self {
        Self::upstream()
    }
}

const HEAD: &str = "<!-- Generated from src/scheduler/plugins; do not edit. -->\n
# Plugins

The plugins of the default profile, in their order, by the names that a KubeSchedulerConfiguration uses.

Filter stands for PreFilter and Filter, Score for PreScore, Score and NormalizeScore. The weight is that of the default
profile; plugins without one do not score. In formulas raw is what the plugin scores, min and max are taken over the
feasible nodes of the attempt, and what is divided is cut off after the point unless the formula rounds. Volumes and
resource claims are not simulated; their plugins are here because a configuration may name them.

Sources are files and lines of kubernetes/kubernetes at tag v1.34.1 below pkg/scheduler. That the plugins do as they say
is tested by decisions recorded from the real scheduler (`cargo test --test recorded`), and where upstream surprises, by a
test that says so (`cargo test --test quirks`).

The last two are ACK's, of which there is no source to compare with; where no ResourcePolicy or annotation asks for them
they have nothing to say (`cargo test --test ways`).

| plugin | extension points | weight | what it does | source |
|---|---|---|---|---|
";

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;
    use crate::scheduler::framework::{ExtensionPoint, NoFit, PostFilter, PostFilterPlugin};

    const ABOUT: About =
        About { name: "Helper", formula: "helps nobody", default_weight: 0, source: "registry.rs:1" };

    #[derive(Default, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Reason {
        #[serde(default)]
        text: String,
    }

    impl PostFilterPlugin for Reason {
        fn post_filter(&self, _: &NoFit<'_>) -> PostFilter {
            PostFilter::Rejects(self.text.clone())
        }
    }

    fn with_helper(registry: Registry) -> Registry {
        registry.with(|args: Reason| Ok(Plugin::new(ABOUT).helping(args)))
    }

    #[test]
    fn every_plugin_tells_what_it_does_and_where_it_was_read() {
        let registry = Registry::upstream();
        for about in registry.abouts() {
            let About { name, formula, default_weight, source } = about;
            let plugin = registry.make(name, None).expect("it is registered").expect("it needs no arguments");
            assert_eq!(plugin.about, *about);
            assert_eq!(plugin.points().contains(&ExtensionPoint::Score), *default_weight > 0, "{name}");
            assert!(!format!("{formula}{source}").contains(['|', '\n']), "{name} breaks the table");
            assert!(!formula.is_empty() && !formula.ends_with('.'), "{name}");
            for place in source.split(", ") {
                let (file, line) = place.split_once(".go:").expect("a place is FILE.go:LINE");
                assert!(!file.is_empty() && line.parse::<u32>().is_ok(), "{name}: {place}");
            }
        }
    }

    #[test]
    fn one_more_plugin_stands_last_and_is_made_from_its_arguments() {
        let registry = with_helper(Registry::upstream());
        assert_eq!(registry.names().last(), Some("Helper"));
        assert!(
            registry.to_markdown().ends_with("| Helper | PostFilter |  | helps nobody | registry.rs:1 |\n")
        );
        let made = |args| registry.make("Helper", Some(&args)).expect("it is registered");
        assert!(made(json!({"text": "so", "kind": "HelperArgs", "apiVersion": "example/v1"})).is_ok());
        let told = |args| made(args).err().unwrap_or_default()[0].to_string();
        assert_eq!(told(json!({"txt": "so"})), "txt: unknown field `txt`; did you mean `text`?");
        assert_eq!(
            told(json!({"text": 7})),
            "text: expected a string, found the number 7; write it in quotes"
        );
        assert_eq!(told(json!({"kind": "HelpArgs"})), "kind: \"HelpArgs\" must be HelperArgs");
    }

    #[test]
    #[should_panic(expected = "two plugins are called Helper")]
    fn a_name_is_taken_once() {
        let _ = with_helper(with_helper(Registry::upstream()));
    }
}
