//! What the header of a scenario derives by hand.

/// The block `# Derived by hand:` in the header of a scenario ends its steps with `=> EXPRESSION`.
pub(crate) fn derived_by_hand(text: &str) -> Vec<&str> {
    let header = text.lines().take_while(|line| line.starts_with('#'));
    let block = header.skip_while(|line| *line != "# Derived by hand:");
    block.filter_map(|line| Some(line.split_once("=> ")?.1)).collect()
}
