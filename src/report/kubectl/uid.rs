//! Uids of objects, which a run has not: they follow from what names an object, so that owners and what they own agree.

use serde_json::Value;

/// An object with its uid and those of its owners, as a server prints them.
pub(super) fn identified(mut object: Value) -> Value {
    let text = |at: &str| object.pointer(at).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (kind, namespace, name) = (text("/kind"), text("/metadata/namespace"), text("/metadata/name"));
    object["metadata"]["uid"] = uid(&kind, &namespace, &name).into();
    let owners = object.pointer_mut("/metadata/ownerReferences").and_then(Value::as_array_mut);
    for owner in owners.into_iter().flatten() {
        let text = |field: &str| owner[field].as_str().unwrap_or_default();
        owner["uid"] = uid(text("kind"), &namespace, text("name")).into();
    }
    object
}

/// A text in the form of RFC 9562's version 8, which leaves what is in it to whoever makes it: FNV-1a of what names the
/// object, twice.
fn uid(kind: &str, namespace: &str, name: &str) -> String {
    let title = format!("{kind}/{namespace}/{name}");
    let hash = |start: u64| {
        title.bytes().fold(start, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
    };
    let (first, second) = (hash(0xcbf2_9ce4_8422_2325), hash(0x6c62_272e_07bb_0142));
    format!(
        "{:08x}-{:04x}-8{:03x}-{:04x}-{:012x}",
        first >> 32,
        first >> 16 & 0xffff,
        first & 0xfff,
        second >> 48 & 0x3fff | 0x8000,
        second & 0xffff_ffff_ffff
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_owned_names_the_uid_of_its_owner() {
        let owner = identified(json!({"kind": "ReplicaSet", "metadata": {"name": "s", "namespace": "d"}}));
        let reference = json!([{"kind": "ReplicaSet", "name": "s"}]);
        let metadata = json!({"name": "s-1", "namespace": "d", "ownerReferences": reference});
        let owned = identified(json!({"kind": "Pod", "metadata": metadata}));
        let uid = owner["metadata"]["uid"].as_str().unwrap();
        assert_eq!(owned["metadata"]["ownerReferences"][0]["uid"], uid);
        assert_ne!(owned["metadata"]["uid"], uid);
        assert_eq!(uid.split('-').map(str::len).collect::<Vec<_>>(), [8, 4, 4, 4, 12]);
    }
}
