"""What needs no training: the scores that a model has to beat."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recsys.clocks import DAY, local_hour
from recsys.state import as_of, engaged
from recsys.types import Pool, Query, Rows, Signals

Values = NDArray[np.float64]


def hour_match(query: Query, pool: Pool, rows: Rows) -> Values:
    """(n,) share of the member's past signals in the item's own hour of day and the two after."""
    past = _past(query)
    zone = query.member.zone
    spent = np.bincount(local_hour(past.at, zone).astype(np.intp), minlength=24)
    around = sum((np.roll(spent, -after) for after in (0, 1, 2)), np.zeros(24))
    hours = local_hour(pool.published[rows], zone).astype(np.intp)
    return np.asarray(around[hours] / max(len(past), 1), np.float64)


def past_likeness(query: Query, pool: Pool, rows: Rows) -> Values:
    """(n,) cosine of each item with the mean of what the member said or opened before."""
    past = _past(query).vectors
    mean = past.mean(axis=0) if len(past) else np.zeros(pool.vectors.shape[1], np.float32)
    length = float(np.linalg.norm(mean))
    likeness = np.vecdot(pool.vectors[rows], mean[None, :] / (length if length > 0 else 1.0))
    return np.asarray(likeness, np.float64)


def topic_share(query: Query, pool: Pool, rows: Rows) -> Values:
    """(n,) share of the member's past items that have an item's topics, summed over these."""
    past = _past(query).row
    past = past[past >= 0]
    share = pool.topic[past].sum(axis=0) / max(past.size, 1)
    return np.asarray(pool.topic[rows] @ share, np.float64)


def clicks(query: Query, pool: Pool, rows: Rows) -> Values:
    """(n,) how often each item was taken up before, by anybody."""
    exposures = as_of(query.workspace, query.now).exposures
    taken = exposures.row[engaged(exposures) & (exposures.row >= 0)]
    return np.bincount(taken, minlength=len(pool))[rows].astype(np.float64)


def activity(query: Query) -> float:
    """How many signals the member gave in the last fortnight."""
    return float((_past(query).at >= query.now - 14 * DAY).sum())


def _past(query: Query) -> Signals:
    return as_of(query.member, query.now).signals
