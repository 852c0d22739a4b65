"""What the features of one query share, each part worked out once and only when asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from recsys.features.tally import DAY, Tally, half_life, tally
from recsys.interests import interests, profile, recent_context
from recsys.labels import refused
from recsys.state import as_of, closed, engaged, local_hour, local_weekday
from recsys.types import Exposures, Flags, Floats, MemberState, Moments, Pool, Query, Rows, Signals

_NOWHERE = np.zeros(0, np.int32)
WallClock = Callable[[Moments, str], NDArray[np.int8]]


@dataclass(frozen=True)
class View:
    """One query over n rows of a pool. Everything is cut at ``query.now`` here, for all features.

    Products of vectors go through `numpy.vecdot`, which works row by row: a matrix product
    would give a row other last bits with other rows beside it, and a replay would differ.
    """

    query: Query
    pool: Pool
    rows: Rows

    def __len__(self) -> int:
        return int(self.rows.size)

    @property
    def now(self) -> float:
        return self.query.now

    @cached_property
    def member(self) -> MemberState:
        return as_of(self.query.member, self.now)

    @cached_property
    def tally(self) -> Tally:
        return tally(self.query.workspace, self.pool, self.now)

    @property
    def signals(self) -> Signals:
        return self.member.signals

    @property
    def exposures(self) -> Exposures:
        return self.member.exposures

    def constant(self, value: float) -> Floats:
        """(n,) the same for every candidate."""
        return np.full(len(self), value, np.float32)

    @cached_property
    def clock(self) -> Moments:
        """(n,) when a candidate could first be met: now, or its publication if that is later.

        Live nothing unpublished is a candidate, so this is now. A day of weak labels is judged
        from its midnight, and each thread's clock is then its own.
        """
        return np.fmax(self.now, self.pool.published[self.rows])

    @cached_property
    def vectors(self) -> Floats:
        return np.asarray(np.take(self.pool.vectors, self.rows, axis=0), np.float32)

    @cached_property
    def authors(self) -> Rows:
        """(n,) where each candidate's author stands among the pool's, -1 for none."""
        return self.pool.author[self.rows]

    @cached_property
    def clocks(self) -> tuple[Moments, NDArray[np.intp]]:
        """The candidates' distinct clocks, ascending, and which of them is whose (n,)."""
        if self.clock.size and (self.clock == self.clock[0]).all():
            return self.clock[:1], np.zeros(len(self), np.intp)
        return np.unique(self.clock, return_inverse=True)

    @cached_property
    def topics(self) -> Floats:
        """(n, T) 1 where an item has a topic."""
        return self.pool.topic[self.rows].astype(np.float32)

    def mean_over_topics(self, values: NDArray[np.float64], default: float) -> Floats:
        """(n,) mean of a value per topic over each item's topics; `default` where it has none."""
        count = self.topics.sum(axis=1)
        total = np.vecdot(self.topics, values.astype(np.float32)[None, :])
        return np.where(count > 0, total / np.maximum(count, 1), default).astype(np.float32)

    def per_topic(self, rows: Rows, ages: Moments, seconds: float) -> Floats:
        """(n,) how much of what was about `rows`, halving with age, had an item's topics."""
        weights = half_life(ages, seconds).astype(np.float64)
        return self.mean_over_topics(weights @ self.pool.topic[rows].astype(np.float64), 0.0)

    def siblings(self, which: Flags, seconds: float) -> Floats:
        """(n,) how many of these openers (e,) were about an item's topics, halving with age."""
        known = which & (self.exposures.row >= 0)
        return self.per_topic(self.exposures.row[known], self.exposure_ages[known], seconds)

    @cached_property
    def interests(self) -> tuple[Floats, Floats]:
        """The member's interest vectors (k, d) and their weights (k,), summing to one."""
        return interests(self.member, self.pool, self.now)

    @cached_property
    def cosines(self) -> Floats:
        """(n, k) likeness of each candidate to each interest."""
        return self.likeness(self.interests[0])

    def likeness(self, vectors: Floats) -> Floats:
        """(n, k) cosines with k unit vectors."""
        return np.asarray(np.vecdot(self.vectors[:, None, :], vectors[None, :, :]), np.float32)

    @cached_property
    def spoken(self) -> Flags:
        """(m,) signals in which something was said."""
        return np.asarray(self.signals.vectors.any(axis=1))

    @cached_property
    def context(self) -> Floats:
        """(d,) what the member was about in the last two days; zero where nothing was said."""
        return recent_context(self.member, self.pool, self.now)

    @cached_property
    def profile(self) -> Floats:
        """(d,) where all that the member did points, as long as it may be believed."""
        return profile(self.member, self.pool, self.now)

    @cached_property
    def ages(self) -> Moments:
        """(m,) seconds since each signal."""
        return self.now - self.signals.at

    @cached_property
    def signal_hours(self) -> NDArray[np.intp]:
        return np.asarray(local_hour(self.signals.at, self.member.zone)).astype(np.intp)

    @cached_property
    def signal_weekdays(self) -> NDArray[np.intp]:
        return np.asarray(local_weekday(self.signals.at, self.member.zone)).astype(np.intp)

    @cached_property
    def clock_hours(self) -> NDArray[np.intp]:
        """(n,) local hour at each candidate's clock, 0..23."""
        return self._per_moment(self.clock, local_hour)

    @cached_property
    def clock_weekdays(self) -> NDArray[np.intp]:
        return self._per_moment(self.clock, local_weekday)

    @cached_property
    def published_hours(self) -> NDArray[np.intp]:
        return self._per_moment(self.pool.published[self.rows], local_hour)

    def _per_moment(self, at: Moments, part: WallClock) -> NDArray[np.intp]:
        """Live all candidates have the same moment, so it is read off once."""
        if at.size and at[0] == at[-1] and (at == at[0]).all():
            return np.full(at.size, part(at[:1], self.member.zone)[0], np.intp)
        return np.asarray(part(at, self.member.zone)).astype(np.intp)

    @cached_property
    def hours_spent(self) -> NDArray[np.float64]:
        """(24,) the member's signals by local hour."""
        return np.bincount(self.signal_hours, minlength=24).astype(np.float64)

    @cached_property
    def closed(self) -> Flags:
        """(e,) this member's openers whose fate is known."""
        return closed(self.exposures)

    @cached_property
    def engaged(self) -> Flags:
        """(e,) those that the member took up."""
        return engaged(self.exposures)

    @cached_property
    def refused(self) -> Flags:
        """(e,) those that the member dismissed or opted out upon."""
        return refused(self.exposures.outcome)

    @cached_property
    def exposure_ages(self) -> Moments:
        return self.now - self.exposures.at

    @cached_property
    def own_author(self) -> int:
        """Where the member stands among the pool's authors; -2 for somebody who is none."""
        return self.pool.author_at.get(self.member.member, -2)

    @cached_property
    def names_them(self) -> Flags:
        """(n,) whether an item's words name the member."""
        places = self.pool.mentioned_at.get(self.member.member, _NOWHERE)
        if not places.size:
            return np.zeros(len(self), np.bool_)
        return np.isin(self.pool.mention[self.rows], places)

    @cached_property
    def by_others(self) -> Flags:
        """(m,) signals that touched something that somebody else began."""
        row = self.signals.row
        if not self.pool.author.size:  # a pool without any row has not even a last one
            return np.zeros(row.size, dtype=np.bool_)
        return np.asarray((row >= 0) & (self.pool.author[row] != self.own_author))

    @cached_property
    def joined_rows(self) -> Rows:
        """Rows of others that the member touched in the last four weeks; with repeats."""
        return np.asarray(self.signals.row[self.by_others & (self.ages <= 28 * DAY)], np.int32)

    @cached_property
    def took_part(self) -> Rows:
        """Rows that the member touched, or took up when told; with repeats, by time within each."""
        told = self.exposures.row[self.engaged]
        both = np.concatenate([self.signals.row, told])
        return np.asarray(both[both >= 0], np.int32)
