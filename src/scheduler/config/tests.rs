use serde_json::json;

use super::*;

fn resolve(value: &Value) -> Result<SchedulerConfig, Vec<FieldProblem>> {
    let file = serde_json::from_value(value.clone()).unwrap();
    SchedulerConfig::resolve(&file, &Registry::upstream())
}

fn scores(value: &Value) -> Vec<(&'static str, i64)> {
    let config = resolve(value).unwrap_or_else(|problems| panic!("{problems:?}"));
    config.profiles[0].scores.iter().map(|entry| (entry.name(), entry.weight())).collect()
}

/// rule: default-profile
#[test]
fn the_default_profile_is_upstreams() {
    let expected = [
        ("TaintToleration", 3),
        ("NodeAffinity", 2),
        ("NodeResourcesFit", 1),
        ("VolumeBinding", 1),
        ("PodTopologySpread", 2),
        ("InterPodAffinity", 2),
        ("NodeResourcesBalancedAllocation", 1),
        ("ImageLocality", 1),
    ];
    assert_eq!(scores(&json!({})), expected);
}

/// rule: listed-plugins
#[test]
fn a_listed_score_plugin_moves_to_the_front_with_its_weight() {
    let got = scores(&json!({"profiles": [{"plugins": {"score": {
        "enabled": [{"name": "ImageLocality", "weight": 5}, {"name": "NodeAffinity"}],
        "disabled": [{"name": "PodTopologySpread"}]}}}]}));
    assert_eq!(got[..2], [("ImageLocality", 5), ("NodeAffinity", 1)]);
    assert!(got.iter().all(|(name, _)| *name != "PodTopologySpread"));
    assert_eq!(got.len(), 7);
}

/// rule: listed-plugins
#[test]
fn a_star_leaves_only_what_is_listed() {
    let got = scores(&json!({"profiles": [{"plugins": {"score": {
        "enabled": [{"name": "NodeAffinity", "weight": 7}], "disabled": [{"name": "*"}]}}}]}));
    assert_eq!(got, [("NodeAffinity", 7)]);
}

#[test]
fn every_problem_is_told_at_once() {
    let problems = resolve(&json!({
        "apiVersion": "kubescheduler.config.k8s.io/v1beta3",
        "percentageOfNodesToScore": 101,
        "podMaxBackoffSeconds": 0,
        "profiles": [
            {"plugins": {"score": {"enabled": [{"name": "NodeAfinity"}]}},
             "pluginConfig": [
                {"name": "InterPodAffinity", "args": {"hardPodAffinityWeight": 101}},
                {"name": "PodTopologySpread", "args": {"defaultConstraints":
                    [{"maxSkew": 0, "topologyKey": "zone", "whenUnsatisfiable": "ScheduleAnyway"}]}}]},
            {"schedulerName": "default-scheduler"}]
    }))
    .err()
    .unwrap();
    let told: Vec<_> = problems.iter().map(ToString::to_string).collect();
    for expected in [
        "apiVersion: \"kubescheduler.config.k8s.io/v1beta3\" must be",
        "percentageOfNodesToScore: 101 must be in the range 0-100",
        "podMaxBackoffSeconds: 0 must be at least podInitialBackoffSeconds, 1",
        "profiles[1].schedulerName: \"default-scheduler\" names two profiles",
        "profiles[0].plugins.score.enabled[0].name: \"NodeAfinity\" is not a plugin: did you mean `NodeAffinity`?",
        "profiles[0].pluginConfig[0].args.hardPodAffinityWeight: 101 must be in the range 0-100",
        "profiles[0].pluginConfig[1].args.defaultConstraints[0].maxSkew: 0 must be greater than zero",
        "profiles[0].pluginConfig[1].args.defaultConstraints: must be empty unless defaultingType is List",
    ] {
        assert!(told.iter().any(|one| one.starts_with(expected)), "missing {expected} in {told:#?}");
    }
}

/// Source: apis/config/validation/validation_pluginargs.go `ValidateDefaultPreemptionArgs`.
#[test]
fn preemption_has_to_try_some_node() {
    let with = |args: Value| {
        resolve(&json!({"profiles": [{"pluginConfig": [{"name": "DefaultPreemption", "args": args}]}]}))
    };
    let told = |args| {
        let problems = with(args).err().unwrap_or_default();
        problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    };
    assert!(with(json!({"minCandidateNodesPercentage": 0, "minCandidateNodesAbsolute": 1})).is_ok());
    assert_eq!(
        told(json!({"minCandidateNodesPercentage": 0, "minCandidateNodesAbsolute": 0})),
        "profiles[0].pluginConfig[0].args.minCandidateNodesPercentage: \
         cannot be zero at the same time as minCandidateNodesAbsolute\n\
         profiles[0].pluginConfig[0].args.minCandidateNodesAbsolute: \
         cannot be zero at the same time as minCandidateNodesPercentage"
    );
    assert!(told(json!({"minCandidateNodesPercentage": 101})).contains("101 must be in the range 0-100"));
    assert!(told(json!({"minCandidateNodesAbsolute": -1})).contains("-1 must be in the range 0-4294967295"));
}

#[test]
fn arguments_that_are_no_map_are_told_without_a_dangling_path() {
    let args = json!({"profiles": [{"pluginConfig": [{"name": "InterPodAffinity", "args": [1]}]}]});
    let problems = resolve(&args).err().unwrap();
    assert_eq!(problems[0].to_string(), "profiles[0].pluginConfig[0].args: expected a map, found a list");
}

/// rule: scheduler-client-rate
#[test]
fn the_client_of_the_configuration_is_honoured() {
    let connection = |value: Value| {
        let file = json!({"clientConnection": value});
        resolve(&file).map(|config| config.client_connection).map_err(|problems| problems[0].to_string())
    };
    let rate = |milli_qps, burst: u32| Ok(ClientConnection { milli_qps, burst: NonZeroU32::new(burst) });
    assert_eq!(connection(json!({"qps": 12.5, "burst": 40})), rate(Some(12_500), 40));
    assert_eq!(connection(json!({"qps": -1})), rate(Some(0), 0), "no limit");
    assert_eq!(
        connection(json!({"qps": 0, "burst": 0, "kubeconfig": "a"})),
        rate(None, 0),
        "upstream's default"
    );
    assert!(connection(json!({"burst": -1})).is_err());
}
