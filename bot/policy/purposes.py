"""Why something about a member may be used: the table that the welcome message shows.

A purpose counts only while the member's consent to it stands. `openers` is the permission to write
first at all; the others say what may be learned from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Purpose:
    """One use of what a member shows, in words for the member."""

    name: str
    title: str
    """as a label"""
    sentence: str
    days_kept: int
    """at most; the settings may shorten it"""

    def kept(self, days: int) -> str:
        """For how long, in words: see `bot/keeping/retention.py`."""
        return f"Kept for {days} {'day' if days == 1 else 'days'} at most."


OPENERS = "openers"
EXTERNAL_EVENTS = "external_events"
"""what others, or their tools, address to the member"""

PURPOSES: tuple[Purpose, ...] = (
    Purpose(
        OPENERS,
        "Writing to you first",
        "I may write to you first, and learn from how you answer me.",
        365,
    ),
    Purpose(
        "channel_messages",
        "Channel messages",
        "What you post in channels that I am in tells me what you care about.",
        180,
    ),
    Purpose("reactions", "Reactions", "Your emoji reactions there count as a nod.", 180),
    Purpose(
        "imported_history",
        "Imported history",
        "Older messages of yours that an admin imported count like new ones.",
        180,
    ),
    Purpose(
        EXTERNAL_EVENTS,
        "Tools of your team",
        "Events from tools that your team connects may prompt me.",
        90,
    ),
)

BY_NAME: Mapping[str, Purpose] = {purpose.name: purpose for purpose in PURPOSES}
NAMES: tuple[str, ...] = tuple(purpose.name for purpose in PURPOSES)
