# %% [markdown]
# # How many ECS nodes to buy
#
# The gateway of `scenarios/four-policies` again: traffic rises sevenfold for twenty minutes, and what finds no room
# on ECS nodes goes to ECI. How many nodes are enough, if no more than a small share of requests may stay unserved?
# `overspill plan` was asked, for both ways to overflow: by affinity of 80 against 20, and in strict order by a
# ResourcePolicy. A sweep ran every number of nodes besides, so that the curve can be seen as a whole.
#
# **What is measured.** In simulated runs, the bill of two hours, the share of requests that nobody served, and in how
# many runs it is small enough.
# **What is modelled.** The cluster, its load and chance; prices are list prices. That the spike comes once in two
# hours is this scenario's and no forecast: a plan is as good as the load that it is made for.

# %%
import matplotlib.pyplot as plt
import polars as pl
import yaml

import paper

asked = paper.tree("ecs-base/plan/run.json")
plan = paper.tree("ecs-base/plan/plan.json")
judged = paper.table("ecs-base/plan/plan.csv")
curve = paper.table("ecs-base/curve/points.csv")
runs = paper.table("ecs-base/curve/sweep.csv")

COUNT = "pools.gateway.count"
WAYS = {"strict": ("strict order", paper.ANSWER), "base": ("80 against 20", paper.ECI)}
counts = sorted(set(curve[COUNT].to_list()))
metric, limit = asked["subjectTo"][0].split("<=")
limit_percent = float(limit.removesuffix("%"))
share_asked = asked["confidenceShare"]
answer = plan["answer"]
paper.say(
    f"Asked: the least `{asked['minimize']}` over {' and '.join(f'`{axis}`' for axis in asked['vary'])}, where "
    f"`{asked['subjectTo'][0]}` in at least {100 * share_asked:.0f} % of all runs, shown with {100 * plan['level']:.0f} % confidence."
)


# %% [markdown]
# ## The curve
#
# Above what two hours cost, with 95 % intervals, which are smaller than most points; below what share of requests
# nobody served: the mean, and the range from the 5th to the 95th percentile of runs. Filled points meet the
# constraint, hollow ones do not.


# %%
def meets(count, way):
    """Whether the constraint was met in the share of runs that was asked for, of those of the sweep."""
    held = (
        runs.filter(pl.col(COUNT) == count, variant=way).select((pl.col(metric) <= limit_percent / 100).mean()).item()
    )
    return held >= share_asked


def points(name, way):
    return [paper.metric(curve, name, variant=way, **{COUNT: count}) for count in counts]


figure, (top, bottom) = plt.subplots(2, 1, sharex=True, figsize=(6.5, 4.6), height_ratios=(1.3, 1))
for (way, (words, colour)), shift in zip(WAYS.items(), (-0.06, 0.06)):
    places = [count + shift for count in counts]
    costs, lost = points("cost.total", way), points(metric, way)
    top.plot(places, [row["mean"] for row in costs], color=colour, linewidth=0.8)
    bottom.plot(places, [100 * row["mean"] for row in lost], color=colour, linewidth=0.8)
    for place, count, cost, share in zip(places, counts, costs, lost):
        look = {
            "color": colour,
            "markerfacecolor": colour if meets(count, way) else "white",
            "elinewidth": 1,
            "zorder": 3,
        }
        top.errorbar(
            place, cost["mean"], [[cost["mean"] - cost["low"]], [cost["high"] - cost["mean"]]], fmt="o", **look
        )
        spread = [[100 * (share["mean"] - share["p5"])], [100 * (share["p95"] - share["mean"])]]
        bottom.errorbar(place, 100 * share["mean"], spread, fmt="o", **look)
    top.text(
        5.1,
        costs[4]["mean"] + (0.32 if way == "base" else -0.42),
        words,
        color=colour,
        ha="right" if way == "base" else "left",
    )
best = paper.metric(curve, "cost.total", variant=answer["variant"], **{COUNT: answer[COUNT]})
top.annotate(
    f"the answer: {answer[COUNT]} nodes,\n{WAYS[answer['variant']][0]}, {best['mean']:.2f} USD",
    (answer[COUNT], best["mean"] - 0.08),
    (4.1, 1.3),
    color=paper.INK,
    arrowprops={"arrowstyle": "-", "color": paper.INK, "linewidth": 0.6},
)
bottom.axhline(limit_percent, color=paper.INK, linewidth=0.8, linestyle=(0, (4, 2)))
bottom.text(counts[-1] + 0.3, limit_percent + 0.08, f"at most {limit_percent} %", ha="right")
top.set(ylabel="cost (USD in two hours)", ylim=(1, None))
bottom.set(xlabel="ECS nodes", ylabel="requests that\nnobody served (%)", xticks=counts)
paper.show(figure, "Cost and unserved requests against the number of ECS nodes, in strict order and by 80 against 20.")

# %%
alone = next(
    count for count in counts if paper.metric(curve, "overflow.pods", variant="strict", **{COUNT: count})["mean"] == 0
)
rest = paper.metric(curve, metric, variant="strict", **{COUNT: alone})["mean"]
worth = {way: [count for count in counts if meets(count, way)] for way in WAYS}
paper.say(
    " ".join(
        f"{words[0].upper() + words[1:]} meets the constraint with {', '.join(map(str, worth[way]))} nodes."
        for way, (words, _) in WAYS.items()
    )
    + " More nodes leave fewer pods to the virtual node, whose instances take seconds to come. But with "
    f"{alone} nodes in strict order no pod goes there, and {100 * rest:.1f} % stay unserved all the same: that is lost "
    "until the HPA has seen the spike and its pods are ready, and no number of nodes changes it."
)

# %% [markdown]
# ## How sure that is
#
# Points are judged by the runs that they got: few where three seeds were enough to tell, all where the answer rests
# on it. Bars are one-sided bounds of Clopper and Pearson for the share of *all* runs that meet the constraint,
# numbers the runs.

# %%
figure, panels = plt.subplots(1, 2, sharey=True, figsize=(6.5, 2.6))
for axes, (way, (words, colour)) in zip(panels, WAYS.items()):
    for row in judged.filter(variant=way).iter_rows(named=True):
        low, high, at = 100 * row["share_low"], 100 * row["share_high"], row[COUNT]
        axes.plot([at, at], [low, high], color=colour, linewidth=4, solid_capstyle="butt", alpha=0.45)
        axes.plot(at, 100 * row["share"], "o", color=colour)
        axes.text(at, 104, row["runs"], ha="center", fontsize=7, color=paper.QUIET)
    axes.axhline(100 * share_asked, color=paper.INK, linewidth=0.8, linestyle=(0, (4, 2)))
    axes.set_title(words, color=colour)
    axes.set(xlabel="ECS nodes", xticks=counts)
panels[0].set(ylabel="runs that meet it (%)", ylim=(-4, 112), yticks=[0, 25, 50, 75, 100])
panels[0].text(0.7, 100 * share_asked - 3, f"{100 * share_asked:.0f} % asked for", va="top")
paper.show(figure, "Share of runs that meet the constraint with its bounds, against the number of ECS nodes.")

# %%
paper.say(
    f"The answer is {'certain' if plan['certain'] else 'not certain'}. It took {plan['runs']} runs of the "
    f"{plan['runsOfAll']} that every point with every seed would have taken, {100 * plan['runs'] / plan['runsOfAll']:.0f} %."
)

# %% [markdown]
# ## What being one off costs


# %%
def neighbour(one):
    difference = one["difference"]
    low, high = difference["interval"]["low"], difference["interval"]["high"]
    values = one["values"]
    return [
        f"{values[COUNT]} nodes, {WAYS[values['variant']][0]}",
        "breaks the constraint"
        if one["outcome"] == "fails"
        else "meets it"
        if one["outcome"] == "meets"
        else "is dearer, and was not looked at further",
        paper.half_width(low, high, difference["mean"], 4, "+"),
        f"{100 * difference['relative']:+.1f}",
        difference["pairs"],
    ]


paper.say(
    paper.rows_of(
        ["instead of the answer", "constraint", "cost (USD in two hours)", "%", "pairs of runs"],
        [neighbour(one) for one in plan["neighbours"]],
    )
)

# %% [markdown]
# ## What a node is worth
#
# Each further node takes pods from ECI. What that saves stands against its price: a node that is paid for around the
# clock saves ECI's price only while its pods are needed. So beside a virtual node that bills by the second, nodes are
# bought for the calm, and for what the constraint wants.

# %%
prices = yaml.safe_load((paper.RESULTS / "ecs-base/curve/inputs/prices/cn-hangzhou-usd.yaml").read_text())
monthly = prices["spec"]["factors"]["subscription"]
ecs, virtual = points("cost.ecs", "strict"), points("cost.virtual", "strict")
node = ecs[1]["mean"] - ecs[0]["mean"]
saved = [less["mean"] - more["mean"] for less, more in zip(virtual, virtual[1:])]


def ordinal(count):
    return str(count) + {1: "st", 2: "nd", 3: "rd"}.get(count, "th")


figure, axes = plt.subplots(figsize=(6.5, 2.7))
axes.bar(counts[1:], saved, 0.55, color=paper.ECI)
for at, height in zip(counts[1:], saved):
    axes.text(at, height + 0.008, f"{height:.2f}", color=paper.ECI, ha="center")
for factor, words in (
    (1, "a node, pay as you go"),
    (monthly["factor"], f"a node by the month ({monthly['confidence']}: {monthly['factor']:g} of that)"),
):
    axes.axhline(node * factor, color=paper.ECS, linewidth=1, linestyle="-" if factor == 1 else (0, (4, 2)))
    axes.text(counts[-1] + 0.4, node * factor + 0.01, words, color=paper.ECS, ha="right")
axes.text(counts[1] - 0.27, saved[0] + 0.055, "ECI that the node saves", color=paper.ECI)
axes.set(
    xlabel="the node",
    ylabel="USD in two hours",
    xticks=counts[1:],
    xlim=(1.5, counts[-1] + 0.45),
    ylim=(0, node * 1.15),
)
axes.set_xticklabels(map(ordinal, counts[1:]))
paper.show(figure, "What each further node saves on ECI, against its price pay as you go and by the month.")

# %%
of_answer = saved[answer[COUNT] - counts[1]]
paper.say(
    f"A node costs {node:.2f} USD in two hours, and the {ordinal(answer[COUNT])} saves {of_answer:.2f} USD on ECI. It would "
    f"pay for itself at {100 * of_answer / node:.0f} % of the list price; here it is bought for the constraint."
)
