"""The model card of a version: what its manifest says, in words, and what it is not for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from recsys.labels import HISTORY
from recsys.model import Manifest

LIMITS = (
    "It knows the members, topics and habits of the workspace it learned from, and of no other.",
    "Its labels come from openers that an earlier policy chose to send: about what was never "
    "offered, it knows little more than the prior does.",
    "Silence counts as a weak no, though it may mean that nobody looked.",
    "P(opts out) rests on few cases; below 200 of them it is a smoothed rate, not a prediction.",
)
OF_HISTORY = (
    "It learned from threads that people joined by themselves, not from openers: it says what "
    "they turn to, not what they are glad to be told. Its level is the prior's, not measured."
)
NOT_FOR = (
    "to judge, compare or rank people, or their work",
    "to decide anything about a member but whether to offer them an item, and which",
    "for another workspace, without training and judging it there",
    "to speak without the rules of the policy: it knows nothing of consent or quiet hours",
)


def card(manifest: Manifest) -> str:
    """Markdown; everything in it follows from the manifest."""
    first, last = (_day(moment) for moment in manifest.window)
    counts = ", ".join(f"{count} {name}" for name, count in sorted(manifest.counts.items()))
    lines = [
        f"# Model {manifest.version}",
        "",
        f"Made {_day(manifest.created)}; {manifest.verdict}: {manifest.reason}.",
        "",
        "It predicts, for a member, an item and a moment, P(engages), P(dismisses) and "
        "P(opts out) of an opener.",
        "",
        "## Data",
        "",
        f"- origin of the labels: {manifest.origin}",
        f"- window: {first} to {last}",
        f"- counts: {counts}",
        f"- fingerprint: `{manifest.data}`",
        "",
        "## Recipe",
        "",
        f"- recipe: `{manifest.recipe}`, seed {manifest.seed}",
        f"- features: schema `{manifest.schema}`",
        "- earliest 60 % of the lessons fitted, next 15 % stopped, chose and calibrated, "
        "last 25 % judged",
        *_ordering(manifest.metrics.get("ordering", {})),
        "",
        "## Metrics on the later window",
        "",
        *_metrics(manifest.metrics),
        "",
        "## Limits",
        "",
        *(f"- {limit}" for limit in _limits(manifest)),
        "",
        "## Not to be used",
        "",
        *(f"- {use}" for use in NOT_FOR),
        "",
    ]
    return "\n".join(lines)


def _ordering(told: Mapping[str, Any]) -> list[str]:
    if not told:
        return []
    by = ", ".join(f"{way} {_shown(value)}" for way, value in told["choice"].items())
    return [f"- slates are ordered by {told['objective']}; {told['chosen_by']} of each way: {by}"]


def _limits(manifest: Manifest) -> tuple[str, ...]:
    few = (
        f"{manifest.metrics['judged_lessons']} lessons judged it: see the interval of the gain."
        if "judged_lessons" in manifest.metrics
        else "No later lessons judged it."
    )
    return (few, *((OF_HISTORY,) if manifest.origin == HISTORY else ()), *LIMITS)


def _metrics(metrics: Mapping[str, Any]) -> list[str]:
    ours, theirs = metrics.get("candidate", {}), metrics.get("serving", {})
    if not ours:
        return ["None: it was not judged."]
    lines = ["| metric | this model | what it had to beat |", "| --- | --- | --- |"]
    lines += [
        f"| {name} | {_shown(ours[name])} | {_shown(theirs.get(name))} |" for name in sorted(ours)
    ]
    gain = metrics.get("gain")
    if gain:
        interval = f"{_shown(gain['low'])} to {_shown(gain['high'])}"
        lines += ["", f"Gain in log loss: {_shown(gain['value'])} ({interval}, 95 %)."]
    return lines


def _shown(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"


def _day(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(sep=" ", timespec="minutes")
