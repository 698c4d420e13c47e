//! Reading and resolving a scenario in one go, so that everything wrong with it is told at once.

use std::path::Path;

use overspill_manifest::{Diagnostic, Place, locate};

use super::read::read_partly;
use super::{Loaded, ReadOptions, Resolved, resolve};
use crate::scheduler::Registry;

/// Reads the scenario at `path` and works out what it means. Of a broken scenario, what can be read is resolved too.
///
/// # Errors
///
/// Everything that is wrong with its text and with its meaning, but for what follows from something that was told
/// already.
pub fn open(
    path: &Path,
    options: &ReadOptions,
    registry: &Registry,
) -> Result<(Loaded, Resolved), Vec<Diagnostic>> {
    let (loaded, mut told) = read_partly(path, options);
    let Some(loaded) = loaded else { return Err(told) };
    let is_broken = told.iter().any(Diagnostic::is_error);
    match resolve(&loaded, registry) {
        Ok(resolved) if !is_broken => return Ok((loaded, resolved)),
        Ok(_) => {}
        Err(meaning) if is_broken => {
            let news: Vec<_> = meaning.into_iter().filter(|one| is_news(one, &told)).collect();
            told.extend(news);
        }
        Err(meaning) => told.extend(meaning),
    }
    locate(&mut told);
    Err(told)
}

/// Whether what is said of the meaning of a broken scenario holds whatever becomes of what was `told` of its text: it is
/// an error, and nothing inside the value that it speaks of was wrong.
fn is_news(diagnostic: &Diagnostic, told: &[Diagnostic]) -> bool {
    let inside =
        |outer: &Place, inner: &Place| inner.file() == outer.file() && inner.path.starts_with(&outer.path);
    let Some(place) = &diagnostic.place else { return diagnostic.is_error() };
    let mut errors = told.iter().filter(|one| one.is_error()).filter_map(|one| one.place.as_ref());
    diagnostic.is_error() && !errors.any(|error| inside(place, error))
}
