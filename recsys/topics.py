"""What a member talks about, told in the pool's topics.

A message rarely names its topic, and its vector is a noisy likeness to single items. Its likeness
to the centre of a topic's items is steadier, so each message is shared out among the topics by a
softmax over those likenesses.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recsys.clocks import DAY
from recsys.remembered import remembered
from recsys.types import Flags, Floats, Pool, Signals

HALF_LIFE = 60 * DAY
TEMPERATURE = 0.03
"""of the softmax over cosines; lower takes only the nearest topic for the message's"""
BELIEF = 10.0
"""messages' worth of belief that a member talks about everything alike"""
LATEST = 300
"""signals that count, the latest ones"""

Shares = NDArray[np.float64]


class _Centres:
    """Where the items of each topic point that were there at a moment.

    How many had been published says which, so what was worked out last mostly serves again.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._published = np.sort(pool.published)
        self._last: tuple[int, Flags, Floats] | None = None

    def at(self, now: float) -> tuple[Flags, Floats]:
        """As `centres`; no date counts as always."""
        known = int(np.searchsorted(self._published, now, side="right"))
        last = self._last
        if last is None or last[0] != known:
            there = ~(self._pool.published > now)
            if self._pool.counted is not None:
                there &= self._pool.counted
            last = self._last = (known, *self._of(there))
        return last[1:]

    def _of(self, there: Flags) -> tuple[Flags, Floats]:
        topic = self._pool.topic & there[:, None]
        count = topic.sum(axis=0)
        centres = topic.T.astype(np.float32) @ self._pool.vectors / np.maximum(count, 1)[:, None]
        length = np.linalg.norm(centres, axis=1, keepdims=True)
        return count > 0, np.asarray(centres / np.maximum(length, 1e-9), np.float32)


_kept = remembered(4)(_Centres)


def centres(pool: Pool, now: float) -> tuple[Flags, Floats]:
    """(T,) which topics had an item by `now`, and (T, d) the centre of each; zero without one."""
    return _kept(pool).at(now)


def shares(signals: Signals, pool: Pool, now: float) -> tuple[Shares, float]:
    """(T,) the share of each topic in what a member said before `now`, and what is even.

    The shares of topics that had an item by then sum to one; of the others nothing is known, so
    theirs are even. Even throughout where nothing was said; empty where the pool has no topics.
    """
    there, centre_of = centres(pool, now)
    size = int(there.sum())
    even = 1.0 / max(size, 1)
    told = np.full(there.size, even)
    if not size:
        return told, even
    latest = slice(max(0, len(signals) - LATEST), None)
    said = signals.vectors[latest].any(axis=1)
    vectors, at = signals.vectors[latest][said], signals.at[latest][said]
    weights = 0.5 ** ((now - at) / HALF_LIFE)
    near = np.vecdot(vectors[:, None, :], centre_of[there][None, :, :]).astype(np.float64)
    spread = np.exp((near - near.max(axis=1, keepdims=True)) / TEMPERATURE) if at.size else near
    spread /= np.maximum(spread.sum(axis=1, keepdims=True), 1e-12)
    told[there] = (weights @ spread + BELIEF / size) / (weights.sum() + BELIEF)
    return told, even
