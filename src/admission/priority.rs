//! Priority classes: the admission plugin that turns a class's name into a pod's priority.
//!
//! Source: plugin/pkg/admission/priority/admission.go, pkg/apis/scheduling/v1/helpers.go at tag v1.34.1.

use k8s_openapi::api::core::v1 as api;
use k8s_openapi::api::scheduling::v1::PriorityClass;

use crate::object::kubernetes::FieldProblem;

/// The classes that every cluster has.
const BUILT_IN: [(&str, i32); 2] =
    [("system-cluster-critical", 2_000_000_000), ("system-node-critical", 2_000_001_000)];

/// All priority classes.
#[derive(Clone, Debug)]
pub struct PriorityClasses {
    classes: Vec<Class>,
}

#[derive(Clone, Debug)]
struct Class {
    name: String,
    value: i32,
    policy: Option<String>,
    is_default: bool,
}

impl PriorityClasses {
    /// The built-in classes and these.
    pub fn of<'a>(classes: impl Iterator<Item = &'a PriorityClass>) -> Self {
        let built_in = BUILT_IN.map(|(name, value)| Class {
            name: name.to_owned(),
            value,
            policy: None,
            is_default: false,
        });
        let given = classes.map(|class| Class {
            name: class.metadata.name.clone().unwrap_or_default(),
            value: class.value,
            policy: class.preemption_policy.clone(),
            is_default: class.global_default == Some(true),
        });
        Self { classes: built_in.into_iter().chain(given).collect() }
    }

    /// Takes over the class of a pod that was admitted: a dump of pods does not hold the classes themselves.
    pub fn learn_from(&mut self, pod: &api::Pod) {
        let Some(spec) = &pod.spec else { return };
        let (Some(name), Some(value)) = (&spec.priority_class_name, spec.priority) else { return };
        self.learn(name, value, spec.preemption_policy.as_ref());
    }

    /// Takes over a class that a pod shows.
    pub fn learn(&mut self, name: &str, value: i32, policy: Option<&String>) {
        if !self.classes.iter().any(|class| class.name == name) {
            let name = name.to_owned();
            self.classes.push(Class { name, value, policy: policy.cloned(), is_default: false });
        }
    }

    /// Fills in priority and preemption policy of a pod that has no priority yet. One that names no class gets the
    /// class marked as default, of several the one of lowest value.
    pub fn admit(&self, spec: Option<&mut api::PodSpec>) -> Result<(), Vec<FieldProblem>> {
        let Some(spec) = spec.filter(|spec| spec.priority.is_none()) else { return Ok(()) };
        let class = match spec.priority_class_name.as_deref().filter(|name| !name.is_empty()) {
            None => self.classes.iter().filter(|class| class.is_default).min_by_key(|class| class.value),
            Some(name) => Some(self.named(name)?),
        };
        if let Some(class) = class {
            spec.priority = Some(class.value);
            if spec.preemption_policy.is_none() {
                spec.preemption_policy.clone_from(&class.policy);
            }
        }
        Ok(())
    }

    fn named(&self, name: &str) -> Result<&Class, Vec<FieldProblem>> {
        let names = self.classes.iter().map(|class| class.name.as_str());
        self.classes.iter().find(|class| class.name == name).ok_or_else(|| {
            let help = overspill_manifest::did_you_mean(name, "priority classes", names).unwrap_or_default();
            let message = format!("no PriorityClass with name {name} was found; {help}");
            vec![FieldProblem { path: "spec.priorityClassName".to_owned(), message }]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(name: &str, value: i32, default: bool) -> PriorityClass {
        let mut class = PriorityClass { value, global_default: Some(default), ..Default::default() };
        class.metadata.name = Some(name.to_owned());
        class
    }

    #[track_caller]
    fn check(name: Option<&str>, expected: Result<Option<i32>, ()>) {
        let given = [class("high", 1000, false), class("usual", 10, true), class("other", 20, true)];
        let classes = PriorityClasses::of(given.iter());
        let mut spec = api::PodSpec { priority_class_name: name.map(str::to_owned), ..Default::default() };
        let admitted = classes.admit(Some(&mut spec)).map(|()| spec.priority).map_err(|_| ());
        assert_eq!(admitted, expected);
    }

    #[test]
    fn an_admitted_pod_shows_its_class() {
        let admitted = api::PodSpec {
            priority_class_name: Some("shown".to_owned()),
            priority: Some(7),
            ..Default::default()
        };
        let mut classes = PriorityClasses::of(std::iter::empty());
        classes.learn_from(&api::Pod { spec: Some(admitted.clone()), ..Default::default() });
        let mut spec = api::PodSpec { priority: None, ..admitted };
        classes.admit(Some(&mut spec)).unwrap();
        assert_eq!(spec.priority, Some(7));
    }

    #[test]
    fn a_class_gives_its_value() {
        check(Some("high"), Ok(Some(1000)));
        check(Some("system-node-critical"), Ok(Some(2_000_001_000)));
        check(None, Ok(Some(10)));
        check(Some("hihg"), Err(()));
    }
}
