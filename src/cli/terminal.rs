//! What the user sees: results on the standard output, everything said about them on the standard error.

use std::error::Error;
use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write as _};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use overspill_manifest::{Diagnostic, locate};

use crate::scenario::diagnostic::render;

/// Prints results.
pub(super) fn print(text: &str) -> io::Result<()> {
    let mut output = io::stdout().lock();
    output.write_all(text.as_bytes())?;
    output.flush()
}

/// Tells something beside the results.
pub(super) fn remark(text: &str) {
    // Where the standard error cannot be written there is no one to tell.
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// Tells diagnostics with their lines, sorted by file.
pub(super) fn tell(mut diagnostics: Vec<Diagnostic>) {
    locate(&mut diagnostics);
    let text = render(&diagnostics, is_colourful());
    // Where the standard error cannot be written there is no one to tell.
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// Diagnostics with their places, each once: what concerns a file that was read several times is told of once.
pub(super) fn without_repetitions(mut diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    // Only what was located is equal to what was located elsewhere.
    locate(&mut diagnostics);
    let mut once: Vec<Diagnostic> = Vec::new();
    for diagnostic in diagnostics {
        if !once.contains(&diagnostic) {
            once.push(diagnostic);
        }
    }
    once
}

/// A bar on a terminal, of so many of something; nothing is seen of it elsewhere, or if it is to be `quiet`.
pub(super) fn progress_bar(quiet: bool, length: u64, of: &str) -> ProgressBar {
    let shows = !quiet && io::stderr().is_terminal();
    let target = if shows { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let bar = ProgressBar::with_draw_target(Some(length), target);
    let style = ProgressStyle::with_template(&format!("{{wide_bar}} {{pos}}/{{len}} {of}"));
    bar.with_style(style.expect("the template is well-formed"))
}

/// Tells an error and what caused it.
pub(super) fn tell_error(error: &dyn Error) {
    let mut text = format!("error: {error}\n");
    let mut cause = error.source();
    while let Some(error) = cause {
        let _ = writeln!(text, "  caused by: {error}");
        cause = error.source();
    }
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// Whether diagnostics are coloured: on a terminal, unless the user has set NO_COLOR (no-color.org).
fn is_colourful() -> bool {
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    io::stderr().is_terminal() && !refused
}
