"""Each source: the contract, and what it is for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from recsys.indexes import Indexes
from recsys.pipeline import Source
from recsys.sources.addressed import Addressed
from recsys.sources.dense import Dense
from recsys.sources.keyword import Keyword
from recsys.sources.pinned import Pinned
from recsys.sources.popular import Popular
from recsys.sources.recent import Recent
from recsys.state import empty_workspace
from recsys.types import ItemId, MemberId, OutcomeKind, Pool, Topic, WorkspaceState
from tests.contracts import test_source_contract as contract
from tests.recsys.builders import (
    DAY,
    ME,
    NOW,
    axis,
    exposures,
    item,
    member,
    query,
    signals,
    topical_items,
    topical_vectors,
    unit,
    world,
)


class TestDense(contract.SourceContract):
    def build(self, pool: Pool, indexes: Indexes) -> Source:
        return Dense(pool, indexes)

    def test_what_resembles_the_interest_comes_first(self) -> None:
        source = self.build(*world(topical_items(), topical_vectors()))
        runner = member(signals=signals([(NOW - 5 * DAY, -1, axis(1))]))
        rows = source.fetch(query(runner)).rows
        assert set((rows[:10] % 3).tolist()) == {1}

    def test_a_small_interest_keeps_places_beside_a_large_one(self) -> None:
        source = self.build(*world(topical_items(), topical_vectors()))
        said = [(NOW - 5 * DAY + hour, -1, axis(0)) for hour in range(20)]
        said.append((NOW - 4 * DAY, -1, axis(2)))
        rows = source.fetch(query(member(signals=signals(said)), limit=8)).rows
        assert {0, 2} <= set((rows % 3).tolist())

    def test_nobody_knows_nothing(self) -> None:
        assert self.build(*contract.busy_pool()).fetch(query()).rows.size == 0


class TestKeyword(contract.SourceContract):
    def build(self, pool: Pool, indexes: Indexes) -> Source:
        return Keyword(pool, indexes)

    def test_rare_words_of_what_was_touched_find_their_like(self) -> None:
        items = [
            item("a", text="the tardigrade survives the vacuum"),
            item("b", text="a tardigrade in moss"),
            item("c", text="quarterly budget review"),
        ]
        source = self.build(*world(items))
        touched = member(signals=signals([(NOW - DAY, 0, None)]))
        assert set(source.fetch(query(touched)).rows.tolist()) == {0, 1}

    def test_a_word_that_stands_nowhere_else_is_no_query(self) -> None:
        items = [item("a", title="tardigrade", text=""), item("b", title="budget review", text="")]
        touched = member(signals=signals([(NOW - DAY, 0, None)]))
        assert self.build(*world(items)).fetch(query(touched)).rows.size == 0

    def test_followed_topics_are_words_too(self) -> None:
        items = [item("a", text="sourdough at home"), item("b", text="release notes")]
        baker = member(follows=frozenset({Topic("sourdough-bread")}))
        assert self.build(*world(items)).fetch(query(baker)).rows.tolist() == [0]

    def test_a_dismissed_item_lends_no_words(self) -> None:
        items = [item("a", text="tardigrade"), item("b", text="tardigrade")]
        for outcome, expected in ((OutcomeKind.REPLIED, 2), (OutcomeKind.DISMISSED, 0)):
            told = member(exposures=exposures([(NOW - DAY, 0, outcome, NOW - 60)]))
            assert self.build(*world(items)).fetch(query(told)).rows.size == expected


class TestRecent(contract.SourceContract):
    def build(self, pool: Pool, indexes: Indexes) -> Source:
        return Recent(pool, indexes)

    def test_newest_first(self) -> None:
        rows = self.build(*world(topical_items(9), topical_vectors(9))).fetch(query()).rows
        assert rows.tolist() == list(range(9))

    def test_at_the_very_moment_it_is_published_an_item_exists(self) -> None:
        items = [item("now", published=NOW), item("soon", published=NOW + 0.001)]
        assert self.build(*world(items)).fetch(query()).rows.tolist() == [0]


class TestPopular(contract.SourceContract):
    def build(self, pool: Pool, indexes: Indexes) -> Source:
        return Popular(pool, indexes)

    def told(self, events: list[tuple[int, OutcomeKind]]) -> WorkspaceState:
        listed = [(NOW - DAY + n, row, kind, NOW - 60.0) for n, (row, kind) in enumerate(events)]
        return replace(empty_workspace(), members=(ME,), exposures=exposures(listed))

    def test_the_rate_counts_and_not_the_number(self) -> None:
        often = [(0, OutcomeKind.REPLIED)] * 5 + [(0, OutcomeKind.IGNORED)] * 45
        seldom = [(1, OutcomeKind.REPLIED)] * 4
        source = self.build(*world([item("often"), item("seldom")]))
        found = source.fetch(query(workspace=self.told(often + seldom)))
        assert found.rows.tolist() == [1, 0]

    def test_an_open_exposure_is_no_refusal(self) -> None:
        source = self.build(*world([item("a")]))
        answered = [(0, OutcomeKind.REPLIED)]
        before = source.fetch(query(workspace=self.told(answered))).scores
        waiting = [*answered, (0, OutcomeKind.OPEN)]
        np.testing.assert_array_equal(
            before, source.fetch(query(workspace=self.told(waiting))).scores
        )

    def test_colleagues_who_took_part_count_once_each(self) -> None:
        workspace = WorkspaceState(
            members=(ME, MemberId("U-2"), MemberId("U-3")),
            exposures=empty_workspace().exposures,
            touches_at=NOW - np.array([50.0, 40.0, 30.0, 20.0, 10.0]),
            touches_row=np.array([0, 0, 0, 1, 1], dtype=np.int32),
            touches_member=np.array([1, 1, 1, 1, 2], dtype=np.int32),
        )
        source = self.build(*world([item("one"), item("two"), item("none")]))
        assert source.fetch(query(workspace=workspace)).rows.tolist() == [1, 0]


class TestPinned(contract.SourceContract):
    def build(self, pool: Pool, indexes: Indexes) -> Source:
        return Pinned(pool, indexes)

    def test_only_what_is_pinned_and_out_the_newest_first(self) -> None:
        items = [
            item("old", published=NOW - 60),
            item("plain"),
            item("new", published=NOW - 30),
            item("later", published=NOW + 60),
        ]
        pinned = frozenset(map(ItemId, ("old", "new", "later", "gone")))
        source = self.build(*world(items))
        assert source.fetch(replace(query(), pinned=pinned)).rows.tolist() == [2, 0]
        assert source.fetch(query()).rows.tolist() == []


class TestAddressed(contract.SourceContract):
    def build(self, pool: Pool, indexes: Indexes) -> Source:
        return Addressed(pool, indexes)

    def test_only_what_is_addressed_to_this_member(self) -> None:
        items = [
            item("mine", addressed_to=ME),
            item("all"),
            item("hers", addressed_to=MemberId("U-HER")),
            item("mine too", addressed_to=ME, published=NOW - 60),
        ]
        assert self.build(*world(items)).fetch(query()).rows.tolist() == [3, 0]

    def test_a_member_without_mail_gets_none(self) -> None:
        source = self.build(*world([item("hers", addressed_to=MemberId("U-HER"))]))
        assert source.fetch(query()).rows.size == 0


def test_dense_finds_the_true_nearest() -> None:
    rng = np.random.default_rng(4)
    vectors = unit(rng.normal(size=(60, axis(0).size)))
    source = Dense(*world([item(str(n)) for n in range(60)], vectors))
    reader = member(signals=signals([(NOW - 5 * DAY, -1, axis(3))]))
    found = source.fetch(query(reader, limit=10))
    expected = np.argsort(-(vectors @ axis(3)), kind="stable")[:10]
    np.testing.assert_array_equal(found.rows, expected)
    np.testing.assert_allclose(found.scores, (vectors @ axis(3))[expected], atol=1e-6)
