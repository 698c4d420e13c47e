//! Container images.

/// `name` with `:latest` where it has no tag (plugins/imagelocality/image_locality.go `normalizedImageName`).
pub fn normalized(name: &str) -> String {
    let after_slash = name.rfind('/').map_or(name, |slash| &name[slash..]);
    if after_slash.contains(':') { name.to_owned() } else { format!("{name}:latest") }
}

/// An image on a node: all its names, and its size in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeImage {
    /// Every name that the node knows it by.
    pub names: Vec<String>,
    /// Its size in bytes.
    pub size_bytes: i64,
}

#[cfg(test)]
mod tests {
    use super::normalized;

    #[test]
    fn a_name_without_a_tag_means_latest() {
        for (name, expected) in [
            ("nginx", "nginx:latest"),
            ("nginx:1.27", "nginx:1.27"),
            ("registry:5000/nginx", "registry:5000/nginx:latest"),
            ("registry:5000/nginx:1", "registry:5000/nginx:1"),
        ] {
            assert_eq!(normalized(name), expected);
        }
    }
}
