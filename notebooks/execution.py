"""Makes notebooks of their sources, executes them, and writes or compares them; `notebooks/execute` calls it.

Nothing of a notebook depends on when or where it is executed: cells are numbered, and neither times nor the version of
Python are kept.
"""

import argparse
import difflib
import sys
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

FOLDER = Path(__file__).resolve().parent
# Figures that pages show lie here.
PAGES = FOLDER.parent / "docs"
# What a viewer is told of the kernel.
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"file_extension": ".py", "mimetype": "text/x-python", "name": "python"},
}
SVG = "image/svg+xml"
# The longest that a cell may take.
CELL_TIMEOUT_S = 60
# How many lines of a difference are shown.
SHOWN_LINES = 60


def sources():
    """The sources by name: Python files that are written in cells."""
    return {path.stem: path for path in sorted(FOLDER.glob("*.py")) if path.read_text().startswith("# %%")}


def executed(source):
    """The notebook that comes of a source."""
    notebook = jupytext.read(source, fmt="py:percent")
    NotebookClient(
        notebook,
        timeout=CELL_TIMEOUT_S,
        kernel_name="python3",
        record_timing=False,
        extra_arguments=["--log-level=ERROR"],
        resources={"metadata": {"path": str(FOLDER)}},
    ).execute()
    for number, cell in enumerate(notebook.cells, 1):
        cell["id"] = f"cell-{number:02}"
        cell["metadata"] = {}
    notebook["metadata"] = METADATA
    notebook["nbformat"], notebook["nbformat_minor"] = 4, 5
    nbformat.validate(notebook)
    return notebook


def files(name, notebook):
    """What a notebook makes: itself, and the figures that pages show, each by its path and with its text."""
    made = {FOLDER / f"{name}.ipynb": nbformat.writes(notebook).rstrip("\n") + "\n"}
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    for output in outputs:
        page_figure = output.get("metadata", {}).get(SVG, {}).get("file")
        if page_figure:
            made[PAGES / page_figure] = output["data"][SVG]
    return made


def complaint(name, target, made):
    """What is wrong with a file that is kept, if anything."""
    path = target.relative_to(FOLDER.parent)
    if not target.exists():
        return f"error: {path} is missing: notebooks/execute {name}"
    kept = target.read_text()
    if kept == made:
        return None
    lines = difflib.unified_diff(kept.splitlines(), made.splitlines(), "kept", "executed now", lineterm="", n=1)
    shown = [line[:160] for _, line in zip(range(SHOWN_LINES), lines)]
    return "\n".join([*shown, f"error: {path} is stale: notebooks/execute {name}"])


def without_source(known):
    """Notebooks that nothing makes."""
    return [path.name for path in sorted(FOLDER.glob("*.ipynb")) if path.stem not in known]


def main():
    known = sources()
    parser = argparse.ArgumentParser(prog="notebooks/execute", description="Executes the notebooks.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(known)}")
    parser.add_argument("--check", action="store_true", help="compare with what is kept, and write nothing")
    asked = parser.parse_args()
    unknown = [name for name in asked.names if name not in known]
    if unknown:
        parser.error(f"there is no notebook {unknown[0]}; there are {', '.join(known)}")
    complaints = [f"error: notebooks/{name} has no source" for name in without_source(known)]
    for name in asked.names or known:
        print(f"== {name}", flush=True)
        try:
            made = files(name, executed(known[name]))
        except CellExecutionError as failure:
            complaints.append(f"{failure}\nerror: notebooks/{name}.py fails")
            continue
        for path, text in made.items():
            if asked.check:
                complaints.append(complaint(name, path, text))
            else:
                path.write_text(text)
    complaints = [one for one in complaints if one]
    print("\n".join(complaints), file=sys.stderr, end="\n" if complaints else "")
    sys.exit(1 if complaints else 0)


if __name__ == "__main__":
    main()
