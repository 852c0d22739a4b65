"""Words that are known already are neither opened nor encoded again."""

from __future__ import annotations

import numpy as np

from bot.reading.heard import NO_WORDS
from recsys.encoder import Encoder
from recsys.types import Floats


def _embeds(texts: object) -> Floats:
    assert isinstance(texts, list | tuple)
    return np.array([[len(text), 1.0] for text in texts], np.float32)


def test_only_what_is_new_is_opened() -> None:
    encoder = Encoder("two-numbers", open_model=lambda name: _embeds)
    opened: list[str] = []

    def open_one(stored: str) -> str:
        opened.append(stored)
        return stored.removeprefix("sealed:")

    first = NO_WORDS.now(["sealed:one", "sealed:three"], open_one, encoder)
    second = first.now(["sealed:three", "sealed:fifteen"], open_one, encoder)
    assert opened == ["sealed:one", "sealed:three", "sealed:fifteen"]
    assert set(second.row_of) == {"sealed:three", "sealed:fifteen"}
    old, new = first.row_of["sealed:three"], second.row_of["sealed:three"]
    assert np.array_equal(first.vectors[old], second.vectors[new])
    assert first.now(["sealed:one", "sealed:three"], open_one, encoder) is first
