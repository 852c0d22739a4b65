"""The words of the pool: BM25 scores by word, and the words of each item."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

import numpy as np
from bm25s import BM25
from bm25s.stopwords import STOPWORDS_EN_PLUS
from numpy.typing import NDArray

from recsys.types import Floats, Rows

_WORD = re.compile(r"[^\W\d_][\w'’-]*\w", re.UNICODE)
_STOPWORDS = frozenset(STOPWORDS_EN_PLUS)
K1, B = 1.5, 0.75
"""BM25's own: how soon repeating a word stops counting, and how much a long text is damped"""

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
class Postings:
    """Which words stand in which of n items, and with what score: arrays that can be mapped."""

    data: Floats
    indices: Rows
    starts: NDArray[np.int64]
    """(w + 1,): word i has scores ``data[starts[i]:starts[i + 1]]`` for items `indices[...]`"""
    item_words: Rows
    item_starts: NDArray[np.int64]
    """(n + 1,): item i has the distinct words ``item_words[item_starts[i]:item_starts[i + 1]]``"""

    def __len__(self) -> int:
        return int(self.item_starts.size - 1)

    def of_words(self, word_ids: NDArray[np.intp]) -> tuple[list[Rows], list[Floats]]:
        """Items and scores of each word, in the order of the words."""
        known = word_ids[word_ids < self.starts.size - 1]
        spans = list(zip(self.starts[known].tolist(), self.starts[known + 1].tolist(), strict=True))
        return [self.indices[a:b] for a, b in spans], [self.data[a:b] for a, b in spans]

    def of_item(self, position: int) -> Rows:
        """Distinct words of one item."""
        return self.item_words[self.item_starts[position] : self.item_starts[position + 1]]


@dataclass(frozen=True)
class KeywordIndex:
    """BM25 over the items of a pool; the latest rows may stand in postings of their own.

    The latest are scored by how rare words were when `main` was built, so that adding one item
    does not score all of them anew.
    """

    words: tuple[str, ...]
    """those of `main`, ascending, then those that came with `late`"""
    main: Postings
    usual_length: float
    """words that an item of `main` has on average, repeated ones included"""
    late: Postings | None = None
    """rows from ``len(main)`` on"""

    def __len__(self) -> int:
        return len(self.main) + (0 if self.late is None else len(self.late))

    @cached_property
    def id_of(self) -> MappingProxyType[str, int]:
        """Each word's position in `words`."""
        return MappingProxyType({word: position for position, word in enumerate(self.words)})

    @cached_property
    def frequency(self) -> NDArray[np.int64]:
        """(w,): in how many items each word stands."""
        found = np.zeros(len(self.words), dtype=np.int64)
        for part in (self.main, self.late):
            if part is not None:
                found[: part.starts.size - 1] += np.diff(part.starts)
        return found

    @cached_property
    def alphabetical(self) -> NDArray[np.float64]:
        """(w,): ascending with the words; those that came late stand between others."""
        first = self.main.starts.size - 1
        known = self.words[:first]
        late = [bisect_left(known, word) - 0.5 for word in self.words[first:]]
        step = 0.5 / (len(late) + 1)  # several between the same two keep their order
        return np.array([*range(first), *(at + n * step for n, at in enumerate(late))])

    def words_in(self, row: int) -> Rows:
        """Distinct words of one item."""
        if row < len(self.main) or self.late is None:
            return self.main.of_item(row)
        return self.late.of_item(row - len(self.main))

    def ids(self, words: Iterable[str]) -> list[int]:
        """Positions of the words that the pool knows."""
        return [self.id_of[word] for word in words if word in self.id_of]

    def matches(self, word_ids: Sequence[int]) -> tuple[Rows, Floats]:
        """Rows (k,), ascending, in which any of these words stands, and their BM25 scores (k,).

        What costs is how often the words stand anywhere, not how many items there are.
        """
        wanted = np.asarray(word_ids, dtype=np.intp)
        rows, scores = self.main.of_words(wanted)
        if self.late is not None:
            late_rows, late_scores = self.late.of_words(wanted)
            rows += [each + np.int32(len(self.main)) for each in late_rows]
            scores += late_scores
        if not rows:
            return np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.float32)
        every = np.concatenate(rows)
        order = np.argsort(every, kind="stable")
        every = every[order]
        first = np.flatnonzero(np.diff(every, prepend=-1))
        if not first.size:
            return every, np.zeros(0, dtype=np.float32)
        return every[first], np.add.reduceat(np.concatenate(scores)[order], first)

    def extended(self, texts: Sequence[str]) -> KeywordIndex:
        """The same with more items after the last, replacing those that came late before."""
        split = [words_of(text) for text in texts]
        new = dict.fromkeys(word for item in split for word in item if word not in self.id_of)
        start = len(self.main.starts) - 1
        words = (*self.words[:start], *sorted(set(new) | set(self.words[start:])))
        whole = KeywordIndex(words, self.main, self.usual_length)
        counted = [sorted(Counter(whole.id_of[word] for word in item).items()) for item in split]
        item_starts = np.cumsum([0, *map(len, counted)], dtype=np.int64)
        word = np.array([w for item in counted for w, _ in item], dtype=np.int32)
        count = np.array([n for item in counted for _, n in item], dtype=np.float64)
        position = np.repeat(np.arange(len(split), dtype=np.int32), np.diff(item_starts))
        there = whole.frequency + np.bincount(word, minlength=len(words)) * (whole.frequency == 0)
        rarity = np.log1p((len(self.main) - there + 0.5).clip(0.5) / (there + 0.5))
        length = np.repeat([float(len(item)) for item in split], np.diff(item_starts))
        damped = K1 * (1 - B + B * length / max(self.usual_length, 1.0))
        score = (rarity[word] * count / (count + damped)).astype(np.float32)
        order = np.argsort(word, kind="stable")
        starts = np.zeros(len(words) + 1, dtype=np.int64)
        np.cumsum(np.bincount(word, minlength=len(words)), out=starts[1:])
        late = Postings(score[order], position[order], starts, word, item_starts)
        return KeywordIndex(words, self.main, self.usual_length, late)


def build_keywords(texts: Iterable[str]) -> KeywordIndex:
    """Index texts, one an item, in the pool's order."""
    met: dict[str, int] = {}
    lines: list[NDArray[np.int32]] = []
    for text in texts:
        ids = [met.setdefault(word, len(met)) for word in words_of(text)]
        lines.append(np.array(ids, dtype=np.int32))
    words = tuple(sorted(met))
    place = np.empty(len(words), dtype=np.int32)
    place[[met[word] for word in words]] = np.arange(len(words), dtype=np.int32)
    lines = [place[line] for line in lines]
    distinct = [np.unique(line) for line in lines]
    item_starts = np.cumsum([0, *map(len, distinct)], dtype=np.int64)
    item_words = np.concatenate(distinct) if distinct else np.zeros(0, dtype=np.int32)
    if not words:
        nothing = np.zeros(0, dtype=np.float32), np.zeros(0, dtype=np.int32)
        empty = Postings(*nothing, np.zeros(1, dtype=np.int64), item_words, item_starts)
        return KeywordIndex((), empty, 0.0)
    index = BM25(k1=K1, b=B)
    ids_of = ([line.tolist() for line in lines], {word: at for at, word in enumerate(words)})
    index.index(ids_of, create_empty_token=False, show_progress=False)
    postings = Postings(
        np.ascontiguousarray(index.scores["data"], dtype=np.float32),
        np.ascontiguousarray(index.scores["indices"], dtype=np.int32),
        np.ascontiguousarray(index.scores["indptr"], dtype=np.int64),
        item_words,
        item_starts,
    )
    return KeywordIndex(words, postings, float(np.mean([line.size for line in lines])))
