//! `fail`: nodes and zones that fail.

use overspill_manifest::{JsonPath, code, did_you_mean};

use super::super::Resolver;
use super::super::known::Held;
use super::Course;
use crate::object::{LABEL_ZONE, NodeClass};
use crate::scenario::file::Failing;
use crate::simulation::action::Action;
use crate::units::Span;

impl Resolver<'_> {
    pub(super) fn fail(&mut self, course: &mut Course<'_>, failing: &Failing, path: &JsonPath) {
        let lasts = failing.lasts.map(|lasts| lasts.0);
        if lasts == Some(Span::ZERO) {
            self.say(&code::DO_NOT_FIT, &path.key("for"), "what is down for no time does not fail");
        }
        match (&failing.node, &failing.zone) {
            (Some(node), None) => self.fail_node(course, node, failing, path),
            (None, Some(zone)) => {
                if failing.lost {
                    let message = "a zone is not lost for good: name the nodes that are";
                    self.say(&code::DO_NOT_FIT, &path.key("lost"), message);
                }
                self.fail_zone(course, zone, lasts, &path.key("zone"));
            }
            (None, None) => self.say(&code::DO_NOT_FIT, path, "say what fails: `node` or `zone`"),
            (Some(_), Some(_)) => {
                self.say(&code::DO_NOT_FIT, path, "a node or a zone fails: leave `node` or `zone` away");
            }
        }
    }

    fn fail_node(&mut self, course: &mut Course<'_>, name: &str, failing: &Failing, path: &JsonPath) {
        if failing.lost && failing.lasts.is_some() {
            let message = "a node that is lost does not come back: leave `for` or `lost` away";
            self.say(&code::DO_NOT_FIT, &path.key("for"), message);
        }
        let path = path.key("node");
        let Some(key) = self.node(course, name, &path) else { return };
        let held = course.known.objects.get(&key);
        if held.is_some_and(|held| !matches!(held, Held::Node { class: NodeClass::Ecs, .. })) {
            let message = format!("{name} is a virtual node, which is no machine");
            let help = "have its zone fail: {zone: ZONE}".to_owned();
            self.say_with_help(&code::DO_NOT_FIT, &path, message, Some(help));
            return;
        }
        let (lasts, lost) = (failing.lasts.map(|lasts| lasts.0), failing.lost);
        course.act(Action::Fail { node: name.to_owned(), lasts, lost });
    }

    fn fail_zone(&mut self, course: &mut Course<'_>, name: &str, lasts: Option<Span>, path: &JsonPath) {
        let of_node = |held: &Held| match held {
            Held::Node { labels, .. } => labels.get(LABEL_ZONE).map(str::to_owned),
            _ => None,
        };
        let virtual_nodes = self.loaded.file.spec.virtual_nodes.keys().cloned();
        let mut zones: Vec<_> =
            course.known.objects.values().filter_map(of_node).chain(virtual_nodes).collect();
        zones.sort();
        zones.dedup();
        if zones.iter().any(|zone| zone == name) {
            course.act(Action::FailZone { zone: name.to_owned(), lasts });
            return;
        }
        let help = did_you_mean(name, "zones", zones.iter().map(String::as_str));
        self.say_with_help(&code::UNKNOWN_NAME, path, format!("no node is in zone {name:?}"), help);
    }
}
