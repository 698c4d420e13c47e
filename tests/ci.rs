//! What CI servers run: the examples in `examples/ci` do what they say, and the outcomes kept in `results` are today's.

#[path = "ci/examples.rs"]
mod examples;
#[path = "ci/outcomes.rs"]
mod outcomes;
#[path = "cli/session.rs"]
#[allow(dead_code, reason = "tests of the commands use the rest")]
mod session;
