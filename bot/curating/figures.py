"""What became of an item: how many were shown it, took it up or turned it down, and why."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from bot.curating.counting import people
from bot.store.database import Unit
from bot.store.desk import DeskItems

ENGAGED = frozenset({"followed_up", "replied", "accepted", "saved", "resolved"})
REASONS = {
    "topic": "not their topic",
    "timing": "the wrong moment",
    "frequency": "too often",
    "facts": "wrong facts",
}
_UNSAID = "without a reason"


@dataclass(frozen=True, slots=True)
class Figures:
    """Numbers of members, in words."""

    shown: str
    engaged: str
    dismissed: str
    why: tuple[str, ...]
    """why they turned it down, the most frequent first"""

    def sentence(self) -> str:
        if self.shown == "nobody":
            return "Shown to nobody yet."
        why = f" ({'; '.join(self.why)})" if self.why else ""
        told = f"Shown to {self.shown}. Taken up by {self.engaged}."
        return f"{told} Turned down by {self.dismissed}{why}."


def figures(unit: Unit, item: str) -> Figures:
    """The figures of one item."""
    desk = DeskItems(unit)
    engaged, dismissed = set(), set()
    reasons: dict[str, set[str]] = defaultdict(set)
    for member, kind, reason in desk.outcomes(item):
        if kind in ENGAGED:
            engaged.add(member)
        elif kind == "dismissed":
            dismissed.add(member)
            reasons[REASONS.get(reason, _UNSAID)].add(member)
    ordered = sorted(reasons.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    return Figures(
        shown=people(len(desk.openers(item))),
        engaged=people(len(engaged)),
        dismissed=people(len(dismissed)),
        why=tuple(f"{reason}: {people(len(who))}" for reason, who in ordered),
    )
