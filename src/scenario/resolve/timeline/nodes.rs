//! `cordon`, `uncordon` and `drain`: whether nodes take pods.

use overspill_manifest::{JsonPath, code, did_you_mean};

use super::super::Resolver;
use super::super::known::{Held, Key};
use super::Course;
use crate::object::{NodeSpec, ResourceKind};
use crate::scenario::file::Cordoning;
use crate::simulation::action::Action;

impl Resolver<'_> {
    pub(super) fn cordon(
        &mut self,
        course: &mut Course<'_>,
        cordon: &Cordoning,
        unschedulable: bool,
        path: &JsonPath,
    ) {
        let Some(key) = self.node(course, &cordon.node, &path.key("node")) else { return };
        course.cordon(&key, unschedulable);
        course.act(Action::Cordon { node: key.name, unschedulable });
    }

    /// The node of this name, if there is one.
    pub(super) fn node(&mut self, course: &Course<'_>, name: &str, path: &JsonPath) -> Option<Key> {
        let key = Key::new(ResourceKind::Node, "", name);
        if course.known.objects.contains_key(&key) {
            return Some(key);
        }
        let help = did_you_mean(name, "nodes", course.known.names(ResourceKind::Node));
        self.say_with_help(&code::UNKNOWN_NAME, path, format!("nodes {name:?} not found"), help);
        None
    }
}

impl Course<'_> {
    /// Notes that a node that exists is cordoned or uncordoned.
    pub(super) fn cordon(&mut self, key: &Key, cordoned: bool) {
        if let Some(Held::Node { taints, unschedulable, .. }) = self.known.objects.get_mut(key) {
            let mut node = NodeSpec { taints: std::mem::take(taints), ..NodeSpec::named(&key.name) };
            node.set_unschedulable(cordoned);
            (*taints, *unschedulable) = (node.taints, cordoned);
        }
    }
}
