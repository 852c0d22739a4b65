"""Numbers of people, told so that nobody can be told by them."""

from __future__ import annotations

FEW = 5
"""fewer people than that are never counted out"""


def people(count: int) -> str:
    """``nobody``, ``a few`` or the number."""
    return "nobody" if count == 0 else "a few" if count < FEW else f"{count:,}"
