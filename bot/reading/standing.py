"""Reads where a member stands: consent, limits, what they got lately. Needs no recommender."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

from bot.calendar import holiday
from bot.policy.facts import Limits, Standing, WrittenRule
from bot.policy.purposes import NAMES
from bot.ports import Refused
from bot.settings import PolicySettings
from bot.store import tables
from bot.store.consents import Consents
from bot.store.database import Unit
from bot.store.members import Wishes
from bot.store.openers import Openers, Told
from bot.store.rules import AdminRules

WEEK = timedelta(days=7)
WEARY = timedelta(days=14)
"""how long a dismissal is felt"""
LOOK_BACK = timedelta(days=28)
UNWELCOME = frozenset({"dismissed", "ignored", "opted_out"})


class Standings:
    """Reads the standing of one member; `assume_consent` is for rehearsals that send nothing."""

    def __init__(self, policy: PolicySettings, *, assume_consent: bool = False) -> None:
        self._policy = policy
        self._assume_consent = assume_consent

    def read(
        self, unit: Unit, member: str, now: datetime, *, leaving_out: str | None = None
    ) -> Standing:
        """The standing as of `now`; an opener that is `leaving_out` does not count for caps.

        Raises Refused for a member who does not exist.
        """
        person = unit.session.get(tables.Member, (unit.workspace, member))
        if person is None:
            raise Refused(f"there is no member {member!r} in workspace {unit.workspace!r}")
        workspace = unit.session.get_one(tables.Workspace, unit.workspace)
        local = now.astimezone(ZoneInfo(person.zone or workspace.zone))
        limits = limits_of(person, self._policy)
        back = max(
            LOOK_BACK, timedelta(hours=max(limits.cooldown_hours, limits.cooldown_most_hours))
        )
        told = Openers(unit).lately(member, now - back, leaving_out)
        moments = [one.at for one in told if one.at >= now - WEEK]
        country = person.country or workspace.country or self._policy.country
        return Standing(
            workspace=unit.workspace,
            member=member,
            first_name=person.name.split()[0] if person.name.split() else person.name,
            now=now,
            local=local,
            killed=workspace.killed_at is not None,
            installed=workspace.uninstalled_at is None,
            is_person=not (person.is_bot or person.is_guest or person.is_stranger),
            deactivated=person.deactivated_at is not None,
            left=person.left_at is not None,
            paused_until=person.paused_until,
            purposes=self._purposes(unit, member),
            invited=self.invites(person),
            limits=limits,
            sent_today=sum(m.astimezone(local.tzinfo).date() == local.date() for m in moments),
            sent_week=len(moments),
            last_sent_at=told[-1].at if told else None,
            busy=person.busy_until is not None and now < person.busy_until,
            team=person.team,
            country=country,
            holiday=holiday(country, local.date()),
            workspace_paused=workspace.paused_at is not None,
            unwelcome=unwelcome(told),
            weariness=weariness([one for one in told if one.at >= now - WEARY]),
            rules=tuple(
                WrittenRule(rule.name, rule.version, rule.expression)
                for rule in AdminRules(unit).are_on()
            ),
        )

    def _purposes(self, unit: Unit, member: str) -> frozenset[str]:
        return frozenset(NAMES) if self._assume_consent else Consents(unit).granted(member)

    def invites(self, person: tables.Member | Wishes) -> bool:
        """Whether they are on the pilot list, came by themselves, or all are welcome."""
        return (
            self._assume_consent
            or not self._policy.pilot_only
            or person.pilot
            or person.came_at is not None
            or person.id in self._policy.pilot
        )


def unwelcome(told: Sequence[Told]) -> int:
    """How many openers in a row, up to the last that is decided, were ignored or dismissed."""
    decided = [one.outcome for one in told if one.outcome]
    return sum(1 for _ in takewhile(lambda outcome: outcome in UNWELCOME, reversed(decided)))


def weariness(told: Sequence[Told]) -> float:
    """Two for each opener dismissed, one for each ignored, one less for each taken up."""
    weights = {"dismissed": 2.0, "opted_out": 2.0, "ignored": 1.0, "": 0.0}
    return max(0.0, sum(weights.get(one.outcome, -1.0) for one in told))


def limits_of(person: tables.Member | Wishes, policy: PolicySettings) -> Limits:
    """A member's own wishes where they have any, else the workspace's defaults."""
    own_days = person.weekdays if person.weekdays is not None else policy.weekdays
    return Limits(
        daily_cap=policy.daily_cap if person.daily_cap is None else person.daily_cap,
        weekly_cap=policy.weekly_cap if person.weekly_cap is None else person.weekly_cap,
        day_starts=minutes(policy.day_starts) if person.day_starts is None else person.day_starts,
        day_ends=minutes(policy.day_ends) if person.day_ends is None else person.day_ends,
        weekdays=frozenset(int(day) for day in own_days),
        cooldown_hours=policy.cooldown_hours,
        slot_hours=policy.slot_hours,
        cooldown_most_hours=policy.cooldown_most_hours,
        fatigue=policy.fatigue,
    )


def minutes(time_of_day: str) -> int:
    """Minutes after midnight of a time such as 09:30."""
    hours, _, rest = time_of_day.partition(":")
    return int(hours) * 60 + int(rest)
