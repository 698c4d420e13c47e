//! What is read out of a page.

/// The means of the figure at `path` that a page shows, in their order.
pub(crate) fn means(page: &str, path: &str) -> Vec<f64> {
    let begin = format!("data-metric=\"{path}\" data-value=\"");
    let values = page.split(&begin).skip(1).map(|rest| rest.split('"').next().expect("it ends"));
    values.map(|value| value.parse().expect("it is a number")).collect()
}

/// Fails if the page asks for anything.
pub(crate) fn assert_self_contained(page: &str) {
    assert!(page.contains("content=\"default-src 'none';"), "its policy forbids every request");
    for asks in ["src=\"", "href=\"http", "@import", "<link", "url("] {
        assert!(!page.contains(asks), "{asks} asks for something");
    }
}
