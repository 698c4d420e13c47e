//! Quantities, taints, tolerations and volumes.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1 as api;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity as ApiQuantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::Problems;
use crate::object::names::{wrong_annotation_key, wrong_label};
use crate::object::volume::{FileReference, FileSource, LocalVolume};
use crate::object::{Effect, ResourceList, Taint, Toleration, Volume};
use crate::units::{IntOrPercent, Quantity};

/// The namespace of what lives in one: `default` if it names none.
pub fn namespace_of(metadata: &ObjectMeta) -> &str {
    metadata.namespace.as_deref().unwrap_or("default")
}

/// Notes labels and annotations that the API server refuses (apimachinery/pkg/api/validation
/// `ValidateObjectMeta`).
pub fn check_metadata(problems: &mut Problems, metadata: &ObjectMeta) {
    for (key, value) in metadata.labels.iter().flatten() {
        if let Some(wrong) = wrong_label(key, value) {
            problems.note(&format!("metadata.labels.{key}"), wrong);
        }
    }
    for key in metadata.annotations.iter().flatten().map(|(key, _)| key) {
        if let Some(wrong) = wrong_annotation_key(key) {
            problems.note(&format!("metadata.annotations.{key}"), wrong);
        }
    }
}

/// The largest quantity that is taken, of cpu in thousandths. Usage adds up over pods and scores multiply it by 100, in
/// 64 bits, which upstream lets overflow.
const LARGEST: i64 = 10_000_000_000_000_000;

fn is_too_large(name: &str, quantity: Quantity) -> bool {
    let counted = if name == "cpu" { quantity.milli_value() } else { quantity.value() };
    counted > LARGEST
}

/// Reads a map of quantities; a quantity that cannot be read, is negative or absurdly large is a problem.
pub fn resource_list(
    problems: &mut Problems,
    field: &str,
    list: Option<&BTreeMap<String, ApiQuantity>>,
) -> ResourceList {
    problems.within(field, |problems| {
        let read = |(name, text): (&String, &ApiQuantity)| match text.0.parse::<Quantity>() {
            Ok(quantity) if quantity.is_negative() => {
                problems.note(name, format!("{:?} must be greater than or equal to 0", text.0));
                None
            }
            Ok(quantity) if is_too_large(name, quantity) => {
                problems.note(name, format!("{:?} is more than can be computed with", text.0));
                None
            }
            Ok(quantity) => Some((name.clone(), quantity)),
            Err(error) => {
                problems.note(name, error.to_string());
                None
            }
        };
        list.into_iter().flatten().filter_map(read).collect()
    })
}

fn effect(problems: &mut Problems, text: &str) -> Option<Effect> {
    match text {
        "NoSchedule" => Some(Effect::NoSchedule),
        "PreferNoSchedule" => Some(Effect::PreferNoSchedule),
        "NoExecute" => Some(Effect::NoExecute),
        other => {
            problems.note("effect", format!("{other:?} must be NoSchedule, PreferNoSchedule or NoExecute"));
            None
        }
    }
}

pub(super) fn taint(problems: &mut Problems, taint: &api::Taint) -> Option<Taint> {
    let effect = effect(problems, &taint.effect)?;
    Some(Taint { key: taint.key.clone(), value: taint.value.clone().unwrap_or_default(), effect })
}

/// Reads a taint as `kubectl taint` writes it: `key=value:Effect` or `key:Effect`.
pub fn taint_from_text(text: &str) -> Result<Taint, String> {
    let refuse = || format!("{text:?} is not a taint: write it like key=value:NoSchedule");
    let (pair, effect_text) = text.rsplit_once(':').ok_or_else(refuse)?;
    let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
    let effect = effect(&mut Problems::new(), effect_text).ok_or_else(|| {
        format!("{text:?}: the effect must be NoSchedule, PreferNoSchedule or NoExecute, not {effect_text:?}")
    })?;
    if key.is_empty() {
        return Err(refuse());
    }
    Ok(Taint { key: key.to_owned(), value: value.to_owned(), effect })
}

pub(super) fn toleration(problems: &mut Problems, toleration: &api::Toleration) -> Toleration {
    let text = |field: &Option<String>| field.clone().unwrap_or_default();
    let key = text(&toleration.key);
    let value = text(&toleration.value);
    let exists = match toleration.operator.as_deref() {
        None | Some("" | "Equal") => false,
        Some("Exists") => true,
        Some(other) => {
            problems.note("operator", format!("{other:?} must be Exists or Equal"));
            false
        }
    };
    if exists && !value.is_empty() {
        problems.note("value", "must be empty when `operator` is Exists");
    }
    if !exists && key.is_empty() {
        problems.note("operator", "must be Exists when `key` is empty, which means all keys");
    }
    let effect = toleration.effect.as_deref().filter(|text| !text.is_empty());
    let effect = effect.and_then(|text| self::effect(problems, text));
    let seconds = toleration.toleration_seconds;
    if seconds.is_some() && effect != Some(Effect::NoExecute) {
        problems.note("effect", "must be NoExecute when `tolerationSeconds` is set");
    }
    Toleration { key, exists, value, effect, seconds }
}

/// Reads a count or a percentage (pkg/apis/apps/validation/validation.go `ValidatePositiveIntOrPercent`).
pub fn int_or_percent(given: &IntOrString) -> Result<IntOrPercent, &'static str> {
    match given {
        IntOrString::Int(count) => {
            u32::try_from(*count).map(IntOrPercent::Int).map_err(|_| "must be greater than or equal to 0")
        }
        IntOrString::String(text) => {
            let digits = text.strip_suffix('%').filter(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()));
            let percent = digits.and_then(|digits| digits.parse().ok());
            percent.map(IntOrPercent::Percent).ok_or("must be an integer or percentage (e.g '5%')")
        }
    }
}

/// Reads a volume: which ConfigMaps and Secrets it takes files from.
pub(super) fn volume(volume: &api::Volume) -> Volume {
    let reference = |source, name: Option<&String>, optional: Option<bool>| {
        name.map(|name| FileReference { source, name: name.clone(), optional: optional.unwrap_or(false) })
    };
    let map = volume.config_map.as_ref();
    let own = [
        map.and_then(|one| reference(FileSource::ConfigMap, Some(&one.name), one.optional)),
        volume
            .secret
            .as_ref()
            .and_then(|one| reference(FileSource::Secret, one.secret_name.as_ref(), one.optional)),
    ];
    let projected = volume.projected.iter().flat_map(|one| one.sources.iter().flatten());
    let projected = projected.flat_map(|one| {
        let map = one.config_map.as_ref();
        let secret = one.secret.as_ref();
        [
            map.and_then(|one| reference(FileSource::ConfigMap, Some(&one.name), one.optional)),
            secret.and_then(|one| reference(FileSource::Secret, Some(&one.name), one.optional)),
        ]
    });
    let files = own.into_iter().chain(projected).flatten().collect();
    let empty_dir = volume.empty_dir.as_ref().map(|one| match one.medium.as_deref() {
        Some("Memory") => LocalVolume::InMemory,
        _ => LocalVolume::EmptyDir,
    });
    let local = empty_dir.or_else(|| volume.host_path.is_some().then_some(LocalVolume::HostPath));
    Volume { name: volume.name.clone(), files, local, injected_by: None }
}
