"""The indexes: exact is exact, approximate is good enough, words are words."""

from __future__ import annotations

from typing import Any

import faiss
import numpy as np
import pytest

from recsys.indexes import RECALL, VectorIndex, approximate, bits_of, build_indexes, exact, recall
from recsys.keywords import build_keywords, words_of
from recsys.types import Floats
from tests.recsys.builders import axis, item, topical_items, topical_vectors, unit, world


def clustered(n: int = 6000, width: int = 32) -> Floats:
    rng = np.random.default_rng(3)
    centres = rng.normal(size=(40, width))
    return unit(centres[rng.integers(0, 40, n)] + rng.normal(0, 0.5, (n, width)))


def nearest(index: VectorIndex, vector: Floats, k: int, allowed: Any = None) -> tuple[Any, Floats]:
    """Of one vector, without the places that nothing fills."""
    rows, similarity = index.nearest(
        vector[None, :], k, None if allowed is None else bits_of(allowed)
    )
    there = rows[0] >= 0
    return rows[0][there], similarity[0][there]


def test_exact_search_is_exact() -> None:
    vectors = clustered(500)
    rows, similarity = nearest(exact(vectors), vectors[7], 20)
    expected = np.argsort(-(vectors @ vectors[7]), kind="stable")[:20]
    assert set(rows.tolist()) == set(expected.tolist())
    assert rows[0] == 7
    assert (np.diff(similarity) <= 0).all()


def test_approximate_search_probes_until_recall_is_reached() -> None:
    vectors = clustered()
    built = approximate(vectors)
    index: Any = built.main
    assert recall(index, vectors) == built.recall >= RECALL
    assert index.nprobe < index.nlist
    index.nprobe = 1
    assert recall(index, vectors) < RECALL  # what it was before it was measured


def test_the_size_decides_which_index_is_built() -> None:
    items = topical_items()
    pool, indexes = world(items, topical_vectors())
    assert isinstance(indexes.dense.main, faiss.IndexFlatIP)
    assert isinstance(build_indexes(pool, items, exact_below=30).dense.main, faiss.IndexIVF)


@pytest.mark.parametrize("build", [exact, approximate])
def test_rows_that_are_not_allowed_take_nobodys_place(build: Any) -> None:
    vectors = clustered(800)
    index = build(vectors)
    if build is approximate:
        index.main.nprobe = index.main.nlist
    allowed = np.arange(800) % 3 == 0
    rows, _ = nearest(index, vectors[1], 50, allowed)
    assert rows.size == 50
    assert (rows % 3 == 0).all()


def test_more_than_there_is_cannot_be_had() -> None:
    index = exact(np.stack([axis(0), axis(1)]))
    assert nearest(index, axis(0), 10)[0].size == 2
    assert nearest(index, axis(0), 10, np.array([False, True]))[0].tolist() == [1]
    assert nearest(index, axis(0), 0)[0].size == 0


def test_items_that_are_not_the_pools_are_refused() -> None:
    items = topical_items(6)
    pool, _ = world(items, topical_vectors(6))
    with pytest.raises(ValueError, match="not those of the pool"):
        build_indexes(pool, items[::-1])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The Decoders and the decoder", ["decoder", "decoder"]),
        ("a status, this class, the bus", ["status", "class", "bus"]),
        ("Anna’s café in 東京, x86 2026", ["anna", "café", "東京", "x86"]),
        ("don't", []),
        ("utf-8 snake_case", ["utf-8", "snake_case"]),
        ("", []),
    ],
)
def test_words(text: str, words: list[str]) -> None:
    assert words_of(text) == words


def test_rare_words_count_more() -> None:
    texts = ["common rare", "common", "common", "common other", "rare elsewhere"]
    index = build_keywords(texts)
    common, rare = index.ids(["common", "rare"])
    assert index.frequency[[common, rare]].tolist() == [4, 2]
    rows, scores = index.matches([common, rare])
    assert rows.tolist() == [0, 1, 2, 3, 4]
    assert scores.argmax() == 0
    assert scores[4] > scores[1] > 0
    assert index.matches([rare])[0].tolist() == [0, 4]


def test_words_of_an_item_are_kept_once() -> None:
    index = build_keywords(["oven oven crust", "", "crust"])
    assert [index.words[word] for word in index.words_in(0)] == ["crust", "oven"]
    assert index.words_in(1).size == 0


def test_unknown_words_and_empty_indexes_score_nothing() -> None:
    index = build_keywords(["one", "two"])
    assert index.ids(["three"]) == []
    assert index.matches([])[0].size == 0
    for texts in ([], ["", ""]):
        built = build_keywords(texts)
        assert (len(built), built.matches([])[0].size) == (len(texts), 0)


def test_the_index_does_not_depend_on_chance() -> None:
    texts = [made.text for made in topical_items()]
    one, other = build_keywords(texts), build_keywords(texts)
    assert one.words == other.words
    np.testing.assert_array_equal(one.main.data, other.main.data)
    np.testing.assert_array_equal(one.main.indices, other.main.indices)


def test_items_are_indexed_by_what_they_say() -> None:
    _, indexes = world([item("a", title="Sourdough"), item("b", summary="<b>oven</b>")])
    assert indexes.keywords.ids(["sourdough", "oven", "b"])
    assert [indexes.keywords.words[w] for w in indexes.keywords.words_in(0)] == ["sourdough"]
