"""The policies that stand beside the product in the same world, under the same rules.

One opener a working day between 9 and 17, never the same item twice to one member, no more to
those who opted out. They see what the product sees; the oracle knows all but the noise.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from bot.ports import Progress, silent
from bot.simulating.settling import ENDS, STARTS
from recsys.simulation import (
    COST_DISMISSED,
    COST_OPTED_OUT,
    VALUE_ENGAGED,
    DayTally,
    Foretold,
    Offer,
    Portrait,
    Tally,
    World,
    is_working_day,
    local_day,
    moment,
)
from recsys.types import ItemId, MemberId, OutcomeKind

WORTH = 0.25
"""expected utility above which the oracle speaks"""

HOURS = tuple(range(STARTS, ENDS))
EARS = 1.0
"""hours over which what somebody said smooths out their day (standard deviation)"""

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Intent:
    """What a policy would say to one member today, and how sure it is."""

    item: ItemId
    style: str
    at: float
    surety: float = 0.0


@dataclass
class Seen:
    """What everybody can see of members: what they said, when, and what they were sent."""

    styles: tuple[str, ...]
    seed: int
    topics: dict[MemberId, list[int]] = field(default_factory=lambda: defaultdict(list))
    hours: dict[MemberId, list[float]] = field(default_factory=lambda: defaultdict(list))
    sent: dict[MemberId, set[ItemId]] = field(default_factory=lambda: defaultdict(set))

    def dice(self, day: date, number: int) -> np.random.Generator:
        return np.random.default_rng([self.seed, day.toordinal(), number])


Policy = Callable[[Seen, date, int, Portrait, Sequence[Offer]], Intent | None]
Keeps = Callable[[Sequence[Intent]], float]
"""the surety below which the intents of a day stay unsaid"""


@dataclass(frozen=True, slots=True)
class Rivalry:
    """What a rival did, day by day, and who left."""

    days: tuple[DayTally, ...]
    left: frozenset[MemberId]


def compete(
    world: World,
    days: Sequence[date],
    policy: Policy,
    *,
    styles: tuple[str, ...],
    seed: int,
    keeps: Keeps = lambda intents: -np.inf,
    progress: Progress = silent,
) -> Rivalry:
    """Live these days by a policy; it spends the patience of the world it is given."""
    seen, left, tallies = Seen(styles, seed), set[MemberId](), []
    for number, day in enumerate(days):
        tally = Tally(day)
        if is_working_day(day):
            intents = _intents(world, seen, policy, day, left)
            floor = keeps([intent for _, intent in intents])
            for member, intent in intents:
                if intent.surety < floor:
                    continue
                seen.sent[member].add(intent.item)
                reaction = world.react(member, intent.item, intent.style, intent.at)
                tally.reactions.append(reaction)
                if reaction.kind is OutcomeKind.OPTED_OUT:
                    left.add(member)
        _hear(world, seen, day)
        tallies.append(tally.close())
        progress("Beside it", number + 1, len(days))
    return Rivalry(tuple(tallies), frozenset(left))


def _intents(
    world: World, seen: Seen, policy: Policy, day: date, left: set[MemberId]
) -> list[tuple[MemberId, Intent]]:
    offers, found = world.items(day), []
    for number, person in enumerate(world.members(day)):
        fresh = [offer for offer in offers if offer.id not in seen.sent[person.id]]
        if person.id in left or not fresh:
            continue
        intent = policy(seen, day, number, person, fresh)
        if intent is not None:
            found.append((person.id, intent))
    return found


def _hear(world: World, seen: Seen, day: date) -> None:
    """What is said on a day is known on the next."""
    zones = {person.id: person.zone for person in world.members(day)}
    for one in world.signals(day):
        if one.member in zones:
            seen.topics[one.member].append(one.topic)
            seen.hours[one.member].append(local_day(one.at, zones[one.member])[1])


def at_random(
    seen: Seen, day: date, number: int, person: Portrait, fresh: Sequence[Offer]
) -> Intent:
    """Any item, any hour, any style."""
    dice = seen.dice(day, number)
    item = fresh[int(dice.integers(len(fresh)))].id
    style = seen.styles[int(dice.integers(len(seen.styles)))]
    return Intent(item, style, moment(day, float(dice.uniform(STARTS, ENDS)), person.zone))


def by_similarity(
    seen: Seen, day: date, number: int, person: Portrait, fresh: Sequence[Offer]
) -> Intent:
    """The item nearest to all they said, at the hour at which they say most; any style."""
    dice = seen.dice(day, number)
    mixtures = np.stack([offer.mixture for offer in fresh])
    mixtures /= np.linalg.norm(mixtures, axis=1, keepdims=True)
    said = np.bincount(seen.topics[person.id], minlength=mixtures.shape[1]).astype(np.float64)
    length = np.linalg.norm(said)
    likeness = mixtures @ said / length if length else dice.uniform(0, 1e-6, len(fresh))
    best = int(likeness.argmax())
    style = seen.styles[int(dice.integers(len(seen.styles)))]
    hour = _busiest(seen.hours[person.id], dice)
    return Intent(fresh[best].id, style, moment(day, hour, person.zone), float(likeness[best]))


def _busiest(hours: Sequence[float], dice: np.random.Generator) -> float:
    """The quarter of an hour around which most was said; any hour where nothing was."""
    if not hours:
        return float(dice.uniform(STARTS, ENDS))
    quarters = np.arange(STARTS, ENDS, 0.25)
    apart = quarters[:, None] - np.asarray(hours)[None, :]
    return float(quarters[np.exp(-0.5 * (apart / EARS) ** 2).sum(axis=1).argmax()])


def top_half(intents: Sequence[Intent]) -> float:
    """The median surety of the day: what lies below it stays unsaid."""
    return float(np.median([intent.surety for intent in intents])) if intents else 0.0


def oracle(world: Foretold) -> Policy:
    """Best item, hour and style by expected utility; silent where that is not worth it."""

    def intend(
        seen: Seen, day: date, number: int, person: Portrait, fresh: Sequence[Offer]
    ) -> Intent | None:
        moments = [moment(day, float(hour), person.zone) for hour in HOURS]
        ids = [offer.id for offer in fresh]
        told = world.chances(person.id, ids, seen.styles, moments)
        worth = (
            VALUE_ENGAGED * told[..., 0]
            - COST_DISMISSED * told[..., 1]
            - COST_OPTED_OUT * told[..., 2]
        )
        item, style, hour = np.unravel_index(int(worth.argmax()), worth.shape)
        if worth[item, style, hour] <= WORTH:
            return None
        return Intent(ids[item], seen.styles[style], moments[hour])

    return intend
