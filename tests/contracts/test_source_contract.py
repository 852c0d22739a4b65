"""What every candidate source promises; a test class of a source inherits `SourceContract`."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from recsys.assembly import SOURCES
from recsys.indexes import Indexes
from recsys.pipeline import Source
from recsys.state import as_of
from recsys.types import Found, OutcomeKind, Pool, Query, Topic, WorkspaceState
from tests.recsys.builders import (
    DAY,
    ME,
    NOW,
    axis,
    exposures,
    member,
    query,
    signals,
    topical_items,
    topical_vectors,
    world,
)

FUTURE = 6
"""how many of the busy pool's items are published after the query's moment"""


def busy_pool() -> tuple[Pool, Indexes]:
    """Thirty items, six of them not published yet, four addressed to the member.

    The query pins some of both.
    """
    items = topical_items()
    for row in range(FUTURE):
        items[row * 5] = replace(items[row * 5], published=NOW + 60.0 * (row + 1))
    for row in (1, 2, 3, 5):
        items[row] = replace(items[row], addressed_to=ME)
    return world(items, topical_vectors())


def busy_query() -> Query:
    """A member with signals, outcomes and follows in a workspace where much happened."""
    told = exposures([(NOW - 3 * DAY, 8, OutcomeKind.REPLIED, NOW - 2 * DAY)])
    state = member(
        signals=signals([(NOW - 5 * DAY, 4, axis(1)), (NOW - DAY, 6, axis(0))]),
        exposures=told,
        follows=frozenset({Topic("python")}),
    )
    liked = [(NOW - 3 * DAY + row, row, OutcomeKind.ACCEPTED, NOW - DAY) for row in range(30)]
    workspace = WorkspaceState(
        members=(ME,),
        exposures=exposures(liked),
        touches_at=np.array([NOW - 2 * DAY, NOW - DAY]),
        touches_row=np.array([7, 9], dtype=np.int32),
        touches_member=np.zeros(2, dtype=np.int32),
    )
    asked = query(state, workspace=workspace)
    return replace(asked, pinned=frozenset(busy_pool()[0].ids[:9]))


class SourceContract:
    """Inherit, and say in `build` how the source is made."""

    def build(self, pool: Pool, indexes: Indexes) -> Source:
        raise AssertionError("a source's test says how the source is built")

    def fetched(self, asked: Query) -> Found:
        return self.build(*busy_pool()).fetch(asked)

    def test_it_proposes_something_to_a_busy_member(self) -> None:
        assert len(self.fetched(busy_query()).rows) > 0

    def test_its_answer_bears_its_name(self) -> None:
        pool, indexes = busy_pool()
        source = self.build(pool, indexes)
        assert source.fetch(busy_query()).source == source.name

    def test_rows_are_distinct_rows_of_the_pool(self) -> None:
        rows = self.fetched(busy_query()).rows
        assert rows.dtype == np.int32
        assert len(set(rows.tolist())) == rows.size
        assert ((rows >= 0) & (rows < 30)).all()

    def test_best_first_with_finite_scores(self) -> None:
        found = self.fetched(busy_query())
        assert found.scores.dtype == np.float32
        assert found.scores.shape == found.rows.shape
        assert np.isfinite(found.scores).all()
        assert (np.diff(found.scores) <= 0).all()

    @pytest.mark.parametrize("limit", [0, 1, 3, 1000])
    def test_the_limit_holds(self, limit: int) -> None:
        assert len(self.fetched(replace(busy_query(), limit=limit)).rows) <= limit

    def test_the_limit_takes_away_from_the_end(self) -> None:
        whole, short = self.fetched(busy_query()), self.fetched(replace(busy_query(), limit=2))
        assert short.rows.size > 0
        assert set(short.rows.tolist()) <= set(whole.rows.tolist())

    def test_what_is_published_later_does_not_exist_yet(self) -> None:
        pool, indexes = busy_pool()
        source = self.build(pool, indexes)
        rows = source.fetch(busy_query()).rows
        assert (pool.published[rows] <= NOW).all()

    def test_later_events_change_nothing(self) -> None:
        then = busy_query()
        later = replace(
            then.member,
            signals=signals(
                [(NOW - 5 * DAY, 4, axis(1)), (NOW - DAY, 6, axis(0)), (NOW, 11, axis(2))]
            ),
            exposures=exposures(
                [
                    (NOW - 3 * DAY, 8, OutcomeKind.REPLIED, NOW - 2 * DAY),
                    (NOW, 12, OutcomeKind.REPLIED, NOW + 1),
                ]
            ),
        )
        planted = self.fetched(replace(then, member=as_of(later, NOW)))
        untouched = self.fetched(then)
        np.testing.assert_array_equal(planted.rows, untouched.rows)
        np.testing.assert_array_equal(planted.scores, untouched.scores)

    def test_the_same_question_gets_the_same_answer(self) -> None:
        once, again = self.fetched(busy_query()), self.fetched(busy_query())
        np.testing.assert_array_equal(once.rows, again.rows)
        np.testing.assert_array_equal(once.scores, again.scores)

    def test_an_unknown_member_is_no_error(self) -> None:
        self.fetched(query())

    def test_an_empty_pool_gives_nothing(self) -> None:
        source = self.build(*world([]))
        empty = query(member(follows=frozenset({Topic("python")})))
        assert source.fetch(empty).rows.size == 0


def contracts() -> set[str]:
    """Names of the sources whose tests inherit the contract."""
    import tests.recsys.sources.test_sources as module

    classes = [value for value in vars(module).values() if isinstance(value, type)]
    mine = [c for c in classes if issubclass(c, SourceContract) and c is not SourceContract]
    return {c().build(*busy_pool()).name for c in mine}


def test_every_wired_source_inherits_the_contract() -> None:
    pool, indexes = busy_pool()
    assert {source(pool, indexes).name for source in SOURCES} <= contracts()
