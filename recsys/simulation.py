"""What a simulated world owes to whoever lives in it, and the policy that always speaks.

A world is asked through `World` alone: who is there and what they show, what is there to talk
about, what was said on a day, and how a member takes an opener. The bundled world is
`recsys.world.DefaultWorld`; any class with these four methods can stand in for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from recsys.types import ItemId, MemberId, OutcomeKind

VALUE_ENGAGED = 1.0
COST_DISMISSED = 0.5
COST_OPTED_OUT = 20.0
"""what a world's utility is made of; fixed here, whatever a policy optimises"""

ENGAGED = frozenset({OutcomeKind.REPLIED, OutcomeKind.FOLLOWED_UP})
MORNING = (9.0, 11.0)
"""local hours between which the always-sending policy speaks"""


@dataclass(frozen=True, slots=True)
class Portrait:
    """What a member shows on one day."""

    id: MemberId
    zone: str
    """IANA name"""
    status: str = ""
    """``focus``, or empty; a hint, not the truth"""


@dataclass(frozen=True, eq=False, slots=True)
class Offer:
    """Something a world has to talk about."""

    id: ItemId
    mixture: NDArray[np.float64]
    """(T,), share of each topic, sums to one"""
    published: date
    expires: date | None = None
    """the first day it is no longer offered"""


@dataclass(frozen=True, slots=True)
class Said:
    """One message of a member: when (epoch seconds) and about what (position of the topic)."""

    member: MemberId
    at: float
    topic: int


@dataclass(frozen=True, slots=True)
class Reaction:
    """How a member took an opener.

    `kind` is REPLIED, FOLLOWED_UP, DISMISSED, IGNORED or OPTED_OUT; `minutes` pass until it
    happens (`inf` when ignored); a dismissal has a `reason`: topic, timing or frequency.
    """

    kind: OutcomeKind
    minutes: float
    reason: str = ""

    @property
    def engaged(self) -> bool:
        return self.kind in ENGAGED

    @property
    def utility(self) -> float:
        """What it was worth: +1 engaged, -0.5 dismissed, -20 opted out, 0 ignored."""
        return (
            VALUE_ENGAGED * self.engaged
            - COST_DISMISSED * (self.kind is OutcomeKind.DISMISSED)
            - COST_OPTED_OUT * (self.kind is OutcomeKind.OPTED_OUT)
        )


class World(Protocol):
    """A world of members; a day is a member's own local date."""

    def members(self, day: date) -> Sequence[Portrait]:
        """Everyone, always in the same order, with what they show on `day`."""
        ...

    def items(self, day: date) -> Sequence[Offer]:
        """What has been published by `day` and has not expired."""
        ...

    def signals(self, day: date) -> Sequence[Said]:
        """What members said on their `day`, by time; the same however often it is asked."""
        ...

    def react(self, member: MemberId, item: ItemId, style: str, at: float) -> Reaction:
        """How `member` takes an opener about `item` that is shown at `at` (epoch seconds).

        It tires the member: a world remembers what it was sent. Moments of one member ascend.
        Raises ValueError for a member or an item that it does not know.
        """
        ...


class Foretold(Protocol):
    """What a world may offer beside: it tells its chances, to an oracle and to nobody else.

    The chances are those before the noise that nobody knows. A world without this method can be
    lived in, but nothing can be held against an oracle there.
    """

    def chances(
        self,
        member: MemberId,
        items: Sequence[ItemId],
        styles: Sequence[str],
        moments: Sequence[float],
    ) -> NDArray[np.float64]:
        """(items, styles, moments, 3): P(engages), P(dismisses), P(opts out); tires nobody."""
        ...


@dataclass(frozen=True, slots=True)
class DayTally:
    """What a policy did on one day, and what came of it."""

    day: date
    openers: int
    engaged: int
    dismissed: int
    opted_out: int

    @property
    def precision(self) -> float:
        """Engaged over sent; nan on a silent day."""
        return self.engaged / self.openers if self.openers else float("nan")

    @property
    def utility(self) -> float:
        return (
            VALUE_ENGAGED * self.engaged
            - COST_DISMISSED * self.dismissed
            - COST_OPTED_OUT * self.opted_out
        )


@dataclass
class Tally:
    """Counts the reactions of one day."""

    day: date
    reactions: list[Reaction] = field(default_factory=list)

    def close(self) -> DayTally:
        kinds = [reaction.kind for reaction in self.reactions]
        return DayTally(
            self.day,
            openers=len(kinds),
            engaged=sum(reaction.engaged for reaction in self.reactions),
            dismissed=kinds.count(OutcomeKind.DISMISSED),
            opted_out=kinds.count(OutcomeKind.OPTED_OUT),
        )


Ranking = Callable[[MemberId, Sequence[Offer], float], Sequence[ItemId]]
"""orders items for a member at a moment, the most similar first; may leave some out"""


def always_send(
    world: World,
    days: Iterable[date],
    ranking: Ranking,
    *,
    seed: int,
    style: str = "",
    members: frozenset[MemberId] | None = None,
    already: Mapping[MemberId, frozenset[ItemId]] | None = None,
) -> tuple[DayTally, ...]:
    """The policy that never holds back: the best unsent item, to everyone, every working day.

    It speaks at a random minute of `MORNING`, local time, never twice about the same item, and
    no more to those who opted out. It spends the patience of the world it is given: hand it a
    copy where another policy lives in the same one.

    Args:
        days: the days to live, ascending.
        members: only these, or everyone.
        already: items that members were sent before.
    """
    sent = {member: set(items) for member, items in (already or {}).items()}
    gone: set[MemberId] = set()
    tallies = []
    for day in days:
        tally = Tally(day)
        offers = world.items(day)
        for number, person in enumerate(world.members(day)):
            wanted = (members is None or person.id in members) and person.id not in gone
            if not wanted or not is_working_day(day):
                continue
            dice = np.random.default_rng([seed, day.toordinal(), number])
            at = moment(day, dice.uniform(*MORNING), person.zone)
            before = sent.setdefault(person.id, set())
            chosen = next((i for i in ranking(person.id, offers, at) if i not in before), None)
            if chosen is None:
                continue
            before.add(chosen)
            reaction = world.react(person.id, chosen, style, at)
            tally.reactions.append(reaction)
            if reaction.kind is OutcomeKind.OPTED_OUT:
                gone.add(person.id)
        tallies.append(tally.close())
    return tuple(tallies)


def is_working_day(day: date) -> bool:
    return day.weekday() < 5


def moment(day: date, hour: float, zone: str) -> float:
    """Epoch seconds of a local hour (9.5 is half past nine) of a date in an IANA zone."""
    midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - a wall clock's reading
    wall = (midnight + timedelta(hours=hour)).replace(tzinfo=ZoneInfo(zone))
    return wall.timestamp()


def local_day(at: float, zone: str) -> tuple[date, float]:
    """The local date and hour (fractional) of an epoch second."""
    wall = datetime.fromtimestamp(at, UTC).astimezone(ZoneInfo(zone))
    return wall.date(), wall.hour + wall.minute / 60 + wall.second / 3600
