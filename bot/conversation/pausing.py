"""How long somebody wants silence, from their words (English), and what is said to that."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.conversation.home import long_day
from bot.openers.when import read_end
from bot.policy import pauses

_NAMED = (
    ("today", re.compile(r"\b(?:today|tonight|(?:the )?rest of the day)\b", re.IGNORECASE)),
    ("week", re.compile(r"\b(?:a|one|this|the) week\b|\b(?:7|seven) days\b", re.IGNORECASE)),
)
_OPEN = re.compile(
    r"\b(?:until|till) (?:i|further notice)\b|\b(?:forever|indefinitely|for good)\b", re.IGNORECASE
)
ENDS = " `/overture resume` ends that sooner."


def pause_meant(words: str, now: datetime, zone: ZoneInfo) -> tuple[datetime, str] | None:
    """(until when, what is said to that); None where the words name no length."""
    name = next((name for name, pattern in _NAMED if pattern.search(words)), None)
    end = read_end(words, now, zone) if name is None else None
    if end is not None:
        here = end.astimezone(zone)
        today = here.date() == now.astimezone(zone).date()
        return end, f"I am silent until {f'{here:%H:%M}' if today else long_day(here)}." + ENDS
    if name is None and _OPEN.search(words):
        name = "open"
    return None if name is None else named(name, now, zone)


def named(name: str, now: datetime, zone: ZoneInfo) -> tuple[datetime, str]:
    """The same of one of `bot.policy.pauses.PAUSES`."""
    return pauses.until(name, now, zone), pauses.SAID[name] + ENDS
