use super::*;
use overspill_manifest::{Decoder, Object, Source, read_documents};

fn decoded(text: &str) -> Object {
    let read = read_documents(&Source::new("f.yaml", text));
    let mut decoder = Decoder::new(true);
    let object = decoder.decode(&read.documents[0]);
    let told = decoder.finish();
    assert!(told.is_empty(), "{told:?}");
    object.expect("an object")
}

fn read(spec: &str) -> Result<SidecarSet, Vec<String>> {
    let text = format!(
        "apiVersion: apps.kruise.io/v1alpha1\nkind: SidecarSet\nmetadata: {{name: logs}}\nspec: {{{spec}}}\n"
    );
    let Object::SidecarSet(set) = decoded(&text) else { panic!("no SidecarSet") };
    sidecar_set(&set, &sidecar_pod(&set)).map_err(|all| all.iter().map(ToString::to_string).collect())
}

const SELECTOR: &str = "selector: {matchLabels: {a: b}}";

#[track_caller]
fn refused(spec: &str, expected: &str) {
    let told = read(spec).expect_err("it is refused");
    assert_eq!(told, [expected]);
}

/// rule: sidecarset-checks
#[test]
fn what_the_webhook_refuses_is_refused() {
    let one = format!("{SELECTOR}, containers: [{{name: c, image: i}}]");
    assert!(read(&one).is_ok());
    refused(SELECTOR, "spec.containers: must have at least one container or init container");
    let twice = format!("{SELECTOR}, containers: [{{name: c}}], initContainers: [{{name: c}}]");
    refused(&twice, "spec.containers[0].name: \"c\" is there twice");
    let mounting =
        format!("{SELECTOR}, containers: [{{name: c, volumeMounts: [{{name: v, mountPath: /v}}]}}]");
    refused(
        &mounting,
        "spec.containers[0].volumeMounts[0].name: \"v\" is not among the SidecarSet's volumes",
    );
    refused(
        &format!("{one}, namespace: x, namespaceSelector: {{namespaces: [y]}}"),
        "spec.namespaceSelector: cannot stand beside `namespace`",
    );
    refused(
        &format!("{one}, updateStrategy: {{partition: -1}}"),
        "spec.updateStrategy.partition: must be a number of pods or a percentage, and not negative",
    );
    let hot = format!("{SELECTOR}, containers: [{{name: c, upgradeStrategy: {{upgradeType: HotUpgrade}}}}]");
    refused(&hot, "spec.containers[0].upgradeStrategy.hotUpgradeEmptyImage: is needed for a HotUpgrade");
}

/// rule: sidecarset-empty-selector
#[test]
fn an_empty_selector_is_refused() {
    refused(
        "selector: {}, containers: [{name: c}]",
        "spec.selector: an empty selector is not valid for a SidecarSet: it would match no pod",
    );
}

#[test]
fn another_image_changes_one_hash_and_another_argument_both() {
    let with =
        |container: &str| read(&format!("{SELECTOR}, containers: [{{name: c, {container}}}]")).unwrap();
    let (first, image, argument) = (with("image: a"), with("image: b"), with("image: a, args: [x]"));
    assert_ne!(first.hash, image.hash);
    assert_eq!(first.hash_without_image, image.hash_without_image);
    assert_ne!(first.hash_without_image, argument.hash_without_image);
}

/// rule: sidecarset-binding-own-namespace
#[test]
fn a_binding_names_what_stands_in_its_own_namespace() {
    let read = |reference: &str| {
        let text = format!(
            "apiVersion: sidecarset.alibabacloud.com/v1alpha1\nkind: SidecarSetResourceBinding\n\
             metadata: {{name: b, namespace: kube-system}}\n\
             spec: {{subjects: [{{kind: SidecarSet, name: s}}], resourceRefs: [{reference}]}}\n"
        );
        let Object::SidecarSetResourceBinding(binding) = decoded(&text) else { panic!("no binding") };
        resource_binding(&binding)
    };
    let binding = read("{kind: ConfigMap, name: c}").unwrap();
    assert!(binding.allows("s", FileSource::ConfigMap, "c"));
    assert!(!binding.allows("s", FileSource::Secret, "c"), "of another kind");
    assert!(!binding.allows("t", FileSource::ConfigMap, "c"), "for another SidecarSet");
    let told = read("{kind: ConfigMap, name: other/c}").unwrap_err();
    assert_eq!(told[0].path, "spec.resourceRefs[0].name");
    assert!(read("{kind: Pod, name: c}").is_err());
}

/// Everything of the containers but their images makes another SidecarSet of it.
/// rule: sidecarset-image-only
#[test]
fn a_hash_stands_for_what_only_openkruise_knows_too() {
    let hashes = |more: &str| {
        let set =
            read(&format!("{SELECTOR}, containers: [{{name: c, image: i, {more}}}]")).expect("it is right");
        (set.hash, set.hash_without_image)
    };
    let plain = hashes("");
    for same in ["podInjectPolicy: BeforeAppContainer", "shareVolumePolicy: {type: disabled}"] {
        assert_eq!(hashes(same), plain, "{same} is the default");
    }
    for other in [
        "podInjectPolicy: AfterAppContainer",
        "shareVolumePolicy: {type: enabled}",
        "shareVolumeDevicePolicy: {type: enabled}",
        "transferEnv: [{sourceContainerName: web, envName: ZONE}]",
        "upgradeStrategy: {upgradeType: HotUpgrade, hotUpgradeEmptyImage: e}",
    ] {
        let (hash, without_image) = hashes(other);
        assert!(hash != plain.0 && without_image != plain.1, "{other}");
    }
    let other = read(&format!("{SELECTOR}, containers: [{{name: c, image: other}}]")).expect("it is right");
    assert!(other.hash != plain.0 && other.hash_without_image == plain.1);
}
