"""Slates: which of several items comes first, and how sure that first one is.

Three ways to order are fitted to the earlier lessons: the head that gives a probability to each
item; a line that only cares about the order within a slate; and LambdaRank's trees over that line.
The later lessons say which orders best, and its line is then fitted to all of them. Probability,
and with it silence, is always the calibrated head's.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

import lightgbm
import numpy as np
from numpy.typing import NDArray

from recsys import calibration, fitting
from recsys.calibration import Calibration
from recsys.dataset import Dataset
from recsys.evaluation import ranking
from recsys.features import FEATURES
from recsys.model import Head
from recsys.slate_line import slate_line
from recsys.types import Floats

TAIL_SHARE = 0.2
"""latest lessons that say when to stop, which way orders better, and how sure a pick is"""
CHOSEN_BY = "ndcg@10"
PROBABILITY, LINE, LAMBDARANK = "cross_entropy", "conditional_logit", "lambdarank"

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Fitted:
    """What orders a slate, and how far its first is to be believed."""

    head: Head
    by_order: Head | None
    """what orders better than the head, where something does"""
    sure: Calibration
    """from the head's logit of a slate's first to the chance that it is right"""
    choice: Mapping[str, float]
    """what each way reached on the tail"""
    objective: str
    """the way that orders: one of the keys of `choice`"""

    def order(self, table: Floats) -> Values:
        """(n,) scores of a slate's candidates; more is better."""
        return (self.by_order or self.head).logits(table)

    def pick(self, table: Floats) -> tuple[int, float]:
        """The likeliest of a slate, and the chance that it is right."""
        logits = self.head.logits(table)
        best = int(np.argmax(logits))
        return best, float(self.sure(logits[best : best + 1])[0])

    @property
    def version(self) -> str:
        """A digest of all that scores."""
        heads = [self.head, *([self.by_order] if self.by_order else [])]
        told = json.dumps([[one.formula.as_json() for one in heads], self.sure.as_json()])
        trees = [one.booster.model_to_string() for one in heads if one.booster is not None]
        return hashlib.sha256("\n".join([told, *trees]).encode()).hexdigest()[:12]


def fit_slates(data: Dataset, *, seed: int) -> Fitted:
    """Fit to the earlier lessons; stop, choose and calibrate on the later ones."""
    cut = int(data.lessons * (1 - TAIL_SHARE))
    early, tail = data.between(0, cut), data.between(cut, data.lessons)
    head = fitting.fit_model(early, tail, seed=seed).engages
    ways = {PROBABILITY: head, **_by_slates(early, tail, seed)}
    choice = {name: ordered(way, tail) for name, way in ways.items()}
    best = max(ways, key=lambda name: choice[name])
    by_order = None
    if best != PROBABILITY:
        by_order = Head(slate_line(choices(data)), ways[best].booster)
    return Fitted(head, by_order, _sure(head.logits(tail.matrix), tail), choice, best)


def ordered(head: Head, data: Dataset) -> float:
    """How well a head orders the slates that offered a choice: mean nDCG@10; nan for none."""
    ends = np.searchsorted(data.lesson, np.arange(1, data.lessons))
    labels = np.split(data.engaged.astype(np.float64), ends)
    scores = np.split(head.logits(data.matrix), ends)
    mixed = [(y, s) for y, s in zip(labels, scores, strict=True) if y.max() >= 0.5 > y.min()]
    return ranking.mean_over_slates(mixed)[CHOSEN_BY]


def choices(data: Dataset) -> Dataset:
    """Only the lessons in which something was taken and something was not."""
    taken = np.bincount(data.lesson, data.engaged >= 0.5, data.lessons)
    mixed = (taken > 0) & (taken < np.bincount(data.lesson, minlength=data.lessons))
    rows = mixed[data.lesson]
    number = (np.cumsum(mixed) - 1).astype(np.int32)
    return Dataset(
        data.matrix[rows],
        data.engaged[rows],
        data.dismissed[rows],
        data.opted_out[rows],
        data.weight[rows],
        data.at[rows],
        number[data.lesson[rows]],
        tuple(member for member, keep in zip(data.members, mixed, strict=True) if keep),
    )


def _by_slates(early: Dataset, tail: Dataset, seed: int) -> dict[str, Head]:
    """The line, and LambdaRank's trees over it; nothing where no slate offers a choice."""
    fit, check = choices(early), choices(tail)
    if not fit.lessons or not check.lessons:
        return {}
    line = Head(slate_line(fit))
    parameters = {
        **fitting.PARAMETERS,
        "objective": LAMBDARANK,
        "metric": "ndcg",
        "eval_at": [10],
        "num_leaves": fitting.leaves(len(fit)),
        "seed": seed,
    }
    given = _slates(fit, line)
    booster = lightgbm.train(
        parameters,
        given,
        num_boost_round=fitting.rounds(len(fit)),
        valid_sets=[_slates(check, line, given)],
        callbacks=[lightgbm.early_stopping(fitting.PATIENCE, verbose=False)],
    )
    text = booster.model_to_string(num_iteration=booster.best_iteration)
    return {LINE: line, LAMBDARANK: Head(line.formula, lightgbm.Booster(model_str=text))}


def _slates(data: Dataset, head: Head, like: lightgbm.Dataset | None = None) -> lightgbm.Dataset:
    return lightgbm.Dataset(
        data.matrix,
        (data.engaged >= 0.5).astype(np.int32),
        group=np.bincount(data.lesson, minlength=data.lessons),
        init_score=head.formula.logits(data.matrix),
        feature_name=[feature.name for feature in FEATURES],
        reference=like,
    )


def _sure(logits: Values, tail: Dataset) -> Calibration:
    """How often the first of a slate is right: the largest of many is optimistic by itself."""
    starts = np.flatnonzero(np.diff(tail.lesson, prepend=-1))
    order = np.lexsort((-logits, tail.lesson))
    first = order[starts]
    right = (tail.engaged[first] >= 0.5).astype(np.float64)
    return calibration.fit_platt(logits[first], right, tail.weight[first].astype(np.float64))
