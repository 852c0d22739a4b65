"""Gathers what the rules and the recommender may know of one member at one moment.

All reading for a decision happens here; rules and stages below only read what they are given.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from bot.ids import seed_of
from bot.memory import with_choices
from bot.openers.styles import STYLES
from bot.policy.facts import Facts, Limits
from bot.policy.purposes import NAMES
from bot.ports import Refused
from bot.recommender import Recommender
from bot.settings import PolicySettings, RecommenderSettings
from bot.store import tables
from bot.store.channels import Channels
from bot.store.consents import Consents
from bot.store.database import Store, Unit
from bot.store.decisions import Decisions
from bot.store.openers import Openers
from recsys.state import as_of
from recsys.types import ChannelId, MemberId, Query, Topic

WEEK = timedelta(days=7)


class FactsReader:
    """Reads the facts of one member; `assume_consent` is for rehearsals that send nothing."""

    def __init__(
        self,
        store: Store,
        workspace: str,
        recommender: Recommender,
        policy: PolicySettings,
        settings: RecommenderSettings,
        *,
        assume_consent: bool = False,
    ) -> None:
        self._store = store
        self._workspace = workspace
        self._recommender = recommender
        self._policy = policy
        self._settings = settings
        self._assume_consent = assume_consent

    def gather(self, member: str, now: datetime) -> Facts:
        """The facts as of `now`. Raises Refused for a member who does not exist."""
        with self._store.reading(self._workspace) as unit:
            return self.within(unit, member, now)

    def within(self, unit: Unit, member: str, now: datetime) -> Facts:
        """The same inside a transaction: what `enqueue` checks again under the member's lock."""
        person = unit.session.get(tables.Member, (self._workspace, member))
        workspace = unit.session.get_one(tables.Workspace, self._workspace)
        if person is None:
            raise Refused(f"there is no member {member!r} in workspace {self._workspace!r}")
        zone = person.zone or workspace.zone
        local = now.astimezone(ZoneInfo(zone))
        moments = Openers(unit).moments(member, now - WEEK)
        seed = seed_of(self._settings.seed, self._workspace, member, local.date())
        return Facts(
            workspace=self._workspace,
            member=member,
            first_name=person.name.split()[0] if person.name.split() else person.name,
            now=now,
            local=local,
            killed=workspace.killed_at is not None,
            is_person=not (person.is_bot or person.is_guest or person.is_stranger),
            deactivated=person.deactivated_at is not None,
            left=person.left_at is not None,
            paused_until=person.paused_until,
            purposes=self._purposes(unit, member),
            invited=self._invited(person),
            limits=limits_of(person, self._policy),
            sent_today=sum(m.astimezone(local.tzinfo).date() == local.date() for m in moments),
            sent_week=len(moments),
            last_sent_at=max(moments, default=None),
            explored_today=Decisions(unit).explored(_utc_midnight(now)),
            seed=seed,
            query=self._query(unit, person, zone, now, seed),
        )

    def _purposes(self, unit: Unit, member: str) -> frozenset[str]:
        return frozenset(NAMES) if self._assume_consent else Consents(unit).granted(member)

    def _invited(self, person: tables.Member) -> bool:
        return (
            self._assume_consent
            or not self._policy.pilot_only
            or person.pilot
            or person.came_at is not None
            or person.id in self._policy.pilot
        )

    def _query(
        self, unit: Unit, person: tables.Member, zone: str, now: datetime, seed: int
    ) -> Query:
        memory = self._recommender.view.memory
        moment = now.timestamp()
        choices = unit.session.execute(
            select(tables.TopicChoice.topic, tables.TopicChoice.stance).where(
                tables.TopicChoice.workspace_id == self._workspace,
                tables.TopicChoice.member_id == person.id,
            )
        ).all()
        channels = Channels(unit).readable_by(person)
        state = with_choices(
            memory.state(MemberId(person.id), zone),
            follows=frozenset(Topic(row[0]) for row in choices if row[1] == "follow"),
            mutes=frozenset(Topic(row[0]) for row in choices if row[1] == "mute"),
            channels=frozenset(ChannelId(channel) for channel in channels),
            team=person.team,
        )
        return Query(
            member=as_of(state, moment),
            workspace=memory.workspace_at(moment),
            now=moment,
            seed=seed,
            limit=self._settings.candidates,
            styles=STYLES,
        )


def limits_of(person: tables.Member, policy: PolicySettings) -> Limits:
    """A member's own wishes where they have any, else the workspace's defaults."""
    own_days = person.weekdays if person.weekdays is not None else policy.weekdays
    return Limits(
        daily_cap=policy.daily_cap if person.daily_cap is None else person.daily_cap,
        weekly_cap=policy.weekly_cap if person.weekly_cap is None else person.weekly_cap,
        day_starts=minutes(policy.day_starts) if person.day_starts is None else person.day_starts,
        day_ends=minutes(policy.day_ends) if person.day_ends is None else person.day_ends,
        weekdays=frozenset(int(day) for day in own_days),
        cooldown_hours=policy.cooldown_hours,
    )


def minutes(time_of_day: str) -> int:
    """Minutes after midnight of a time such as 09:30."""
    hours, _, rest = time_of_day.partition(":")
    return int(hours) * 60 + int(rest)


def _utc_midnight(now: datetime) -> datetime:
    return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
