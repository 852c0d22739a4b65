"""A member's home tab: what they agreed to, their limits, and what was said lately and why."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.conversation.knowing import known
from bot.policy.pauses import OPEN_END
from bot.policy.purposes import OPENERS, PURPOSES
from bot.policy.rhythm import DAYS, MIDNIGHT, clock
from bot.policy.words import OUTCOMES
from bot.reading.standing import limits_of
from bot.reading.visibility import may_tell, why_not
from bot.settings import PolicySettings, RetentionSettings
from bot.store import tables
from bot.store.consents import Consents
from bot.store.database import Unit
from bot.store.items import Items
from bot.store.openers import Openers
from bot.store.outcomes import Outcomes
from bot.store.proposals import Proposals
from bot.store.shelf import Shelf
from bot.store.topics import Topics

MOST_SHELVED = 3
"""entries that are shown: a longer list asks for work"""
MOST_SAVED = 5
MOST_KEPT = 10
SAVED_FOR = timedelta(days=90)
STOPPED = (
    "An admin has silenced me for everybody here: I write to nobody and answer nothing until they"
    " end that. What you choose here counts all the same."
)
HALTED = (
    "I write to nobody here first at the moment, until an admin ends that. I answer you all the"
    " same."
)


@dataclass(frozen=True)
class Home:
    """Draws nothing: gives the content that a channel draws."""

    policy: PolicySettings
    zone: str
    """the workspace's"""
    retention: RetentionSettings = field(default_factory=RetentionSettings)

    def content(self, unit: Unit, member: tables.Member, now: datetime) -> dict[str, Any]:
        """What the home tab of this member says at `now`."""
        granted = Consents(unit).granted(member.id)
        follows, mutes = self._topics(unit, member)
        zone = self.zone_of(member)
        return {
            "name": (member.name.split() or [member.name])[0],
            "agreed": OPENERS in granted and member.left_at is None,
            "paused_until": paused(member, zone, now),
            "silenced": _silenced(unit.session.get_one(tables.Workspace, unit.workspace)),
            "purposes": self.purposes(granted),
            "limits": self.limits(member),
            "topics": {"follows": follows, "mutes": mutes},
            "shelf": [
                {"item": one.item_id, "title": item.title, "why": one.why}
                for one, item in self.shelf(unit, member, now)
            ],
            "saved": self._saved(unit, member, now, zone),
            "kept": [_kept(item, zone) for item in Proposals(unit).kept(member.id, now)][
                :MOST_KEPT
            ],
            "known": known(unit, member, now, zone),
            "recent": [self._recent(unit, opener, zone) for opener in self._last(unit, member)],
        }

    def zone_of(self, member: tables.Member) -> ZoneInfo:
        """The member's own zone, else the workspace's."""
        return ZoneInfo(member.zone or self.zone)

    def purposes(self, granted: Collection[str]) -> list[dict[str, Any]]:
        """Every purpose, what it is for, for how long it is kept, and whether it counts now."""
        return [
            {
                "purpose": purpose.name,
                "title": purpose.title,
                "sentence": purpose.sentence,
                "kept": purpose.kept(getattr(self.retention, purpose.name)),
                "granted": purpose.name in granted,
            }
            for purpose in PURPOSES
        ]

    def _topics(self, unit: Unit, member: tables.Member) -> tuple[list[str], list[str]]:
        choices = Topics(unit).choices(member.id)
        titles = Topics(unit).titles()
        follows, mutes = (
            sorted(titles.get(slug, slug) for slug in slugs)
            for slugs in (choices.follows, choices.mutes)
        )
        return follows, mutes

    def _saved(
        self, unit: Unit, member: tables.Member, now: datetime, zone: ZoneInfo
    ) -> list[dict[str, str]]:
        """What they put aside to come back to, as far as they may still be told of it."""
        found = []
        for opener, at in Openers(unit).saved(member.id, now - SAVED_FOR):
            item = Items(unit).get(opener.item_id)
            if item is not None and may_tell(unit, item, member):
                saved = f"Saved {_when(at.astimezone(zone))}"
                found.append({"opener": opener.id, "title": item.title, "when": saved})
        return found[:MOST_SAVED]

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
            "outcome": OUTCOMES[outcomes[-1].kind] if outcomes else "no answer yet",
        }

    def limits(self, member: tables.Member) -> str:
        """How often and when we write to this member, at most."""
        limits = limits_of(member, self.policy)
        place = (member.zone or self.zone).rpartition("/")[2].replace("_", " ")
        return (
            f"At most {_count(limits.daily_cap)} a day and {_count(limits.weekly_cap)} a week, "
            f"{_weekdays(limits.weekdays)}, {_until(limits.day_starts)} to"
            f" {_until(limits.day_ends)} ({place} time)."
        )


def _silenced(workspace: tables.Workspace) -> str:
    """Why nobody in the workspace is written to now; empty where they are."""
    if workspace.killed_at is not None:
        return STOPPED
    return HALTED if workspace.paused_at is not None else ""


def _kept(item: tables.Item, zone: ZoneInfo) -> dict[str, str]:
    at, until = item.not_before, item.expires_at
    when = f"I come back to it on {long_day(at.astimezone(zone))}" if at is not None else ""
    if at is None and until is not None:
        when = f"A goal of yours, until {long_day(until.astimezone(zone))}"
    return {"item": item.id, "title": item.title, "when": when}


def paused(member: tables.Member, zone: ZoneInfo, now: datetime) -> str | None:
    """Until when, in words; None where they are not."""
    until = member.paused_until
    if until is None or until <= now:
        return None
    return "you say so" if until >= OPEN_END else long_day(until.astimezone(zone))


def _count(number: int) -> str:
    words = ("none", "one", "two", "three", "four", "five", "six")
    return words[number] if number < len(words) else str(number)


def _weekdays(days: frozenset[int]) -> str:
    """Monday to Friday where days follow one another, else their names."""
    ordered = sorted(days)
    if len(ordered) > 2 and ordered[-1] - ordered[0] == len(ordered) - 1:
        return f"{DAYS[ordered[0]]} to {DAYS[ordered[-1]]}"
    return ", ".join(DAYS[day] for day in ordered) or "on no day"


def long_day(day: date) -> str:
    """Monday, 7 September."""
    return f"{day:%A}, {day.day} {day:%B}"


def _until(minutes: int) -> str:
    return "midnight" if minutes == MIDNIGHT else clock(minutes)


def _when(moment: datetime) -> str:
    return f"{moment:%a} {moment.day} {moment:%b}, {moment:%H:%M}"
