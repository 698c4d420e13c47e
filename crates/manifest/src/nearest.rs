//! The names that a misspelt name may have meant.

/// The most names that are offered.
const OFFERED: usize = 3;

/// The `known` names nearest to `name`, best first: those that differ only in case, or by few letters.
///
/// A third of the letters may differ (two at least), swapped neighbours counting as one; names that merely begin
/// with `name`, or that `name` begins with, count as near too.
pub fn nearest<'k>(name: &str, known: impl IntoIterator<Item = &'k str>) -> Vec<&'k str> {
    let wanted = name.to_lowercase();
    let allowed = (wanted.chars().count() / 3).max(2);
    let mut near: Vec<(usize, &str)> = known
        .into_iter()
        .filter_map(|candidate| {
            let lower = candidate.to_lowercase();
            let distance = strsim::damerau_levenshtein(&wanted, &lower);
            let begins = wanted.len().min(lower.len()) >= 3
                && (lower.starts_with(&wanted) || wanted.starts_with(&lower));
            let near = distance <= allowed && distance < lower.chars().count().max(1);
            (near || begins).then_some((distance.min(allowed), candidate))
        })
        .collect();
    near.sort_unstable();
    near.dedup();
    near.truncate(OFFERED);
    near.into_iter().map(|(_, candidate)| candidate).collect()
}

/// A sentence that offers the nearest of the `known` names, or lists them if none is near and they are few.
///
/// `what` is the plural of what is named: `fields`, `pools`.
pub fn did_you_mean<'k>(name: &str, what: &str, known: impl IntoIterator<Item = &'k str>) -> Option<String> {
    const LISTED: usize = 30;
    let known: Vec<&str> = known.into_iter().collect();
    let near = nearest(name, known.iter().copied());
    if near.is_empty() {
        return (1..=LISTED).contains(&known.len()).then(|| format!("known {what}: {}", known.join(", ")));
    }
    let quoted: Vec<String> = near.iter().map(|name| format!("`{name}`")).collect();
    Some(format!("did you mean {}?", quoted.join(" or ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, expected: &[&str]) {
        let known = ["effect", "key", "operator", "tolerationSeconds", "value"];
        assert_eq!(nearest(name, known), expected);
    }

    #[test]
    fn misspelt_names_find_their_neighbours() {
        check("efect", &["effect"]);
        check("Effect", &["effect"]);
        check("keys", &["key"]);
        check("toleration", &["tolerationSeconds"]);
        check("valueInSeconds", &["value"]);
        check("zzzzzz", &[]);
        check("ab", &[]);
    }

    #[test]
    fn without_a_neighbour_the_names_are_listed() {
        assert_eq!(did_you_mean("zzzzzz", "pools", ["a1", "b2"]).unwrap(), "known pools: a1, b2");
        assert_eq!(did_you_mean("zzzzzz", "pools", []), None);
        assert_eq!(did_you_mean("poll", "pools", ["pool"]).unwrap(), "did you mean `pool`?");
    }
}
