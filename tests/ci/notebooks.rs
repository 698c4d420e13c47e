//! Notebooks are made of their sources, were executed without errors, and read nothing but what is kept in `results`.
//! Whether their outputs are today's is for `notebooks/execute --check`, which needs Python.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("notebooks")
}

/// The names of the files with this ending, without it.
fn names(ending: &str) -> Vec<String> {
    let entries =
        fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> =
        entries.filter_map(|name| name.strip_suffix(ending).map(str::to_owned)).collect();
    names.sort();
    names
}

/// The code cells of a source in cells, as jupytext reads them.
fn code_cells(source: &str) -> Vec<String> {
    let cells = source.split("# %%").skip(1);
    let code = cells.filter_map(|cell| cell.strip_prefix('\n'));
    code.map(|cell| cell.trim_end().to_owned()).collect()
}

/// The text of a field that a notebook keeps line by line.
fn joined(lines: &Value) -> String {
    lines.as_array().expect("a list of lines").iter().map(|line| line.as_str().expect("a line")).collect()
}

#[test]
fn notebooks_are_made_of_their_sources() {
    let notebooks = names(".ipynb");
    assert!(notebooks.len() >= 3, "{notebooks:?}");
    for name in notebooks {
        let source =
            fs::read_to_string(folder().join(format!("{name}.py"))).expect("a notebook has a source");
        let text = fs::read_to_string(folder().join(format!("{name}.ipynb"))).unwrap();
        let notebook: Value = serde_json::from_str(&text).expect("a notebook is JSON");
        let cells = notebook["cells"].as_array().expect("a notebook has cells");
        let code: Vec<&Value> = cells.iter().filter(|cell| cell["cell_type"] == "code").collect();
        let kept: Vec<String> = code.iter().map(|cell| joined(&cell["source"])).collect();
        assert_eq!(kept, code_cells(&source), "notebooks/{name}.ipynb is stale: notebooks/execute {name}");
        for (number, cell) in (1_u64..).zip(code) {
            assert_eq!(cell["execution_count"], number, "{name}: cells were executed once, in their order");
            let outputs = cell["outputs"].as_array().expect("a code cell has outputs");
            assert!(outputs.iter().all(|one| one["output_type"] == "display_data"), "{name}: {outputs:?}");
        }
    }
}

#[test]
fn every_outcome_that_notebooks_read_is_kept() {
    let results = Path::new(env!("CARGO_MANIFEST_DIR")).join("results");
    let mut read = 0;
    for name in names(".ipynb") {
        let source = fs::read_to_string(folder().join(format!("{name}.py"))).unwrap();
        assert!(!source.contains("open(") && !source.contains("subprocess"), "{name} reads through paper.py");
        for call in ["paper.table(\"", "paper.tree(\""] {
            for rest in source.split(call).skip(1) {
                let path = rest.split('"').next().unwrap_or_default();
                assert!(results.join(path).is_file(), "{name} reads results/{path}");
                read += 1;
            }
        }
    }
    assert!(read > 0);
}
