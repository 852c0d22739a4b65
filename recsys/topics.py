"""What a member talks about, told in the pool's topics.

A message rarely names its topic, and its vector is a noisy likeness to single items. Its likeness
to the centre of a topic's items is steadier, so each message is shared out among the topics by a
softmax over those likenesses.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from recsys.clocks import DAY
from recsys.types import Floats, Pool, Signals

HALF_LIFE = 60 * DAY
TEMPERATURE = 0.03
"""of the softmax over cosines; lower takes only the nearest topic for the message's"""
BELIEF = 10.0
"""messages' worth of belief that a member talks about everything alike"""
LATEST = 300
"""signals that count, the latest ones"""

Shares = NDArray[np.float64]


class _Held:
    """A pool as a key: the same object, not an equal one."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool

    def __hash__(self) -> int:
        return id(self.pool)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held) and other.pool is self.pool


@lru_cache(maxsize=4)
def _centres(held: _Held) -> Floats:
    pool = held.pool
    count = np.maximum(pool.topic.sum(axis=0), 1)
    centres = pool.topic.T.astype(np.float32) @ pool.vectors / count[:, None]
    length = np.linalg.norm(centres, axis=1, keepdims=True)
    return np.asarray(centres / np.maximum(length, 1e-9), np.float32)


def shares(signals: Signals, pool: Pool, now: float) -> Shares:
    """(T,) the share of each topic in what a member said before `now`; sums to one.

    Even shares where nothing was said; empty where the pool has no topics.
    """
    size = len(pool.topics)
    if not size:
        return np.zeros(0)
    latest = slice(max(0, len(signals) - LATEST), None)
    said = signals.vectors[latest].any(axis=1)
    vectors, at = signals.vectors[latest][said], signals.at[latest][said]
    weights = 0.5 ** ((now - at) / HALF_LIFE)
    near = np.vecdot(vectors[:, None, :], _centres(_Held(pool))[None, :, :]).astype(np.float64)
    spread = np.exp((near - near.max(axis=1, keepdims=True)) / TEMPERATURE) if at.size else near
    spread /= np.maximum(spread.sum(axis=1, keepdims=True), 1e-12)
    told: Shares = (weights @ spread + BELIEF / size) / (weights.sum() + BELIEF)
    return told
