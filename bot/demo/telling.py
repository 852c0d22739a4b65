"""What a night and a morning came to, in the words of somebody who was there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.learning.night import Trained
from bot.policy.words import in_words
from recsys.model import PRIOR_VERSION

OUTCOMES: Mapping[str, str] = {
    "followed_up": "asked for more",
    "replied": "answered",
    "accepted": "said yes",
    "saved": "saved it",
    "resolved": "said that it helped",
    "handed_off": "asked for a person",
    "dismissed": "said that it was not for them",
    "opted_out": "asked to be left alone",
    "ignored": "did not answer",
    "open": "may still answer",
}
"""what members did, said of one or of many; in the order in which it is told"""


def yesterday(summary: Mapping[str, Any]) -> str:
    """How many openers there were, and what became of them."""
    count, fates = summary["openers"], summary["outcomes"]
    if not count:
        return "Yesterday nobody was written to."
    told = [f"{fates[kind]} {words}" for kind, words in OUTCOMES.items() if fates.get(kind)]
    members = "member was" if count == 1 else "members were"
    return f"Yesterday {count} {members} written to: {', '.join(told)}."


def closed(count: int) -> str:
    """How many openers the night could learn from."""
    if not count:
        return "In the night no opener closed, so there was nothing new to learn from."
    them = "1 opener closed and was" if count == 1 else f"{count} openers closed and were"
    return f"In the night {them} learned from: what was not answered by then counts as ignored."


def verdict(trained: Trained) -> str:
    """What training came to, in plain words; the figures are in its record."""
    if trained.version is None:
        return f"No new model was made: {trained.result.reason}."
    before = trained.served_before
    former = "the rule of thumb it began with" if before == PRIOR_VERSION else f"{before} before it"
    judged = trained.result.metrics.get("judged_lessons")
    proof = f" on {judged} later openers" if judged else ""
    if not trained.result.promoted:
        return (
            f"A new model, {trained.version}, was made and not taken: judged{proof}, it did not"
            f" hold against {former}."
        )
    return (
        f"A new model, {trained.version}, serves from now on: judged{proof}, it foretells answers"
        f" {_compared(trained.result.metrics)} {former}."
    )


def fortnight(days: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What the days came to, beside the bot that never holds back."""
    sent, always = _together(days), _together([one["always"] for one in days if one["always"]])
    taken = sum(bool(one["promoted"]) for one in days)
    return {
        "headline": f"{len(days)} working day{'s' if len(days) != 1 else ''} later.",
        "lines": [
            f"{sent['openers']} openers: {_fate(sent)}.",
            f"A bot that always speaks would have sent the same members {always['openers']}:"
            f" {_fate(always)}.",
            f"{taken} of {len(days)} nights put a new model into service.",
        ],
        "days": list(days),
    }


def _together(days: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    names = ("openers", "engaged", "dismissed", "opted_out")
    return {name: sum(int(day[name]) for day in days) for name in names}


def _of(sums: Mapping[str, int]) -> str:
    if not sums["openers"]:
        return "none"
    return f"{sums['engaged']} ({sums['engaged'] / sums['openers']:.0%})"


def _fate(sums: Mapping[str, int]) -> str:
    left = sums["opted_out"] or "nobody"
    return f"{_of(sums)} taken up, {sums['dismissed']} turned down, {left} asked to be left alone"


def morning(summary: Mapping[str, Any]) -> list[str]:
    """Who was written to this morning, and why the others were not."""
    count = summary["openers"]
    silent = sorted(summary["silences"].items(), key=lambda one: (-one[1], one[0]))
    told = "; ".join(f"{in_words(reason)} ({times})" for reason, times in silent)
    written = "1 member is" if count == 1 else f"{count or 'no'} members are"
    lines = [f"This morning {written} written to."]
    if told:
        others = sum(times for _, times in silent)
        whom = "One is" if others == 1 else f"{others} are"
        lines.append(f"{whom} left in peace: {told}.")
    return lines


def _compared(metrics: Mapping[str, Any]) -> str:
    """Better, or no worse than: by the interval of the gain."""
    low = (metrics.get("gain") or {}).get("low")
    return "better than" if low is not None and low > 0 else "about as well as"
