//! Warnings of what is compared, with what each is of.

use overspill_manifest::{Diagnostic, locate};

/// The warnings of cases that are not among those of the scenario as it stands, each once, with the names of its cases.
pub(super) fn attributed(of_base: &[Diagnostic], of_cases: Vec<(String, Diagnostic)>) -> Vec<Diagnostic> {
    // Only what was located is equal to what was located elsewhere.
    let mut known = of_base.to_vec();
    locate(&mut known);
    let (names, mut warnings): (Vec<_>, Vec<_>) = of_cases.into_iter().unzip();
    locate(&mut warnings);
    let mut once: Vec<(Diagnostic, Vec<String>)> = Vec::new();
    for (warning, name) in warnings.into_iter().zip(names).filter(|(warning, _)| !known.contains(warning)) {
        match once.iter_mut().find(|(other, _)| *other == warning) {
            Some((_, names)) if names.contains(&name) => {}
            Some((_, names)) => names.push(name),
            None => once.push((warning, vec![name])),
        }
    }
    let of = |(warning, names): (Diagnostic, Vec<String>)| {
        let message = format!("{} (in {})", warning.message, names.join(", "));
        Diagnostic { message, ..warning }
    };
    once.into_iter().map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use overspill_manifest::code;

    #[test]
    fn what_holds_for_all_is_told_once_and_the_rest_with_names() {
        let warning = |message: &str| Diagnostic::new(&code::WITHOUT_EFFECT, message);
        let own = [("a", "x"), ("a", "y"), ("a", "y"), ("b", "y"), ("b", "z")];
        let own = own.map(|(name, message)| (name.to_owned(), warning(message)));
        let told = attributed(&[warning("x")], own.to_vec());
        assert_eq!(told, [warning("y (in a, b)"), warning("z (in b)")]);
    }
}
