"""Items that share the rare words of what a member lately took part in (BM25)."""

from __future__ import annotations

import numpy as np

from recsys.indexes import Indexes
from recsys.keywords import words_of
from recsys.sources.order import best_first
from recsys.state import engaged
from recsys.types import Found, Pool, Query

LATEST_ITEMS = 8
WORDS_AN_ITEM = 8


class Keyword:
    """A signal keeps no words, so the query is made of the items that the member touched."""

    name = "keyword"

    def __init__(self, pool: Pool, indexes: Indexes) -> None:
        self._pool = pool
        self._index = indexes.keywords

    def fetch(self, query: Query) -> Found:
        """Rare words of the latest items first touched or welcomed, and of followed topics."""
        words = dict.fromkeys(
            word for topic in sorted(query.member.follows) for word in self._topic_words(topic)
        )
        for row in self._latest(query):
            words.update(dict.fromkeys(self._rare_words(row)))
        rows, scores = self._index.matches(list(words))
        there = (scores > 0) & (self._pool.published[rows] <= query.now)
        return best_first(self.name, self._pool, rows[there], scores[there], query.limit)

    def _latest(self, query: Query) -> list[int]:
        """Rows of the items that the member touched or welcomed last, newest first."""
        signals, exposures = query.member.signals, query.member.exposures
        welcome = engaged(exposures)
        at = np.concatenate([signals.at, exposures.outcome_at[welcome]])
        rows = np.concatenate([signals.row, exposures.row[welcome]])
        known = (rows >= 0) & (rows < len(self._pool)) & (at < query.now)
        newest = np.argsort(-at[known], kind="stable")
        return list(dict.fromkeys(rows[known][newest].tolist()))[:LATEST_ITEMS]

    def _rare_words(self, row: int) -> list[int]:
        """An item's rarest words; one that stands nowhere else would find only the item itself."""
        words = self._index.words_in(row)
        frequency = self._index.frequency[words]
        shared = frequency > 1
        words, frequency = words[shared], frequency[shared]
        rarest = np.lexsort((self._index.alphabetical[words], frequency))
        return [int(word) for word in words[rarest][:WORDS_AN_ITEM]]

    def _topic_words(self, topic: str) -> list[int]:
        return self._index.ids(words_of(topic.replace("-", " ").replace("_", " ")))
