"""The one screen, wired as in production with a small scorer."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest

from recsys.assembly import SOURCES, assemble
from recsys.filters import FILTERS
from recsys.pipeline import Pipeline
from recsys.sources.fuse import fuse
from recsys.types import (
    Candidates,
    Found,
    MemberId,
    Pool,
    Query,
    Ranked,
    Slate,
    Topic,
    Version,
)
from tests.contracts.test_source_contract import busy_pool, busy_query
from tests.recsys.builders import NOW, item, member, query, topical_items, topical_vectors, world


@dataclass(frozen=True)
class ByFusion:
    """Takes the fused score for the utility."""

    def score(self, query: Query, candidates: Candidates) -> Ranked:
        n = len(candidates)
        nothing = np.zeros(n, dtype=np.float32)
        return Ranked(
            rows=candidates.rows,
            engages=candidates.fused,
            dismisses=nothing,
            opts_out=nothing,
            utility=candidates.fused,
            matrix=np.zeros((n, 0), dtype=np.float32),
            version=Version("fused"),
        )


@dataclass(frozen=True)
class Broken:
    """A source whose index is gone."""

    name: str = "broken"

    def fetch(self, query: Query) -> Found:
        raise OSError("index file is gone")


def wired(epsilon: float = 0.0) -> Pipeline:
    return assemble(*busy_pool(), ByFusion(), epsilon=epsilon)


def test_every_candidate_is_either_ranked_or_dropped_by_name() -> None:
    slate = wired().run(busy_query())
    retrieved = set(slate.retrieved.rows.tolist())
    gone, left = set(slate.dropped.rows.tolist()), set(slate.ranked.rows.tolist())
    assert gone | left == retrieved
    assert not gone & left
    assert slate.dropped.counts() == {"already_sent": 1, "already_took_part": 2}
    assert slate.failures == ()


def test_the_pick_is_the_best_of_what_is_left() -> None:
    slate = wired().run(busy_query())
    assert slate.chosen is not None
    assert slate.chosen.row == slate.ranked.rows[slate.ranked.utility.argmax()]
    assert slate.chosen.item == busy_pool()[0].ids[slate.chosen.row]


def same(one: Slate, other: Slate) -> None:
    np.testing.assert_array_equal(one.retrieved.rows, other.retrieved.rows)
    np.testing.assert_array_equal(one.ranked.rows, other.ranked.rows)
    assert one.chosen == other.chosen


def test_the_same_query_gives_the_same_slate() -> None:
    asked = replace(busy_query(), seed=3, styles=("a", "b"))
    same(wired(0.5).run(asked), wired(0.5).run(asked))


@pytest.mark.parametrize("place", range(len(SOURCES) + 1))
def test_a_failing_source_is_reported_and_the_others_serve(place: int) -> None:
    whole = wired()
    sources = (*whole.sources[:place], Broken(), *whole.sources[place:])
    slate = replace(whole, sources=sources).run(busy_query())
    assert [(f.source, f.error) for f in slate.failures] == [
        ("broken", "OSError: index file is gone")
    ]
    same(slate, whole.run(busy_query()))


def test_where_every_source_fails_there_is_silence() -> None:
    slate = replace(wired(), sources=(Broken("one"), Broken("two"))).run(busy_query())
    assert slate.chosen is None
    assert len(slate.retrieved) == len(slate.ranked) == 0
    assert [failure.source for failure in slate.failures] == ["one", "two"]


def test_a_row_is_dropped_by_the_first_filter_that_refuses_it() -> None:
    hers = item("a", approved=False, expires=NOW, author=member().member)
    pool, indexes = world([hers])
    slate = assemble(pool, indexes, ByFusion()).run(query())
    assert slate.dropped.counts() == {"not_approved": 1}
    assert slate.dropped.filters == tuple(rule.name for rule in FILTERS)


def test_where_all_is_dropped_there_is_no_pick() -> None:
    muted = member(mutes=frozenset(map(Topic, ("python", "running", "bread"))))
    pool, indexes = world(topical_items(), topical_vectors())
    slate = assemble(pool, indexes, ByFusion()).run(query(muted))
    assert slate.chosen is None
    assert slate.dropped.counts() == {"muted_topic": 30}


def test_the_limit_bounds_what_is_retrieved() -> None:
    assert len(wired().run(replace(busy_query(), limit=5)).retrieved) == 5


def test_nothing_that_another_may_see_alone_reaches_the_slate() -> None:
    secret = item("secret", addressed_to=MemberId("U-HER"), topics=(Topic("python"),))
    pool, indexes = world([secret, item("open")])
    slate = assemble(pool, indexes, ByFusion()).run(
        query(member(follows=frozenset({Topic("python")})))
    )
    assert slate.ranked.rows.tolist() == [1]
    assert slate.dropped.counts() == {"not_visible": 1}


def test_without_the_filters_it_would_have() -> None:
    secret = item("secret", addressed_to=MemberId("U-HER"))
    pool, indexes = world([secret])
    unguarded = replace(assemble(pool, indexes, ByFusion()), filters=())
    assert unguarded.run(query()).ranked.rows.tolist() == [0]


def test_the_wiring_names_each_stage_once() -> None:
    pool: Pool = busy_pool()[0]
    pipeline = wired()
    names = [source.name for source in pipeline.sources]
    assert names == ["addressed", "dense", "keyword", "pinned", "popular", "recent"]
    assert pipeline.filters == FILTERS
    assert getattr(pipeline.fuse, "func", None) is fuse
    assert pipeline.pool.ids == pool.ids
