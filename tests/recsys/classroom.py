"""Members with a planted preference, and the lessons of what they were told."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from recsys.labels import Lesson, lessons
from recsys.pool import build
from recsys.state import empty_signals
from recsys.types import MemberId, MemberState, OutcomeKind, Pool, WorkspaceState
from tests.recsys.builders import DAY, NOW, WIDTH, exposures, item, unit

ITEMS = 60
START = NOW - 60 * DAY

Taste = Callable[[str, float], float]
"""P(takes up) of an item of this kind at this share of the time, 0..1"""


def lessons_gladly(kind: str, share: float) -> float:
    """The planted preference, of which the prior's formula knows nothing."""
    return 0.75 if kind == "lesson" else 0.08


def pool() -> Pool:
    items = [
        item(f"i{n}", kind=("lesson", "news")[n % 2], published=START - n * 3600.0)
        for n in range(ITEMS)
    ]
    return build(items, unit(np.random.default_rng(0).normal(size=(ITEMS, WIDTH))))


def told(
    taste: Taste, *, members: int = 30, openers: int = 24, seed: int = 0
) -> tuple[list[MemberState], WorkspaceState]:
    """Each member gets an opener about a random item every other day or so."""
    dice = np.random.default_rng(seed)
    columns = pool()
    events: list[tuple[float, int, OutcomeKind, float, int]] = []
    for member in range(members):
        at = np.sort(dice.uniform(START, NOW - DAY, openers))
        rows = dice.choice(ITEMS, openers, replace=False)
        for moment, row in zip(at, rows, strict=True):
            share = (moment - START) / (NOW - START)
            glad = dice.random() < taste(columns.kinds[columns.kind[row]], share)
            refuses = dice.random() < 0.5
            no = OutcomeKind.DISMISSED if refuses else OutcomeKind.IGNORED
            outcome = OutcomeKind.ACCEPTED if glad else no
            events.append((float(moment), int(row), outcome, float(moment) + 1800.0, member))
    events.sort()
    everything = exposures([e[:4] for e in events], members=[e[4] for e in events])
    names = tuple(MemberId(f"U{n}") for n in range(members))
    states = [
        MemberState(
            name, "UTC", empty_signals(WIDTH), exposures([e[:4] for e in events if e[4] == n])
        )
        for n, name in enumerate(names)
    ]
    nothing = np.zeros(0)
    return states, WorkspaceState(
        names, everything, nothing, nothing.astype(np.int32), nothing.astype(np.int32)
    )


def taught(taste: Taste = lessons_gladly, **size: int) -> list[Lesson]:
    states, workspace = told(taste, **size)
    return list(lessons(states, workspace, NOW))
