"""How often and when a member wants to hear from us, as they say it in a form; read and checked.

A form gives text: a time as ``09:30``, a day as ``0`` (Monday) to ``6``. What is wrong is told for
each field by its name, so that the form can show it where it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
DAILY = (1, 2, 3)
WEEKLY = (1, 2, 3, 5, 7, 10)
COUNTS = range(1, 100)
"""what may hold beside what the form offers: four a week, said in words, or a workspace's own"""
MIDNIGHT = 24 * 60


@dataclass(frozen=True, slots=True)
class Rhythm:
    """A member's own limits."""

    daily_cap: int
    weekly_cap: int
    day_starts: int
    """minutes after local midnight"""
    day_ends: int
    weekdays: str
    """digits, 0 is Monday"""
    zone: str
    """IANA name"""


def problems(values: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with a form, by field; empty where `rhythm_of` can read it."""
    wrong = {}
    if not _digits(values.get("days")):
        wrong["days"] = "Choose at least one day. To hear nothing at all, pause me instead."
    starts, ends = _minutes(values.get("starts")), _end(values.get("ends"))
    if starts is None:
        wrong["starts"] = "Choose a time, such as 09:00."
    if ends is None:
        wrong["ends"] = "Choose a time, such as 18:00."
    elif starts is not None and starts >= ends:
        wrong["ends"] = f"Choose a time after {values['starts']}, when the day starts."
    daily, weekly = _number(values.get("daily")) or 0, _number(values.get("weekly")) or 0
    if daily not in COUNTS:
        wrong["daily"] = "Choose how many a day."
    if weekly not in COUNTS:
        wrong["weekly"] = "Choose how many a week."
    elif daily in COUNTS and weekly < daily:
        wrong["weekly"] = f"Choose at least {daily}: a week cannot have fewer than one of its days."
    if not is_zone(values.get("zone")):
        wrong["zone"] = "Choose a time zone from the list."
    return wrong


def rhythm_of(values: Mapping[str, Any]) -> Rhythm:
    """What a form says. Raises ValueError where it has problems."""
    wrong = problems(values)
    starts, ends = _minutes(values.get("starts")), _end(values.get("ends"))
    daily, weekly = _number(values.get("daily")), _number(values.get("weekly"))
    if wrong or starts is None or ends is None or daily is None or weekly is None:
        raise ValueError(f"a form with problems: {sorted(wrong)}")
    days = "".join(sorted(_digits(values["days"])))
    return Rhythm(daily, weekly, starts, ends, days, str(values["zone"]))


def clock(minutes: int) -> str:
    """09:30, for 570 minutes after midnight; the midnight at a day's end is 00:00 again."""
    return f"{minutes // 60 % 24:02d}:{minutes % 60:02d}"


def is_zone(name: object) -> bool:
    """Whether this machine knows a time zone of this name."""
    try:
        return isinstance(name, str) and bool(name) and ZoneInfo(name) is not None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False


def _digits(days: object) -> set[str]:
    return {d for d in days if d in set("0123456")} if isinstance(days, list | tuple) else set()


def _end(value: object) -> int | None:
    """A day that ends at 00:00 ends at midnight."""
    minutes = _minutes(value)
    return MIDNIGHT if minutes == 0 else minutes


def _minutes(value: object) -> int | None:
    hours, colon, minutes = str(value or "").partition(":")
    if not (colon and hours.isdecimal() and minutes.isdecimal()):
        return None
    found = int(hours) * 60 + int(minutes)
    return found if int(minutes) < 60 and found < MIDNIGHT else None


def _number(value: object) -> int | None:
    return int(str(value)) if str(value).isdecimal() else None
