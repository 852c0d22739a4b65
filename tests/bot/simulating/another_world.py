"""A world of other shapes than the default one, for `overture simulate --world`.

Nine topics, an item is about one to three of them alike, and two zones. Whether somebody takes up
an opener is a product: how open they are at all, how much of the item is theirs, whether it is
their half of the day, whether the style is the one that they cannot bear, and how many openers
they had in a week. Whoever let four in a row go by may leave.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from recsys.simulation import Offer, Portrait, Reaction, Said, is_working_day, local_day, moment
from recsys.types import ItemId, MemberId, OutcomeKind

TOPICS = 9
ZONES = ("UTC", "Asia/Tokyo")
WEEK = 7 * 86_400.0
PATIENCE = 4

Array = NDArray[np.float64]


class Halves:
    """Members of mornings and of afternoons, with two interests each."""

    def __init__(
        self, members: int, days: int, seed: int, start: date, styles: tuple[str, ...]
    ) -> None:
        dice = np.random.default_rng([seed, 77])
        self.seed, self.styles = seed, styles
        self.ids = [MemberId(f"m{n}") for n in range(members)]
        self.number = {member: n for n, member in enumerate(self.ids)}
        self.open = dice.beta(2.0, 2.0, members)
        self.interests = np.stack([dice.choice(TOPICS, 2, replace=False) for _ in range(members)])
        self.afternoon = dice.random(members) < 0.5
        self.unbearable = dice.integers(0, len(styles), members)
        self.talks = dice.choice([1.0, 3.0, 6.0], members)
        born = [start - timedelta(days=int(d)) for d in dice.integers(0, 14, 120)]
        born += [start + timedelta(days=n // 8) for n in range(8 * days)]
        self.offers = []
        for row, day in enumerate(born):
            mixture = np.zeros(TOPICS)
            mixture[dice.choice(TOPICS, dice.integers(1, 4), replace=False)] = 1.0
            expires = day + timedelta(days=14)
            self.offers.append(Offer(ItemId(f"i{row}"), mixture / mixture.sum(), day, expires))
        self.mixture = {offer.id: offer.mixture for offer in self.offers}
        self.sent: dict[MemberId, list[float]] = {member: [] for member in self.ids}
        self.passed = dict.fromkeys(self.ids, 0)

    def members(self, day: date) -> tuple[Portrait, ...]:
        return tuple(Portrait(member, self._zone(n), "") for n, member in enumerate(self.ids))

    def items(self, day: date) -> tuple[Offer, ...]:
        return tuple(o for o in self.offers if o.published <= day < (o.expires or day))

    def signals(self, day: date) -> tuple[Said, ...]:
        said: list[Said] = []
        for n, member in enumerate(self.ids):
            dice = np.random.default_rng([self.seed, day.toordinal(), n, 1])
            for _ in range(int(dice.poisson(self.talks[n])) if is_working_day(day) else 0):
                own = dice.random() < 0.8
                topic = dice.choice(self.interests[n]) if own else dice.integers(TOPICS)
                hour = dice.uniform(13, 18) if self.afternoon[n] else dice.uniform(8, 12)
                said.append(Said(member, moment(day, float(hour), self._zone(n)), int(topic)))
        return tuple(sorted(said, key=lambda one: one.at))

    def react(self, member: MemberId, item: ItemId, style: str, at: float) -> Reaction:
        n = self.number[member]
        day, _ = local_day(at, self._zone(n))
        dice = np.random.default_rng([self.seed, day.toordinal(), n, 2]).random(4)
        engages, dismisses, leaves = self._chances(n, item, style, at)
        self.sent[member].append(at)
        minutes = 1.0 + 200.0 * float(dice[3])
        if dice[0] < engages:
            self.passed[member] = 0
            return Reaction(OutcomeKind.REPLIED, minutes)
        self.passed[member] += 1
        if dice[1] < leaves:
            return Reaction(OutcomeKind.OPTED_OUT, minutes)
        if dice[2] < dismisses:
            return Reaction(OutcomeKind.DISMISSED, minutes, "topic")
        return Reaction(OutcomeKind.IGNORED, float("inf"))

    def chances(
        self,
        member: MemberId,
        items: Sequence[ItemId],
        styles: Sequence[str],
        moments: Sequence[float],
    ) -> Array:
        """As `recsys.simulation.Foretold`."""
        n = self.number[member]
        told = np.zeros((len(items), len(styles), len(moments), 3))
        for place in np.ndindex(told.shape[:3]):
            item, style, at = items[place[0]], styles[place[1]], moments[place[2]]
            engages, dismisses, leaves = self._chances(n, item, style, at)
            told[place] = (
                engages, (1 - engages) * (1 - leaves) * dismisses, (1 - engages) * leaves
            )  # fmt: skip
        return told

    def _chances(self, n: int, item: ItemId, style: str, at: float) -> tuple[float, float, float]:
        """P(engages), and of those who do not, P(dismisses) and P(leaves)."""
        theirs = float(self.mixture[item][self.interests[n]].sum())
        _, hour = local_day(at, self._zone(n))
        in_time = 1.0 if (hour >= 13) == bool(self.afternoon[n]) else 0.6
        liked = 0.7 if style == self.styles[self.unbearable[n]] else 1.0
        week = sum(1 for before in self.sent[self.ids[n]] if at - before < WEEK)
        engages = (0.1 + 0.9 * float(self.open[n])) * theirs * in_time * liked * 0.9**week
        leaves = 0.03 if self.passed[self.ids[n]] >= PATIENCE else 0.0005
        return min(engages, 0.97), 0.5 - 0.4 * theirs, leaves

    def _zone(self, n: int) -> str:
        return ZONES[n % len(ZONES)]
