//! What a pod's labels and annotations ask of ACS.
//!
//! Source: ACS, "ACS pod overview", which lists names, values and defaults.

use std::fmt;

use crate::capacity::EciSpec;
use crate::object::Labels;

/// Whether a pod is for ACS, whatever its class.
pub const ACS_LABEL: &str = "alibabacloud.com/acs";
/// What kind of processors a pod gets.
pub const COMPUTE_CLASS: &str = "alibabacloud.com/compute-class";
/// How sure a pod is of them.
pub const COMPUTE_QOS: &str = "alibabacloud.com/compute-qos";
/// The annotation that names a specification outright: `2-4Gi`.
pub const REQUIRED_SPEC: &str = "alibabacloud.com/pod-required-spec";
/// The annotation by which ACS tells what it has made of a pod; nobody reads it.
pub const USED_SPEC: &str = "alibabacloud.com/pod-use-spec";
/// The environment variable that, set to `true`, keeps a container out of the sum.
pub const ACS_IGNORE_RESOURCE_ENV: &str = "__IGNORE_RESOURCE__";

/// What kind of processors a pod gets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ComputeClass {
    /// The usual ones.
    #[default]
    GeneralPurpose,
    /// Faster ones, "compute-optimized" in some documents.
    Performance,
}

/// How sure a pod is of its processors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ComputeQos {
    /// They are its own until it ends.
    #[default]
    Default,
    /// They may be taken back, with notice.
    BestEffort,
}

impl fmt::Display for ComputeClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::GeneralPurpose => "general-purpose",
            Self::Performance => "performance",
        })
    }
}

impl fmt::Display for ComputeQos {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Default => "default",
            Self::BestEffort => "best-effort",
        })
    }
}

/// What a pod asks of ACS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// The processors.
    pub class: ComputeClass,
    /// How sure they are.
    pub qos: ComputeQos,
    /// The specification that it names itself.
    pub required: Option<EciSpec>,
}

/// A label or an annotation that ACS would refuse.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{key} is {value:?}: {mend}")]
pub struct WishError {
    /// Its name.
    pub key: &'static str,
    /// Its value.
    pub value: String,
    /// What would do.
    pub mend: &'static str,
}

impl Wish {
    /// What a pod with these labels and annotations asks of ACS, or everything that is wrong with them; `None` if it asks
    /// nothing of ACS.
    pub fn read(labels: &Labels, annotations: &Labels) -> Option<Result<Self, Vec<WishError>>> {
        let (class, qos) = (labels.get(COMPUTE_CLASS), labels.get(COMPUTE_QOS));
        if class.is_none() && qos.is_none() && labels.get(ACS_LABEL) != Some("true") {
            return None;
        }
        let required = annotations.get(REQUIRED_SPEC);
        let (class, qos, required) = (read_class(class), read_qos(qos), read_required(required));
        Some(match (class, qos, required) {
            (Ok(class), Ok(qos), Ok(required)) => Ok(Self { class, qos, required }),
            (class, qos, required) => {
                Err([class.err(), qos.err(), required.err()].into_iter().flatten().collect())
            }
        })
    }
}

fn refuse(key: &'static str, value: &str, mend: &'static str) -> WishError {
    WishError { key, value: value.to_owned(), mend }
}

fn read_class(value: Option<&str>) -> Result<ComputeClass, WishError> {
    match value {
        None | Some("general-purpose") => Ok(ComputeClass::GeneralPurpose),
        Some("performance") => Ok(ComputeClass::Performance),
        Some(gpu @ ("gpu" | "gpu-hpn")) => {
            let mend = "it is for GPUs, which are not simulated; write general-purpose or performance";
            Err(refuse(COMPUTE_CLASS, gpu, mend))
        }
        Some(other) => Err(refuse(COMPUTE_CLASS, other, "write general-purpose or performance")),
    }
}

fn read_qos(value: Option<&str>) -> Result<ComputeQos, WishError> {
    match value {
        None | Some("default") => Ok(ComputeQos::Default),
        Some("best-effort") => Ok(ComputeQos::BestEffort),
        Some(other) => Err(refuse(COMPUTE_QOS, other, "write default or best-effort")),
    }
}

fn read_required(value: Option<&str>) -> Result<Option<EciSpec>, WishError> {
    let mend = "write vCPUs and memory like 2-4Gi";
    value.map(|text| text.parse().map_err(|_| refuse(REQUIRED_SPEC, text, mend))).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(labels: &[(&str, &str)], annotations: &[(&str, &str)]) -> Option<Result<Wish, Vec<String>>> {
        let wish = Wish::read(&labels.iter().copied().collect(), &annotations.iter().copied().collect())?;
        Some(wish.map_err(|errors| errors.into_iter().map(|error| error.to_string()).collect()))
    }

    /// rule: acs-pods
    #[test]
    fn any_of_the_three_labels_is_enough_and_others_are_not() {
        let default = Some(Ok(Wish::default()));
        assert_eq!(read(&[(COMPUTE_CLASS, "general-purpose")], &[]), default);
        assert_eq!(read(&[(COMPUTE_QOS, "default")], &[]), default);
        assert_eq!(read(&[(ACS_LABEL, "true")], &[]), default);
        assert_eq!(read(&[(ACS_LABEL, "false"), ("app", "nginx")], &[(REQUIRED_SPEC, "2-4Gi")]), None);
    }

    /// rule: acs-labels
    #[test]
    fn classes_and_qualities_are_read_as_documented() {
        for (text, class) in
            [("general-purpose", ComputeClass::GeneralPurpose), ("performance", ComputeClass::Performance)]
        {
            for (other, qos) in [("default", ComputeQos::Default), ("best-effort", ComputeQos::BestEffort)] {
                let wish = Wish { class, qos, required: None };
                assert_eq!(read(&[(COMPUTE_CLASS, text), (COMPUTE_QOS, other)], &[]), Some(Ok(wish)));
                assert_eq!((class.to_string(), qos.to_string()), (text.to_owned(), other.to_owned()));
            }
        }
    }

    /// rule: acs-labels
    #[test]
    fn everything_wrong_is_told_at_once() {
        let labels = [(COMPUTE_CLASS, "compute-optimized"), (COMPUTE_QOS, "cheap")];
        let told = read(&labels, &[(REQUIRED_SPEC, "2-4096Mi")]).unwrap().unwrap_err();
        assert_eq!(
            told,
            [
                "alibabacloud.com/compute-class is \"compute-optimized\": write general-purpose or performance",
                "alibabacloud.com/compute-qos is \"cheap\": write default or best-effort",
                "alibabacloud.com/pod-required-spec is \"2-4096Mi\": write vCPUs and memory like 2-4Gi",
            ]
        );
        for gpu in ["gpu", "gpu-hpn"] {
            let told = read(&[(COMPUTE_CLASS, gpu)], &[]).unwrap().unwrap_err();
            assert!(told[0].contains("GPUs, which are not simulated"), "{told:?}");
        }
    }
}
