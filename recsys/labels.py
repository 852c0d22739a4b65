"""Outcomes become graded labels, once their window has closed."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from recsys.clocks import DAY
from recsys.state import as_of
from recsys.types import (
    Flags,
    Floats,
    MemberState,
    OutcomeKind,
    Pool,
    Query,
    Rows,
    WorkspaceState,
)

OUTCOME, HISTORY = "outcome", "history"
"""the two origins of a label; see `Lesson.origin`"""

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
_IS_REFUSAL: Flags = np.isin(
    np.arange(len(OutcomeKind)), (OutcomeKind.DISMISSED, OutcomeKind.OPTED_OUT)
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
    """`OUTCOME` or `HISTORY`; never mixed silently"""
    at: float


def target(outcome: NDArray[np.int8]) -> Floats:
    """Graded target of each outcome, 0..1; nan while it is open."""
    return _TARGET[outcome.astype(np.intp)]


def refused(outcome: NDArray[np.int8]) -> Flags:
    """Which openers the member refused in so many words."""
    return _IS_REFUSAL[outcome]


def weight(outcome: NDArray[np.int8], delay: NDArray[np.float64]) -> Floats:
    """How much each label counts; `delay` is seconds from showing to outcome."""
    quick = (outcome == int(OutcomeKind.DISMISSED)) & (delay < QUICK_SECONDS)
    return (_WEIGHT[outcome.astype(np.intp)] * np.where(quick, QUICK_WEIGHT, 1.0)).astype(
        np.float32
    )


def lessons(
    states: Sequence[MemberState], workspace: WorkspaceState, now: float, *, window: float = 0.0
) -> Iterator[Lesson]:
    """One lesson for each opener whose window had closed before `now`, by time.

    `window` is its length in seconds. A younger opener teaches nothing yet, even where it was
    answered: only the quick answers would be in, and silence would look rarer than it is.

    `states` and `workspace` are whole; each lesson's query is cut at the moment of its opener.
    Openers about an item that is no longer in the pool (row -1) teach nothing. Lazy, for each
    lesson holds a workspace of its own.
    """
    past = [as_of(state, now) for state in states]
    known = [
        (float(at), position, m)
        for position, state in enumerate(past)
        for m, at in enumerate(state.exposures.at)
    ]
    then, of_then = workspace, np.nan
    for at, position, m in sorted(known):
        exposures = past[position].exposures
        outcome, row = exposures.outcome[m : m + 1], exposures.row[m : m + 1]
        if outcome[0] == int(OutcomeKind.OPEN) or row[0] < 0 or at + window > now:
            continue
        if at != of_then:  # those of one moment share what is counted over all members
            then, of_then = as_of(workspace, at), at
        yield Lesson(
            query=Query(as_of(past[position], at), then, at),
            rows=row,
            engaged=target(outcome),
            dismissed=(outcome == int(OutcomeKind.DISMISSED)).astype(np.float32),
            opted_out=(outcome == int(OutcomeKind.OPTED_OUT)).astype(np.float32),
            weight=weight(outcome, exposures.outcome_at[m : m + 1] - at),
            origin=OUTCOME,
            at=at,
        )


def history_lessons(
    states: Sequence[MemberState],
    workspace: WorkspaceState,
    pool: Pool,
    start: float,
    end: float,
    *,
    kind: str = "thread",
    min_signals: int = 5,
    min_candidates: int = 5,
    keep_quiet: int = 4,
) -> Iterator[Lesson]:
    """Weak labels: which of a day's threads by others did a member join within a day?

    One lesson per member and UTC day from `start` to `end`, both cut to midnights; a day whose
    labels are not closed by `end` is left out. The state is that of 00:00, so nothing of the
    day itself is known. Of the days on which a member joined nothing, one in `keep_quiet`
    (by a checksum of member and day) stands for all, with that weight.
    """
    threads = np.flatnonzero(pool.kind == (pool.kinds.index(kind) if kind in pool.kinds else -1))
    published = pool.published[threads]
    for day in np.arange(np.ceil(start / DAY) * DAY, end - 2 * DAY + 1, DAY):
        rows = threads[(published >= day) & (published < day + DAY)].astype(np.int32)
        if rows.size < min_candidates:
            continue
        then = as_of(workspace, float(day))
        for state in states:
            if np.searchsorted(state.signals.at, day) < min_signals:
                continue
            lesson = _day(state, then, pool, rows[_by_others(state, pool, rows)], float(day))
            if lesson.rows.size < min_candidates:
                continue
            if lesson.engaged.any():
                yield lesson
            elif zlib.crc32(f"{state.member}:{day:.0f}".encode()) % keep_quiet == 0:
                lesson.weight[:] = keep_quiet
                yield lesson


def _by_others(state: MemberState, pool: Pool, rows: Rows) -> Flags:
    return np.asarray(pool.author[rows] != pool.author_at.get(state.member, -2))


def _day(
    state: MemberState, workspace: WorkspaceState, pool: Pool, rows: Rows, day: float
) -> Lesson:
    s = state.signals
    first, last = np.searchsorted(s.at, [day, day + 2 * DAY])
    touched, at = s.row[first:last], s.at[first:last]
    within = (touched >= 0) & (at <= pool.published[touched] + DAY)
    unknown = np.full(rows.size, np.nan, np.float32)
    return Lesson(
        query=Query(as_of(state, day), workspace, day),
        rows=rows,
        engaged=np.isin(rows, touched[within]).astype(np.float32),
        dismissed=unknown,
        opted_out=unknown,
        weight=np.ones(rows.size, np.float32),
        origin=HISTORY,
        at=day,
    )
