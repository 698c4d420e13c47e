//! Rows of cells as lines.

/// What stands between two columns.
const GAP: &str = "   ";
/// The same in a table that is set in, and what stands before its lines.
const NARROW_GAP: &str = "  ";

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
    lines(rows, sides, GAP).into_iter().map(|line| line + "\n").collect()
}

/// Columns of words that are equally long as lines that are set in, each column as wide as its widest cell.
pub(crate) fn set_in(columns: &[Vec<String>]) -> String {
    let row = |line: usize| columns.iter().map(|column| column[line].clone()).collect::<Vec<_>>();
    let rows: Vec<_> = (0..columns.first().map_or(0, Vec::len)).map(row).collect();
    let lines = lines(&rows, std::iter::repeat(Side::Left), NARROW_GAP);
    lines.into_iter().map(|line| NARROW_GAP.to_owned() + &line + "\n").collect()
}

fn lines<R: AsRef<[String]>>(rows: &[R], sides: impl IntoIterator<Item = Side>, gap: &str) -> Vec<String> {
    let columns = rows.iter().map(|row| row.as_ref().len()).max().unwrap_or(0);
    let cell_width =
        |row: &R, column| row.as_ref().get(column).map_or(0, |cell: &String| cell.chars().count());
    let width = |column| rows.iter().map(|row| cell_width(row, column)).max().unwrap_or(0);
    let layout: Vec<(usize, Side)> = (0..columns).map(width).zip(sides).collect();
    let line = |row: &R| {
        let padded = |(cell, (width, side)): (&String, &(usize, Side))| match side {
            Side::Left => format!("{cell:<width$}"),
            Side::Right => format!("{cell:>width$}"),
        };
        let cells: Vec<String> = row.as_ref().iter().zip(&layout).map(padded).collect();
        cells.join(gap).trim_end().to_owned()
    };
    rows.iter().map(line).collect()
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

    #[test]
    fn tables_that_are_set_in_have_narrow_gaps() {
        let columns = [["NAME", "ü"], ["N", "12"], ["", "x"]].map(|cells| cells.map(str::to_owned).to_vec());
        assert_eq!(set_in(&columns), "  NAME  N\n  ü     12  x\n");
        assert_eq!(set_in(&[]), "");
    }
}
