"""The words of an item as numbers: what can be compared where no texts are kept."""

from __future__ import annotations

from zlib import crc32

import numpy as np

from recsys.keywords import words_of
from recsys.types import Rows

TERMS = 16
"""distinct words of an item that are kept, its first ones: a title has ten of them"""
BUCKETS = 1 << 16
"""numbers that words are given: an item's word shares one with one of a member's five hundred
others less than once in a hundred"""


def terms(text: str) -> Rows:
    """(TERMS,) a number from 1 to `BUCKETS` - 1 for each of the first distinct words, then 0."""
    words = list(dict.fromkeys(words_of(text)))[:TERMS]
    found = np.zeros(TERMS, np.int32)
    found[: len(words)] = [crc32(word.encode("utf-8", "replace")) % (BUCKETS - 1) + 1
                           for word in words]  # fmt: skip
    return found
