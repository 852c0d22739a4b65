"""Lessons as columns: one matrix for a whole training run."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from recsys.features import FEATURES, matrix
from recsys.labels import Lesson
from recsys.state import empty_exposures, empty_signals, empty_workspace
from recsys.types import Floats, MemberState, Moments, Pool, Query, Rows

Matrix = Callable[[Query, Pool, Rows], Floats]
"""how features are come by: `recsys.features.matrix`, or `recsys.made_of.Kept` before it"""


@dataclass(frozen=True)
class Dataset:
    """Rows of all lessons, ascending by time; n rows."""

    matrix: Floats
    engaged: Floats
    dismissed: Floats
    opted_out: Floats
    weight: Floats
    at: Moments
    lesson: NDArray[np.int32]
    """which lesson a row belongs to, counted from 0 by time"""
    members: tuple[str, ...]
    """whose each lesson is"""

    def __len__(self) -> int:
        return int(self.at.size)

    @property
    def frequency(self) -> Floats:
        """(n,) how often each row came about, beside how much it teaches (`weight`).

        Silence teaches less than a word, but it came about as often as it did: probabilities are
        calibrated, and judged, by what happened. Weak labels stand for others that were left out,
        so there the weight is the frequency.
        """
        told = np.isfinite(self.dismissed)
        return np.where(told, np.float32(1.0), self.weight).astype(np.float32)

    @property
    def lessons(self) -> int:
        return len(self.members)

    @property
    def positives(self) -> int:
        return int((self.engaged >= 0.5).sum())

    def between(self, first: int, last: int) -> Dataset:
        """Lessons `first` up to `last`, which keep their numbers from there."""
        keep = slice(*np.searchsorted(self.lesson, [first, last]))
        return Dataset(
            self.matrix[keep],
            self.engaged[keep],
            self.dismissed[keep],
            self.opted_out[keep],
            self.weight[keep],
            self.at[keep],
            self.lesson[keep] - np.int32(first),
            self.members[first:last],
        )

    def fingerprint(self) -> str:
        """SHA-256 over every number, so that a manifest can name what a model was fitted to."""
        digest = hashlib.sha256()
        for part in (self.matrix, self.engaged, self.dismissed, self.opted_out, self.weight):
            digest.update(np.ascontiguousarray(part).tobytes())
        digest.update(self.at.tobytes())
        digest.update("\n".join(self.members).encode())
        return digest.hexdigest()


def build(
    lessons: Iterable[Lesson], pool: Pool, *, origin: str, now: float, features: Matrix = matrix
) -> Dataset:
    """Features of every lesson as of its own moment.

    Lessons at or after `now` are left out. Raises ValueError for a lesson of another origin:
    weak labels and outcomes are not the same thing and are never mixed.
    """
    parts: list[tuple[Floats, Lesson]] = []
    for lesson in lessons:
        if lesson.origin != origin:
            raise ValueError(
                f"a lesson of origin {lesson.origin!r} among those of {origin!r}; train on each"
            )
        if lesson.at < now and lesson.rows.size:
            # the past goes once its features are known: a year of lessons must fit in memory
            known = features(lesson.query, pool, lesson.rows)
            parts.append((known, replace(lesson, query=_without_past(lesson.query))))
    parts.sort(key=lambda part: (part[1].at, part[1].query.member.member))
    kept = [lesson for _, lesson in parts]
    sizes = [lesson.rows.size for lesson in kept]
    nothing = np.zeros(0, np.float32)
    return Dataset(
        matrix=np.concatenate([np.zeros((0, len(FEATURES)), np.float32), *(m for m, _ in parts)]),
        engaged=np.concatenate([nothing, *(lesson.engaged for lesson in kept)]),
        dismissed=np.concatenate([nothing, *(lesson.dismissed for lesson in kept)]),
        opted_out=np.concatenate([nothing, *(lesson.opted_out for lesson in kept)]),
        weight=np.concatenate([nothing, *(lesson.weight for lesson in kept)]),
        at=np.repeat(np.array([lesson.at for lesson in kept], np.float64), sizes),
        lesson=np.repeat(np.arange(len(kept), dtype=np.int32), sizes),
        members=tuple(lesson.query.member.member for lesson in kept),
    )


def _without_past(query: Query) -> Query:
    nobody = MemberState(query.member.member, "UTC", empty_signals(0), empty_exposures())
    return replace(query, member=nobody, workspace=empty_workspace())
