# %% [markdown]
# # Why 80 against 20 does not fill ECS nodes first
#
# The documents of ACK's gateways prefer ECS nodes with a weight of 80 and virtual nodes with 20, and say that pods
# run on ECS while it has capacity. This notebook shows what kube-scheduler does with these weights, which of its
# plugins outvotes them, what that costs in a spike, and what cures it.
#
# **What is measured.** Placements are decisions of overspill's scheduler, which is held against attempts that were
# recorded from kube-scheduler v1.34.1 with the default profile. ACK does not publish its own profile.
# **What is modelled.** Traffic, start-up times and the HPA of the runs below; prices are those of a price list in the
# repository. `results/README.md` says which command made each table that is read here.

# %%
import json

import matplotlib.pyplot as plt
import polars as pl

import paper

LAYOUTS = {
    "no-labels": "no zone labels",
    "one-zone": "both nodes in one zone",
    "two-zones": "nodes in two zones",
}
placed = {name: paper.tree(f"eighty-twenty/{name}/schedule.json")["results"] for name in LAYOUTS}

# %% [markdown]
# ## The first pod elsewhere
#
# One ECS node, one virtual node, and a Deployment whose pods come one after the other. Nothing but zone labels
# differs.


# %%
def on_ecs(attempts):
    """How many pods are on the ECS node after each attempt."""
    counts = [0]
    for attempt in attempts:
        counts.append(counts[-1] + (attempt["chosen"] == "ecs-1"))
    return counts


def is_early(attempt):
    """Whether a pod went to the virtual node though the ECS node had room."""
    return attempt["chosen"] == "virtual-1" and "ecs-1" in attempt["feasible"]


def first_early(attempts):
    """The number, from 1, of the first early pod."""
    return next(number for number, attempt in enumerate(attempts, 1) if is_early(attempt))


room = max(max(on_ecs(attempts)) for attempts in placed.values())
pods = len(placed["no-labels"])
figure, axes = plt.subplots(figsize=(6.5, 3.4))
axes.plot([0, room, pods], [0, room, room], color=paper.QUIET, linestyle=(0, (4, 2)))
axes.text(13.2, 15.2, "as the documents say: ECS first", color=paper.QUIET, ha="right")
styles = {"no-labels": (paper.INK, "-"), "one-zone": (paper.ONE, "-"), "two-zones": (paper.OTHER, (0, (2, 1.2)))}
# Where the words stand, for all lines end in one point.
places = {"no-labels": (12.5, 2), "two-zones": (12.5, 3.6), "one-zone": (12.5, 5.2)}
for name, (colour, line) in styles.items():
    counts = on_ecs(placed[name])
    axes.plot(range(pods + 1), counts, color=colour, linestyle=line, drawstyle="steps-post")
    first = first_early(placed[name])
    axes.annotate(
        f"{LAYOUTS[name]}: pod {first} is the first elsewhere",
        (first, counts[first]),
        places[name],
        va="center",
        arrowprops={"arrowstyle": "-", "color": colour, "linewidth": 0.8, "shrinkB": 3},
    )
    axes.plot(first, counts[first], "o", color=colour, markerfacecolor="white", zorder=3)
axes.set(xlabel="pods created", ylabel="pods on the ECS node", xlim=(0, pods), ylim=(0, room + 0.7))
axes.set_xticks(range(0, pods + 1, 5))
axes.set_yticks(range(0, room + 1, 4))
paper.show(
    figure,
    "Pods on the ECS node against pods created, for three layouts of zone labels; circles mark the first early pod.",
)

# %%
paper.say(
    paper.rows_of(
        ["zone labels", "first pod on the virtual node", f"pods on ECS of the first {room}"],
        [[LAYOUTS[name], first_early(placed[name]), on_ecs(placed[name])[room]] for name in LAYOUTS],
    )
    + f"\n\nThe node has room for {room} pods. Circles mark the first pod that went elsewhere while there was room."
)

# %% [markdown]
# ## The plugin that outvotes the weights
#
# Each plugin gives each node a score between 0 and 100, which counts by the plugin's weight. Below is, pod by pod,
# what each plugin puts between the ECS node and the virtual node. NodeAffinity is the 80 against 20: constant, and in
# favour of ECS. PodTopologySpread is a default that no manifest shows: pods of a ReplicaSet or a Service are spread
# over hosts and zones, with a weight of 2, and the more siblings the ECS node has, the more it says against it. Where
# the sum is below zero, the pod goes to the virtual node, and where it is zero a draw decides.

# %%
PLUGINS = {"NodeAffinity": paper.ECS, "PodTopologySpread": paper.OUTVOTES, "others": paper.QUIET}


def lead(attempt):
    """By how many points the ECS node leads, plugin by plugin."""
    points = {plugin: by_node["ecs-1"][2] - by_node["virtual-1"][2] for plugin, by_node in attempt["scores"].items()}
    named = {plugin: points.pop(plugin) for plugin in PLUGINS if plugin != "others"}
    return named | {"others": sum(points.values())}


# Pods for which both nodes were possible; when the ECS node is full nobody votes.
contested = {name: [one for one in attempts if "ecs-1" in one["feasible"]] for name, attempts in placed.items()}
figure, panels = plt.subplots(1, 3, sharey=True, figsize=(6.5, 3.1))
for axes, (name, attempts) in zip(panels, contested.items()):
    bars = [lead(attempt) for attempt in attempts]
    numbers = range(1, len(bars) + 1)
    above, below = [0] * len(bars), [0] * len(bars)
    for plugin, colour in PLUGINS.items():
        heights = [bar[plugin] for bar in bars]
        bottoms = [up if height > 0 else down for height, up, down in zip(heights, above, below)]
        axes.bar(numbers, heights, 0.8, bottom=bottoms, color=colour)
        above = [up + max(height, 0) for height, up in zip(heights, above)]
        below = [down + min(height, 0) for height, down in zip(heights, below)]
    sums = [sum(bar.values()) for bar in bars]
    axes.plot(numbers, sums, color=paper.INK, linewidth=0.8)
    axes.plot(numbers, sums, "o", markersize=3, color=paper.INK)
    early = [(number, total) for number, total, one in zip(numbers, sums, attempts) if is_early(one)]
    axes.plot(*zip(*early), "o", markersize=4.2, color=paper.ECI, markeredgecolor="white", markeredgewidth=0.5)
    axes.axhline(0, color=paper.INK, linewidth=0.6)
    axes.set(title=LAYOUTS[name], xlim=(0.3, pods + 0.7), xticks=[1, 10, 20, 30])
panels[0].set(ylabel="points for ECS (+) or virtual node (−)", ylim=(-290, 190))
panels[1].set_xlabel("pod, in order of creation")
keys = [("NodeAffinity: 80 against 20", paper.ECS), ("PodTopologySpread", paper.OUTVOTES), ("all others", paper.QUIET)]
for height, (words, colour) in zip((-215, -245, -275), keys):
    panels[0].text(1, height, words, color=colour, fontweight="bold", fontsize=7.5)
panels[1].text(1, -245, "● sum: goes to ECS", fontsize=7.5)
panels[1].text(1, -275, "● sum: goes to the virtual node", color=paper.ECI, fontsize=7.5)
paper.show(
    figure,
    "Points between the ECS node and the virtual node by plugin, pod by pod, for three layouts of zone labels.",
    page_figure="early-overflow.svg",
)

# %%
first = first_early(placed["no-labels"])
at_first = lead(placed["no-labels"][first - 1])
early = [lead(attempt) for attempts in placed.values() for attempt in attempts if is_early(attempt)]
outvoted = [points for points in early if sum(points.values()) - points["PodTopologySpread"] > 0]
paper.say(
    f"Without zone labels pod {first} is the first elsewhere: NodeAffinity {at_first['NodeAffinity']:+}, "
    f"PodTopologySpread {at_first['PodTopologySpread']:+}, all others {at_first['others']:+}. Without "
    f"PodTopologySpread's points {len(outvoted)} of the {len(early)} pods that went to the virtual node while the ECS "
    "node had room would have stayed on it."
)

# %% [markdown]
# ## What it costs
#
# `scenarios/gateway-spike`: an ASM gateway on three ECS nodes and a virtual node through a tenfold spike, on its
# defaults and without the default spreading. The nodes are paid for in either case.


# %%
def changes(timeline):
    """The rows at which pods come or go, and the first and the last."""
    pods = pl.struct("pods_ecs", "pods_virtual")
    return timeline.filter((pods != pods.shift(1)).fill_null(True) | (pl.int_range(pl.len()) == pl.len() - 1))


figure, panels = plt.subplots(1, 2, sharey=True, figsize=(6.5, 2.9))
titles = {"base": "80 against 20", "no-spread": "without default spreading"}
for axes, (name, title) in zip(panels, titles.items()):
    timeline = changes(paper.table(f"eighty-twenty/{name}/timeline.csv"))
    minutes = (timeline["time_s"] / 60).to_list()
    ecs, virtual = timeline["pods_ecs"].to_list(), timeline["pods_virtual"].to_list()
    axes.stackplot(minutes, ecs, virtual, colors=[paper.ECS, paper.ECI], step="post", linewidth=0)
    axes.set(title=title, xlabel="time (min)", xlim=(0, max(minutes)), xticks=[0, 30, 60, 90, 120])
    if max(virtual) > 0:
        axes.text(45, max(ecs) + max(virtual) / 2, "ECI: early", color="white", ha="center", va="center")
    axes.text(45, max(ecs) / 2, "ECS", color="white", ha="center", va="center")
panels[0].set(ylabel="pods", ylim=(0, None))
paper.show(figure, "Pods on ECS and on ECI over two hours, with 80 against 20 and without default spreading.")

# %%
compared = paper.table("eighty-twenty/compare/compare.csv")
seeds = paper.table("eighty-twenty/compare/seeds.csv")["seed"].n_unique()
base = {
    name: paper.metric(compared, name, variant="base") for name in ("cost.total", "overflow.early", "overflow.full")
}
cure = paper.metric(compared, "cost.total", variant="no-spread")
paper.say(
    f"Over {seeds} seeds {base['overflow.early']['mean']:.1f} pods go to ECI early, and "
    f"{base['overflow.full']['mean']:.0f} because ECS is full. That costs {base['cost.total']['mean']:.2f} USD in two "
    f"hours; without the default spreading all pods find room on nodes that are paid for anyway, and it costs {cure['mean']:.2f} USD, "
    f"**{-100 * cure['diff'] / base['cost.total']['mean']:.0f} % less**."
)

# %% [markdown]
# ## What cures it
#
# Each variant meets the same arrivals and start-up times with the same seed, so differences are taken seed by seed.
# Whiskers are 95 % intervals of their means (Student's t); where none is to be seen, it is smaller than the point.

# %%
VARIANTS = {
    "no-spread": "no default spreading",
    "weight-100-to-1": "weights 100 and 1",
    "eci-first": "scale in ECI first",
    "one-ecs-node": "one ECS node",
    "five-ecs-nodes": "five ECS nodes",
}
rows = {name: paper.metric(compared, "cost.total", variant=name) for name in VARIANTS}
early = {name: paper.metric(compared, "overflow.early", variant=name) for name in VARIANTS}
figure, axes = plt.subplots(figsize=(6.5, 2.3))
for height, (name, row) in enumerate(reversed(rows.items())):
    colour = paper.ANSWER if row["diff_high"] < 0 else paper.ECI
    paper.whiskers(axes, [row["diff"]], [height], [row["diff_low"]], [row["diff_high"]], color=colour)
    axes.text(
        row["diff"], height + 0.28, f"{row['diff']:+.2f}".replace("-", "−"), color=colour, ha="center", fontsize=7.5
    )
axes.axvline(0, color=paper.INK, linewidth=0.6)
axes.set_yticks(range(len(rows)), [VARIANTS[name] for name in reversed(rows)])
axes.tick_params(axis="y", length=0)
axes.set(xlabel="difference in cost from 80 against 20 (USD in two hours)", ylim=(-0.5, len(rows) - 0.3))
paper.show(
    figure, "Paired differences in cost of five variants from the scenario with 80 against 20, with 95 % intervals."
)

# %%
# What is said below holds for these figures.
assert [name for name in rows if early[name]["mean"] == 0] == ["no-spread"]
assert all(rows[name]["diff_low"] > 0 for name in ("one-ecs-node", "five-ecs-nodes"))
paper.say(
    paper.rows_of(
        ["variant", "cost (USD)", "difference (USD)", "early pods"],
        [
            [
                VARIANTS[name],
                paper.half_width(row["low"], row["high"], row["mean"]),
                paper.half_width(row["diff_low"], row["diff_high"], row["diff"], sign="+"),
                paper.half_width(early[name]["low"], early[name]["high"], early[name]["mean"], 1),
            ]
            for name, row in rows.items()
        ],
    )
    + "\n\nThe strongest weights that the API takes do not end early overflow, more nodes do not pay for themselves, "
    "and fewer are dearer too; only without the default spreading is none of it left."
)

# %% [markdown]
# ## In which zones the nodes stand
#
# The same gateway with its three nodes in turn in the zones named; the virtual node is in zone *j*. Nothing else has
# changed, and zone labels alone decide how many pods are early, and so what that costs.

# %%
zones = paper.table("eighty-twenty/zones/points.csv")
AXIS = "pools.gateway.zones"
order = list(dict.fromkeys(zones[AXIS].to_list()))


def words(value):
    """A list of zones in words; without one nodes have no label."""
    if value == "null":
        return "no label"
    letters = [zone[-1] for zone in json.loads(value)]
    return ("zone " if len(letters) == 1 else "zones ") + ", ".join(letters)


figure, panels = plt.subplots(1, 2, sharey=True, figsize=(6.5, 2.5))
for axes, name, label in zip(panels, ("overflow.early", "cost.total"), ("early pods", "cost (USD in two hours)")):
    for variant, colour, shift in (("base", paper.ECI, -0.11), ("no-spread", paper.ANSWER, 0.11)):
        points = [paper.metric(zones, name, variant=variant, **{AXIS: value}) for value in order]
        low, high = [point["low"] for point in points], [point["high"] for point in points]
        heights = [place + shift for place in range(len(order))]
        paper.whiskers(axes, [point["mean"] for point in points], heights, low, high, color=colour)
    axes.set(xlabel=label)
    axes.grid(axis="y")
    axes.tick_params(axis="y", length=0)
panels[0].set_xlim(-1, None)
panels[0].set_yticks(range(len(order)), [words(value) for value in order])
panels[0].set_ylim(len(order) - 0.5, -0.9)
panels[1].annotate("no default spreading", (1.56, -0.55), color=paper.ANSWER, ha="left", va="center")
panels[0].annotate("80 against 20", (panels[0].get_xlim()[1], -0.55), color=paper.ECI, ha="right", va="center")
paper.show(
    figure, "Early pods and cost by the zones of the ECS nodes, with 80 against 20 and without default spreading."
)
