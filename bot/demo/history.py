"""Eight weeks of the simulated past, lived in the world and written down as if they had been ours.

The logging policy, so that what it did can be learned from: on a working day it speaks to
a member with probability `SPEAKS`, unless three openers reached them in the last seven days, at
a uniformly random minute between 9 and 17 local time; it draws the item by a softmax over
`SHARPNESS` times similarity among what is out, open to the member and unsent, and the style
uniformly from those that suit. Its propensities are logged; its arm is `history`.

A member who opted out in this past is taken as having come back by the next day, so that the
demo starts with everybody who agreed; the outcome stays.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import numpy as np

from bot.demo.chatter import Phrases, Post, put_into_words
from bot.demo.load import HISTORY_BEGINS, Bundle
from bot.demo.worlds import Similarity, days
from bot.openers.styles import suited
from recsys.simulation import (
    DayTally,
    Portrait,
    Reaction,
    Tally,
    World,
    is_working_day,
    moment,
)
from recsys.types import Item, ItemId, MemberId

DAYS = 56
SPEAKS = 0.9
SHARPNESS = 16.0
HOURS = (9.0, 17.0)
A_WEEK, WEEK = 3, 7 * 86_400.0


@dataclass(frozen=True, slots=True)
class Told:
    """One opener of the past, with what came of it."""

    member: MemberId
    zone: str
    item: Item
    style: str
    day: date
    at: float
    p_item: float
    p_style: float
    reaction: Reaction


@dataclass(frozen=True, slots=True)
class Past:
    """Everything that happened in the simulated weeks."""

    posts: tuple[Post, ...]
    openers: tuple[Told, ...]

    def tallies(self) -> tuple[DayTally, ...]:
        """Openers and reactions of each day that had any."""
        counted: dict[date, Tally] = {}
        for told in self.openers:
            counted.setdefault(told.day, Tally(told.day)).reactions.append(told.reaction)
        return tuple(tally.close() for tally in counted.values())

    @property
    def sent(self) -> dict[MemberId, frozenset[ItemId]]:
        """The items that each member was told of."""
        items: dict[MemberId, set[ItemId]] = {}
        for told in self.openers:
            items.setdefault(told.member, set()).add(told.item.id)
        return {member: frozenset(known) for member, known in items.items()}


def live(world: World, bundle: Bundle, phrases: Phrases, seed: int) -> Past:
    """Live the eight weeks in `world`, which goes on from there; writes nothing.

    Only those who agreed are written to, and only what they post is kept.
    """
    agreed = {MemberId(one.id) for one in bundle.agreed}
    weeks = days(HISTORY_BEGINS, DAYS)
    said = sorted(
        (one for day in weeks for one in world.signals(day) if one.member in agreed),
        key=lambda one: (one.at, one.member),
    )
    policy = _Policy(bundle, Similarity(bundle, said), seed)
    openers = [
        told
        for day in weeks
        if is_working_day(day)
        for number, person in enumerate(world.members(day))
        if person.id in agreed
        for told in policy.speak(world, person, number, day)
    ]
    openers.sort(key=lambda told: (told.at, told.member))
    return Past(put_into_words(bundle, phrases, said, seed), tuple(openers))


@dataclass
class _Policy:
    """The logging policy of the module's first lines, and what it remembers."""

    bundle: Bundle
    similarity: Similarity
    seed: int
    sent: dict[MemberId, dict[int, float]] = field(default_factory=dict)
    """the rows of items that a member was told of, and when"""

    def speak(self, world: World, person: Portrait, number: int, day: date) -> list[Told]:
        """At most one opener; members of one day differ in their dice by `number`."""
        dice = np.random.default_rng([self.seed, 8, day.toordinal(), number])
        at = float(np.floor(moment(day, dice.uniform(*HOURS), person.zone)))
        sent = self.sent.setdefault(person.id, {})
        rested = sum(before > at - WEEK for before in sent.values()) < A_WEEK
        is_open = self.similarity.open_to(person.id, at)
        is_open[list(sent)] = False
        if not rested or not is_open.any() or dice.random() >= SPEAKS:
            return []
        rows = np.flatnonzero(is_open)
        weights = np.exp(SHARPNESS * self.similarity.scores(person.id, at)[rows])
        shares = weights / weights.sum()
        position = int(dice.choice(rows.size, p=shares))
        item = self.bundle.items[rows[position]]
        styles = suited(item.kind)
        style = styles[int(dice.integers(len(styles)))]
        sent[int(rows[position])] = at
        reaction = world.react(person.id, item.id, style, at)
        p_item, p_style = float(shares[position]), 1 / len(styles)
        return [Told(person.id, person.zone, item, style, day, at, p_item, p_style, reaction)]
