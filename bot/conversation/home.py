"""A member's home tab: what they agreed to, their limits, and what was said lately and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.policy.purposes import OPENERS, PURPOSES
from bot.reading.standing import limits_of
from bot.reading.visibility import why_not
from bot.settings import PolicySettings
from bot.store import tables
from bot.store.consents import Consents
from bot.store.database import Unit
from bot.store.items import Items
from bot.store.openers import Openers
from bot.store.outcomes import Outcomes
from bot.store.shelf import Shelf
from bot.store.topics import Topics

MOST_SHELVED = 3
"""entries that are shown: a longer list asks for work"""
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True)
class Home:
    """Draws nothing: gives the content that a channel draws."""

    policy: PolicySettings
    zone: str
    """the workspace's"""

    def content(self, unit: Unit, member: tables.Member, now: datetime) -> dict[str, Any]:
        """What the home tab of this member says at `now`."""
        granted = Consents(unit).granted(member.id)
        choices = Topics(unit).choices(member.id)
        titles = {topic.slug: topic.title for topic in Topics(unit).list()}
        zone = ZoneInfo(member.zone or self.zone)
        paused = member.paused_until if member.paused_until and member.paused_until > now else None
        return {
            "name": (member.name.split() or [member.name])[0],
            "agreed": OPENERS in granted and member.left_at is None,
            "paused_until": None if paused is None else long_day(paused.astimezone(zone)),
            "purposes": [
                {
                    "purpose": purpose.name,
                    "sentence": purpose.told,
                    "granted": purpose.name in granted,
                }
                for purpose in PURPOSES
            ],
            "limits": self.limits(member),
            "topics": {
                "follows": sorted(titles.get(slug, slug) for slug in choices.follows),
                "mutes": sorted(titles.get(slug, slug) for slug in choices.mutes),
            },
            "shelf": [
                {"item": one.item_id, "title": item.title, "why": one.why}
                for one, item in self.shelf(unit, member, now)
            ],
            "recent": [self._recent(unit, opener, zone) for opener in self._last(unit, member)],
        }

    def shelf(
        self, unit: Unit, member: tables.Member, now: datetime
    ) -> list[tuple[tables.Shelved, tables.Item]]:
        """What waits for this member, the newest first, as far as they may still be told of it."""
        workspace = unit.session.get_one(tables.Workspace, unit.workspace)
        silent = workspace.killed_at or workspace.paused_at or member.left_at
        if silent or OPENERS not in Consents(unit).granted(member.id):
            return []
        told = Openers(unit).about(member.id)
        found = []
        for one in Shelf(unit).lying(member.id, now):
            item = Items(unit).get(one.item_id)
            may = one.item_id not in told and why_not(unit, item, member, now) is None
            if item is not None and may:
                found.append((one, item))
        return found[:MOST_SHELVED]

    def _last(self, unit: Unit, member: tables.Member) -> list[tables.Opener]:
        return list(Openers(unit).recent(member.id, 5))

    def _recent(self, unit: Unit, opener: tables.Opener, zone: ZoneInfo) -> dict[str, str]:
        outcomes = Outcomes(unit).of(opener.id)
        when = opener.sent_at or opener.created_at
        return {
            "text": opener.text,
            "why": opener.why,
            "when": _when(when.astimezone(zone)),
            "outcome": WORDS[outcomes[-1].kind] if outcomes else "no answer yet",
        }

    def limits(self, member: tables.Member) -> str:
        """How often and when we write to this member, at most."""
        limits = limits_of(member, self.policy)
        place = (member.zone or self.zone).rpartition("/")[2].replace("_", " ")
        return (
            f"At most {_count(limits.daily_cap)} a day and {_count(limits.weekly_cap)} a week, "
            f"{_weekdays(limits.weekdays)}, {_clock(limits.day_starts)} to"
            f" {_clock(limits.day_ends)} ({place} time)."
        )


def _count(number: int) -> str:
    words = ("none", "one", "two", "three", "four", "five", "six")
    return words[number] if number < len(words) else str(number)


def _weekdays(days: frozenset[int]) -> str:
    """Monday to Friday where days follow one another, else their names."""
    ordered = sorted(days)
    if len(ordered) > 2 and ordered[-1] - ordered[0] == len(ordered) - 1:
        return f"{_DAYS[ordered[0]]} to {_DAYS[ordered[-1]]}"
    return ", ".join(_DAYS[day] for day in ordered) or "on no day"


def long_day(day: date) -> str:
    """Monday, 7 September."""
    return f"{day:%A}, {day.day} {day:%B}"


def _when(moment: datetime) -> str:
    return f"{moment:%a} {moment.day} {moment:%b}, {moment:%H:%M}"


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


WORDS = {
    "followed_up": "you asked for more",
    "replied": "you replied",
    "accepted": "you accepted",
    "saved": "you saved it",
    "resolved": "you said it helped",
    "dismissed": "not for you",
    "ignored": "no answer",
    "opted_out": "you asked me to stop",
    "handed_off": "you asked for a person",
}
"""Outcomes in words for the member."""


def choices(unit: Unit, member: str) -> dict[str, Any]:
    """What a member may tick in the modal: purposes and topics, with what holds now."""
    granted = Consents(unit).granted(member)
    follows = Topics(unit).choices(member).follows
    return {
        "purposes": [
            {"purpose": p.name, "sentence": p.sentence, "granted": p.name in granted}
            for p in PURPOSES
        ],
        "topics": [
            {"slug": t.slug, "title": t.title, "follow": t.slug in follows}
            for t in Topics(unit).list()
        ],
    }
