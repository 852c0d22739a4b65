"""Pictures of results: what `--plot FILE` draws. Matplotlib is loaded when one is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bot.ports import BadInput

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from bot.rehearsal_findings import Findings

ENDINGS = (".png", ".svg", ".pdf")


def check_picture(file: Path) -> None:
    """Refuse a file that cannot be drawn, before the work and not after it. Raises BadInput."""
    if file.suffix.lower() not in ENDINGS:
        raise BadInput(f"--plot {file}: should end with one of {', '.join(ENDINGS)}")
    if not file.parent.is_dir():
        raise BadInput(f"--plot {file}: there is no folder {file.parent}. Make it first.")


def rehearsal(found: Findings, file: Path) -> None:
    """Openers by day, and how many went there by themselves among the surest of them."""
    # a figure of its own and not pyplot's: no display, nothing global
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 4), layout="constrained")
    days, sure = figure.subplots(1, 2)
    _by_day(days, found)
    _by_sureness(sure, found)
    figure.savefig(file, dpi=150)


def _by_day(axes: Axes, found: Findings) -> None:
    names = [f"{day.day:%m-%d}" for day in found.days]
    until = [day.begins for day in found.days[1:]]
    of = np.array([sum(at <= one.at for at in until) for one in found.openers], np.intp)
    went = np.array([one.went is True for one in found.openers], np.bool_)
    axes.bar(names, np.bincount(of, minlength=len(names)), color="#c9d3e0", label="said")
    axes.bar(names, np.bincount(of[went], minlength=len(names)), color="#2f5d8c", label="went")
    axes.set(title="What would have been said", ylabel="openers")
    axes.tick_params(axis="x", rotation=60)
    axes.legend(frameon=False)


def _by_sureness(axes: Axes, found: Findings) -> None:
    known = [one for one in found.choices if one.went is not None]
    order = np.argsort([-one.engages for one in known], kind="stable")
    stayed = np.array([not one.went for one in known], np.float64)[order]
    count = np.arange(1, len(known) + 1)
    axes.plot(count / max(1, len(known)), np.cumsum(stayed) / count, color="#2f5d8c")
    axes.set(
        title="Risk against coverage, of all picks",
        xlabel="share of picks, the surest first",
        ylabel="share that did not go there",
        ylim=(0, 1),
    )


def simulation(told: Mapping[str, Any], file: Path) -> None:
    """What `simulate` tells: the precision of each day and of the others, and what was said."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 4), layout="constrained")
    learned, said = figure.subplots(1, 2)
    days = [day for day in told["days"] if day["sent"]]
    at = [day["day"] for day in days]
    learned.plot(at, [day["precision"] for day in days], "o-", color="#2f5d8c", label="Overture")
    others = [(name, one) for name, one in told["baselines"].items() if one["precision"]]
    for place, (name, one) in enumerate(others):
        shown = f"{name.replace('_', ' ')}, last 14 days"
        learned.axhline(one["precision"], color=f"C{place + 1}", ls="--", lw=1, label=shown)
    learned.set(title="Taken up, of what was said", xlabel="day", ylabel="precision", ylim=(0, 1))
    learned.legend(frameon=False, fontsize=7)
    below = np.zeros(len(days))
    kinds = {"engaged": "#2f5d8c", "dismissed": "#c2603a", "opted_out": "#5b1a1a"}
    for kind, colour in kinds.items():
        count = np.array([day[kind] for day in days], np.float64)
        said.bar(at, count, bottom=below, color=colour, label=kind.replace("_", " "))
        below += count
    ignored = np.array([day["sent"] for day in days], np.float64) - below
    said.bar(at, ignored, bottom=below, color="#c9d3e0", label="ignored")
    title = f"World {told['world']}, {told['members']} members, seed {told['seed']}"
    said.set(title=title, xlabel="day", ylabel="openers")
    said.legend(frameon=False, fontsize=7)
    figure.savefig(file, dpi=150)
