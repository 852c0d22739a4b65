"""Who is due today: whose slot is open, or opens again since something happened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.deciding.recommender import View
from bot.policy.facts import Limits
from bot.policy.purposes import OPENERS
from bot.store.consents import Consents
from bot.store.database import Unit
from bot.store.decisions import Chance, Days, Slots
from bot.store.live_pool import LivePool

RECONSIDERED = frozenset({"nothing_to_offer", "below_threshold", "not_worth_it"})
"""silences for want of something better: what is addressed to the member later may be that"""
HAPPENED_WITHIN = timedelta(days=1)


@dataclass(frozen=True)
class Person:
    """What decides whether a member's slot is open, and what tells cheaply that it is not."""

    zone: ZoneInfo
    limits: Limits
    invited: bool = True
    busy_until: datetime | None = None

    def works_on(self, local: datetime) -> bool:
        """Whether this local day has a slot that is not over yet."""
        if local.weekday() not in self.limits.weekdays:
            return False
        starts, ends = self.limits.day_starts, self.limits.day_ends
        return starts > ends or local.hour * 60 + local.minute < ends

    def has_begun(self, local: datetime) -> bool:
        """Whether the working day has begun."""
        return local.hour * 60 + local.minute >= self.limits.day_starts


@dataclass(frozen=True)
class Today:
    """The slots of the day, and what tells cheaply whether one of them opens again."""

    slots: Days
    agreed: frozenset[str]
    happened: Mapping[str, datetime] = field(default_factory=dict)
    """when something was last addressed to a member, of those of the last day"""
    begun: View | None = None
    """the view that the pass began with: its model decides, whatever is promoted meanwhile"""

    @classmethod
    def read(cls, unit: Unit, now: datetime) -> Today:
        slots = Slots(unit).around(now)
        unsure = any(slot.waits_for == "no_consent" for slot in slots.values())
        granted = Consents(unit).all_granted() if unsure else {}
        agreed = frozenset(m for m, purposes in granted.items() if OPENERS in purposes)
        return cls(slots, agreed, LivePool(unit).addressed(now - HAPPENED_WITHIN, now))

    def slot(self, member: str, person: Person, now: datetime) -> Chance | None:
        """The member's slot of their own day; None where it is not open yet."""
        return self.slots.get((member, now.astimezone(person.zone).date().isoformat()))

    def is_due(self, member: str, person: Person, now: datetime) -> bool:
        """Whether their slot is to be opened, or is open and its moment has come."""
        local = now.astimezone(person.zone)
        if not person.works_on(local):
            return False
        slot = self.slot(member, person, now)
        if slot is None or self.opens_again(member, slot):
            return True
        open_now = slot.state == "waiting" and slot.best_at <= now
        return open_now and self.has_passed(member, person, local, slot.waits_for)

    def opens_again(self, member: str, slot: Chance) -> bool:
        """Whether something was addressed to them after there was nothing to say."""
        silent = slot.state == "used" and slot.waits_for in RECONSIDERED
        happened = self.happened.get(member)
        return silent and happened is not None and slot.checked_at < happened

    def has_passed(self, member: str, person: Person, local: datetime, reason: str) -> bool:
        """Whether the rule that refused them would have nothing to say any more."""
        if reason == "no_consent":
            return member in self.agreed
        if reason == "not_on_pilot_list":
            return person.invited
        if reason == "busy":
            return person.busy_until is None or person.busy_until <= local
        return reason != "quiet_hours" or person.has_begun(local)
