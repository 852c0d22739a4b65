"""A small community in which people keep to their hours and to their subjects."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from recsys.evaluation.slack_export import Community
from recsys.pool import build
from recsys.state import empty_exposures
from recsys.types import (
    Floats,
    Item,
    ItemId,
    MemberId,
    MemberState,
    SignalKind,
    Signals,
    WorkspaceState,
)
from tests.recsys.builders import DAY, WIDTH, axis, item

MONDAY = 1_767_571_200.0  # 2026-01-05, 00:00 UTC
MEMBERS, DAYS = 8, 30
HOURS = (6, 7, 8, 15, 16, 17)
"""a thread begins at each of these hours, every day"""


def threads(days: int = DAYS) -> list[Item]:
    """Six roots a day by six authors in turn; morning and afternoon have each their subject."""
    return [
        item(
            f"t{day}-{hour}",
            kind="thread",
            title=f"About {hour} of day {day}",
            author=MemberId(f"U{(day + n) % MEMBERS}"),
            published=MONDAY + day * DAY + hour * 3600.0,
        )
        for day in range(days)
        for n, hour in enumerate(HOURS)
    ]


def village(seed: int = 0, days: int = DAYS) -> Community:
    """Even members are about in the morning, odd ones in the afternoon, and join some threads."""
    items = threads(days)
    vectors = np.stack([axis(0 if int(one.id.split("-")[1]) < 12 else 1) for one in items])
    pool = build(items, vectors)
    dice = np.random.default_rng(seed)
    states = []
    for n in range(MEMBERS):
        events: list[tuple[float, int]] = []
        for row, one in enumerate(items):
            mine = one.author == f"U{n}"
            there = (float(vectors[row][0]) > 0) == (n % 2 == 0)
            if mine:
                events.append((one.published, row))
            elif there and dice.random() < 0.4:
                events.append((one.published + float(dice.uniform(60, 5400)), row))
        states.append(_state(f"U{n}", sorted(events), vectors))
    return Community(pool, tuple(states), touched(tuple(states)))


def _state(name: str, events: list[tuple[float, int]], vectors: Floats) -> MemberState:
    rows = np.array([row for _, row in events], np.int32)
    return MemberState(
        MemberId(name),
        "UTC",
        Signals(
            at=np.array([at for at, _ in events]),
            kind=np.full(rows.size, int(SignalKind.REPLIED), np.int8),
            row=rows,
            channel=np.full(rows.size, -1, np.int32),
            vectors=vectors[rows].astype(np.float32).reshape(-1, WIDTH),
        ),
        empty_exposures(),
    )


def touched(states: tuple[MemberState, ...]) -> WorkspaceState:
    """What all of them touched, by time."""
    at = np.concatenate([state.signals.at for state in states])
    row = np.concatenate([state.signals.row for state in states])
    who = np.repeat(np.arange(len(states)), [len(state.signals) for state in states])
    order = np.argsort(at, kind="stable")
    return WorkspaceState(
        tuple(state.member for state in states),
        empty_exposures(),
        at[order],
        row[order],
        who[order].astype(np.int32),
    )


def with_later(community: Community, moment: float) -> Community:
    """The same past; from `moment` on, everybody does something else and a hundred things more."""
    dice = np.random.default_rng(9)
    width = len(community.pool)
    states = []
    for state in community.states:
        s = state.signals
        keep = s.at < moment
        extra = np.sort(moment + dice.uniform(0, DAY, 100))
        signals = Signals(
            at=np.concatenate([s.at[keep], extra]),
            kind=np.concatenate([s.kind[keep], np.zeros(100, np.int8)]),
            row=np.concatenate([s.row[keep], dice.integers(0, width, 100, np.int32)]),
            channel=np.concatenate([s.channel[keep], np.full(100, -1, np.int32)]),
            vectors=np.concatenate([s.vectors[keep], np.tile(axis(5), (100, 1))]),
        )
        states.append(replace(state, signals=signals))
    return Community(community.pool, tuple(states), touched(tuple(states)))


def with_later_threads(community: Community, moment: float, count: int = 40) -> Community:
    """The same, with threads that begin after `moment` on the same day."""
    late = [
        item(
            f"late-{n}",
            kind="thread",
            title="Later",
            author=MemberId("U-NEW"),
            published=moment + n,
        )
        for n in range(count)
    ]
    items = threads(len(community.pool) // len(HOURS))
    vectors = np.concatenate([community.pool.vectors, np.tile(axis(6), (count, 1))])
    assert [one.id for one in items] == [ItemId(i) for i in community.pool.ids]
    return Community(build([*items, *late], vectors), community.states, community.workspace)
