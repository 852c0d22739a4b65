"""Two models side by side, slice by slice: a gain on average may hide a loss for somebody."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recsys.evaluation import ranking
from recsys.evaluation.bootstrap import Interval, mean_interval
from recsys.evaluation.calibration import ece, log_losses
from recsys.features import matrix
from recsys.labels import Lesson
from recsys.model import Model
from recsys.state import local_hour
from recsys.types import Pool

Values = NDArray[np.float64]

NEW_BELOW = 3
"""openers before which a member counts as new"""
HOURS = ((0, 9, "before 9"), (9, 12, "9 to 12"), (12, 15, "12 to 15"), (15, 24, "from 15"))
TELLS_FROM = 10
"""lessons below which a slice's interval says nothing, and none is given"""


@dataclass(frozen=True, slots=True)
class Sliced:
    """One slice: how both models do, and the paired gain of the second in log loss."""

    family: str
    name: str
    lessons: int
    engaged: float
    """share of the labels that were taken up"""
    log_loss: tuple[float, float]
    auc: tuple[float, float]
    """over all labels of the slice; nan where only one kind came"""
    ece: tuple[float, float]
    gain: Interval

    def as_json(self) -> dict[str, Any]:
        told = asdict(self)
        for name in ("log_loss", "auc", "ece"):
            told[name] = [x if np.isfinite(x) else None for x in told[name]]
        return {**told, "gain": self.gain.as_json()}


def compare(
    first: Model, second: Model, lessons: Iterable[Lesson], pool: Pool, *, seed: int
) -> tuple[Sliced, ...]:
    """All lessons together, then each slice by member's age, topic, zone and local hour.

    A lesson stands in several slices of one family where its items have several topics.
    Intervals resample members. Empty where there are no lessons.
    """
    told = [_Told(one, pool, first, second) for one in lessons if one.rows.size]
    groups: dict[tuple[str, str], list[_Told]] = defaultdict(list)
    for one in told:
        for key in one.slices:
            groups[key].append(one)
    return tuple(_sliced(key, groups[key], seed) for key in sorted(groups, key=_order))


class _Told:
    """What both models said of one lesson; the lesson's state is not kept."""

    def __init__(self, lesson: Lesson, pool: Pool, first: Model, second: Model) -> None:
        table = matrix(lesson.query, pool, lesson.rows)
        self.said = [
            model.engages.probability(table).astype(np.float64) for model in (first, second)
        ]
        self.came = lesson.engaged.astype(np.float64)
        self.weight = lesson.weight.astype(np.float64)
        self.member = lesson.query.member.member
        self.slices = tuple(_slices(lesson, pool))


def _slices(lesson: Lesson, pool: Pool) -> Iterator[tuple[str, str]]:
    member = lesson.query.member
    yield "all", "all"
    is_new = len(member.exposures) < NEW_BELOW
    yield "members", f"fewer than {NEW_BELOW} openers" if is_new else "others"
    about = pool.topic[lesson.rows].any(axis=0)
    for topic in np.flatnonzero(about):
        yield "topic", pool.topics[int(topic)]
    if not about.any():
        yield "topic", "(none)"
    yield "zone", member.zone
    hour = int(local_hour(np.array([lesson.at]), member.zone)[0])
    yield "hour", next(name for low, high, name in HOURS if low <= hour < high)


def _order(key: tuple[str, str]) -> tuple[int, int | str]:
    family, name = key
    families = ("all", "members", "topic", "zone", "hour")
    hours = [told for _, _, told in HOURS]
    return families.index(family), str(hours.index(name)) if family == "hour" else name


def _sliced(key: tuple[str, str], told: Sequence[_Told], seed: int) -> Sliced:
    y = np.concatenate([one.came for one in told])
    w = np.concatenate([one.weight for one in told])
    a, b = (np.concatenate([one.said[n] for one in told]) for n in (0, 1))
    members = [one.member for one in told for _ in one.came]
    saved = log_losses(y, a) - log_losses(y, b)
    gain = Interval(float(np.average(saved, weights=w)), np.nan, np.nan)
    if len(told) >= TELLS_FROM:
        gain = mean_interval(saved, members, seed=seed, weights=w)
    return Sliced(
        family=key[0],
        name=key[1],
        lessons=len(told),
        engaged=float(np.average(y >= 0.5, weights=w)),
        log_loss=_both(lambda p: float(np.average(log_losses(y, p), weights=w)), a, b),
        auc=_both(lambda p: ranking.auc(y, p), a, b),
        ece=_both(lambda p: ece(y, p, w), a, b),
        gain=gain,
    )


def _both(measure: Any, a: Values, b: Values) -> tuple[float, float]:
    return float(measure(a)), float(measure(b))
