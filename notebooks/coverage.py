# %% [markdown]
# # Do intervals of 95 % hold the true mean in 95 % of cases?
#
# Wherever runs are repeated with several seeds, overspill tells the mean with Student's interval. That interval is
# exact for figures with a normal distribution; figures of a simulation have others. So it was tried: thousands of
# runs of two scenarios, the truth known beforehand or from all runs together, and an interval made of each group of
# consecutive seeds.
#
# **What is measured.** How many of these intervals hold the truth. **What is modelled.** The runs themselves: a loss
# system (Erlang's), whose truth is a formula, and `scenarios/gateway-spike`.

# %%
import matplotlib.pyplot as plt
import polars as pl

import paper

record = paper.tree("coverage/coverage.json")
runs = paper.table("coverage/runs.csv")
LOSS, WAIT = record["subjects"]
TITLES = {LOSS["name"]: "share of pods that overflow", WAIT["name"]: "99th percentile of waits until ready"}
COLOURS = {LOSS["name"]: paper.ONE, WAIT["name"]: paper.OTHER}
level = record["level"]

# %% [markdown]
# ## What is averaged
#
# The share of pods that overflow from ten slots under a load of eight erlang, and the 99th percentile of waits in the
# gateway's spike. The first is nearly normal, the second has a tail to the right.

# %%
figure, panels = plt.subplots(1, 2, figsize=(6.5, 2.4))
for axes, subject, factor, unit in zip(panels, (LOSS, WAIT), (100, 1), ("%", "s")):
    values = (runs[subject["name"]].drop_nulls() * factor).to_list()
    axes.hist(values, bins=60, histtype="stepfilled", color=COLOURS[subject["name"]], density=True)
    axes.axvline(subject["truth"] * factor, color=paper.INK, linewidth=0.8)
    axes.text(subject["truth"] * factor, axes.get_ylim()[1] * 0.99, " truth", va="top")
    axes.text(0.98, 0.72, f"skewness {subject['skewness']:.2f}", transform=axes.transAxes, ha="right")
    axes.set(title=TITLES[subject["name"]], xlabel=f"one run's figure ({unit})", yticks=[])
    axes.spines["left"].set_visible(False)
paper.show(figure, "Histograms of the two figures over all runs, with the truth.")

# %% [markdown]
# ## How often the interval holds it
#
# Whiskers are two standard errors of a share of so many intervals. Below the dashed line overspill calls an interval
# approximate.

# %%
THRESHOLD = 0.93
figure, axes = plt.subplots(figsize=(6.5, 2.9))
axes.axhline(100 * level, color=paper.INK, linewidth=0.6)
axes.axhline(100 * THRESHOLD, color=paper.QUIET, linewidth=0.8, linestyle=(0, (4, 2)))
for subject, shift in ((LOSS, 0.97), (WAIT, 1.03)):
    rows = subject["coverage"]
    counts = [row["runs"] * shift for row in rows]
    shares = [100 * row["share"] for row in rows]
    errors = [200 * row["standardError"] for row in rows]
    colour = COLOURS[subject["name"]]
    axes.errorbar(counts, shares, yerr=errors, fmt="o-", linewidth=0.8, elinewidth=1.1, capsize=2.5, color=colour)
axes.set_xscale("log")
axes.set_xticks([row["runs"] for row in LOSS["coverage"]], [str(row["runs"]) for row in LOSS["coverage"]])
axes.minorticks_off()
axes.set(
    xlabel="runs of which an interval is made",
    ylabel="intervals that hold the truth (%)",
    ylim=(90.5, 100),
    xlim=(2.6, 150),
)
axes.text(2.7, 96.3, TITLES[LOSS["name"]], color=COLOURS[LOSS["name"]], fontweight="bold")
axes.text(11, 91.6, TITLES[WAIT["name"]], color=COLOURS[WAIT["name"]], fontweight="bold")
axes.text(90, 100 * THRESHOLD - 0.1, "approximate below", color=paper.QUIET, ha="right", va="top")
axes.text(148, 100 * level - 0.1, f"{100 * level:.0f} %", ha="right", va="top")
paper.show(figure, "Share of intervals that hold the truth against the number of runs, for two figures.")

# %%
rows = [
    [
        row["runs"],
        row["intervals"],
        *(f"{100 * one['share']:.1f} ± {100 * one['standardError']:.1f}" for one in (row, other)),
    ]
    for row, other in zip(LOSS["coverage"], WAIT["coverage"])
]
low = [row["runs"] for row in WAIT["coverage"] if row["share"] < THRESHOLD]
paper.say(
    paper.rows_of(["runs", "intervals", TITLES[LOSS["name"]], TITLES[WAIT["name"]]], rows)
    + f"\n\nPercentages of intervals that hold the truth, and their standard errors, of {record['seeds']['last']} runs "
    "each. For the waits it is less than "
    f"{100 * THRESHOLD:.0f} % with {' and '.join(map(str, low))} runs: a mean of skewed figures needs more of them until "
    "it is near enough to normal, and reports call the intervals of such figures approximate."
)

# %% [markdown]
# ## A hundred of them
#
# The first intervals of ten runs each of the waits, in order of their seeds. Those that miss the truth mostly lie
# below it, because a group of runs without any from the long tail has both a low mean and a narrow interval.

# %%
GROUP, SHOWN = 10, 100
values = runs[WAIT["name"]].to_list()
# Student's quantile for nine degrees of freedom, to 97.5 %, as tables have it.
QUANTILE = 2.262
truth = WAIT["truth"]
misses = {"below": 0, "above": 0}
figure, axes = plt.subplots(figsize=(6.5, 2.6))
groups = [pl.Series(values[start : start + GROUP]) for start in range(0, len(values) - GROUP + 1, GROUP)]
for place, group in enumerate(groups):
    mean, half = group.mean(), QUANTILE * group.std() / GROUP**0.5
    missed = "below" if mean + half < truth else "above" if mean - half > truth else None
    if missed:
        misses[missed] += 1
    if place < SHOWN:
        axes.plot(
            [place + 1] * 2,
            [mean - half, mean + half],
            color=paper.OTHER if missed else paper.QUIET,
            linewidth=1.6 if missed else 1,
        )
axes.axhline(truth, color=paper.INK, linewidth=0.8)
axes.set(xlabel="group of ten seeds", ylabel="wait until ready, p99 (s)", xlim=(0, SHOWN + 1))
paper.show(figure, "A hundred intervals of ten runs each, those that miss the truth in another colour.")

# %%
recorded = next(row for row in WAIT["coverage"] if row["runs"] == GROUP)
assert recorded["intervals"] - recorded["held"] == sum(misses.values())
assert misses["below"] > misses["above"]
paper.say(
    f"Of all {len(groups)} intervals of {GROUP} runs {misses['below']} lie below the truth and {misses['above']} above "
    f"it: {100 * (1 - sum(misses.values()) / len(groups)):.1f} % hold it, as the record says."
)
