"""What two items have in common that are one thing told twice: keys of addresses and titles."""

from __future__ import annotations

from hashlib import blake2b

from bot.text import plain
from recsys.sameness import normal_title, normal_url


def url_key(url: str | None) -> str | None:
    """A key that equal addresses share; None where there is none."""
    if not url:
        return None
    try:
        return _digest(normal_url(url))
    except ValueError:
        return None


def title_key(title: str) -> str | None:
    """A key that equal titles share, whatever their case and signs; None for one that is short."""
    words = normal_title(plain(title))
    return _digest(words) if words else None


def _digest(text: str) -> str:
    return blake2b(text.encode(), digest_size=16).hexdigest()
