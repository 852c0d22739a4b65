"""Small worlds for the recommender's tests: random unit vectors instead of an encoder."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from recsys.indexes import Indexes, build_indexes
from recsys.pool import build
from recsys.state import empty_exposures, empty_signals, empty_workspace
from recsys.types import (
    WHOLE_WORKSPACE,
    Exposures,
    Floats,
    Item,
    ItemId,
    MemberId,
    MemberState,
    OutcomeKind,
    Pool,
    Query,
    Ranked,
    Signals,
    Topic,
    Version,
)

WIDTH = 16
NOW = 1_767_600_000.0  # Monday 2026-01-05, 08:00 UTC
DAY = 86_400.0
ME = MemberId("U-ME")

TOPICS = ("python", "running", "bread")
WORDS = {
    "python": "decoder iterator generator package",
    "running": "marathon stretching knees pace",
    "bread": "sourdough oven flour crust",
}


def axis(position: int) -> Floats:
    """The unit vector along one axis."""
    vector = np.zeros(WIDTH, dtype=np.float32)
    vector[position] = 1.0
    return vector


def unit(vectors: Any) -> Floats:
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / lengths, dtype=np.float32)


def item(name: str, **changes: Any) -> Item:
    """An approved item that everybody may see, published a day ago."""
    plain = Item(
        ItemId(name),
        kind="news",
        title=f"About {name}",
        published=NOW - DAY,
        audience=WHOLE_WORKSPACE,
        approved=True,
    )
    return replace(plain, **changes)


def topical_items(count: int = 30) -> list[Item]:
    """Items in turn about python, running and bread, each an hour older than the one before."""
    items: list[Item] = []
    for number in range(count):
        topic = TOPICS[number % len(TOPICS)]
        words = f"{WORDS[topic]} number{number % 7}"
        items.append(
            item(
                f"{topic}-{number}",
                title=f"A note about {topic}, the {number}th",
                text=words,
                topics=(Topic(topic),),
                published=NOW - 3600.0 * (number + 1),
            )
        )
    return items


def topical_vectors(count: int = 30, seed: int = 0) -> Floats:
    """Each topic has an axis of its own; items scatter around it."""
    noise = np.random.default_rng(seed).normal(0, 0.15, (count, WIDTH))
    centres = np.array([axis(number % len(TOPICS)) for number in range(count)])
    return unit(centres + noise)


def world(items: Sequence[Item], vectors: Floats | None = None) -> tuple[Pool, Indexes]:
    """A pool of these items and its indexes."""
    if vectors is None:
        vectors = unit(np.random.default_rng(1).normal(size=(len(items), WIDTH)))
    pool = build(items, vectors)
    return pool, build_indexes(pool, items)


def member(**changes: Any) -> MemberState:
    """Somebody of whom nothing is known."""
    nobody = MemberState(ME, "Europe/Lisbon", empty_signals(WIDTH), empty_exposures())
    return replace(nobody, **changes)


def query(state: MemberState | None = None, **changes: Any) -> Query:
    plain = Query(state or member(), empty_workspace(), NOW)
    return replace(plain, **changes)


def signals(events: Iterable[tuple[float, int, Floats | None]], kind: int = 0) -> Signals:
    """Signals from (moment, row touched or -1, vector or None), ascending by moment."""
    listed = list(events)
    said = [vector if vector is not None else np.zeros(WIDTH) for _, _, vector in listed]
    return Signals(
        at=np.array([at for at, _, _ in listed], dtype=np.float64),
        kind=np.full(len(listed), kind, dtype=np.int8),
        row=np.array([row for _, row, _ in listed], dtype=np.int32),
        channel=np.full(len(listed), -1, dtype=np.int32),
        vectors=np.array(said, dtype=np.float32).reshape(len(listed), WIDTH),
    )


def exposures(
    events: Iterable[tuple[float, int, OutcomeKind, float]],
    styles: Sequence[int] | None = None,
    members: Sequence[int] | None = None,
    expected: Sequence[float] | None = None,
) -> Exposures:
    """Exposures from (moment, row, outcome, moment of the outcome), ascending by moment.

    Of each it was `expected` with what probability it would be taken up, 0.25 by default.
    """
    listed = list(events)
    return Exposures(
        at=np.array([at for at, _, _, _ in listed], dtype=np.float64),
        row=np.array([row for _, row, _, _ in listed], dtype=np.int32),
        style=np.array(styles or [-1] * len(listed), dtype=np.int8),
        outcome=np.array([outcome for _, _, outcome, _ in listed], dtype=np.int8),
        outcome_at=np.array([at for _, _, _, at in listed], dtype=np.float64),
        member=np.array(members or [0] * len(listed), dtype=np.int32),
        hour=np.full(len(listed), 9, dtype=np.int8),
        expected=np.array(expected or [0.25] * len(listed), dtype=np.float64),
    )


def ranked(utilities: Sequence[float], rows: Sequence[int] | None = None) -> Ranked:
    """A scored slate with these utilities."""
    n = len(utilities)
    utility = np.array(utilities, dtype=np.float32)
    return Ranked(
        rows=np.array(range(n) if rows is None else rows, dtype=np.int32),
        engages=np.clip(utility, 0, 1),
        dismisses=np.zeros(n, dtype=np.float32),
        opts_out=np.zeros(n, dtype=np.float32),
        utility=utility,
        matrix=np.zeros((n, 0), dtype=np.float32),
        version=Version("test"),
    )
