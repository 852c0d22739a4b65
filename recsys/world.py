"""The default world: members with interests, habits and limits, drawn from one seed.

    match = cos(w, z);  rec(h) = max over peaks of exp(-(h - peak)² / 2)
    logit P(engage) = b + 4.5 match + 0.5 q + 1.5 rec + 0.5 s[style] - 0.9 F - 2.5 closed
                      + N(0, .3) per member and day
    not engaged: dismissed with σ(-1 + F - 2 (match - .3)), else ignored; opts out with 0.002·e^F
    fatigue F: +0.6 not engaged, +0.2 engaged; halves every 2 days

An opt-out takes the place of the dismissal or the silence that it comes with. Whoever is on
holiday posts nothing and ignores everything, which tires them no less.

All dice are keyed by (seed, day, member), so no policy can roll them again: two policies that
send the same opener at the same moment, after the same past, get the same reaction.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np

from recsys import habits, setting
from recsys.habits import HOLIDAY_DAYS, Array, Mood
from recsys.setting import BASE, MONDAY, STYLES, Setting
from recsys.simulation import (
    Offer,
    Portrait,
    Reaction,
    Said,
    is_working_day,
    local_day,
    moment,
)
from recsys.types import ItemId, MemberId, OutcomeKind

FOCUS = "focus"
LONGEST = 240.0
"""minutes after which a reaction comes, at most"""
TWO_DAYS = 172_800.0
"""seconds in which fatigue halves"""


class DefaultWorld:
    """A `recsys.simulation.World`; make one with `drawn` or `over`."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self._number = {member: number for number, member in enumerate(setting.members)}
        self._row = {offer.id: row for row, offer in enumerate(setting.offers)}
        self._habits = [
            habits.habits(setting.seed, number, len(setting.styles), setting.base)
            for number in range(len(setting.members))
        ]
        self._units = _unit(setting.mixtures)
        self._moods: dict[tuple[int, int], Mood] = {}
        self._drifted: dict[int, list[Array]] = {}
        self._fatigue: dict[int, tuple[float, float]] = {}
        self._answers: dict[tuple[int, int], Reaction] = {}

    @classmethod
    def drawn(
        cls,
        members: int,
        items: int,
        seed: int,
        *,
        days: int = 30,
        start: date = MONDAY,
        styles: tuple[str, ...] = STYLES,
    ) -> DefaultWorld:
        """Everything drawn: see `recsys.setting.drawn`."""
        return cls(setting.drawn(members, items, seed, days=days, start=start, styles=styles))

    @classmethod
    def over(
        cls,
        item_topics: Sequence[Offer],
        member_interests: dict[MemberId, Array],
        zones: Sequence[str],
        seed: int,
        *,
        start: date,
        styles: tuple[str, ...] = STYLES,
        drift: float = 0.0,
        base: float = BASE,
    ) -> DefaultWorld:
        """A world over items and interests that are given: see `recsys.setting.over`."""
        return cls(
            setting.over(
                item_topics,
                member_interests,
                zones,
                seed,
                start=start,
                styles=styles,
                drift=drift,
                base=base,
            )
        )

    def members(self, day: date) -> tuple[Portrait, ...]:
        pairs = zip(self.setting.members, self.setting.zones, strict=True)
        return tuple(
            Portrait(member, zone, FOCUS if self._mood(number, day).focus else "")
            for number, (member, zone) in enumerate(pairs)
        )

    def items(self, day: date) -> tuple[Offer, ...]:
        return tuple(
            offer
            for offer in self.setting.offers
            if offer.published <= day and (offer.expires is None or day < offer.expires)
        )

    def signals(self, day: date) -> tuple[Said, ...]:
        said = [one for number in range(len(self._habits)) for one in self._says(number, day)]
        return tuple(sorted(said, key=lambda one: one.at))

    def react(self, member: MemberId, item: ItemId, style: str, at: float) -> Reaction:
        """As `World.react`; asked again about the same item, it answers as before."""
        number, row = self._known(member, item)
        if (number, row) not in self._answers:
            fatigue = self._tired(number, at)
            reaction = self._answer(number, row, style, at, fatigue)
            self._fatigue[number] = (fatigue + (0.2 if reaction.engaged else 0.6), at)
            self._answers[number, row] = reaction
        return self._answers[number, row]

    def chance(self, member: MemberId, item: ItemId, style: str, at: float) -> float:
        """P(engage) but for the noise: for oracles and tests; no part of `World`."""
        number, row = self._known(member, item)
        logit = self._logit(number, row, style, at, self._tired(number, at))
        day, _ = local_day(at, self.setting.zones[number])
        return 0.0 if self._on_holiday(number, day) else _sigmoid(logit)

    def chances(
        self,
        member: MemberId,
        items: Sequence[ItemId],
        styles: Sequence[str],
        moments: Sequence[float],
    ) -> Array:
        """As `recsys.simulation.Foretold`: all combinations at once."""
        number = self._number[member]
        rows = np.array([self._row[item] for item in items], np.intp)
        told = np.zeros((len(items), len(styles), len(moments), 3))
        of, known = self._habits[number], self.setting.styles
        likes = np.array([of.likes[known.index(s)] if s in known else 0.0 for s in styles])
        for position, at in enumerate(moments):
            day, hour = local_day(at, self.setting.zones[number])
            if self._on_holiday(number, day):
                continue
            w, fatigue = self._interests(number, day), self._tired(number, at)
            match = self._units[rows] @ w / np.linalg.norm(w)
            base = of.base + 1.5 * of.receptive(hour) - 0.9 * fatigue
            base -= 2.5 * self._mood(number, day).closed
            item = 4.5 * match + 0.5 * self.setting.quality[rows]
            engages = 1 / (1 + np.exp(-(base + item[:, None] + 0.5 * likes[None, :])))
            opts_out = min(1.0, 0.002 * float(np.exp(fatigue)))
            dismisses = 1 / (1 + np.exp(1 - fatigue + 2 * (match - 0.3)))
            told[:, :, position, 0] = engages
            told[:, :, position, 1] = (1 - engages) * (1 - opts_out) * dismisses[:, None]
            told[:, :, position, 2] = (1 - engages) * opts_out
        return told

    def copy(self) -> DefaultWorld:
        """The same world in the same mood, for another policy to live in."""
        other = copy.copy(self)
        other._fatigue = dict(self._fatigue)
        other._answers = dict(self._answers)
        return other

    def _known(self, member: MemberId, item: ItemId) -> tuple[int, int]:
        if member not in self._number or item not in self._row:
            raise ValueError(f"this world knows no member {member!r} or no item {item!r}")
        return self._number[member], self._row[item]

    def _tired(self, number: int, at: float) -> float:
        fatigue, since = self._fatigue.get(number, (0.0, at))
        return float(fatigue * 0.5 ** (max(at - since, 0.0) / TWO_DAYS))

    def _match(self, number: int, row: int, day: date) -> float:
        w = self._interests(number, day)
        return float(self._units[row] @ w / np.linalg.norm(w))

    def _logit(self, number: int, row: int, style: str, at: float, fatigue: float) -> float:
        day, hour = local_day(at, self.setting.zones[number])
        of, styles = self._habits[number], self.setting.styles
        liking = float(of.likes[styles.index(style)]) if style in styles else 0.0
        return (
            of.base
            + 4.5 * self._match(number, row, day)
            + 0.5 * float(self.setting.quality[row])
            + 1.5 * of.receptive(hour)
            + 0.5 * liking
            - 0.9 * fatigue
            - 2.5 * self._mood(number, day).closed
        )

    def _answer(self, number: int, row: int, style: str, at: float, fatigue: float) -> Reaction:
        day, hour = local_day(at, self.setting.zones[number])
        mood = self._mood(number, day)
        if self._on_holiday(number, day):
            return Reaction(OutcomeKind.IGNORED, float("inf"))
        minutes = float(LONGEST**mood.minutes)  # 1 to 240, most of them soon
        if mood.engages < _sigmoid(self._logit(number, row, style, at, fatigue) + mood.noise):
            asks = mood.replies < 0.5
            return Reaction(OutcomeKind.FOLLOWED_UP if asks else OutcomeKind.REPLIED, minutes)
        if mood.opts_out < 0.002 * np.exp(fatigue):
            return Reaction(OutcomeKind.OPTED_OUT, minutes)
        match = self._match(number, row, day)
        if mood.dismisses < _sigmoid(-1 + fatigue - 2 * (match - 0.3)):
            lost = {
                "topic": 4.5 * (1 - match),
                "timing": 1.5 * (1 - self._habits[number].receptive(hour)) + 2.5 * mood.closed,
                "frequency": 0.9 * fatigue,
            }
            return Reaction(OutcomeKind.DISMISSED, minutes, max(lost, key=lambda why: lost[why]))
        return Reaction(OutcomeKind.IGNORED, float("inf"))

    def _mood(self, number: int, day: date) -> Mood:
        key = day.toordinal(), number
        if key not in self._moods:
            self._moods[key] = habits.mood(self.setting.seed, day, number)
        return self._moods[key]

    def _on_holiday(self, number: int, day: date) -> bool:
        return any(
            self._mood(number, day - timedelta(days=past)).leaves for past in range(HOLIDAY_DAYS)
        )

    def _interests(self, number: int, day: date) -> Array:
        """Interests on a day; before the start, those of the start."""
        path = self._drifted.setdefault(number, [self.setting.interests[number]])
        if not self.setting.drift:
            return path[0]
        elapsed = max((day - self.setting.start).days, 0)
        while len(path) <= elapsed:
            morning = self.setting.start + timedelta(days=len(path))
            changes = habits.drifts(self.setting.seed, morning, number, self.setting.drift)
            now = path[-1]
            path.append(habits.drifted(self.setting.seed, morning, number, now) if changes else now)
        return path[elapsed]

    def _says(self, number: int, day: date) -> list[Said]:
        if not is_working_day(day) or self._on_holiday(number, day):
            return []
        of, interests = self._habits[number], self._interests(number, day)
        member, zone = self.setting.members[number], self.setting.zones[number]
        said = habits.messages(self.setting.seed, day, number, of, interests)
        return [Said(member, moment(day, hour, zone), topic) for hour, topic in said]


def _unit(rows: Array) -> Array:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    units: Array = np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)
    return units


def _sigmoid(logit: float) -> float:
    return float(1 / (1 + np.exp(-logit)))
