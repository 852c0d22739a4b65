"""Slates: which of several items comes first.

Three ways to order are fitted to the earlier lessons: the head that gives a probability to each
item; a line that only cares about the order within a slate; and LambdaRank's trees over that line.
The later lessons say which orders best: the line, which a few hundred slates can carry, unless
another is better by two standard errors. What wins is then fitted to all lessons.
Probability, and with it silence, is always the calibrated head's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import lightgbm
import numpy as np
from numpy.typing import NDArray

from recsys import fitting
from recsys.dataset import Dataset
from recsys.evaluation import ranking
from recsys.features import FEATURES
from recsys.model import Head, Model
from recsys.slate_line import BELIEF, TAKES, slate_line

TAIL_SHARE = 0.2
"""latest lessons that say when to stop, which way orders better, and how sure a pick is"""
SURE = 2.0
"""standard errors by which another way than the line has to order better"""
CHOSEN_BY = "ndcg@10"
PROBABILITY, LINE, LAMBDARANK = "cross_entropy", "conditional_logit", "lambdarank"

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Learned:
    """A model, and how it came to order slates as it does."""

    model: Model
    objective: str
    """the way that orders: one of the keys of `choice`"""
    choice: Mapping[str, float]
    """what each way reached on the later lessons; nan where none of them offered a choice"""

    def as_json(self) -> dict[str, Any]:
        told = {name: x if np.isfinite(x) else None for name, x in self.choice.items()}
        return {"objective": self.objective, "chosen_by": CHOSEN_BY, "choice": told}


def settings() -> dict[str, object]:
    """What a recipe's name has to change with."""
    return {"takes": TAKES.as_json(), "belief": BELIEF, "tail": TAIL_SHARE, "sure": SURE}


def first_later(lessons: int) -> int:
    """Of so many lessons by time, the first that stops, chooses and calibrates."""
    return int(lessons * (1 - TAIL_SHARE))


def learn(data: Dataset, *, seed: int) -> Learned:
    """All heads, and the way that orders: fitted to the earlier lessons, chosen on the later.

    The one way from lessons to a model, in production and in evaluation.
    """
    cut = first_later(data.lessons)
    early, tail = data.between(0, cut), data.between(cut, data.lessons)
    model = fitting.fit_model(early, tail, seed=seed)
    ways = {PROBABILITY: model.engages, **_by_slates(early, tail, seed)}
    best, choice = chosen(ways, tail)
    if best != PROBABILITY:
        grown = ways[best].booster
        orders = _over_line(choices(data), grown.num_trees() if grown else 0, seed)
        model = fitting.recalibrated(replace(model, orders=orders), tail)
    return Learned(model, best, choice)


def chosen(ways: Mapping[str, Head], data: Dataset) -> tuple[str, dict[str, float]]:
    """The way that orders, and what each reached on these lessons."""
    reached = {name: ordered(way, data) for name, way in ways.items()}
    best = LINE if LINE in ways else PROBABILITY
    for name in (PROBABILITY, LAMBDARANK):
        if name in ways and len(reached[name]):
            more = reached[name] - reached[best]
            if more.mean() > SURE * more.std() / np.sqrt(more.size):
                best = name
    return best, {name: float(x.mean()) if x.size else np.nan for name, x in reached.items()}


def ordered(head: Head, data: Dataset) -> Values:
    """How well a head orders each slate that offered a choice: nDCG@10, by time."""
    of = choices(data)
    if not of.lessons:
        return np.zeros(0)
    ends = np.searchsorted(of.lesson, np.arange(1, of.lessons))
    labels = np.split(of.engaged.astype(np.float64), ends)
    scores = np.split(head.logits(of.matrix), ends)
    return ranking.per_slate(zip(labels, scores, strict=True))[CHOSEN_BY]


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
    """The line, and LambdaRank's trees over it where labels carry any.

    Nothing where no slate offers a choice.
    """
    fit, check = choices(early), choices(tail)
    if not fit.lessons or not check.lessons:
        return {}
    trees = fitting.rounds(len(fit))
    ways = {LINE: _over_line(fit, 0, seed)}
    return {**ways, LAMBDARANK: _over_line(fit, trees, seed, check)} if trees else ways


def _over_line(fit: Dataset, trees: int, seed: int, check: Dataset | None = None) -> Head:
    """The line of these slates, and so many trees over it, or fewer where `check` stops them."""
    line = Head(slate_line(fit))
    if not trees:
        return line
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
        num_boost_round=trees,
        valid_sets=[_slates(check, line, given)] if check else None,
        callbacks=[lightgbm.early_stopping(fitting.PATIENCE, verbose=False)] if check else None,
    )
    best = booster.best_iteration if check else trees
    text = booster.model_to_string(num_iteration=best)
    return Head(line.formula, lightgbm.Booster(model_str=text))


def _slates(data: Dataset, head: Head, like: lightgbm.Dataset | None = None) -> lightgbm.Dataset:
    return lightgbm.Dataset(
        data.matrix,
        (data.engaged >= 0.5).astype(np.int32),
        group=np.bincount(data.lesson, minlength=data.lessons),
        init_score=head.formula.logits(data.matrix),
        feature_name=[feature.name for feature in FEATURES],
        reference=like,
    )
