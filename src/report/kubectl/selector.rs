//! Label selectors as `-l` takes them.

use crate::object::Selector;
use crate::object::selector::{Operator, Requirement};

/// Why a text is no selector.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "unable to parse requirement {0:?}: write it like a=b, a!=b, a in (b,c), a notin (b), a, !a, and put commas between"
)]
pub struct ParseSelectorError(pub String);

/// Reads `a=b,c!=d,e in (f,g),!h` (apimachinery/pkg/labels/selector.go `Parse`).
pub(super) fn parse(text: &str) -> Result<Selector, ParseSelectorError> {
    let parts = parts(text).into_iter().map(str::trim);
    let requirements = parts.filter(|part| !part.is_empty() || text.contains(','));
    Ok(Selector { requirements: requirements.map(requirement).collect::<Result<_, _>>()? })
}

/// The parts between commas that stand outside of parentheses.
fn parts(text: &str) -> Vec<&str> {
    let (mut parts, mut start, mut depth) = (Vec::new(), 0, 0_i32);
    for (place, letter) in text.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&text[start..place]);
                start = place + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

fn requirement(text: &str) -> Result<Requirement, ParseSelectorError> {
    let refuse = || ParseSelectorError(text.to_owned());
    let (key, operator, values) = split(text).ok_or_else(refuse)?;
    let is_name = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || "-_./".contains(c));
    let is_number = |text: &String| text.parse::<i64>().is_ok();
    let compares = matches!(operator, Operator::Gt | Operator::Lt);
    if key.is_empty()
        || !is_name(key)
        || !values.iter().all(|value| is_name(value))
        || compares && !values.iter().all(is_number)
    {
        return Err(refuse());
    }
    Ok(Requirement { key: key.to_owned(), operator, values })
}

fn split(text: &str) -> Option<(&str, Operator, Vec<String>)> {
    let one = |value: &str| vec![value.trim().to_owned()];
    if let Some(key) = text.strip_prefix('!') {
        return Some((key.trim(), Operator::DoesNotExist, Vec::new()));
    }
    if let Some((head, list)) = text.split_once('(') {
        let values = list.trim_end().strip_suffix(')')?;
        let values = values.split(',').map(|value| value.trim().to_owned()).collect();
        let mut words = head.split_whitespace();
        let (key, word) = (words.next()?, words.next()?);
        let operator = match word {
            "in" => Operator::In,
            "notin" => Operator::NotIn,
            _ => return None,
        };
        return words.next().is_none().then_some((key, operator, values));
    }
    for (sign, operator) in [
        ("!=", Operator::NotIn),
        ("==", Operator::In),
        ("=", Operator::In),
        (">", Operator::Gt),
        ("<", Operator::Lt),
    ] {
        if let Some((key, value)) = text.split_once(sign) {
            return Some((key.trim(), operator, one(value)));
        }
    }
    Some((text, Operator::Exists, Vec::new()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::Labels;

    #[track_caller]
    fn check(selector: &str, selected: &[&str]) {
        let objects = [
            ("web", Labels::from_iter([("app", "web"), ("tier", "front"), ("size", "3")])),
            ("db", Labels::from_iter([("app", "db"), ("tier", "back")])),
            ("bare", Labels::default()),
        ];
        let selector = parse(selector).unwrap();
        let found: Vec<_> =
            objects.iter().filter(|(_, labels)| selector.matches(labels)).map(|(name, _)| *name).collect();
        assert_eq!(found, selected);
    }

    /// The forms of the Kubernetes documentation, "Labels and Selectors".
    #[test]
    fn both_forms_select_as_kubectl() {
        check("", &["web", "db", "bare"]);
        check("app=web", &["web"]);
        check("app == db", &["db"]);
        check("app!=web", &["db", "bare"]);
        check("app in (web,db),tier notin (back)", &["web"]);
        check("tier,app notin (db, x)", &["web"]);
        check("!app", &["bare"]);
        check("size>2", &["web"]);
        check("size<3", &[]);
        check("app=", &[]);
    }

    #[test]
    fn what_is_no_selector_is_refused() {
        for text in ["app in", "app in web", "=x", "app in (web", "a=b,", "a b", "size>x", "a=b c"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
