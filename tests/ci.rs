//! What CI servers run: the examples in `examples/ci` do what they say.

#[path = "ci/examples.rs"]
mod examples;
#[path = "cli/session.rs"]
#[allow(dead_code, reason = "tests of the commands use the rest")]
mod session;
