"""Thousands of stored moments at once, as seconds since the epoch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from recsys.types import Moments


def seconds(stored: Sequence[Any]) -> Moments:
    """(n,) seconds since the epoch of moments read as `bot.store.types.Stored`; nan for None.

    Moments that only become an array take a fraction of the time that objects would.
    """
    known = [one for one in stored if one is not None]
    if len(known) < len(stored):
        found = np.full(len(stored), np.nan)
        found[[at for at, one in enumerate(stored) if one is not None]] = seconds(known)
        return found
    if known and isinstance(known[0], str):
        return np.asarray(np.array(known, "datetime64[us]").astype(np.int64) / 1e6)
    return np.array([one.timestamp() for one in known], np.float64)
