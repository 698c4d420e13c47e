# %% [markdown]
# # Overflow, more nodes, or both
#
# A gateway runs on three ECS nodes. Traffic rises sevenfold in a minute, stays for twenty and falls back in five;
# half of the pods that this takes find no room. `scenarios/four-policies` lets them overflow to ECI, wait for new
# nodes, or do one after the other.
#
# **What is measured.** In simulated runs with many seeds, the bill, the requests that nobody served, and for how long
# pods waited.
# **What is modelled.** All of the cluster: kube-scheduler as upstream has it, ACK's ResourcePolicy and autoscaler as
# documented, list prices, and laws of how long machines and instances take to come, which are estimates.
# [docs/policies.md](../docs/policies.md) derives which policy wins when.

# %%
import matplotlib.pyplot as plt
import polars as pl

import paper

compared = paper.table("four-policies/compare/compare.csv")
by_seed = paper.table("four-policies/compare/seeds.csv")
seeds = by_seed["seed"].n_unique()

POLICIES = {
    "base": "overflow, 80 against 20",
    "strict": "overflow, strict order",
    "autoscaler": "new nodes",
    "both": "80/20 and autoscaler",
    "both-may-shrink": "80/20, nodes may go",
    "hybrid": "nodes, ECI after 2 min",
    "impatient": "nodes, ECI after 45 s",
    "pause-pods": "pause pods",
}
COLOURS = {
    "base": paper.ECI,
    "strict": paper.ECI,
    "both": paper.ECI,
    "both-may-shrink": paper.ECI,
    "autoscaler": paper.ECS,
    "pause-pods": paper.ECS,
    "hybrid": paper.INK,
    "impatient": paper.INK,
}


def figure_of(name, variant):
    return paper.metric(compared, name, variant=variant)


def shown(row, factor=1, digits=2):
    return paper.half_width(row["low"] * factor, row["high"] * factor, row["mean"] * factor, digits)


# %% [markdown]
# ## Cost against service
#
# Each point is a policy: what two hours cost, and what share of requests nobody served. Lines through points are 95 %
# intervals of the means. Down and to the left is better. Hollow points are the same policies on a day on which no
# machine is to be had.

# %%
figure, axes = plt.subplots(figsize=(6.5, 3.9))


def point(variant, filled=True):
    cost, lost = figure_of("cost.total", variant), figure_of("traffic.unservedShare", variant)
    colour = COLOURS[variant.removesuffix("-out-of-stock")]
    axes.errorbar(
        cost["mean"],
        100 * lost["mean"],
        xerr=[[cost["mean"] - cost["low"]], [cost["high"] - cost["mean"]]],
        yerr=[[100 * (lost["mean"] - lost["low"])], [100 * (lost["high"] - lost["mean"])]],
        fmt="o",
        color=colour,
        markerfacecolor=colour if filled else "white",
        elinewidth=1,
        zorder=3,
    )
    return cost["mean"], 100 * lost["mean"]


# Where the words stand: to which side of the point, and how much higher in the figure.
PLACES = {
    "base": ("left", 1.0),
    "strict": ("right", 1.0),
    "autoscaler": ("left", 1.07),
    "both": None,
    "hybrid": None,
    "both-may-shrink": ("left", 1.0),
    "impatient": ("left", 1.0),
    "pause-pods": ("right", 1.0),
}
WORDS = POLICIES | {
    "base": "80 against 20, with or without autoscaler",
    "autoscaler": "new nodes, ECI after 2 min or never",
}
for variant, place in PLACES.items():
    x, y = point(variant)
    if place:
        side, lift = place
        gap = 0.035 if side == "left" else -0.035
        axes.text(x + gap, y * lift, WORDS[variant], color=COLOURS[variant], ha=side, va="center")
for variant in ("autoscaler", "hybrid"):
    start = (figure_of("cost.total", variant)["mean"], 100 * figure_of("traffic.unservedShare", variant)["mean"])
    end = point(f"{variant}-out-of-stock", filled=False)
    axes.annotate(
        "", end, start, arrowprops={"arrowstyle": "-", "color": COLOURS[variant], "linestyle": ":", "shrinkB": 4}
    )
    words = {"autoscaler": "new nodes, and there are none", "hybrid": "ECI after 2 min, for there are none"}[variant]
    axes.text(end[0] + 0.035, end[1], words, color=COLOURS[variant], va="center")
axes.set_yscale("log")
axes.set_yticks([2, 5, 10, 20], ["2", "5", "10", "20"])
axes.minorticks_off()
axes.set(xlabel="cost (USD in two hours)", ylabel="requests that nobody served (%)", xlim=(1.3, 3.4), ylim=(1.5, 32))
paper.show(figure, "Cost against the share of requests that nobody served, by policy.")

# %%
METRICS = {
    "cost.total": ("cost (USD)", 1, 3),
    "traffic.unservedShare": ("unserved (%)", 100, 2),
    "pending.waitSeconds.p99": ("Pending, p99 (s)", 1, 1),
    "overflow.pods": ("pods on ECI", 1, 1),
    "nodes.added": ("nodes added", 1, 1),
}


def cell(name, variant, factor, digits):
    row = figure_of(name, variant)
    return "–" if row["mean"] is None else shown(row, factor, digits)


# Beside a virtual node the autoscaler adds nothing, and nodes in time need no ECI: their points coincide.
for name in ("cost.total", "traffic.unservedShare"):
    assert figure_of(name, "both")["mean"] == figure_of(name, "base")["mean"]
    assert figure_of(name, "hybrid")["mean"] == figure_of(name, "autoscaler")["mean"]
paper.say(
    paper.rows_of(
        ["policy", *(title for title, _, _ in METRICS.values())],
        [
            [words, *(cell(name, variant, factor, digits) for name, (_, factor, digits) in METRICS.items())]
            for variant, words in POLICIES.items()
        ],
    )
    + f"\n\nMeans of {seeds} seeds ± half-widths of 95 % intervals."
)

# %% [markdown]
# ## Differences, seed by seed
#
# All policies meet the same traffic and, entity by entity, the same draws. So the difference of two of them is taken
# seed by seed, and what both have in common does not blur it. Differences are those from 80 against 20.

# %%
PANELS = [
    ("cost.total", "cost (USD)", 1),
    ("traffic.unservedShare", "unserved requests\n(percentage points)", 100),
    ("pending.waitSeconds.p99", "time Pending, p99 (s)", 1),
]
others = [variant for variant in POLICIES if variant != "base"]
figure, panels = plt.subplots(1, 3, sharey=True, figsize=(6.5, 2.9))
for axes, (name, title, factor) in zip(panels, PANELS):
    for height, variant in enumerate(others):
        row = figure_of(name, variant)
        values = [[factor * row[key]] for key in ("diff", "diff_low", "diff_high")]
        paper.whiskers(axes, values[0], [height], values[1], values[2], color=COLOURS[variant])
    axes.axvline(0, color=paper.INK, linewidth=0.6)
    axes.set_xlabel(title)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="y")
panels[0].set_yticks(range(len(others)), [POLICIES[variant] for variant in others])
panels[0].set_ylim(len(others) - 0.5, -0.5)
paper.show(figure, "Paired differences of seven policies from 80 against 20 in cost, unserved requests and waits.")


# %%
def widths(name, variant):
    """Half the width of the interval of a difference: seed by seed, and as if runs were independent."""
    row, base = figure_of(name, variant), figure_of(name, "base")
    paired = (row["diff_high"] - row["diff_low"]) / 2
    quantile = paired / (row["diff_sd"] / row["pairs"] ** 0.5)
    return paired, quantile * ((row["sd"] ** 2 + base["sd"] ** 2) / row["pairs"]) ** 0.5


lines = []
for variant in ("strict", "autoscaler", "impatient"):
    for name, title, factor in PANELS[:2]:
        paired, unpaired = (factor * width for width in widths(name, variant))
        lines.append(
            [
                f"{POLICIES[variant]}: {title.replace(chr(10), ' ')}",
                f"{paired:.3f}",
                f"{unpaired:.3f}",
                f"{(unpaired / paired) ** 2:.1f}",
            ]
        )
paper.say(
    paper.rows_of(
        ["difference from 80 against 20", "± seed by seed", "± as if independent", "seeds saved, as a factor"], lines
    )
    + "\n\nAn interval half as wide takes four times as many seeds; the last column is the square of the ratio. Pairs "
    "help where both policies suffer from the same noise, that of traffic. What 80 against 20 costs depends on chance "
    "of its own too, on which pods are the ones that go early, and pairs do not take that away."
)

# %% [markdown]
# ## Which wins when
#
# An ECI instance is paid for as long as its pod is there. A node is paid for longer: it has to be unneeded for ten
# minutes, then it takes a scan a minute to see that and to take it away, and nodes that still have pods go one by
# one. Let the pods beyond the first nodes be needed for *T*, let nodes stay *u* longer, and let ECI cost *r* times as
# much as the nodes that would hold the same pods. Overflow costs *r* · *T* of the nodes' price and new nodes *T* +
# *u*, so that both cost the same at *T* = *u* / (*r* − 1).
#
# The same scenario with spikes of different lengths, three hours each:

# %%
HOLD = "traffic.ingress.rate.noise.of.spike.hold"
# For how long a node has to be unneeded, and how far scans are apart: the defaults of ACK's node instant elasticity.
UNNEEDED_MIN = 10
SCAN_MIN = 1

lengths = paper.table("four-policies/lengths/sweep.csv")
strict = lengths.filter(variant="strict").with_columns(
    needed_min=pl.col("overflow.podSeconds") / pl.col("overflow.pods") / 60
)
nodes = lengths.filter(variant="autoscaler").select(
    HOLD, "seed", autoscaler="cost.total", added="nodes.added", peak="cost.perSecondPeak"
)
pairs = strict.join(nodes, on=[HOLD, "seed"], how="left", maintain_order="left").with_columns(
    difference=pl.col("autoscaler") - pl.col("cost.total")
)
means = pairs.group_by(HOLD, maintain_order=True).agg(pl.col("needed_min").mean(), pl.col("difference").mean())

added = pairs["added"].mean()
nodes_per_s = pairs["peak"].mean() / 2
r = (pairs["cost.perSecondPeak"].mean() - nodes_per_s) / nodes_per_s
u = UNNEEDED_MIN + SCAN_MIN + SCAN_MIN * (added - 1) / 2
derived = u / (r - 1)


def crossing(points):
    """Where straight lines between the points cross zero."""
    for (x, y), (next_x, next_y) in zip(points, points[1:]):
        if y > 0 >= next_y:
            return x + (next_x - x) * y / (y - next_y)
    raise ValueError("the difference does not change its sign")


simulated = crossing(means.select("needed_min", "difference").rows())

# %%
figure, axes = plt.subplots(figsize=(6.5, 3.2))
axes.axhline(0, color=paper.INK, linewidth=0.6)
ends = [0, means["needed_min"].max() * 1.04]
axes.plot(
    ends,
    [nodes_per_s * 60 * (u - (r - 1) * end) for end in ends],
    color=paper.QUIET,
    linestyle=(0, (4, 2)),
    linewidth=1,
)
above, below = pairs.filter(pl.col("difference") > 0), pairs.filter(pl.col("difference") <= 0)
axes.plot(above["needed_min"], above["difference"], "o", markersize=3, color=paper.ECI, alpha=0.5, markeredgewidth=0)
axes.plot(below["needed_min"], below["difference"], "o", markersize=3, color=paper.ECS, alpha=0.5, markeredgewidth=0)
axes.plot(means["needed_min"], means["difference"], color=paper.INK, linewidth=1)
axes.text(0.5, 0.012, "overflow in strict order is cheaper", color=paper.ECI)
axes.text(0.5, -0.02, "new nodes are cheaper", color=paper.ECS)
axes.annotate(
    "worked out by hand",
    (15, nodes_per_s * 60 * (u - (r - 1) * 15)),
    (20, 0.145),
    color=paper.QUIET,
    arrowprops={"arrowstyle": "-", "color": paper.QUIET, "linewidth": 0.6},
)
axes.set(
    xlabel="T: for how long pods beyond the first nodes are needed (min)",
    ylabel="new nodes less overflow\n(USD in three hours)",
    xlim=(0, ends[1]),
)
paper.show(
    figure, "Cost of new nodes less that of overflow against the time for which pods are needed; each dot is a seed."
)

# %%
runs = pairs.group_by(HOLD, maintain_order=True).len()["len"][0]
paper.say(
    f"Dots are the {runs} seeds of each length, the line joins their means. ECI costs *r* = {r:.3f} times as much, "
    f"{added:.0f} nodes stay *u* = {u:.0f} minutes longer, and both cost the same at *T* = {derived:.1f} minutes as "
    f"worked out, and at {simulated:.1f} as simulated: nodes that come late are not paid for meanwhile."
)
