//! What CI servers run: the examples in `examples/ci` do what they say, the outcomes kept in `results` are
//! today's, and notebooks are made of their sources.

#[path = "ci/examples.rs"]
mod examples;
#[path = "ci/notebooks.rs"]
mod notebooks;
#[path = "ci/outcomes.rs"]
mod outcomes;
#[path = "cli/session.rs"]
#[allow(dead_code, reason = "tests of the commands use the rest")]
mod session;
