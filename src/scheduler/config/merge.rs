//! How a profile's plugins are merged with the default ones.
//!
//! Source: apis/config/v1/default_plugins.go `mergePluginSet`, framework/runtime/framework.go:539
//! `expandMultiPointPlugins`, at tag v1.34.1.

use std::collections::BTreeMap;
use std::sync::Arc;

use overspill_manifest::did_you_mean;
use serde_json::Value;

use super::{PluginRef, PluginSet, PluginsFile};
use crate::object::kubernetes::Problems;
use crate::rule::{Confidence, Rule};
use crate::scheduler::framework::Plugin;
use crate::scheduler::profile::{FilterEntry, Profile, ScoreEntry};
use crate::scheduler::registry::Registry;

pub(in crate::scheduler) const RULES: &[Rule] = &[
    Rule {
        id: "default-profile",
        statement: "Without a configuration one profile asks every default plugin, TaintToleration with \
                    weight 3, NodeAffinity, PodTopologySpread and InterPodAffinity with 2, the others with \
                    1.",
        source: "pkg/scheduler/apis/config/v1/default_plugins.go",
        confidence: Confidence::Source,
    },
    Rule {
        id: "listed-plugins",
        statement: "A plugin that a profile lists at Score comes before those of MultiPoint, with the weight \
                    of the list or 1; a star switches off what is not listed.",
        source: "pkg/scheduler/framework/runtime/framework.go `expandMultiPointPlugins`",
        confidence: Confidence::Source,
    },
];

/// Arguments by plugin name, with their place in `pluginConfig`.
type Args<'a> = BTreeMap<&'a str, (usize, Option<&'a Value>)>;

pub(super) fn profile(
    problems: &mut Problems,
    name: &str,
    file: &PluginsFile,
    percentage: u8,
    registry: &Registry,
    args: &Args<'_>,
) -> Profile {
    let everywhere = merged_multi_point(registry, &file.multi_point);
    check_names(problems, file, registry, args);
    let made = make_all(problems, file, &everywhere, registry, args);
    let at = |set: &PluginSet, serves: fn(&Plugin) -> bool| -> Vec<PluginRef> {
        let serves = |name: &str| made.get(name).is_some_and(|plugin| serves(plugin));
        expand(set, &everywhere, serves)
    };
    let filters = at(&file.filter, |plugin| plugin.filter.is_some());
    let pre_filters = at(&file.pre_filter, |plugin| plugin.filter.is_some());
    if let Some(lone) = filters.iter().find(|one| pre_filters.iter().all(|other| other.name != one.name)) {
        problems.note("plugins.preFilter", format!("{} filters and needs its PreFilter", lone.name));
    }
    let only_pre_filter = pre_filters.iter().filter(|one| filters.iter().all(|other| other.name != one.name));
    let plugins = |named: &[PluginRef]| named.iter().map(|one| Arc::clone(&made[&one.name])).collect();
    let entry = |one: &PluginRef, filters| FilterEntry::new(&made[one.name.as_str()], filters);
    Profile {
        name: name.to_owned(),
        percentage_of_nodes_to_score: percentage,
        filters: filters
            .iter()
            .map(|one| entry(one, true))
            .chain(only_pre_filter.map(|one| entry(one, false)))
            .collect(),
        scores: at(&file.score, |plugin| plugin.score.is_some())
            .iter()
            .map(|one| ScoreEntry::new(&made[one.name.as_str()], one.weight))
            .collect(),
        gates: plugins(&at(&file.pre_enqueue, |plugin| plugin.pre_enqueue.is_some())),
        post_filters: plugins(&at(&file.post_filter, |plugin| plugin.post_filter.is_some())),
    }
}

/// The default list with the profile's own changes to it: replaced in place, or put at the end.
fn merged_multi_point(registry: &Registry, own: &PluginSet) -> Vec<PluginRef> {
    let is_off = |name: &str| own.disabled.iter().any(|one| one.name == name || one.name == "*");
    let by_default = registry.names().filter(|name| !is_off(name)).map(|name| {
        let replaced = own.enabled.iter().find(|one| one.name == name).cloned();
        replaced.unwrap_or_else(|| PluginRef { name: name.to_owned(), weight: registry.default_weight(name) })
    });
    let mut merged: Vec<_> = by_default.collect();
    for one in &own.enabled {
        if merged.iter().all(|other| other.name != one.name) {
            merged.push(one.clone());
        }
    }
    merged
}

/// The plugins at one extension point: those that it re-configures, then those switched on everywhere, then those that
/// it alone switches on.
fn expand(set: &PluginSet, everywhere: &[PluginRef], serves: impl Fn(&str) -> bool) -> Vec<PluginRef> {
    let is_off = |name: &str| set.disabled.iter().any(|one| one.name == name);
    let here = |name: &str| set.enabled.iter().any(|one| one.name == name);
    if is_off("*") {
        return set.enabled.iter().filter(|one| serves(&one.name)).cloned().collect();
    }
    let inherited: Vec<_> =
        everywhere.iter().filter(|one| serves(&one.name) && !is_off(&one.name)).cloned().collect();
    let is_override = |one: &&PluginRef| inherited.iter().any(|other| other.name == one.name);
    let overrides = set.enabled.iter().filter(is_override).cloned();
    let rest = inherited.iter().filter(|one| !here(&one.name)).cloned();
    let own = set.enabled.iter().filter(|one| !is_override(one) && serves(&one.name)).cloned();
    overrides.chain(rest).chain(own).collect()
}

/// Every extension point with its name in the file.
fn points(file: &PluginsFile) -> [(&'static str, &PluginSet); 13] {
    [
        ("multiPoint", &file.multi_point),
        ("preEnqueue", &file.pre_enqueue),
        ("queueSort", &file.queue_sort),
        ("preFilter", &file.pre_filter),
        ("filter", &file.filter),
        ("postFilter", &file.post_filter),
        ("preScore", &file.pre_score),
        ("score", &file.score),
        ("reserve", &file.reserve),
        ("permit", &file.permit),
        ("preBind", &file.pre_bind),
        ("bind", &file.bind),
        ("postBind", &file.post_bind),
    ]
}

/// Names must be known, and named once.
fn check_names(problems: &mut Problems, file: &PluginsFile, registry: &Registry, args: &Args<'_>) {
    let unknown = |name: &str| {
        let help = did_you_mean(name, "plugins", registry.names());
        format!("{name:?} is not a plugin{}", help.map(|help| format!(": {help}")).unwrap_or_default())
    };
    let known = |name: &str| registry.names().any(|one| one == name);
    for (point, set) in points(file) {
        for (index, one) in set.enabled.iter().enumerate() {
            let field = format!("plugins.{point}.enabled[{index}].name");
            if !known(&one.name) {
                problems.note(&field, unknown(&one.name));
            } else if set.enabled[..index].iter().any(|other| other.name == one.name) {
                problems.note(&field, format!("{} is enabled twice", one.name));
            }
        }
        for (index, one) in set.disabled.iter().enumerate() {
            if one.name != "*" && !known(&one.name) {
                problems.note(&format!("plugins.{point}.disabled[{index}].name"), unknown(&one.name));
            }
        }
    }
    for (name, (index, _)) in args.iter().filter(|(name, _)| !known(name)) {
        problems.note(&format!("pluginConfig[{index}].name"), unknown(name));
    }
}

/// One object per plugin that is on anywhere.
fn make_all(
    problems: &mut Problems,
    file: &PluginsFile,
    everywhere: &[PluginRef],
    registry: &Registry,
    args: &Args<'_>,
) -> BTreeMap<String, Arc<Plugin>> {
    let here = points(file).into_iter().flat_map(|(_, set)| &set.enabled);
    let mut made = BTreeMap::new();
    for one in everywhere.iter().chain(here) {
        if made.contains_key(&one.name) {
            continue;
        }
        let given = args.get(one.name.as_str());
        match registry.make(&one.name, given.and_then(|(_, args)| *args)) {
            Some(Ok(plugin)) => {
                made.insert(one.name.clone(), Arc::new(plugin));
            }
            Some(Err(found)) => {
                let index = given.map_or(0, |(index, _)| *index);
                problems.within(&format!("pluginConfig[{index}].args"), |problems| {
                    for problem in found {
                        problems.note(&problem.path, problem.message);
                    }
                });
            }
            None => {}
        }
    }
    made
}
