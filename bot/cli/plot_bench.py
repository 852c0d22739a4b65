"""The picture of a bench: how the ratio and the cost of a member follow the pool's size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any


def ratio_by_size(told: Sequence[Mapping[str, Any]], file: Path) -> None:
    """Draw `bench pipeline` at several sizes."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 4), layout="constrained")
    ratio, cost = figure.subplots(1, 2)
    sizes = [one["items"] for one in told]
    ratio.plot(sizes, [one["ratio"] for one in told], marker="o", color="#2f5d8c")
    ratio.axhline(0.9, linestyle=":", color="grey")
    ratio.set(xscale="log", ylim=(0, 1.4), xlabel="items", title="Pipeline by its bare calls")
    spent = [1e3 / one["pipeline_members_per_s"] for one in told]
    cost.plot(sizes, spent, marker="o", color="#2f5d8c")
    cost.set(xscale="log", xlabel="items", title="Milliseconds a member")
    cost.set_ylim(bottom=0)
    figure.savefig(file, dpi=150)


def rate_by_flight(told: Mapping[str, Any], file: Path) -> None:
    """Draw `bench delivery`: openers a second beside what latency alone allows."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.subplots()
    numbers = [int(number) for number in told["in_flight"]]
    allowed = [one["allowed_per_s"] for one in told["in_flight"].values()]
    axes.plot(numbers, allowed, linestyle=":", color="grey", label="latency alone")
    for kind, label, colour in (
        ("in_flight", "all answered", "#2f5d8c"),
        ("failing", f"{told['failing_percent']} % failing", "#c0504d"),
    ):
        rates = [one["per_s"] for one in told[kind].values()]
        axes.plot(numbers, rates, marker="o", color=colour, label=label)
    axes.set(xscale="log", yscale="log", xlabel="in flight", ylabel="openers a second")
    axes.legend(frameon=False)
    figure.savefig(file, dpi=150)
