//! Problems that name a field by its path, told at the line where it stands.

use overspill_manifest::{Code, Diagnostic, JsonPath, On, Origin, Segment};
use serde_json::Value;

use crate::object::kubernetes::FieldProblem;

/// What `problem` says about `value`, which stands at `origin`.
pub fn told(problem: &FieldProblem, code: &Code, value: &Value, origin: &Origin) -> Diagnostic {
    let path = path_in(value, &problem.path);
    Diagnostic::new(code, problem.message.as_str()).at(origin.place(&path, On::Value))
}

/// The path that `text` writes, such as `spec.tolerations[0].effect`.
///
/// Keys are not quoted in it although they may hold dots (`spec.nodeSelector.kubernetes.io/os`), so the way is found
/// by what is there: of several keys that fit, the longest. What is not there is read as it is written.
fn path_in(value: &Value, text: &str) -> JsonPath {
    let (mut path, mut at, mut rest) = (JsonPath::root(), value, text);
    while let Some((segment, tail)) = step(at, rest) {
        path = path.child(segment);
        let Some(next) = path.get(value) else { break };
        (at, rest) = (next, tail);
    }
    let rest = rest.trim_matches('.');
    if rest.is_empty() {
        return path;
    }
    let missing = rest.parse().unwrap_or_else(|_| JsonPath::root().key(rest));
    path.join(&missing)
}

/// The first step of `text` that `value` has, and what follows it.
fn step<'t>(value: &Value, text: &'t str) -> Option<(Segment, &'t str)> {
    match value {
        Value::Object(map) => {
            let follows = |key: &str| {
                let tail = text.strip_prefix(key)?;
                (tail.is_empty() || tail.starts_with(['.', '['])).then_some(tail)
            };
            let fitting = map.keys().filter_map(|key| Some((key, follows(key)?)));
            let (key, tail) = fitting.max_by_key(|(key, _)| key.len())?;
            Some((Segment::Key(key.clone()), tail.strip_prefix('.').unwrap_or(tail)))
        }
        Value::Array(items) => {
            let (index, tail) = text.strip_prefix('[')?.split_once(']')?;
            let index = index.parse().ok().filter(|&index: &usize| index < items.len())?;
            Some((Segment::Index(index), tail.strip_prefix('.').unwrap_or(tail)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let value = json!({"spec": {
            "nodeSelector": {"kubernetes.io/os": "linux", "kubernetes": 1},
            "containers": [{"name": "a"}, {"resources": {"requests": {"nvidia.com/gpu": "x"}}}],
        }});
        assert_eq!(path_in(&value, text).to_string(), expected);
    }

    #[test]
    fn keys_may_hold_dots() {
        check("spec.nodeSelector.kubernetes.io/os", r#"spec.nodeSelector."kubernetes.io/os""#);
        check(
            "spec.containers[1].resources.requests.nvidia.com/gpu",
            r#"spec.containers[1].resources.requests."nvidia.com/gpu""#,
        );
        check("spec.nodeSelector.kubernetes", "spec.nodeSelector.kubernetes");
    }

    #[test]
    fn what_is_not_there_keeps_its_name() {
        check("spec.containers[0].resources.limits.cpu", "spec.containers[0].resources.limits.cpu");
        check("spec.containers[7].name", "spec.containers[7].name");
        check("metadata.labels", "metadata.labels");
        check("spec.", "spec");
        check("", "");
    }
}
