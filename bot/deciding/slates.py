"""A slate as it is kept with its decision: the top whole, counts and a hash of the rest."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b
from typing import Any

import numpy as np

from bot.deciding.recommender import View
from recsys.features.catalog import FEATURES, SCHEMA_HASH
from recsys.prior import Logits
from recsys.types import Slate

TOP = 10
"""candidates kept whole"""


def contributions(slate: Slate, view: View) -> Logits | None:
    """(F,) what each feature added to the logit of the pick's P(engages); None without a pick."""
    if slate.chosen is None:
        return None
    position = slate.chosen.position
    parts: Logits = view.scorer.contributions(slate.ranked.matrix[position : position + 1])[0]
    return parts


def record(slate: Slate, view: View, parts: Logits | None) -> dict[str, Any]:
    """The slate as JSON: enough to explain the decision, and to tell whether a replay agrees.

    Items are named by their ids alone: what one says may be withdrawn, and is looked up when it is
    asked for.

    `parts` are its `contributions`.
    """
    ranked = slate.ranked
    return {
        "retrieved": len(slate.retrieved),
        "by_source": {
            name: int(np.count_nonzero(slate.retrieved.ranks[:, position]))
            for position, name in enumerate(slate.retrieved.sources)
        },
        "dropped": slate.dropped.counts(),
        "ranked": len(ranked),
        "top": [_candidate(slate, view, position) for position in range(min(TOP, len(ranked)))],
        "chosen": None if slate.chosen is None else slate.chosen.position,
        "contributions": None if parts is None else _by_feature(parts),
        "failures": [{"source": f.source, "error": f.error} for f in slate.failures],
        "uncertainty": ranked.uncertainty,
        "schema": SCHEMA_HASH,
        "hash": fingerprint(slate, view),
    }


def _candidate(slate: Slate, view: View, position: int) -> dict[str, Any]:
    ranked = slate.ranked
    row = int(ranked.rows[position])
    place = int(np.flatnonzero(slate.retrieved.rows == row)[0])
    return {
        "item": view.pipeline.pool.ids[row],
        "engages": _round(ranked.engages[position]),
        "dismisses": _round(ranked.dismisses[position]),
        "opts_out": _round(ranked.opts_out[position]),
        "utility": _round(ranked.utility[position]),
        "sources": {
            name: int(rank)
            for name, rank in zip(
                slate.retrieved.sources, slate.retrieved.ranks[place], strict=True
            )
            if rank
        },
        "features": _by_feature(ranked.matrix[position]),
    }


def _by_feature(values: Iterable[Any]) -> dict[str, float]:
    return {f.name: _round(value) for f, value in zip(FEATURES, values, strict=True)}


def fingerprint(slate: Slate, view: View) -> str:
    """A hash of everything that was retrieved, dropped and ranked, scores to six digits."""
    told = blake2b(digest_size=16)
    for rows in (slate.retrieved.rows, slate.dropped.rows, slate.ranked.rows):
        told.update("\n".join(view.ids(rows)).encode())
        told.update(b"\0")
    told.update(np.round(slate.ranked.engages, 6).tobytes())
    return told.hexdigest()


def _round(value: Any) -> float:
    return round(float(value), 6)
