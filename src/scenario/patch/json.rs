//! JSON patches (RFC 6902). What cannot be done is told in the words of the API server's library
//! (gopkg.in/evanphx/json-patch.v4).

use serde_json::Value;

/// Carries out all operations of a patch, in order.
pub(super) fn apply(object: &mut Value, patch: &Value) -> Result<(), String> {
    let operations = patch.as_array().ok_or("a JSON patch is a list of operations")?;
    for operation in operations {
        carry_out(object, operation)?;
    }
    Ok(())
}

fn carry_out(object: &mut Value, operation: &Value) -> Result<(), String> {
    let text = |field: &str| operation.get(field).and_then(Value::as_str);
    let path = text("path").ok_or("an operation of a JSON patch has a `path`")?;
    let value =
        || operation.get("value").cloned().ok_or_else(|| format!("the operation at {path:?} has no `value`"));
    let from = || text("from").ok_or_else(|| format!("the operation at {path:?} has no `from`"));
    match text("op").unwrap_or_default() {
        "add" => add(object, path, value()?),
        "remove" => remove(object, path).map(drop),
        "replace" => {
            let place = object.pointer_mut(path).ok_or_else(|| missing("replace", path, "key"))?;
            *place = value()?;
            Ok(())
        }
        "move" => {
            let moved = remove(object, from()?)?;
            add(object, path, moved)
        }
        "copy" => {
            let copied =
                object.pointer(from()?).cloned().ok_or_else(|| missing("copy", path, "from path"))?;
            add(object, path, copied)
        }
        "test" if object.pointer(path) == operation.get("value") => Ok(()),
        "test" => Err(format!("testing value {path} failed: test failed")),
        other => Err(format!("{other:?} is no operation: write add, remove, replace, move, copy or test")),
    }
}

fn missing(operation: &str, path: &str, what: &str) -> String {
    format!("{operation} operation does not apply: doc is missing {what}: {path}: missing value")
}

/// The place that holds what is at `path`, and the last step to it (RFC 6901).
fn split<'o>(object: &'o mut Value, path: &str, operation: &str) -> Result<(&'o mut Value, String), String> {
    let (holder, step) = path.rsplit_once('/').ok_or_else(|| format!("{path:?} is no JSON pointer"))?;
    let holder = object.pointer_mut(holder).ok_or_else(|| missing(operation, path, "path"))?;
    Ok((holder, step.replace("~1", "/").replace("~0", "~")))
}

fn add(object: &mut Value, path: &str, value: Value) -> Result<(), String> {
    if path.is_empty() {
        *object = value;
        return Ok(());
    }
    let (holder, step) = split(object, path, "add")?;
    match holder {
        Value::Object(map) => _ = map.insert(step, value),
        Value::Array(items) if step == "-" => items.push(value),
        Value::Array(items) => {
            let index = step.parse().ok().filter(|&index: &usize| index <= items.len());
            items.insert(
                index.ok_or_else(|| {
                    format!("Unable to access invalid index: {step}: invalid index referenced")
                })?,
                value,
            );
        }
        _ => return Err(missing("add", path, "path")),
    }
    Ok(())
}

fn remove(object: &mut Value, path: &str) -> Result<Value, String> {
    let (holder, step) = split(object, path, "remove")?;
    let removed = match holder {
        Value::Object(map) => map.shift_remove(&step),
        Value::Array(items) => {
            step.parse().ok().filter(|&index: &usize| index < items.len()).map(|index| items.remove(index))
        }
        _ => None,
    };
    removed.ok_or_else(|| format!("Unable to remove nonexistent key: {step}: missing value"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check(patch: Value, expected: Result<Value, &str>) {
        let mut object = json!({"a": {"b/c": 1}, "list": ["x", "y"]});
        let result = apply(&mut object, &Value::Array(vec![patch])).map(|()| object);
        assert_eq!(result, expected.map_err(str::to_owned));
    }

    /// The operations of RFC 6902, and what is refused of each.
    #[test]
    fn operations_do_what_they_say() {
        let list = |items: Value| Ok(json!({"a": {"b/c": 1}, "list": items}));
        check(json!({"op": "add", "path": "/list/1", "value": "z"}), list(json!(["x", "z", "y"])));
        check(json!({"op": "add", "path": "/list/-", "value": "z"}), list(json!(["x", "y", "z"])));
        check(json!({"op": "remove", "path": "/list/0"}), list(json!(["y"])));
        check(
            json!({"op": "replace", "path": "/a/b~1c", "value": 2}),
            Ok(json!({"a": {"b/c": 2}, "list": ["x", "y"]})),
        );
        check(
            json!({"op": "move", "from": "/a/b~1c", "path": "/d"}),
            Ok(json!({"a": {}, "list": ["x", "y"], "d": 1})),
        );
        check(json!({"op": "copy", "from": "/list/0", "path": "/list/2"}), list(json!(["x", "y", "x"])));
        check(json!({"op": "test", "path": "/list/0", "value": "x"}), list(json!(["x", "y"])));
        check(
            json!({"op": "test", "path": "/list/0", "value": "y"}),
            Err("testing value /list/0 failed: test failed"),
        );
        check(
            json!({"op": "remove", "path": "/b"}),
            Err("Unable to remove nonexistent key: b: missing value"),
        );
        check(
            json!({"op": "replace", "path": "/b", "value": 1}),
            Err("replace operation does not apply: doc is missing key: /b: missing value"),
        );
        check(
            json!({"op": "add", "path": "/b/c", "value": 1}),
            Err("add operation does not apply: doc is missing path: /b/c: missing value"),
        );
        check(
            json!({"op": "add", "path": "/list/3", "value": 1}),
            Err("Unable to access invalid index: 3: invalid index referenced"),
        );
    }
}
