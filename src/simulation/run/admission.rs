//! Pods as they come to the API server: admission, creation, and the way to a node.

use rustc_hash::FxHashMap;

use super::Run;
use super::pod_state::Creator;
use crate::admission::eci_routing::Route;
use crate::cluster::Era;
use crate::id::{ClassId, PodId};
use crate::object::PodSpec;
use crate::random::Stream;
use crate::simulation::admitted::Admission;

/// What admission has made of templates: the pods of one template all become the same, as long as nothing changes that
/// admission looks at. Templates belong to the scenario and stay where they are, so that their place tells them apart.
#[derive(Default)]
pub(super) struct Admitted(FxHashMap<*const PodSpec, (Era, ClassId, Option<Route>)>);

impl<'a> Run<'a, '_> {
    /// A new pod comes to the API server: it goes through admission as the cluster is now, is created, and handed to
    /// the scheduler, or bound at once if it goes to ECI by label or eci-profile.
    pub(super) fn receive_pod(
        &mut self,
        name: &str,
        spec: &PodSpec,
        creator: Creator,
        draws: Stream,
    ) -> PodId {
        let (class, route) = self.admit(spec);
        self.receive(name, class, route, creator, draws)
    }

    /// The same for one of the many pods of a template of the scenario.
    pub(super) fn receive_replica(
        &mut self,
        name: &str,
        template: &'a PodSpec,
        creator: Creator,
        draws: Stream,
    ) -> PodId {
        let era = self.cluster.changes().era();
        let known = self.admitted.0.get(&std::ptr::from_ref(template)).filter(|(as_of, ..)| *as_of == era);
        let (class, route) = if let Some(&(_, class, route)) = known {
            (class, route)
        } else {
            let (class, route) = self.admit(template);
            self.admitted.0.insert(template, (era, class, route));
            (class, route)
        };
        self.receive(name, class, route, creator, draws)
    }

    fn admit(&mut self, spec: &PodSpec) -> (ClassId, Option<Route>) {
        let (spec, route) = Admission::of(self.scenario).admitted(spec, &self.cluster);
        (self.cluster.intern(spec), route)
    }

    fn receive(
        &mut self,
        name: &str,
        class: ClassId,
        route: Option<Route>,
        creator: Creator,
        draws: Stream,
    ) -> PodId {
        let pod = self.create_pod(name, class, creator, draws, true);
        match route {
            Some(route) => self.send_to_eci(pod, route),
            None => self.enqueue(pod),
        }
        pod
    }
}
