"""What the notebooks share: where results are, how figures look, and how numbers are written."""

import io
import json
from pathlib import Path

import matplotlib
import matplotlib.pyplot as plt
import polars as pl
from IPython.display import Markdown, display

FOLDER = Path(__file__).resolve().parent
RESULTS = FOLDER.parent / "results"
SVG = "image/svg+xml"

# Colours that people with any common form of colour blindness tell apart (Okabe and Ito, "Color Universal Design").
# Each stands for the same thing in all figures.
ECS = "#0072B2"
ECI = "#D55E00"
OUTVOTES = "#CC79A7"
# What is better than 80 against 20, or the best.
ANSWER = "#009E73"
# Of what has no colour of its own.
ONE = "#56B4E9"
OTHER = "#E69F00"
QUIET = "#888888"
INK = "#222222"

matplotlib.rcdefaults()
plt.style.use(FOLDER / "paper.mplstyle")


def table(path):
    """A table in results."""
    return pl.read_csv(RESULTS / path, infer_schema_length=None)


def tree(path):
    """A JSON file in results."""
    return json.loads((RESULTS / path).read_text())


def metric(rows, name, **where):
    """The one row about a metric, of those with these values."""
    return rows.filter(pl.col("metric") == name, **where).row(0, named=True)


def show(figure, description, page_figure=None):
    """Puts a figure into the notebook as SVG, with words for those who cannot see it.

    A figure that a page shows as well is kept in docs under the name `page_figure`.
    """
    svg = io.StringIO()
    figure.savefig(svg, format="svg", metadata={"Date": None, "Description": description})
    plt.close(figure)
    metadata = {SVG: {"file": page_figure}} if page_figure else {}
    display({SVG: svg.getvalue(), "text/plain": description}, metadata=metadata, raw=True)


def say(text):
    """Text with numbers that were worked out."""
    display(Markdown(text))


def rows_of(header, rows):
    """A table as Markdown: the first column is of words, the others are of numbers."""
    lines = [header, ["---"] + ["---:"] * (len(header) - 1), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def half_width(low, high, mean, digits=3, sign="-"):
    """A mean with the half-width of its interval; without one where it does not vary."""
    half = (high - low) / 2
    if half < 0.5 * 10**-digits:
        return f"{mean:{sign}.{digits}f}"
    return f"{mean:{sign}.{digits}f} ± {half:.{digits}f}"


def whiskers(axes, x, y, low, high, **style):
    """Points with their intervals along the x-axis."""
    error = [[at - below for at, below in zip(x, low)], [above - at for at, above in zip(x, high)]]
    return axes.errorbar(x, y, xerr=error, fmt="o", elinewidth=1.1, capsize=2.5, **style)
