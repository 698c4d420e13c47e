//! `cordon`, `uncordon` and `drain`: whether nodes take pods.

use overspill_manifest::{JsonPath, code, did_you_mean};

use super::super::Resolver;
use super::super::known::{Held, Key};
use super::super::nodes::gets_nodes;
use super::Course;
use crate::controller::daemon_set::wanted;
use crate::controller::drain::{Options, Reason};
use crate::object::{NodeSpec, ResourceKind};
use crate::scenario::file::{Cordoning, Draining, TimelineStep};
use crate::simulation::action::{Action, Drain};
use crate::units::Span;

impl Resolver<'_> {
    /// Carries out what a step does to nodes; how many verbs that were.
    pub(super) fn node_verbs(
        &mut self,
        course: &mut Course<'_>,
        step: &TimelineStep,
        path: &JsonPath,
    ) -> usize {
        let mut verbs = 0;
        if let Some(cordon) = &step.cordon {
            self.cordon(course, cordon, true, &path.key("cordon"));
            verbs += 1;
        }
        if let Some(uncordon) = &step.uncordon {
            self.cordon(course, uncordon, false, &path.key("uncordon"));
            verbs += 1;
        }
        if let Some(drain) = &step.drain {
            self.drain(course, drain, &path.key("drain"));
            verbs += 1;
        }
        verbs
    }

    fn cordon(&mut self, course: &mut Course<'_>, cordon: &Cordoning, unschedulable: bool, path: &JsonPath) {
        let Some(key) = self.node(course, &cordon.node, &path.key("node")) else { return };
        course.cordon(&key, unschedulable);
        course.act(Action::Cordon { node: key.name, unschedulable });
    }

    /// What is on the node then is known only when the run has come there, but for DaemonSets.
    fn drain(&mut self, course: &mut Course<'_>, drain: &Draining, path: &JsonPath) {
        let Some(key) = self.node(course, &drain.node, &path.key("node")) else { return };
        course.cordon(&key, true);
        if let Some(set) = course.daemon_set_on(&key).filter(|_| !drain.ignore_daemon_sets) {
            let message = format!(
                "unable to drain node {:?} due to error: {}: a pod of {set}",
                key.name,
                Reason::DaemonSet.in_words()
            );
            let help = Some("write `ignoreDaemonSets: true` beside it".to_owned());
            self.say_with_help(&code::REFUSED, &path.key("node"), message, help);
        }
        for (field, given) in [("gracePeriod", drain.grace_period), ("timeout", drain.timeout)] {
            if given.is_some_and(|given| given.0.0 % Span::from_secs(1).0 != 0) {
                self.say(&code::DO_NOT_FIT, &path.key(field), "must be a whole number of seconds");
            }
        }
        course.act(Action::Drain(Drain {
            node: key.name,
            options: Options {
                ignore_daemon_sets: drain.ignore_daemon_sets,
                force: drain.force,
                delete_empty_dir_data: drain.delete_empty_dir_data,
            },
            grace: drain.grace_period.map(|given| given.0),
            // kubectl takes no time for no bound.
            timeout: drain.timeout.map(|given| given.0).filter(|timeout| *timeout > Span::ZERO),
            disable_eviction: drain.disable_eviction,
        }));
    }

    /// The node of this name, if there is one, or one may come: whether it is there then is known only when the run has come
    /// there.
    pub(super) fn node(&mut self, course: &Course<'_>, name: &str, path: &JsonPath) -> Option<Key> {
        let key = Key::new(ResourceKind::Node, "", name);
        if course.known.objects.contains_key(&key) || self.may_join(name) {
            return Some(key);
        }
        let help = did_you_mean(name, "nodes", course.known.names(ResourceKind::Node));
        self.say_with_help(&code::UNKNOWN_NAME, path, format!("nodes {name:?} not found"), help);
        None
    }

    /// Whether a node that comes during the run may be called so: it has the name of its pool and the next number.
    fn may_join(&self, name: &str) -> bool {
        let Some((pool, number)) = name.rsplit_once('-') else { return false };
        let pool = self.spec().pools.get(pool).filter(|pool| gets_nodes(self.spec(), pool));
        let is_written_so = |given: &u32| given.to_string() == number;
        let number = number.parse().ok().filter(is_written_so);
        pool.zip(number).is_some_and(|(pool, number)| number > pool.count)
    }
}

impl Course<'_> {
    /// A DaemonSet that has a pod on a node.
    fn daemon_set_on(&self, key: &Key) -> Option<&str> {
        let Some(Held::Node { labels, taints, .. }) = self.known.objects.get(key) else { return None };
        let node = NodeSpec { labels: labels.clone(), taints: taints.clone(), ..NodeSpec::named(&key.name) };
        let sets = self.known.objects.iter().filter_map(|(key, held)| match held {
            Held::DaemonSet(id) => Some((key, &self.daemon_sets[id.index()])),
            _ => None,
        });
        let mut there = sets.filter(|(_, set)| wanted(&set.template, &node).to_run);
        there.next().map(|(key, _)| key.name.as_str())
    }

    /// Notes that a node that exists is cordoned or uncordoned.
    pub(super) fn cordon(&mut self, key: &Key, cordoned: bool) {
        if let Some(Held::Node { taints, unschedulable, .. }) = self.known.objects.get_mut(key) {
            let mut node = NodeSpec { taints: std::mem::take(taints), ..NodeSpec::named(&key.name) };
            node.set_unschedulable(cordoned);
            (*taints, *unschedulable) = (node.taints, cordoned);
        }
    }
}
