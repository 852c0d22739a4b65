"""How long a member may ask for silence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

OPEN_END = datetime(9000, 1, 1, tzinfo=UTC)
"""the end of a pause that only the member ends"""

PAUSES = (
    ("today", "Pause for today", "I am silent for the rest of today."),
    ("week", "Pause for a week", "I am silent for a week."),
    ("open", "Pause until I say so", "I am silent until you say so."),
)
"""name, label of its button, and what is said of it"""

SAID = {name: words for name, _, words in PAUSES}


def until(name: str, at: datetime, zone: ZoneInfo) -> datetime:
    """When a pause that begins at `at` is over, for somebody in `zone`; a week by default."""
    if name == "today":
        tomorrow = (at.astimezone(zone) + timedelta(days=1)).date()
        return datetime.combine(tomorrow, datetime.min.time(), zone).astimezone(UTC)
    return OPEN_END if name == "open" else at + timedelta(days=7)


def named(words: str) -> str | None:
    """The pause that words such as `today` or `until I say so` mean; None where they mean none."""
    said = " ".join(words.lower().split()).removeprefix("for ").removeprefix("a ")
    if said in ("", "week", "a week", "one week", "7 days"):
        return "week"
    if said in ("today", "the rest of today", "day", "a day"):
        return "today"
    ends = ("until i say so", "forever", "open", "indefinitely", "for good", "until further notice")
    return "open" if said in ends else None
