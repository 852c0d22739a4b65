"""Figures with their intervals, for a model and for baselines of the same decisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recsys import artifacts
from recsys.evaluation import ranking
from recsys.evaluation.bootstrap import mean_interval
from recsys.features import FEATURES
from recsys.ordering import Learned

Values = NDArray[np.float64]


def ranked(
    labels: Sequence[Values],
    scores: Sequence[Values],
    baselines: Mapping[str, Sequence[Values]],
    groups: Sequence[str],
    *,
    seed: int,
) -> dict[str, Any]:
    """``metrics``, ``baselines`` and paired ``gains`` over slates, resampled by group.

    All slates are given with one array of labels and scores each, in the same order everywhere;
    `groups` names whose each slate is. A gain is ours less theirs on the same draws.
    """
    ours = ranking.per_slate(zip(labels, scores, strict=True))
    told: dict[str, Any] = {"metrics": _intervals(ours, groups, seed), "baselines": {}, "gains": {}}
    for name, theirs in baselines.items():
        table = ranking.per_slate(zip(labels, theirs, strict=True))
        told["baselines"][name] = _intervals(table, groups, seed)
        differences = {metric: ours[metric] - table[metric] for metric in ours}
        told["gains"][name] = _intervals(differences, groups, seed)
    return told


def _intervals(table: Mapping[str, Values], groups: Sequence[str], seed: int) -> dict[str, Any]:
    return {
        metric: mean_interval(values, groups, seed=seed).as_json()
        for metric, values in table.items()
    }


def model(learned: Learned, lessons: int) -> dict[str, Any]:
    """What was judged: how it orders and why, and a digest of all that scores."""
    told = learned.as_json()
    return {
        "objective": told["objective"],
        "features": len(FEATURES),
        "version": artifacts.fingerprint(learned.model),
        "choice": told["choice"],
        "lessons": lessons,
    }
