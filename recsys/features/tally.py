"""What all members together did, counted once for a workspace, a pool and a moment."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from recsys.remembered import remembered
from recsys.state import as_of, closed, engaged
from recsys.surprise import ITEM_SPREAD, ratings
from recsys.terms import BUCKETS
from recsys.types import Floats, Pool, Rows, WorkspaceState

DAY = 86_400.0
PRIOR_RATE = 0.25
"""Share of openers that are taken up before anybody has answered one."""
DRAW_BELIEF = 4.0
"""Items' worth of belief that an author draws as many as any other does."""
USUAL_TOUCHES = 5_000
"""The latest touches that say what is usual."""
PRIOR_SHOWN = 8.0
"""Exposures that a prior is worth, at each step from workspace to topic to item."""

Counts = NDArray[np.float64]


def smoothed(hits: Counts, shown: Counts, prior: Counts | float) -> Counts:
    """``(hits + k·prior) / (shown + k)`` with k = PRIOR_SHOWN: a rate that few data barely move."""
    rate: Counts = (hits + PRIOR_SHOWN * prior) / (shown + PRIOR_SHOWN)
    return rate


@dataclass(frozen=True)
class Groups:
    """Positions by a key: found in what a group holds, not in what all hold."""

    keys: NDArray[np.int32]
    """ascending"""
    positions: NDArray[np.intp]
    """ascending within a key"""

    @classmethod
    def by(cls, keys: NDArray[np.int32]) -> Groups:
        """Group positions by these keys; those below zero belong to nobody."""
        order = np.argsort(keys, kind="stable")
        order = order[np.searchsorted(keys[order], 0) :]
        return cls(keys[order], order)

    def of(self, wanted: Collection[int]) -> NDArray[np.intp]:
        """Positions of these keys, ascending, so that sums over them round as ever."""
        each = np.fromiter(wanted, np.int32, len(wanted))
        starts = np.searchsorted(self.keys, each)
        ends = np.searchsorted(self.keys, each, side="right")
        spans = [self.positions[a:b] for a, b in zip(starts, ends, strict=True) if b > a]
        return np.sort(np.concatenate(spans)) if spans else self.positions[:0]


@dataclass(frozen=True)
class Tally:
    """Counts over a workspace as of `now`; columns are those of the pool."""

    state: WorkspaceState
    pool: Pool
    now: float

    @cached_property
    def shown(self) -> Counts:
        """(n,) exposures of each item whose window has closed."""
        e = self.state.exposures
        return self._per_item(e.row[closed(e) & (e.row >= 0)])

    @cached_property
    def taken(self) -> Counts:
        """(n,) exposures of each item that somebody took up."""
        e = self.state.exposures
        return self._per_item(e.row[engaged(e) & (e.row >= 0)])

    @cached_property
    def rate(self) -> float:
        """Share of all openers that were taken up, smoothed."""
        e = self.state.exposures
        hits, shown = float(engaged(e).sum()), float(closed(e).sum())
        return float((hits + PRIOR_SHOWN * PRIOR_RATE) / (shown + PRIOR_SHOWN))

    @cached_property
    def topic_rate(self) -> Counts:
        """(T,) smoothed rate of each topic, drawn to the workspace's."""
        e = self.state.exposures
        known = e.row >= 0
        of = self.pool.topic[e.row[known]].astype(np.float64)
        return smoothed(engaged(e)[known] @ of, closed(e)[known] @ of, self.rate)

    @cached_property
    def kind_rate(self) -> Counts:
        """(number of kinds,) smoothed rate of each kind of item."""
        return self._rate_by(self.pool.kind, len(self.pool.kinds))

    @cached_property
    def source_rate(self) -> Counts:
        """(number of sources,) smoothed rate of each source."""
        return self._rate_by(self.pool.source, len(self.pool.sources))

    @cached_property
    def shown_today(self) -> Counts:
        """(n,) openers about each item in the last 24 hours, to anybody."""
        e = self.state.exposures
        return self._per_item(e.row[(e.at > self.now - DAY) & (e.row >= 0)])

    @cached_property
    def interest_lately(self) -> Counts:
        """(n,) touches of each item in the last week, an hour ago counting about one."""
        s = self.state
        week = (s.touches_at > self.now - 7 * DAY) & (s.touches_row >= 0)
        worth = 0.5 ** ((self.now - s.touches_at[week]) / (2 * DAY))
        return np.bincount(s.touches_row[week], worth, len(self.pool)).astype(np.float64)

    @cached_property
    def latest(self) -> Rows:
        """Rows of the latest things that anybody took part in, each once."""
        return np.unique(self.state.touches_row[self.state.touches_row >= 0][-USUAL_TOUCHES:])

    @cached_property
    def rarity(self) -> Floats:
        """(BUCKETS,) how telling a word is: log of one in how many of these things has it."""
        there = np.bincount(self.pool.terms[self.latest].ravel(), minlength=BUCKETS)
        counts = np.arange(int(there.max(initial=0)) + 1)
        rare: Floats = np.log1p((self.latest.size + 1.0) / (counts + 1.0)).astype(np.float32)[there]
        rare[0] = 0.0  # no word
        return rare

    @cached_property
    def usual(self) -> Floats:
        """(d,) the mean of the latest things that anybody took part in; zero for none."""
        rows = self.latest
        if not rows.size:
            return np.zeros(self.pool.vectors.shape[1], np.float32)
        return np.asarray(self.pool.vectors[rows].mean(axis=0), np.float32)

    @cached_property
    def begun(self) -> Counts:
        """(authors,) items that each author began before `now`."""
        known = (self.pool.author >= 0) & (self.pool.published < self.now)
        return np.bincount(self.pool.author[known], minlength=len(self.pool.authors)).astype(
            np.float64
        )

    @cached_property
    def draw(self) -> Counts:
        """(authors,) how many others took part in an item of each author, on average, smoothed."""
        s, authors = self.state, len(self.pool.authors)
        touched = s.touches_row >= 0
        row, who = s.touches_row[touched].astype(np.int64), s.touches_member[touched]
        other = self.pool.author[row] != self.author_of_member[who]
        pairs = np.unique(row[other] * max(len(s.members), 1) + who[other])
        began = self.pool.author[pairs // max(len(s.members), 1)]
        came = np.bincount(began[began >= 0], minlength=authors).astype(np.float64)
        usual = came.sum() / max(float(self.begun.sum()), 1.0)
        return np.asarray((came + DRAW_BELIEF * usual) / (self.begun + DRAW_BELIEF))

    @cached_property
    def author_of_member(self) -> NDArray[np.intp]:
        """(members,) where each member stands among the pool's authors, -1 for none of them."""
        place = self.pool.author_at
        return np.array([place.get(member, -1) for member in self.state.members], np.intp)

    @cached_property
    def touches_of_author(self) -> Groups:
        """Which touches are of each author's items."""
        row = self.state.touches_row
        return Groups.by(np.where(row >= 0, self.pool.author[row], -1))

    @cached_property
    def touches_of_row(self) -> Groups:
        """Which touches are of each item."""
        return Groups.by(self.state.touches_row)

    @cached_property
    def appeal(self) -> Counts:
        """(n,) how much more gladly each item was taken up than expected, in logits."""
        e = self.state.exposures
        return ratings(e, e.row, len(self.pool), ITEM_SPREAD)

    def _per_item(self, rows: NDArray[np.int32]) -> Counts:
        return np.bincount(rows, minlength=len(self.pool)).astype(np.float64)

    def _rate_by(self, group: NDArray[np.int16], size: int) -> Counts:
        e = self.state.exposures
        known = e.row >= 0
        of = group[e.row[known]].astype(np.intp)
        hits = np.bincount(of[engaged(e)[known]], minlength=size).astype(np.float64)
        shown = np.bincount(of[closed(e)[known]], minlength=size).astype(np.float64)
        return smoothed(hits, shown, self.rate)


@remembered(4)
def tally(state: WorkspaceState, pool: Pool, now: float) -> Tally:
    """The tally of this workspace at this moment, counted once for all members of a pass.

    Some are kept: a pass over all members uses one, a replay beside it another.
    """
    return Tally(as_of(state, now), pool, now)


def half_life(ages: NDArray[np.float64], seconds: float) -> Floats:
    """Weights that halve every `seconds`; ages in seconds."""
    return (0.5 ** (ages / seconds)).astype(np.float32)
