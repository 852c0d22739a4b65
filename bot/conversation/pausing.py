"""What is said to somebody who wants silence, and until when it lasts."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.conversation.home import long_day
from bot.policy import pauses
from bot.reading.silence import silence_meant

ENDS = " `/overture resume` ends that sooner."


def pause_meant(words: str, now: datetime, zone: ZoneInfo) -> tuple[datetime, str] | None:
    """(until when, what is said to that); None where the words name no length."""
    meant = silence_meant(words, now, zone)
    if meant is None or meant[0]:
        return None if meant is None else named(meant[0], now, zone)
    end = meant[1]
    here = end.astimezone(zone)
    today = here.date() == now.astimezone(zone).date()
    return end, f"I am silent until {f'{here:%H:%M}' if today else long_day(here)}." + ENDS


def named(name: str, now: datetime, zone: ZoneInfo) -> tuple[datetime, str]:
    """The same of one of `bot.policy.pauses.PAUSES`."""
    return pauses.until(name, now, zone), pauses.SAID[name] + ENDS
