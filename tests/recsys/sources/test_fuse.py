"""Properties of reciprocal-rank fusion."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from recsys.sources.fuse import K, fuse
from recsys.types import Found

LIMIT = 100


def found(name: str, rows: list[int]) -> Found:
    scores = np.arange(len(rows), 0, -1, dtype=np.float32)
    return Found(name, np.array(rows, dtype=np.int32), scores)


lists = some.lists(some.lists(some.integers(0, 20), unique=True, max_size=12), max_size=5).map(
    lambda each: [found(f"s{n}", rows) for n, rows in enumerate(each)]
)


@given(lists, some.integers(0, LIMIT))
def test_no_row_twice_none_invented_and_the_limit_holds(given_: list[Found], limit: int) -> None:
    rows = fuse(given_, limit).rows.tolist()
    proposed = {row for each in given_ for row in each.rows.tolist()}
    assert len(rows) == len(set(rows)) == min(limit, len(proposed))
    assert set(rows) <= proposed


@given(lists)
def test_scores_are_the_sum_of_reciprocal_ranks_and_descend(given_: list[Found]) -> None:
    fused = fuse(given_, LIMIT)
    for row, score, ranks in zip(fused.rows, fused.fused, fused.ranks, strict=True):
        wanted = [each.rows.tolist().index(row) + 1 if row in each.rows else 0 for each in given_]
        assert ranks.tolist() == wanted
        assert score == pytest.approx(sum(1 / (K + rank) for rank in wanted if rank), rel=1e-5)
    assert (np.diff(fused.fused) <= 0).all()


@given(lists, some.randoms(use_true_random=False))
def test_the_order_of_the_sources_does_not_matter(given_: list[Found], random: object) -> None:
    shuffled = list(given_)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = fuse(given_, LIMIT), fuse(shuffled, LIMIT)
    np.testing.assert_array_equal(one.rows, other.rows)
    np.testing.assert_array_equal(one.fused, other.fused)


@given(lists, some.integers(1, 10))
def test_a_smaller_limit_only_cuts_the_end_off(given_: list[Found], limit: int) -> None:
    np.testing.assert_array_equal(fuse(given_, limit).rows, fuse(given_, LIMIT).rows[:limit])


@given(lists)
def test_what_one_more_source_puts_first_never_sinks(given_: list[Found]) -> None:
    before = fuse(given_, LIMIT).rows.tolist()
    if not before:
        return
    for place, row in enumerate(before):
        after = fuse([*given_, found("more", [row])], LIMIT).rows.tolist()
        assert after.index(row) <= place


def test_two_middling_ranks_beat_one_first_rank() -> None:
    fused = fuse([found("a", [1, 2]), found("b", [3, 2])], LIMIT)
    assert fused.rows.tolist() == [2, 1, 3]
    assert fused.sources == ("a", "b")


def test_a_repeated_row_keeps_its_better_rank() -> None:
    assert fuse([found("a", [5, 4, 5])], LIMIT).ranks.tolist() == [[1], [2]]


def test_no_sources_give_nothing() -> None:
    assert len(fuse([], LIMIT)) == 0
