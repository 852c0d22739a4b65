"""Gathers what the rules and the recommender may know of one member at one moment.

All reading for a decision happens here; rules and stages below only read what they are given.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from bot.deciding.recommender import Recommender, View
from bot.ids import seed_of
from bot.openers.styles import STYLES, suited
from bot.policy.facts import Facts, Standing
from bot.policy.purposes import EXTERNAL_EVENTS
from bot.reading.memory import chosen
from bot.reading.standing import Standings
from bot.settings import RecommenderSettings
from bot.store import tables
from bot.store.channels import Channels
from bot.store.database import Store, Unit
from bot.store.decisions import Decisions
from bot.store.items import Items
from bot.store.openers import Openers
from bot.store.shelf import Shelf
from bot.store.topics import Topics
from recsys.promises import by_others
from recsys.state import as_of
from recsys.types import ItemId, MemberId, Pool, Query, Topic


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What a pass that writes nothing would have used up so far, beside what the rows tell."""

    explored: int = 0
    told: Mapping[str, int] = field(default_factory=dict)
    """how many members heard of each item"""
    heard: Mapping[str, int] = field(default_factory=dict)
    """how many members heard of something by each author"""


NOTHING = Rehearsed()


class FactsReader:
    """Reads the facts of one member."""

    def __init__(
        self,
        store: Store,
        workspace: str,
        standings: Standings,
        recommender: Recommender,
        settings: RecommenderSettings,
        sensitive: Iterable[str] = (),
    ) -> None:
        """Args: sensitive: topics and kinds that are so beside those marked in the database."""
        self._store = store
        self._workspace = workspace
        self._standings = standings
        self._recommender = recommender
        self._settings = settings
        self._sensitive = frozenset(sensitive)

    def gather(
        self,
        member: str,
        now: datetime,
        view: View | None = None,
        rehearsed: Rehearsed = NOTHING,
    ) -> Facts:
        """The facts as of `now`. Raises Refused for a member who does not exist.

        Their rows are those of `view`'s pool (by default the one that serves): whoever goes on to
        rank with them must use the same view, for another one may be swapped in meanwhile.
        """
        view = view or self._recommender.view
        with self._store.reading(self._workspace) as unit:
            standing = self._standings.read(unit, member, now)
            seed = seed_of(self._settings.seed, self._workspace, member, standing.slot)
            return Facts(
                standing=standing,
                explored_today=self.explored(unit, now) + rehearsed.explored,
                seed=seed,
                query=self._query(unit, standing, seed, view, rehearsed),
            )

    def of_day(self, unit: Unit, member: str, now: datetime) -> Facts:
        """What the moment of a member's day is chosen by; of items nothing is read, nor needed.

        Raises Refused for a member who does not exist.
        """
        standing = self._standings.read(unit, member, now)
        moment, memory = now.timestamp(), self._recommender.view.memory
        known = memory.state(MemberId(member), str(standing.local.tzinfo), standing.purposes)
        seed = seed_of(self._settings.seed, self._workspace, member, standing.slot)
        query = Query(as_of(known, moment), memory.workspace_at(moment), moment, seed)
        return Facts(standing, explored_today=0, seed=seed, query=query)

    def again(self, unit: Unit, member: str, now: datetime) -> Standing:
        """The standing inside a transaction that holds the member's lock."""
        return self._standings.read(unit, member, now)

    def explored(self, unit: Unit, now: datetime) -> int:
        """Openers of the whole workspace below the threshold on this UTC day."""
        return Decisions(unit).explored(_utc_midnight(now))

    def openers_today(self, unit: Unit, now: datetime) -> int:
        """Openers of the whole workspace, sent or on their way, on this UTC day."""
        return sum(Openers(unit).told_since(_utc_midnight(now)).values())

    def shared_out(
        self, unit: Unit, now: datetime, rehearsed: Rehearsed = NOTHING
    ) -> tuple[frozenset[str], frozenset[str]]:
        """Items, and authors, that reached their share of members on this UTC day."""
        openers, day = Openers(unit), _utc_midnight(now)
        told = Counter(openers.told_since(day)) + Counter(rehearsed.told)
        heard = Counter(openers.authors_told_since(day)) + Counter(rehearsed.heard)
        return (
            frozenset(i for i, n in told.items() if n >= self._settings.item_daily_cap),
            frozenset(a for a, n in heard.items() if n >= self._settings.author_daily_cap),
        )

    def _blocked(self, unit: Unit, standing: Standing, rehearsed: Rehearsed) -> frozenset[ItemId]:
        """Items on their way to this member, and those that enough others heard of today.

        So are all items of an author of whom enough others heard, and what they turned down on
        their shelf.
        """
        items, authors = self.shared_out(unit, standing.now, rehearsed)
        blocked = Openers(unit).undecided(standing.member) | items
        blocked |= frozenset(Items(unit).of_authors(authors))
        blocked |= Shelf(unit).dismissed(standing.member)
        blocked |= Openers(unit).asked_about(standing.member)
        return frozenset(map(ItemId, blocked))

    def _query(
        self,
        unit: Unit,
        standing: Standing,
        seed: int,
        view: View,
        rehearsed: Rehearsed,
    ) -> Query:
        person = unit.session.get_one(tables.Member, (self._workspace, standing.member))
        moment = standing.now.timestamp()
        # what they chose and may read is taken as of now, not as of the last refresh
        state = replace(
            view.memory.state(MemberId(person.id), str(standing.local.tzinfo), standing.purposes),
            **chosen(Topics(unit).choices(person.id), Channels(unit).readable_by(person)),
            team=person.team,
        )
        return Query(
            member=as_of(state, moment),
            workspace=view.memory.workspace_at(moment),
            now=moment,
            seed=seed,
            limit=self._settings.candidates,
            same_story=self._settings.same_story,
            blocked=self._blocked(unit, standing, rehearsed)
            | _unwanted(standing, view.pipeline.pool),
            pinned=view.pinned,
            sensitive=frozenset(map(Topic, self._sensitive | Topics(unit).sensitive())),
            styles=STYLES,
            suited={kind: suited(kind) for kind in view.pipeline.pool.kinds},
        )


def _unwanted(standing: Standing, pool: Pool) -> frozenset[ItemId]:
    """What others address to a member who does not agree to be prompted by that."""
    if EXTERNAL_EVENTS in standing.purposes:
        return frozenset()
    rows = by_others(pool, MemberId(standing.member))
    return frozenset(pool.ids[row] for row in rows.tolist())


def _utc_midnight(now: datetime) -> datetime:
    return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
