"""Gathers what the rules and the recommender may know of one member at one moment.

All reading for a decision happens here; rules and stages below only read what they are given.
"""

from __future__ import annotations

from datetime import UTC, datetime

from bot.ids import seed_of
from bot.memory import with_choices
from bot.openers.styles import STYLES
from bot.policy.facts import Facts, Standing
from bot.recommender import Recommender
from bot.settings import RecommenderSettings
from bot.standing import Standings
from bot.store import tables
from bot.store.channels import Channels
from bot.store.database import Store, Unit
from bot.store.decisions import Decisions
from bot.store.topics import Topics
from recsys.state import as_of
from recsys.types import ChannelId, MemberId, Query, Topic


class FactsReader:
    """Reads the facts of one member."""

    def __init__(
        self,
        store: Store,
        workspace: str,
        standings: Standings,
        recommender: Recommender,
        settings: RecommenderSettings,
    ) -> None:
        self._store = store
        self._workspace = workspace
        self._standings = standings
        self._recommender = recommender
        self._settings = settings

    def gather(self, member: str, now: datetime) -> Facts:
        """The facts as of `now`. Raises Refused for a member who does not exist."""
        with self._store.reading(self._workspace) as unit:
            standing = self._standings.read(unit, member, now)
            seed = seed_of(self._settings.seed, self._workspace, member, standing.slot)
            return Facts(
                standing=standing,
                explored_today=Decisions(unit).explored(_utc_midnight(now)),
                seed=seed,
                query=self._query(unit, standing, seed),
            )

    def again(self, unit: Unit, member: str, now: datetime) -> Standing:
        """The standing inside a transaction that holds the member's lock."""
        return self._standings.read(unit, member, now)

    def _query(self, unit: Unit, standing: Standing, seed: int) -> Query:
        person = unit.session.get_one(tables.Member, (self._workspace, standing.member))
        memory = self._recommender.view.memory
        moment = standing.now.timestamp()
        choices = Topics(unit).choices(person.id)
        state = with_choices(
            memory.state(MemberId(person.id), str(standing.local.tzinfo)),
            follows=frozenset(Topic(topic) for topic in choices.follows),
            mutes=frozenset(Topic(topic) for topic in choices.mutes),
            channels=frozenset(ChannelId(c) for c in Channels(unit).readable_by(person)),
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


def _utc_midnight(now: datetime) -> datetime:
    return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
