//! The eci-profile.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::ConfigMap;
use serde::Deserialize;

use super::{FieldProblem, Problems};
use crate::object::Labels;
use crate::object::eci_profile::{EciProfile, ProfileSelector};

/// Namespace and name of the ConfigMap that is the eci-profile of its cluster.
pub const ECI_PROFILE: (&str, &str) = ("kube-system", "eci-profile");

/// The keys of an eci-profile (ACK, "Configure an eci-profile").
pub const ECI_PROFILE_KEYS: [&str; 8] = [
    "enableClusterIp",
    "enableHybridMode",
    "enablePrivateZone",
    "resourceGroupId",
    "securityGroupId",
    "selectors",
    "vpcId",
    "vswitchIds",
];

/// Whether a ConfigMap is the eci-profile of its cluster.
pub fn is_eci_profile(map: &ConfigMap) -> bool {
    let metadata = &map.metadata;
    let (namespace, name) = ECI_PROFILE;
    metadata.name.as_deref() == Some(name) && metadata.namespace.as_deref() == Some(namespace)
}

/// Reads an eci-profile. Of its keys `vswitchIds` and `selectors` are looked at; the others name things of the account
/// (`vpcId`, `securityGroupId`, `resourceGroupId`) or switch on what is not simulated.
pub fn eci_profile(map: &ConfigMap) -> Result<EciProfile, Vec<FieldProblem>> {
    let mut problems = Problems::new();
    let value = |key| map.data.as_ref().and_then(|data| data.get(key)).map_or("", |text| text.trim());
    let ids = value("vswitchIds").split(',').map(str::trim).filter(|id| !id.is_empty());
    let profile = EciProfile {
        vswitch_ids: ids.map(str::to_owned).collect(),
        selectors: selectors(&mut problems, value("selectors")),
    };
    problems.into_result(profile)
}

/// One item of the JSON list under `selectors`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Item {
    name: String,
    namespace_selector: Option<Match>,
    object_selector: Option<Match>,
    #[serde(default)]
    effect: Effect,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Match {
    #[serde(default)]
    match_labels: BTreeMap<String, String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Effect {
    #[serde(default)]
    annotations: BTreeMap<String, String>,
    #[serde(default)]
    labels: BTreeMap<String, String>,
}

fn selectors(problems: &mut Problems, text: &str) -> Vec<ProfileSelector> {
    if text.is_empty() {
        return Vec::new();
    }
    match serde_json::from_str::<Vec<Item>>(text) {
        Ok(items) => items.into_iter().map(selector).collect(),
        Err(error) => {
            let message = format!(
                "not a JSON list of selectors ({error}): write it like [{{\"name\": \"web\", \"objectSelector\": \
                 {{\"matchLabels\": {{\"app\": \"web\"}}}}, \"effect\": {{\"annotations\": {{}}}}}}]"
            );
            problems.note("data.selectors", message);
            Vec::new()
        }
    }
}

fn selector(item: Item) -> ProfileSelector {
    let labels = |one: Match| Labels(one.match_labels);
    ProfileSelector {
        name: item.name,
        namespace: item.namespace_selector.map(labels),
        object: item.object_selector.map(labels),
        annotations: Labels(item.effect.annotations),
        labels: Labels(item.effect.labels),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(selectors: &str) -> Result<EciProfile, String> {
        let data = [("vswitchIds", "vsw-111, vsw-222"), ("selectors", selectors), ("vpcId", "vpc-1")];
        let data = data.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
        let map = ConfigMap { data: Some(data), ..ConfigMap::default() };
        eci_profile(&map).map_err(|problems| problems[0].to_string())
    }

    #[test]
    fn vswitches_and_selectors_are_read() {
        let profile = read(
            r#"[{"name": "a", "namespaceSelector": {"matchLabels": {"team": "x"}},
                 "effect": {"annotations": {"k": "v"}, "labels": {"l": "w"}}},
                {"name": "b", "effect": {}}]"#,
        )
        .unwrap();
        assert_eq!(profile.vswitch_ids, ["vsw-111", "vsw-222"]);
        let first = &profile.selectors[0];
        assert_eq!(first.namespace, Some(Labels::from_iter([("team", "x")])));
        assert_eq!((first.object.as_ref(), first.labels.get("l")), (None, Some("w")));
        assert_eq!(profile.selectors[1].name, "b");
    }

    #[test]
    fn what_is_no_list_of_selectors_is_refused() {
        for text in [r#"{"name": "a"}"#, r#"[{"effect": {}}]"#, r#"[{"name": "a", "effects": {}}]"#, "[{]"] {
            let problem = read(text).unwrap_err();
            assert!(problem.starts_with("data.selectors: not a JSON list of selectors ("), "{problem}");
        }
        assert_eq!(read("").unwrap().selectors, []);
    }
}
