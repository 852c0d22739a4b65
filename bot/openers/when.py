"""When a member means, from their words (English): "tomorrow", "next Tuesday", "in two days"."""

from __future__ import annotations

import calendar
import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.openers.steering import DAYS

_NUMBERS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6,
            "seven": 7, "eight": 8, "nine": 9, "ten": 10, "a couple of": 2, "a few": 3}  # fmt: skip
_MONTHS = {name.casefold(): n for n, name in enumerate(calendar.month_name) if name}
_MONTHS |= {name.casefold(): n for n, name in enumerate(calendar.month_abbr) if name}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_IN = re.compile(
    r"\bin (a couple of|a few|an?|one|two|three|four|five|six|seven|eight|nine|ten|\d{1,3})"
    r" (minute|hour|day|week|month)s?\b"
)
_ON_DAY = re.compile(rf"\b(next |this |coming )?({'|'.join(DAYS)})\b")
_NTH = r"(\d{1,2})(?:st|nd|rd|th)?"
_DATE = re.compile(rf"\b{_NTH}(?: of)? ({_MONTH})\b|\b({_MONTH}) {_NTH}\b")
_ISO = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
_AT = re.compile(r"\bat (\d{1,2})(?:[:.](\d{2}))? ?(am|pm)?\b")
_PARTS = {"morning": time(9), "noon": time(12), "lunch": time(13), "afternoon": time(14),
          "evening": time(17), "tonight": time(17)}  # fmt: skip
_UNIT = rf"(?:{'|'.join(_NUMBERS)}|\d{{1,3}}) (?:minute|hour|day|week|month)s?"
WHEN = (
    rf"(?:(?:on |by |next |this |coming )*(?:{'|'.join(DAYS)})(?: (?:{'|'.join(_PARTS)}))?"
    rf"|in {_UNIT}"
    rf"|(?:day after )?tomorrow(?: (?:{'|'.join(_PARTS)}))?|today|tonight|next (?:week|month)"
    r"|this (?:afternoon|evening)|in the (?:morning|afternoon|evening)|at noon|after lunch"
    rf"|(?:at |by |on )*(?:the )?end of (?:the|this) (?:week|month)|{_AT.pattern}"
    rf"|(?:on |by )?(?:the )?(?:{_DATE.pattern})|(?:on |by )?{_ISO.pattern})"
)
"""a wording of a moment, to be cut out of what else was said; holds groups"""
MORNING = time(9)
"""when a day begins that is named without a time"""
FURTHEST = timedelta(days=366)


def read_when(words: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    """The moment that the words name, later than `now`, at most a year away; None for none.

    A day without a time means its morning, in `zone`.
    """
    text = " ".join(words.casefold().replace("’", "'").split())
    here = now.astimezone(zone)
    if (soon := _soon(text, here)) is not None:
        return soon
    day = _day(text, here.date())
    at = _time(text)
    if day is None and at is None:
        return None
    moment = datetime.combine(day or here.date(), at or MORNING, zone)
    if moment <= here:
        if day is not None and day != here.date():
            return None
        moment += timedelta(days=1)
    return moment if moment - here <= FURTHEST else None


def read_end(words: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    """When something is over that lasts "for two weeks" or "until Monday"; None for no end."""
    text = " ".join(words.casefold().split())
    if match := re.search(rf"\bfor (?:the next |another )?({_UNIT})\b", text):
        return read_when(f"in {match[1]}", now, zone)
    match = re.search(r"\b(?:until|till) (.+)", text)
    return read_when(match[1], now, zone) if match else None


def _soon(text: str, here: datetime) -> datetime | None:
    """In so many minutes or hours."""
    match = _IN.search(text)
    if match is None or match[2] not in ("minute", "hour"):
        return None
    count = _NUMBERS.get(match[1]) or int(match[1])
    return here + timedelta(minutes=count) * (60 if match[2] == "hour" else 1)


def _day(text: str, today: date) -> date | None:
    if match := _IN.search(text):
        count = _NUMBERS.get(match[1]) or int(match[1])
        if match[2] == "month":
            return _months_later(today, count)
        return today + timedelta(days=count * (7 if match[2] == "week" else 1))
    if re.search(r"\bday after tomorrow\b", text):
        return today + timedelta(days=2)
    if re.search(r"\btomorrow\b", text):
        return today + timedelta(days=1)
    if re.search(r"\b(?:today|tonight|this (?:afternoon|evening))\b", text):
        return today
    return _named_day(text, today)


def _named_day(text: str, today: date) -> date | None:
    if match := _ISO.search(text):
        return _date(int(match[1]), int(match[2]), int(match[3]))
    if match := _DATE.search(text):
        month = _MONTHS[match[2] or match[3]]
        day = int(match[1] or match[4])
        found = _date(today.year, month, day)
        return _date(today.year + 1, month, day) if found is not None and found < today else found
    if match := _ON_DAY.search(text):
        ahead = (DAYS.index(match[2]) - today.weekday()) % 7 or 7
        # "next Tuesday" is that of next week
        if match[1] == "next " and ahead + today.weekday() < 7:
            ahead += 7
        return today + timedelta(days=ahead)
    if re.search(r"\bend of (?:the|this) month\b", text):
        last = calendar.monthrange(today.year, today.month)[1]
        return today.replace(day=last) if today.day < last else _months_later(today, 1)
    if re.search(r"\bend of (?:the|this) week\b", text):
        return today + timedelta(days=(4 - today.weekday()) % 7 or 7)
    if re.search(r"\bnext week\b", text):
        return today + timedelta(days=7 - today.weekday())
    return _months_later(today.replace(day=1), 1) if re.search(r"\bnext month\b", text) else None


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _time(text: str) -> time | None:
    if match := _AT.search(text):
        hour = int(match[1]) % 24
        if (match[3] == "pm" and hour < 12) or (match[3] is None and 1 <= hour <= 6):
            hour += 12
        minute = int(match[2] or 0)
        return time(hour % 24, minute) if minute < 60 else None
    return next((at for word, at in _PARTS.items() if re.search(rf"\b{word}\b", text)), None)
