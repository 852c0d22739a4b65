"""One turn of ours: what to say, what the member's words meant, and what stands under it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.openers.brief import About
from bot.store import tables
from bot.store.database import Unit
from recsys.types import OutcomeKind


@dataclass(frozen=True)
class Reply:
    """What to say, and what the member's words meant."""

    text: str
    intent: str = ""
    outcome: OutcomeKind | None = None
    reason: str = ""
    prompt: str = ""
    language_model: str = ""
    buttons: tuple[tuple[str, str], ...] = ()
    source: About | None = None
    """the item that the words are from, to be shown under them"""

    def content(self, thread: str, opener: str | None) -> dict[str, Any]:
        """What a channel draws of it, in this thread, about this opener."""
        content: dict[str, Any] = {"text": self.text, "thread": thread}
        if self.buttons:
            content |= {"buttons": [list(pair) for pair in self.buttons]}
        if opener is not None:
            content |= {"opener": opener}
        if self.source is not None:
            content |= {"source": self.source.title, "url": self.source.url, "rates": True}
        return content


def told(about: About) -> str:
    """The item itself, in its own words."""
    parts = (about.summary, about.text) if about.text else (about.summary or about.title,)
    return "\n\n".join(part for part in parts if part)


def whole(about: About, opener: str, buttons: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """What a channel draws of an item that somebody opened from a list: outside of any thread."""
    content = Reply(told(about), buttons=tuple(buttons), source=about).content("", opener)
    del content["thread"]
    return content


Make = Callable[[Unit, tables.Member], Reply]
"""What we say to a member, where that is found in the transaction that writes it."""

MEANINGS: Mapping[str, tuple[OutcomeKind, str]] = {
    "yes": (OutcomeKind.ACCEPTED, ""),
    "no": (OutcomeKind.DISMISSED, ""),
    "later": (OutcomeKind.DISMISSED, "timing"),
    "pause": (OutcomeKind.DISMISSED, "frequency"),
    "stop": (OutcomeKind.OPTED_OUT, ""),
    "person": (OutcomeKind.HANDED_OFF, ""),
    "thanks": (OutcomeKind.RESOLVED, ""),
    "save": (OutcomeKind.SAVED, ""),
}
"""Intents that are outcomes of their own; any other words are a reply."""
