"""Pictures of results: what `--plot FILE` draws. Matplotlib is loaded when one is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

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
