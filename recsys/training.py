"""Training: build, split by time, fit, calibrate, evaluate, and say whether it may serve.

The earliest 60 % of the lessons grow the trees, the next 15 % say when to stop and what orders
slates best; fitted once more to both, the model is judged by the last 25 %, or by what came after
the last lesson of the serving model. Both answer for the same lessons, and the difference is
bootstrapped by member. What serves is what was judged, fitted once more to all lessons: the newest
say most of how things are now.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recsys import data_checks, dataset, fitting, ordering
from recsys.dataset import Dataset, Matrix
from recsys.evaluation import ranking
from recsys.evaluation.bootstrap import Interval, mean_interval
from recsys.evaluation.calibration import brier, ece, log_losses
from recsys.features import matrix
from recsys.labels import HISTORY, OUTCOME, Lesson
from recsys.model import LoadedModel, Model, TrainingResult
from recsys.types import Pool

MIN_LESSONS = 60
MIN_POSITIVES = 10
MIN_JUDGING = 30
"""lessons since the serving model's last one from which they alone judge"""
OVER_PRIOR = 0.8
"""share of resamples in which the first model must be better than the prior, to follow it"""
JUDGE_SHARE = 0.25
UNSURE_SHARE = 0.4
"""the latest lessons that say how far a probability may be off"""

Values = NDArray[np.float64]

__all__ = ["MIN_LESSONS", "MIN_POSITIVES", "TrainingResult", "train"]


@dataclass(frozen=True)
class _Judged:
    metrics: dict[str, Any]
    gain: Interval
    """per lesson, above zero where the new model is better"""
    likely: Interval
    """the same, narrower: above zero where it is better in `OVER_PRIOR` of the resamples"""
    order: Interval
    """as `gain`, for AUC"""


def train(
    lessons: Iterable[Lesson],
    pool: Pool,
    *,
    seed: int,
    now: float,
    serving: LoadedModel | None,
    origin: str = OUTCOME,
    features: Matrix = matrix,
) -> TrainingResult:
    """Fit a model to the lessons before `now` and hold it against the one that serves.

    A refit of the serving model's recipe is promoted unless it is worse, another recipe must be
    better, and the first model likely better than the prior. Nothing is written: see `Registry`.
    Raises ValueError for lessons of another origin than `origin`, and for an unknown one.
    """
    if origin not in (OUTCOME, HISTORY):
        raise ValueError(f"unknown origin {origin!r}: {OUTCOME!r} or {HISTORY!r}")
    data = dataset.build(lessons, pool, origin=origin, now=now, features=features)
    refused = _refusal(data, origin, seed, now)
    if refused.reason:
        return refused
    early, middle = _cuts(data, serving if origin == OUTCOME else None)
    known, tail = data.between(0, middle), data.between(early, middle)
    last, later = data.between(middle, data.lessons), data.between(early, data.lessons)
    learned = ordering.learn(known, seed=seed)
    if origin == HISTORY:
        candidate = learned.model
        former = fitting.recalibrated(serving.model if serving else Model(), tail)
    else:
        candidate = fitting.on_all(learned.model, known, seed=seed)
        former = _rival(serving, candidate, tail, last, refused.recipe)
    judged = _judge(candidate, former, last, seed)
    allowed, reason = _verdict(judged, serving, refused.recipe)
    anomalies = [str(anomaly) for anomaly in data_checks.check(data)]
    if anomalies:
        allowed, reason = False, f"the data look wrong: {'; '.join(anomalies)}"
    return replace(
        refused,
        model=(
            fitting.at_level_of_prior(candidate, later)
            if origin == HISTORY
            else _finished(candidate, data, last, seed)
        ),
        verdict="promoted" if allowed else "refused",
        reason=reason,
        metrics={**judged.metrics, "ordering": learned.as_json(), "anomalies": anomalies},
    )


def _rival(
    serving: LoadedModel | None, candidate: Model, tail: Dataset, last: Dataset, recipe: str
) -> Model:
    """Who has to be beaten: the prior as it is, or the serving model.

    A serving model that has learned from the lessons that judge would win by having seen the
    answers. Of the same recipe, what it would have been without them is the candidate itself, and
    a few new lessons are reason enough to learn again. Otherwise it is at least calibrated on the
    same tail as the candidate.
    """
    if serving is None:
        return Model()
    if serving.manifest.origin == OUTCOME and serving.manifest.window[1] < float(last.at[0]):
        return serving.model
    if serving.manifest.recipe == recipe and serving.manifest.window[1] < float(last.at[-1]):
        return candidate
    return fitting.recalibrated(serving.model, tail)


def _cuts(data: Dataset, serving: LoadedModel | None = None) -> tuple[int, int]:
    """The first lesson to calibrate on, and the first to judge by.

    What the serving model has not learned from judges, where that is enough to tell.
    """
    middle = int(data.lessons * (1 - JUDGE_SHARE))
    if serving is not None and len(data) and data.at[-1] > serving.manifest.window[1]:
        row = int(np.searchsorted(data.at, serving.manifest.window[1], side="right"))
        first = int(data.lesson[row])
        new = data.between(first, data.lessons)
        if new.lessons >= MIN_JUDGING and 0 < new.positives < len(new):
            middle = max(middle, first)
    return ordering.first_later(middle), middle


def _refusal(data: Dataset, origin: str, seed: int, now: float) -> TrainingResult:
    """What is told where nothing can be fitted; its reason is empty where it can."""
    return TrainingResult(
        model=None,
        verdict="refused",
        reason=_too_few(data) or _one_sided(data),
        metrics={},
        recipe=fitting.recipe(origin, ordering.settings()),
        origin=origin,
        seed=seed,
        data=data.fingerprint(),
        window=(float(data.at[0]), float(data.at[-1])) if len(data) else (now, now),
        counts=_counts(data, origin),
        created=now,
    )


def _one_sided(data: Dataset) -> str:
    early, middle = _cuts(data)
    parts = (
        ("to learn from", data.between(0, early)),
        ("to calibrate on", data.between(early, middle)),
        ("to judge by", data.between(middle, data.lessons)),
    )
    for purpose, part in parts:
        if part.positives in (0, len(part)):
            all_of = "all were taken up" if part.positives else "none was taken up"
            return f"of the {part.lessons} lessons {purpose}, {all_of}: nothing to tell apart"
    return ""


def _too_few(data: Dataset) -> str:
    if data.lessons < MIN_LESSONS:
        return f"too few lessons: {data.lessons}, at least {MIN_LESSONS} are needed"
    if data.positives < MIN_POSITIVES:
        return f"too few were taken up: {data.positives}, at least {MIN_POSITIVES} are needed"
    return ""


def _counts(data: Dataset, origin: str) -> dict[str, int]:
    return {
        f"lessons_{origin}": data.lessons,
        "labels": len(data),
        "positives": data.positives,
        "dismissed": int(np.nansum(data.dismissed)),
        "opted_out": int(np.nansum(data.opted_out)),
        "members": len(set(data.members)),
    }


def _finished(model: Model, data: Dataset, last: Dataset, seed: int) -> Model:
    """What serves: what was judged, fitted to all lessons.

    It admits the width by which the same recipe, fitted to the earlier lessons, was off on the
    later ones; those that judge may be too few to say.
    """
    cut = int(data.lessons * (1 - UNSURE_SHARE))
    past, later = data.between(0, cut), data.between(cut, data.lessons)
    said = fitting.on_all(model, past, seed=seed).engages.probability(later.matrix)
    y, w = later.engaged.astype(np.float64), later.frequency.astype(np.float64)
    rate = float(np.average(y, weights=w))
    doubt = 1.96 * float(np.sqrt(rate * (1 - rate) / max(later.lessons, 1)))
    width = min(0.25, max(0.02, doubt + ece(y, said.astype(np.float64), w)))
    whole = fitting.on_all(model, data, seed=seed)
    return replace(whole, orders=fitting.recalibrated(model, last).orders, uncertainty=width)


def _judge(model: Model, former: Model, last: Dataset, seed: int) -> _Judged:
    ours = model.engages.probability(last.matrix).astype(np.float64)
    theirs = former.engages.probability(last.matrix).astype(np.float64)
    ours_by, theirs_by = (_slates(last, one.order.logits(last.matrix)) for one in (model, former))
    order = mean_interval(ours_by["auc"] - theirs_by["auc"], last.members, seed=seed)
    y, w = last.engaged.astype(np.float64), last.frequency.astype(np.float64)
    saved = log_losses(y, theirs) - log_losses(y, ours)
    groups = [last.members[k] for k in last.lesson]
    gain = mean_interval(saved, groups, seed=seed, weights=w)
    likely = mean_interval(saved, groups, seed=seed, weights=w, level=2 * OVER_PRIOR - 1)
    metrics = {
        "judged_by": "log_loss",
        "judged_lessons": last.lessons,
        "trees": {name: booster.num_trees() for name, booster in model.boosters().items()},
        "candidate": _metrics(last, ours, ours_by),
        "serving": _metrics(last, theirs, theirs_by),
        "gain": gain.as_json(),
        "auc_gain": order.as_json(),
    }
    return _Judged(metrics, gain, likely, order)


def _slates(data: Dataset, scores: Values) -> dict[str, Values]:
    ends = np.searchsorted(data.lesson, np.arange(1, data.lessons))
    labels = np.split(data.engaged.astype(np.float64), ends)
    return ranking.per_slate(zip(labels, np.split(scores, ends), strict=True))


def _metrics(data: Dataset, said: Values, by_slate: dict[str, Values]) -> dict[str, float | None]:
    """How far it may be believed, and how it orders slates."""
    y, w = data.engaged.astype(np.float64), data.frequency.astype(np.float64)
    found = {
        "log_loss": float(np.average(log_losses(y, said), weights=w)),
        "brier": brier(y, said, w),
        "ece": ece(y, said, w),
        "auc_pooled": ranking.auc(y, said),
        **{
            name: float(np.nanmean(values)) if np.isfinite(values).any() else np.nan
            for name, values in by_slate.items()
        },
    }
    return {name: value if np.isfinite(value) else None for name, value in found.items()}


def _verdict(judged: _Judged, serving: LoadedModel | None, recipe: str) -> tuple[bool, str]:
    gain, by = judged.gain, judged.metrics["judged_by"]
    rival = serving.version if serving else "the prior"
    told = f"gain in {by} over {rival} {gain.value:+.4f} ({gain.low:+.4f} to {gain.high:+.4f})"
    if not np.isfinite(gain.value):
        return False, "the later lessons cannot tell the models apart"
    if np.isfinite(judged.order.high) and judged.order.high < 0:
        return False, f"it orders worse than {rival}, whatever else: {told}"
    if serving is not None and serving.manifest.recipe == recipe:
        worse = gain.high < 0
        return not worse, f"{'a worse refit' if worse else 'a refit that is not worse'}: {told}"
    if serving is None:  # drawn to the prior where labels are few, it may follow on less proof
        better = judged.likely.low > 0
        return better, f"{'likely better' if better else 'not even likely better'}: {told}"
    better = gain.low > 0
    return better, f"{'better' if better else 'not shown to be better'}: {told}"
