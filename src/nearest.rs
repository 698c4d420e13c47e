//! The known names most like an unknown one, for error messages.

/// How many names are offered.
const OFFERED: usize = 3;

/// Names less alike than this (Jaro-Winkler, from 0 to 1) would only confuse.
const LEAST_LIKENESS: f64 = 0.75;

/// Up to three of `known` that are most like `wanted`, the likest first; none if none is alike.
pub fn nearest<'a>(wanted: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let mut alike: Vec<(f64, &str)> = known
        .into_iter()
        .map(|name| (strsim::jaro_winkler(wanted, name), name))
        .filter(|(likeness, _)| *likeness >= LEAST_LIKENESS)
        .collect();
    alike.sort_by(|(a, first), (b, second)| b.total_cmp(a).then_with(|| first.cmp(second)));
    alike.into_iter().take(OFFERED).map(|(_, name)| name).collect()
}

/// `; did you mean a, b?`, or nothing if there is nothing to offer: the tail of an error message.
pub fn did_you_mean<T: AsRef<str>>(names: &[T]) -> String {
    if names.is_empty() {
        return String::new();
    }
    let list: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    format!("; did you mean {}?", list.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_likest_comes_first_and_the_unlike_are_left_out() {
        let known = ["ecs.c7.xlarge", "ecs.c7.large", "ecs.g7.large", "overflow.share"];
        let offered = nearest("ecs.c7.lage", known);
        assert_eq!(offered[0], "ecs.c7.large");
        assert_eq!(offered.len(), 3);
        assert!(!offered.contains(&"overflow.share"));
        assert!(nearest("zzz", known).is_empty());
    }

    #[test]
    fn the_tail_of_a_message_is_empty_when_nothing_is_alike() {
        assert_eq!(did_you_mean(&["a", "b"]), "; did you mean a, b?");
        assert_eq!(did_you_mean::<&str>(&[]), "");
    }
}
