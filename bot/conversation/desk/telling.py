"""What is said of an act at the desk: what was done to which items, and how one stands now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bot.conversation.desk.screens import standing
from bot.curating.desk import Done
from bot.store.database import Unit
from bot.store.items import Items

UNDONE: Mapping[str, str] = {
    "approved": "the approval",
    "rejected": "the rejection",
    "edited": "what was changed",
    "expired": "the end",
    "pinned": "the pin",
    "unpinned": "that it is not pinned any more",
    "merged": "the merge",
    "kept_apart": "that it was kept apart",
    "added": "the addition",
}
"""what is taken back, by the act that is undone"""
SO_ALREADY = "It was so already."


def noted(what: str, done: Done) -> str:
    """An act on an item that is shown beside it."""
    if not done.items:
        return SO_ALREADY
    return f"{what}: {UNDONE[done.undoes]}." if done.undoes else f"{what}."


def told(what: str, unit: Unit, done: Done, now: datetime) -> str:
    """An act as a sentence; of a single item also how it stands: an approval may not be all."""
    rows = [row for row in (Items(unit).get(one) for one in done.items) if row is not None]
    if not rows:
        return SO_ALREADY
    of = f"{UNDONE[done.undoes]} of " if done.undoes else ""
    said = f"{what}: {of}{', '.join(f'“{row.title}”' for row in rows)}."
    state = standing(rows[0], now)
    stands = [f"Now: {state[:1].lower()}{state[1:]}."] if len(rows) == 1 else []
    return " ".join([said, *stands, *done.left_out])
