"""Word overlap, weighted by how rare a word is: what can be had without any model."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recsys.pool import item_text
from recsys.types import Item

Values = NDArray[np.float64]
_WORD = re.compile(r"[^\W_]{2,}")


@dataclass(frozen=True, eq=False)
class Keywords:
    """Smoothed inverse document frequencies, counted over given items only."""

    rarity: dict[str, float]
    unknown: float
    """of a word that none of them has"""

    @classmethod
    def of(cls, items: Iterable[Item]) -> Keywords:
        texts = [set(words(item_text(item))) for item in items]
        seen = Counter(word for text in texts for word in text)
        size = len(texts) + 1
        rarity = {word: float(np.log(size / (count + 1)) + 1) for word, count in seen.items()}
        return cls(rarity, float(np.log(size) + 1))

    def likeness(self, past: Iterable[Item], candidates: Iterable[Item]) -> Values:
        """(n,) cosine of each candidate with the sum of the past, by TF-IDF."""
        profile: Counter[str] = Counter()
        for item in past:
            profile.update(self._vector(item))
        return np.array([_dot(self._vector(one), profile) for one in candidates])

    def _vector(self, item: Item) -> dict[str, float]:
        count = Counter(words(item_text(item)))
        weights = {w: n * self.rarity.get(w, self.unknown) for w, n in count.items()}
        length = float(np.sqrt(sum(x * x for x in weights.values()))) or 1.0
        return {word: weight / length for word, weight in weights.items()}


def words(text: str) -> list[str]:
    """The words of a text, in lower case, of two letters at least."""
    return _WORD.findall(text.lower())


def _dot(one: dict[str, float], profile: Counter[str]) -> float:
    return float(sum(weight * profile[word] for word, weight in one.items() if word in profile))
