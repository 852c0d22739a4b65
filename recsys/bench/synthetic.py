"""A pool and its members out of thin air, as large as a machine can take.

Vectors scatter around 1,000 centres of unequal popularity; items near one centre share words and
a topic. Members care for a few centres, say things near them, and were told of some items.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recsys.clocks import DAY, HOUR
from recsys.state import empty_exposures
from recsys.types import (
    WHOLE_WORKSPACE,
    Audience,
    ChannelId,
    Exposures,
    Floats,
    Item,
    ItemId,
    MemberId,
    MemberState,
    Moments,
    OutcomeKind,
    Query,
    Rows,
    Signals,
    Topic,
    WorkspaceState,
)

WIDTH = 384
CENTRES = 1_000
NOISE = 0.5
SKEW = 0.7
TOPICS, AUTHORS, CHANNELS, KINDS, SOURCES = 40, 2_000, 50, 4, 6
OWN_WORDS, COMMON_WORDS = 60, 20_000
"""words of one centre, and words that all items share"""
NOW = 1_767_607_200.0  # Monday 2026-01-05, 10:00 UTC
PAST = 60 * DAY
SIGNALS, TOUCHES, TOLD = 40, 10, 12
"""what is known of one member: things said, items touched, openers answered"""
STYLES = ("ask", "share", "nudge", "recap")

_ITEMS, _MEMBERS, _CENTRES = 1, 2, 3
_BLOCK = 50_000


@dataclass(frozen=True, eq=False)
class World:
    """The centres, and which of them each item belongs to."""

    seed: int
    centres: Floats
    centre: NDArray[np.int16]
    """(n,)"""
    rows_by_centre: Rows
    starts: NDArray[np.int64]
    """(CENTRES + 1,): centre c has the items ``rows_by_centre[starts[c]:starts[c + 1]]``"""


def world(items: int, seed: int) -> World:
    """Draw the centres, and give each item one: popularity falls with rank^-0.7."""
    dice = np.random.default_rng([seed, _CENTRES])
    centres = _unit(dice.normal(size=(CENTRES, WIDTH)).astype(np.float32))
    chances = np.arange(1, CENTRES + 1) ** -SKEW
    centre = dice.choice(CENTRES, size=items, p=chances / chances.sum()).astype(np.int16)
    starts = np.zeros(CENTRES + 1, np.int64)
    np.cumsum(np.bincount(centre, minlength=CENTRES), out=starts[1:])
    by_centre = np.argsort(centre, kind="stable").astype(np.int32)
    return World(seed, centres, centre, by_centre, starts)


def vectors(of: World) -> Floats:
    """(n, WIDTH): normalise(centre + N(0, 0.5² / WIDTH))."""
    out = np.empty((of.centre.size, WIDTH), np.float32)
    for start in range(0, of.centre.size, _BLOCK):
        dice = np.random.default_rng([of.seed, _ITEMS, start])
        centre = of.centre[start : start + _BLOCK]
        noise = dice.standard_normal((centre.size, WIDTH), np.float32) * (NOISE / WIDTH**0.5)
        out[start : start + _BLOCK] = _unit(of.centres[centre] + noise)
    return out


def items(of: World) -> Iterator[Item]:
    """The items in the order of their ids, with about twenty words each."""
    for start in range(0, of.centre.size, _BLOCK):
        dice = np.random.default_rng([of.seed, _ITEMS, start, 1])
        centre = of.centre[start : start + _BLOCK]
        n = centre.size
        own = dice.integers(0, OWN_WORDS, (n, 12))
        common = (COMMON_WORDS * dice.random((n, 8)) ** 3).astype(np.int64)
        age = dice.random(n) * PAST
        picks = dice.integers(0, (AUTHORS, CHANNELS, KINDS, SOURCES, 10, 5), (n, 6))
        for k, (words, others, days, pick) in enumerate(
            zip(own.tolist(), common.tolist(), age.tolist(), picks.tolist(), strict=True)
        ):
            c = int(centre[k])
            told = [f"c{c}x{word}" for word in words]
            author, channel, kind, source, secret, level = pick
            yield Item(
                id=ItemId(f"item-{start + k:08d}"),
                kind=f"kind-{kind}",
                title=" ".join(told[:4]),
                text=" ".join([*told[4:], *(f"w{word}" for word in others)]),
                topics=(Topic(f"topic-{c % TOPICS}"),),
                source=f"source-{source}",
                published=NOW - days - HOUR,
                expires=np.inf if secret else NOW + DAY,
                level=float(level + 1),
                author=_name(author),
                channel=ChannelId(f"channel-{channel}"),
                audience=(
                    Audience("channels", frozenset({f"channel-{channel}"}))
                    if secret == 1
                    else WHOLE_WORKSPACE
                ),
                approved=True,
            )


def _name(number: int) -> MemberId:
    return MemberId(f"member-{number}")


@dataclass(frozen=True, eq=False)
class Crowd:
    """Members of a world, each the same whenever asked for."""

    world: World
    members: int

    def query(self, number: int, workspace: WorkspaceState, now: float = NOW) -> Query:
        """What a pass asks for the member of this number."""
        dice = np.random.default_rng([self.world.seed, _MEMBERS, number])
        cares = dice.choice(CENTRES, size=int(dice.integers(1, 5)), replace=False)
        at = np.sort(now - DAY * dice.gamma(2.0, 7.0, SIGNALS) - 60.0)
        about = dice.choice(cares, SIGNALS)
        noise = dice.standard_normal((SIGNALS, WIDTH), np.float32) * (NOISE / WIDTH**0.5)
        touched = np.full(SIGNALS, -1, np.int32)
        places = dice.choice(SIGNALS, TOUCHES, replace=False)
        touched[places] = self._items_of(about[places], dice)
        state = MemberState(
            _name(number),
            "Europe/Lisbon" if number % 2 else "America/New_York",
            Signals(
                at=at,
                kind=dice.integers(0, 3, SIGNALS).astype(np.int8),
                row=touched,
                channel=dice.integers(0, CHANNELS, SIGNALS).astype(np.int32),
                vectors=_unit(self.world.centres[about] + noise),
            ),
            self._told(number, about, now, dice),
            follows=frozenset({Topic(f"topic-{cares[0] % TOPICS}")}),
            channels=frozenset(ChannelId(f"channel-{c}") for c in range(number % 7, CHANNELS, 3)),
        )
        return Query(state, workspace, now, seed=number, styles=STYLES)

    def _items_of(self, centres: NDArray[np.int64], dice: np.random.Generator) -> Rows:
        starts, ends = self.world.starts[centres], self.world.starts[centres + 1]
        place = starts + (dice.random(len(centres)) * (ends - starts)).astype(np.int64)
        there = ends > starts
        rows = self.world.rows_by_centre[np.minimum(place, self.world.centre.size - 1)]
        return np.where(there, rows, -1).astype(np.int32)

    def _told(
        self, number: int, about: NDArray[np.int64], now: float, dice: np.random.Generator
    ) -> Exposures:
        at: Moments = np.sort(now - DAY * (1 + 40 * dice.random(TOLD)))
        outcomes = dice.choice(
            [OutcomeKind.REPLIED, OutcomeKind.IGNORED, OutcomeKind.DISMISSED], TOLD
        )
        return Exposures(
            at=at,
            row=self._items_of(about[:TOLD], dice),
            style=dice.integers(0, len(STYLES), TOLD).astype(np.int8),
            outcome=outcomes.astype(np.int8),
            outcome_at=at + HOUR,
            member=np.full(TOLD, number, np.int32),
            hour=dice.integers(9, 17, TOLD).astype(np.int8),
            expected=np.full(TOLD, 1 / 3),
        )

    def workspace(self) -> WorkspaceState:
        """What all members together did."""
        nothing = WorkspaceState((), empty_exposures(), np.zeros(0), *2 * (np.zeros(0, np.int32),))
        states = [self.query(number, nothing).member for number in range(self.members)]
        told = [state.exposures for state in states]
        when = np.concatenate([one.at for one in told])
        order = np.argsort(when, kind="stable")

        def column(name: str) -> NDArray[np.generic]:
            return np.concatenate([getattr(one, name) for one in told])[order]

        touched = [state.signals.row >= 0 for state in states]
        at = np.concatenate([s.signals.at[t] for s, t in zip(states, touched, strict=True)])
        row = np.concatenate([s.signals.row[t] for s, t in zip(states, touched, strict=True)])
        who = np.repeat(np.arange(self.members, dtype=np.int32), [int(t.sum()) for t in touched])
        by_time = np.argsort(at, kind="stable")
        return WorkspaceState(
            members=tuple(state.member for state in states),
            exposures=Exposures(*(column(f) for f in Exposures.__dataclass_fields__)),  # type: ignore[arg-type]
            touches_at=at[by_time],
            touches_row=row[by_time],
            touches_member=who[by_time],
        )


def _unit(values: Floats) -> Floats:
    return np.asarray(values / np.linalg.norm(values, axis=1, keepdims=True), np.float32)
