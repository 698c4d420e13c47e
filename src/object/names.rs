//! Which names Kubernetes and the file system can take.

/// The most characters of a name that is a DNS subdomain (RFC 1123).
const MOST_OF_SUBDOMAIN: usize = 253;
/// The most characters of a label's value (apimachinery/pkg/util/validation `LabelValueMaxLength`).
const MOST_OF_LABEL_VALUE: usize = 63;

/// What is wrong with `text` as the name of an object (apimachinery/pkg/util/validation `IsDNS1123Subdomain`).
pub fn wrong_subdomain(text: &str) -> Option<String> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let is_part = |part: &str| {
        part.starts_with(plain) && part.ends_with(plain) && part.chars().all(|c| plain(c) || c == '-')
    };
    if text.len() <= MOST_OF_SUBDOMAIN && text.split('.').all(is_part) {
        return None;
    }
    Some(format!(
        "{text:?} is not a name: use at most {MOST_OF_SUBDOMAIN} lower-case letters, digits, `-` and `.`, beginning and \
         ending with a letter or digit (a DNS-1123 subdomain)"
    ))
}

/// What is wrong with `text` as the name of a node: it is the value of the label kubernetes.io/hostname too.
pub fn wrong_node_name(text: &str) -> Option<String> {
    wrong_subdomain(text).or_else(|| wrong_label_value(text))
}

/// What is wrong with `text` as the value of a label (apimachinery/pkg/util/validation `IsValidLabelValue`), an empty
/// one aside.
pub fn wrong_label_value(text: &str) -> Option<String> {
    let plain = |c: char| c.is_ascii_alphanumeric();
    let is_value = text.starts_with(plain)
        && text.ends_with(plain)
        && text.chars().all(|c| plain(c) || matches!(c, '-' | '_' | '.'));
    if is_value && text.len() <= MOST_OF_LABEL_VALUE {
        return None;
    }
    Some(format!(
        "{text:?} cannot be the value of a label: use at most {MOST_OF_LABEL_VALUE} letters, digits, `-`, `_` and \
         `.`, beginning and ending with a letter or digit"
    ))
}

/// What is wrong with `text` as the key of a label (apimachinery/pkg/util/validation `IsQualifiedName`).
pub fn wrong_label_key(text: &str) -> Option<String> {
    let (prefix, name) = text.split_once('/').map_or((None, text), |(prefix, name)| (Some(prefix), name));
    if prefix.is_none_or(|prefix| wrong_subdomain(prefix).is_none()) && wrong_label_value(name).is_none() {
        return None;
    }
    Some(format!(
        "{text:?} cannot be the key of a label or an annotation: use at most {MOST_OF_LABEL_VALUE} letters, digits, `-`, \
         `_` and `.`, beginning and ending with a letter or digit, and before it, if anything, a DNS subdomain and `/`"
    ))
}

/// What is wrong with a label, whose value may be empty.
pub fn wrong_label(key: &str, value: &str) -> Option<String> {
    wrong_label_key(key).or_else(|| wrong_label_value(value).filter(|_| !value.is_empty()))
}

/// What is wrong with `text` as the key of an annotation, whose prefix may have capital letters
/// (apimachinery/pkg/api/validation `ValidateAnnotations`).
pub fn wrong_annotation_key(text: &str) -> Option<String> {
    wrong_label_key(&text.to_lowercase()).and(wrong_label_key(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_dns_subdomains() {
        for text in ["a", "web-1", "a.b.c", "0", "gateway-spike.no-spread", &"a".repeat(253)] {
            assert_eq!(wrong_subdomain(text), None);
        }
        for text in
            ["", "../../x", "a b/c", "A", "a_b", "-a", "a-", "a..b", ".a", "a.", "ä", &"a".repeat(254)]
        {
            assert!(wrong_subdomain(text).is_some(), "{text}");
        }
    }

    #[test]
    fn keys_may_have_a_subdomain_before_the_name() {
        for text in ["app", "alibabacloud.com/eci", "a.b/C_d.e-f", &format!("x/{}", "a".repeat(63))] {
            assert_eq!(wrong_label_key(text), None);
        }
        for text in ["", "bad key!", "a/b/c", "/a", "a/", "A.b/c", "-a", &"a".repeat(64)] {
            assert!(wrong_label_key(text).is_some(), "{text}");
        }
        assert_eq!(wrong_annotation_key("A.b/c"), None);
        assert!(wrong_annotation_key("a b").is_some());
    }

    #[test]
    fn node_names_are_label_values_too() {
        assert_eq!(wrong_node_name(&"a".repeat(63)), None);
        assert!(wrong_node_name(&"a".repeat(64)).is_some_and(|wrong| wrong.contains("label")));
        assert!(wrong_node_name("A").is_some());
    }

    #[test]
    fn label_values_take_more_than_names() {
        for text in ["cn-hangzhou-h", "A_b.c", "1"] {
            assert_eq!(wrong_label_value(text), None);
        }
        for text in ["", "a b", "a/b", "_a", "a.", &"a".repeat(64)] {
            assert!(wrong_label_value(text).is_some(), "{text}");
        }
    }
}
