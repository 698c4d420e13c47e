//! `overspill explain`: why a pod of a run landed where it did, or why it waited; and what became of a node.

mod node;

use std::cell::RefCell;
use std::path::PathBuf;

use indexmap::IndexSet;
use overspill_manifest::nearest;

use super::replay::Repetition;
use super::{Exit, Failure, terminal};
use crate::cluster::Cluster;
use crate::metric::{Fact, Outcome};
use crate::object::Title;
use crate::report::{ExplainedAttempt, Explanation, Moment};
use crate::scheduler::queue::Popped;
use crate::scheduler::{Attempt, Registry};
use crate::units::{SimTime, Span};

/// Say why a pod of a run landed where it did, or why it waited; or what became of a node, and why it stays
///
/// The run is repeated from the inputs that its directory keeps, and must go the same way.
#[derive(Debug, clap::Args)]
pub(super) struct Explain {
    /// The directory of the results of `overspill run`
    dir: PathBuf,
    /// The pod, as NAME or NAMESPACE/NAME; the beginning of a name will do where it is the only one. Or a node, as NAME or
    /// node/NAME
    #[arg(value_name = "POD|NODE")]
    pod: String,
    /// Tell only what had happened until then, such as 35m
    #[arg(long, value_name = "TIME")]
    at: Option<Span>,
}

impl Explain {
    pub(super) fn execute(&self, registry: &Registry) -> Result<Exit, Failure> {
        let run = Repetition::prepare(&self.dir, registry)?;
        let until = self.at.map_or(SimTime(u64::MAX), |at| SimTime(at.0));
        let pod = match self.find(&run)? {
            Meant::Pod(pod) => pod,
            Meant::Node(node) => return tell_of_node(&run, node, until),
        };
        let story = RefCell::new(Story::new(pod, until));
        run.watch(&mut |at, fact| story.borrow_mut().hear(at, fact), &mut |at, cluster, popped, attempt| {
            story.borrow_mut().watch(at, cluster, popped, attempt);
        })?;
        let story = story.into_inner();
        if let Some(created) = story.created.filter(|&created| created > until) {
            return Err(Failure::NotYet {
                what: format!("pod {}", story.explanation.pod),
                at: until,
                created,
            });
        }
        terminal::print(&story.explanation.text())?;
        Ok(Exit::Success)
    }

    /// The full name of the pod or node that is meant; of a pod and a node of one name, the pod.
    fn find(&self, run: &Repetition) -> Result<Meant, Failure> {
        // The pods of a StatefulSet come again under their names.
        let (mut names, mut nodes) = (IndexSet::new(), IndexSet::new());
        let mut collect = |_: SimTime, fact: &Fact<'_>| match fact {
            Fact::PodCreated { namespace, name, .. } => _ = names.insert(format!("{namespace}/{name}")),
            Fact::NodeAdded { name, .. } => _ = nodes.insert((*name).to_owned()),
            _ => {}
        };
        run.watch(&mut collect, &mut |_, _, _, _| {})?;
        let node = ["node/", "nodes/", "no/"].iter().find_map(|kind| self.pod.strip_prefix(kind));
        let node = node.unwrap_or(&self.pod);
        if nodes.contains(node) && !names.iter().any(|full| is_name_of(&self.pod, full)) {
            return Ok(Meant::Node(node.to_owned()));
        }
        choose(&self.pod, &names).map(Meant::Pod)
    }
}

/// What is to be explained.
enum Meant {
    /// A pod, as NAMESPACE/NAME.
    Pod(String),
    Node(String),
}

fn tell_of_node(run: &Repetition, node: String, until: SimTime) -> Result<Exit, Failure> {
    let mut hearer = node::Hearer::new(node, until);
    run.watch(&mut |at, fact| hearer.hear(at, fact), &mut |_, _, _, _| {})?;
    if let Some(created) = hearer.created.filter(|&created| created > until) {
        return Err(Failure::NotYet { what: format!("node {}", hearer.story.node), at: until, created });
    }
    terminal::print(&hearer.story.text())?;
    Ok(Exit::Success)
}

/// The name of a pod without its namespace.
fn short(full: &str) -> &str {
    full.split_once('/').map_or(full, |(_, name)| name)
}

fn is_name_of(wanted: &str, full: &str) -> bool {
    full == wanted || short(full) == wanted
}

/// The one name that is meant by `wanted`: equal to it, or the only one that begins with it.
fn choose(wanted: &str, names: &IndexSet<String>) -> Result<String, Failure> {
    let begins = |full: &&String| full.starts_with(wanted) || short(full).starts_with(wanted);
    let exact: Vec<_> = names.iter().filter(|full| is_name_of(wanted, full)).collect();
    let meant = if exact.is_empty() { names.iter().filter(begins).collect() } else { exact };
    match meant.as_slice() {
        [one] => Ok((*one).clone()),
        [] => {
            let near = nearest(wanted, names.iter().map(|full| short(full))).join(", ");
            let hint = if near.is_empty() {
                "pods.csv lists them all".to_owned()
            } else {
                format!("did you mean {near}?")
            };
            Err(Failure::NoSuchPod { pod: wanted.to_owned(), hint })
        }
        [first, second, ..] => {
            let hint = format!("{} pods are called so, among them {first} and {second}", meant.len());
            Err(Failure::NoSuchPod { pod: wanted.to_owned(), hint })
        }
    }
}

/// What is heard and seen of one pod.
struct Story {
    explanation: Explanation,
    until: SimTime,
    id: Option<crate::id::PodId>,
    created: Option<SimTime>,
    nodes: Vec<String>,
    /// Whether it is an instance of ACS.
    is_acs: bool,
}

impl Story {
    fn new(pod: String, until: SimTime) -> Self {
        let explanation = Explanation { pod, ..Explanation::default() };
        Self { explanation, until, id: None, created: None, nodes: Vec::new(), is_acs: false }
    }

    fn tell(&mut self, at: SimTime, moment: Moment) {
        if at <= self.until {
            self.explanation.moments.push((at, moment));
        }
    }

    fn note(&mut self, at: SimTime, note: impl Into<String>) {
        self.tell(at, Moment::Note(note.into()));
    }

    /// Whether an event is about the pod.
    fn is_about(&self, object: &Title<'_>) -> bool {
        let pod = self.explanation.pod.split_once('/');
        object.kind == "Pod" && pod == object.namespace.map(|namespace| (namespace, object.name))
    }

    fn watch(&mut self, at: SimTime, cluster: &Cluster, popped: &Popped, attempt: &Attempt) {
        if self.id != Some(popped.pod) {
            return;
        }
        let attempt = ExplainedAttempt::of(cluster, popped, attempt);
        self.tell(at, Moment::Attempt(Box::new(attempt)));
    }

    fn hear(&mut self, at: SimTime, fact: &Fact<'_>) {
        match fact {
            Fact::NodeAdded { name, .. } => self.nodes.push((*name).to_owned()),
            Fact::PodCreated { pod, namespace, name, workload, .. }
                if self.explanation.pod == format!("{namespace}/{name}")
                    && (self.created.is_none() || at <= self.until) =>
            {
                self.id = Some(*pod);
                self.created = Some(at);
                self.explanation.workload = workload.map(|title| title.to_string()).unwrap_or_default();
                self.note(at, "created");
            }
            Fact::PodBound { pod, node, overflow, sender, .. } if self.id == Some(*pod) => {
                let node = self.nodes[node.index()].clone();
                self.tell(at, Moment::Bound { node, overflow: *overflow, sender: *sender });
            }
            Fact::PodMoved { pod, node } if self.id == Some(*pod) => {
                self.note(at, format!("bound to {} instead, whose zone has room", self.nodes[node.index()]));
            }
            Fact::PodInjected { pod, containers, added } if self.id == Some(*pod) => {
                let (added, all) =
                    (added.join(", "), crate::report::counted(*containers as usize, "container"));
                self.note(
                    at,
                    format!("injected after binding, past filters and scores: {added}; {all} to be ready"),
                );
            }
            Fact::PodBilled { pod, price, spec } if self.id == Some(*pod) => {
                self.is_acs = spec.to_string().starts_with("acs ");
                let rate = crate::report::decimal(price.per_second_f64());
                self.note(at, format!("billed as {spec} from now on, {rate} per second"));
            }
            // What keeps a bound pod from starting; failed attempts are told with their reasons already.
            Fact::Event { kind: "Warning", reason, object, message }
                if *reason != "FailedScheduling" && self.is_about(object) =>
            {
                self.note(at, format!("{reason}: {message}"));
            }
            // Why it has to leave its node, or after all has not.
            Fact::Event { kind: "Normal", reason: "TaintManagerEviction", object, message }
                if self.is_about(object) =>
            {
                self.note(at, format!("TaintManagerEviction: {message}"));
            }
            Fact::PodEvicted { pod } if self.id == Some(*pod) => {
                self.note(at, "evicted through the eviction API");
            }
            Fact::PodDescheduled { pod, strategy, room_on } if self.id == Some(*pod) => {
                let room = room_on.map(|node| format!(": {} has room for it", self.nodes[node.index()]));
                self.note(at, format!("by the descheduler, {strategy}{}", room.unwrap_or_default()));
            }
            // What the node autoscaler makes of it.
            Fact::Event {
                kind: "Normal",
                reason: reason @ ("TriggeredScaleUp" | "NotTriggerScaleUp" | "ProvisionNode" | "ScaleDown"),
                object,
                message,
            } if self.is_about(object) => self.note(at, format!("{reason}: {message}")),
            // The steps of an upgrade of its sidecars.
            Fact::Event { kind: "Normal", reason: "Killing" | "ResetContainerSucceed", object, message }
                if self.is_about(object) =>
            {
                self.note(at, message.to_string());
            }
            Fact::PodUnready { pod } if self.id == Some(*pod) => self.note(at, "not ready any more"),
            Fact::PodReady { pod } if self.id == Some(*pod) => self.note(at, "ready"),
            Fact::PodTerminating { pod } if self.id == Some(*pod) => self.note(at, "terminating"),
            Fact::PodEnded { pod, outcome } if self.id == Some(*pod) => {
                self.note(at, words_of(*outcome, self.is_acs));
            }
            _ => {}
        }
    }
}

/// How a pod has ended; `is_acs` if it was an instance of ACS.
fn words_of(outcome: Outcome, is_acs: bool) -> &'static str {
    match outcome {
        Outcome::Succeeded => "ended by itself",
        Outcome::Deleted => "gone",
        Outcome::Preempted => "gone: preempted",
        Outcome::Failed => "failed: the platform gave it up",
        Outcome::ContainerFailed => "failed: a container did",
        Outcome::Evicted => "gone: evicted",
        Outcome::Lost => "lost with what it ran on",
        Outcome::Reclaimed if is_acs => "gone: its best-effort instance was taken back",
        Outcome::Reclaimed => "gone: its spot instance was taken back",
    }
}
