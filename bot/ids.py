"""Ids and draws that belong to what they stand for: the same parts give the same, always."""

from __future__ import annotations

from hashlib import blake2b


def digest(*parts: object) -> str:
    """16 hexadecimal digits that stand for these parts."""
    text = "\x1f".join(str(part) for part in parts)
    return blake2b(text.encode(), digest_size=8).hexdigest()


def seed_of(*parts: object) -> int:
    """A seed of 62 bits (it fits a signed column)."""
    return int(digest(*parts), 16) >> 2


def draw(seed: int, purpose: str) -> float:
    """A number in [0, 1)."""
    return seed_of(seed, purpose) / 2**62
