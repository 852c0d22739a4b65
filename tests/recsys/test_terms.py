"""Words become numbers that stay: the same ones for the same words, in any process."""

from __future__ import annotations

import numpy as np

from recsys.terms import BUCKETS, TERMS, terms


def test_the_first_distinct_words_count_and_the_rest_is_nothing() -> None:
    found = terms("A decoder and the decoder: the flour, the oven")
    assert found.shape == (TERMS,)
    assert np.count_nonzero(found) == 3
    assert not found[3:].any()
    assert set(found[:3]) == set(terms("ovens flour decoders")[:3])
    long = terms(" ".join(f"word{chr(97 + n % 26)}{chr(97 + n // 26)}" for n in range(100)))
    assert np.count_nonzero(long) == TERMS
    assert 0 < long.min() <= long.max() < BUCKETS


def test_numbers_are_the_same_in_every_process() -> None:
    assert terms("decoder flour")[:2].tolist() == [7629, 15198]


def test_no_words_no_numbers() -> None:
    assert not terms("").any()
    assert not terms("the of and 12").any()
