"""How long somebody wants silence, from their words (English)."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.openers.when import read_end
from bot.policy import pauses

_NAMED = (
    ("today", re.compile(r"\b(?:today|tonight|(?:the )?rest of the day)\b", re.IGNORECASE)),
    ("week", re.compile(r"\b(?:a|one|this|the) week\b|\b(?:7|seven) days\b", re.IGNORECASE)),
)
_OPEN = re.compile(
    r"\b(?:until|till) (?:i|further notice)\b|\b(?:forever|indefinitely|for good)\b", re.IGNORECASE
)


def silence_meant(words: str, now: datetime, zone: ZoneInfo) -> tuple[str, datetime] | None:
    """(which of `bot.policy.pauses.PAUSES`, or "" for another length; until when).

    None where the words name no length.
    """
    name = next((name for name, pattern in _NAMED if pattern.search(words)), None)
    end = read_end(words, now, zone) if name is None else None
    if end is not None:
        return "", end
    if name is None and _OPEN.search(words):
        name = "open"
    return None if name is None else (name, pauses.until(name, now, zone))
