"""The vectors of a world, carried by texts: a token stands for a vector, and an encoder reads it.

Pool and memory know items and messages by their words. A world has none, so the words of an item
stand for its mixture of topics, and those of a message for its topic's axis. Axes are orthonormal.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from recsys.encoder import Encoder
from recsys.pool import item_text
from recsys.simulation import Offer, moment
from recsys.types import WHOLE_WORKSPACE, Floats, Item

KIND = "learning"
TEXT = (
    "It stands for an item of a simulated world. Such an item has no words of its own: what it is"
    " about is known by its vector alone, and these words are there so that an opener can be made."
)
"""as long as a text has to be to say something"""


class Tokens:
    """Vectors by their words; what is no token of a world lies apart from all of them."""

    def __init__(self, topics: int) -> None:
        self.topics = topics
        self._vectors: dict[str, Floats] = {}
        self._items = 0

    def encoder(self) -> Encoder:
        """An encoder of these tokens: the production's, with a model that looks them up."""
        return Encoder(f"tokens-of-{self.topics}-topics", open_model=lambda model: self.embed)

    def item(self, offer: Offer) -> Item:
        """An item of the pool; it says no topics, for a world shows none.

        Raises ValueError for a mixture of another length than that of others.
        """
        if offer.mixture.size != self.topics:
            raise ValueError(
                f"item {offer.id!r} mixes {offer.mixture.size} topics, others {self.topics}"
            )
        self._items += 1
        item = Item(
            offer.id,
            KIND,
            f"Matter number {self._items}",
            text=TEXT,
            source="world",
            published=moment(offer.published, 0.0, "UTC"),
            expires=np.inf if offer.expires is None else moment(offer.expires, 0.0, "UTC"),
            audience=WHOLE_WORKSPACE,
        )
        self._vectors[item_text(item)] = np.append(offer.mixture, 0.0).astype(np.float32)
        return item

    def message(self, topic: int) -> str:
        """What a message says. Raises ValueError for a topic that there is not."""
        if not 0 <= topic < self.topics:
            raise ValueError(f"somebody speaks of topic {topic}, of {self.topics} that there are")
        text = f"talk of topic {topic}"
        axis = np.zeros(self.topics + 1, np.float32)
        axis[topic] = 1.0
        self._vectors[text] = axis
        return text

    def embed(self, texts: Sequence[str]) -> Floats:
        """(n, topics + 1): the last axis is for words that stand for nothing."""
        nothing = np.zeros(self.topics + 1, np.float32)
        nothing[-1] = 1.0
        return np.stack([self._vectors.get(text, nothing) for text in texts])
