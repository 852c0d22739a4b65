"""What two items have in common that are one thing told twice: keys of addresses and titles."""

from __future__ import annotations

import re
from hashlib import blake2b
from urllib.parse import parse_qsl, urlencode, urlsplit

from bot.text import plain

SHORTEST_TITLE = 3
"""words; a shorter title ("Release notes", "Weekly update") is no sign of anything"""
_TRACKING = re.compile(r"utm_\w+|fbclid|gclid|mc_[ce]id|igshid|ref|ref_src|source|cmpid", re.I)
_INDEX = re.compile(r"/(?:index\.(?:html?|php)|amp)?/*$", re.I)


def normal_url(url: str) -> str:
    """An address as most people would call it the same: without scheme, www, tracking, fragment.

    Raises ValueError for one that is none.
    """
    parts = urlsplit(url.strip())
    host = (parts.hostname or "").removeprefix("www.")
    port = f":{parts.port}" if parts.port not in (None, 80, 443) else ""
    asked = sorted(p for p in parse_qsl(parts.query) if not _TRACKING.fullmatch(p[0]))
    query = f"?{urlencode(asked)}" if asked else ""
    return f"{host}{port}{_INDEX.sub('', parts.path)}{query}"


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
    words = re.findall(r"\w+", plain(title).casefold())
    return _digest(" ".join(words)) if len(words) >= SHORTEST_TITLE else None


def _digest(text: str) -> str:
    return blake2b(text.encode(), digest_size=16).hexdigest()
