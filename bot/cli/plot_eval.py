"""Pictures of what `eval` found; see `bot.cli.plots`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OURS, THEIRS = "#2f5d8c", "#c9d3e0"


def slack_export(found: Mapping[str, Any], file: Path) -> None:
    """How far a confidence may be believed, and what speaking more often costs."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 4), layout="constrained")
    believed, risk = figure.subplots(1, 2)
    curves = found["speak"]["curves"]
    bins = curves["reliability"]
    end = max((max(one["said"], one["came"]) for one in bins), default=1.0) * 1.1
    believed.plot([0, end], [0, end], color=THEIRS, ls="--", label="as sure as right")
    believed.plot(
        [one["said"] for one in bins],
        [one["came"] for one in bins],
        "o-",
        color=OURS,
        label="picks",
    )
    believed.set(title="Confidence", xlabel="said", ylabel="came", xlim=(0, end), ylim=(0, end))
    believed.legend(frameon=False)
    risk.plot(*zip(*curves["risk"], strict=True), color=OURS)
    risk.set(
        title="Risk against coverage",
        xlabel="share of member-days, the surest first",
        ylabel="share that did not join",
        ylim=(0, 1),
    )
    figure.savefig(file, dpi=150)


def mind(found: Mapping[str, Any], file: Path) -> None:
    """What is gained over each baseline, metric by metric."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 4), layout="constrained")
    parts = figure.subplots(1, len(found["metrics"]), sharey=True)
    for axes, metric in zip(parts, found["metrics"], strict=True):
        _gains(axes, found["gains"], metric)
    figure.savefig(file, dpi=150)


def _gains(axes: Axes, gains: Mapping[str, Any], metric: str) -> None:
    told = {name: one[metric] for name, one in gains.items() if one[metric]["value"] is not None}
    values = [one["value"] for one in told.values()]
    low = [one["value"] - one["low"] for one in told.values()]
    high = [one["high"] - one["value"] for one in told.values()]
    names = [name.replace("_", " ") for name in told]
    axes.errorbar(values, names, xerr=[low, high], fmt="o", color=OURS, capsize=3)
    axes.axvline(0.0, color=THEIRS, ls="--")
    axes.set(title=metric, xlabel="gain")


def off_policy(told: Mapping[str, Any], file: Path) -> None:
    """What another policy would have come to, by each estimate, beside what was."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 3), layout="constrained")
    axes = figure.subplots()
    names = {"doubly_robust": "doubly robust", "snips": "SNIPS", "logged": "as it was"}
    known = {words: told[name] for name, words in names.items() if told[name]["value"] is not None}
    for words, one in known.items():
        reach = [[one["value"] - one["low"]], [one["high"] - one["value"]]]
        colour = THEIRS if words == "as it was" else OURS
        axes.errorbar([one["value"]], [words], xerr=reach, fmt="o", color=colour, capsize=3)
    axes.margins(y=0.3)
    title = f"Verdict: {told['verdict']}, {told['effective']:.0f} effective openers"
    axes.set(title=title, xlabel="worth of a decision")
    figure.savefig(file, dpi=150)
