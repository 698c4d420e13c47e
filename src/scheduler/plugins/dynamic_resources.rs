//! DynamicResources: resource claims are not simulated, but what it adds to the text of a failure is.

use crate::scheduler::framework::{About, NoFit, Plugin, PostFilter, PostFilterPlugin};

const ABOUT: About = About {
    name: "DynamicResources",
    formula: "not simulated: resource claims; it only says `no new claims to deallocate`, or `not found` where a \
              PreFilter has ended the attempt, and then preemption is not tried",
    default_weight: 0,
    source: "apis/config/v1/default_plugins.go:66",
};

struct DynamicResources;

/// The plugin.
pub fn plugin() -> Plugin {
    Plugin::new(ABOUT).helping(DynamicResources)
}

impl PostFilterPlugin for DynamicResources {
    /// After a PreFilter that ended the attempt the plugin lacks the state that its own PreFilter would have written,
    /// and breaks down (a quirk of v1.34).
    fn post_filter(&self, no_fit: &NoFit<'_>) -> PostFilter {
        match no_fit.evaluation.pre_filter_rejection {
            Some(_) => PostFilter::Fails("not found".to_owned()),
            None => PostFilter::Rejects("no new claims to deallocate".to_owned()),
        }
    }
}
