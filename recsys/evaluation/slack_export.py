"""A real workspace, replayed: which of today's threads will a member join, and is it worth saying?

A day is judged from its midnight (UTC): of the members nothing later is known, and a candidate's
clock is its own root's time. Days with a root are in order; the last three tenths of them are for
testing, and training ends two days before, so that every label is closed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recsys import calibration, dataset, ordering
from recsys.calibration import Calibration
from recsys.clocks import DAY
from recsys.evaluation import report
from recsys.evaluation.baselines import Values, activity, hour_match, past_likeness
from recsys.evaluation.speaking import Picks, spoken
from recsys.evaluation.unusable import Unusable
from recsys.features import matrix
from recsys.labels import HISTORY, Lesson, history_lessons
from recsys.model import Model
from recsys.types import Floats, MemberState, Pool, Rows, WorkspaceState

TRAIN_SHARE = 0.7
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Community:
    """The threads and the people of an export, each member's messages as signals."""

    pool: Pool
    states: tuple[MemberState, ...]
    workspace: WorkspaceState

    @property
    def days(self) -> NDArray[np.float64]:
        """Midnights of the days on which a thread began, ascending."""
        return np.unique(np.floor(self.pool.published / DAY)) * DAY

    @property
    def first_test_day(self) -> float:
        return float(self.days[int(TRAIN_SHARE * len(self.days))])


@dataclass(frozen=True, eq=False)
class MemberDay:
    """What one member could have joined on one day, and did."""

    member: str
    at: float
    rows: Rows
    labels: Values
    table: Floats
    """the features of the candidates"""
    hour_match: Values
    embedding: Values
    activity: float

    @property
    def is_choice(self) -> bool:
        """Whether something was joined and something was not."""
        return bool(0 < self.labels.sum() < self.labels.size)


def train_lessons(community: Community, keep_quiet: int = 4) -> Iterator[Lesson]:
    """Weak labels of all days that had closed before the first test day."""
    days = community.days
    return history_lessons(
        community.states,
        community.workspace,
        community.pool,
        float(days[0]),
        community.first_test_day,
        keep_quiet=keep_quiet,
    )


def replayed(community: Community, progress: Progress) -> Iterator[MemberDay]:
    """Every eligible member-day from the first test day on."""
    last = float(community.days[-1])
    first = community.first_test_day
    lessons = history_lessons(
        community.states, community.workspace, community.pool, first, last + 2 * DAY, keep_quiet=1
    )
    total = int((last - first) / DAY) + 1
    for lesson in lessons:
        progress("Judging days", int((lesson.at - first) / DAY) + 1, total)
        yield MemberDay(
            member=lesson.query.member.member,
            at=lesson.at,
            rows=lesson.rows,
            labels=lesson.engaged.astype(np.float64),
            table=matrix(lesson.query, community.pool, lesson.rows),
            hour_match=hour_match(lesson.query, community.pool, lesson.rows),
            embedding=past_likeness(lesson.query, community.pool, lesson.rows),
            activity=activity(lesson.query),
        )


def evaluate(community: Community, *, seed: int, progress: Progress) -> dict[str, Any]:
    """Train on the early days, judge the late ones; the figures of BENCHMARKS.md.

    Raises Unusable where there are too few days, or nothing to learn from or to judge by.
    """
    if len(community.days) < 5:
        raise Unusable(f"threads began on {len(community.days)} days only; at least 5 are needed")
    days = _watched(train_lessons(community), community, progress)
    data = dataset.build(days, community.pool, origin=HISTORY, now=community.first_test_day)
    if not 0 < data.positives < len(data):
        what = "no thread was joined" if not data.positives else "every thread was joined"
        raise Unusable(f"in the days to learn from {what} by anybody who could: nothing to tell")
    progress("Training", 0, 1)
    learned = ordering.learn(data, seed=seed)
    sure = _sure(learned.model, data)
    progress("Training", 1, 1)
    judged = list(replayed(community, progress))
    choices = [day for day in judged if day.is_choice]
    if not choices:
        raise Unusable("on no test day did a member join one thread and leave another")
    return {
        "n": len(choices),
        "seed": seed,
        **_which(choices, learned.model, community.pool, seed),
        "speak": _whether(judged, learned.model, sure, seed),
        "model": {**report.model(learned, data.lessons), "decisions": _decisions(data)},
        "excluded": {"eligible days with nothing to choose": len(judged) - len(choices)},
    }


def _decisions(data: dataset.Dataset) -> int:
    joined = np.bincount(data.lesson, data.engaged >= 0.5, data.lessons)
    size = np.bincount(data.lesson, minlength=data.lessons)
    return int(((joined > 0) & (joined < size)).sum())


def _watched(
    lessons: Iterable[Lesson], community: Community, progress: Progress
) -> Iterator[Lesson]:
    first = float(community.days[0])
    total = int((community.first_test_day - first) / DAY)
    for lesson in lessons:
        progress("Learning from days", int((lesson.at - first) / DAY) + 1, total)
        yield lesson


def _which(choices: list[MemberDay], model: Model, pool: Pool, seed: int) -> dict[str, Any]:
    dice = np.random.default_rng(seed)
    return report.ranked(
        [day.labels for day in choices],
        [model.order.logits(day.table) for day in choices],
        {
            "random": [dice.random(day.rows.size) for day in choices],
            "root_length": [pool.words[day.rows].astype(np.float64) for day in choices],
            "hour_match": [day.hour_match for day in choices],
            "embedding": [day.embedding for day in choices],
        },
        [day.member for day in choices],
        seed=seed,
    )


def _sure(model: Model, data: dataset.Dataset) -> Calibration:
    """How often the first of a slate is right: the largest of many is optimistic by itself."""
    later = data.between(ordering.first_later(data.lessons), data.lessons)
    by, logits = model.order.logits(later.matrix), model.engages.logits(later.matrix)
    first = np.lexsort((-by, later.lesson))[np.flatnonzero(np.diff(later.lesson, prepend=-1))]
    right = (later.engaged[first] >= 0.5).astype(np.float64)
    return calibration.fit_platt(logits[first], right, later.weight[first].astype(np.float64))


def _pick(day: MemberDay, model: Model, sure: Calibration) -> tuple[int, float]:
    """The first of a slate, as production takes it, and the chance that it is right."""
    first = int(np.argmax(model.order.logits(day.table)))
    logit = model.engages.logits(day.table[first : first + 1])
    return first, float(sure(logit)[0])


def _whether(judged: list[MemberDay], model: Model, sure: Calibration, seed: int) -> dict[str, Any]:
    at = np.array([day.at for day in judged])
    members = [day.member for day in judged]

    def picks(confidence: Iterable[float], right: Iterable[float]) -> Picks:
        return Picks(np.array(list(confidence)), np.array(list(right)), at, members, seed)

    chosen = [_pick(day, model, sure) for day in judged]
    at_random = [float(day.labels.mean()) for day in judged]
    by_hour = [int(np.argmax(day.hour_match)) for day in judged]
    dice = np.random.default_rng(seed)
    ours = picks(
        (chance for _, chance in chosen),
        (float(day.labels[best]) for day, (best, _) in zip(judged, chosen, strict=True)),
    )
    return spoken(
        ours,
        {
            "always": picks((0.0 for _ in judged), at_random),
            "random": picks(dice.random(len(judged)), at_random),
            "activity": picks(
                (day.activity for day in judged),
                (d.labels[b] for d, b in zip(judged, by_hour, strict=True)),
            ),
            "hour_match_x_activity": picks(
                (d.hour_match[b] * d.activity for d, b in zip(judged, by_hour, strict=True)),
                (d.labels[b] for d, b in zip(judged, by_hour, strict=True)),
            ),
        },
    )
