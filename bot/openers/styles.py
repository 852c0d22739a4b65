"""The ways an opener may begin, and which of them suit which kind of item."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

OFFER, QUESTION, FOLLOW_UP, NEWS, CHECK_IN = "offer", "question", "follow_up", "news", "check_in"

STYLES = (OFFER, QUESTION, FOLLOW_UP, NEWS, CHECK_IN)
"""Every style; each has a prompt of its name in ``prompts/opener/``."""

_SUITED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "learning": (OFFER, QUESTION, FOLLOW_UP, NEWS),
        "work": (OFFER, QUESTION, FOLLOW_UP, CHECK_IN),
        "news": (NEWS, OFFER, QUESTION),
        "health": (OFFER, QUESTION, CHECK_IN),
        "thread": (NEWS, QUESTION, FOLLOW_UP, OFFER),
        "reminder": (QUESTION, OFFER),
        "goal": (QUESTION, CHECK_IN),
    }
)

_NEEDS_REASON = frozenset({FOLLOW_UP})
"""styles that tie the item to what the member did: without a reason there is nothing to follow"""


def suited(kind: str) -> tuple[str, ...]:
    """Styles that suit an item of `kind`; kinds of other people's making take the plain three."""
    return _SUITED.get(kind, (OFFER, QUESTION, NEWS))


def without_reason(suited: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """The styles that suit each kind where the member is told no reason for the item."""
    return {
        kind: tuple(style for style in styles if style not in _NEEDS_REASON)
        for kind, styles in suited.items()
    }
