"""Slates of weak labels: which of a day's items, and how sure of the first."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from recsys import calibration, fitting
from recsys.calibration import Calibration
from recsys.dataset import Dataset
from recsys.model import Head
from recsys.types import Floats

TAIL_SHARE = 0.2
"""latest lessons that say when to stop, which objective orders better, and how sure a pick is"""

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Fitted:
    """A head that orders a slate, and how far its first is to be believed."""

    head: Head
    sure: Calibration
    """from the logit of a slate's first to the chance that it is right"""
    objective: str
    choice: Mapping[str, float]
    """what each objective reached on the tail"""

    def order(self, table: Floats) -> Values:
        """(n,) scores of a slate's candidates; more is better."""
        return self.head.logits(table)

    def pick(self, table: Floats) -> tuple[int, float]:
        """The first of a slate, and the chance that it is right."""
        scores = self.order(table)
        best = int(np.argmax(scores))
        return best, float(self.sure(scores[best : best + 1])[0])

    @property
    def version(self) -> str:
        """A digest of all that scores."""
        told = json.dumps([self.head.formula.as_json(), self.sure.as_json()], sort_keys=True)
        trees = self.head.booster.model_to_string() if self.head.booster is not None else ""
        return hashlib.sha256((told + trees).encode()).hexdigest()[:12]


def fit_slates(data: Dataset, *, seed: int) -> Fitted:
    """Fit to the earlier lessons, stop and calibrate on the later ones."""
    cut = int(data.lessons * (1 - TAIL_SHARE))
    early, tail = data.between(0, cut), data.between(cut, data.lessons)
    model = fitting.fit_model(early, tail, seed=seed)
    return replace(
        Fitted(model.engages, calibration.IDENTITY, "cross_entropy", {}),
        sure=_sure(model.engages.logits(tail.matrix), tail),
    )


def _sure(logits: Values, tail: Dataset) -> Calibration:
    """How often the first of a slate is right: the largest of many is optimistic by itself."""
    starts = np.flatnonzero(np.diff(tail.lesson, prepend=-1))
    order = np.lexsort((-logits, tail.lesson))
    first = order[starts]
    right = (tail.engaged[first] >= 0.5).astype(np.float64)
    return calibration.fit_platt(logits[first], right, tail.weight[first].astype(np.float64))
