//! Versions of components, as far as preconditions speak of them.

/// The numbers of a version: those of `v1.7.5.41-gab12cd-aliyun` are 1, 7, 5, 41.
pub(super) fn version(text: &str) -> Option<Vec<u32>> {
    let numbers = text.trim_start_matches('v').split('-').next()?;
    numbers
        .split('.')
        .map(|number| number.parse().ok())
        .collect::<Option<Vec<u32>>>()
        .filter(|all| all.len() > 1)
}
