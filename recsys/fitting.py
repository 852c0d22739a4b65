"""One head from labels: a line from the prior, trees where they earn it, a calibration."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

import lightgbm
import numpy as np

from recsys import calibration, prior
from recsys.calibration import Calibration
from recsys.dataset import Dataset
from recsys.features import FEATURES, SCHEMA_HASH
from recsys.model import Head, Model
from recsys.prior import Formula, Term
from recsys.types import Floats

ROUNDS = (25, 400)
LABELS_A_ROUND = 20
"""trees get a round for so many labels: more of them only learn the noise"""
TREES_FROM = 2_000
"""labels before there are trees at all: on fewer they order and calibrate worse than the line"""
FOLDS = 5
"""stretches of time, each of which calibrates a fit to the others"""
PATIENCE = 30
HEAD_FROM = 30
"""refusals before P(dismisses) gets trees"""
LEAVES_FROM = 200
"""opt-outs before P(opts out) gets trees"""

BELIEF = 100.0
"""lessons' worth of belief in the prior's weights, each in units of its feature's spread"""

PARAMETERS: Mapping[str, object] = MappingProxyType(
    {
        "objective": "cross_entropy",  # takes graded targets
        "learning_rate": 0.03,
        "min_data_in_leaf": 30,
        "lambda_l2": 50.0,
        "path_smooth": 50.0,
        "feature_fraction": 0.6,
        "bagging_fraction": 0.8,
        "bagging_freq": 1,
        "boost_from_average": False,  # the prior's logit is where trees start
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": 2,
        "verbosity": -1,
    }
)


LEAVES = (4, 31)
LABELS_A_LEAF = 150
"""trees get a leaf for so many labels: few labels carry no more than a stump"""


def leaves(labels: int) -> int:
    """How many leaves trees have that grow from so many labels."""
    return int(np.clip(labels // LABELS_A_LEAF, *LEAVES))


def rounds(labels: int) -> int:
    """How many trees are grown at most from so many labels."""
    if labels < TREES_FROM:
        return 0
    return int(np.clip(labels // LABELS_A_ROUND, *ROUNDS))


def recipe(origin: str, ordering: Mapping[str, object]) -> str:
    """A name for how models are fitted; it changes with features, parameters or origin.

    `ordering` is how slates come to be ordered: `recsys.ordering.settings`.
    """
    told = json.dumps(
        [
            SCHEMA_HASH,
            origin,
            dict(PARAMETERS),
            ROUNDS,
            TREES_FROM,
            FOLDS,
            PATIENCE,
            BELIEF,
            LEAVES,
            LABELS_A_LEAF,
            LABELS_A_ROUND,
            ordering,
        ],
        sort_keys=True,
    )
    return f"{origin}-{hashlib.sha256(told.encode()).hexdigest()[:12]}"


def fit_model(train: Dataset, later: Dataset, *, seed: int) -> Model:
    """All heads: trees from `train`, their number and their calibration from `later`."""
    engages = _fit_head(prior.ENGAGES, train, train.engaged, later, later.engaged, seed)
    dismisses = Head(prior.DISMISSES)
    if np.nansum(train.dismissed) >= HEAD_FROM and np.nansum(later.dismissed) > 0:
        dismisses = _fit_head(prior.DISMISSES, train, train.dismissed, later, later.dismissed, seed)
    elif np.isfinite(later.dismissed).any():
        dismisses = _calibrated(dismisses, later, later.dismissed)
    opting_out = None
    if np.nansum(train.opted_out) >= LEAVES_FROM and np.nansum(later.opted_out) > 0:
        opting_out = _fit_head(prior.OPTS_OUT, train, train.opted_out, later, later.opted_out, seed)
    both = np.concatenate([train.opted_out, later.opted_out])
    rates = prior.opt_out_rates(np.concatenate([train.matrix, later.matrix]), both)
    return Model(engages, dismisses, opting_out, rates)


def on_all(model: Model, data: Dataset, *, seed: int) -> Model:
    """A model that was fitted to part of these lessons, fitted in the same way to all of them.

    Each head keeps its number of trees. No lessons are set aside to calibrate by: what is said of
    each fifth of the time by a fit to the other four says how far the fit to all may be believed.
    """
    engages = _on_all(prior.ENGAGES, model.engages, data, data.engaged, seed)
    dismisses, leaving = model.dismisses, model.leaves
    if dismisses.formula != prior.DISMISSES:
        dismisses = _on_all(prior.DISMISSES, dismisses, data, data.dismissed, seed)
    elif np.isfinite(data.dismissed).any():
        dismisses = _calibrated(dismisses, data, data.dismissed)
    if leaving is not None:
        leaving = _on_all(prior.OPTS_OUT, leaving, data, data.opted_out, seed)
    rates = prior.opt_out_rates(data.matrix, data.opted_out)
    return replace(model, engages=engages, dismisses=dismisses, leaves=leaving, opt_out_rates=rates)


def _on_all(formula: Formula, head: Head, data: Dataset, target: Floats, seed: int) -> Head:
    trees = head.booster.num_trees() if head.booster is not None else 0
    known = np.isfinite(target)
    matrix, labels, weight = data.matrix[known], target[known], data.weight[known]
    fold = data.lesson[known].astype(np.int64) * FOLDS // data.lessons
    logits = np.zeros(len(matrix))
    for one in range(FOLDS):
        others, mine = fold != one, fold == one
        apart = _grown(formula, matrix[others], labels[others], weight[others], trees, seed)
        logits[mine] = apart.logits(matrix[mine])
    targets, frequency = _labels(data, target)
    curve = calibration.fit(logits, targets[known], frequency[known])
    return replace(_grown(formula, matrix, labels, weight, trees, seed), calibration=curve)


def recalibrated(model: Model, later: Dataset) -> Model:
    """The same trees, with all calibrations fitted to a later window."""
    dismisses = model.dismisses
    if np.isfinite(later.dismissed).any():
        dismisses = _calibrated(dismisses, later, later.dismissed)
    opting_out = model.leaves
    if opting_out is not None and np.isfinite(later.opted_out).any():
        opting_out = _calibrated(opting_out, later, later.opted_out)
    engages = _calibrated(model.engages, later, later.engaged)
    orders = _calibrated(model.orders, later, later.engaged) if model.orders else None
    return replace(model, engages=engages, dismisses=dismisses, leaves=opting_out, orders=orders)


def at_level_of_prior(model: Model, later: Dataset) -> Model:
    """The model's order, at the prior's level, for labels that nobody was spoken to for.

    How often members join a thread unasked says nothing of how often they would take up an
    opener about it, but which they join says much about which. So the slope is fitted, and the
    intercept such that the best of each lesson is believed as much as the prior believes the
    prior's best of it.
    """
    orders = _at_level(model.orders, later) if model.orders else None
    return replace(
        model,
        engages=_at_level(model.engages, later),
        orders=orders,
        uncertainty=prior.UNCERTAINTY,
    )


def _at_level(head: Head, later: Dataset) -> Head:
    logits = head.logits(later.matrix)
    slope = calibration.fit_platt(logits, *_labels(later, later.engaged)).x[0]
    ours = slope * _best(logits, later)
    level = float(calibration.sigmoid(_best(prior.ENGAGES.logits(later.matrix), later)).mean())
    low, high = -30.0 - ours.max(), 30.0 - ours.min()
    for _ in range(60):
        middle = (low + high) / 2
        if float(calibration.sigmoid(ours + middle).mean()) < level:
            low = middle
        else:
            high = middle
    return replace(head, calibration=Calibration("platt", (slope,), ((low + high) / 2,)))


def _best(logits: prior.Logits, data: Dataset) -> prior.Logits:
    starts = np.flatnonzero(np.diff(data.lesson, prepend=-1))
    return np.asarray(np.maximum.reduceat(logits, starts))


def _fit_head(
    formula: Formula, train: Dataset, target: Floats, later: Dataset, then: Floats, seed: int
) -> Head:
    known, known_later = np.isfinite(target), np.isfinite(then)
    head = _grown(
        formula,
        train.matrix[known],
        target[known],
        train.weight[known],
        rounds(int(known.sum())),
        seed,
        until=(later.matrix[known_later], then[known_later], later.weight[known_later]),
    )
    return _calibrated(head, later, then)


def _grown(
    formula: Formula,
    matrix: Floats,
    target: Floats,
    weight: Floats,
    trees: int,
    seed: int,
    until: tuple[Floats, Floats, Floats] | None = None,
) -> Head:
    """The formula moved, and `trees` trees over it, or fewer where `until` (later labels) stops."""
    line = moved(formula, matrix, target, weight)
    if not trees:
        return Head(line)
    names = [feature.name for feature in FEATURES]
    fit = lightgbm.Dataset(
        matrix, target, weight=weight, init_score=line.logits(matrix), feature_name=names
    )
    parameters = {
        **PARAMETERS,
        "num_leaves": leaves(len(target)),
        "monotone_constraints": _directions(formula),
        "seed": seed,
    }
    if until is None:
        text = lightgbm.train(parameters, fit, num_boost_round=trees).model_to_string()
    else:
        rows, then, worth = until
        start = line.logits(rows)
        check = lightgbm.Dataset(rows, then, weight=worth, init_score=start, reference=fit)
        stop = lightgbm.early_stopping(PATIENCE, verbose=False)
        booster = lightgbm.train(
            parameters, fit, num_boost_round=trees, valid_sets=[check], callbacks=[stop]
        )
        text = booster.model_to_string(num_iteration=booster.best_iteration)
    # parsed again so that what is judged is what is saved
    return Head(line, lightgbm.Booster(model_str=text))


def moved(formula: Formula, matrix: Floats, target: Floats, weight: Floats) -> Formula:
    """The formula with its weights moved as far as the labels (n,) carry them.

    Logistic regression whose penalty pulls towards the prior's weights instead of zero, by
    Newton's method: a few hundred labels say more through a line than through trees.
    """
    weights, centres = formula.columns()
    spread = matrix.astype(np.float64).std(axis=0)
    spread[spread < 1e-6] = 1.0
    design = np.column_stack([(matrix - centres) / spread, np.ones(len(matrix))])
    start = np.append(weights * spread, formula.intercept)
    pull = np.append(np.full(len(spread), BELIEF), 0.1)
    found = start.copy()
    for _ in range(60):
        p = calibration.sigmoid(design @ found)
        gradient = design.T @ (weight * (p - target)) + pull * (found - start)
        curve = (design * (weight * p * (1 - p))[:, None]).T @ design + np.diag(pull)
        step = np.linalg.solve(curve, gradient)
        found -= step / max(1.0, float(np.abs(step).max()))
        if np.abs(step).max() < 1e-9:
            break
    terms = tuple(
        Term(feature.name, float(w), float(c), prior.FITTED)
        for feature, w, c in zip(FEATURES, found[:-1] / spread, centres, strict=True)
    )
    return Formula(float(found[-1]), terms)


def _directions(formula: Formula) -> list[int]:
    """(F,) 1 where more of a feature may only raise the probability, -1 lower it, 0 either.

    What the prior says of a direction is knowledge; trees that contradict it have seen noise.
    """
    weights, _ = formula.columns()
    return [int(np.sign(weight)) for weight in weights]


def _calibrated(head: Head, later: Dataset, target: Floats) -> Head:
    logits = head.logits(later.matrix)
    known = np.isfinite(target)
    targets, weights = _labels(later, target)
    curve = calibration.fit(logits[known], targets[known], weights[known])
    return Head(head.formula, head.booster, curve)


def _labels(data: Dataset, target: Floats) -> tuple[prior.Logits, prior.Logits]:
    return target.astype(np.float64), data.frequency.astype(np.float64)
