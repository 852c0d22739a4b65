"""Outcomes become graded labels, once their window has closed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from recsys.types import Flags, Floats, OutcomeKind, Query, Rows

QUICK_SECONDS = 60.0
"""A dismissal faster than this was decided by the mere sight of the opener: it weighs more."""
QUICK_WEIGHT = 1.5


@dataclass(frozen=True, slots=True)
class Grade:
    """What an outcome says about P(engages): a target in 0..1, how much it weighs, and why."""

    target: float
    weight: float
    reason: str


GRADES: Mapping[OutcomeKind, Grade] = MappingProxyType(
    {
        OutcomeKind.FOLLOWED_UP: Grade(1.0, 1.0, "they came back for more on their own"),
        OutcomeKind.REPLIED: Grade(1.0, 1.0, "they answered in their own words"),
        OutcomeKind.ACCEPTED: Grade(1.0, 1.0, "they asked to be told more"),
        OutcomeKind.SAVED: Grade(0.8, 1.0, "worth keeping, though not worth reading now"),
        OutcomeKind.RESOLVED: Grade(1.0, 1.0, "they said that it helped"),
        OutcomeKind.DISMISSED: Grade(0.0, 1.0, "they said no"),
        OutcomeKind.IGNORED: Grade(0.0, 0.5, "silence: not wanted, or not seen"),
        OutcomeKind.OPTED_OUT: Grade(0.0, 1.0, "they sent us away"),
        OutcomeKind.HANDED_OFF: Grade(0.5, 1.0, "the matter was right, we were not enough"),
    }
)

_TARGET = np.array(
    [GRADES[kind].target if kind in GRADES else np.nan for kind in OutcomeKind], np.float32
)
_WEIGHT = np.array(
    [GRADES[kind].weight if kind in GRADES else 0.0 for kind in OutcomeKind], np.float32
)


@dataclass(frozen=True)
class Lesson:
    """One decision whose window has closed, or one member's day of weak labels.

    `dismissed` and `opted_out` are nan where nobody could have dismissed anything: weak labels
    teach the first head only.
    """

    query: Query
    """as of that moment"""
    rows: Rows
    """rows whose fate is known, (k,)"""
    engaged: Floats
    """graded target 0..1, (k,)"""
    dismissed: Floats
    opted_out: Floats
    weight: Floats
    origin: str
    """``outcome`` or ``history``; never mixed silently"""
    at: float


def target(outcome: NDArray[np.int8]) -> Floats:
    """Graded target of each outcome, 0..1; nan while it is open."""
    return _TARGET[outcome.astype(np.intp)]


def refused(outcome: NDArray[np.int8]) -> Flags:
    """Which openers the member refused in so many words."""
    return np.isin(outcome, (int(OutcomeKind.DISMISSED), int(OutcomeKind.OPTED_OUT)))


def weight(outcome: NDArray[np.int8], delay: NDArray[np.float64]) -> Floats:
    """How much each label counts; `delay` is seconds from showing to outcome."""
    quick = (outcome == int(OutcomeKind.DISMISSED)) & (delay < QUICK_SECONDS)
    return (_WEIGHT[outcome.astype(np.intp)] * np.where(quick, QUICK_WEIGHT, 1.0)).astype(
        np.float32
    )
