"""Four items and a member, for features that are told in three lines of history."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from recsys.features import column, matrix
from recsys.pool import build
from recsys.types import (
    ChannelId,
    Floats,
    ItemId,
    MemberId,
    OutcomeKind,
    Pool,
    Query,
    Signals,
    Topic,
    WorkspaceState,
)
from tests.recsys.builders import ME, NOW, WIDTH, axis, exposures, item, member

HOUR = 3600.0
DAY = 24 * HOUR
ANA, BO = MemberId("U-ANA"), MemberId("U-BO")
HALL, DEN = ChannelId("C-HALL"), ChannelId("C-DEN")

LOOPS, PACES, TYPES, MINE = 0, 1, 2, 3
"""rows of the pool"""
ALL = np.arange(4, dtype=np.int32)

Deed = tuple[float, int, Floats | None, int]
"""days ago, row or -1, what was said, channel's position or -1"""
Told = tuple[float, int, OutcomeKind]
"""days ago, row, outcome an hour later"""


ITEMS = (
    item(
        "loops",
        kind="news",
        topics=(Topic("python"),),
        source="blog",
        author=ANA,
        channel=HALL,
        published=NOW - DAY,
    ),
    item(
        "paces",
        kind="lesson",
        topics=(Topic("running"),),
        source="course",
        author=BO,
        channel=DEN,
        level=2.0,
        builds_on=(ItemId("types"),),
        mentions=(ANA,),
        published=NOW - 2 * HOUR,
    ),
    item(
        "types",
        kind="lesson",
        topics=(Topic("python"),),
        source="course",
        level=1.0,
        published=NOW - 10 * DAY,
    ),
    item(
        "mine",
        title="Whose is this one?",
        source="blog",
        author=ME,
        addressed_to=ME,
        mentions=(BO, ME),
        published=NOW - 90 * DAY,
    ),
)


def pool() -> Pool:
    return build(ITEMS, np.stack([axis(0), axis(1), axis(2), axis(3)]))


def did(deeds: Sequence[Deed], kind: int = 0) -> Signals:
    """A member's signals, the oldest first."""
    said = [np.zeros(WIDTH) if vector is None else vector for _, _, vector, _ in deeds]
    return Signals(
        at=np.array([NOW - days * DAY for days, _, _, _ in deeds]),
        kind=np.full(len(deeds), kind, np.int8),
        row=np.array([row for _, row, _, _ in deeds], np.int32),
        channel=np.array([channel for _, _, _, channel in deeds], np.int32),
        vectors=np.array(said, np.float32).reshape(len(deeds), WIDTH),
    )


def told(openers: Sequence[Told]) -> Any:
    """Exposures whose outcome came an hour later."""
    return exposures(
        [
            (NOW - days * DAY, row, kind, np.inf if kind == 0 else NOW - days * DAY + HOUR)
            for days, row, kind in openers
        ]
    )


def query(
    deeds: Sequence[Deed] = (),
    openers: Sequence[Told] = (),
    *,
    to_all: Sequence[Told] = (),
    touches: Sequence[tuple[float, int, int]] = (),
    now: float = NOW,
    **about: Any,
) -> Query:
    """What the member did, was told, and what all were told and touched: (days ago, row, who)."""
    workspace = WorkspaceState(
        members=(ME, ANA, BO),
        exposures=told(to_all),
        touches_at=np.array([NOW - days * DAY for days, _, _ in touches]),
        touches_row=np.array([row for _, row, _ in touches], np.int32),
        touches_member=np.array([who for _, _, who in touches], np.int32),
    )
    state = member(signals=did(deeds), exposures=told(openers), zone="UTC", **about)
    return Query(state, workspace, now)


def values(name: str, asked: Query, of: Pool | None = None) -> list[float]:
    """One feature of the four items."""
    table = matrix(asked, of or pool(), ALL)
    return [float(value) for value in table[:, column(name)]]
