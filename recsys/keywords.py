"""The words of the pool: BM25 scores by word, and the words of each item."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np
from bm25s import BM25
from bm25s.stopwords import STOPWORDS_EN_PLUS
from numpy.typing import NDArray

from recsys.types import Floats, Rows

_WORD = re.compile(r"[^\W\d_][\w'’-]*\w", re.UNICODE)
_STOPWORDS = frozenset(STOPWORDS_EN_PLUS)
_PLURAL = 4
"""words longer than this lose a final s, so that decoder and decoders are one"""


def words_of(text: str) -> list[str]:
    """Lower-case words of two letters or more, without stop words and plural s, in order."""
    found = (word.replace("’", "'") for word in _WORD.findall(text.lower()))
    found = (word.removesuffix("'s") for word in found)
    return [_singular(word) for word in found if word not in _STOPWORDS]


def _singular(word: str) -> str:
    plural = len(word) > _PLURAL and word.endswith("s") and not word.endswith(("ss", "us", "is"))
    return word[:-1] if plural else word


@dataclass(frozen=True)
class KeywordIndex:
    """BM25 over n items and w words, as arrays that can be mapped from a file."""

    words: tuple[str, ...]
    """ascending"""
    data: Floats
    indices: Rows
    starts: NDArray[np.int64]
    """(w + 1,): word i has scores ``data[starts[i]:starts[i + 1]]`` for rows `indices[...]`"""
    item_words: Rows
    item_starts: NDArray[np.int64]
    """(n + 1,): item i has the distinct words ``item_words[item_starts[i]:item_starts[i + 1]]``"""

    @cached_property
    def id_of(self) -> MappingProxyType[str, int]:
        """Each word's position in `words`."""
        return MappingProxyType({word: position for position, word in enumerate(self.words)})

    @cached_property
    def frequency(self) -> NDArray[np.int64]:
        """(w,): in how many items each word stands."""
        return np.diff(self.starts)

    def words_in(self, row: int) -> Rows:
        """Distinct words of one item."""
        return self.item_words[self.item_starts[row] : self.item_starts[row + 1]]

    def ids(self, words: Iterable[str]) -> list[int]:
        """Positions of the words that the pool knows."""
        return [self.id_of[word] for word in words if word in self.id_of]

    def scores(self, word_ids: Sequence[int]) -> Floats:
        """(n,): BM25 of every item for a query of words; 0 where none of them stands."""
        if not len(word_ids):
            return np.zeros(self.item_starts.size - 1, dtype=np.float32)
        return np.asarray(self._bm25.get_scores_from_ids(list(word_ids)), dtype=np.float32)

    @cached_property
    def _bm25(self) -> Any:
        index = BM25()
        index.nonoccurrence_array = None
        index.scores = {
            "data": self.data,
            "indices": self.indices,
            "indptr": self.starts,
            "num_docs": self.item_starts.size - 1,
        }
        return index


def build_keywords(texts: Sequence[str]) -> KeywordIndex:
    """Index texts, one an item, in the pool's order."""
    split = [words_of(text) for text in texts]
    words = tuple(sorted({word for item in split for word in item}))
    id_of = {word: position for position, word in enumerate(words)}
    ids = [[id_of[word] for word in item] for item in split]
    distinct = [sorted(set(item)) for item in ids]
    item_starts = np.cumsum([0, *map(len, distinct)], dtype=np.int64)
    item_words = np.array([word for item in distinct for word in item], dtype=np.int32)
    if not words:
        nothing = np.zeros(0, dtype=np.float32), np.zeros(0, dtype=np.int32)
        return KeywordIndex((), *nothing, np.zeros(1, dtype=np.int64), item_words, item_starts)
    index = BM25()
    index.index((ids, id_of), create_empty_token=False, show_progress=False)
    return KeywordIndex(
        words,
        np.ascontiguousarray(index.scores["data"], dtype=np.float32),
        np.ascontiguousarray(index.scores["indices"], dtype=np.int32),
        np.ascontiguousarray(index.scores["indptr"], dtype=np.int64),
        item_words,
        item_starts,
    )
