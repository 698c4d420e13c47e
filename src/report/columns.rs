//! Rows of cells as lines.

/// What stands between two columns.
const GAP: &str = "   ";

/// To which side the cells of a column go.
#[derive(Clone, Copy)]
pub(crate) enum Side {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

/// Rows of cells as lines, each column as wide as its widest cell. The last column is never filled up.
pub(crate) fn aligned<R: AsRef<[String]>>(rows: &[R], sides: impl IntoIterator<Item = Side>) -> String {
    let columns = rows.iter().map(|row| row.as_ref().len()).max().unwrap_or(0);
    let cell_width =
        |row: &R, column| row.as_ref().get(column).map_or(0, |cell: &String| cell.chars().count());
    let width = |column| rows.iter().map(|row| cell_width(row, column)).max().unwrap_or(0);
    let layout: Vec<(usize, Side)> = (0..columns).map(width).zip(sides).collect();
    let mut text = String::new();
    for row in rows {
        let padded = |(cell, (width, side)): (&String, &(usize, Side))| match side {
            Side::Left => format!("{cell:<width$}"),
            Side::Right => format!("{cell:>width$}"),
        };
        let cells: Vec<String> = row.as_ref().iter().zip(&layout).map(padded).collect();
        text.push_str(cells.join(GAP).trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [["NAME", "N", "WHY"], ["node-ü", "12", ""], ["b", "3", "because"]];
        let rows = rows.map(|row| row.map(str::to_owned));
        let text = aligned(&rows, [Side::Left, Side::Right, Side::Left]);
        assert_eq!(text, "NAME      N   WHY\nnode-ü   12\nb         3   because\n");
    }
}
