//! What a ResourcePolicy may ask for that is not simulated.

use overspill_manifest::{Diagnostic, Document, JsonPath, Object, On, PreemptPolicy, UnitResource, code};

use super::read::LoadedObject;

/// An error for everything in ResourcePolicies that would be simulated wrongly.
pub(super) fn not_simulated(documents: &[Document], objects: &[LoadedObject]) -> Vec<Diagnostic> {
    let mut told = Vec::new();
    for loaded in objects {
        let Some(Object::ResourcePolicy(policy)) = loaded.object() else { continue };
        let mut say = |path: JsonPath, what: &str, help: &str| {
            let message = format!("{what} is not simulated yet");
            let place = documents[loaded.document].place(&path, On::Value);
            told.push(Diagnostic::new(&code::NOT_SIMULATED_YET, message).at(place).help(help.to_owned()));
        };
        let spec = JsonPath::root().key("spec");
        if policy.spec.preempt_policy == Some(PreemptPolicy::BeforeNextUnit) {
            let help = "leave it out: pods then evict others after all units have been tried";
            say(spec.key("preemptPolicy"), "preemption before the next unit", help);
        }
        for (index, unit) in policy.spec.units.iter().enumerate() {
            let path = spec.key("units").index(index);
            match unit.resource {
                UnitResource::Acs => say(path.key("resource"), "a unit of ACS", "use ecs or eci"),
                UnitResource::Elastic => {
                    say(path.key("resource"), "a unit of nodes still to be made", "use ecs or eci");
                }
                UnitResource::Ecs | UnitResource::Eci => {}
            }
            if unit.spot_instance == Some(true) {
                say(path.key("spotInstance"), "a unit of spot instances", "leave it out");
            }
            if unit.scale_in_weight.is_some() {
                let help = "leave it out: later units are scaled in first";
                say(path.key("scaleInWeight"), "a weight of scale-in", help);
            }
        }
    }
    told
}
